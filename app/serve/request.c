/* SPDX-License-Identifier: BSD-2-Clause */
/* request.c - from FastCGI parameters to a checked request */
#include "serve/request.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/settings.h"
#include "formats/fcgi.h"

/* Headers whose second appearance is an attack or a mistake (DESIGN 5). nginx passes both, and
 * FCGX_GetParam would take the first. */
static const struct {
	const char *param, *header;
} once[] = {
	{ "HTTP_X_TENANT_ID", "X-Tenant-Id" },
	{ "HTTP_AUTHORIZATION", "Authorization" },
	{ "ROWHOUSE_TENANT", "ROWHOUSE_TENANT" },
	{ "HTTP_IDEMPOTENCY_KEY", "Idempotency-Key" },
	{ "HTTP_X_REQUEST_ID", "X-Request-Id" },
	{ "REQUEST_METHOD", "REQUEST_METHOD" },
	{ "REQUEST_URI", "REQUEST_URI" },
};

const char *
request_param(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->param_count; i++)
		if (strcmp(r->params[i].name, name) == 0)
			return r->params[i].value;
	return NULL;
}

static bool
check_once(const struct request *r, struct problem *p)
{
	for (size_t i = 0; i < COUNT_OF(once); i++) {
		unsigned found = 0;

		for (size_t j = 0; j < r->param_count; j++)
			found += strcmp(r->params[j].name, once[i].param) == 0;
		if (found > 1)
			return problem_raise(p, PROBLEM_DUPLICATE_HEADER, "%s was sent %u times",
			    once[i].header, found);
	}
	return true;
}

static bool
id_ok(const char *id)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = id != NULL ? strlen(id) : 0;

	return len > 0 && len <= LIMIT_REQUEST_ID_BYTES && strspn(id, allowed) == len;
}

/* The client's id where it cannot hurt a log or a header, else the web server's, so that its log
 * and ours name the request alike, else 128 random bits. */
static const char *
choose_id(const struct request *r)
{
	static const char *const sources[] = { "HTTP_X_REQUEST_ID", "ROWHOUSE_REQUEST_ID" };
	unsigned char random[16];
	char *id;

	for (size_t i = 0; i < COUNT_OF(sources); i++) {
		const char *given = request_param(r, sources[i]);

		if (id_ok(given))
			return arena_string(r->arena, given);
	}
	randombytes_buf(random, sizeof(random));
	id = arena_alloc(r->arena, 2 * sizeof(random) + 1);
	sodium_bin2hex(id, 2 * sizeof(random) + 1, random, sizeof(random));
	return id;
}

/* The number of segments that base_path takes from first on; -1 when the path is not below it. */
static int
base_length(const struct request *r, size_t first)
{
	const char *base = r->settings->base_path;
	size_t i = first;

	while (*base == '/') {
		size_t len = strcspn(++base, "/");

		if (i == r->uri.segment_count || strlen(r->uri.segments[i]) != len ||
		    memcmp(r->uri.segments[i], base, len) != 0)
			return -1;
		base += len;
		i++;
	}
	return (int)(i - first);
}

void
request_strip_base(struct request *r)
{
	size_t first = 0;
	int taken;

	if (r->uri.segment_count >= 2 && strcmp(r->uri.segments[0], "t") == 0 &&
	    base_length(r, 2) >= 0) {
		r->path_tenant = r->uri.segments[1];
		first = 2;
	}
	taken = base_length(r, first);
	r->outside_base = taken < 0;
	if (taken < 0)
		taken = 0;
	r->segments = r->uri.segments + first + taken;
	r->segment_count = r->uri.segment_count - first - (size_t)taken;
}

/* Too long a body is known before it is read. Missing, empty or negative (Caddy sends -1 for
 * chunks) means that the length is not known; who reads the body then counts. */
static bool
check_length(const struct request *r, struct problem *p)
{
	const char *length = request_param(r, "CONTENT_LENGTH");

	if (length != NULL && strtoll(length, NULL, 10) > r->settings->body_bytes)
		return problem_raise(p, PROBLEM_TOO_LARGE, "the body is longer than %ld bytes",
		    r->settings->body_bytes);
	return true;
}

static bool
read_target(struct request *r, struct problem *p)
{
	const char *target = request_param(r, "REQUEST_URI");
	const char *method = request_param(r, "REQUEST_METHOD");

	if (target == NULL || method == NULL) {
		/* A fastcgi_param in a location drops all inherited ones: a mistake of the web
		 * server's configuration, not of the client (reference/reliability.md 2.4). */
		problem_cause(p,
		    "the web server passes no REQUEST_URI or no REQUEST_METHOD: "
		    "include nginx/rowhouse.conf");
		return problem_raise(
		    p, PROBLEM_INTERNAL, "the web server is not configured for rowhouse");
	}
	r->method_name = arena_string(r->arena, method);
	r->method = http_method_find(method);
	r->remote = request_param(r, "REMOTE_ADDR");
	if (!uri_parse(&r->uri, target, r->arena, p))
		return false;
	request_strip_base(r);
	return true;
}

bool
request_read(struct request *r, struct fcgi *fcgi, struct problem *p)
{
	r->fcgi = fcgi;
	r->method = HTTP_METHOD__MAX;
	r->method_name = "";
	r->uri.path = "";
	r->params = fcgi_params(fcgi, &r->param_count);
	if (r->param_count == SIZE_MAX) {
		r->param_count = 0;
		r->id = choose_id(r);
		return problem_raise(p, PROBLEM_HEADERS,
		    "at most %d headers of %d bytes together are taken", LIMIT_PARAMS,
		    LIMIT_PARAMS_BYTES);
	}
	r->id = choose_id(r);
	/* The target first, so that a refusal of the rest can name it. */
	return read_target(r, p) && check_once(r, p) && check_length(r, p);
}
