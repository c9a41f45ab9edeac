/* SPDX-License-Identifier: BSD-2-Clause */
/* base64url.c - libsodium, behind a look at the alphabet */
#include "formats/base64url.h"

#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static bool
is_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_';
}

bool
base64url_decode(unsigned char *bytes, size_t size, size_t *decoded, const char *digits, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_digit(digits[i]))
			return false;
	return sodium_base642bin(bytes, size, digits, len, NULL, decoded, NULL, VARIANT) == 0;
}

void
base64url_put(struct text *out, const void *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, VARIANT);
	char *digits = arena_alloc(out->arena, size);

	base64url_encode(digits, size, bytes, len);
	text_string(out, digits);
}

void
base64url_encode(char *out, size_t size, const void *bytes, size_t len)
{
	sodium_bin2base64(out, size, bytes, len, VARIANT);
}
