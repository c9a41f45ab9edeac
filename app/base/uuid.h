/* SPDX-License-Identifier: BSD-2-Clause */
/* uuid.h - the one text of a uuid (RFC 9562, 4)
 *
 * PostgreSQL takes more, with braces, without dashes; here it has one, so that links are equal. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>

#include "base/compiler.h"

/* Whether it is 8-4-4-4-12 hexadecimal digits, in either case. */
bool uuid_ok(const char *text) MUST_CHECK;

#endif
