/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant_data.c - reading all of a tenant, and removing it */
#include "cli/tenant_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/settings.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/prompt.h"
#include "cli/purging.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "database/catalogue.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "serve/trail.h"

enum { PAGE_ROWS = 1000, PAGE_ARENA_BYTES = 16 << 20, SLUG_BYTES = 80, BATCH_ROWS = 5000 };

/* --- export ---------------------------------------------------------------------------------- */

struct export
{
	struct acting acting;
	struct session page; /* the same connection, with memory that goes after each page */
	long long rows, entries;
};

/* One snapshot for everything, in the tenant's context.
 *
 *	BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT set_config(...) */
static bool
begin_snapshot(struct export *e, struct problem *p)
{
	struct session *s = &e->acting.session;
	struct sqltext *t = sqltext_new(s->arena);

	sqltext_literal(t, "SELECT set_config('app.current_tenant', ");
	sqltext_param(t, value_new(s->arena, SQLTYPE_TEXT, e->acting.request.tenant->id));
	sqltext_literal(t, ", true), set_config('statement_timeout', '0', true)");
	return session_do(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, p) &&
	    session_run(s, t, NULL, p);
}

/*	SELECT t0."id"::text, row_to_json(r0) FROM ... AS t0, LATERAL (SELECT fields) AS r0
 *	 WHERE (t0."tenant_id" = $1) AND (t0."id" > $2) ORDER BY t0."id" LIMIT $3 */
static bool
read_page(struct export *e, const struct model *model, const char *last, const struct result **rows,
    struct problem *p)
{
	struct arena *arena = e->page.arena;
	struct query *q = query_new(arena, ACTION_READ, SHAPE_ROW, model);
	struct sqltext *t = sqltext_new(arena);
	bool first = true;

	q->tenant = value_new(arena, SQLTYPE_UUID, e->acting.request.tenant->id);
	if (last[0] != '\0')
		query_compare(q, model->id, OPERATOR_GT, value_typed(arena, model->id->type, last));
	sqltext_literal(t, "SELECT ");
	parts_column(t, q, model->id);
	sqltext_literal(t, "::text, (SELECT row_to_json(r0) FROM (SELECT ");
	for (size_t i = 0; i < model->column_count; i++) {
		if (model->columns[i].hidden || model->columns[i].role == ROLE_TENANT)
			continue;
		if (!first)
			sqltext_literal(t, ", ");
		parts_shown(t, q, &model->columns[i]);
		first = false;
	}
	sqltext_literal(t, ") AS r0)");
	parts_from_where(t, q);
	sqltext_literal(t, " ORDER BY ");
	parts_column(t, q, model->id);
	sqltext_literal(t, " LIMIT ");
	sqltext_param(t, value_int(arena, PAGE_ROWS));
	return session_run(&e->page, t, rows, p);
}

static bool
export_model(struct export *e, const struct model *model, struct problem *p)
{
	struct arena *kept = arena_new(PAGE_ARENA_BYTES);
	const struct result *rows;
	const char *last = "";
	size_t count;
	bool ok;

	do {
		arena_reset(e->page.arena);
		if (!(ok = read_page(e, model, last, &rows, p)))
			break;
		count = result_rows(rows);
		for (size_t i = 0; i < count; i++)
			printf("{\"model\":\"%s\",\"row\":%s}\n", model->name,
			    result_value(rows, i, 1, NULL));
		if (count > 0) {
			arena_reset(kept);
			last = arena_string(kept, result_value(rows, count - 1, 0, NULL));
		}
		e->rows += (long long)count;
		if (isatty(STDERR_FILENO) && count == PAGE_ROWS)
			fprintf(stderr, "rowhouse: %s: %lld rows\n", model->name, e->rows);
	} while (count == PAGE_ROWS);
	arena_free(kept);
	return ok;
}

/* The log's statement is made for a unit; here it runs in the snapshot. */
static bool
read_entries(struct export *e, const struct trail_query *query, const struct result **rows,
    struct problem *p)
{
	struct request request = e->acting.request;
	struct unit *unit;
	const struct statement *statement;

