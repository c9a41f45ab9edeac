/* SPDX-License-Identifier: BSD-2-Clause */
/* unit.c - the frame around the statements, and leaving the connection clean */
#include "database/unit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "database/pg.h"
#include "database/sqltext.h"

/* Statements of the frame: BEGIN and context in front, COMMIT behind. */
enum { FRAME_FRONT = 2, LEAD = 1, FRAME_BACK = 1, FIRST_STATEMENTS = 4 };

struct unit {
	struct arena *arena;
	enum unit_mode mode;
	enum isolation isolation;
	void *kept;                          /* of the layer above */
	const struct statement *lead;        /* or NULL */
	const struct statement **statements; /* its own */
	const struct result **results;       /* the same places; NULL: not run yet */
	size_t count, size;
	size_t sent;                      /* so many have been run */
	bool open;                        /* COMMIT is held back */
	const struct pg_failure *failure; /* of the last run, or NULL */
	size_t failed;
	bool lead_failed;
	const struct pg_rows *rows; /* of the last statement, or NULL: they are kept */
};

struct unit *
unit_new(struct arena *arena, enum unit_mode mode)
{
	struct unit *unit = ARENA_NEW(arena, struct unit);

	unit->arena = arena;
	unit->mode = mode;
	unit->size = FIRST_STATEMENTS;
	unit->statements = arena_array(arena, unit->size, sizeof(struct statement *));
	unit->results = arena_array(arena, unit->size, sizeof(struct result *));
	return unit;
}

/* Twice the places. */
static void
grow(struct unit *unit)
{
	const struct statement **statements =
	    arena_array(unit->arena, unit->size * 2, sizeof(struct statement *));
	const struct result **results =
	    arena_array(unit->arena, unit->size * 2, sizeof(struct result *));

	memcpy(statements, unit->statements, unit->count * sizeof(struct statement *));
	memcpy(results, unit->results, unit->count * sizeof(struct result *));
	unit->statements = statements;
	unit->results = results;
	unit->size *= 2;
}

bool
unit_add(struct unit *unit, const struct statement *statement, struct problem *p)
{
	if (unit->count == LIMIT_UNIT_STATEMENTS)
		return problem_raise(p, PROBLEM_TOO_LARGE,
		    "the request makes more than %d statements", LIMIT_UNIT_STATEMENTS);
	if (unit->count == unit->size)
		grow(unit);
	unit->statements[unit->count++] = statement;
	return true;
}

bool
unit_add_text(struct unit *unit, struct sqltext *text, struct problem *p)
{
	const struct statement *statement = sqltext_statement(text, p);

	return statement != NULL && unit_add(unit, statement, p);
}

void
unit_lead(struct unit *unit, const struct statement *statement)
{
	assert(!unit->open && unit->sent == 0);
	unit->lead = statement;
}

void
unit_isolate(struct unit *unit, enum isolation isolation)
{
	assert(!unit->open && unit->sent == 0);
	unit->isolation = isolation;
}

void
unit_keep(struct unit *unit, void *kept)
{
	unit->kept = kept;
}

void *
unit_kept(const struct unit *unit)
{
	return unit->kept;
}

enum unit_mode
unit_mode(const struct unit *unit)
{
	return unit->mode;
}

size_t
unit_count(const struct unit *unit)
{
	return unit->count;
}

size_t
unit_sent(const struct unit *unit)
{
	return unit->sent;
}

const struct statement *
unit_statement(const struct unit *unit, size_t index)
{
	assert(index < unit->count);
	return unit->statements[index];
}

/* A statement without parameters; its text is a literal of ours. */
#define FIXED(name, sql)                                                                           \
	static const struct statement name = { "" sql "", sizeof(sql) - 1, NULL, 0 }

FIXED(commit, "COMMIT");
FIXED(rollback, "ROLLBACK");
FIXED(epoch_now, "SELECT e.number FROM rowhouse.epoch AS e");

#define TEXT(sql)                                                                                  \
	{                                                                                          \
		"" sql "", sizeof(sql) - 1, NULL, 0                                                \
	}

