/* SPDX-License-Identifier: BSD-2-Clause */
/* nested_verbs.c - what each operation under the name of a relation may come to
 *
 * The foreign key is the row's above where the relation is RELATION_ONE, of the row below for
 * RELATION_ONLY and RELATION_MANY, and of a row of the join table for RELATION_THROUGH. */
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/nesting.h"
#include "compiler/reading.h"
#include "database/sqltext.h"
#include "formats/document.h"
#include "formats/jsonread.h"

static enum relation_kind
kind_of(const struct nesting *n)
{
	return n->relation->kind;
}

/* --- rows ---------------------------------------------------------------------------------- */

/* A change of a row of some model that this operation may come to. */
static struct change *
begin_row(
    struct nesting *n, enum action action, const struct model *model, const struct jsonpointer *at)
{
	struct change *row = change_new(nesting_arena(n), action, model);

	row->part_of = row->behind = n->outer->change;
	row->place = row->named = jsonpointer_text(at, nesting_arena(n));
	reading_may(n->outer, model, action, row->place);
	return row;
}

/* The object that the change is read from. */
static struct reading
inner_reading(const struct nesting *n, struct change *row, const struct jsonpointer *where)
{
	struct reading inner = *n->outer;

	inner.change = row;
	inner.where = where;
	inner.depth++;
	inner.aside = NULL;
	return inner;
}

/* Let the row above point to the one below. */
static void
tie_above(struct nesting *n, struct nested *nested, const struct value *id)
{
	nested->link = reading_link(n->outer, n->relation->pairs[0].own,
	    &(struct link){ .place = nested->place, .source = nested->make, .value = id });
}

/* Let the row below, which is being read, point to the one above. */
static void
tie_below(struct nesting *n, struct reading *inner, const char *place)
{
	(void)reading_link(inner, n->relation->pairs[0].other,
	    &(struct link){ .place = place, .source = n->outer->change });
}

/* The same, but to none any more. */
static void
untie(struct nesting *n, struct reading *r, const struct column *column, const char *place)
{
	const struct value *null = value_typed(nesting_arena(n), column->type, NULL);

	if (column->not_null)
		problem_fault(r->problem, place, "required", "%s must not be null", column->json);
	(void)reading_link(r, column, &(struct link){ .place = place, .value = null });
}

/* --- join tables --------------------------------------------------------------------------- */

/* The unique key of a join table that holds one link between two rows; NULL: there is none. */
static const struct unique_key *
pair_key(const struct relation *relation)
{
	const struct model *model = relation->through;
	const struct column *near = relation->pairs[0].other, *far = relation->far_pairs[0].own;

	for (size_t i = 0; i < model->key_count; i++) {
		const struct unique_key *key = &model->keys[i];

		if (key->columns != NULL && key->column_count == 2 &&
		    ((key->columns[0] == near && key->columns[1] == far) ||
			(key->columns[0] == far && key->columns[1] == near)))
			return key;
	}
	return NULL;
}

/* A new row of the join table, to the row below. own: its own columns; NULL: none are given, and
 * then it may be there already. */
static void
read_join(struct nesting *n, struct nested *nested, struct json_object *const *own,
    const struct jsonpointer *at)
{
	const struct relation *relation = n->relation;
	struct jsonpointer where = jsonpointer_member(at, NESTING_LINK);
	struct change *join = begin_row(n, ACTION_CREATE, relation->through, at);
	struct reading inner = inner_reading(n, join, own != NULL ? &where : at);

	nested->join = join;
	tie_below(n, &inner, join->place);
	nested->link = reading_link(&inner, relation->far_pairs[0].own,
	    &(struct link){ .place = join->place, .source = nested->make, .value = nested->id });
	if (own != NULL) {
		reading_object(&inner, *own);
		return;
	}
	reading_nothing(&inner);
	if (n->verb != NESTED_CREATE)
		join->pair = pair_key(relation);
}

/* --- what becomes of the row below --------------------------------------------------------- */

/* It is made; aside: a member of its object that somebody else reads. */
static void
read_make(struct nesting *n, struct nested *nested, struct json_object *json,
    const struct jsonpointer *at, const char *aside)
{
	struct change *row = begin_row(n, ACTION_CREATE, n->relation->target, at);
	struct reading inner = inner_reading(n, row, at);

	nested->make = row;
	row->sought = n->verb != NESTED_CREATE;
	inner.aside = aside;
	if (kind_of(n) == RELATION_ONE)
		row->behind = NULL; /* the other way round, by the link */
	else if (kind_of(n) != RELATION_THROUGH)
		tie_below(n, &inner, row->place);
	reading_object(&inner, json);
}

/* It is there and points to the row above from now on. */
static void
read_tie(struct nesting *n, struct nested *nested, const struct jsonpointer *at)
{
	struct change *row = begin_row(n, ACTION_UPDATE, n->relation->target, at);
	struct reading inner = inner_reading(n, row, at);

	nested->row = row;
	row->id = nested->id;
	tie_below(n, &inner, row->place);
}

/* It is there and is changed: one that is related, unless a join table will tie it. */
static void
read_change(struct nesting *n, struct nested *nested, struct json_object *json,
    const struct jsonpointer *at)
{
	struct change *row = begin_row(n, ACTION_UPDATE, n->relation->target, at);
	struct reading inner = inner_reading(n, row, at);

	nested->row = row;
	row->id = nested->id;
	row->named = nested->place;
	if (kind_of(n) == RELATION_MANY ||
	    (kind_of(n) == RELATION_THROUGH && n->verb == NESTED_UPDATE))
		row->tied = nested;
	reading_object(&inner, json);
}

/* --- operations ---------------------------------------------------------------------------- */

