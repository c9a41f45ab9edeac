/* SPDX-License-Identifier: BSD-2-Clause */
/* router.c - matching segments against a route's path */
#include "serve/router.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/text.h"
#include "serve/request.h"
#include "serve/response.h"

/* Whether a segment fits the {variable} or {variable=word} at `at`. */
static bool
variable_fits(const char *at, size_t len, const char *given)
{
	const char *word = memchr(at, '=', len);
	size_t word_len;

	if (word == NULL)
		return given[0] != '\0';
	word_len = len - (size_t)(word - at) - 2;
	return strlen(given) == word_len && memcmp(given, word + 1, word_len) == 0;
}

/* Whether the decoded segments fit a path; variables are kept in order. */
static bool
path_fits(const struct route *route, struct request *r)
{
	const char *path = route->path;
	size_t segment = 0, variable = 0;

	if (((route->needs & NEED_OUTSIDE) != 0) != r->outside_base)
		return false;

	while (*path == '/') {
		size_t len = strcspn(++path, "/");
		const char *given;

		if (segment == r->segment_count)
			return false;
		given = r->segments[segment++];
		if (path[0] == '{') {
			assert(variable < ROUTE_VARIABLES);
			if (!variable_fits(path, len, given))
				return false;
			r->variables[variable++] = given;
		} else if (strlen(given) != len || memcmp(given, path, len) != 0) {
			return false;
		}
		path += len;
	}
	return segment == r->segment_count;
}

/* Whether a path of no variables is meant: then no other row is, also when the method does not fit.
 * Rows that stand over those of models do not take their paths away from them. */
static bool
is_fixed(const struct route_table *table, struct request *r)
{
	for (size_t i = 0; i < table->count; i++)
		if (!table->routes[i].over_models && strchr(table->routes[i].path, '{') == NULL &&
		    path_fits(&table->routes[i], r))
			return true;
	return false;
}

static bool
fits(const struct route *route, struct request *r, bool fixed)
{
	return (!fixed || strchr(route->path, '{') == NULL) && path_fits(route, r);
}

/* The methods that do fit this path, for Allow (RFC 9110, 10.2.1); NULL when nothing is there.
 * Whatever answers GET answers HEAD, and every path answers OPTIONS. */
static const char *
allowed_methods(const struct route_table *table, struct request *r, bool fixed)
{
	bool allowed[HTTP_METHOD__MAX] = { false };
	struct text allow;

	for (size_t i = 0; i < table->count; i++)
		if (fits(&table->routes[i], r, fixed))
			allowed[table->routes[i].method] = allowed[HTTP_OPTIONS] = true;
	if (!allowed[HTTP_OPTIONS])
		return NULL;
	allowed[HTTP_HEAD] = allowed[HTTP_GET];
	text_init(&allow, r->arena, 256);
	for (enum http_method m = 0; m < HTTP_METHOD__MAX; m++)
		if (allowed[m])
			text_printf(&allow, "%s%s", allow.len > 0 ? ", " : "", http_method_name(m));
	return allow.bytes;
}

static bool
answer_options(struct request *r, struct response *response, struct problem *p)
{
	(void)p;
	response->status = 204;
	response_header(response, HTTP_HEADER_ALLOW, r->allow);
	if (strstr(r->allow, http_method_name(HTTP_QUERY)) != NULL)
		response_header(response, HTTP_HEADER_ACCEPT_QUERY, "application/json");
	return true;
}

/* What a path takes is no secret and needs nobody's name (RFC 9110, 9.3.7). */
static const struct route options = { HTTP_OPTIONS, "", answer_options, 0, NULL,
	.summary = "what a path takes" };

bool
router_find(const struct route_table *table, struct request *r, struct problem *p)
{
	/* HEAD is GET without the body (RFC 9110, 9.3.2), which response_write leaves out. */
	enum http_method method = r->method == HTTP_HEAD ? HTTP_GET : r->method;
	bool fixed = is_fixed(table, r);

	for (size_t i = 0; i < table->count; i++)
		if (table->routes[i].method == method && fits(&table->routes[i], r, fixed)) {
			r->route = &table->routes[i];
			return true;
		}
	r->allow = allowed_methods(table, r, fixed);
	if (r->allow == NULL && r->outside_base)
		return problem_raise(
		    p, PROBLEM_NO_ROUTE, "the API lives under %s", r->settings->base_path);
	if (r->allow == NULL)
		return problem_raise(p, PROBLEM_NO_ROUTE, "there is nothing at this path");
	if (method == HTTP_OPTIONS) {
		r->route = &options;
		return true;
	}
	problem_raise(p, PROBLEM_METHOD, "this path takes %s", r->allow);
	p->allow = r->allow;
	return false;
}