static const struct statement begins[][2] = {
	[ISOLATION_READ_COMMITTED] = { [UNIT_READ] = TEXT("BEGIN READ ONLY"),
	    [UNIT_WRITE] = TEXT("BEGIN") },
	[ISOLATION_REPEATABLE_READ] = { [UNIT_READ] = TEXT("BEGIN ISOLATION LEVEL REPEATABLE READ "
							   "READ ONLY"),
	    [UNIT_WRITE] = TEXT("BEGIN ISOLATION LEVEL REPEATABLE READ") },
	[ISOLATION_SERIALIZABLE] = { [UNIT_READ] = TEXT("BEGIN ISOLATION LEVEL SERIALIZABLE READ "
							"ONLY"),
	    [UNIT_WRITE] = TEXT("BEGIN ISOLATION LEVEL SERIALIZABLE") },
};
static_assert(COUNT_OF(begins) == ISOLATION__MAX, "a BEGIN per level");

/*	SELECT set_config('app.current_tenant', $1, true), set_config('app.actor', $2, true),
 *	       set_config('app.request', $3, true),
 *	       CASE WHEN e.number = $4 THEN true ELSE rowhouse.refuse('EPO') END
 *	  FROM rowhouse.epoch AS e
 *
 * Plain SQL: as plpgsql it costs three times as much (limits.md 9). */