	request.arena = e->page.arena;
	unit = unit_new(request.arena, UNIT_READ);
	if (!trail_add(unit, &request, query, p))
		return false;
	statement = unit_statement(unit, 0);
	return pg_run(e->page.pg, request.arena, &statement, 1, rows, INT64_MAX, p);
}

static bool
export_log(struct export *e, struct problem *p)
{
	struct arena *kept = arena_new(PAGE_ARENA_BYTES);
	const struct trail_filter filter = { .action = NULL };
	const struct trail_sight sight = { .everything = true };
	const char *place[TRAIL_PLACE];
	struct trail_query query = {
		.filter = &filter, .sight = &sight, .ascending = true, .limit = PAGE_ROWS
	};
	const struct result *rows;
	size_t count;
	bool ok;

	do {
		arena_reset(e->page.arena);
		if (!(ok = read_entries(e, &query, &rows, p)))
			break;
		count = result_rows(rows);
		for (size_t i = 0; i < count; i++)
			printf("{\"entry\":%s}\n", result_value(rows, i, TRAIL_ENTRY, NULL));
		arena_reset(kept);
		for (size_t i = 0; i < TRAIL_PLACE && count > 0; i++)
			place[i] = arena_string(kept, result_value(rows, count - 1, i, NULL));
		query.after = place;
		e->entries += (long long)count;
	} while (count == PAGE_ROWS);
	arena_free(kept);
	return ok;
}

static bool
export_all(struct export *e, struct problem *p)
{
	const struct catalogue *catalogue = e->acting.request.catalogue;

	if (!begin_snapshot(e, p))
		return false;
	for (size_t i = 0; i < catalogue->model_count; i++)
		if (catalogue->models[i].tenancy == TENANCY_TENANT &&
		    !export_model(e, &catalogue->models[i], p))
			return false;
	if (!export_log(e, p) || !session_commit(&e->acting.session, p))
		return false;
	printf("{\"complete\":true,\"rows\":%lld,\"entries\":%lld}\n", e->rows, e->entries);
	return true;
}

enum command_exit
tenant_export(struct action_line *l)
{
	struct export e = { .rows = 0 };
	enum command_exit code;

	if (!acting_in_tenant(&e.acting, l->arena, l->settings, l->operand, &l->problem))
		return command_fail(&l->problem);
	e.page = e.acting.session;
	e.page.arena = arena_new(PAGE_ARENA_BYTES);
	code = export_all(&e, &l->problem) ? COMMAND_OK : command_fail(&l->problem);
	arena_free(e.page.arena);
	return code;
}

/* --- delete ---------------------------------------------------------------------------------- */

/* The slug, typed once more. */
static bool
is_confirmed(const struct acting_tenant *tenant, const char *confirmed)
{
	char typed[SLUG_BYTES];

	if (confirmed != NULL)
		return strcmp(confirmed, tenant->slug) == 0;
	if (!prompt_is_possible())
		return false;
	fprintf(stderr,
	    "All rows of tenant %s go for good; `rowhouse tenant export` keeps a copy.\n"
	    "Type its slug to go on: ",
	    tenant->slug);
	if (fgets(typed, sizeof(typed), stdin) == NULL)
		return false;
	typed[strcspn(typed, "\r\n")] = '\0';
	return strcmp(typed, tenant->slug) == 0;
}

/*	SELECT rowhouse.tenant_set_status($1, 'deleting'), rowhouse.audit_note($1, ...) */
static bool
mark(struct session *s, const struct acting_tenant *tenant, struct problem *p)
{
	struct value *id = value_new(s->arena, SQLTYPE_UUID, tenant->tenant.id);
	struct sqltext *t = sqltext_new(s->arena);

	if (strcmp(tenant->status, "deleting") == 0)
		return session_commit(s, p);
	sqltext_literal(t, "SELECT rowhouse.tenant_set_status(");
	sqltext_param(t, id);
	sqltext_literal(t, ", 'deleting'), rowhouse.audit_note(");
	sqltext_param(t, id);
	sqltext_literal(t, ", 'tenant.deleting', 'rowhouse.tenants', ");
	sqltext_param(t, id);
	sqltext_literal(t, "::text, '{}')");
	return session_run(s, t, NULL, p) && session_commit(s, p);
}

