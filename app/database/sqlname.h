/* SPDX-License-Identifier: BSD-2-Clause */
/* sqlname.h - names of the catalogue, quoted once
 *
 * Included by the files that load the catalogue, which make names, and by sqltext.c, which writes
 * them; by nobody else (tests/check/layers.sh), so that no client text can pass for a name. Names
 * live in the arena. */
#ifndef DATABASE_SQLNAME_H
#define DATABASE_SQLNAME_H

#include <stddef.h>

#include "base/compiler.h"

struct arena;

struct sqlname {
	const char *text; /* quoted already: "created_at", or a type as format_type writes it */
	size_t len;
};

/* An identifier, always quoted, so that no list of keywords is needed. */
const struct sqlname *
sqlname_quoted(struct arena *, const char *identifier) __attribute__((returns_nonnull));

/* "schema"."table" */
const struct sqlname *sqlname_qualified(struct arena *, const char *schema, const char *table)
    __attribute__((returns_nonnull));

/* A type, as PostgreSQL's format_type wrote it, which quotes where it must. */
const struct sqlname *
sqlname_type(struct arena *, const char *type) __attribute__((returns_nonnull));

#endif
