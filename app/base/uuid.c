/* SPDX-License-Identifier: BSD-2-Clause */
/* uuid.c - five groups of digits */
#include "base/uuid.h"

#include <string.h>

bool
uuid_ok(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i = 0;

	for (; form[i] != '\0'; i++)
		if (text[i] == '\0' ||
		    (form[i] == '-' ? text[i] != '-'
				    : strchr("0123456789abcdefABCDEF", text[i]) == NULL))
			return false;
	return text[i] == '\0';
}
