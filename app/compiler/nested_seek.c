/* SPDX-License-Identifier: BSD-2-Clause */
/* nested_seek.c - reading what is there, and choosing what comes true
 *
 * At most two reads: which row it is, and of a join table which rows link it. */
#include "compiler/nested_seek.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/change_tree.h"
#include "compiler/nested.h"
#include "compiler/plan.h"
#include "compiler/query.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"

bool
nested_is_id(const struct nested *n, const char *id)
{
	if (n->id == NULL)
		return false;
	return n->relation->target->id->kind == KIND_UUID ? strcasecmp(n->id->bytes, id) == 0
							  : strcmp(n->id->bytes, id) == 0;
}

/* --- what must be known -------------------------------------------------------------------- */

/* Whether it must be read which row is meant, or whether there is one. */
static bool
is_row_sought(const struct nested *n)
{
	switch (n->verb) {
	case NESTED_CONNECT_OR_CREATE:
	case NESTED_UPSERT: return true;
	case NESTED_CONNECT:
	case NESTED_UPDATE:
	case NESTED_DELETE: return n->id == NULL;
	case NESTED_DISCONNECT: return n->id == NULL && n->relation->kind != RELATION_ONE;
	case NESTED_CREATE:
	case NESTED_SET:
	case NESTED__MAX: break;
	}
	return false;
}

/* Whether rows must be read that tie what is below to the row above. */
static bool
are_ties_sought(const struct nested *n)
{
	return n->verb == NESTED_SET ||
	    (n->verb == NESTED_DISCONNECT && n->relation->kind == RELATION_THROUGH);
}

bool
nested_is_sought(const struct nested *n)
{
	return is_row_sought(n) || are_ties_sought(n);
}

/* --- asking -------------------------------------------------------------------------------- */

static struct arena *
arena_of(const struct nested *n)
{
	return n->above->arena;
}

/* Who only points to a row keeps it from going, who changes it keeps others from changing it. */
static struct query *
begin_query(const struct nested *n, const struct model *model)
{
	bool points = n->verb == NESTED_CONNECT || n->verb == NESTED_CONNECT_OR_CREATE;
	struct query *query = query_new(arena_of(n), ACTION_READ, SHAPE_KEYS, model);

	query->keys[0] = model->id;
	if (model->tenancy == TENANCY_TENANT)
		query->locking = points ? LOCKING_POINT : LOCKING_CHANGE;
	return query;
}

/* By id, by a unique key, or by the foreign key between the two. */
static struct query *
row_query(const struct nested *n)
{
	const struct column_pair *pair = &n->relation->pairs[0];
	struct query *query;

	if (n->id == NULL && n->key.first == NULL && n->relation->kind == RELATION_ONE) {
		query = begin_query(n, n->above->model);
		query->keys[0] = pair->own;
		query_compare(query, n->above->model->id, OPERATOR_EQ, n->above->id);
		return query;
	}
	query = begin_query(n, n->relation->target);
	if (n->id != NULL)
		query_compare(query, n->relation->target->id, OPERATOR_EQ, n->id);
	for (const struct assignment *a = n->key.first; a != NULL; a = a->next)
		query_compare(query, a->column, OPERATOR_EQ, a->value);
	if (n->implied || (n->id == NULL && n->key.first == NULL))
		query_compare(query, pair->other, OPERATOR_EQ, n->above->id);
	return query;
}

/* All rows with a foreign key to the one above, or the one of the join table that links both. */
static struct query *
tie_query(const struct nested *n)
{
	const struct relation *r = n->relation;
	bool through = r->kind == RELATION_THROUGH;
	struct query *query = begin_query(n, through ? r->through : r->target);

	query->keys[1] = through ? r->far_pairs[0].own : r->target->id;
	query_compare(query, r->pairs[0].other, OPERATOR_EQ, n->above->id);
	if (n->verb == NESTED_DISCONNECT)
		query_compare(query, r->far_pairs[0].own, OPERATOR_EQ, n->id);
	return query;
}

static enum emission
ask(struct nested *n, struct query *query, const struct change_actor *actor, struct plan *plan,
    struct problem *p)
{
	n->statement = unit_count(plan->unit);
	if (compile_query(plan->unit, query, actor->who, actor->tenant, NULL, NULL, p))
		return EMISSION_HOLD;
	problem_locate(p, n->place, "forbidden");
	return EMISSION_FAILED;
}

