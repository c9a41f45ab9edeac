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
			if (given[0] == '\0')
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
 */
static bool
is_fixed(const struct route_table *table, struct request *r)
{
	for (size_t i = 0; i < table->count; i++)
		if (strchr(table->routes[i].path, '{') == NULL && path_fits(&table->routes[i], r))
			return true;
	return false;
}

static bool
fits(const struct route *route, struct request *r, bool fixed)
{
	return (!fixed || strchr(route->path, '{') == NULL) && path_fits(route, r);
}

/* The methods that do fit this path, for Allow (RFC 9110, 10.2.1). */
static const char *
allowed_methods(const struct route_table *table, struct request *r, bool fixed)
{
	struct text allow;
	bool seen[HTTP_METHOD__MAX] = { false };

	text_init(&allow, r->arena, 256);
	for (size_t i = 0; i < table->count; i++)
		if (!seen[table->routes[i].method] && fits(&table->routes[i], r, fixed)) {
			seen[table->routes[i].method] = true;
			text_printf(&allow, "%s%s", allow.len > 0 ? ", " : "",
			    http_method_name(table->routes[i].method));
		}
	return allow.len > 0 ? allow.bytes : NULL;
}

bool
router_find(const struct route_table *table, struct request *r, struct problem *p)
{
	bool fixed = is_fixed(table, r);
	const char *allow;

	for (size_t i = 0; i < table->count; i++)
		if (table->routes[i].method == r->method && fits(&table->routes[i], r, fixed)) {
			r->route = &table->routes[i];
			return true;
		}
	if (r->outside_base && allowed_methods(table, r, fixed) == NULL)
		return problem_raise(
		    p, PROBLEM_NO_ROUTE, "the API lives under %s", r->settings->base_path);
	if ((allow = allowed_methods(table, r, fixed)) == NULL)
		return problem_raise(p, PROBLEM_NO_ROUTE, "there is nothing at this path");
	problem_raise(p, PROBLEM_METHOD, "this path takes %s", allow);
	p->allow = allow;
	return false;
}
