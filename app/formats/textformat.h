/* SPDX-License-Identifier: BSD-2-Clause */
/* textformat.h - the formats that a registration may ask of a text
 *
 * The words of `validate` (man/rowhouse.8, VALIDATION), which
 * sql/platform/0007_model_shapes.sql lists for the registration. Syntax alone: nobody is asked
 * whether a mailbox or a host exists. Each reads a text once, from its beginning. */
#ifndef FORMATS_TEXTFORMAT_H
#define FORMATS_TEXTFORMAT_H

#include <stdbool.h>

#include "base/compiler.h"

struct textformat {
	const char *word;
	const char *expected; /* behind "website is ": "a web address, such as ..." */
	bool (*ok)(const char *text);
	const char *named;   /* "format" of JSON Schema (2020-12 validation, 7.3); NULL: none */
	const char *pattern; /* ECMA-262, as tight or wider; NULL: none */
	const char *example;
};

/* By its word; NULL when there is none. */
const struct textformat *textformat_find(const char *word);

#endif
