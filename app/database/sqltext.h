/* SPDX-License-Identifier: BSD-2-Clause */
/* sqltext.h - SQL text that cannot hold a client's bytes (STYLE 6)
 *
 * Every byte of a statement is a literal of our source or a name of the catalogue, quoted when it
 * was loaded; every byte of a client is a parameter. Nothing here takes a run-time char *, and
 * nothing may be added that does. A failure (a limit passed) is sticky and is told by
 * sqltext_statement. */
#ifndef DATABASE_SQLTEXT_H
#define DATABASE_SQLTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct problem;
struct sqlname; /* text from the catalogue: a quoted name or a type; only catalogue.c makes one */

/* Types of parameters that are not a column's. */
enum sqltype {
	SQLTYPE_UUID,
	SQLTYPE_TEXT,
	SQLTYPE_INT8,
	SQLTYPE_BOOL,
	SQLTYPE_TEXT_ARRAY,
	SQLTYPE_INT8_ARRAY,
	SQLTYPE_UUID_ARRAY,
	SQLTYPE__MAX
};

/* A parameter in PostgreSQL's text format. The bytes are the client's, or ours, and never SQL. */
struct value {
	const struct sqlname *type; /* of a column, or NULL: then builtin */
	enum sqltype builtin;
	const char *bytes; /* NUL-terminated, without a NUL inside; NULL is SQL NULL */
};

/* A finished statement: equal requests give equal text, so it is prepared once per connection. */
struct statement {
	const char *text; /* NUL-terminated */
	size_t text_len;
	const char *const *params; /* text format; NULL is SQL NULL */
	size_t param_count;
};

struct sqltext;

/* An empty statement, in arena. */
struct sqltext *sqltext_new(struct arena *) __attribute__((returns_nonnull));

#define sqltext_literal(t, s) sqltext_literal_((t), "" s "", sizeof(s) - 1)
void sqltext_literal_(struct sqltext *, const char *, size_t);

/* For literals: a timestamptz as RFC 3339 has it, in UTC and with milliseconds; NULL stays NULL. */
#define SQLTEXT_INSTANT(expression)                                                                \
	"to_char(" expression " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* A name or type of the catalogue, as it was quoted there. */
void sqltext_name(struct sqltext *, const struct sqlname *);

/* An alias made of one letter and a number: t0, r12. */
void sqltext_alias(struct sqltext *, char letter, unsigned number);

/* Writes $n::type and keeps the value. The same value object written again gives the same $n, so a
 * tenant or a new id is one parameter however often it is used. */
void sqltext_param(struct sqltext *, const struct value *);

/* The statement; NULL and a problem when a limit was passed on the way. */
const struct statement *sqltext_statement(struct sqltext *, struct problem *) MUST_CHECK;

/* A value of a built-in type; bytes are not copied. */
struct value *
value_new(struct arena *, enum sqltype, const char *bytes) __attribute__((returns_nonnull));
struct value *value_int(struct arena *, int64_t) __attribute__((returns_nonnull));

/* A value of a column's type; bytes are not copied. */
struct value *value_typed(struct arena *, const struct sqlname *type, const char *bytes)
    __attribute__((returns_nonnull));

#endif
