/* SPDX-License-Identifier: BSD-2-Clause */
/* pg.c - libpq, fenced: connecting, the pipeline, prepared statements */
#include "database/pg.h"

#include <libpq-fe.h>

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/text.h"
#include "database/sqlstate.h"
#include "database/sqltext.h"

/* Functions that take SQL or quote it by hand; text comes from sqltext only (STYLE 6). */
#undef PQexec
#define PQexec(...)             BANNED(PQexec)
#define PQexecParams(...)       BANNED(PQexecParams)
#define PQescapeString(...)     BANNED(PQescapeString)
#define PQescapeLiteral(...)    BANNED(PQescapeLiteral)
#define PQescapeIdentifier(...) BANNED(PQescapeIdentifier)

enum { HASH_BYTES = 16 };

/* A statement prepared on this connection. Its text is known by a hash: 128 bits of BLAKE2b do not
 * collide by accident, and texts are ours. */
struct prepared {
	unsigned char hash[HASH_BYTES];
	char name[1 + TEXT_DIGITS]; /* s and a number; never used again (limits.md 10.5) */
	uint64_t used;              /* run number, for the oldest */
	size_t text_len;            /* 0: the entry is free */
	bool confirmed; /* PostgreSQL said so; before that only later statements of the same run may
			   use it */
};

struct pg {
	struct pg_options options;
	PGconn *conn;
	enum pg_state state;
	PostgresPollingStatusType polling;
	int64_t connect_deadline_ns;
	bool named;           /* prepared statements are possible on this connection */
	bool forget_prepared; /* DEALLOCATE ALL before the next run */
	struct prepared cache[LIMIT_PREPARED_COUNT];
	size_t cached_bytes;
	int64_t next_name;
	uint64_t run;
	const struct pg_failure *failure;
};

struct result {
	PGresult *rows;
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
	const struct pg_rows *rows;          /* NULL: all are kept */
	size_t rows_of;                      /* index of their statement */
	unsigned char (*hashes)[HASH_BYTES]; /* of the statements' texts, where they are named */
};

static void
count(struct pg *pg, enum counter which)
{
	if (pg->options.counters != NULL)
		counters_add(pg->options.counters, which, 1);
}

/* PostgreSQL's notices: a WARNING is for the sysadmin, the rest for who debugs. */
static void
receive_notice(void *context, const PGresult *notice)
{
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
	bool warning = severity != NULL && strcmp(severity, "WARNING") == 0;

	(void)context;
	log_say(warning ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "postgresql", "%s",
	    message != NULL ? message : "");
}

/* --- connecting ------------------------------------------------------------------------------- */

struct pg *
pg_new(struct arena *arena, const struct pg_options *options)
{
	struct pg *pg = ARENA_NEW(arena, struct pg);

	pg->options = *options;
	pg->state = PG_DOWN;
	arena_defer(arena, (void (*)(void *))pg_close, pg);
	return pg;
}

void
pg_close(struct pg *pg)
{
	if (pg->conn != NULL)
		PQfinish(pg->conn);
	pg->conn = NULL;
	pg->state = PG_DOWN;
	memset(pg->cache, 0, sizeof(pg->cache));
	pg->cached_bytes = 0;
	pg->forget_prepared = false;
}

enum pg_state
pg_state(const struct pg *pg)
{
	return pg->state;
}

/* The connection attempt has failed: say why to the log, close. libpq's message holds no password.
 */
static enum pg_state
connect_failed(struct pg *pg, const char *why, struct problem *p)
{
	problem_raise(p, PROBLEM_UNAVAILABLE, "could not reach the database");
	problem_cause(p, "could not connect to PostgreSQL: %s", why);
	count(pg, COUNTER_CONNECT_FAILURES);
	pg_close(pg);
	return pg->state;
}

