/* SPDX-License-Identifier: BSD-2-Clause */
/* pg.c - a run: what leaves in one pipeline, and what comes back */
#include "database/pg.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/problem.h"
#include "database/pg_conn.h"
#include "database/sqlstate.h"
#include "database/sqltext.h"

struct result {
	PGresult *rows;
	int64_t arrived_ns;
};

/* One command of a pipeline, in the order sent. */
enum step_kind { STEP_DEALLOCATE, STEP_PREPARE, STEP_STATEMENT };
struct step {
	enum step_kind kind;
	struct prepared *entry; /* STEP_DEALLOCATE (NULL: all), STEP_PREPARE */
	size_t index;           /* of the statement */
};

struct run {
	struct pg *pg;
	struct arena *arena;
	const struct statement *const *statements;
	size_t count;
	const struct result **results;
	int64_t deadline_ns;
	struct problem *problem;
	struct step *steps;
	size_t step_count;
	const struct pg_rows *rows;  /* NULL: all are kept */
	size_t rows_of;              /* index of their statement */
	bool may_name;               /* statements may be prepared, and dropped */
	struct prepared_text *texts; /* of the statements, where they are named */
};

/* --- sending ---------------------------------------------------------------------------------- */

static void
add_step(struct run *run, enum step_kind kind, struct prepared *entry, size_t index)
{
	run->steps[run->step_count++] = (struct step){ kind, entry, index };
}

static bool
send_failed(struct run *run)
{
	problem_raise(run->problem, PROBLEM_UNAVAILABLE, "the database connection was lost");
	problem_cause(
	    run->problem, "could not send to PostgreSQL: %s", PQerrorMessage(run->pg->conn));
	return false;
}

/* DEALLOCATE leads the pipeline, so that a failing statement cannot leave it out. */
static bool
send_deallocate(struct run *run, struct prepared *entry)
{
	char sql[48];

	if (entry == NULL)
		snprintf(sql, sizeof(sql), "DEALLOCATE ALL");
	else
		snprintf(sql, sizeof(sql), "DEALLOCATE %s", entry->name);
	if (PQsendQueryParams(run->pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0) != 1)
		return send_failed(run);
	add_step(run, STEP_DEALLOCATE, entry, 0);
	return true;
}

/* Know this run's texts, and make room for the new ones. */
static bool
make_room(struct run *run)
{
	struct prepared *victims[LIMIT_PREPARED_COUNT];
	size_t count;

	run->texts = arena_array(run->arena, run->count, sizeof(*run->texts));
	for (size_t i = 0; i < run->count; i++)
		run->texts[i] = prepared_text_of(run->statements[i]);
	count = prepared_make_room(&run->pg->cache, run->texts, run->count, victims);
	for (size_t i = 0; i < count; i++)
		if (!send_deallocate(run, victims[i]))
			return false;
	return true;
}

/* The entry under which a statement can be sent, prepared in this pipeline when it is new; NULL
 * when it goes unnamed. */
static struct prepared *
prepare(struct run *run, size_t index)
{
	const struct statement *statement = run->statements[index];
	struct pg *pg = run->pg;
	struct prepared *entry;

	if (!run->may_name || !pg->named || statement->text_len > LIMIT_PREPARED_TEXT_BYTES / 4)
		return NULL;
	if ((entry = prepared_find(&pg->cache, &run->texts[index])) != NULL ||
	    (entry = prepared_add(&pg->cache, &run->texts[index])) == NULL)
		return entry;
	if (PQsendPrepare(pg->conn, entry->name, statement->text, 0, NULL) != 1) {
		prepared_drop(&pg->cache, entry);
		return NULL; /* the next send fails as well and says why */
	}
	pg_count(pg, COUNTER_PREPARES);
	add_step(run, STEP_PREPARE, entry, 0);
	return entry;
}

