/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.c - loading, and running the lint */
#include "serve/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/problem.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "serve/keyring.h"
#include "serve/remembered.h"

/* Catalogues of thousands of columns stay far below. */
enum { MEMORY_ARENA_BYTES = 256 << 20 };

struct memory {
	const struct settings *settings;
	const struct secret *secret;
	struct arena *arena; /* of one epoch */
	const struct catalogue *catalogue;
	const struct keyring *keyring;
	struct remembered *remembered;
	int64_t epoch;
};

#define FIXED(name, sql)                                                                           \
	static const struct statement name = { "" sql "", sizeof(sql) - 1, NULL, 0 }

FIXED(begin_read, "BEGIN READ ONLY");
FIXED(load,
    "SELECT e.number, rowhouse.catalogue(), pg_catalog.pg_backend_pid() FROM rowhouse.epoch AS e");
FIXED(lint,
    "SELECT l.code, l.object, l.finding, l.remedy FROM rowhouse.lint() AS l WHERE l.severity "
    "= 'error'");
FIXED(keys, KEYRING_ROWS);
FIXED(commit, "COMMIT");

static void
free_epoch(void *memory)
{
	arena_free(((struct memory *)memory)->arena);
}

struct memory *
memory_new(struct arena *process, const struct settings *settings, const struct secret *secret)
{
	struct memory *m = ARENA_NEW(process, struct memory);

	m->settings = settings;
	m->secret = secret;
	m->arena = arena_new(MEMORY_ARENA_BYTES);
	arena_defer(process, free_epoch, m);
	m->remembered = remembered_new(process);
	return m;
}

static void
forget(struct memory *m)
{
	m->catalogue = NULL;
	m->epoch = 0;
	m->keyring = NULL;
	remembered_forget(m->remembered);
	arena_reset(m->arena);
}

/* Each finding, with its remedy, for who has to mend it. */
static void
log_findings(const struct result *findings)
{
	for (size_t row = 0; row < result_rows(findings); row++) {
		struct log_line line;

		log_begin(&line, LOG_LEVEL_ERROR, "lint");
		log_string(&line, "code", result_value(findings, row, 0, NULL));
		log_string(&line, "object", result_value(findings, row, 1, NULL));
		log_string(&line, "finding", result_value(findings, row, 2, NULL));
		log_string(&line, "remedy", result_value(findings, row, 3, NULL));
		log_end(&line);
	}
}

/* The schema is not there, or not ours to read: say what to do. */
static void
explain_failure(const struct pg *pg, struct problem *p)
{
	const struct pg_failure *failure = pg_failure(pg);

	if (failure == NULL)
		return;
	if (strncmp(failure->sqlstate, "42", 2) == 0 || strncmp(failure->sqlstate, "3F", 2) == 0) {
		log_say(LOG_LEVEL_ERROR, "schema",
		    "cannot read schema rowhouse (%s): run `rowhouse migrate`, then `rowhouse "
		    "check`",
		    failure->message);
		p->code = PROBLEM_UNSAFE;
	}
}

static bool
run(struct pg *pg, const struct statement *const *statements, size_t count,
    const struct result **results, int64_t deadline_ns, struct problem *p)
{
	static const struct statement rollback = { "ROLLBACK", sizeof("ROLLBACK") - 1, NULL, 0 };
	const struct statement *const undo[] = { &rollback };
	const struct result *undone[1];
	struct problem
	    ignored; /* the first failure is the reason; a second closes the connection */

	if (pg_run(pg, p->arena, statements, count, results, deadline_ns, p))
		return true;
	explain_failure(pg, p);
	problem_init(&ignored, p->arena);
	if (pg_state(pg) == PG_READY && pg_transaction(pg) != PG_IDLE &&
	    !pg_run(pg, p->arena, undo, 1, undone, deadline_ns, &ignored))
		pg_close(pg);
	return false;
}

bool
memory_refresh(
    struct memory *m, struct pg *pg, int64_t deadline_ns, size_t *lint_errors, struct problem *p)
{
	const struct statement *const statements[] = { &begin_read, &load, &lint, &keys, &commit };
	const struct result *results[COUNT_OF(statements)];
	const char *json;
	size_t len;

	*lint_errors = 0;
	forget(m);
	if (!run(pg, statements, COUNT_OF(statements), results, deadline_ns, p))
		return false;
	if (result_rows(results[1]) != 1 || (json = result_value(results[1], 0, 1, &len)) == NULL) {
		problem_cause(p, "rowhouse.epoch holds no row");
		return problem_raise(
		    p, PROBLEM_UNSAFE, "the database does not pass its safety checks");
	}
	pg_backend_seen(pg, strtoll(result_value(results[1], 0, 2, NULL), NULL, 10));
	if ((*lint_errors = result_rows(results[2])) > 0) {
		log_findings(results[2]);
		return problem_raise(
		    p, PROBLEM_UNSAFE, "the database does not pass its safety checks");
	}
	if ((m->keyring = keyring_load(m->arena, results[3], m->secret, m->settings, p)) == NULL ||
	    (m->catalogue = catalogue_load(m->arena, json, len, p)) == NULL)
		return false;
	m->epoch = strtoll(result_value(results[1], 0, 0, NULL), NULL, 10);
	return true;
}

const struct catalogue *
memory_catalogue(const struct memory *m)
{
	return m->catalogue;
}

const struct keyring *
memory_keyring(const struct memory *m)
{
	return m->keyring;
}

struct remembered *
memory_remembered(struct memory *m)
{
	return m->remembered;
}

int64_t
memory_epoch(const struct memory *m)
{
	return m->epoch;
}