/* --- choosing ------------------------------------------------------------------------------ */

static bool
refuse(const struct nested *n, struct problem *p)
{
	return problem_fault_as(p, PROBLEM_CONFLICT, n->place, "reference", "%s has no such row",
	    n->relation->target->name);
}

/* The row is there: what would make it is forgotten. */
static void
choose_row(struct nested *n)
{
	n->make = NULL;
	if (n->row != NULL)
		n->row->id = n->id;
	if (n->link == NULL)
		return;
	n->link->source = NULL;
	n->link->value = n->id;
	/* what the row above points to already */
	n->link->idle = n->verb == NESTED_UPSERT && n->relation->kind == RELATION_ONE;
}

/* There is none: it is made, or missed; to disconnect none is done already. */
static bool
choose_none(struct nested *n, struct problem *p)
{
	bool many = relation_is_many(n->relation);

	n->row = NULL;
	return n->make != NULL || (n->verb == NESTED_DISCONNECT && !many) || refuse(n, p);
}

static bool
take_row(struct nested *n, const struct plan *plan, struct problem *p)
{
	const struct result *rows = unit_result(plan->unit, n->statement);
	const char *id = result_rows(rows) > 0 ? result_value(rows, 0, 0, NULL) : NULL;

	if (id == NULL)
		return choose_none(n, p);
	n->id = value_typed(arena_of(n), n->relation->target->id->type, id);
	choose_row(n);
	return true;
}

/* The element of a set that is a row; NULL: it is not in the list. */
static struct nested *
element_of(const struct nested *set, const char *id)
{
	for (struct nested *o = set->above->nested; o != NULL; o = o->next)
		if (o->set == set && nested_is_id(o, id))
			return o;
	return NULL;
}

/* A row that ties goes, or loses its foreign key. */
static struct change *
tie_removed(struct nested *n, const char *id)
{
	const struct relation *r = n->relation;
	bool through = r->kind == RELATION_THROUGH;
	const struct model *model = through ? r->through : r->target;
	struct change *row =
	    change_new(arena_of(n), through ? ACTION_DELETE : ACTION_UPDATE, model);

	row->part_of = row->behind = n->above;
	row->place = row->named = n->place;
	row->id = value_typed(arena_of(n), model->id->type, id);
	if (!through)
		change_tie(row,
		    &(struct link){ .column = r->pairs[0].other,
			.place = n->place,
			.value = value_typed(arena_of(n), r->pairs[0].other->type, NULL) });
	return row;
}

static bool
take_ties(struct nested *n, const struct plan *plan, struct problem *p)
{
	const struct result *rows = unit_result(plan->unit, n->statement);
	size_t count = result_rows(rows);

	if (n->verb == NESTED_DISCONNECT && count == 0)
		return refuse(n, p);
	n->gone = arena_array(arena_of(n), count + 1, sizeof(struct change *));
	for (size_t i = 0; i < count; i++) {
		struct nested *element =
		    n->verb == NESTED_SET ? element_of(n, result_value(rows, i, 1, NULL)) : NULL;

		if (element != NULL)
			element->row = element->join = NULL; /* connected already */
		else
			n->gone[n->gone_count++] = tie_removed(n, result_value(rows, i, 0, NULL));
	}
	return true;
}

/* --- step by step -------------------------------------------------------------------------- */

enum emission
nested_settle(
    struct nested *n, const struct change_actor *actor, struct plan *plan, struct problem *p)
{
	switch (n->stage) {
	case NESTED_READ:
		if (is_row_sought(n)) {
			n->stage = NESTED_ROW_SOUGHT;
			return ask(n, row_query(n), actor, plan, p);
		}
		break;
	case NESTED_ROW_SOUGHT:
		if (!take_row(n, plan, p))
			return EMISSION_FAILED;
		break;
	case NESTED_TIES_SOUGHT:
		n->stage = NESTED_SETTLED;
		return take_ties(n, plan, p) ? EMISSION_DONE : EMISSION_FAILED;
	case NESTED_SETTLED: return EMISSION_DONE;
	}
	if (are_ties_sought(n)) {
		n->stage = NESTED_TIES_SOUGHT;
		return ask(n, tie_query(n), actor, plan, p);
	}
	n->stage = NESTED_SETTLED;
	return EMISSION_DONE;
}
