/* SPDX-License-Identifier: BSD-2-Clause */
/* envelope.c - {data, meta, links} around the rows of a list */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/filter.h"
#include "compiler/query.h"
#include "database/pg.h"
#include "database/unit.h"
#include "formats/document.h"
#include "formats/jsontext.h"
#include "serve/etag.h"
#include "serve/listing.h"
#include "serve/paging.h"
#include "serve/request.h"
#include "serve/response.h"

/* Links to other pages, in the body (P20, P21) and in Link (RFC 8288); a NULL leads nowhere. */
struct links {
	const char *first, *previous, *current, *next, *last;
};

/* In a link the place comes first, then what orders, then what filters (P21). */
static int
rank(const char *name)
{
	static const char *const places[] = { "page", "limit", "after", "before" };

	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (strcmp(places[i], name) == 0)
			return -1;
	if (strcmp(name, "sortBy") == 0)
		return 0;
	if (strcmp(name, "search") == 0)
		return 1;
	return strncmp(name, "filter.", 7) == 0 ? 2 : 3;
}

/* The parameters of the request but those of its place. */
static void
put_parameters(struct text *link, const struct request *request)
{
	for (int wanted = 0; wanted <= 3; wanted++)
		for (size_t i = 0; i < request->uri.parameter_count; i++) {
			const struct uri_parameter *parameter = &request->uri.parameters[i];

			if (rank(parameter->name) != wanted)
				continue;
			text_byte(link, '&');
			uri_put_form(link, parameter->name);
			text_byte(link, '=');
			uri_put_form(link, parameter->value);
		}
}

/* text_init's limit: a cursor may be as long as the longest key, everything else came in a URI. */
/* False: what was asked in a body has no address. */
static bool
begin_link(struct text *link, const struct request *request)
{
	text_init(link, request->arena, LIMIT_ARENA_BYTES / 8);
	uri_put_path(link, request->uri.path);
	return !request->asked_in_body;
}

static const char *
link_to_page(const struct listing *l, const struct request *request, long page)
{
	struct text link;

	if (!begin_link(&link, request))
		return NULL;
	text_printf(&link, "?page=%ld&limit=%ld", page, l->limit);
	put_parameters(&link, request);
	return link.bytes;
}

static const char *
link_to_place(
    const struct listing *l, const struct request *request, enum paging paging, const char *cursor)
{
	struct text link;

	if (!begin_link(&link, request))
		return NULL;
	text_printf(&link, "?limit=%ld&%s=", l->limit, paging == PAGING_AFTER ? "after" : "before");
	text_string(&link, cursor);
	put_parameters(&link, request);
	return link.bytes;
}

static void
put_link(struct jsontext *j, const char *key, const char *link)
{
	jsontext_key(j, key);
	jsontext_string(j, link);
}

/* The same as a header, with the registered names of relations. Long ones are in the body only:
 * the web server takes no header of any length. */
static void
set_link_header(struct response *response, const struct links *links, struct arena *arena)
{
	const struct {
		const char *relation, *target;
	} rows[] = {
		{ "first", links->first },
		{ "prev", links->previous },
		{ "next", links->next },
		{ "last", links->last },
	};
	struct text header;

	text_init(&header, arena, LIMIT_LINK_BYTES);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].target != NULL)
			text_printf(&header, "%s<%s>; rel=\"%s\"", header.len > 0 ? ", " : "",
			    rows[i].target, rows[i].relation);
	if (!header.failed && header.len > 0)
		response_header(response, HTTP_HEADER_LINK, header.bytes);
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
		jsontext_string(j,
		    query->sort[i].name != NULL ? query->sort[i].name
						: query->sort[i].column->json);
		jsontext_string(j, query->sort[i].descending ? "DESC" : "ASC");
		jsontext_end_array(j);
	}
	jsontext_end_array(j);
}

static bool
is_first_of_name(const struct request *request, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(request->uri.parameters[k].name, request->uri.parameters[i].name) == 0)
			return false;
	return true;
}

/* The comparisons that came under the name of parameter i, joined by commas. */
static const char *
join_values(const struct request *request, size_t i)
{
	const struct uri_parameter *parameters = request->uri.parameters;
	struct text values;

	text_init(&values, request->arena, LIMIT_ARENA_BYTES / 8);
	text_string(&values, parameters[i].value);
	for (size_t k = i + 1; k < request->uri.parameter_count; k++)
		if (strcmp(parameters[k].name, parameters[i].name) == 0)
			text_printf(&values, ",%s", parameters[k].value);
	return values.bytes;
}

/* What was filtered by, as it was sent (P19): {"role": "$eq:ADMIN"}; groups under whole names. */
static void
put_filter(struct jsontext *j, const struct request *request)
{
	static const char prefix[] = "filter.";
	bool any = false;

	for (size_t i = 0; i < request->uri.parameter_count; i++) {
		const char *name = request->uri.parameters[i].name;

		if (!filter_is(name) || !is_first_of_name(request, i))
			continue;
		if (!any) {
			jsontext_key(j, "filter");
			jsontext_begin_object(j);
		}
		any = true;
		if (strncmp(name, prefix, strlen(prefix)) == 0)
			name += strlen(prefix);
		jsontext_key(j, name);
		jsontext_string(j, join_values(request, i));
	}
	if (any)
		jsontext_end_object(j);
}

