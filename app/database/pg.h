/* SPDX-License-Identifier: BSD-2-Clause */
/* pg.h - one connection to PostgreSQL
 *
 * pg.c and pg_connect.c are the only files that see libpq. A connection is made without blocking,
 * so that a worker goes on answering (with 503) while PostgreSQL is away; it then stays in pipeline
 * mode, and work is done in runs: statements and a Sync leave in one flush, and every result up to
 * the Sync is read before pg_run returns. Each text is prepared once per connection, within the
 * bounds of limits.h; the oldest goes by DEALLOCATE.
 *
 * pg_run knows nothing of transactions; unit.c does. */
#ifndef DATABASE_PG_H
#define DATABASE_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct counters;
struct problem;
struct statement;

struct pg;     /* process lifetime; holds at most one connection */
struct result; /* rows of one statement; lives in the arena given to pg_run */

enum pg_state {
	PG_DOWN,       /* no connection */
	PG_CONNECTING, /* wait for pg_events on pg_socket, then pg_connect_continue */
	PG_READY,
	PG__MAX,
};

enum pg_transaction { PG_IDLE, PG_IN_BLOCK, PG_IN_ERROR, PG_UNKNOWN };

struct pg_options {
	const char *conninfo; /* libpq; a fallback application_name is added */
	bool prepared_statements;
	long connect_timeout_ms;
	struct counters *counters; /* NULL: not counted */
};

/* What PostgreSQL said of the statement that failed; for the mapping to fields and for the log. */
struct pg_failure {
	char sqlstate[6];
	const char *message, *detail, *hint, *constraint, *table, *column; /* NULL when not given */
	size_t statement; /* its index in the run */
};

struct pg *pg_new(struct arena *, const struct pg_options *) __attribute__((returns_nonnull));

/* Close the connection, if there is one; the struct stays usable. */
void pg_close(struct pg *);

enum pg_state pg_state(const struct pg *);

/* Begin to connect. PG_CONNECTING, or PG_DOWN with a cause when it failed at once. */
enum pg_state pg_connect_start(struct pg *, struct problem *);

/* While PG_CONNECTING: the descriptor to poll, and for what (POLLIN or POLLOUT). */
int pg_socket(const struct pg *);
short pg_events(const struct pg *);

/* After poll; also called when the time is over. */
enum pg_state pg_connect_continue(struct pg *, struct problem *);

/* Connect and wait; for cli/ and tests. */
bool pg_connect(struct pg *, struct problem *) MUST_CHECK;

/* The idle connection became readable: PG_DOWN when the server has gone. */
enum pg_state pg_idle(struct pg *);

/* Send statements and a Sync, read all results. results[i] is NULL until its statement succeeded.
 * False and a problem (from the table of SQLSTATEs) when one failed, when the deadline passed (the
 * query is cancelled, the connection closed) or when the connection broke (closed;
 * PROBLEM_UNAVAILABLE). deadline_ns is of the monotonic clock. */
bool pg_run(struct pg *, struct arena *, const struct statement *const *statements, size_t count,
    const struct result **results, int64_t deadline_ns, struct problem *) MUST_CHECK;

/* What is done with the rows of a statement that are not kept: take gets each as a result of one
 * row, which lives until it returns; false ends the run. */
struct pg_rows {
	bool (*take)(void *context, const struct result *row);
	void *context;
};

/* As pg_run, but the rows of the statement with this index are handed over one by one, as they
 * come, and it has no result. When take says false the connection is closed (PROBLEM_BUSY): nothing
 * else stops PostgreSQL from sending. */
bool pg_run_rows(struct pg *, struct arena *, const struct statement *const *statements,
    size_t count, const struct result **results, size_t index, const struct pg_rows *,
    int64_t deadline_ns, struct problem *) MUST_CHECK;

/* The pid that the server side says it has (select pg_backend_pid()): when it is not the one of the
 * greeting, a pooler stands between and statements go unnamed from now on. */
void pg_backend_seen(struct pg *, int64_t backend_pid);

/* Whether it is the one of the greeting. */
bool pg_backend_is(const struct pg *, int64_t backend_pid);

/* The payload of the next notification that has come, in the arena; NULL: no more. They come with
 * pg_idle and with runs. */
const char *pg_notification(struct pg *, struct arena *);

enum pg_transaction pg_transaction(const struct pg *);

/* Of the last failed run; NULL when that did not fail in PostgreSQL. Lives in the run's arena. */
const struct pg_failure *pg_failure(const struct pg *);

/* Simple protocol, several statements in one text, for database/script.c alone
 * (tests/check/layers.sh). */
bool pg_script(struct pg *, const char *sql, struct problem *) MUST_CHECK;

/* Rows in text format. A NULL is NULL; len may be NULL. */
size_t result_rows(const struct result *);
size_t result_columns(const struct result *);
const char *result_value(const struct result *, size_t row, size_t column, size_t *len);

/* When it came, of the monotonic clock. */
int64_t result_arrived_ns(const struct result *);

/* The command tag ("COMMIT", "UPDATE 1"). */
const char *result_tag(const struct result *) __attribute__((returns_nonnull));

#endif
