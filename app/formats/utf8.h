/* SPDX-License-Identifier: BSD-2-Clause */
/* utf8.h - what is UTF-8 (RFC 3629)
 *
 * No overlong form, no surrogate, nothing above U+10FFFF: what PostgreSQL would refuse is refused
 * where it comes in, and no two spellings of one character exist behind this point. */
#ifndef FORMATS_UTF8_H
#define FORMATS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

enum { UTF8_BYTES = 4 }; /* of the longest character */

/* Bytes of the character that begins at bytes; 0 when it is none. len is at least 1. */
size_t utf8_length(const char *bytes, size_t len) MUST_CHECK;

/* Whether all bytes are UTF-8; NUL is a character like others. */
bool utf8_ok(const char *bytes, size_t len) MUST_CHECK;

/* Characters (code points, as PostgreSQL counts them) of a text that is UTF-8. */
size_t utf8_characters(const char *text);

/* Write a character, which is no surrogate and at most U+10FFFF; the number of bytes. */
size_t utf8_encode(uint32_t character, char out[UTF8_BYTES]);

#endif
