/* SPDX-License-Identifier: BSD-2-Clause */
/* pg_connect.c - making a connection without blocking, and what state it is in */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/problem.h"
#include "database/pg_conn.h"

void
pg_count(struct pg *pg, enum counter which)
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
	prepared_forget(&pg->cache);
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
	pg_count(pg, COUNTER_CONNECT_FAILURES);
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
	pg_count(pg, COUNTER_CONNECTS);
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

bool
pg_backend_is(const struct pg *pg, int64_t backend_pid)
{
	return pg->state == PG_READY && backend_pid == PQbackendPID(pg->conn);
}

const char *
pg_notification(struct pg *pg, struct arena *arena)
{
	PGnotify *notification = pg->state == PG_READY ? PQnotifies(pg->conn) : NULL;
	const char *payload;

	if (notification == NULL)
		return NULL;
	payload = arena_string(arena, notification->extra);
	PQfreemem(notification);
	return payload;
}

void
pg_backend_seen(struct pg *pg, int64_t backend_pid)
{
	/* A pooler stands between when the backend that answers is not the one that greeted: a
	 * statement prepared on one is not known to the next. */
	if (pg->state == PG_READY && !pg_backend_is(pg, backend_pid))
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
