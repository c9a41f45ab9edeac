/* SPDX-License-Identifier: BSD-2-Clause */
/* platform.c - running what a handler asks for */
#include "serve/platform.h"

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/settings.h"
#include "compiler/stages.h"
#include "serve/caching.h"
#include "serve/environment.h"
#include "serve/idempotency.h"

const struct model *
request_model(struct request *r, const char *name, struct problem *p)
{
	const struct model *model = catalogue_model(r->catalogue, name);

	r->used_memory = true;
	if (model == NULL)
		return problem_null(p, PROBLEM_NO_MODEL, "there is no model \"%s\"", name);
	return model;
}

/* A unit that took long, with the shape of its statements and never a value. */
static void
log_slow(const struct request *r, const struct unit *unit, int64_t ns)
{
	for (size_t i = 0; i < unit_count(unit); i++) {
		const struct statement *statement = unit_statement(unit, i);
		struct log_line line;

		log_begin(&line, LOG_LEVEL_WARN, "slow");
		log_string(&line, "id", r->id);
		log_int(&line, "us", ns / 1000);
		log_text(&line, "statement", statement->text, statement->text_len);
		log_end(&line);
	}
}

/* What a flush has sent, each with the time that PostgreSQL took for it; never a value. Behind a
 * failure there is no time. */
static void
log_all(const struct request *r, const struct unit *unit, size_t first, int64_t before_ns)
{
	for (size_t i = first; i < unit_count(unit); i++) {
		const struct statement *statement = unit_statement(unit, i);
		struct log_line line;

		log_begin(&line, LOG_LEVEL_INFO, "statement");
		log_string(&line, "id", r->id);
		if (i < unit_sent(unit)) {
			int64_t arrived_ns = result_arrived_ns(unit_result(unit, i));

			log_int(&line, "us", (arrived_ns - before_ns) / 1000);
			before_ns = arrived_ns;
		}
		log_text(&line, "statement", statement->text, statement->text_len);
		log_end(&line);
	}
}

static void
log_statements(const struct request *r, const struct unit *unit, size_t first, int64_t began_ns)
{
	int64_t took_ns = clock_now_ns() - began_ns;

	if (r->settings->log_statements == LOG_STATEMENTS_ALL)
		log_all(r, unit, first, began_ns);
	else if (r->settings->log_statements == LOG_STATEMENTS_SLOW &&
	    took_ns >= r->settings->slow_ms * INT64_C(1000000))
		log_slow(r, unit, took_ns);
}

static struct context
context_of(const struct request *r, const struct tenant *tenant)
{
	return (struct context){ tenant, &r->principal, r->id, r->epoch, r->deadline_ns };
}

/* A keyed request's writes go another way (idempotency.h). */
static bool
run_whole(struct request *r, struct unit *unit, const struct context *c, struct problem *p)
{
	return r->keyed != NULL ? idempotency_run(r, unit, c, p)
				: unit_run(unit, r->environment->pg, c, p);
}

static bool
run_part(struct request *r, struct unit *unit, const struct context *c, struct problem *p)
{
	return r->keyed != NULL && unit_mode(unit) == UNIT_WRITE
	    ? idempotency_run(r, unit, c, p)
	    : unit_hold(unit, r->environment->pg, c, p);
}

static bool
run_rest(struct request *r, struct unit *unit, const struct context *c, struct problem *p)
{
	return unit_run(unit, r->environment->pg, c, p);
}

typedef bool run_fn(struct request *, struct unit *, const struct context *, struct problem *);

/* One flush, timed. */
static bool
flush(struct request *r, const struct tenant *tenant, struct unit *unit, run_fn *run,
    struct problem *p)
{
	const struct environment *e = r->environment;
	struct context context = context_of(r, tenant);
	size_t first = unit_sent(unit);
	int64_t began = clock_now_ns(), took;
	bool commits = run == run_rest || (run == run_whole && r->keyed == NULL), ok;

	if (commits)
		caching_begin_commit(r);
	ok = run(r, unit, &context, p);
	if (commits)
		caching_end_commit(r);
	r->units++;
	took = clock_now_ns() - began;
	r->database_ns += took;
	if (!unit_is_held(unit))
		counters_add(e->counters, COUNTER_UNITS, 1);
	log_statements(r, unit, first, began);
	return ok;
}

bool
request_run_for(
    struct request *r, const struct tenant *tenant, struct unit *unit, struct problem *p)
{
	return flush(r, tenant, unit, run_whole, p);
}

bool
request_run_rows(
    struct request *r, struct unit *unit, const struct pg_rows *rows, struct problem *p)
{
	const struct environment *e = r->environment;
	struct context context = { r->tenant, &r->principal, r->id, r->epoch, r->deadline_ns };
	int64_t began = clock_now_ns();
	bool ok = unit_run_rows(unit, e->pg, &context, rows, p);

	r->units++;
	r->database_ns += clock_now_ns() - began;
	counters_add(e->counters, COUNTER_UNITS, 1);
	return ok;
}

bool
request_run(struct request *r, struct unit *unit, struct problem *p)
{
	return request_run_for(r, r->tenant, unit, p);
}

bool
request_run_bare(struct request *r, struct unit *unit, struct problem *p)
{
	return request_run_for(r, NULL, unit, p);
}

bool
request_confirm(struct request *r, struct problem *p)
{
	struct context context = context_of(r, NULL);
	int64_t began = clock_now_ns();
	bool ok = unit_confirm(r->arena, r->environment->pg, &context, p);

	r->database_ns += clock_now_ns() - began;
	return ok;
}

bool
request_hold(struct request *r, struct unit *unit, struct problem *p)
{
	return flush(r, r->tenant, unit, run_part, p);
}

bool
request_commit(struct request *r, struct unit *unit, struct problem *p)
{
	return flush(r, r->tenant, unit, run_rest, p);
}

void
request_drop(struct request *r, struct unit *unit)
{
	struct context context = context_of(r, r->tenant);

	unit_drop(unit, r->environment->pg, &context);
}

const struct unit *
request_read_unit(struct request *r, struct query *query, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);

	return compile_query(unit, query, &r->principal, r->tenant, NULL, NULL, p) &&
		request_run(r, unit, p)
	    ? unit
	    : NULL;
}

const struct result *
request_read_query(struct request *r, struct query *query, struct problem *p)
{
	const struct unit *unit = request_read_unit(r, query, p);

	return unit != NULL ? unit_result(unit, 0) : NULL;
}
