/* SPDX-License-Identifier: BSD-2-Clause */
/* sqltext.c - statement text and its parameters, side by side */
#include "database/sqltext.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "database/sqlname.h"

struct sqltext {
	struct arena *arena;
	struct text text;
	const struct value **values; /* in the order of their numbers */
	size_t value_count, value_size;
	bool failed;
};

static const struct sqlname builtin_types[] = {
	[SQLTYPE_UUID] = { "uuid", 4 },
	[SQLTYPE_TEXT] = { "text", 4 },
	[SQLTYPE_INT8] = { "int8", 4 },
	[SQLTYPE_BOOL] = { "bool", 4 },
	[SQLTYPE_TEXT_ARRAY] = { "text[]", 6 },
	[SQLTYPE_INT8_ARRAY] = { "int8[]", 6 },
	[SQLTYPE_UUID_ARRAY] = { "uuid[]", 6 },
};
static_assert(COUNT_OF(builtin_types) == SQLTYPE__MAX, "a name per built-in type");

enum { FIRST_VALUES = 16 };

struct sqltext *
sqltext_new(struct arena *arena)
{
	struct sqltext *t = ARENA_NEW(arena, struct sqltext);

	t->arena = arena;
	text_init(&t->text, arena, LIMIT_STATEMENT_TEXT_BYTES);
	t->value_size = FIRST_VALUES;
	t->values = arena_array(arena, t->value_size, sizeof(struct value *));
	return t;
}

void
sqltext_literal_(struct sqltext *t, const char *literal, size_t len)
{
	text_put(&t->text, literal, len);
}

void
sqltext_name(struct sqltext *t, const struct sqlname *name)
{
	text_put(&t->text, name->text, name->len);
}

void
sqltext_alias(struct sqltext *t, char letter, unsigned number)
{
	assert(letter >= 'a' && letter <= 'z');
	text_byte(&t->text, letter);
	text_int(&t->text, number);
}

/* The number of a value, kept from the first time it is written; 0 when there are too many. */
static size_t
number_of(struct sqltext *t, const struct value *value)
{
	const struct value **grown;

	for (size_t i = 0; i < t->value_count; i++)
		if (t->values[i] == value)
			return i + 1;
	if (t->value_count == LIMIT_STATEMENT_PARAMETERS)
		return 0;
	if (t->value_count == t->value_size) {
		grown = arena_array(t->arena, t->value_size * 2, sizeof(struct value *));
		memcpy(grown, t->values, t->value_size * sizeof(struct value *));
		t->values = grown;
		t->value_size *= 2;
	}
	t->values[t->value_count++] = value;
	return t->value_count;
}

void
sqltext_param(struct sqltext *t, const struct value *value)
{
	size_t number = number_of(t, value);

	if (number == 0) {
		t->failed = true;
		return;
	}
	text_byte(&t->text, '$');
	text_int(&t->text, (int64_t)number);
	text_literal(&t->text, "::");
	sqltext_name(t, value->type != NULL ? value->type : &builtin_types[value->builtin]);
}

const struct statement *
sqltext_statement(struct sqltext *t, struct problem *p)
{
	struct statement *statement = ARENA_NEW(t->arena, struct statement);
	const char **params = arena_array(t->arena, t->value_count + 1, sizeof(*params));

	if (t->failed || t->text.failed)
		return problem_null(
		    p, PROBLEM_TOO_LARGE, "the request makes too large a statement");
	for (size_t i = 0; i < t->value_count; i++)
		params[i] = t->values[i]->bytes;
	statement->text = t->text.bytes;
	statement->text_len = t->text.len;
	statement->params = params;
	statement->param_count = t->value_count;
	return statement;
}

struct value *
value_new(struct arena *arena, enum sqltype type, const char *bytes)
{
	struct value *value = ARENA_NEW(arena, struct value);

	assert(type < SQLTYPE__MAX);
	value->builtin = type;
	value->bytes = bytes;
	return value;
}

struct value *
value_int(struct arena *arena, int64_t number)
{
	return value_new(arena, SQLTYPE_INT8, arena_printf(arena, "%" PRId64, number));
}

struct value *
value_typed(struct arena *arena, const struct sqlname *type, const char *bytes)
{
	struct value *value = ARENA_NEW(arena, struct value);

	value->type = type;
	value->bytes = bytes;
	return value;
}
