/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base64url.c - one spelling per value */
#include "formats/base64url.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "unit.h"

static void
base64url_is_canonical(void)
{
	static const struct {
		const char *text;
		size_t len;
		bool ok;
	} rows[] = {
		{ "", 0, true },
		{ "A", 0, false },
		{ "AA", 1, true },
		{ "AB", 0, false },
		{ "AP", 0, false },
		{ "AQ", 1, true },
		{ "AAA", 2, true },
		{ "AAB", 0, false },
		{ "AAD", 0, false },
		{ "AAE", 2, true },
		{ "AAAA", 3, true },
		{ "AAAAA", 0, false },
		{ "AA==", 0, false },
		{ "AAA=", 0, false },
		{ "AA A", 0, false },
		{ "AA\nA", 0, false },
		{ " AA", 0, false },
		{ "AA ", 0, false },
		{ "+/AA", 0, false },
		{ "-_AA", 3, true },
		{ "AA\xc3\xa9", 0, false },
	};
	unsigned right = 0;

	CU_ASSERT_FATAL(sodium_init() >= 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned char out[8];
		size_t len = 0;
		bool ok =
		    base64url_decode(out, sizeof(out), &len, rows[i].text, strlen(rows[i].text));

		ASSERT_ROW(rows[i].text, ok == rows[i].ok);
		ASSERT_ROW(rows[i].text, !ok || len == rows[i].len);
	}
	/* 64 digits and no other byte; libsodium 1.0.18 alone takes 192. */
	for (int byte = 0; byte < 256; byte++) {
		const char digits[] = { 'A', (char)byte, 'A', 'A' };
		unsigned char out[3];
		size_t len;

		right += base64url_decode(out, sizeof(out), &len, digits, sizeof(digits));
	}
	CU_ASSERT_EQUAL(right, 64);
}

void
suite_base64url(void)
{
	static const struct test_row tests[] = {
		{ "base64url is canonical", base64url_is_canonical },
	};

	unit_suite("base64url", tests, COUNT_OF(tests));
}
