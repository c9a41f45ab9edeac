/* SPDX-License-Identifier: BSD-2-Clause */
/* nested_read.c - operations under the name of a relation, one by one */
#include "compiler/nested.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/change.h"
#include "compiler/change_read.h"
#include "compiler/reading.h"
#include "compiler/values.h"
#include "database/sqltext.h"
#include "formats/document.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"

/* The own columns of a join table's row, as reads show them. */
static const char own_columns[] = "_link";

/* A relation's member of an object. */
struct nesting {
	struct reading *outer; /* the object */
	const struct relation *relation;
	enum nested_verb verb;
};

/* A value under an operation's word: one row's. */
typedef void read_fn(struct nesting *, struct json_object *, const struct jsonpointer *);

static read_fn read_create, read_connect;

static const struct verb {
	const char *word;
	read_fn *read;
	bool fresh; /* under a row that is new, too */
	bool aside; /* leaves a row alone that is pointed to */
} verbs[] = {
	[NESTED_CREATE] = { "create", read_create, true, false },
	[NESTED_CONNECT] = { "connect", read_connect, true, true },
};
static_assert(COUNT_OF(verbs) == NESTED__MAX, "a row per verb");

/* --- what is said of an operation ---------------------------------------------------------- */

static struct arena *
arena_of(const struct nesting *n)
{
	return n->outer->change->arena;
}

static struct nested *
add_operation(struct nesting *n, const struct value *id)
{
	struct nested **last = &n->outer->change->nested;

	while (*last != NULL)
		last = &(*last)->next;
	*last = ARENA_NEW(arena_of(n), struct nested);
	(*last)->verb = n->verb;
	(*last)->relation = n->relation;
	(*last)->id = id;
	return *last;
}

/* A change of a row of some model that this operation comes to. */
static struct change *
begin_row(
    struct nesting *n, enum action action, const struct model *model, const struct jsonpointer *at)
{
	struct change *row = change_new(arena_of(n), action, model);