void
nesting_create(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	struct nested *nested = nesting_add(n, at);
	bool through = kind_of(n) == RELATION_THROUGH;
	struct json_object *own = NULL;
	bool linked = through && jsonread_kind(json) == JSONREAD_OBJECT &&
	    jsonread_find(json, NESTING_LINK, &own);

	read_make(n, nested, json, at, through ? NESTING_LINK : NULL);
	if (kind_of(n) == RELATION_ONE)
		tie_above(n, nested, NULL);
	if (through)
		read_join(n, nested, linked ? &own : NULL, at);
}

void
nesting_connect(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	bool through = kind_of(n) == RELATION_THROUGH;
	struct nested *nested = nesting_which(n, json, at, through);
	struct json_object *own;

	if (nested == NULL)
		return;
	if (kind_of(n) == RELATION_ONE)
		tie_above(n, nested, nested->id);
	else if (through)
		read_join(n, nested, jsonread_find(json, NESTING_LINK, &own) ? &own : NULL, at);
	else
		read_tie(n, nested, at);
}

/* Where the row below is not there, it is made. */
void
nesting_connect_or_create(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	enum { WHERE, CREATE, PARTS };
	struct nesting_part parts[PARTS] = {
		[WHERE] = { .name = "where" }, [CREATE] = { .name = "create" }
	};
	struct nested *nested;

	if (!nesting_parts(n, json, at, parts, PARTS) ||
	    (nested = nesting_which(n, parts[WHERE].value, &parts[WHERE].at, false)) == NULL)
		return;
	read_make(n, nested, parts[CREATE].value, &parts[CREATE].at, NULL);
	if (kind_of(n) == RELATION_ONE)
		tie_above(n, nested, NULL);
	else if (kind_of(n) == RELATION_THROUGH)
		read_join(n, nested, NULL, at);
	else
		read_tie(n, nested, &parts[WHERE].at);
}

void
nesting_update(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	enum { WHERE, DATA, PARTS };
	struct nesting_part parts[PARTS] = {
		[WHERE] = { .name = "where" }, [DATA] = { .name = "data" }
	};
	struct nested *nested;

	if (!relation_is_many(n->relation)) {
		read_change(n, nesting_add(n, at), json, at);
		return;
	}
	if (nesting_parts(n, json, at, parts, PARTS) &&
	    (nested = nesting_which(n, parts[WHERE].value, &parts[WHERE].at, false)) != NULL)
		read_change(n, nested, parts[DATA].value, &parts[DATA].at);
}

void
nesting_upsert(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	enum { UPDATE, CREATE, WHERE, PARTS };
	struct nesting_part parts[PARTS] = { [UPDATE] = { .name = "update" },
		[CREATE] = { .name = "create" },
		[WHERE] = { .name = "where" } };
	bool many = relation_is_many(n->relation);
	struct nested *nested;

	if (!nesting_parts(n, json, at, parts, many ? PARTS : WHERE))
		return;
	nested = many ? nesting_which(n, parts[WHERE].value, &parts[WHERE].at, false)
		      : nesting_add(n, at);
	if (nested == NULL)
		return;
	read_change(n, nested, parts[UPDATE].value, &parts[UPDATE].at);
	read_make(n, nested, parts[CREATE].value, &parts[CREATE].at, NULL);
	if (kind_of(n) == RELATION_ONE)
		tie_above(n, nested, NULL);
	else if (kind_of(n) == RELATION_THROUGH)
		read_join(n, nested, NULL, at);
}

/* The row that goes: named, or with true the only one. NULL and a fault. */
static struct nested *
read_leaving(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	if (relation_is_many(n->relation))
		return nesting_which(n, json, at, false);
	if (jsonread_kind(json) == JSONREAD_BOOL && jsonread_bool(json))
		return nesting_add(n, at);
	nesting_fault(n, at, "type", "true is wanted: there is one row at most");
	return NULL;
}

void
nesting_delete(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	struct nested *nested = read_leaving(n, json, at);

	if (nested == NULL)
		return;
	nested->row = begin_row(n, ACTION_DELETE, n->relation->target, at);
	nested->row->id = nested->id;
	if (kind_of(n) == RELATION_ONE)
		untie(n, n->outer, n->relation->pairs[0].own, nested->place);
	if (relation_is_many(n->relation))
		nested->row->tied = nested;
}

void
nesting_disconnect(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	struct nested *nested = read_leaving(n, json, at);
	struct reading inner;

	if (nested == NULL || kind_of(n) == RELATION_THROUGH)
		return;
	if (kind_of(n) == RELATION_ONE) {
		untie(n, n->outer, n->relation->pairs[0].own, nested->place);
		return;
	}
	nested->row = begin_row(n, ACTION_UPDATE, n->relation->target, at);
	nested->row->id = nested->id;
	if (kind_of(n) == RELATION_MANY)
		nested->row->tied = nested;
	inner = inner_reading(n, nested->row, at);
	untie(n, &inner, n->relation->pairs[0].other, nested->place);
}

/* The elements are connected; what is to go is known when it is seen what there is. */
void
nesting_set(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	const struct column *key = n->relation->pairs[0].other;
	struct nested **first = &n->outer->change->nested, *set;

	while (*first != NULL)
		first = &(*first)->next;
	n->verb = NESTED_CONNECT;
	nesting_each(n, json, at, nesting_connect);
	n->verb = NESTED_SET;
	set = nesting_add(n, at);
	for (struct nested *o = *first; o != set; o = o->next)
		o->set = set;
	if (n->relation->kind == RELATION_MANY && key->not_null)
		problem_fault(n->outer->problem, set->place, "required",
		    "%s must not be null: name those to delete instead", key->json);
}
