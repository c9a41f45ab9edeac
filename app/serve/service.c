/* SPDX-License-Identifier: BSD-2-Clause */
/* service.c - one request from parameters to log line
 *
 * An attempt is: memory, route, tenant and principal, handler. When the unit says that the worker's
 * memory is old, or that it lost a race, the attempt is made again from the start with a fresh
 * response; nothing has left for the client by then. */
#include "serve/service.h"

#include <assert.h>
#include <malloc.h>
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
#include "formats/fcgi.h"
#include "serve/authentication.h"
#include "serve/door.h"
#include "serve/environment.h"
#include "serve/handles.h"
#include "serve/idempotency.h"
#include "serve/memory.h"
#include "serve/platform.h"
#include "serve/refusals.h"

enum { ATTEMPTS = 4 /* the first, and three retries (DESIGN 3.7) */ };

struct service {
	struct environment environment;
	const struct route_table *routes;
	struct arena *arena; /* of the request */
	enum service_state state;
	bool refreshed; /* and what it took has not been given back to the system yet */
};

static void
free_request_arena(void *service)
{
	arena_free(((struct service *)service)->arena);
}

struct service *
service_new(struct arena *arena, const struct service_options *options)
{
	struct service *s = ARENA_NEW(arena, struct service);
	struct pg_options pg = {
		.conninfo = options->settings->database,
		.prepared_statements = options->settings->prepared_statements,
		.connect_timeout_ms = options->settings->connect_timeout_ms,
		.counters = options->counters,
	};

	s->routes = options->routes;
	s->arena = arena_new(LIMIT_ARENA_BYTES);
	arena_defer(arena, free_request_arena, s);
	s->environment = (struct environment){
		.settings = options->settings,
		.counters = options->counters,
		.pg = pg_new(arena, &pg),
		.memory = memory_new(arena, options->settings, options->secret),
		.cache = options->cache,
		.freshness = options->freshness,
		.routes = options->routes,
		.cursor_key = options->cursor_key,
		.secret = options->secret,
		.passwords = options->passwords,
		.logins = options->logins,
		.exports = options->exports,
		.worker_deadline_ns = options->deadline_ns,
		.slot = options->slot,
	};
	s->state = SERVICE_DOWN;
	return s;
}

struct pg *
service_pg(struct service *s)
{
	return s->environment.pg;
}

enum service_state
service_state(const struct service *s)
{
	return pg_state(s->environment.pg) == PG_READY ? s->state : SERVICE_DOWN;
}

/* Whether the database has what the handlers name; what it has not is logged. */
static bool
check_handles(const struct service *s)
{
	size_t missing = 0;

	for (size_t i = 0; i < s->routes->handles_count; i++)
		missing +=
		    handles_check(&s->routes->handles[i], memory_catalogue(s->environment.memory));
	return missing == 0;
}

/* Load what is remembered, in the arena of the problem. */
static bool
refresh(struct service *s, int64_t deadline_ns, struct problem *p)
{
	size_t lint_errors;

	counters_add(s->environment.counters, COUNTER_REFRESHES, 1);
	s->state = SERVICE_DOWN;
	s->refreshed = true;
	if (!memory_refresh(
		s->environment.memory, s->environment.pg, deadline_ns, &lint_errors, p)) {
		if (p->code == PROBLEM_UNSAFE)
			s->state = SERVICE_UNSAFE;
		if (lint_errors > 0)
			log_say(LOG_LEVEL_ERROR, "unsafe",
			    "the database has %zu safety errors and is not served; `rowhouse "
			    "check` lists them",
			    lint_errors);
		return false;
	}
	if (!check_handles(s)) {
		s->state = SERVICE_UNSAFE;
		return problem_raise(p, PROBLEM_UNSAFE, "ask the operator to read the log");
	}
	s->state = SERVICE_READY;
	return true;
}

/* A new request or refresh: forget the last one. Loading a catalogue takes several times what is
 * kept of it, which the allocator would hold on to in every worker. */
static void
begin(struct service *s)
{
	arena_reset(s->arena);
	if (s->refreshed)
		malloc_trim(0);
	s->refreshed = false;
}

enum service_state
service_refresh(struct service *s)
{
	int64_t deadline_ns =
	    clock_now_ns() + s->environment.settings->request_timeout_ms * INT64_C(1000000);
	struct problem p;

	begin(s);
	problem_init(&p, s->arena);
	if (pg_state(s->environment.pg) != PG_READY)
		return SERVICE_DOWN;
	if (!refresh(s, deadline_ns, &p) && p.cause != NULL)
		log_say(LOG_LEVEL_ERROR, "refresh", "could not load the catalogue: %s", p.cause);
	begin(s);
	return service_state(s);
}

/* --- one request ------------------------------------------------------------------------------ */

/* An outcome that rests on memory alone is only as good as the memory: the epoch is
 * compared all the same. So a model registered a moment ago is found, and a credential revoked
 * a moment ago is not good, also where the handler asks the database nothing. */