	row->part_of = row->behind = n->outer->change;
	row->place = jsonpointer_text(at, arena_of(n));
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

/* --- ties ---------------------------------------------------------------------------------- */

/* Let the row that has the foreign key point to the other one. far: the row below, or NULL and its
 * id. */
static void
tie(struct nesting *n, struct reading *inner, struct change *far, const struct value *id,
    const char *place)
{
	const struct column_pair *pair = &n->relation->pairs[0];

	if (n->relation->kind == RELATION_ONE)
		(void)reading_link(n->outer, pair->own,
		    &(struct link){ .place = place, .source = far, .value = id });
	else
		(void)reading_link(inner, pair->other,
		    &(struct link){ .place = place, .source = n->outer->change });
}

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

/* A new row of the join table, to the row below or its id. own: its own columns; NULL: none are
 * given, and then it may be there already. */
static void
read_join(struct nesting *n, struct nested *nested, struct json_object *const *own,
    const struct jsonpointer *at)
{
	const struct relation *relation = n->relation;
	struct jsonpointer where = jsonpointer_member(at, own_columns);
	struct change *join = begin_row(n, ACTION_CREATE, relation->through, at);
	struct reading inner = inner_reading(n, join, own != NULL ? &where : at);
	const struct link far = {
		.place = join->place,
		.source = nested->row,
		.value = nested->id,
	};

	nested->join = join;
	tie(n, &inner, NULL, NULL, join->place);
	(void)reading_link(&inner, relation->far_pairs[0].own, &far);
	if (own != NULL) {
		reading_object(&inner, *own);
		return;
	}
	reading_nothing(&inner);
	if (nested->row == NULL)
		join->pair = pair_key(relation);
}

/* --- which row ----------------------------------------------------------------------------- */

static bool
is_named_before(const struct nesting *n, const struct value *id)
{
	for (const struct nested *o = n->outer->change->nested; o != NULL; o = o->next)
		if (o->relation == n->relation && o->id != NULL &&
		    strcmp(o->id->bytes, id->bytes) == 0)
			return true;
	return false;
}

/* The id under its name, if there is nothing else but _link where that is read; else NULL. */
static struct json_object *
find_key(const struct nesting *n, struct json_object *json, bool linked)
{
	struct json_object *id, *own;
	size_t members = 1;

	if (jsonread_kind(json) != JSONREAD_OBJECT ||
	    !jsonread_find(json, n->relation->target->id->json, &id))
		return NULL;
	if (linked && n->relation->kind == RELATION_THROUGH &&
	    jsonread_find(json, own_columns, &own))
		members++;
	return jsonread_count(json) == members ? id : NULL;
}

/* {"id": "..."}, and _link where that is read; NULL and a fault. */
static const struct value *
read_which(struct nesting *n, struct json_object *json, const struct jsonpointer *at, bool linked)
{
	const struct column *key = n->relation->target->id;
	const char *place = jsonpointer_text(at, arena_of(n));
	struct jsonpointer here = jsonpointer_member(at, key->json);
	struct json_object *given = find_key(n, json, linked);
	const struct value *id;

	if (given == NULL) {
		problem_fault(n->outer->problem, place, "type", "name a row of %s: {\"%s\": ...}",
		    n->relation->target->name, key->json);
		return NULL;
	}
	id = value_from_json(key, given, &here, arena_of(n), n->outer->problem);
	if (id == NULL || !is_named_before(n, id))
		return id;
	problem_fault(n->outer->problem, place, "conflict", "the same row is named twice");
	return NULL;
}

/* --- operations ---------------------------------------------------------------------------- */

static void
read_create(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	const struct relation *relation = n->relation;
	struct change *row = begin_row(n, ACTION_CREATE, relation->target, at);
	struct reading inner = inner_reading(n, row, at);
	struct nested *nested = add_operation(n, NULL);
	struct json_object *own = NULL;
	bool linked = relation->kind == RELATION_THROUGH &&
	    jsonread_kind(json) == JSONREAD_OBJECT && jsonread_find(json, own_columns, &own);

	nested->row = row;
	if (relation->kind == RELATION_THROUGH)
		inner.aside = own_columns;
	else
		tie(n, &inner, row, NULL, row->place);
	if (relation->kind == RELATION_ONE)
		row->behind = NULL; /* the other way round, by the link */
	reading_object(&inner, json);
	if (relation->kind == RELATION_THROUGH)
		read_join(n, nested, linked ? &own : NULL, at);
}

static void
read_connect(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	const struct relation *relation = n->relation;
	const struct value *id = read_which(n, json, at, true);
	struct json_object *own;
	struct nested *nested;
	struct reading inner;

	if (id == NULL)
		return;
	nested = add_operation(n, id);
	switch (relation->kind) {
	case RELATION_ONE: tie(n, NULL, NULL, id, jsonpointer_text(at, arena_of(n))); return;
	case RELATION_ONLY:
	case RELATION_MANY:
		nested->row = begin_row(n, ACTION_UPDATE, relation->target, at);
		nested->row->id = id;
		inner = inner_reading(n, nested->row, at);
		tie(n, &inner, NULL, NULL, nested->row->place);
		return;
	case RELATION_THROUGH:
		read_join(n, nested, jsonread_find(json, own_columns, &own) ? &own : NULL, at);
		return;
	case RELATION__MAX: break;
	}
	assert(0 && "a relation of no kind");
}

/* --- a relation's member ------------------------------------------------------------------- */

/* Whether an operation may stand under the row: a new one has nothing yet that could change. */
static bool
is_open(const struct nesting *n, const struct verb *verb)
{
	return verb->fresh || n->outer->change->action != ACTION_CREATE;
}

/* "create, connect", for messages. */
static const char *
open_verbs(const struct nesting *n)
{
	const char *words = "";

	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (is_open(n, &verbs[i]))
			words = arena_printf(arena_of(n), "%s%s%s", words,
			    words[0] != '\0' ? ", " : "", verbs[i].word);
	return words;
}

static const struct verb *
find_verb(const struct nesting *n, const char *word, const struct jsonpointer *at)
{
	size_t i = 0;

	while (i < COUNT_OF(verbs) && strcmp(verbs[i].word, word) != 0)
		i++;
	if (i < COUNT_OF(verbs) && is_open(n, &verbs[i]))
		return &verbs[i];
	problem_fault(n->outer->problem, jsonpointer_text(at, arena_of(n)),
	    i < COUNT_OF(verbs) ? "conflict" : "unknown", "use one of %s%s", open_verbs(n),
	    i < COUNT_OF(verbs) ? "; the row is new" : "");
	return NULL;
}

/* One operation more; the first that is too many is a fault. */
static bool
count_operation(struct nesting *n, const struct jsonpointer *at)
{
	if (n->outer->reader->operations++ < LIMIT_NESTED_OPERATIONS)
		return true;
	if (n->outer->reader->operations == LIMIT_NESTED_OPERATIONS + 1)
		problem_fault(n->outer->problem, jsonpointer_text(at, arena_of(n)), "limit",
		    "a body has at most %d operations under names of relations",
		    LIMIT_NESTED_OPERATIONS);
	return false;
}

/* {"create": {...}}, or a list where the relation has many rows. */
static void
read_verb(struct nesting *n, const struct verb *verb, struct json_object *json,
    const struct jsonpointer *at)
{
	const struct model *model = n->relation->target;

	n->verb = (enum nested_verb)(verb - verbs);
	if (model->tenancy != TENANCY_TENANT && !verb->aside) {
		problem_fault(n->outer->problem, jsonpointer_text(at, arena_of(n)), "shared",
		    "%s is read-only: all tenants share it", model->name);
		return;
	}
	if (jsonread_kind(json) != JSONREAD_ARRAY || !relation_is_many(n->relation)) {
		if (count_operation(n, at))
			verb->read(n, json, at);
		return;
	}
	for (size_t i = 0; i < document_length(json); i++) {
		struct jsonpointer here = jsonpointer_element(at, i);

		if (count_operation(n, &here))
			verb->read(n, document_element(json, i), &here);
	}
}

/* Whether the keys are ids, which is what a row is known by before it is read. */
static bool
is_by_id(const struct nesting *n)
{
	const struct relation *r = n->relation;

	if (r->pair_count != 1)
		return false;
	if (r->kind == RELATION_ONE)
		return r->pairs[0].other == r->target->id;
	return r->pairs[0].own == n->outer->change->model->id &&
	    (r->kind != RELATION_THROUGH ||
		(r->far_pair_count == 1 && r->far_pairs[0].other == r->target->id));
}

/* Whether the member can be read at all; else it is a fault. */
static bool
check_member(struct nesting *n, struct json_object *json, const struct jsonpointer *here)
{
	const char *place = jsonpointer_text(here, arena_of(n));
	struct problem *p = n->outer->problem;

	if (jsonread_kind(json) != JSONREAD_OBJECT || jsonread_count(json) == 0)
		return problem_fault(p, place, "type",
		    "an object is wanted, whose members are of %s", open_verbs(n));
	if (jsonread_count(json) > 1 && !relation_is_many(n->relation))
		return problem_fault(p, place, "conflict",
		    "there is one row of %s at most: one operation", n->relation->target->name);
	if (n->outer->depth == LIMIT_NESTED_DEPTH)
		return problem_fault(p, place, "limit", "at most %d relations stand in each other",
		    LIMIT_NESTED_DEPTH);
	if (!is_by_id(n))
		return problem_fault(p, place, "unsupported",
		    "the relation does not go by an id: write its columns instead");
	return true;
}

void
nested_read(struct reading *r, const struct relation *relation, struct json_object *json)
{
	struct nesting n = { r, relation, NESTED__MAX };
	struct jsonpointer here = jsonpointer_member(r->where, relation->json);
	struct jsonread_member member = { 0 };

	if (!check_member(&n, json, &here))
		return;
	while (jsonread_next(json, &member)) {
		struct jsonpointer at = jsonpointer_member(&here, member.key);
		const struct verb *verb = find_verb(&n, member.key, &at);

		if (verb != NULL)
			read_verb(&n, verb, member.value, &at);
	}
}
