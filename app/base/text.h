/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - bytes that grow in an arena
 *
 * For answers and messages. Never NULL, always NUL-terminated; len excludes the NUL. A failure (the
 * limit passed, a bad format) is sticky: every later call is a no-op and the one check is where the
 * text is used. SQL has a type of its own (database/sqltext.h), which takes no run-time text at
 * all. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;

struct text {
	struct arena *arena;
	char *bytes; /* len + 1 bytes are valid */
	size_t len, size;
	size_t limit; /* len never passes it */
	bool failed;
};

/* An empty text that may grow to limit bytes. */
void text_init(struct text *, struct arena *, size_t limit);

void text_put(struct text *, const char *bytes, size_t len);
void text_string(struct text *, const char *string);
void text_byte(struct text *, char);
void text_int(struct text *, int64_t);
void text_printf(struct text *, const char *format, ...) PRINTF_LIKE(2, 3);

#define text_literal(t, s) text_put((t), "" s "", sizeof(s) - 1)

/* A client's text for a message: the text itself, or its first characters and "..." when it is
 * long. */
const char *text_shortened(const char *text, struct arena *) __attribute__((returns_nonnull));

/* A copy of the next piece of a list; *at is left behind its separator, or NULL when it was the
 * last. The empty text is one empty piece. */
const char *
text_piece(const char **at, char separator, struct arena *) __attribute__((returns_nonnull));

/* The decimal digits of a value, with a minus and a NUL; how many bytes without the NUL. */
enum { TEXT_DIGITS = 21 };
size_t text_digits(char out[TEXT_DIGITS], int64_t value);

/* Forget the bytes; the failure too. */
void text_clear(struct text *);

#endif
