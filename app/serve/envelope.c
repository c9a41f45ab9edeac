/* SPDX-License-Identifier: BSD-2-Clause */
/* envelope.c - {data, meta, links} around the rows of a list */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "compiler/query.h"
#include "database/pg.h"
#include "formats/jsontext.h"
#include "serve/etag.h"
#include "serve/listing.h"
#include "serve/request.h"
#include "serve/response.h"

/* Links to other pages, in the body (P21) and in Link (RFC 8288); a NULL leads nowhere. */
struct links {
	const char *first, *previous, *current, *next, *last;
};

/* The path with page, limit and the client's own sortBy (P21). */
static const char *
link_to(const struct listing *l, const struct request *request, long page)
{
	struct text link;

	text_init(&link, request->arena, (size_t)4 * LIMIT_URI_BYTES);
	uri_put_path(&link, request->uri.path);
	text_printf(&link, "?page=%ld&limit=%ld", page, l->limit);
	for (size_t i = 0; i < request->uri.parameter_count; i++) {
		if (strcmp(request->uri.parameters[i].name, "sortBy") != 0)
			continue;
		text_literal(&link, "&sortBy=");
		uri_put_form(&link, request->uri.parameters[i].value);
	}
	return link.bytes;
}

static struct links
links_of_pages(const struct listing *l, const struct request *request, long pages)
{
	return (struct links){
		.first = link_to(l, request, 1),
		.previous = l->page > 1 ? link_to(l, request, l->page - 1) : NULL,
		.current = link_to(l, request, l->page),
		.next = l->page < pages ? link_to(l, request, l->page + 1) : NULL,
		.last = link_to(l, request, pages),
	};
}

static void
put_link(struct jsontext *j, const char *key, const char *link)
{
	jsontext_key(j, key);
	jsontext_string(j, link);
}

static void
put_links(struct jsontext *j, const struct links *links)
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
	const struct links links = links_of_pages(l, request, pages);
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
	put_links(&j, &links);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 200);
	set_link_header(response, &links, request->arena);
	etag_body(response, request);
}
