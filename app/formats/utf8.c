/* SPDX-License-Identifier: BSD-2-Clause */
/* utf8.c - the table of RFC 3629, 4 */
#include "formats/utf8.h"

#include <assert.h>

size_t
utf8_length(const char *bytes, size_t len)
{
	static const struct {
		unsigned char first, last; /* of the lead byte */
		unsigned char low, high;   /* of the second byte */
		size_t length;
	} forms[] = {
		{ 0x00, 0x7f, 0x00, 0x00, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *b = (const unsigned char *)bytes;

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		if (b[0] < forms[i].first || b[0] > forms[i].last)
			continue;
		if (forms[i].length > len)
			return 0;
		if (forms[i].length > 1 && (b[1] < forms[i].low || b[1] > forms[i].high))
			return 0;
		for (size_t j = 2; j < forms[i].length; j++)
			if (b[j] < 0x80 || b[j] > 0xbf)
				return 0;
		return forms[i].length;
	}
	return 0;
}

bool
utf8_ok(const char *bytes, size_t len)
{
	while (len > 0) {
		size_t n = utf8_length(bytes, len);

		if (n == 0)
			return false;
		bytes += n;
		len -= n;
	}
	return true;
}

size_t
utf8_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80; /* a character's first byte */
	return count;
}

size_t
utf8_encode(uint32_t character, char out[UTF8_BYTES])
{
	static const struct {
		uint32_t last;
		unsigned char lead;
		size_t length;
	} forms[] = {
		{ 0x7f, 0x00, 1 },
		{ 0x7ff, 0xc0, 2 },
		{ 0xffff, 0xe0, 3 },
		{ 0x10ffff, 0xf0, 4 },
	};
	size_t i = 0;

	assert(character <= 0x10ffff && (character < 0xd800 || character > 0xdfff));
	while (character > forms[i].last)
		i++;
	for (size_t j = forms[i].length - 1; j > 0; j--) {
		out[j] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	out[0] = (char)(forms[i].lead | character);
	return forms[i].length;
}
