/* SPDX-License-Identifier: BSD-2-Clause */
/* apply.c - the lock, the owner role, and the transaction around each file */
#include "cli/apply.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/problem.h"
#include "base/settings.h"
#include "database/migrations.h"
#include "database/pg.h"
#include "database/script.h"
#include "database/sqltext.h"

enum { LOCK_POLL_MS = 200 };

/* What the platform's own files offer to be called around a migration. The first of them make these
 * functions and a down file may drop them, so each is looked for every time. */
enum hook { HOOK_CHECK, HOOK_LIFT, HOOK_RESTORE, HOOK_EPOCH, HOOK__MAX };

#define HOOK(function)                                                                             \
	{                                                                                          \
		function, "SELECT " function, sizeof("SELECT " function) - 1                       \
	}
static const struct {
	const char *function;
	const char *call;
	size_t len;
} hooks[] = {
	[HOOK_CHECK] =
	    HOOK("rowhouse.deployment_check()"),     /* the roles are those of this database */
	[HOOK_LIFT] = HOOK("rowhouse.force_lift()"), /* single-role mode: the owner sees all rows */
	[HOOK_RESTORE] = HOOK("rowhouse.force_restore()"),
	[HOOK_EPOCH] = HOOK("rowhouse.raise_epoch()"), /* workers remember the schema */
};
static_assert(COUNT_OF(hooks) == HOOK__MAX, "a row per hook");

static bool
run_hook(struct apply *a, enum hook hook, struct problem *p)
{
	struct sqltext *t = sqltext_new(a->session.arena);
	bool there;

	/* SELECT to_regprocedure('rowhouse.force_lift()') IS NOT NULL */
	sqltext_literal(t, "SELECT pg_catalog.to_regprocedure(");
	sqltext_param(t, value_new(a->session.arena, SQLTYPE_TEXT, hooks[hook].function));
	sqltext_literal(t, ") IS NOT NULL");
	return session_is(&a->session, t, &there, p) &&
	    (!there || session_do_(&a->session, hooks[hook].call, hooks[hook].len, NULL, p));
}

/* --- the session ------------------------------------------------------------------------------ */

/* The number spells "rowhouse" in ASCII; locks of this kind are a database's own. */
#define LOCK_STATEMENT "SELECT pg_catalog.pg_try_advisory_lock(x'726f77686f757365'::int8)"

static bool
take_lock(struct apply *a, struct problem *p)
{
	const struct timespec pause = { 0, LOCK_POLL_MS * 1000000L };
	bool ours = false, told = false;

	for (;;) {
		struct sqltext *t = sqltext_new(a->session.arena);

		sqltext_literal(t, LOCK_STATEMENT);
		if (!session_is(&a->session, t, &ours, p))
			return false;
		if (ours)
			return true;
		if (!told)
			fputs("waiting for another rowhouse migrate of this database to end ...\n",
			    stderr);
		told = true;
		nanosleep(&pause, NULL);
	}
}

/* Each file finds the session as every other does, whatever the one before it has SET. A migration
 *takes as long as it takes; one whose client was killed shall not go on.
 *
 *	SELECT set_config('rowhouse.owner_role', $1, false), ... */