static bool
confirm(struct request *r, struct problem *p)
{
	struct problem stale;

	if (!r->used_memory || r->units > 0)
		return true;
	problem_init(&stale, r->arena);
	if (request_confirm(r, &stale))
		return true;
	*p = stale;
	return false;
}

static bool
attempt(struct service *s, struct request *r, struct response *response, struct problem *p)
{
	bool ok;

	if (pg_state(s->environment.pg) != PG_READY || s->state == SERVICE_DOWN)
		return problem_raise(p, PROBLEM_UNAVAILABLE, "the database is not available");
	if (s->state == SERVICE_UNSAFE)
		return problem_raise(p, PROBLEM_UNSAFE, "ask the operator to run `rowhouse check`");
	r->catalogue = memory_catalogue(s->environment.memory);
	r->epoch = memory_epoch(s->environment.memory);
	r->used_memory = false;
	r->units = 0;
	r->keyed = NULL;
	r->written_count = 0;
	ok = router_find(s->routes, r, p) && authentication_apply(r, p) &&
	    idempotency_begin(r, p) && idempotency_end(r, response, door_handle(r, response, p), p);
	return confirm(r, p) && ok;
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
	counters_add(s->environment.counters, COUNTER_UNIT_RETRIES, 1);
	problem_init(p, s->arena);
	if (code == PROBLEM_EPOCH)
		return refresh(s, r->deadline_ns, p);
	jitter();
	return true;
}

static void
answer(struct service *s, struct request *r, struct response *response, struct problem *p)
{
	/* The last attempt keeps its problem: else nothing would be left but an empty 200. */
	for (int i = 1;; i++) {
		response_init(response, s->arena);
		if (attempt(s, r, response, p) || response->streamed || i == ATTEMPTS ||
		    !prepare_retry(s, r, p))
			break;
	}
	if (response->body.failed) {
		problem_init(p, s->arena);
		problem_raise(
		    p, PROBLEM_TOO_LARGE, "the answer would be too large; ask for fewer rows");
	}
	/* Retried enough. */
	if (problem_raised(p) && problem_kind(p->code)->status == 0)
		p->code = p->retried != PROBLEM_NONE ? p->retried : PROBLEM_BUSY;
	if (problem_raised(p) && !response->streamed)
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
log_request(const struct request *r, const struct response *response, uint64_t flushes,
    const struct problem *p)
{
	struct log_line line;

	log_begin(&line, response->status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "request");
	log_string(&line, "id", r->id);
	log_string(&line, "method", r->method_name);
	log_string(&line, "path", r->uri.path);
	log_string(&line, "route", r->route != NULL ? r->route->path : NULL);
	log_string(&line, "tenant", r->tenant != NULL ? r->tenant->id : NULL);
	log_string(&line, "principal", r->principal.id);
	log_string(&line, "operator", r->principal.operator);
	log_string(&line, "remote", r->principal.ip != NULL ? r->principal.ip : r->remote);
	log_int(&line, "status", response->status);
	log_int(&line, "bytes", (int64_t)response->body.len);
	log_int(&line, "us", (clock_now_ns() - r->began_ns) / 1000);
	log_int(&line, "database_us", r->database_ns / 1000);
	log_int(&line, "flushes", (int64_t)flushes);
	if (problem_raised(p)) {
		log_string(&line, "code", problem_kind(p->code)->name);
		log_string(&line, "sqlstate", p->sqlstate[0] != '\0' ? p->sqlstate : NULL);
		log_string(&line, "cause", p->cause);
	}
	log_end(&line);
}

/* Round trips of this worker so far. */
static uint64_t
flushes(const struct service *s)
{
	return counters_read(s->environment.counters, COUNTER_UNIT_FLUSHES);
}

static void
log_unsent(const struct request *r)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_INFO, "unsent");
	log_string(&line, "id", r->id);
	log_string(&line, "cause", "the web server closed the connection");
	log_end(&line);
}

void
service_answer(struct service *s, struct fcgi *fcgi)
{
	struct request r = { .environment = &s->environment,
		.settings = s->environment.settings,
		.began_ns = clock_now_ns() };
	uint64_t flushes_before = flushes(s);
	struct response response;
	struct problem p;

	begin(s);
	problem_init(&p, s->arena);
	response_init(&response, s->arena);
	r.arena = s->arena;
	r.deadline_ns = r.began_ns + s->environment.settings->request_timeout_ms * INT64_C(1000000);
	if (request_read(&r, fcgi, &p)) {
		answer(s, &r, &response, &p);
		refusals_note(&r, &p);
	} else {
		response_problem(&response, &r, &p);
	}
	response_header(&response, HTTP_HEADER_X_REQUEST_ID, r.id);
	response.head = r.method == HTTP_HEAD;
	count_status(s->environment.counters, response.status);
	/* First the line, then the answer: what a client was told is in the log. */
	log_request(&r, &response, flushes(s) - flushes_before, &p);
	if (!response.streamed && !response_write(&response, fcgi, s->arena))
		log_unsent(&r);
}