enum pg_state
pg_connect_start(struct pg *pg, struct problem *p)
{
	/* dbname is expanded as a connection string; what follows it overrides it. */
	const char *const keys[] = { "fallback_application_name", "dbname", "client_encoding",
		NULL };
	const char *const values[] = { "rowhouse", pg->options.conninfo, "UTF8", NULL };

	pg_close(pg);
	pg->named = pg->options.prepared_statements;
	pg->connect_deadline_ns =
	    clock_now_ns() + pg->options.connect_timeout_ms * INT64_C(1000000);
	if ((pg->conn = PQconnectStartParams(keys, values, 1)) == NULL)
		return connect_failed(pg, "out of memory", p);
	if (PQstatus(pg->conn) == CONNECTION_BAD)
		return connect_failed(pg, PQerrorMessage(pg->conn), p);
	PQsetNoticeReceiver(pg->conn, receive_notice, NULL);
	pg->polling = PGRES_POLLING_WRITING;
	pg->state = PG_CONNECTING;
	return pg->state;
}

int
pg_socket(const struct pg *pg)
{
	return pg->conn == NULL ? -1 : PQsocket(pg->conn);
}

short
pg_events(const struct pg *pg)
{
	return pg->state == PG_CONNECTING && pg->polling == PGRES_POLLING_WRITING ? POLLOUT
										  : POLLIN;
}

enum pg_state
pg_connect_continue(struct pg *pg, struct problem *p)
{
	struct pollfd ready = { pg_socket(pg), pg_events(pg), 0 };

	assert(pg->state == PG_CONNECTING);
	if (poll(&ready, 1, 0) == 0) {
		if (clock_left_ms(pg->connect_deadline_ns) == 0)
			return connect_failed(pg, "no answer within connect_timeout", p);
		return pg->state;
	}
	pg->polling = PQconnectPoll(pg->conn);
	if (pg->polling == PGRES_POLLING_FAILED)
		return connect_failed(pg, PQerrorMessage(pg->conn), p);
	if (pg->polling != PGRES_POLLING_OK)
		return pg->state;
	if (PQsetnonblocking(pg->conn, 1) != 0 || PQenterPipelineMode(pg->conn) != 1)
		return connect_failed(pg, PQerrorMessage(pg->conn), p);
	pg->state = PG_READY;
	count(pg, COUNTER_CONNECTS);
	return pg->state;
}

bool
pg_connect(struct pg *pg, struct problem *p)
{
	pg_connect_start(pg, p);
	while (pg->state == PG_CONNECTING) {
		struct pollfd ready = { pg_socket(pg), pg_events(pg), 0 };

		if (poll(&ready, 1, clock_left_ms(pg->connect_deadline_ns)) < 0 && errno != EINTR)
			connect_failed(pg, strerror(errno), p);
		else
			pg_connect_continue(pg, p);
	}
	return pg->state == PG_READY;
}

enum pg_state
pg_idle(struct pg *pg)
{
	if (pg->state != PG_READY)
		return pg->state;
	/* Between runs nothing but notices, parameter changes and the end may arrive. */
	if (PQconsumeInput(pg->conn) != 1 || PQstatus(pg->conn) == CONNECTION_BAD)
		pg_close(pg);
	return pg->state;
}

void
pg_backend_seen(struct pg *pg, int64_t backend_pid)
{
	/* A pooler stands between when the backend that answers is not the one that greeted: a
	 * statement prepared on one is not known to the next. */
	if (pg->state == PG_READY && backend_pid != PQbackendPID(pg->conn))
		pg->named = false;
}

enum pg_transaction
pg_transaction(const struct pg *pg)
{
	if (pg->state != PG_READY)
		return PG_UNKNOWN;
	switch (PQtransactionStatus(pg->conn)) {
	case PQTRANS_IDLE: return PG_IDLE;
	case PQTRANS_INTRANS: return PG_IN_BLOCK;
	case PQTRANS_INERROR: return PG_IN_ERROR;
	case PQTRANS_ACTIVE:
	case PQTRANS_UNKNOWN: break;
	}
	return PG_UNKNOWN;
}

const struct pg_failure *
pg_failure(const struct pg *pg)
{
	return pg->failure;
}

/* --- the statement cache ---------------------------------------------------------------------- */

static void
hash_texts(struct run *run)
{
	run->hashes = arena_array(run->arena, run->count, sizeof(*run->hashes));
	for (size_t i = 0; i < run->count; i++)
		crypto_generichash(run->hashes[i], HASH_BYTES,
		    (const unsigned char *)run->statements[i]->text, run->statements[i]->text_len,
		    NULL, 0);
}

static void
cache_drop(struct pg *pg, struct prepared *entry)
{
	pg->cached_bytes -= entry->text_len;
	memset(entry, 0, sizeof(*entry));
}

