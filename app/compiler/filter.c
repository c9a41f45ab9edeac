/* SPDX-License-Identifier: BSD-2-Clause */
/* filter.c - from the name of a parameter to a place in the tree of conditions */
#include "compiler/filter.h"

#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/comparison.h"
#include "compiler/query.h"
#include "compiler/values.h"
#include "database/sqltext.h"

/* A condition on its way into the tree. */
struct adding {
	struct query *query;     /* whose rows the rest of the path is about */
	struct predicate *group; /* where the condition goes */
	const char *name;        /* the whole name, behind its groups and "filter." */
	const char *value;
	const char *pointer;
	struct arena *arena;
	struct problem *problem;
};

static const char filter_prefix[] = "filter.";

static const struct {
	const char *prefix;
	enum predicate_kind kind;
} groups[] = {
	{ "or.", PREDICATE_ANY },
	{ "and.", PREDICATE_ALL },
	{ "not.", PREDICATE_NOT },
};

static const struct {
	const char *word;
	enum predicate_kind kind;
	enum predicate_kind asked; /* how the nested query joins its conditions */
} quantifiers[] = {
	{ "$some", PREDICATE_EXISTS, PREDICATE_ALL },
	{ "$none", PREDICATE_EXISTS_NOT, PREDICATE_ALL },
	{ "$every", PREDICATE_EXISTS_NOT, PREDICATE_NOT }, /* there is none that is not so */
};

static bool
begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
filter_is(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		if (begins_with(name, groups[i].prefix))
			return true;
	return begins_with(name, filter_prefix);
}

/* The first segment of a path; *rest is what stands behind its dot, or NULL. */
static const char *
first_segment(const char *path, const char **rest, struct arena *arena)
{
	*rest = path;
	return text_piece(rest, '.', arena);
}

/* --- columns ---------------------------------------------------------------------------------- */

/* The keys behind a jsonb column as an array of texts. */
static const struct value *
read_path(const struct adding *a, const char *keys)
{
	const char *list[LIMIT_JSON_DEPTH];
	size_t count = 0;

	while (keys != NULL) {
		if (count == LIMIT_JSON_DEPTH || keys[0] == '\0' || keys[0] == '.') {
			problem_fault(a->problem, a->pointer, "path",
			    "a path in json has 1 to %d keys, none of which is empty",
			    LIMIT_JSON_DEPTH);
			return NULL;
		}
		list[count++] = first_segment(keys, &keys, a->arena);
	}
	return value_array(a->arena, column_text.array_type, list, count);
}

static bool
add_column(const struct adding *a, const struct column *column, const char *rest)
{
	struct comparand of = { column, a->name, column->operators };
	struct predicate *predicate;

	if (column->operators == 0)
		return problem_fault(a->problem, a->pointer, "not_filterable",
		    "column \"%s\" is not filterable; filterable columns: %s", column->json,
		    model_filterable(a->query->model, a->arena));
	if (rest != NULL && column->kind != KIND_JSON)
		return problem_fault(a->problem, a->pointer, "path",
		    "\"%s\" is neither a relation nor json: nothing is behind it", column->json);
	predicate = predicate_add(a->group, PREDICATE_COMPARE, a->arena);
	predicate->column = column;
	if (column->kind == KIND_JSON && (predicate->path = read_path(a, rest)) == NULL)
		return false;
	return comparison_read(predicate, &of, a->value, a->pointer, a->arena, a->problem);
}

/* --- relations -------------------------------------------------------------------------------- */

static bool add_path(const struct adding *, const char *path);

/* The condition of the group that is about the same row, so that two of them may be about one; an
 * OR has none, each of its members stands alone. */
static struct predicate *
find_test(const struct adding *a, const struct relation *relation, const char *quantifier)
{
	if (a->group->kind == PREDICATE_ANY)
		return NULL;
	for (struct predicate *m = a->group->members; m != NULL; m = m->next)
		if (m->name == quantifier && m->nested != NULL && m->nested->relation == relation)
			return m;
	return NULL;
}

/* quantifier: a word of our own or NULL, to be compared by its address. */
static struct predicate *
add_test(const struct adding *a, const struct relation *relation, const char *quantifier,
    enum predicate_kind kind)
{
	struct query *nested = query_nest(a->query, SHAPE_TEST, relation, a->pointer, a->problem);
	struct predicate *test;

	if (nested == NULL)
		return NULL;
	test = predicate_add(a->group, kind, a->arena);
	test->name = quantifier;
	test->nested = nested;
	return test;
}

static bool
add_within(const struct adding *a, struct query *nested, const char *path)
{
	struct adding within = *a;

	within.query = nested;
	within.group = &nested->asked;
	return add_path(&within, path);
}

/* Whether there is a related row at all. */
static bool
add_presence(const struct adding *a, const struct relation *relation)
{
	bool absent = strcmp(a->value, operator_word(OPERATOR_NULL)) == 0;

	if (!absent && strcmp(a->value, operator_word(OPERATOR_NOT_NULL)) != 0)
		return problem_fault(a->problem, a->pointer, "operator",
		    "\"%s\" is a relation; compare a column of it (%s.id), or ask $null or "
		    "$not:null",
		    relation->json, relation->json);
	return add_test(a, relation, operator_word(OPERATOR_NULL),
		   absent ? PREDICATE_EXISTS_NOT : PREDICATE_EXISTS) != NULL;
}

