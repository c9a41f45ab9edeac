/* SPDX-License-Identifier: BSD-2-Clause */
/* acting.c - the owner's transaction, and the request that no client sent */
#include "cli/acting.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/problem.h"
#include "base/settings.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "handlers/routes.h"
#include "serve/accounts.h"

enum { REQUEST_ID_RANDOM = 16 };

bool
acting_as_owner(
    struct session *s, struct arena *arena, const struct settings *settings, struct problem *p)
{
	return session_open_migrator(s, arena, settings, p) &&
	    session_become_owner(s, settings, p) && session_do(s, "BEGIN", NULL, p) &&
	    session_do(s, "SET LOCAL lock_timeout = '10s'", NULL, p);
}

bool
acting_finish(struct session *s, struct problem *p)
{
	return session_do(s, "SELECT rowhouse.raise_epoch()", NULL, p) && session_commit(s, p);
}

/*	SELECT t.id, t.slug, t.status FROM rowhouse.tenants AS t
 *	WHERE t.slug = $1 OR t.id::text = lower($1)
 *
 * A slug never reads as an id (tenants_slug_is_no_id), so this is one row at most. */
bool
acting_find_tenant(
    struct session *s, const char *slug_or_id, struct acting_tenant *found, struct problem *p)
{
	struct value *named = value_new(s->arena, SQLTYPE_TEXT, slug_or_id);
	struct sqltext *t = sqltext_new(s->arena);
	const struct result *rows;

	sqltext_literal(
	    t, "SELECT t.id, t.slug, t.status FROM rowhouse.tenants AS t WHERE t.slug = ");
	sqltext_param(t, named);
	sqltext_literal(t, " OR t.id::text = lower(");
	sqltext_param(t, named);
	sqltext_literal(t, ")");
	if (!session_run(s, t, &rows, p))
		return false;
	if (result_rows(rows) == 0)
		return problem_raise(p, PROBLEM_NO_ROW,
		    "there is no tenant \"%s\"; `rowhouse tenant list` names them", slug_or_id);
	memcpy(found->tenant.id, result_value(rows, 0, 0, NULL), TENANT_ID_BYTES);
	found->slug = result_value(rows, 0, 1, NULL);
	found->status = result_value(rows, 0, 2, NULL);
	return true;
}

/* A database that nobody has migrated says so in PostgreSQL's words; ours tell what to do. */
static bool
load_catalogue(struct acting *a, struct problem *p)
{
	const struct result *rows;
	struct problem said;
	const char *json;
	size_t len;

	problem_init(&said, a->session.arena);
	if (!session_do(&a->session,
		"SELECT e.number, rowhouse.catalogue() FROM rowhouse.epoch AS e", &rows, &said))
		return problem_raise(p, said.code, "could not load the catalogue: %s%s",
		    said.cause != NULL ? said.cause : said.detail,
		    strncmp(said.sqlstate, "42", 2) == 0 || strncmp(said.sqlstate, "3F", 2) == 0
			? "\nrun `rowhouse migrate`, then `rowhouse check`"
			: "");
	if (result_rows(rows) != 1)
		return problem_raise(
		    p, PROBLEM_UNSAFE, "rowhouse.epoch holds no row: run `rowhouse check`");
	json = result_value(rows, 0, 1, &len);
	a->request.epoch = strtoll(result_value(rows, 0, 0, NULL), NULL, 10);
	return (a->request.catalogue = catalogue_load(a->session.arena, json, len, p)) != NULL;
}

static bool
make_request(struct acting *a, const struct settings *settings, struct problem *p)
{
	unsigned char random[REQUEST_ID_RANDOM];
	char *id = arena_alloc(a->session.arena, 2 * sizeof(random) + 1);

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(id, 2 * sizeof(random) + 1, random, sizeof(random));
	a->environment = (struct environment){
		.settings = settings,
		.counters = &a->counters,
		.pg = a->session.pg,
		.routes = handlers_routes(a->session.arena, settings, p),
	};
	a->request.arena = a->session.arena;
	a->request.environment = &a->environment;
	a->request.settings = settings;
	a->request.began_ns = clock_now_ns();
	a->request.deadline_ns = INT64_MAX;
	a->request.id = id;
	a->request.principal = (struct principal){ .type = PRINCIPAL_SYSTEM, .member = true };
	return a->environment.routes != NULL;
}

bool
acting_connect(
    struct acting *a, struct arena *arena, const struct settings *settings, struct problem *p)
{
	memset(a, 0, sizeof(*a));
	if (!session_open(&a->session, arena, settings, settings->database, p))
		return false;
	return make_request(a, settings, p) && load_catalogue(a, p);
}

bool
acting_in_tenant(struct acting *a, struct arena *arena, const struct settings *settings,
    const char *slug_or_id, struct problem *p)
{
	if (!acting_connect(a, arena, settings, p) ||
	    !acting_find_tenant(&a->session, slug_or_id, &a->tenant, p))
		return false;
	a->request.tenant = &a->tenant.tenant;
	return true;
}

bool
acting_account(struct acting *a, const char *login, struct account *account, struct problem *p)
{
	if (!accounts_find(&a->request, a->request.tenant, login, account, p))
		return false;
	return account->id != NULL ||
	    problem_raise(p, PROBLEM_NO_ROW, "tenant %s has no live account with the login \"%s\"",
		a->tenant.slug, login);
}