static const struct statement *
context_statement(struct arena *arena, const struct context *c, struct problem *p)
{
	struct sqltext *t = sqltext_new(arena);
	const char *actor =
	    c->principal != NULL && c->principal->id != NULL ? c->principal->id : "";

	sqltext_literal(t, "SELECT set_config('app.current_tenant', ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, c->tenant != NULL ? c->tenant->id : ""));
	sqltext_literal(t, ", true), set_config('app.actor', ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, actor));
	sqltext_literal(t, ", true), set_config('app.request', ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, c->request_id));
	sqltext_literal(t, ", true), CASE WHEN e.number = ");
	sqltext_param(t, value_int(arena, c->epoch));
	sqltext_literal(t, " THEN true ELSE rowhouse.refuse('EPO') END FROM rowhouse.epoch AS e");
	return sqltext_statement(t, p);
}

/* After a failure the block may be open (limits.md 3): close it, or the connection. The next
 * request must find an idle connection. */
static void
clean_up(struct unit *unit, struct pg *pg, const struct context *c)
{
	const struct statement *const statements[] = { &rollback };
	const struct result *results[1];
	struct problem
	    ignored; /* the reason is known already; a failure here closes the connection */

	problem_init(&ignored, unit->arena);
	if (pg_transaction(pg) == PG_IN_ERROR || pg_transaction(pg) == PG_IN_BLOCK)
		if (!pg_run(pg, unit->arena, statements, 1, results, c->deadline_ns, &ignored))
			pg_close(pg);
	if (pg_state(pg) == PG_READY && pg_transaction(pg) != PG_IDLE)
		pg_close(pg);
}

/* The run failed: tell a refused unit from one whose outcome nobody knows. */
static bool
run_failed(
    struct unit *unit, struct pg *pg, const struct context *c, bool committing, struct problem *p)
{
	/* The connection went while COMMIT was under way: no error of a statement explains it. */
	if (committing && unit->mode == UNIT_WRITE && pg_failure(pg) == NULL &&
	    pg_state(pg) != PG_READY)
		p->code = PROBLEM_OUTCOME_UNKNOWN;
	clean_up(unit, pg, c);
	unit->open = false;
	return false;
}

/* Which of its own statements failed, of a run whose first one stood behind front others. */
static void
note_failed(struct unit *unit, const struct pg *pg, size_t front)
{
	const struct pg_failure *failure = unit->failure = pg_failure(pg);

	unit->lead_failed = failure != NULL && unit->lead != NULL && front == FRAME_FRONT + LEAD &&
	    failure->statement == FRAME_FRONT;
	if (failure != NULL && failure->statement >= front &&
	    unit->sent + failure->statement - front < unit->count)
		unit->failed = unit->sent + failure->statement - front;
}

/* The connection as this run needs it: idle, or in this unit's transaction. */
static bool
check_connection(const struct unit *unit, struct pg *pg, struct problem *p)
{
	if (pg_state(pg) == PG_READY && !unit->open && pg_transaction(pg) != PG_IDLE)
		pg_close(pg); /* never reached: clean_up runs after each failure */
	if (pg_state(pg) == PG_READY && (!unit->open || pg_transaction(pg) == PG_IN_BLOCK))
		return true;
	return problem_raise(p, PROBLEM_UNAVAILABLE, "the database is not available");
}

/* Run what was added since the last run, behind BEGIN and context when it is the first, before
 * COMMIT when it is the last. */
static bool
run_part(
    struct unit *unit, struct pg *pg, const struct context *c, bool committing, struct problem *p)
{
	size_t front = unit->open ? 0 : FRAME_FRONT + (unit->lead != NULL ? LEAD : 0);
	size_t fresh = unit->count - unit->sent;
	size_t all = front + fresh + (committing ? FRAME_BACK : 0);
	const struct statement **run =
	    arena_array(unit->arena, all + LEAD, sizeof(struct statement *));
	const struct result **results = arena_array(unit->arena, all + 1, sizeof(struct result *));

	unit->failure = NULL;
	unit->failed = unit->count;
	unit->lead_failed = false;
	if (!unit->open) {
		run[0] = &begins[unit->isolation][unit->mode];
		if ((run[1] = context_statement(unit->arena, c, p)) == NULL)
			return false;
		run[FRAME_FRONT] = unit->lead; /* or what stands in its place */
	}
	memcpy(run + front, unit->statements + unit->sent, fresh * sizeof(struct statement *));
	if (committing)
		run[all - 1] = &commit;

	if (!check_connection(unit, pg, p))
		return false;
	if (!(unit->rows == NULL ? pg_run(pg, unit->arena, run, all, results, c->deadline_ns, p)
				 : pg_run_rows(pg, unit->arena, run, all, results,
				       front + fresh - 1, unit->rows, c->deadline_ns, p))) {
		note_failed(unit, pg, front);
		return run_failed(unit, pg, c, committing, p);
	}
	memcpy(unit->results + unit->sent, results + front, fresh * sizeof(struct result *));
	unit->sent = unit->count;
	unit->open = !committing;
	/* COMMIT of a failed transaction is no error: its tag is ROLLBACK (reliability.md 3.1). */
	if (committing && strcmp(result_tag(results[all - 1]), "COMMIT") != 0) {
		problem_cause(p, "COMMIT was answered %s", result_tag(results[all - 1]));
		return problem_raise(p, PROBLEM_INTERNAL, "an error of the server");
	}
	assert(pg_transaction(pg) == (committing ? PG_IDLE : PG_IN_BLOCK));
	return true;
}

bool
unit_confirm(struct arena *arena, struct pg *pg, const struct context *c, struct problem *p)
{
	const struct statement *const statements[] = { &epoch_now };
	const struct result *results[1];

	if (pg_state(pg) != PG_READY || pg_transaction(pg) != PG_IDLE)
		return problem_raise(p, PROBLEM_UNAVAILABLE, "the database is not available");
	if (!pg_run(pg, arena, statements, 1, results, c->deadline_ns, p))
		return false;
	if (result_rows(results[0]) == 1 &&
	    strtoll(result_value(results[0], 0, 0, NULL), NULL, 10) == c->epoch)
		return true;
	return problem_raise(p, PROBLEM_EPOCH, "the worker's memory is old");
}

bool
unit_run(struct unit *unit, struct pg *pg, const struct context *c, struct problem *p)
{
	return run_part(unit, pg, c, true, p);
}

bool
unit_run_rows(struct unit *unit, struct pg *pg, const struct context *c, const struct pg_rows *rows,
    struct problem *p)
{
	assert(unit->mode == UNIT_READ && unit->count > unit->sent);
	unit->rows = rows;
	return run_part(unit, pg, c, true, p);
}

bool
unit_hold(struct unit *unit, struct pg *pg, const struct context *c, struct problem *p)
{
	return run_part(unit, pg, c, false, p);
}

bool
unit_is_held(const struct unit *unit)
{
	return unit->open;
}

void
unit_drop(struct unit *unit, struct pg *pg, const struct context *c)
{
	if (unit->open)
		clean_up(unit, pg, c);
	unit->open = false;
}

const struct result *
unit_result(const struct unit *unit, size_t index)
{
	assert(index < unit->sent);
	return unit->results[index];
}

const struct pg_failure *
unit_failure(const struct unit *unit)
{
	return unit->failure;
}

size_t
unit_failed(const struct unit *unit)
{
	return unit->failed;
}

bool
unit_lead_failed(const struct unit *unit)
{
	return unit->lead_failed;
}
