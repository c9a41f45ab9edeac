/* SPDX-License-Identifier: BSD-2-Clause */
/* upsert_read.c - one object as two changes: of the row that is there, and of a new one */
#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/change_read.h"
#include "compiler/nested.h"
#include "compiler/reading.h"
#include "database/sqltext.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"

static void
fault(struct reading *r, const char *name, const char *code, const char *detail)
{
	struct jsonpointer here = jsonpointer_member(r->where, name);

	problem_fault(r->problem, jsonpointer_text(&here, r->change->arena), code, "%s", detail);
}

/* The value that a new row has in a column of the key; NULL: none, which is a fault unless one was
 * told already. */
static const struct value *
key_value(struct reading *r, const struct column *column, struct json_object *body)
{
	const struct change *create = r->change;
	const struct assignment *a = assignments_find(&create->assignments, column);
	const struct value *value = column->role == ROLE_ID ? create->id
	    : a != NULL                                     ? a->value
							    : NULL;
	struct json_object *given;
	bool told;

	if (value != NULL && value->bytes != NULL)
		return value;
	told = value == NULL &&
	    (jsonread_find(body, column->json, &given) ||
		(column->not_null && !column->has_default));
	if (!told)
		fault(r, column->json, "required", "it says which row is meant");
	return NULL;
}

static void
read_key(struct reading *r, struct upsert *u, struct json_object *body)
{
	const struct value **values =
	    arena_array(r->change->arena, u->key->column_count, sizeof(struct value *));

	for (size_t i = 0; i < u->key->column_count; i++)
		values[i] = key_value(r, u->key->columns[i], body);
	u->values = values;
}

void
change_read_upsert(struct change *change, struct change_reader *reader, struct json_object *body,
    const struct jsonpointer *where, struct problem *p)
{
	struct change *create = change->upsert->create;
	struct reading r = { create, reader, where, p, 0, NULL };

	change->place = create->place = jsonpointer_text(where, change->arena);
	if (!reading_members(&r, body))
		return;
	for (const struct assignment *a = create->assignments.first; a != NULL; a = a->next)
		assignments_add(&change->assignments, change->arena, a->column, a->how, a->value);
	for (const struct nested *n = create->nested; n != NULL; n = n->next)
		fault(&r, n->relation->json, "relation",
		    "what is related is written by POST, and by PATCH of one row");
	reading_finish(&r, body);
	read_key(&r, change->upsert, body);
}
