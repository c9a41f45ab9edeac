/* SPDX-License-Identifier: BSD-2-Clause */
/* handler.c - running what a handler asks for */
#include "serve/handler.h"

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/settings.h"
#include "compiler/stages.h"
#include "serve/environment.h"

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

bool
request_run_for(
    struct request *r, const struct tenant *tenant, struct unit *unit, struct problem *p)
{
	const struct environment *e = r->environment;
	struct context context = { tenant, &r->principal, r->id, r->epoch, r->deadline_ns };
	int64_t began = clock_now_ns(), took;
	bool ok = unit_run(unit, e->pg, &context, p);

	r->units++;
	took = clock_now_ns() - began;
	r->database_ns += took;
	counters_add(e->counters, COUNTER_UNITS, 1);
	if (took >= e->settings->slow_ms * INT64_C(1000000))
		log_slow(r, unit, took);
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

const struct result *
request_read_query(struct request *r, struct query *query, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);

	if (!compile_query(unit, query, &r->principal, r->tenant, NULL, NULL, p) ||
	    !request_run(r, unit, p))
		return NULL;
	return unit_result(unit, 0);
}
