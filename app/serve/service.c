/* SPDX-License-Identifier: BSD-2-Clause */
/* service.c - one request from parameters to log line
 *
 * An attempt is: memory, route, tenant and principal, handler. When the unit says that the worker's
 * memory is old, or that it lost a race, the attempt is made again from the start with a fresh
 * response; nothing has left for the client by then. */
#include "serve/service.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"
#include "compiler/stages.h"
#include "database/unit.h"
#include "formats/fcgi.h"
#include "serve/authentication.h"
#include "serve/handler.h"
#include "serve/memory.h"

enum { ATTEMPTS = 4 /* the first, and three retries (DESIGN 3.7) */ };

struct service {
	const struct settings *settings;
	const struct route_table *routes;
	struct counters *counters;
	struct arena *arena; /* of the request */
	struct pg *pg;
	struct memory *memory;
	enum service_state state;
};

static void
free_request_arena(void *service)
{
	arena_free(((struct service *)service)->arena);
}

struct service *
service_new(struct arena *arena, const struct settings *settings, const struct route_table *routes,
    struct counters *counters)
{
	struct service *s = ARENA_NEW(arena, struct service);
	struct pg_options options = {
		.conninfo = settings->database,
		.prepared_statements = settings->prepared_statements,
		.connect_timeout_ms = settings->connect_timeout_ms,
		.counters = counters,
	};

	s->settings = settings;
	s->routes = routes;
	s->counters = counters;
	s->arena = arena_new(LIMIT_ARENA_BYTES);
	arena_defer(arena, free_request_arena, s);
	s->pg = pg_new(arena, &options);
	s->memory = memory_new(arena);
	s->state = SERVICE_DOWN;
	return s;
}

struct pg *
service_pg(struct service *s)
{
	return s->pg;
}

enum service_state
service_state(const struct service *s)
{
	return pg_state(s->pg) == PG_READY ? s->state : SERVICE_DOWN;
}

/* Load what is remembered, in the arena of the problem. */
static bool
refresh(struct service *s, int64_t deadline_ns, struct problem *p)
{
	size_t lint_errors;

	counters_add(s->counters, COUNTER_REFRESHES, 1);
	s->state = SERVICE_DOWN;
	if (!memory_refresh(s->memory, s->pg, deadline_ns, &lint_errors, p)) {
		if (p->code == PROBLEM_UNSAFE)
			s->state = SERVICE_UNSAFE;
		if (lint_errors > 0)
			log_say(LOG_LEVEL_ERROR, "unsafe",
			    "the database has %zu safety errors and is not served; `rowhouse "
			    "check` lists them",
			    lint_errors);
		return false;
	}
	if (s->settings->demo_principal && !memory_catalogue(s->memory)->demo) {
		s->state = SERVICE_UNSAFE;
		log_say(LOG_LEVEL_ERROR, "unsafe",
		    "setting demo_principal is for the demo's database only; turn it off");
		return problem_raise(
		    p, PROBLEM_UNSAFE, "the database does not pass its safety checks");
	}
	s->state = SERVICE_READY;
	return true;
}

enum service_state
service_refresh(struct service *s)
{
	int64_t deadline_ns = clock_now_ns() + s->settings->request_timeout_ms * INT64_C(1000000);
	struct problem p;

	arena_reset(s->arena);
	problem_init(&p, s->arena);
	if (pg_state(s->pg) != PG_READY)
		return SERVICE_DOWN;
	if (!refresh(s, deadline_ns, &p) && p.cause != NULL)
		log_say(LOG_LEVEL_ERROR, "refresh", "could not load the catalogue: %s", p.cause);
	return service_state(s);
}

/* --- what handlers call ----------------------------------------------------------------------- */

const struct model *
request_model(struct request *r, const char *name, struct problem *p)
{
	const struct model *model = catalogue_model(r->catalogue, name);

	if (model == NULL)
		return problem_null(p, PROBLEM_NO_MODEL, "there is no model \"%s\"", name);
	return model;
}

/* A unit that took long, with the shape of its statements and never a value. */
static void
log_slow(const struct request *r, const struct unit *unit, int64_t ns)
{
	for (size_t i = 0; i < unit_count(unit); i++) {
		struct log_line line;

		log_begin(&line, LOG_LEVEL_WARN, "slow");
		log_string(&line, "id", r->id);
		log_int(&line, "us", ns / 1000);
		log_text(&line, "statement", unit_statement(unit, i)->text,
		    unit_statement(unit, i)->text_len);
		log_end(&line);
	}
}

static bool
run_unit(struct request *r, struct unit *unit, struct problem *p)
{
	struct service *s = r->service;
	struct context context = { r->tenant, &r->principal, r->id, r->epoch, r->deadline_ns };
	int64_t began = clock_now_ns(), took;
	bool ok = unit_run(unit, s->pg, &context, p);

	took = clock_now_ns() - began;
	r->database_ns += took;
	counters_add(s->counters, COUNTER_UNITS, 1);
	if (took >= s->settings->slow_ms * INT64_C(1000000))
		log_slow(r, unit, took);
	return ok;
}