static bool
send_statement(struct run *run, size_t index)
{
	const struct statement *s = run->statements[index];
	struct prepared *entry = prepare(run, index);
	PGconn *conn = run->pg->conn;
	int ok;

	if (entry != NULL) {
		ok = PQsendQueryPrepared(
		    conn, entry->name, (int)s->param_count, s->params, NULL, NULL, 0);
	} else {
		ok = PQsendQueryParams(
		    conn, s->text, (int)s->param_count, NULL, s->params, NULL, NULL, 0);
	}
	if (ok != 1)
		return send_failed(run);
	add_step(run, STEP_STATEMENT, NULL, index);
	return true;
}

/* --- a run ------------------------------------------------------------------------------------ */

static bool
send_all(struct run *run)
{
	struct pg *pg = run->pg;

	/* A failed transaction takes nothing but its end: a DEALLOCATE in front of the ROLLBACK
	 * would fail, and leave it out. */
	run->may_name = PQtransactionStatus(pg->conn) != PQTRANS_INERROR;
	if (run->may_name && pg->forget_prepared) {
		/* Names are never used again, so the entries may go before PostgreSQL has answered.
		 */
		prepared_forget(&pg->cache);
		pg->forget_prepared = false;
		if (!send_deallocate(run, NULL))
			return false;
	}
	if (run->may_name && pg->named && !make_room(run))
		return false;
	for (size_t i = 0; i < run->count; i++)
		if (!send_statement(run, i))
			return false;
	if (PQpipelineSync(pg->conn) != 1)
		return send_failed(run);
	return true;
}

/* Wait until a result can be read without blocking. */
static bool
await_result(struct run *run)
{
	PGconn *conn = run->pg->conn;

	for (;;) {
		struct pollfd ready = { PQsocket(conn), POLLIN, 0 };
		int unsent = PQflush(conn), n;

		if (unsent < 0)
			return send_failed(run);
		if (unsent == 0 && PQisBusy(conn) == 0)
			return true;
		if (unsent > 0)
			ready.events |= POLLOUT;
		n = poll(&ready, 1, clock_left_ms(run->deadline_ns));
		if (n == 0) {
			/* The server notices the closed connection within
			 * client_connection_check_interval. */
			problem_raise(
			    run->problem, PROBLEM_BUSY, "the database did not answer in time");
			problem_cause(run->problem,
			    "the request's deadline passed; the connection is closed");
			return false;
		}
		if (n < 0 && errno != EINTR) {
			problem_cause(run->problem, "poll: %s", strerror(errno));
			return problem_raise(
			    run->problem, PROBLEM_INTERNAL, "an error of the server");
		}
		if (n > 0 && (ready.revents & ~POLLOUT) != 0 && PQconsumeInput(conn) != 1)
			return send_failed(run);
		if (unsent == 0 && n > 0 && PQstatus(conn) == CONNECTION_BAD)
			return true; /* what is left to read tells the reason */
	}
}

static const char *
keep_field(struct arena *arena, const PGresult *res, int field)
{
	const char *value = PQresultErrorField(res, field);

	return value == NULL ? NULL : arena_string(arena, value);
}

/* Take PostgreSQL's error: the failure for who maps it to a field, the problem for the client. */
static void
keep_failure(struct run *run, const PGresult *res, size_t index)
{
	struct pg_failure *failure = ARENA_NEW(run->arena, struct pg_failure);
	const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	enum problem_code code;

	if (run->pg->failure != NULL)
		return; /* the first error is the reason of the others */
	snprintf(failure->sqlstate, sizeof(failure->sqlstate), "%s",
	    sqlstate != NULL ? sqlstate : "08006");
	failure->message = keep_field(run->arena, res, PG_DIAG_MESSAGE_PRIMARY);
	if (failure->message == NULL)
		failure->message = arena_string(run->arena, PQresultErrorMessage(res));
	failure->detail = keep_field(run->arena, res, PG_DIAG_MESSAGE_DETAIL);
	failure->hint = keep_field(run->arena, res, PG_DIAG_MESSAGE_HINT);
	failure->constraint = keep_field(run->arena, res, PG_DIAG_CONSTRAINT_NAME);
	failure->table = keep_field(run->arena, res, PG_DIAG_TABLE_NAME);
	failure->column = keep_field(run->arena, res, PG_DIAG_COLUMN_NAME);
	failure->statement = index;
	run->pg->failure = failure;

	code = sqlstate_problem(failure->sqlstate);
	if (strcmp(failure->sqlstate, "26000") == 0 || strcmp(failure->sqlstate, "0A000") == 0)
		run->pg->forget_prepared = true;
	if (!problem_raised(run->problem)) {
		problem_raise(run->problem, code, "%s", problem_kind(code)->title);
		memcpy(run->problem->sqlstate, failure->sqlstate, sizeof(failure->sqlstate));
		problem_cause(run->problem, "PostgreSQL: %s", failure->message);
	}
}

