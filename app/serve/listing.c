/* SPDX-License-Identifier: BSD-2-Clause */
/* listing.c - reading page parameters */
#include "serve/listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/text.h"
#include "compiler/aggregate.h"
#include "compiler/filter.h"
#include "compiler/include.h"
#include "compiler/order.h"
#include "compiler/query.h"
#include "compiler/search.h"
#include "compiler/select.h"
#include "database/sqltext.h"
#include "serve/paging.h"
#include "serve/preferences.h"
#include "serve/request.h"

struct reading {
	struct listing *listing; /* NULL: for one row */
	struct query *query;
	struct problem *problem;
	unsigned sort_keys; /* seen so far, for their pointers */
	bool page_seen, limit_seen, place_seen, count_seen, search_seen, deleted_seen;
	bool filter_seen;
	bool ok; /* no fault so far; later parameters are read all the same */
};

/* A whole number within bounds, or a fault that says so. */
static void
read_number(struct reading *r, const char *name, const char *text, long max, long *out)
{
	char pointer[64];
	char *end;
	long n;

	snprintf(pointer, sizeof(pointer), "/query/%s", name);
	errno = 0;
	n = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0')
		problem_fault(
		    r->problem, pointer, "type", "%s takes a whole number, not \"%s\"", name, text);
	else if (errno != 0 || n < 1 || n > max)
		problem_fault(r->problem, pointer, "range", "%s lies between 1 and %ld", name, max);
	else
		*out = n;
}

static void
once(struct reading *r, const char *pointer, bool *seen)
{
	if (*seen)
		problem_fault(r->problem, pointer, "duplicate", "the parameter was sent twice");
	*seen = true;
}

static void
read_page(struct reading *r, const char *value)
{
	once(r, "/query/page", &r->page_seen);
	read_number(r, "page", value, LIMIT_PAGE, &r->listing->page);
}

static void
read_limit(struct reading *r, const char *value)
{
	once(r, "/query/limit", &r->limit_seen);
	read_number(r, "limit", value, r->query->model->max_limit, &r->listing->limit);
}

static void
read_sort(struct reading *r, const char *value)
{
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/query/sortBy/%u", r->sort_keys++);
	r->ok &= r->query->grouping != NULL ? aggregate_sort(r->query, value, pointer, r->problem)
					    : order_add(r->query, value, pointer, r->problem);
}

static void
read_place(struct reading *r, enum paging paging, const char *pointer, const char *value)
{
	if (r->place_seen && r->listing->paging != paging)
		problem_fault(
		    r->problem, pointer, "conflict", "after= and before= do not go together");
	else
		once(r, pointer, &r->place_seen);
	r->place_seen = true;
	r->listing->paging = paging;
	r->listing->cursor = value;
}

static void
read_after(struct reading *r, const char *value)
{
	read_place(r, PAGING_AFTER, "/query/after", value);
}

static void
read_before(struct reading *r, const char *value)
{
	read_place(r, PAGING_BEFORE, "/query/before", value);
}

static void
read_count(struct reading *r, const char *value)
{
	once(r, "/query/count", &r->count_seen);
	if (!counting_find(value, &r->listing->counting))
		problem_fault(r->problem, "/query/count", "value",
		    "count is exact, estimated or none, not \"%s\"", value);
}

static void
read_search(struct reading *r, const char *value)
{
	once(r, "/query/search", &r->search_seen);
	r->ok &= search_add(r->query, value, "/query/search", r->problem);
}

static void
read_include(struct reading *r, const char *value)
{
	r->ok &= include_add(r->query, value, "/query/include", r->problem);
}

static void
read_select(struct reading *r, const char *value)
{
	r->ok &= select_add(r->query, value, "/query/select", r->problem);
}

static void
read_distinct(struct reading *r, const char *value)
{
	r->ok &= order_add_distinct(r->query, value, "/query/distinct", r->problem);
}

