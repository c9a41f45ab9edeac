/* SPDX-License-Identifier: BSD-2-Clause */
/* paging.c - what a cursor is bound to, and what it turns into */
#include "serve/paging.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "base/text.h"
#include "compiler/query.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "serve/environment.h"
#include "serve/listing.h"
#include "serve/request.h"

/* Parameters that neither choose rows nor put them in order; sortBy is bound as what it came to.
 * Whatever is not named here is bound, so a filter that is added later cannot be forgotten. */
static const char *const unbound[] = { "page", "limit", "sortBy", "after", "before", "count",
	"include", "select" };

static bool
is_bound(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(unbound); i++)
		if (strcmp(unbound[i], name) == 0)
			return false;
	return true;
}

/* Every text ends in its NUL, so that two do not run together. */
static void
add(crypto_generichash_state *state, const char *text)
{
	crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static int
by_name_and_value(const void *a, const void *b)
{
	const struct uri_parameter *left = a, *right = b;
	int names = strcmp(left->name, right->name);

	return names != 0 ? names : strcmp(left->value, right->value);
}

/* Conditions are joined by AND: in which order they were written is the same list. */
static void
add_filters(crypto_generichash_state *state, const struct request *r)
{
	struct uri_parameter *bound = arena_array(r->arena, r->uri.parameter_count, sizeof(*bound));
	size_t count = 0;

	for (size_t i = 0; i < r->uri.parameter_count; i++)
		if (is_bound(r->uri.parameters[i].name))
			bound[count++] = r->uri.parameters[i];
	qsort(bound, count, sizeof(*bound), by_name_and_value);
	for (size_t i = 0; i < count; i++) {
		add(state, bound[i].name);
		add(state, bound[i].value);
	}
}

static void
bind_list(struct listing *l, const struct request *r)
{
	static const char *const nulls[] = {
		[NULLS_STANDARD] = "standard", [NULLS_FIRST] = "first", [NULLS_LAST] = "last"
	};
	const struct query *q = l->query;
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(l->binding));
	/* A shared model has the same rows for all; its cursors stay in their tenant as well. */
	add(&state, r->tenant != NULL ? r->tenant->id : "");
	add(&state, q->model->name);
	add(&state, nulls[q->model->nulls]);
	for (size_t i = 0; i < q->sort_count; i++) {
		add(&state, q->sort[i].column->name);
		add(&state, q->sort[i].descending ? "DESC" : "ASC");
	}
	add(&state, "");
	add_filters(&state, r);
	crypto_generichash_final(&state, l->binding, sizeof(l->binding));
}

static const char *
place_pointer(const struct listing *l)
{
	return l->paging == PAGING_AFTER ? "/query/after" : "/query/before";
}

static bool
find_position(struct listing *l, struct request *r, struct problem *p)
{
	struct query *q = l->query;
	const struct value **position =
	    arena_array(r->arena, q->sort_count, sizeof(struct value *));
	const char *const *values =
	    cursor_open(r->arena, r->environment->cursor_key, l->binding, l->cursor, q->sort_count);

	if (values == NULL)
		return problem_fault(p, place_pointer(l), "cursor",
		    "it is no cursor of this list: cursors hold for the model, order, filters and "
		    "tenant that they were made with");
	for (size_t i = 0; i < q->sort_count; i++)
		position[i] = value_typed(r->arena, q->sort[i].column->type, values[i]);
	q->position = position;
	return true;
}

/* A value of related rows is no range of an index, and changes under a walk; the first of rows that
 * are equal is not known before all were seen. */
static bool
refuse_unordered(const struct listing *l, struct problem *p)
{
	if (l->query->distinct_count > 0)
		return problem_fault(
		    p, place_pointer(l), "conflict", "lists with distinct= are read with page=");
	for (size_t i = 0; i < l->query->sort_count; i++)
		if (l->query->sort[i].related != NULL)
			return problem_fault(p, place_pointer(l), "conflict",
			    "lists sorted by \"%s\" are read with page=: a cursor knows columns of "
			    "%s only",
			    l->query->sort[i].name, l->query->model->name);
	return true;
}

bool
paging_start(struct listing *l, struct request *r, struct problem *p)
{
	if (!refuse_unordered(l, p))
		return false;
	bind_list(l, r);
	l->query->shape = SHAPE_ROWS;
	l->query->backward = l->paging == PAGING_BEFORE;
	l->query->limit = value_int(r->arena, l->limit + 1);
	return l->cursor[0] == '\0' || find_position(l, r, p);
}

const char *
paging_cursor(
    const struct listing *l, const struct request *r, const struct result *result, size_t row)
{
	const char *values[LIMIT_SORT_KEYS + 1];
	struct text cursor;

	/* The row itself is column 0. */
	for (size_t i = 0; i < l->query->sort_count; i++)
		values[i] = result_value(result, row, i + 1, NULL);
	text_init(&cursor, r->arena, LIMIT_ARENA_BYTES / 4);
	cursor_seal(&cursor, r->environment->cursor_key, l->binding, values, l->query->sort_count);
	return cursor.bytes;
}