static bool
set_session(struct apply *a, struct problem *p)
{
	const char *app = a->settings->app_role, *owner = a->settings->owner_role;
	struct arena *arena = a->session.arena;
	struct sqltext *t = sqltext_new(arena);

	if (!session_do(&a->session, "RESET ALL", NULL, p))
		return false;
	sqltext_literal(t, "SELECT pg_catalog.set_config('rowhouse.owner_role', ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, *owner != '\0' ? owner : app));
	sqltext_literal(t, ", false), pg_catalog.set_config('rowhouse.app_role', ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, app));
	sqltext_literal(t,
	    ", false), pg_catalog.set_config('rowhouse.migrating', 'off', false), "
	    "pg_catalog.set_config('statement_timeout', '0', false), "
	    "pg_catalog.set_config('lock_timeout', '0', false), "
	    "pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false), "
	    "pg_catalog.set_config('client_connection_check_interval', '1s', false), "
	    "pg_catalog.set_config('standard_conforming_strings', 'on', false)");
	return session_run(&a->session, t, NULL, p) &&
	    session_become_owner(&a->session, a->settings, p);
}

/* A script within the transaction that was begun for it. */
static bool
run_inside(struct apply *a, const struct script *script, struct problem *p)
{
	if (!script_check_plain(script, p) ||
	    !script_run(script, a->session.pg, a->session.arena, p))
		return false;
	if (pg_transaction(a->session.pg) != PG_IN_BLOCK)
		return problem_raise(p, PROBLEM_INTERNAL,
		    "%s: the file has ended the transaction that it ran in", script->path);
	return true;
}

/* Idempotent, and in no record: it makes the table of records. */
static bool
bootstrap(struct apply *a, struct problem *p)
{
	const struct script *script = a->migrations->bootstrap;

	if (script == NULL && a->migrations->recorded)
		return true;
	if (script == NULL)
		return problem_raise(p, PROBLEM_INVALID,
		    "no folder has a file 0000_*.sql and the database has no table "
		    "rowhouse.migrations: put Rowhouse's own folder sql/platform first");
	if (!session_do(&a->session, "BEGIN", NULL, p) || !run_inside(a, script, p) ||
	    !session_commit(&a->session, p)) {
		session_roll_back(&a->session);
		return false;
	}
	return true;
}

bool
apply_look(struct apply *a, struct problem *p)
{
	return session_open_migrator(&a->session, a->session.arena, a->settings, p) &&
	    session_become_owner(&a->session, a->settings, p) &&
	    migrations_load(a->migrations, a->session.pg, a->session.arena, p);
}

bool
apply_open(struct apply *a, struct problem *p)
{
	return session_open_migrator(&a->session, a->session.arena, a->settings, p) &&
	    take_lock(a, p) && set_session(a, p) &&
	    migrations_load(a->migrations, a->session.pg, a->session.arena, p) && bootstrap(a, p) &&
	    (a->migrations->recorded ||
		migrations_load(a->migrations, a->session.pg, a->session.arena, p));
}

/* --- records ---------------------------------------------------------------------------------- */

/* " WHERE set = $n AND version = $n" */
static void
put_key(struct sqltext *t, struct arena *arena, const struct migration *m)
{
	sqltext_literal(t, " WHERE set = ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, m->set));
	sqltext_literal(t, " AND version = ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, m->version));
}

/* Run a statement on rowhouse.migrations that must change one row. */
static bool
change_record(struct apply *a, struct sqltext *t, const char *tag, const struct migration *m,
    struct problem *p)
{
	const struct result *result;

	if (!session_run(&a->session, t, &result, p))
		return false;
	if (strcmp(result_tag(result), tag) != 0)
		return problem_raise(p, PROBLEM_CONFLICT,
		    "the record of %s/%s has been changed by somebody else meanwhile", m->set,
		    m->version);
	return true;
}

/* duration_ms < 0: begun, not finished. started_at is the transaction's.
 *
 *	INSERT INTO rowhouse.migrations (...) VALUES ($1, ..., now(), clock_timestamp(), $5) */
static bool
record(struct apply *a, const struct migration *m, long duration_ms, struct problem *p)
{
	struct arena *arena = a->session.arena;
	struct sqltext *t = sqltext_new(arena);

	sqltext_literal(t,
	    "INSERT INTO rowhouse.migrations (set, version, name, checksum, started_at, "
	    "finished_at, duration_ms) VALUES (");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, m->set));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, m->version));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, m->name));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, m->script->checksum));
	if (duration_ms < 0) {
		sqltext_literal(t, ", pg_catalog.now(), NULL, NULL)");
	} else {
		sqltext_literal(t, ", pg_catalog.now(), pg_catalog.clock_timestamp(), ");
		sqltext_param(t, value_int(arena, duration_ms));
		sqltext_literal(t, ")");
	}
	return change_record(a, t, "INSERT 0 1", m, p);
}

/* UPDATE rowhouse.migrations SET finished_at = ... WHERE set = $1 AND version = $2 AND finished_at
 * IS NULL */
