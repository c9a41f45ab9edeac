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
#include "compiler/validators.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "formats/document.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"

static const char *
quoted(const char *text, struct arena *arena)
{
	return arena_printf(arena, "\"%s\"", text_shortened(text, arena));
}

/* "price is a number, not "x"". */
static void
fault(const struct column *column, const struct objection *wrong, const char *text,
    const char *pointer, struct problem *p)
{
	if (column->sensitive)
		problem_fault(p, pointer, wrong->code, "%s is %s", column->json, wrong->expected);
	else
		problem_fault(p, pointer, wrong->code, "%s is %s, not %s", column->json,
		    wrong->expected, quoted(text, p->arena));
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

	while (texts[count] != NULL)
		count++;
	elements = arena_array(arena, count + 1, sizeof(*elements));
	for (size_t i = 0; i < count; i++)
		if ((elements[i] = kind_read(one, texts[i], arena, &wrong)) == NULL) {
			fault(one, &wrong, texts[i], pointer, p);
			ok = false;
		}
	if (!ok)
		return NULL;
	assert(type != NULL); /* a type whose values are read has one of arrays */
	return value_array(arena, type, elements, count);
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

/* --- bodies ----------------------------------------------------------------------------------- */

/* What a column takes, as bits of JSON's kinds. */
static unsigned
taken(const struct column *column)
{
	enum {
		BOOL = 1 << JSONREAD_BOOL,
		NUMBER = 1 << JSONREAD_NUMBER,
		STRING = 1 << JSONREAD_STRING,
		ANY = ~0U >> 1,
	};
	static const unsigned kinds[] = {
		[KIND_UUID] = STRING,
		[KIND_BOOL] = BOOL,
		[KIND_INT] = NUMBER,
		[KIND_NUMERIC] = NUMBER | STRING,
		[KIND_FLOAT] = NUMBER,
		[KIND_TEXT] = STRING,
		[KIND_ENUM] = STRING,
		[KIND_INSTANT] = STRING,
		[KIND_TIMESTAMP] = STRING,
		[KIND_DATE] = STRING,
		[KIND_JSON] = ANY,
		[KIND_ARRAY] = 1 << JSONREAD_ARRAY,
		[KIND_OTHER] = STRING,
		[KIND_OPAQUE] = STRING,
	};
	static_assert(COUNT_OF(kinds) == KIND__MAX, "what each kind takes");

	if (column->kind == KIND_INT && !column->smallint && !column->integer)
		return NUMBER | STRING;
	return kinds[column->kind];
}

static void
wrong_kind(const struct column *column, enum jsonread_kind kind, const struct jsonpointer *pointer,
    struct arena *arena, struct problem *p)
{
	enum jsonread_kind wanted = JSONREAD_BOOL;

	while ((taken(column) & 1U << wanted) == 0)
		wanted++; /* the first that it takes */
	problem_fault(p, jsonpointer_text(pointer, arena), "type", "%s is %s, not %s", column->json,
	    jsonread_kind_name(wanted), jsonread_kind_name(kind));
}

/* The text of a string, a number or a boolean. */
static const char *
scalar_text(struct json_object *json)
{
	size_t len;

	switch (jsonread_kind(json)) {
	case JSONREAD_STRING: return jsonread_string(json, &len);
	case JSONREAD_NUMBER: return jsonread_number(json);
	case JSONREAD_BOOL: return jsonread_bool(json) ? "true" : "false";
	case JSONREAD_NULL:
	case JSONREAD_OBJECT:
	case JSONREAD_ARRAY:
	case JSONREAD__MAX: break;
	}
	assert(0 && "not a scalar");
	return "";
}

/* Of anything but null and an array for an array: its bytes; NULL and a fault. */
static const char *
read_json(const struct column *column, struct json_object *json, const struct jsonpointer *pointer,
    struct arena *arena, struct problem *p)
{
	enum jsonread_kind kind = jsonread_kind(json);
	struct objection wrong;
	const char *text, *bytes;
	size_t len;

	if (column->kind == KIND_JSON) {
		text = jsonread_text(json, &len);
		return arena_copy(arena, text, len);
	}
	if ((taken(column) & 1U << kind) == 0) {
		wrong_kind(column, kind, pointer, arena, p);
		return NULL;
	}
	text = scalar_text(json);
	bytes = kind == JSONREAD_NUMBER ? kind_read_number(column, text, arena, &wrong)
					: kind_read(column, text, arena, &wrong);
	if (bytes != NULL && kind_fits(column, bytes, arena, &wrong) &&
	    validators_accept(column, bytes, arena, &wrong))
		return bytes;
	fault(column, &wrong, text, jsonpointer_text(pointer, arena), p);
	return NULL;
}

static const struct value *
read_json_array(const struct column *column, struct json_object *array,
    const struct jsonpointer *pointer, struct arena *arena, struct problem *p)
{
	size_t count = document_length(array);
	const char **elements = arena_array(arena, count + 1, sizeof(*elements));
	struct objection wrong;
	bool ok = validators_accept_elements(column, count, arena, &wrong);

	if (!ok)
		problem_fault(p, jsonpointer_text(pointer, arena), wrong.code,
		    "%s is %s, not of %zu", column->json, wrong.expected, count);
	for (size_t i = 0; i < count; i++) {
		struct jsonpointer here = jsonpointer_element(pointer, i);
		struct json_object *element = document_element(array, i);

		if (element == NULL)
			continue;
		elements[i] = read_json(column->element, element, &here, arena, p);
		ok = ok && elements[i] != NULL;
	}
	return ok ? value_array(arena, column->type, elements, count) : NULL;
}

const struct value *
value_from_json(const struct column *column, struct json_object *json,
    const struct jsonpointer *pointer, struct arena *arena, struct problem *p)
{
	const char *bytes = NULL;

	if (json == NULL && column->not_null) {
		problem_fault(p, jsonpointer_text(pointer, arena), "required",
		    "%s must not be null", column->json);
		return NULL;
	}
	if (column->kind == KIND_ARRAY && jsonread_kind(json) == JSONREAD_ARRAY)
		return read_json_array(column, json, pointer, arena, p);
	if (json != NULL && (bytes = read_json(column, json, pointer, arena, p)) == NULL)
		return NULL;
	return value_typed(arena, column->type, bytes);
}
