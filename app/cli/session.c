/* SPDX-License-Identifier: BSD-2-Clause */
/* session.c - one statement after the other */
#include "cli/session.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "database/pg.h"
#include "database/sqltext.h"

bool
session_open(struct session *s, struct arena *arena, const struct settings *settings,
    const char *conninfo, struct problem *p)
{
	struct pg_options options = {
		.conninfo = conninfo,
		.prepared_statements = false, /* nothing here runs often enough */
		.connect_timeout_ms = settings->connect_timeout_ms,
	};

	s->arena = arena;
	s->pg = pg_new(arena, &options);
	return pg_connect(s->pg, p);
}

bool
session_open_migrator(
    struct session *s, struct arena *arena, const struct settings *settings, struct problem *p)
{
	const char *conninfo = settings->migrate_database;

	if (*conninfo == '\0')
		conninfo = settings->database;
	return session_open(s, arena, settings, conninfo, p);
}

/* SET ROLE, whose name is a parameter this way. */
bool
session_become_owner(struct session *s, const struct settings *settings, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	struct problem said;

	if (*settings->owner_role == '\0')
		return true;
	problem_init(&said, s->arena);
	sqltext_literal(t, "SELECT pg_catalog.set_config('role', ");
	sqltext_param(t, value_new(s->arena, SQLTYPE_TEXT, settings->owner_role));
	sqltext_literal(t, ", false)");
	if (session_run(s, t, NULL, &said))
		return true;
	return problem_raise(p, said.code,
	    "could not become the owner: %s\n"
	    "The setting owner_role names the role \"%s\"; it must exist, and the login of\n"
	    "migrate_database must be a member of it (sql/roles.sql). For a host that gives\n"
	    "one role only, set owner_role to nothing.",
	    said.cause != NULL ? said.cause : said.detail, settings->owner_role);
}

bool
session_run(
    struct session *s, struct sqltext *text, const struct result **result, struct problem *p)
{
	const struct statement *statement = sqltext_statement(text, p);
	const struct result *ignored;

	return statement != NULL &&
	    pg_run(
		s->pg, s->arena, &statement, 1, result == NULL ? &ignored : result, INT64_MAX, p);
}

bool
session_do_(struct session *s, const char *literal, size_t len, const struct result **result,
    struct problem *p)
{
	struct sqltext *text = sqltext_new(s->arena);

	sqltext_literal_(text, literal, len);
	return session_run(s, text, result, p);
}

bool
session_is(struct session *s, struct sqltext *text, bool *answer, struct problem *p)
{
	const struct result *result;
	const char *value;

	if (!session_run(s, text, &result, p))
		return false;
	value = result_rows(result) > 0 ? result_value(result, 0, 0, NULL) : NULL;
	*answer = value != NULL && strcmp(value, "t") == 0;
	return true;
}

bool
session_commit(struct session *s, struct problem *p)
{
	const struct result *result;

	if (!session_do(s, "COMMIT", &result, p))
		return false;
	/* COMMIT of a failed transaction is answered ROLLBACK, without an error. */
	if (strcmp(result_tag(result), "COMMIT") != 0)
		return problem_raise(
		    p, PROBLEM_INTERNAL, "PostgreSQL answered COMMIT with %s", result_tag(result));
	return true;
}

void
session_roll_back(struct session *s)
{
	struct problem ignored;

	problem_init(&ignored, s->arena);
	if (pg_state(s->pg) == PG_READY && !session_do(s, "ROLLBACK", NULL, &ignored))
		pg_close(s->pg);
}
