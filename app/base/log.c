/* SPDX-License-Identifier: BSD-2-Clause */
/* log.c - the sink and the escaping */
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};
static_assert(COUNT_OF(level_names) == LOG_LEVEL__MAX, "a name per level");

/* The sink: set at start, read everywhere. */
static struct {
	int fd;
	enum log_format format;
	enum log_level level;
	char who[32];
} sink = { STDERR_FILENO, LOG_FORMAT_TEXT, LOG_LEVEL_INFO, "rowhouse" };

/* Kept free for what closes a line: ,"truncated":true} and the newline. */
enum { TAIL_BYTES = 32 };

void
log_open(int fd, enum log_format format, enum log_level level)
{
	sink.fd = fd;
	sink.format = format;
	sink.level = level;
}

void
log_name(const char *who)
{
	snprintf(sink.who, sizeof(sink.who), "%s", who);
}

static void
put(struct log_line *line, const char *bytes, size_t len)
{
	if (line->full || len > sizeof(line->bytes) - TAIL_BYTES - line->len) {
		line->full = true;
		return;
	}
	memcpy(line->bytes + line->len, bytes, len);
	line->len += len;
}

static void
put_string(struct log_line *line, const char *string)
{
	put(line, string, strlen(string));
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_escape(struct log_line *line, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char number[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
	const char pair[] = { '\\', (char)c };

	if (c == '"' || c == '\\')
		put(line, pair, sizeof(pair));
	else
		put(line, number, sizeof(number));
}

/* JSON escaping, also in text format: control bytes, quotes, backslashes, DEL and bytes above it
 * never reach a terminal or a log reader raw (a byte >= 0x80 may be half of a character). */
static void
put_escaped(struct log_line *line, const char *bytes, size_t len)
{
	size_t done = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_plain((unsigned char)bytes[i]))
			continue;
		put(line, bytes + done, i - done);
		put_escape(line, (unsigned char)bytes[i]);
		done = i + 1;
	}
	put(line, bytes + done, len - done);
}

static void
put_key(struct log_line *line, const char *key)
{
	if (sink.format == LOG_FORMAT_JSON) {
		put_string(line, ",\"");
		put_string(line, key);
		put_string(line, "\":");
	} else {
		put_string(line, " ");
		put_string(line, key);
		put_string(line, "=");
	}
}

void
log_begin(struct log_line *line, enum log_level level, const char *event)
{
	char stamp[CLOCK_STAMP_BYTES];

	line->skipped = level > sink.level;
	line->full = false;
	line->len = 0;
	if (line->skipped)
		return;
	clock_stamp(clock_wall_ms(), stamp);
	if (sink.format == LOG_FORMAT_JSON) {
		put_string(line, "{\"time\":\"");
		put_string(line, stamp);
		put_string(line, "\",\"level\":\"");
		put_string(line, level_names[level]);
		put_string(line, "\",\"who\":\"");
		put_escaped(line, sink.who, strlen(sink.who));
		put_string(line, "\",\"event\":\"");
		put_string(line, event);
		put_string(line, "\"");
	} else {
		put_string(line, stamp);
		put_string(line, " ");
		put_string(line, level_names[level]);
		put_string(line, " ");
		put_escaped(line, sink.who, strlen(sink.who));
		put_string(line, ": ");
		put_string(line, event);
	}
}

void
log_text(struct log_line *line, const char *key, const char *bytes, size_t len)
{
	size_t before = line->len;

	if (line->skipped || line->full)
		return;
	put_key(line, key);
	put_string(line, "\"");
	put_escaped(line, bytes, len);
	put_string(line, "\"");
	if (line->full)
		line->len = before; /* no half value: the line stays readable */
}

void
log_string(struct log_line *line, const char *key, const char *string)
{
	if (string != NULL)
		log_text(line, key, string, strlen(string));
}

void
log_int(struct log_line *line, const char *key, int64_t value)
{
	char digits[TEXT_DIGITS];
	size_t before = line->len;

	if (line->skipped || line->full)
		return;
	put_key(line, key);
	put(line, digits, text_digits(digits, value));
	if (line->full)
		line->len = before;
}

void
log_end(struct log_line *line)
{
	const char *tail;
	size_t done = 0;

	if (line->skipped)
		return;
	if (sink.format == LOG_FORMAT_JSON)
		tail = line->full ? ",\"truncated\":true}\n" : "}\n";
	else
		tail = line->full ? " truncated=true\n" : "\n";
	memcpy(line->bytes + line->len, tail, strlen(tail));
	line->len += strlen(tail);
	while (done < line->len) {
		ssize_t n = write(sink.fd, line->bytes + done, line->len - done);

		/* A log that cannot be written must not stop the answer; there is nowhere to say
		 * so. */
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			done += (size_t)n;
	}
}

void
log_say(enum log_level level, const char *event, const char *format, ...)
{
	struct log_line line;
	char message[2048];
	va_list ap;

	if (level > sink.level)
		return;
	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	log_begin(&line, level, event);
	log_string(&line, "message", message);
	log_end(&line);
}