static bool
record_finished(struct apply *a, const struct migration *m, long duration_ms, struct problem *p)
{
	struct arena *arena = a->session.arena;
	struct sqltext *t = sqltext_new(arena);

	sqltext_literal(t,
	    "UPDATE rowhouse.migrations SET finished_at = pg_catalog.clock_timestamp(), "
	    "duration_ms = ");
	sqltext_param(t, value_int(arena, duration_ms));
	sqltext_literal(t, ", checksum = ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, m->script->checksum));
	put_key(t, arena, m);
	sqltext_literal(t, " AND finished_at IS NULL");
	return change_record(a, t, "UPDATE 1", m, p);
}

static bool
record_removed(struct apply *a, const struct migration *m, struct problem *p)
{
	struct sqltext *t = sqltext_new(a->session.arena);

	sqltext_literal(t, "DELETE FROM rowhouse.migrations");
	put_key(t, a->session.arena, m);
	return change_record(a, t, "DELETE 1", m, p);
}

/* --- files ------------------------------------------------------------------------------------ */

static long
elapsed_ms(int64_t since_ns)
{
	return (long)((clock_now_ns() - since_ns) / 1000000);
}

/* BEGIN, and what goes before a file. DDL that waits for a lock makes everybody behind it wait, so
 * it gives up early; the operator tries again. */
static bool
begin(struct apply *a, struct problem *p)
{
	return session_do(&a->session, "BEGIN", NULL, p) &&
	    session_do(&a->session, "SET LOCAL lock_timeout = '10s'", NULL, p) &&
	    session_do(&a->session, "SET LOCAL rowhouse.migrating = 'on'", NULL, p) &&
	    run_hook(a, HOOK_CHECK, p) && run_hook(a, HOOK_LIFT, p);
}

/* What goes behind a file, and COMMIT. Deferred constraints come first: a table with pending
 * triggers cannot be given its row security back. */
static bool
finish(struct apply *a, struct problem *p)
{
	return session_do(&a->session, "SET CONSTRAINTS ALL IMMEDIATE", NULL, p) &&
	    run_hook(a, HOOK_RESTORE, p) && run_hook(a, HOOK_EPOCH, p) &&
	    session_commit(&a->session, p);
}

static bool
up_in_transaction(struct apply *a, const struct migration *m, long *duration_ms, struct problem *p)
{
	int64_t since_ns = clock_now_ns();

	if (!begin(a, p) || !run_inside(a, m->script, p))
		return false;
	*duration_ms = elapsed_ms(since_ns);
	return record(a, m, *duration_ms, p) && finish(a, p);
}

/* No lock_timeout here: CREATE INDEX CONCURRENTLY waits for old transactions as a matter of course
 * and blocks nobody meanwhile. Nor is FORCE lifted, which without a transaction others would see.
 */
static bool
up_outside(struct apply *a, const struct migration *m, long *duration_ms, struct problem *p)
{
	int64_t since_ns = clock_now_ns();

	if (!script_check_plain(m->script, p) || !session_do(&a->session, "BEGIN", NULL, p) ||
	    !run_hook(a, HOOK_CHECK, p) || !record(a, m, -1, p) ||
	    !session_commit(&a->session, p) ||
	    !script_run(m->script, a->session.pg, a->session.arena, p))
		return false;
	*duration_ms = elapsed_ms(since_ns);
	return set_session(a, p) && session_do(&a->session, "BEGIN", NULL, p) &&
	    record_finished(a, m, *duration_ms, p) && finish(a, p);
}

bool
apply_up(struct apply *a, const struct migration *m, long *duration_ms, struct problem *p)
{
	bool ok = set_session(a, p) &&
	    (m->script->no_transaction ? up_outside(a, m, duration_ms, p)
				       : up_in_transaction(a, m, duration_ms, p));

	if (!ok)
		session_roll_back(&a->session);
	return ok;
}

bool
apply_down(struct apply *a, const struct migration *m, long *duration_ms, struct problem *p)
{
	const struct script *script = script_read(a->session.arena, m->down_path, p);
	int64_t since_ns = clock_now_ns();
	bool ok;

	if (script == NULL)
		return false;
	if (script->no_transaction)
		return problem_raise(p, PROBLEM_INVALID,
		    "%s:1: a down file always runs in a transaction", script->path);
	ok = set_session(a, p) && begin(a, p) && run_inside(a, script, p) &&
	    record_removed(a, m, p) && finish(a, p);
	*duration_ms = elapsed_ms(since_ns);
	if (!ok)
		session_roll_back(&a->session);
	return ok;
}

bool
apply_repair(struct apply *a, const struct migration *m, bool applied, struct problem *p)
{
	bool ok = set_session(a, p) && begin(a, p) &&
	    (applied ? record_finished(a, m, 0, p) : record_removed(a, m, p)) && finish(a, p);

	if (!ok)
		session_roll_back(&a->session);
	return ok;
}
