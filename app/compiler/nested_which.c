/* SPDX-License-Identifier: BSD-2-Clause */
/* nested_which.c - by which values a body names a row */
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/nested_seek.h"
#include "compiler/nesting.h"
#include "compiler/reading.h"
#include "compiler/values.h"
#include "database/sqltext.h"
#include "formats/jsonread.h"

struct arena *
nesting_arena(const struct nesting *n)
{
	return n->outer->change->arena;
}

bool
nesting_fault(
    const struct nesting *n, const struct jsonpointer *at, const char *code, const char *detail)
{
	return problem_fault(
	    n->outer->problem, jsonpointer_text(at, nesting_arena(n)), code, "%s", detail);
}

struct nested *
nesting_add(struct nesting *n, const struct jsonpointer *at)
{
	struct nested **last = &n->outer->change->nested, *nested;

	while (*last != NULL)
		last = &(*last)->next;
	*last = nested = ARENA_NEW(nesting_arena(n), struct nested);
	nested->verb = n->verb;
	nested->relation = n->relation;
	nested->above = n->outer->change;
	nested->place = jsonpointer_text(at, nesting_arena(n));
	assignments_init(&nested->key);
	return nested;
}

/* --- unique keys --------------------------------------------------------------------------- */

/* The foreign key of children of a row that is there is known by where they stand. */
static bool
is_implied(const struct nesting *n, const struct column *column)
{
	return n->relation->kind == RELATION_MANY && column == n->relation->pairs[0].other &&
	    n->outer->change->action == ACTION_UPDATE;
}

/* Whether a row can be named by a key at all. */
static bool
is_usable(const struct unique_key *key)
{
	for (size_t i = 0; key->columns != NULL && i < key->column_count; i++)
		if (!column_is_visible(key->columns[i]))
			return false;
	return key->columns != NULL && key->column_count > 0;
}

/* How many members of the object are columns of the key; 0 when it lacks one that is needed. */
static size_t
match(const struct nesting *n, const struct unique_key *key, struct json_object *json)
{
	struct json_object *given;
	size_t count = 0;

	for (size_t i = 0; i < key->column_count; i++) {
		if (jsonread_find(json, key->columns[i]->json, &given))
			count++;
		else if (!is_implied(n, key->columns[i]))
			return 0;
	}
	return count;
}

/* The key whose columns are just the members. */
static const struct unique_key *
find_key(const struct nesting *n, struct json_object *json, size_t members)
{
	const struct model *model = n->relation->target;

	for (size_t i = 0; i < model->key_count; i++)
		if (is_usable(&model->keys[i]) && match(n, &model->keys[i], json) == members)
			return &model->keys[i];
	return NULL;
}

/* "id, slug": by what a row can be named. */
static const char *
usable_keys(const struct nesting *n)
{
	const struct model *model = n->relation->target;
	const char *words = model->id->json;

	for (size_t i = 0; i < model->key_count; i++) {
		const struct unique_key *key = &model->keys[i];
		const char *between = ", ";

		if (!is_usable(key) || (key->column_count == 1 && key->columns[0] == model->id))
			continue;
		for (size_t c = 0; c < key->column_count; c++) {
			if (is_implied(n, key->columns[c]))
				continue;
			words = arena_printf(
			    nesting_arena(n), "%s%s%s", words, between, key->columns[c]->json);
			between = " and ";
		}
	}
	return words;
}

/* --- which row ----------------------------------------------------------------------------- */

/* A value that names; there is no row that is named by none. */
static const struct value *
read_value(struct nesting *n, const struct column *column, struct json_object *json,
    const struct jsonpointer *at)
{
	struct jsonpointer here = jsonpointer_member(at, column->json);
	const struct value *value =
	    value_from_json(column, json, &here, nesting_arena(n), n->outer->problem);

	if (value != NULL && value->bytes == NULL) {
		nesting_fault(n, &here, "type", "null names no row");
		return NULL;
	}
	return value;
}

static bool
is_named_before(const struct nesting *n, const struct value *id)
{
	for (const struct nested *o = n->outer->change->nested; o != NULL; o = o->next)
		if (o->relation == n->relation && nested_is_id(o, id->bytes))
			return true;
	return false;
}

static struct nested *
by_id(struct nesting *n, struct json_object *json, const struct jsonpointer *at)
{
	const struct value *id = read_value(n, n->relation->target->id, json, at);
	struct nested *nested;

	if (id == NULL)
		return NULL;
	if (is_named_before(n, id)) {
		nesting_fault(n, at, "conflict", "the same row is named twice");
		return NULL;
	}
	nested = nesting_add(n, at);
	nested->id = id;
	return nested;
}

static struct nested *
by_key(struct nesting *n, const struct unique_key *key, struct json_object *json,
    const struct jsonpointer *at)
{
	struct nested *nested = nesting_add(n, at);
	struct json_object *given;
	bool ok = true;

	for (size_t i = 0; i < key->column_count; i++) {
		const struct value *value;

		if (!jsonread_find(json, key->columns[i]->json, &given)) {
			nested->implied = true;
			continue;
		}
		if ((value = read_value(n, key->columns[i], given, at)) != NULL)
			assignments_add(
			    &nested->key, nesting_arena(n), key->columns[i], ASSIGN_VALUE, value);
		ok = ok && value != NULL;
	}
	return ok ? nested : NULL;
}

struct nested *
nesting_which(
    struct nesting *n, struct json_object *json, const struct jsonpointer *at, bool linked)
{
	const struct column *id = n->relation->target->id;
	const struct unique_key *key;
	struct json_object *given;
	size_t members;

	if (jsonread_kind(json) != JSONREAD_OBJECT) {
		nesting_fault(n, at, "type", "an object that names a row is wanted");
		return NULL;
	}
	members = jsonread_count(json);
	if (linked && jsonread_find(json, NESTING_LINK, &given))
		members--;
	if (members == 1 && jsonread_find(json, id->json, &given))
		return by_id(n, given, at);
	if (members > 0 && (key = find_key(n, json, members)) != NULL)
		return by_key(n, key, json, at);
	problem_fault(n->outer->problem, jsonpointer_text(at, nesting_arena(n)), "type",
	    "name a row of %s by %s", n->relation->target->name, usable_keys(n));
	return NULL;
}

/* --- members ------------------------------------------------------------------------------- */

static bool
is_part(const struct nesting_part *parts, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(parts[i].name, name) == 0)
			return true;
	return false;
}

bool
nesting_parts(struct nesting *n, struct json_object *json, const struct jsonpointer *at,
    struct nesting_part *parts, size_t count)
{
	struct jsonread_member member = { 0 };
	bool ok = true;

	if (jsonread_kind(json) != JSONREAD_OBJECT)
		return nesting_fault(n, at, "type", "an object is wanted");
	for (size_t i = 0; i < count; i++) {
		parts[i].at = jsonpointer_member(at, parts[i].name);
		if (!jsonread_find(json, parts[i].name, &parts[i].value))
			ok = nesting_fault(n, &parts[i].at, "required", "it is missing");
	}
	while (jsonread_next(json, &member)) {
		struct jsonpointer here = jsonpointer_member(at, member.key);

		if (!is_part(parts, count, member.key))
			ok = nesting_fault(n, &here, "unknown", "there is no such member here");
	}
	return ok;
}
