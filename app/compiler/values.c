/* SPDX-License-Identifier: BSD-2-Clause */
/* values.c - from a text to a parameter, or to a fault */
#include "compiler/values.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/kinds.h"
#include "database/catalogue.h"
#include "database/sqltext.h"

enum { QUOTED_BYTES = 100 }; /* of a client's text in a message */

/* "price is a number, not "x"". A long text is cut between two characters. */
static void
fault(const struct column *column, const struct objection *wrong, const char *text,
    const char *pointer, struct problem *p)
{
	size_t len = strnlen(text, QUOTED_BYTES + 1);
	bool cut = len > QUOTED_BYTES;

	if (column->sensitive) {
		problem_fault(p, pointer, wrong->code, "%s is %s", column->json, wrong->expected);
		return;
	}
	if (cut)
		while (((unsigned char)text[--len] & 0xc0) == 0x80)
			continue;
	problem_fault(p, pointer, wrong->code, "%s is %s, not \"%.*s%s\"", column->json,
	    wrong->expected, (int)len, text, cut ? "..." : "");
}

const struct value *
value_read(const struct column *column, const char *text, const char *pointer, struct arena *arena,
    struct problem *p)
{
	struct objection wrong;
	const char *bytes = kind_read(column, text, arena, &wrong);

	if (bytes == NULL) {
		fault(column, &wrong, text, pointer, p);
		return NULL;
	}
	return value_typed(arena, column->type, bytes);
}

const struct value *
value_read_key(const struct column *column, const char *text, const char *pointer,
    struct arena *arena, struct problem *p)
{
	if (text[0] == '\0') {
		problem_fault(p, pointer, "empty", "%s must not be empty", column->json);
		return NULL;
	}
	return value_read(column, text, pointer, arena, p);
}

const struct value *
value_list(const struct column *column, const char *const *texts, const char *pointer,
    struct arena *arena, struct problem *p)
{
	const struct column *one = column->kind == KIND_ARRAY ? column->element : column;
	const struct sqlname *type = column->kind == KIND_ARRAY ? column->type : column->array_type;
	const char **elements;
	struct objection wrong;
	size_t count = 0;
	bool ok = true;

	assert(type != NULL);
	while (texts[count] != NULL)
		count++;
	elements = arena_array(arena, count + 1, sizeof(*elements));
	for (size_t i = 0; i < count; i++)
		if ((elements[i] = kind_read(one, texts[i], arena, &wrong)) == NULL) {
			fault(column, &wrong, texts[i], pointer, p);
			ok = false;
		}
	return ok ? value_array(arena, type, elements, count) : NULL;
}

/* Every element in quotes: none looks like NULL or a bracket (PostgreSQL manual, 8.15.6). */
static void
put_element(struct text *out, const char *element)
{
	text_byte(out, '"');
	while (*element != '\0') {
		size_t plain = strcspn(element, "\"\\");

		text_put(out, element, plain);
		element += plain;
		if (*element != '\0') {
			text_byte(out, '\\');
			text_byte(out, *element++);
		}
	}
	text_byte(out, '"');
}

const struct value *
value_array(
    struct arena *arena, const struct sqlname *type, const char *const *elements, size_t count)
{
	struct text literal;

	text_init(&literal, arena, LIMIT_ARENA_BYTES);
	text_byte(&literal, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_byte(&literal, ',');
		if (elements[i] == NULL)
			text_literal(&literal, "NULL");
		else
			put_element(&literal, elements[i]);
	}
	text_byte(&literal, '}');
	assert(!literal.failed);
	return value_typed(arena, type, literal.bytes);
}