/* A step succeeded: the cache learns it, the caller gets the rows. */
static void
step_done(struct run *run, const struct step *step, PGresult *res)
{
	struct result *result;

	switch (step->kind) {
	case STEP_DEALLOCATE:
		if (step->entry != NULL)
			prepared_drop(&run->pg->cache, step->entry);
		break;
	case STEP_PREPARE: step->entry->confirmed = true; break;
	case STEP_STATEMENT:
		result = ARENA_NEW(run->arena, struct result);
		result->arrived_ns = clock_now_ns();
		result->rows = res;
		arena_defer(run->arena, (void (*)(void *))PQclear, res);
		run->results[step->index] = result;
		return;
	}
	PQclear(res);
}

static void
step_failed(struct run *run, const struct step *step, PGresult *res)
{
	if (step->kind == STEP_PREPARE)
		prepared_drop(&run->pg->cache, step->entry);
	if (PQresultStatus(res) != PGRES_PIPELINE_ABORTED)
		keep_failure(run, res, step->index);
	PQclear(res);
}

/* Hand over rows until the result that ends them. False when it is over with the connection. */
static bool
read_rows(struct run *run, const struct step *step)
{
	for (;;) {
		struct result row;
		ExecStatusType status;
		bool more;

		if (!await_result(run))
			return false;
		if ((row.rows = PQgetResult(run->pg->conn)) == NULL)
			return send_failed(run);
		status = PQresultStatus(row.rows);
		if (status != PGRES_SINGLE_TUPLE) {
			if (status == PGRES_TUPLES_OK)
				PQclear(row.rows);
			else
				step_failed(run, step, row.rows);
			return true;
		}
		more = run->rows->take(run->rows->context, &row);
		PQclear(row.rows);
		if (!more)
			return problem_raise(run->problem, PROBLEM_BUSY, "nobody takes the rows");
	}
}

static bool
read_result(struct run *run, const struct step *step)
{
	PGresult *res;
	ExecStatusType status;

	if (!await_result(run))
		return false;
	if ((res = PQgetResult(run->pg->conn)) == NULL)
		return send_failed(run);
	status = PQresultStatus(res);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		step_done(run, step, res);
	else
		step_failed(run, step, res);
	return true;
}

/* Read one step: its result, then the NULL that ends it. */
static bool
read_step(struct run *run, const struct step *step)
{
	bool by_row =
	    run->rows != NULL && step->kind == STEP_STATEMENT && step->index == run->rows_of;
	PGresult *res;

	/* Before anything of the result is looked at (libpq, "Pipeline Mode"). */
	if (by_row && PQsetSingleRowMode(run->pg->conn) != 1)
		return send_failed(run);
	if (!(by_row ? read_rows(run, step) : read_result(run, step)))
		return false;
	if (PQstatus(run->pg->conn) == CONNECTION_BAD || !await_result(run))
		return send_failed(run);
	res = PQgetResult(run->pg->conn);
	assert(res == NULL);
	return true;
}

static bool
read_all(struct run *run)
{
	PGresult *res;
	bool synced;

	for (size_t i = 0; i < run->step_count; i++)
		if (!read_step(run, &run->steps[i]))
			return false;
	if (!await_result(run))
		return false;
	if ((res = PQgetResult(run->pg->conn)) == NULL)
		return send_failed(run);
	synced = PQresultStatus(res) == PGRES_PIPELINE_SYNC;
	if (!synced)
		keep_failure(
		    run, res, run->count); /* a deferred constraint fails here (limits.md 3) */
	PQclear(res);
	return synced || send_failed(run);
}

