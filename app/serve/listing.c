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
#include "base/text.h"
#include "compiler/order.h"
#include "compiler/query.h"
#include "database/sqltext.h"
#include "serve/request.h"

struct reading {
	struct listing *listing;
	struct problem *problem;
	unsigned sort_keys; /* seen so far, for their pointers */
	bool page_seen, limit_seen, sort_ok;
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
	read_number(r, "limit", value, r->listing->query->model->max_limit, &r->listing->limit);
}

static void
read_sort(struct reading *r, const char *value)
{
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/query/sortBy/%u", r->sort_keys++);
	/* A fault is in the problem then, and later parameters are read all the same. */
	r->sort_ok &= order_add(r->listing->query, value, pointer, r->problem);
}

static const struct {
	const char *name;
	void (*read)(struct reading *, const char *value);
} parameters[] = {
	{ "page", read_page },
	{ "limit", read_limit },
	{ "sortBy", read_sort },
};

static void
read_parameter(struct reading *r, const struct uri_parameter *parameter, struct arena *arena)
{
	struct text names;

	text_init(&names, arena, 1024);
	for (size_t i = 0; i < COUNT_OF(parameters); i++) {
		if (strcmp(parameters[i].name, parameter->name) == 0) {
			parameters[i].read(r, parameter->value);
			return;
		}
		text_printf(&names, "%s%s", i > 0 ? ", " : "", parameters[i].name);
	}
	problem_fault(r->problem, arena_printf(arena, "/query/%s", parameter->name), "unknown",
	    "there is no parameter \"%s\" here; known are %s", parameter->name, names.bytes);
}

bool
listing_read(
    struct listing *listing, struct request *request, struct query *query, struct problem *p)
{
	struct reading reading = { .listing = listing, .problem = p, .sort_ok = true };

	listing->query = query;
	listing->page = 1;
	listing->limit = query->model->default_limit;
	for (size_t i = 0; i < request->uri.parameter_count; i++)
		read_parameter(&reading, &request->uri.parameters[i], request->arena);
	if (!reading.sort_ok || problem_raised(p))
		return false;
	order_finish(query);
	query->limit = value_int(request->arena, listing->limit);
	query->offset = value_int(request->arena, (listing->page - 1) * listing->limit);
	return true;
}
