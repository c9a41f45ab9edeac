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
#include "serve/listing.h"
#include "serve/request.h"
#include "serve/response.h"

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