/* "withDeleted" by itself, or with true or false. */
static void
read_deleted(struct reading *r, enum deleted deleted, const char *name, const char *value)
{
	const char *pointer = arena_printf(r->query->arena, "/query/%s", name);
	bool no = strcmp(value, "false") == 0;

	if (!no && value[0] != '\0' && strcmp(value, "true") != 0)
		problem_fault(r->problem, pointer, "type", "%s is true, or false", name);
	else if (!r->query->model->soft_delete)
		problem_fault(r->problem, pointer, "not_deletable", "%s keeps no deleted rows",
		    r->query->model->name);
	else if (r->deleted_seen)
		problem_fault(r->problem, pointer, "conflict",
		    "withDeleted or onlyDeleted is given once, and one of them");
	else if (!no)
		r->query->deleted = deleted;
	r->deleted_seen = true;
}

static void
read_with_deleted(struct reading *r, const char *value)
{
	read_deleted(r, DELETED_SHOWN, "withDeleted", value);
}

static void
read_only_deleted(struct reading *r, const char *value)
{
	read_deleted(r, DELETED_ONLY, "onlyDeleted", value);
}

/* Whether rows go for good: who deletes has read it already. */
static void
read_force(struct reading *r, const char *value)
{
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		problem_fault(r->problem, "/query/force", "type", "use true or false");
}

enum taker {
	OF_LISTS = 1,
	OF_ROWS = 2,
	OF_GROUPS = 4,
	OF_EXPORTS = 8,
	OF_CHANGES = 16,
	OF_DELETIONS = 32,
};

static const struct {
	const char *name;
	void (*read)(struct reading *, const char *value);
	unsigned takers; /* enum taker, joined */
} parameters[] = {
	{ "page", read_page, OF_LISTS | OF_GROUPS },
	{ "limit", read_limit, OF_LISTS | OF_GROUPS },
	{ "after", read_after, OF_LISTS },
	{ "before", read_before, OF_LISTS },
	{ "count", read_count, OF_LISTS },
	{ "sortBy", read_sort, OF_LISTS | OF_GROUPS | OF_EXPORTS },
	{ "search", read_search, OF_LISTS | OF_GROUPS | OF_EXPORTS | OF_CHANGES | OF_DELETIONS },
	{ "include", read_include, OF_LISTS | OF_ROWS | OF_EXPORTS },
	{ "select", read_select, OF_LISTS | OF_ROWS | OF_EXPORTS },
	{ "distinct", read_distinct, OF_LISTS | OF_EXPORTS },
	{ "withDeleted", read_with_deleted,
	    OF_LISTS | OF_ROWS | OF_GROUPS | OF_EXPORTS | OF_DELETIONS },
	{ "onlyDeleted", read_only_deleted,
	    OF_LISTS | OF_ROWS | OF_GROUPS | OF_EXPORTS | OF_DELETIONS },
	{ "force", read_force, OF_DELETIONS },
};

static void
refuse_parameter(struct reading *r, enum taker taker, const char *name, const char *pointer)
{
	struct text names;

	text_init(&names, r->query->arena, 1024);
	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if ((parameters[i].takers & taker) != 0)
			text_printf(&names, "%s%s", names.len > 0 ? ", " : "", parameters[i].name);
	if (taker != OF_ROWS)
		text_literal(&names, ", filter.COLUMN");
	if (taker == OF_GROUPS)
		text_literal(&names, ", count, sum, avg, min, max, groupBy, having.VALUE");
	problem_fault(r->problem, pointer, "unknown",
	    "there is no parameter \"%s\" here; known are %s", name, names.bytes);
}

