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