/* The oldest confirmed entry that this run does not use; NULL when there is none. */
static struct prepared *
cache_oldest(struct pg *pg)
{
	struct prepared *oldest = NULL;

	for (size_t i = 0; i < COUNT_OF(pg->cache); i++) {
		struct prepared *e = &pg->cache[i];

		if (e->text_len > 0 && e->confirmed && e->used < pg->run &&
		    (oldest == NULL || e->used < oldest->used))
			oldest = e;
	}
	return oldest;
}

static struct prepared *
cache_find(struct pg *pg, const unsigned char hash[HASH_BYTES])
{
	for (size_t i = 0; i < COUNT_OF(pg->cache); i++)
		if (pg->cache[i].text_len > 0 && memcmp(pg->cache[i].hash, hash, HASH_BYTES) == 0)
			return &pg->cache[i];
	return NULL;
}

static struct prepared *
cache_free_entry(struct pg *pg)
{
	for (size_t i = 0; i < COUNT_OF(pg->cache); i++)
		if (pg->cache[i].text_len == 0)
			return &pg->cache[i];
	return NULL;
}

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

/* Make room for one run's new texts: the oldest entries go until both bounds hold. */
static bool
make_cache_room(struct run *run)
{
	struct pg *pg = run->pg;
	size_t bytes = 0, entries = 0, used = 0;
	struct prepared *entry;

	for (size_t i = 0; i < run->count; i++) {
		if ((entry = cache_find(pg, run->hashes[i])) != NULL) {
			entry->used = pg->run;
			continue;
		}
		bytes += run->statements[i]->text_len;
		entries++;
	}
	for (size_t i = 0; i < COUNT_OF(pg->cache); i++)
		used += pg->cache[i].text_len > 0;
	while (entries > 0 &&
	    (pg->cached_bytes + bytes > LIMIT_PREPARED_TEXT_BYTES ||
		used + entries > LIMIT_PREPARED_COUNT) &&
	    (entry = cache_oldest(pg)) != NULL) {
		/* Counted as gone for this run; dropped when PostgreSQL says so. */
		entry->used = pg->run;
		bytes -= bytes < entry->text_len ? bytes : entry->text_len;
		entries--;
		if (!send_deallocate(run, entry))
			return false;
	}
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

	if (!pg->named || statement->text_len > LIMIT_PREPARED_TEXT_BYTES / 4)
		return NULL;
	if ((entry = cache_find(pg, run->hashes[index])) != NULL) {
		entry->used = pg->run;
		return entry;
	}
	if ((entry = cache_free_entry(pg)) == NULL)
		return NULL;
	memcpy(entry->hash, run->hashes[index], HASH_BYTES);
	entry->name[0] = 's';
	text_digits(entry->name + 1, ++pg->next_name);
	entry->used = pg->run;
	entry->text_len = statement->text_len;
	entry->confirmed = false;
	pg->cached_bytes += entry->text_len;
	if (PQsendPrepare(pg->conn, entry->name, statement->text, 0, NULL) != 1) {
		cache_drop(pg, entry);
		return NULL; /* the next send fails as well and says why */
	}
	count(pg, COUNTER_PREPARES);
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

	if (pg->forget_prepared) {
		/* Names are never used again, so the entries may go before PostgreSQL has answered.
		 */
		memset(pg->cache, 0, sizeof(pg->cache));
		pg->cached_bytes = 0;
		pg->forget_prepared = false;
		if (!send_deallocate(run, NULL))
			return false;
	}
	if (pg->named)
		hash_texts(run);
	if (pg->named && !make_cache_room(run))
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
			cache_drop(run->pg, step->entry);
		break;
	case STEP_PREPARE: step->entry->confirmed = true; break;
	case STEP_STATEMENT:
		result = ARENA_NEW(run->arena, struct result);
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
		cache_drop(run->pg, step->entry);
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
	pg->run++;
	count(pg, COUNTER_UNIT_FLUSHES);
	/* Each statement may be prepared, and each may push one entry out. */
	run->steps = arena_array(run->arena, 3 * run->count + 1, sizeof(*run->steps));
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

const char *
result_tag(const struct result *result)
{
	return PQcmdStatus(result->rows);
}
