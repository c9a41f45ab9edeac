/* SPDX-License-Identifier: BSD-2-Clause */
/* purge.c - rowhouse purge: deleted rows and stored answers that are past their time */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/settings.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "cli/purging.h"
#include "database/pg.h"
#include "database/sqltext.h"

enum { DELETED_BEFORE, EXPIRED, TENANT, BATCH };
enum { BATCH_STANDARD = 1000, BATCH_MOST = 100000 };

static const struct option options[] = {
	{ "deleted-before", required_argument, NULL, OPTION_OWN + DELETED_BEFORE },
	{ "expired", no_argument, NULL, OPTION_OWN + EXPIRED },
	{ "tenant", required_argument, NULL, OPTION_OWN + TENANT },
	{ "batch", required_argument, NULL, OPTION_OWN + BATCH },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_purge;
static action_fn purge;

const struct command command_purge = {
	.name = "purge",
	.run = run_purge,
	.help = "remove deleted rows for good, and answers kept for Idempotency-Keys",
	.usage =
	    "usage: rowhouse purge --deleted-before TIME [--tenant SLUG|ID] [--batch N]\n"
	    "       rowhouse purge --expired [--tenant SLUG|ID] [--batch N]\n"
	    "\n"
	    "  --deleted-before TIME  rows that were deleted before it, such as 2026-01-01;\n"
	    "                         a model keeps them at least as long as its retention\n"
	    "  --expired              rows that were deleted longer ago than the retention of\n"
	    "                         their model; of models that have one\n"
	    "  --tenant SLUG|ID       of one tenant instead of all\n"
	    "  --batch N              rows in one transaction; 1000\n",
	.options = options,
	.letters = "",
};

static const struct command_action actions[] = {
	{ NULL, purge, NULL,
	    ACTION_BIT(DELETED_BEFORE) | ACTION_BIT(EXPIRED) | ACTION_BIT(TENANT) |
		ACTION_BIT(BATCH),
	    0 },
};

/* Whether the bound lies in the past; a later one would take what is deleted while it runs.
 *
 *	SELECT $1::timestamptz <= now() */
static bool
check_bound(struct session *s, const char *before, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	bool past;

	if (before == NULL)
		return true;
	sqltext_literal(t, "SELECT ");
	sqltext_param(t, value_new(s->arena, SQLTYPE_TEXT, before));
	sqltext_literal(t, "::timestamptz <= now()");
	return session_is(s, t, &past, p) &&
	    (past ||
		problem_raise(p, PROBLEM_SETTING, "--deleted-before takes a time in the past"));
}

/*	SELECT m.relation, m.table_name, least($1::timestamptz, now() - m.keep)
 *	  FROM rowhouse.purge_models() AS m WHERE m.soft_delete AND bound IS NOT NULL */
static bool
list_models(struct session *s, const char *before, const struct result **rows, struct problem *p)
{
	struct value *bound = value_new(s->arena, SQLTYPE_TEXT, before);
	struct sqltext *t = sqltext_new(s->arena);

	sqltext_literal(t, "SELECT m.relation, m.table_name, least(");
	sqltext_param(t, bound);
	sqltext_literal(t,
	    "::timestamptz, now() - m.keep) FROM rowhouse.purge_models() AS m "
	    "WHERE m.soft_delete AND coalesce(");
	sqltext_param(t, bound);
	sqltext_literal(t, ", m.keep::text) IS NOT NULL");
	return session_run(s, t, rows, p);
}

/* Those that are not being deleted, or the one that was named. */
static bool
list_tenants(struct session *s, const char *named, const struct result **rows, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	struct acting_tenant found;

	if (named != NULL && !acting_find_tenant(s, named, &found, p))
		return false;
	sqltext_literal(
	    t, "SELECT t.id, t.slug FROM rowhouse.tenants AS t WHERE t.status <> 'deleting' AND ");
	if (named != NULL) {
		sqltext_literal(t, "t.id = ");
		sqltext_param(t, value_new(s->arena, SQLTYPE_UUID, found.tenant.id));
	} else {
		sqltext_literal(t, "true");
	}
	sqltext_literal(t, " ORDER BY t.slug");
	return session_run(s, t, rows, p);
}

/*	SELECT rowhouse.purge_keys($1, now() - $2 * interval '1 millisecond') */
static bool
purge_keys(struct session *s, const char *tenant, long ttl_ms, long long *gone, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	const struct result *rows;

	sqltext_literal(t, "SELECT rowhouse.purge_keys(");
	sqltext_param(t, value_new(s->arena, SQLTYPE_UUID, tenant));
	sqltext_literal(t, ", now() - ");
	sqltext_param(t, value_int(s->arena, ttl_ms));
	sqltext_literal(t, " * interval '1 millisecond')");
	if (!purging_step(s, t, &rows, p))
		return false;
	*gone += strtoll(result_value(rows, 0, 0, NULL), NULL, 10);
	return true;
}

static bool
read_batch(struct action_line *l, long *batch)
{
	const char *text = action_value(l, BATCH);
	char *end;

	*batch = text != NULL ? strtol(text, &end, 10) : BATCH_STANDARD;
	return text == NULL ||
	    (*text != '\0' && *end == '\0' && *batch >= 1 && *batch <= BATCH_MOST);
}

static bool
purge_tenants(struct action_line *l, struct session *s, long batch, struct problem *p)
{
	const char *before = action_value(l, DELETED_BEFORE);
	const struct result *models, *tenants;
	long long gone, all = 0, keys = 0;

	if (!check_bound(s, before, p) || !list_models(s, before, &models, p) ||
	    !list_tenants(s, action_value(l, TENANT), &tenants, p) || !session_commit(s, p))
		return false;
	for (size_t i = 0; i < result_rows(tenants); i++) {
		struct purging purging = { s, result_value(tenants, i, 0, NULL),
			result_value(tenants, i, 1, NULL), batch };

		if (!purging_run(&purging, models, &gone, p) ||
		    !purge_keys(s, purging.tenant, l->settings->idempotency_ms, &keys, p))
			return false;
		all += gone;
	}
	printf("%lld rows and %lld answers purged\n", all, keys);
	return true;
}

static enum command_exit
purge(struct action_line *l)
{
	struct session s;
	long batch;

	if (action_given(l, DELETED_BEFORE) == action_given(l, EXPIRED))
		return command_misused(l->line, "say either --deleted-before TIME or --expired");
	if (!read_batch(l, &batch))
		return command_misused(l->line, "--batch takes a number from 1 to %d", BATCH_MOST);
	if (!acting_as_owner(&s, l->arena, l->settings, &l->problem) ||
	    !purge_tenants(l, &s, batch, &l->problem))
		return command_fail(&l->problem);
	return COMMAND_OK;
}

static enum command_exit
run_purge(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
