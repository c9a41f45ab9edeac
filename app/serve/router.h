/* SPDX-License-Identifier: BSD-2-Clause */
/* router.h - which handler answers
 *
 * Routes are rows (handlers/routes.c). A row says what its handler needs; the dispatcher sees to it
 * once, so that a handler cannot forget. */
#ifndef SERVE_ROUTER_H
#define SERVE_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "formats/http.h"

struct problem;
struct request;
struct response;

/* Answer the request into the response; false and a problem otherwise. */
typedef bool (*handler_fn)(struct request *, struct response *, struct problem *);

/* What a route needs before its handler runs. */
enum need {
	NEED_TENANT = 1,    /* 403 without one; credentials are looked at */
	NEED_PRINCIPAL = 2, /* 401 for nobody in particular; implies a tenant */
	NEED_OUTSIDE = 4,   /* the path is not below base_path */
	NEED_NO_KEY = 16,   /* its answer is a secret: an Idempotency-Key would store it */
	NEED_USER = 8,      /* 403 for API keys; goes with NEED_PRINCIPAL */
};

struct route {
	enum http_method method;
	const char
	    *path; /* below base_path: "/{model}/{id}"; {x} is any one segment that is not empty */
	handler_fn handler;
	unsigned needs;      /* enum need, joined */
	const char *role;    /* 403 for principals of another; NULL: any */
	const char *summary; /* one line, for `rowhouse routes` and the API's description */
};

struct route_table {
	const struct route *routes;
	size_t count;
};

/* Set request->route and its variables. The first row that fits wins, so fixed paths stand before
 * variables. HEAD takes the row of GET; OPTIONS fits every path that has a row. PROBLEM_NO_ROUTE,
 * or PROBLEM_METHOD with Allow when only the method does not fit. */
bool router_find(const struct route_table *, struct request *, struct problem *) MUST_CHECK;

#endif
