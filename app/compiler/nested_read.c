/* SPDX-License-Identifier: BSD-2-Clause */
/* nested_read.c - operations under the name of a relation, one by one */
#include "compiler/nesting.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/change.h"
#include "compiler/change_read.h"
#include "compiler/reading.h"
#include "formats/document.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"

enum {
	ONE = 1, /* relations to one row, to many */
	MANY = 2,
};

static const struct verb {
	const char *word;
	nesting_fn *read;
	unsigned relations;
	bool fresh; /* under a row that is new, too */
	bool aside; /* leaves a row alone that is pointed to */
	bool whole; /* reads lists by itself */
} verbs[] = {
	[NESTED_DELETE] = { "delete", nesting_delete, ONE | MANY, false, false, false },
	[NESTED_DISCONNECT] = { "disconnect", nesting_disconnect, ONE | MANY, false, true, false },
	[NESTED_SET] = { "set", nesting_set, MANY, false, true, true },
	[NESTED_UPDATE] = { "update", nesting_update, ONE | MANY, false, false, false },
	[NESTED_UPSERT] = { "upsert", nesting_upsert, ONE | MANY, false, false, false },
	[NESTED_CONNECT] = { "connect", nesting_connect, ONE | MANY, true, true, false },
	[NESTED_CONNECT_OR_CREATE] = { "connectOrCreate", nesting_connect_or_create, ONE | MANY,
	    true, false, false },
	[NESTED_CREATE] = { "create", nesting_create, ONE | MANY, true, false, false },
};
static_assert(COUNT_OF(verbs) == NESTED__MAX, "a row per verb");

const char *
nested_word(enum nested_verb verb, const struct relation *relation, bool fresh)
{
	assert(verb < NESTED__MAX);
	if ((verbs[verb].relations & (relation_is_many(relation) ? MANY : ONE)) == 0 ||
	    (fresh && !verbs[verb].fresh) ||
	    (relation->target->tenancy != TENANCY_TENANT && !verbs[verb].aside))
		return NULL;
	return verbs[verb].word;
}

/* --- a relation's member ------------------------------------------------------------------- */

/* Whether an operation may stand under the row: a new one has nothing yet that could change. */
static bool
is_open(const struct nesting *n, const struct verb *verb)
{
	unsigned relation = relation_is_many(n->relation) ? MANY : ONE;

	return (verb->relations & relation) != 0 &&
	    (verb->fresh || n->outer->change->action != ACTION_CREATE);
}

/* "create, connect", for messages. */
static const char *
open_verbs(const struct nesting *n)
{
	const char *words = "";

	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (is_open(n, &verbs[i]))
			words = arena_printf(nesting_arena(n), "%s%s%s", words,
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
	problem_fault(n->outer->problem, jsonpointer_text(at, nesting_arena(n)), "unknown",
	    "use %s%s", open_verbs(n),
	    n->outer->change->action == ACTION_CREATE ? ": the row above is new" : "");
	return NULL;
}

/* One operation more; the first that is too many is a fault. */
static bool
count_operation(struct nesting *n, const struct jsonpointer *at)
{
	if (n->outer->reader->operations++ < LIMIT_NESTED_OPERATIONS)
		return true;
	if (n->outer->reader->operations == LIMIT_NESTED_OPERATIONS + 1)
		problem_fault(n->outer->problem, jsonpointer_text(at, nesting_arena(n)), "limit",
		    "a body has at most %d operations under names of relations",
		    LIMIT_NESTED_OPERATIONS);
	return false;
}

void
nesting_each(
    struct nesting *n, struct json_object *json, const struct jsonpointer *at, nesting_fn *read)
{
	if (jsonread_kind(json) != JSONREAD_ARRAY || !relation_is_many(n->relation)) {
		if (count_operation(n, at))
			read(n, json, at);
		return;
	}
	for (size_t i = 0; i < document_length(json); i++) {
		struct jsonpointer here = jsonpointer_element(at, i);

		if (count_operation(n, &here))
			read(n, document_element(json, i), &here);
	}
}

/* {"create": {...}} */
static void
read_verb(struct nesting *n, const struct verb *verb, struct json_object *json,
    const struct jsonpointer *at)
{
	const struct model *model = n->relation->target;

	n->verb = (enum nested_verb)(verb - verbs);
	if (model->tenancy != TENANCY_TENANT && !verb->aside)
		problem_fault(n->outer->problem, jsonpointer_text(at, nesting_arena(n)), "shared",
		    "%s is read-only: all tenants share it", model->name);
	else if (verb->whole)
		verb->read(n, json, at);
	else
		nesting_each(n, json, at, verb->read);
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
	const char *place = jsonpointer_text(here, nesting_arena(n));
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
