/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - doubling, with the old copy left to the arena */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_BYTES = 256, SHORTENED_BYTES = 100 };

/* Room for len more bytes and the NUL; false, and failed for good, when the limit forbids it. */
static bool
make_room(struct text *t, size_t len)
{
	size_t size = t->size;
	char *bytes;

	if (t->failed || len > t->limit - t->len) {
		t->failed = true;
		return false;
	}
	if (t->len + len < size)
		return true;
	while (size <= t->len + len)
		size *= 2;
	bytes = arena_alloc(t->arena, size);
	memcpy(bytes, t->bytes, t->len + 1);
	t->bytes = bytes;
	t->size = size;
	return true;
}

void
text_init(struct text *t, struct arena *arena, size_t limit)
{
	t->arena = arena;
	t->limit = limit;
	t->len = 0;
	t->size = FIRST_BYTES;
	t->bytes = arena_alloc(arena, t->size);
	t->failed = false;
}

void
text_put(struct text *t, const char *bytes, size_t len)
{
	if (!make_room(t, len))
		return;
	if (len > 0)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
}

void
text_string(struct text *t, const char *string)
{
	text_put(t, string, strlen(string));
}

void
text_byte(struct text *t, char byte)
{
	text_put(t, &byte, 1);
}

void
text_int(struct text *t, int64_t value)
{
	char digits[TEXT_DIGITS];

	text_put(t, digits, text_digits(digits, value));
}

/* Into the room there is, and once more where that was too little. */
void
text_printf(struct text *t, const char *format, ...)
{
	size_t room = t->size - t->len;
	va_list ap;
	int n;

	if (t->failed)
		return;
	va_start(ap, format);
	n = vsnprintf(t->bytes + t->len, room, format, ap);
	va_end(ap);
	if (n < 0 || !make_room(t, (size_t)n)) {
		t->failed = true;
		t->bytes[t->len] = '\0';
		return;
	}
	if ((size_t)n >= room) {
		va_start(ap, format);
		vsnprintf(t->bytes + t->len, (size_t)n + 1, format, ap);
		va_end(ap);
	}
	t->len += (size_t)n;
}

size_t
text_digits(char out[TEXT_DIGITS], int64_t value)
{
	/* The absolute value of INT64_MIN is no int64_t. */
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[TEXT_DIGITS];
	size_t first = sizeof(digits);

	do
		digits[--first] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		digits[--first] = '-';
	memcpy(out, digits + first, sizeof(digits) - first);
	out[sizeof(digits) - first] = '\0';
	return sizeof(digits) - first;
}

void
text_clear(struct text *t)
{
	t->len = 0;
	t->bytes[0] = '\0';
	t->failed = false;
}

const char *
text_shortened(const char *text, struct arena *arena)
{
	size_t len = strnlen(text, SHORTENED_BYTES + 1);

	if (len <= SHORTENED_BYTES)
		return text;
	while (((unsigned char)text[--len] & 0xc0) == 0x80)
		continue; /* not between the bytes of a character (RFC 3629, 3) */
	return arena_printf(arena, "%.*s...", (int)len, text);
}

const char *
text_piece(const char **at, char separator, struct arena *arena)
{
	const char *begin = *at, *end = strchr(begin, separator);
	size_t len = end == NULL ? strlen(begin) : (size_t)(end - begin);

	*at = end == NULL ? NULL : end + 1;
	return arena_copy(arena, begin, len);
}