static void
put_asked(struct jsontext *j, const struct listing *l, const struct request *request)
{
	put_sort(j, l->query);
	for (size_t i = 0; i < request->uri.parameter_count; i++)
		if (strcmp(request->uri.parameters[i].name, "search") == 0 &&
		    request->uri.parameters[i].value[0] != '\0') {
			jsontext_key(j, "search");
			jsontext_string(j, request->uri.parameters[i].value);
		}
	put_filter(j, request);
}

static void
put_int(struct jsontext *j, const char *key, long number)
{
	jsontext_key(j, key);
	jsontext_int(j, number);
}

static void
finish(struct jsontext *j, struct response *response, const struct links *links,
    const struct request *request)
{
	jsontext_end_object(j);
	jsontext_done(j);
	response_json(response, 200);
	set_link_header(response, links, request->arena);
	etag_body(response, request);
}

/* --- what is shown ---------------------------------------------------------------------------- */

/* The rows of SHAPE_ROWS in the order of the list: one more was asked for than is shown, which
 * tells whether there are more, and before= reads against the order. */
struct shown {
	const struct result *result;
	size_t count;
	bool backward;
	bool has_next, has_previous;
	const char *start, *end; /* cursors; NULL when nothing is shown, and with page= */
};

static size_t
row_at(const struct shown *s, size_t i)
{
	return s->backward ? s->count - 1 - i : i;
}

static void
find_shown(struct shown *s, const struct listing *l, const struct request *request,
    const struct result *result)
{
	size_t limit = (size_t)l->limit, found = result_rows(result);
	bool more = found > limit, came;

	memset(s, 0, sizeof(*s));
	s->result = result;
	s->count = more ? limit : found;
	s->backward = l->paging == PAGING_BEFORE;
	/* On the side that the request came from lies the row that its cursor was made of, or lay.
	 */
	came = l->paging == PAGING_PAGE ? l->page > 1 : l->cursor[0] != '\0';
	s->has_next = s->backward ? came : more;
	s->has_previous = s->backward ? more : came;
	if (s->count == 0 || l->paging == PAGING_PAGE)
		return;
	s->start = paging_cursor(l, request, result, row_at(s, 0));
	s->end = paging_cursor(l, request, result, row_at(s, s->count - 1));
}

static void
put_rows(struct jsontext *j, const struct shown *s)
{
	jsontext_key(j, "data");
	jsontext_begin_array(j);
	for (size_t i = 0; i < s->count; i++) {
		size_t len;
		const char *row = result_value(s->result, row_at(s, i), 0, &len);

		jsontext_raw(j, row, len);
	}
	jsontext_end_array(j);
}

static void
put_bool(struct jsontext *j, const char *key, bool value)
{
	jsontext_key(j, key);
	jsontext_bool(j, value);
}

static void
put_neighbours(struct jsontext *j, const struct shown *s)
{
	put_bool(j, "hasNextPage", s->has_next);
	put_bool(j, "hasPreviousPage", s->has_previous);
}

/* --- how many there are ----------------------------------------------------------------------- */

struct total {
	bool known, asked_estimate, is_estimate;
	long rows;
};

static long
first_number(const struct result *result)
{
	return strtol(result_value(result, 0, 0, NULL), NULL, 10);
}

/* "Plan Rows" of what EXPLAIN (FORMAT JSON) says. */
static long
planned_rows(const struct result *result, struct arena *arena)
{
	struct json_object *plans;
	struct problem p;
	size_t len;
	const char *json = result_value(result, 0, 0, &len);

	problem_init(&p, arena);
	plans = document_parse(arena, json, len, &p);
	assert(document_length(plans) == 1);
	return (long)document_int(
	    document_member(document_element(plans, 0), "Plan"), "Plan Rows", 0);
}

/* What was counted is never told as less than it is. */
static void
find_total(struct total *t, const struct listing *l, const struct unit *unit, struct arena *arena)
{
	long planned;

	memset(t, 0, sizeof(*t));
	t->known = l->counting != COUNTING_NONE;
	t->asked_estimate = l->counting == COUNTING_ESTIMATED;
	if (l->query->shape != SHAPE_ROWS)
		t->rows = first_number(unit_result(unit, 0));
	else if (t->known)
		t->rows = first_number(unit_result(unit, 1));
	if (!t->asked_estimate || t->rows <= LIMIT_COUNTED)
		return;
	t->is_estimate = true;
	planned = planned_rows(unit_result(unit, 2), arena);
	t->rows = planned > t->rows ? planned : t->rows;
}

static void
put_total(struct jsontext *j, const struct total *t)
{
	if (t->known)
		put_int(j, "totalItems", t->rows);
	if (t->asked_estimate)
		put_bool(j, "totalIsEstimate", t->is_estimate);
}