static bool
add_to_one(const struct adding *a, const struct relation *relation, const char *rest)
{
	struct predicate *test;

	if (rest == NULL)
		return add_presence(a, relation);
	test = find_test(a, relation, NULL);
	if (test == NULL)
		test = add_test(a, relation, NULL, PREDICATE_EXISTS);
	return test != NULL && add_within(a, test->nested, rest);
}

static bool
add_count(const struct adding *a, const struct relation *relation)
{
	struct comparand of = { &column_count, a->name, column_count.operators };
	struct query *nested = query_nest(a->query, SHAPE_COUNT, relation, a->pointer, a->problem);
	struct predicate *predicate;

	if (nested == NULL)
		return false;
	predicate = predicate_add(a->group, PREDICATE_COMPARE, a->arena);
	predicate->subject = SUBJECT_COUNT;
	predicate->nested = nested;
	predicate->name = column_count.json; /* not a test that others may join */
	return comparison_read(predicate, &of, a->value, a->pointer, a->arena, a->problem);
}

static bool
add_to_many(const struct adding *a, const struct relation *relation, const char *rest)
{
	const char *word = rest == NULL ? "" : first_segment(rest, &rest, a->arena);
	struct predicate *test;

	if (rest == NULL && strcmp(word, column_count.json) == 0)
		return add_count(a, relation);
	for (size_t i = 0; i < COUNT_OF(quantifiers); i++) {
		if (rest == NULL || strcmp(quantifiers[i].word, word) != 0)
			continue;
		test = find_test(a, relation, quantifiers[i].word);
		if (test == NULL)
			test = add_test(a, relation, quantifiers[i].word, quantifiers[i].kind);
		if (test == NULL)
			return false;
		test->nested->asked.kind = quantifiers[i].asked;
		return add_within(a, test->nested, rest);
	}
	return problem_fault(a->problem, a->pointer, "quantifier",
	    "\"%s\" is a relation to many rows; say %s.$some.COLUMN, %s.$every.COLUMN, "
	    "%s.$none.COLUMN or %s._count",
	    relation->json, relation->json, relation->json, relation->json, relation->json);
}

static bool
add_path(const struct adding *a, const char *path)
{
	const char *rest;
	const char *name = first_segment(path, &rest, a->arena);
	const struct column *column = model_column(a->query->model, name);
	const struct relation *relation = model_relation(a->query->model, name);

	if (column != NULL)
		return add_column(a, column, rest);
	if (relation == NULL)
		return problem_fault(a->problem, a->pointer, "not_filterable",
		    "column \"%s\" is not filterable; filterable columns: %s; relations: %s",
		    text_shortened(name, a->arena), model_filterable(a->query->model, a->arena),
		    model_relations(a->query->model, a->arena));
	return relation_is_many(relation) ? add_to_many(a, relation, rest)
					  : add_to_one(a, relation, rest);
}

/* --- groups ----------------------------------------------------------------------------------- */

static struct predicate *
find_group(struct predicate *within, enum predicate_kind kind, const char *name)
{
	for (struct predicate *m = within->members; m != NULL; m = m->next)
		if (m->kind == kind && m->nested == NULL && m->name != NULL &&
		    strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

/* Enter the groups in front of "filter.", those that are not there yet being made. *name is left
 * behind them. */
static bool
enter_groups(struct adding *a)
{
	for (unsigned depth = 0; !begins_with(a->name, filter_prefix); depth++) {
		size_t i = 0;
		const char *rest, *group;
		struct predicate *found;

		while (i < COUNT_OF(groups) && !begins_with(a->name, groups[i].prefix))
			i++;
		if (i == COUNT_OF(groups) || depth == LIMIT_FILTER_GROUPS)
			return problem_fault(a->problem, a->pointer, "group",
			    "at most %d groups stand before \"filter.\": or.G.filter.COLUMN, "
			    "not.G.filter.COLUMN, or.G.and.H.filter.COLUMN",
			    LIMIT_FILTER_GROUPS);
		group = first_segment(a->name + strlen(groups[i].prefix), &rest, a->arena);
		if (group[0] == '\0' || rest == NULL)
			return problem_fault(a->problem, a->pointer, "group",
			    "a group has a name and a condition: %sG.filter.COLUMN",
			    groups[i].prefix);
		found = find_group(a->group, groups[i].kind, group);
		if (found == NULL) {
			found = predicate_add(a->group, groups[i].kind, a->arena);
			found->name = group;
		}
		a->group = found;
		a->name = rest;
	}
	a->name += strlen(filter_prefix);
	return true;
}

bool
filter_add(struct query *query, const char *name, const char *value, const char *pointer,
    struct problem *p)
{
	struct adding adding = { query, &query->asked, name, value, pointer, query->arena, p };

	return enter_groups(&adding) && add_path(&adding, adding.name);
}
