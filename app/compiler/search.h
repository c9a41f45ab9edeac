/* SPDX-License-Identifier: BSD-2-Clause */
/* search.h - search=words over the searchable columns */
#ifndef COMPILER_SEARCH_H
#define COMPILER_SEARCH_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct query;

/* Only rows of which a searchable column has the text in it, whatever the case, or, of a model that
 * is searched by words, that have its words; the empty text is in every row (P6). A fault at
 * pointer when the model has no searchable column. */
bool search_add(struct query *, const char *text, const char *pointer, struct problem *) MUST_CHECK;

#endif
