/* SPDX-License-Identifier: BSD-2-Clause */
/* select.h - select=id,title,author.name: only what is named
 *
 *	selection = path *("," path)
 *	path      = column | relation [ "." path ] | "_count" [ "." to-many ] | "_link"
 *
 * Where a row or an include has something named directly in it, only that is shown of it; one that
 * is named itself, and nothing in it, is shown whole. Naming a relation includes it. */
#ifndef COMPILER_SELECT_H
#define COMPILER_SELECT_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct query;

/* Read one parameter; false and a fault at pointer when a name leads nowhere. */
bool select_add(struct query *, const char *text, const char *pointer, struct problem *) MUST_CHECK;

#endif
