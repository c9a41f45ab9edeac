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
#include "database/action.h"
#include "formats/http.h"

struct body_schema;
struct handles;
struct model_ref;
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
	NEED_KEY = 32,      /* 400 without an Idempotency-Key */
};

/* Leave to do what the row rules of a model may not permit the principal, for a reason that stands
 * in the log. A unit takes it (unit_authority), and only where its route lists it. */
struct authority {
	const struct model_ref *model;
	enum action action;
	const char *reason;
};

#define AUTHORITY(model, action, reason)                                                           \
	{                                                                                          \
		&(model), (action), "" reason ""                                                   \
	}

/* How the answers of a route are kept (handler.h). */
struct cache_rule {
	const char *name; /* what cache_delete calls it: "posts:popular", or "post:{id}" of a path
			   * that has the variable */
	long ttl_s;
	const struct model_ref *const *models; /* all whose rows it shows; NULL-terminated */
};

struct route {
	enum http_method method;
	const char *
	    path; /* below base_path: "/{model}/{id}"; {x} is any one segment that is not empty, and
		    * {x=word} that word, for a row that wraps one of any model */
	handler_fn handler;
	unsigned needs;      /* enum need, joined */
	const char *role;    /* 403 for principals of another; NULL: any */
	const char *summary; /* one line, for `rowhouse routes` and the API's description */

	/* of the routes of handler.h; where a member is left out there is no such need */
	const char *name;               /* the handler's, for the log */
	const struct body_schema *body; /* read and checked before the handler runs */
	const struct body_schema
	    *query;            /* the same; with the parameters of a list, if it has one */
	long timeout_ms;       /* of the whole request; 0: request_timeout */
	const char *audit;     /* what unit_log may write */
	const char *unaudited; /* why what it changes leaves no entries of its own in the log, which
				* is said when the service starts; NULL: it leaves them */
	const struct authority *const *authorities; /* NULL-terminated */
	const struct cache_rule *cache;             /* its answers are kept */
	bool over_models; /* generic routes still take the other methods of its path */
};

struct route_table {
	const struct route *routes;
	size_t count;
	const struct handles *handles; /* what the handlers name in the database */
	size_t handles_count;
};

/* Set request->route and its variables. The first row that fits wins, so fixed paths stand before
 * variables. HEAD takes the row of GET; OPTIONS fits every path that has a row. PROBLEM_NO_ROUTE,
 * or PROBLEM_METHOD with Allow when only the method does not fit. */
bool router_find(const struct route_table *, struct request *, struct problem *) MUST_CHECK;

#endif
