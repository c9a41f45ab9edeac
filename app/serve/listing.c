/* SPDX-License-Identifier: BSD-2-Clause */
/* listing.c - reading page parameters, writing the envelope */
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
#include "database/pg.h"
#include "database/sqltext.h"
#include "formats/jsontext.h"
#include "serve/request.h"
#include "serve/response.h"

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

/* The path with page, limit and the client's own sortBy (P21). */
static const char *
link_to(const struct listing *l, const struct request *request, long page)
{
	struct text link;

	text_init(&link, request->arena, (size_t)4 * LIMIT_URI_BYTES);
	text_printf(&link, "%s?page=%ld&limit=%ld", request->uri.path, page, l->limit);
	for (size_t i = 0; i < request->uri.parameter_count; i++) {
		if (strcmp(request->uri.parameters[i].name, "sortBy") != 0)
			continue;
		text_literal(&link, "&sortBy=");
		uri_put_form(&link, request->uri.parameters[i].value);
	}
	return link.bytes;
}

static void
put_link(struct jsontext *j, const char *key, const struct listing *l,
    const struct request *request, long page)
{
	jsontext_key(j, key);
	jsontext_string(j, page == 0 ? NULL : link_to(l, request, page));
}

/* The effective order without the tie-breaker that nobody asked for. */
static void
put_sort(struct jsontext *j, const struct query *query)
{
	size_t count = query->sort_count;

	jsontext_key(j, "sortBy");
	jsontext_begin_array(j);
	for (size_t i = 0; i < count; i++) {
		if (i == count - 1 && query->tie_breaker)
			break;
		jsontext_begin_array(j);
		jsontext_string(j, query->sort[i].column->json);
		jsontext_string(j, query->sort[i].descending ? "DESC" : "ASC");
		jsontext_end_array(j);
	}
	jsontext_end_array(j);
}

void
listing_respond(const struct listing *l, const struct request *request, const struct result *result,
    struct response *response)
{
	long total = strtol(result_value(result, 0, 0, NULL), NULL, 10);
	long pages = total == 0 ? 1 : (total - 1) / l->limit + 1;
	struct jsontext j;
	size_t len;
	const char *rows = result_value(result, 0, 1, &len);

	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "data");
	jsontext_raw(&j, rows, len);
	jsontext_key(&j, "meta");
	jsontext_begin_object(&j);
	jsontext_key(&j, "itemsPerPage");
	jsontext_int(&j, l->limit);
	jsontext_key(&j, "totalItems");
	jsontext_int(&j, total);
	jsontext_key(&j, "currentPage");
	jsontext_int(&j, l->page);
	jsontext_key(&j, "totalPages");
	jsontext_int(&j, pages);
	put_sort(&j, l->query);
	jsontext_end_object(&j);
	jsontext_key(&j, "links");
	jsontext_begin_object(&j);
	put_link(&j, "first", l, request, 1);
	put_link(&j, "previous", l, request, l->page - 1);
	put_link(&j, "current", l, request, l->page);
	put_link(&j, "next", l, request, l->page < pages ? l->page + 1 : 0);
	put_link(&j, "last", l, request, pages);
	jsontext_end_object(&j);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 200);
}