/* --- page= (P19) ------------------------------------------------------------------------------ */

static long
pages_of(const struct listing *l, const struct total *total)
{
	return total->rows == 0 ? 1 : (total->rows - 1) / l->limit + 1;
}

/* shown is NULL where the total is exact. */
static struct links
links_of_pages(const struct listing *l, const struct request *request, const struct total *total,
    const struct shown *shown)
{
	long pages = pages_of(l, total);
	bool more = shown != NULL ? shown->has_next : l->page < pages;

	return (struct links){
		.first = link_to_page(l, request, 1),
		.previous = l->page > 1 ? link_to_page(l, request, l->page - 1) : NULL,
		.current = link_to_page(l, request, l->page),
		.next = more ? link_to_page(l, request, l->page + 1) : NULL,
		.last =
		    total->known && !total->is_estimate ? link_to_page(l, request, pages) : NULL,
	};
}

static void
put_links_of_pages(struct jsontext *j, const struct links *links)
{
	jsontext_key(j, "links");
	jsontext_begin_object(j);
	put_link(j, "first", links->first);
	put_link(j, "previous", links->previous);
	put_link(j, "current", links->current);
	put_link(j, "next", links->next);
	put_link(j, "last", links->last);
	jsontext_end_object(j);
}

static void
put_meta_of_pages(struct jsontext *j, const struct listing *l, const struct total *total,
    const struct shown *shown, const struct request *request)
{
	jsontext_key(j, "meta");
	jsontext_begin_object(j);
	put_int(j, "itemsPerPage", l->limit);
	put_total(j, total);
	put_int(j, "currentPage", l->page);
	if (total->known)
		put_int(j, "totalPages", pages_of(l, total));
	if (shown != NULL)
		put_neighbours(j, shown);
	put_asked(j, l, request);
	jsontext_end_object(j);
}

static void
respond_page(const struct listing *l, const struct request *request, const struct unit *unit,
    struct response *response)
{
	const struct result *result = unit_result(unit, 0);
	const struct shown *rows = NULL;
	struct shown shown;
	struct total total;
	struct links links;
	struct jsontext j;
	size_t len;

	find_total(&total, l, unit, request->arena);
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	if (l->query->shape == SHAPE_ROWS) {
		find_shown(&shown, l, request, result);
		rows = &shown;
		put_rows(&j, rows);
	} else {
		const char *page = result_value(result, 0, 1, &len);

		jsontext_key(&j, "data");
		jsontext_raw(&j, page, len);
	}
	links = links_of_pages(l, request, &total, rows);
	put_meta_of_pages(&j, l, &total, rows, request);
	put_links_of_pages(&j, &links);
	finish(&j, response, &links, request);
}

/* --- after= and before= (P20) ----------------------------------------------------------------- */

/* Behind the last row nothing is shown: the page before is the last of the list, before="". */
static struct links
links_of_places(const struct listing *l, const struct request *request, const struct shown *s)
{
	const char *end = s->end != NULL ? s->end : "", *start = s->start != NULL ? s->start : "";

	return (struct links){
		.current = link_to_place(l, request, l->paging, l->cursor),
		.next = s->has_next ? link_to_place(l, request, PAGING_AFTER, end) : NULL,
		.previous =
		    s->has_previous ? link_to_place(l, request, PAGING_BEFORE, start) : NULL,
	};
}

static void
put_meta_of_places(struct jsontext *j, const struct listing *l, const struct total *total,
    const struct shown *shown, const struct request *request)
{
	jsontext_key(j, "meta");
	jsontext_begin_object(j);
	put_int(j, "itemsPerPage", l->limit);
	put_total(j, total);
	put_neighbours(j, shown);
	jsontext_key(j, "startCursor");
	jsontext_string(j, shown->start);
	jsontext_key(j, "endCursor");
	jsontext_string(j, shown->end);
	put_asked(j, l, request);
	jsontext_end_object(j);
}

static void
respond_place(const struct listing *l, const struct request *request, const struct unit *unit,
    struct response *response)
{
	struct shown shown;
	struct total total;
	struct links links;
	struct jsontext j;

	find_shown(&shown, l, request, unit_result(unit, 0));
	find_total(&total, l, unit, request->arena);
	links = links_of_places(l, request, &shown);
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	put_rows(&j, &shown);
	put_meta_of_places(&j, l, &total, &shown, request);
	jsontext_key(&j, "links");
	jsontext_begin_object(&j);
	put_link(&j, "current", links.current);
	put_link(&j, "next", links.next);
	put_link(&j, "previous", links.previous);
	jsontext_end_object(&j);
	finish(&j, response, &links, request);
}

void
listing_respond(const struct listing *l, const struct request *request, const struct unit *unit,
    struct response *response)
{
	if (l->preferred != NULL)
		response_header(response, HTTP_HEADER_PREFERENCE_APPLIED,
		    arena_printf(request->arena, "count=%s", l->preferred));
	if (l->paging == PAGING_PAGE)
		respond_page(l, request, unit, response);
	else
		respond_place(l, request, unit, response);
}