const struct result *
request_read_query(struct request *r, struct query *query, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);

	if (!compile_query(unit, query, &r->principal, r->tenant, NULL, NULL, p) ||
	    !run_unit(r, unit, p))
		return NULL;
	return unit_result(unit, 0);
}

/* --- one request ------------------------------------------------------------------------------ */

static bool
attempt(struct service *s, struct request *r, struct response *response, struct problem *p)
{
	if (pg_state(s->pg) != PG_READY || s->state == SERVICE_DOWN)
		return problem_raise(p, PROBLEM_UNAVAILABLE, "the database is not available");
	if (s->state == SERVICE_UNSAFE)
		return problem_raise(p, PROBLEM_UNSAFE, "ask the operator to run `rowhouse check`");
	r->catalogue = memory_catalogue(s->memory);
	r->epoch = memory_epoch(s->memory);
	return router_find(s->routes, r, p) && authentication_apply(r, s->memory, s->pg, p) &&
	    r->route->handler(r, response, p);
}

/* A pause of 0 to 16 ms before running again what lost a race, so that the same two do not meet
 * again. */
static void
jitter(void)
{
	struct timespec pause = { 0, (long)randombytes_uniform(16000000) };

	nanosleep(&pause, NULL);
}

/* What stands between two attempts; false when there is no point in another. */
static bool
prepare_retry(struct service *s, struct request *r, struct problem *p)
{
	enum problem_code code = p->code;

	if (code != PROBLEM_EPOCH && code != PROBLEM_RETRY)
		return false;
	counters_add(s->counters, COUNTER_UNIT_RETRIES, 1);
	problem_init(p, s->arena);
	if (code == PROBLEM_EPOCH)
		return refresh(s, r->deadline_ns, p);
	jitter();
	return true;
}

static void
answer(struct service *s, struct request *r, struct response *response, struct problem *p)
{
	for (int i = 0; i < ATTEMPTS && !problem_raised(p); i++) {
		response_init(response, s->arena);
		if (attempt(s, r, response, p) || !prepare_retry(s, r, p))
			break;
	}
	if (response->body.failed) {
		problem_init(p, s->arena);
		problem_raise(
		    p, PROBLEM_TOO_LARGE, "the answer would be too large; ask for fewer rows");
	}
	/* Retried enough. */
	if (problem_raised(p) && problem_kind(p->code)->status == 0)
		p->code = PROBLEM_BUSY;
	if (problem_raised(p))
		response_problem(response, r, p);
}

static void
count_status(struct counters *counters, int status)
{
	enum counter by_class[] = { COUNTER_STATUS_2XX, COUNTER_STATUS_3XX, COUNTER_STATUS_4XX,
		COUNTER_STATUS_5XX };

	assert(status >= 200 && status < 600);
	counters_add(counters, COUNTER_REQUESTS, 1);
	counters_add(counters, by_class[status / 100 - 2], 1);
}

static void
log_request(
    const struct request *r, const struct response *response, const struct problem *p, bool sent)
{
	struct log_line line;

	log_begin(&line, response->status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "request");
	log_string(&line, "id", r->id);
	log_string(&line, "method", r->method_name);
	log_string(&line, "path", r->uri.path);
	log_string(&line, "route", r->route != NULL ? r->route->path : NULL);
	log_string(&line, "tenant", r->tenant != NULL ? r->tenant->id : NULL);
	log_string(&line, "remote", r->remote);
	log_int(&line, "status", response->status);
	log_int(&line, "bytes", (int64_t)response->body.len);
	log_int(&line, "us", (clock_now_ns() - r->began_ns) / 1000);
	log_int(&line, "database_us", r->database_ns / 1000);
	if (problem_raised(p)) {
		log_string(&line, "code", problem_kind(p->code)->name);
		log_string(&line, "sqlstate", p->sqlstate[0] != '\0' ? p->sqlstate : NULL);
		log_string(&line, "cause", p->cause);
	}
	if (!sent)
		log_string(&line, "client", "gone");
	log_end(&line);
}

void
service_answer(struct service *s, struct fcgi *fcgi)
{
	struct request r = { .service = s, .settings = s->settings, .began_ns = clock_now_ns() };
	struct response response;
	struct problem p;
	bool sent;

	arena_reset(s->arena);
	problem_init(&p, s->arena);
	response_init(&response, s->arena);
	r.arena = s->arena;
	r.deadline_ns = r.began_ns + s->settings->request_timeout_ms * INT64_C(1000000);
	if (request_read(&r, fcgi, &p))
		answer(s, &r, &response, &p);
	else
		response_problem(&response, &r, &p);
	response_header(&response, HTTP_HEADER_X_REQUEST_ID, r.id);
	sent = response_write(&response, fcgi, s->arena);
	count_status(s->counters, response.status);
	log_request(&r, &response, &p, sent);
}
