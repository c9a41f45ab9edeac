/* SPDX-License-Identifier: BSD-2-Clause */
/* test_utf8.c - characters written and measured */
#include "formats/utf8.h"

#include <stdint.h>

#include "base/compiler.h"
#include "unit.h"

/* Every character there is, written and measured by the two halves of utf8. */
static void
characters_are_as_long_as_they_are_written(void)
{
	char bytes[UTF8_BYTES];
	unsigned wrong = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		size_t n;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		n = utf8_encode(c, bytes);
		if (utf8_length(bytes, n) != n || (n > 1 && utf8_length(bytes, n - 1) != 0) ||
		    n !=
			(c < 0x80             ? 1U
				: c < 0x800   ? 2U
				: c < 0x10000 ? 3U
					      : 4U))
			wrong++;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

void
suite_utf8(void)
{
	static const struct test_row tests[] = {
		{ "characters are as long as they are written",
		    characters_are_as_long_as_they_are_written },
	};

	unit_suite("utf8", tests, COUNT_OF(tests));
}
