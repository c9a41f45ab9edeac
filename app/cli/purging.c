/* SPDX-License-Identifier: BSD-2-Clause */
/* purging.c - batches of a model, models of a tenant */
#include "cli/purging.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "database/pg.h"
#include "database/sqltext.h"

enum { STEP_ARENA_BYTES = 1 << 20 };

bool
purging_step(struct session *s, struct sqltext *text, const struct result **rows, struct problem *p)
{
	return session_do(s, "BEGIN", NULL, p) &&
	    session_do(s, "SET LOCAL lock_timeout = '10s'", NULL, p) &&
	    session_run(s, text, rows, p) && session_commit(s, p);
}

/*	SELECT rowhouse.purge_batch($1, $2::oid, $3::timestamptz, $4::integer) */
static bool
purge_batch(const struct purging *g, struct session *s, const struct result *models, size_t i,
    long *gone, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	const struct result *rows;

	sqltext_literal(t, "SELECT rowhouse.purge_batch(");
	sqltext_param(t, value_new(s->arena, SQLTYPE_UUID, g->tenant));
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(s->arena, SQLTYPE_TEXT, result_value(models, i, 0, NULL)));
	sqltext_literal(t, "::oid, ");
	sqltext_param(t, value_new(s->arena, SQLTYPE_TEXT, result_value(models, i, 2, NULL)));
	sqltext_literal(t, "::timestamptz, ");
	sqltext_param(t, value_int(s->arena, g->batch));
	sqltext_literal(t, "::integer)");
	if (!purging_step(s, t, &rows, p))
		return false;
	*gone = strtol(result_value(rows, 0, 0, NULL), NULL, 10);
	return true;
}

/* One model until nothing of it goes; counts what went. */
static bool
purge_model(const struct purging *g, const struct result *models, size_t i, long long *gone,
    struct problem *p)
{
	/* What a batch leaves in memory goes with it. */
	struct session step = { arena_new(STEP_ARENA_BYTES), g->session->pg };
	long batch = 1;
	bool ok = true;

	while (ok && batch > 0) {
		arena_reset(step.arena);
		ok = purge_batch(g, &step, models, i, &batch, p);
		*gone += ok ? batch : 0;
		if (ok && batch > 0 && isatty(STDERR_FILENO))
			fprintf(stderr, "rowhouse: %s %s: %lld\n", g->slug,
			    result_value(models, i, 1, NULL), *gone);
	}
	arena_free(step.arena);
	return ok;
}

bool
purging_run(struct purging *g, const struct result *models, long long *gone, struct problem *p)
{
	long long *each = arena_array(g->session->arena, result_rows(models), sizeof(*each));
	long long before;

	*gone = 0;
	do {
		before = *gone;
		for (size_t i = 0; i < result_rows(models); i++) {
			long long went = 0;

			if (!purge_model(g, models, i, &went, p))
				return false;
			each[i] += went;
			*gone += went;
		}
	} while (*gone > before);
	for (size_t i = 0; i < result_rows(models); i++)
		if (each[i] > 0)
			printf("%s %s: %lld\n", g->slug, result_value(models, i, 1, NULL), each[i]);
	fflush(stdout);
	return true;
}
