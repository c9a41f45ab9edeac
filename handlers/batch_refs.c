/* SPDX-License-Identifier: BSD-2-Clause */
/* batch_refs.c - finding references, and what they stand for */
#include "handlers/batch_refs.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "compiler/change.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "formats/document.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "formats/jsontext.h"
#include "handlers/batch_read.h"
#include "serve/platform.h"
#include "serve/writing.h"

enum { INDEX_DIGITS = 4 };

/* "0.id": the number of an operation and a field. */
struct ref {
	size_t index;
	const char *field;
};

/* An object of one member, $ref, that is a number, a dot and a name; anything else is a value. */
static bool
is_ref(struct json_object *value, struct ref *ref)
{
	struct json_object *text;
	const char *word;
	size_t len, digits;

	if (value == NULL || jsonread_kind(value) != JSONREAD_OBJECT ||
	    jsonread_count(value) != 1 || !jsonread_find(value, "$ref", &text) || text == NULL ||
	    jsonread_kind(text) != JSONREAD_STRING)
		return false;
	word = jsonread_string(text, &len);
	digits = strspn(word, "0123456789");
	if (digits == 0 || digits > INDEX_DIGITS || word[digits] != '.' || word[digits + 1] == '\0')
		return false;
	ref->index = (size_t)strtoul(word, NULL, 10);
	ref->field = word + digits + 1;
	return true;
}

/* A text of our own as a value: an id as the row's JSON has it. */
static struct json_object *
id_value(struct refs *r, const struct model *model, const char *id)
{
	struct arena *arena = r->batch->request->arena;
	struct json_object *value = NULL;
	struct jsontext j;
	struct text text;

	text_init(&text, arena, 1 << 16);
	jsontext_init(&j, &text);
	if (model->id->kind == KIND_INT)
		jsontext_raw(&j, id, strlen(id));
	else
		jsontext_string(&j, id);
	return jsonread_parse(&value, text.bytes, text.len, arena, r->problem) ? value : NULL;
}

/* A field of the row as the unit has read it. */
static struct json_object *
row_value(struct refs *r, const struct operation *o, const char *field, const char *pointer)
{
	struct json_object *row = NULL, *value = NULL;
	size_t len;
	const char *json = writing_row(r->batch->writing, o->shown, &len);

	if (json == NULL)
		problem_fault(r->problem, pointer, "reference", "that row may not be read by you");
	else if (jsonread_parse(&row, json, len, r->batch->request->arena, r->problem) &&
	    !jsonread_find(row, field, &value))
		problem_fault(r->problem, pointer, "reference", "%s has no field \"%s\"",
		    o->model->name, text_shortened(field, r->batch->request->arena));
	return value;
}

/* What a reference stands for; the reference itself while that is not known. */
static struct json_object *
value_of(struct refs *r, const struct ref *ref, struct json_object *self,
    const struct jsonpointer *where)
{
	const char *pointer = jsonpointer_text(where, r->batch->request->arena);
	struct operation *o = ref->index < r->index ? &r->batch->operations[ref->index] : NULL;

	if (o == NULL || o->model == NULL) {
		problem_fault(r->problem, pointer, "reference",
		    "a reference is to one of the operations before");
		return self;
	}
	if (strcmp(ref->field, "id") == 0 && o->change != NULL &&
	    change_made(o->change)->id != NULL)
		return id_value(r, o->model, change_made(o->change)->id->bytes);
	if (r->batch->writing != NULL)
		return row_value(r, o, ref->field, pointer);
	o->wanted = true;
	r->known = false;
	return self;
}

/* Whether a member of the operation's data is a column of type json. */
static bool
is_json(const struct refs *r, const struct jsonpointer *where, const char *key)
{
	const struct column *column;

	if (where->above == NULL || where->above->above != NULL)
		return false;
	column = model_column(r->model, key);
	return column != NULL && column->kind == KIND_JSON;
}

static void
resolve_members(struct refs *r, struct json_object *object, const struct jsonpointer *where)
{
	struct jsonread_member member = { 0 };

	while (jsonread_next(object, &member)) {
		struct jsonpointer at = jsonpointer_member(where, member.key);
		struct ref ref;

		if (member.value == NULL ||
		    (is_json(r, where, member.key) && !is_ref(member.value, &ref)))
			continue;
		jsonread_replace(object, member.key, refs_resolve(r, member.value, &at));
	}
}

static void
resolve_elements(struct refs *r, struct json_object *array, const struct jsonpointer *where)
{
	for (size_t i = 0; i < document_length(array); i++) {
		struct jsonpointer at = jsonpointer_element(where, i);
		struct json_object *element = document_element(array, i);

		if (element != NULL)
			jsonread_replace_element(array, i, refs_resolve(r, element, &at));
	}
}

struct json_object *
refs_resolve(struct refs *r, struct json_object *value, const struct jsonpointer *where)
{
	struct ref ref;

	if (is_ref(value, &ref))
		return value_of(r, &ref, value, where);
	if (jsonread_kind(value) == JSONREAD_OBJECT)
		resolve_members(r, value, where);
	else if (jsonread_kind(value) == JSONREAD_ARRAY)
		resolve_elements(r, value, where);
	return value;
}