static void
read_parameter(struct reading *r, enum taker taker, const struct uri_parameter *parameter)
{
	struct arena *arena = r->query->arena;
	const char *name = text_shortened(parameter->name, arena);
	const char *pointer = arena_printf(arena, "/query/%s", name);

	if (taker != OF_ROWS && filter_is(parameter->name)) {
		r->filter_seen = true;
		r->ok &=
		    filter_add(r->query, parameter->name, parameter->value, pointer, r->problem);
		return;
	}
	if (taker == OF_GROUPS && aggregate_is(parameter->name)) {
		r->ok &=
		    aggregate_add(r->query, parameter->name, parameter->value, pointer, r->problem);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if (strcmp(parameters[i].name, parameter->name) == 0 &&
		    (parameters[i].takers & taker) != 0) {
			parameters[i].read(r, parameter->value);
			return;
		}
	refuse_parameter(r, taker, name, pointer);
}

/* All parameters, and what follows from all of them. */
static bool
read_all(struct reading *r, enum taker taker, const struct request *request)
{
	for (size_t i = 0; i < request->uri.parameter_count; i++)
		read_parameter(r, taker, &request->uri.parameters[i]);
	if (r->place_seen && r->page_seen)
		problem_fault(r->problem, "/query/page", "conflict",
		    "page= counts from the start, after= and before= from a row: give one of them");
	if (!r->ok || problem_raised(r->problem))
		return false;
	include_finish(r->query);
	return true;
}

/* What the Prefer header says, where the query says nothing; else each way has its own. */
static bool
prefer_count(struct listing *l, const struct request *request, struct problem *p)
{
	struct preferences prefer;

	if (!preferences_read(&prefer, request, p))
		return false;
	l->counting = l->paging == PAGING_PAGE ? COUNTING_EXACT : COUNTING_NONE;
	if ((l->preferred = prefer.count) != NULL)
		l->counting = prefer.counting;
	return true;
}

static void
begin(struct reading *r, const struct request *request)
{
	r->ok = true;
	query_bound(
	    r->query, request->settings->max_include_depth, request->settings->max_includes);
	if (r->listing == NULL)
		return;
	memset(r->listing, 0, sizeof(*r->listing));
	r->listing->query = r->query;
	r->listing->page = 1;
	r->listing->limit = r->query->model->default_limit;
}

static void
set_range(const struct listing *listing)
{
	struct query *query = listing->query;

	query->limit = value_int(query->arena, listing->limit);
	query->offset = value_int(query->arena, (listing->page - 1) * listing->limit);
}

bool
listing_read(
    struct listing *listing, struct request *request, struct query *query, struct problem *p)
{
	struct reading reading = { .listing = listing, .query = query, .problem = p };

	begin(&reading, request);
	if (!read_all(&reading, OF_LISTS, request))
		return false;
	if (!reading.count_seen && !prefer_count(listing, request, p))
		return false;
	order_finish(query);
	query->counting = listing->counting;
	if (listing->paging != PAGING_PAGE)
		return paging_start(listing, request, p);
	set_range(listing);
	/* The total is not known: one row more tells whether there is another page. */
	if (listing->counting != COUNTING_EXACT) {
		query->shape = SHAPE_ROWS;
		query->limit = value_int(request->arena, listing->limit + 1);
	}
	return true;
}

bool
listing_read_row(struct request *request, struct query *query, struct problem *p)
{
	struct reading reading = { .query = query, .problem = p };

	begin(&reading, request);
	return read_all(&reading, OF_ROWS, request);
}

/* The groups have to be known before they are sorted. */
static void
read_groups(struct reading *r, const struct request *request)
{
	for (int sorts = 0; sorts <= 1; sorts++)
		for (size_t i = 0; i < request->uri.parameter_count; i++) {
			const struct uri_parameter *parameter = &request->uri.parameters[i];

			if ((strcmp(parameter->name, "sortBy") == 0) == (sorts == 1))
				read_parameter(r, OF_GROUPS, parameter);
		}
}

bool
listing_read_groups(
    struct listing *listing, struct request *request, struct query *query, struct problem *p)
{
	struct reading reading = { .listing = listing, .query = query, .problem = p };

	begin(&reading, request);
	aggregate_begin(query);
	read_groups(&reading, request);
	if (!reading.ok || problem_raised(p) || !aggregate_finish(query, p))
		return false;
	if (query->shape == SHAPE_TOTALS && (reading.page_seen || reading.limit_seen))
		return problem_fault(p, "/query/groupBy", "missing",
		    "page and limit are about groups: say groupBy=");
	set_range(listing);
	return true;
}

bool
listing_read_export(struct request *request, struct query *query, struct problem *p)
{
	struct reading reading = { .query = query, .problem = p };

	begin(&reading, request);
	if (!read_all(&reading, OF_EXPORTS, request))
		return false;
	order_finish(query);
	return true;
}

bool
listing_read_targets(struct request *request, struct query *query, struct problem *p)
{
	struct reading reading = { .query = query, .problem = p };
	bool changes = query->locking == LOCKING_CHANGE, ok;

	begin(&reading, request);
	ok = read_all(&reading, changes ? OF_CHANGES : OF_DELETIONS, request);
	if (!reading.filter_seen)
		return problem_fault(p, "/query/filter", "required",
		    "say which rows: filter.COLUMN=..., for all of them filter.id=$not:null");
	return ok;
}