/* What is left when nothing goes any more is referred to by a table that is no model.
 *
 *	SELECT m.table_name, l.n FROM rowhouse.purge_models() AS m, LATERAL ... AS l(n) */
static bool
check_empty(struct session *s, const struct acting_tenant *tenant, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	const struct result *rows;

	sqltext_literal(
	    t, "SELECT m.table_name, l.n FROM (SELECT set_config('app.current_tenant', ");
	sqltext_param(t, value_new(s->arena, SQLTYPE_TEXT, tenant->tenant.id));
	sqltext_literal(t,
	    ", true)) AS c(context), rowhouse.purge_models() AS m, "
	    "LATERAL (SELECT rowhouse.purge_left(c.context::uuid, m.relation)) AS l(n) "
	    "WHERE l.n > 0");
	if (!purging_step(s, t, &rows, p))
		return false;
	if (result_rows(rows) == 0)
		return true;
	return problem_raise(p, PROBLEM_CONFLICT,
	    "%s rows of %s are left: rows of a table that is no model refer to them; remove those "
	    "by hand and start again",
	    result_value(rows, 0, 1, NULL), result_value(rows, 0, 0, NULL));
}

/*	SELECT rowhouse.purge_circle($1) */
static bool
purge_circle(
    struct session *s, const struct acting_tenant *tenant, long long *gone, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	const struct result *rows;

	sqltext_literal(t, "SELECT rowhouse.purge_circle(");
	sqltext_param(t, value_new(s->arena, SQLTYPE_UUID, tenant->tenant.id));
	sqltext_literal(t, ")");
	if (!purging_step(s, t, &rows, p))
		return false;
	*gone = strtoll(result_value(rows, 0, 0, NULL), NULL, 10);
	return true;
}

/* All rows of all models: what nothing refers to, then a circle, which frees what stands above it,
 * until nothing goes. */
static bool
remove_rows(
    struct session *s, const struct acting_tenant *tenant, long long *all, struct problem *p)
{
	struct purging purging = { s, tenant->tenant.id, tenant->slug, BATCH_ROWS };
	const struct result *models;
	long long gone, circle = 1;

	*all = 0;
	if (!session_do(s,
		"SELECT m.relation, m.table_name, NULL FROM rowhouse.purge_models() AS m", &models,
		p))
		return false;
	while (circle > 0) {
		if (!purging_run(&purging, models, &gone, p) ||
		    !purge_circle(s, tenant, &circle, p))
			return false;
		if (circle > 0)
			printf("%s in a circle: %lld\n", tenant->slug, circle);
		*all += gone + circle;
	}
	return true;
}

/* The models' rows, then the tenant. Nobody writes for it any more: its units are refused. */
static bool
remove_all(struct session *s, const struct acting_tenant *tenant, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	long long gone;

	if (!remove_rows(s, tenant, &gone, p) || !check_empty(s, tenant, p))
		return false;
	sqltext_literal(t, "SELECT rowhouse.tenant_remove(");
	sqltext_param(t, value_new(s->arena, SQLTYPE_UUID, tenant->tenant.id));
	sqltext_literal(t, ")");
	if (!purging_step(s, t, NULL, p))
		return false;
	printf("%lld rows went; %s is no more\n", gone, tenant->slug);
	return true;
}

enum command_exit
tenant_delete(struct action_line *l, const char *confirmed)
{
	struct acting_tenant tenant;
	struct session s;

	if (!acting_as_owner(&s, l->arena, l->settings, &l->problem) ||
	    !acting_find_tenant(&s, l->operand, &tenant, &l->problem))
		return command_fail(&l->problem);
	if (!is_confirmed(&tenant, confirmed))
		return command_misused(
		    l->line, "not confirmed: say --confirm %s, or type it", tenant.slug);
	if (!mark(&s, &tenant, &l->problem) || !remove_all(&s, &tenant, &l->problem))
		return command_fail(&l->problem);
	return COMMAND_OK;
}
