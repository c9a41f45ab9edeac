/* SPDX-License-Identifier: BSD-2-Clause */
/* log.h - one line per event, as JSON or text, without secrets and without control bytes
 *
 * The sink is one of the few module-level variables (STYLE 1). A line is built in a fixed buffer
 *and leaves in one write(2), so that lines of several processes do not mix. Values are escaped
 *here: a caller cannot break a line, whatever bytes it logs.
 *
 *	struct log_line line;
 *
 *	log_begin(&line, LOG_LEVEL_INFO, "request");
 *	log_text(&line, "path", path, path_len);
 *	log_int(&line, "status", 200);
 *	log_end(&line);
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/limits.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL__MAX };
enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_TEXT, LOG_FORMAT__MAX };

struct log_line {
	bool skipped; /* its level is not wanted */
	bool full;    /* a value did not fit: the line says "truncated" */
	size_t len;
	char bytes[LIMIT_LOG_LINE_BYTES];
};

/* Where lines go from now on: a descriptor that stays open, the format, and the least severe level
 * that is written. Until it is called: standard error, text, LOG_LEVEL_INFO. */
void log_open(int fd, enum log_format, enum log_level);

/* Named after the field a person looks for: who writes (supervisor, worker 3). At most 31 bytes are
 * kept. */
void log_name(const char *who);

void log_begin(struct log_line *, enum log_level, const char *event);
void log_text(struct log_line *, const char *key, const char *bytes, size_t len);
void log_string(struct log_line *, const char *key, const char *string); /* NULL: left out */
void log_int(struct log_line *, const char *key, int64_t value);
void log_end(struct log_line *);

/* An event with a message and nothing else. */
void log_say(enum log_level, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
