/* SPDX-License-Identifier: BSD-2-Clause */
/* request.h - what the web server handed over, checked and decoded
 *
 * Routing uses REQUEST_URI only: it is the one value that all web servers pass on unchanged
 * (reference/interface.md 3.2). Parameters named HTTP_* are a client's word; others are the web
 * server's. */
#ifndef SERVE_REQUEST_H
#define SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/principal.h"
#include "base/tenant.h"
#include "formats/http.h"
#include "formats/uri.h"

struct arena;
struct catalogue;
struct door;
struct environment;
struct fcgi;
struct fcgi_param;
struct keyed;
struct problem;
struct route;
struct settings;
struct unit;

enum {
	ROUTE_VARIABLES = 4,
	REQUEST_SUBJECTS = 16, /* that its unit writes to, of cached routes (caching.h) */
};

struct request {
	struct arena *arena; /* lives until the answer has left */
	struct fcgi *fcgi;
	const struct environment *environment;
	const struct settings *settings; /* the environment's */
	int64_t began_ns, deadline_ns;

	enum http_method method; /* HTTP_METHOD__MAX: one we do not know */
	const char *method_name;
	struct uri uri;
	const char *const *segments; /* of the path behind base_path */
	size_t segment_count;
	bool outside_base; /* the path is not below base_path: segments are the whole path's */
	const char *path_tenant; /* {slug} of /t/{slug} in front of base_path, or NULL */
	const char *id;          /* X-Request-Id, the client's or ours */
	const char *remote;      /* address of the client as the web server saw it, or NULL */
	const struct fcgi_param *params;
	size_t param_count;

	/* by body_read, once: an attempt that is made again finds it here */
	const char *body; /* NULL: not read yet */
	size_t body_len;

	bool asked_in_body; /* uri.parameters are of the body (parameters_from_body) */

	/* by the router */
	const struct route *route;
	const char *variables[ROUTE_VARIABLES]; /* {model}, {id}, in the order of the path */
	const char *allow; /* the methods of the path, when the method fits none of its rows */

	/* by authentication */
	const struct tenant *tenant; /* NULL: none */
	struct principal principal;

	/* by idempotency_begin, anew for each attempt */
	struct keyed *keyed; /* NULL: no Idempotency-Key */

	/* by door_handle, anew for each attempt */
	struct problem *problem;          /* of the attempt */
	struct door *door;                /* the unit that a handler began last; NULL: none */
	bool wrote;                       /* it began one that writes */
	const void *fields, *parameters;  /* body and query by the route's schemas */
	const struct uri_parameter *rest; /* parameters that the route's schema has not */
	size_t rest_count;

	/* by caching_note, anew for each attempt: what its unit writes to that others have kept */
	uint64_t written[REQUEST_SUBJECTS];
	size_t written_count; /* one more than there is room for: too many */

	/* of the worker's memory, anew for each attempt */
	const struct catalogue *catalogue;
	int64_t epoch;

	/* what the outcome rests on */
	bool used_memory; /* the catalogue, or a remembered credential */
	unsigned units;   /* that ran, each of which has compared the epoch */

	/* for the log */
	int64_t database_ns;
};

/* Fill from a request that was read. Even when it fails, id and method_name are set, so that the
 * failure can be answered and logged. */
bool request_read(struct request *, struct fcgi *, struct problem *) MUST_CHECK;

/* Set segments, path_tenant and outside_base from the uri: without base_path, and /t/{slug} in
 * front of it. Part of request_read. */
void request_strip_base(struct request *);

/* A parameter by its FastCGI name (HTTP_X_TENANT_ID); NULL when absent. Those that may come once
 * only were checked by request_read. */
const char *request_param(const struct request *, const char *name);

#endif