static bool
run_all(struct run *run)
{
	struct pg *pg = run->pg;

	pg->failure = NULL;
	memset(run->results, 0, run->count * sizeof(struct result *));
	if (pg->state != PG_READY)
		return problem_raise(
		    run->problem, PROBLEM_UNAVAILABLE, "the database is not available");
	prepared_begin(&pg->cache);
	pg_count(pg, COUNTER_UNIT_FLUSHES);
	/* Each statement may be prepared; before them all entries may be pushed out. */
	run->steps =
	    arena_array(run->arena, 2 * run->count + LIMIT_PREPARED_COUNT + 1, sizeof(*run->steps));
	if (!send_all(run) || !read_all(run)) {
		/* Where the stream is cannot be known any more. */
		pg_close(pg);
		return false;
	}
	return !problem_raised(run->problem);
}

bool
pg_run(struct pg *pg, struct arena *arena, const struct statement *const *statements, size_t count_,
    const struct result **results, int64_t deadline_ns, struct problem *p)
{
	struct run run = { .pg = pg,
		.arena = arena,
		.statements = statements,
		.count = count_,
		.results = results,
		.deadline_ns = deadline_ns,
		.problem = p };

	return run_all(&run);
}

bool
pg_run_rows(struct pg *pg, struct arena *arena, const struct statement *const *statements,
    size_t count_, const struct result **results, size_t index, const struct pg_rows *rows,
    int64_t deadline_ns, struct problem *p)
{
	struct run run = { .pg = pg,
		.arena = arena,
		.statements = statements,
		.count = count_,
		.results = results,
		.deadline_ns = deadline_ns,
		.problem = p,
		.rows = rows,
		.rows_of = index };

	return run_all(&run);
}

/* --- simple protocol -------------------------------------------------------------------------- */

bool
pg_script(struct pg *pg, const char *sql, struct problem *p)
{
	struct arena *arena = p->arena;
	struct run run = { .pg = pg, .arena = arena, .deadline_ns = INT64_MAX, .problem = p };
	PGresult *res;

	pg->failure = NULL;
	if (pg->state != PG_READY)
		return problem_raise(p, PROBLEM_UNAVAILABLE, "the database is not available");
	if (PQexitPipelineMode(pg->conn) != 1 || PQsendQuery(pg->conn, sql) != 1) {
		send_failed(&run);
		pg_close(pg);
		return false;
	}
	while (await_result(&run) && (res = PQgetResult(pg->conn)) != NULL) {
		ExecStatusType status = PQresultStatus(res);
		bool done = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
		    status == PGRES_EMPTY_QUERY;
		bool copying = status == PGRES_COPY_IN || status == PGRES_COPY_OUT;

		if (copying)
			problem_raise(
			    p, PROBLEM_INVALID, "COPY to or from the client is not possible here");
		else if (!done)
			keep_failure(&run, res, 0);
		PQclear(res);
		if (copying) {
			pg_close(pg);
			return false;
		}
	}
	if (PQstatus(pg->conn) == CONNECTION_BAD || PQenterPipelineMode(pg->conn) != 1) {
		send_failed(&run);
		pg_close(pg);
	}
	return !problem_raised(p);
}

/* --- results ---------------------------------------------------------------------------------- */

size_t
result_rows(const struct result *result)
{
	return (size_t)PQntuples(result->rows);
}

size_t
result_columns(const struct result *result)
{
	return (size_t)PQnfields(result->rows);
}

const char *
result_value(const struct result *result, size_t row, size_t column, size_t *len)
{
	assert(row < result_rows(result) && column < (size_t)PQnfields(result->rows));
	if (PQgetisnull(result->rows, (int)row, (int)column))
		return NULL;
	if (len != NULL)
		*len = (size_t)PQgetlength(result->rows, (int)row, (int)column);
	return PQgetvalue(result->rows, (int)row, (int)column);
}

int64_t
result_arrived_ns(const struct result *result)
{
	return result->arrived_ns;
}

const char *
result_tag(const struct result *result)
{
	return PQcmdStatus(result->rows);
}
