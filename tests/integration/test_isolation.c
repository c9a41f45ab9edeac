/* SPDX-License-Identifier: BSD-2-Clause */
/* test_isolation.c - no byte of tenant A reaches tenant B
 *
 * For every model of the sample, in both directions, as a list and row by row: what comes is what
 * PostgreSQL's superuser says belongs to the tenant. The control takes the very statement that the
 * program sent and runs it as the application role without its predicate, without the policy, and
 * without both: only the last may leak, and must. */
#include <json-c/json.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/sample.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;
static PGconn *superuser;

static const struct {
	const char *own, *foreign, *name;
} directions[] = {
	{ WORLD_ACME, WORLD_GLOBEX, "acme" },
	{ WORLD_GLOBEX, WORLD_ACME, "globex" },
};

static bool
begin(void)
{
	world = world_new(
	    &(struct world_options){ .roles = CLUSTER_TWO_ROLES, .log_statements = true });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	/* Both tenants have the same products: here is one that only globex has. An ADMIN reads
	 * every model, the closed ones too. */
	return world_sign_in(world, "admin") &&
	    sql_run(superuser,
		"INSERT INTO products (tenant_id, id, name, price) VALUES ('" WORLD_GLOBEX
		"', 5001, 'Only globex has this', 1)");
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

static void
lists_hold_own_rows_only(void)
{
	for (size_t d = 0; d < SUITE_COUNT(directions); d++)
		for (size_t m = 0; m < sample_model_count; m++) {
			const struct sample_model *model = &sample_models[m];
			size_t wanted_count, count;
			const char **wanted =
			    sample_ids(superuser, model, directions[d].own, &wanted_count);
			const char **got = sample_walk(
			    world->client, directions[d].own, model->name, "", 100, &count);

			CHECK(wanted_count > 0, "%s: the sample has rows", model->name);
			if (!CHECK(got != NULL, "%s of %s", model->name, directions[d].name))
				continue;
			sample_sort(got, count);
			CHECK_INT(count, wanted_count, "%s of %s", model->name, directions[d].name);
			for (size_t i = 0; i < count && i < wanted_count; i++)
				if (!CHECK_TEXT(got[i], wanted[i], "%s of %s", model->name,
					directions[d].name))
					break;
		}
}

/* A row that comes is the tenant's own, also where both tenants have a row of that id. */
static void
check_own(const struct sample_model *model, size_t d, const char *id)
{
	const struct answer *a =
	    client_getf(world->client, directions[d].own, "/api/%s/%s", model->name, id);
	const char *where =
	    model->shared ? "" : keep_printf(" AND tenant_id = '%s'", directions[d].own);
	const char *wanted = sql_value(superuser,
	    keep_printf(
		"SELECT %s FROM %s WHERE id = '%s'%s", model->telling, model->table, id, where));

	CHECK_INT(
	    a->status, 200, "%s/%s as %s: %.200s", model->name, id, directions[d].name, a->body);
	CHECK_TEXT(document_text(a->json, "id"), id, "%s as %s", model->name, directions[d].name);
	CHECK_TEXT(document_text(a->json, model->telling_name), wanted, "%s/%s as %s", model->name,
	    id, directions[d].name);
}

static void
rows_are_own_rows_only(void)
{
	for (size_t d = 0; d < SUITE_COUNT(directions); d++)
		for (size_t m = 0; m < sample_model_count; m++) {
			const struct sample_model *model = &sample_models[m];
			size_t own_count, their_count, foreign_count, step;
			const char **own =
			    sample_ids(superuser, model, directions[d].own, &own_count);
			const char **theirs =
			    sample_ids(superuser, model, directions[d].foreign, &their_count);
			const char **foreign =
			    sample_difference(theirs, their_count, own, own_count, &foreign_count);

			/* All rows of small models, every so many of large ones. */
			step = own_count / 100 + 1;
			for (size_t i = 0; i < own_count; i += step)
				check_own(model, d, own[i]);
			CHECK(model->shared || foreign_count > 0 ||
				strcmp(model->table, "products") == 0,
			    "%s has foreign rows", model->name);
			for (size_t i = 0; i < foreign_count; i += step)
				CHECK_INT(client_getf(world->client, directions[d].own,
					      "/api/%s/%s", model->name, foreign[i])
					      ->status,
				    404, "%s/%s as %s", model->name, foreign[i],
				    directions[d].name);
		}
}

/* Ids that exist in both tenants are the sharpest case: make sure that the sample has them. */
static void
equal_ids_are_two_rows(void)
{
	size_t count;
	const char **both = sql_column(superuser,
	    "SELECT a.id FROM posts a JOIN posts b ON a.id = b.id WHERE a.tenant_id = '" WORLD_ACME
	    "' AND b.tenant_id = '" WORLD_GLOBEX
	    "' AND a.deleted_at IS NULL AND b.deleted_at IS NULL AND a.content <> b.content",
	    &count);

	CHECK(count > 0, "posts that both tenants have under one id");
	for (size_t i = 0; i < count; i++)
		for (size_t d = 0; d < SUITE_COUNT(directions); d++)
			check_own(&sample_models[2], d, both[i]);
}

/* body with what may differ taken out: the id asked for and the request's. */
static const char *
without(const char *body, const char *word)
{
	const char *at;

	while (*word != '\0' && (at = strstr(body, word)) != NULL)
		body = keep_printf("%.*s*%s", (int)(at - body), body, at + strlen(word));
	return body;
}

static void
foreign_and_absent_answer_alike(void)
{
	static const char *const may_differ[] = { "Date", "X-Request-Id", NULL };

	for (size_t d = 0; d < SUITE_COUNT(directions); d++)
		for (size_t m = 0; m < sample_model_count; m++) {
			const struct sample_model *model = &sample_models[m];
			const char *path = keep_printf("/api/%s/", model->name), *foreign, *absent;
			const struct answer *f, *a;

			foreign = sql_value(superuser,
			    keep_printf(
				"SELECT id FROM %s t WHERE %s AND NOT EXISTS (SELECT FROM %s o "
				"WHERE o.id = t.id%s) LIMIT 1",
				model->table,
				model->shared
				    ? "false"
				    : keep_printf("tenant_id = '%s'", directions[d].foreign),
				model->table,
				model->shared
				    ? ""
				    : keep_printf(" AND tenant_id = '%s'", directions[d].own)));
			if (foreign == NULL) /* shared, or acme's view of products */
				continue;
			absent =
			    strlen(foreign) == 36 ? "019b7f02-0f00-7004-8000-ffffffffffff" : "5002";
			f = client_getf(world->client, directions[d].own, "%s%s", path, foreign);
			a = client_getf(world->client, directions[d].own, "%s%s", path, absent);
			CHECK_INT(f->status, 404, "%s%s: %s", path, foreign, f->body);
			CHECK_INT(a->status, 404, "%s%s: %s", path, absent, a->body);
			CHECK_TEXT(
			    document_text(f->json, "code"), "not_found", "%s%s", path, foreign);
			CHECK_INT(f->body_len, a->body_len, "%s: %s | %s", path, f->body, a->body);
			CHECK_TEXT(answer_headers_but(f, may_differ),
			    answer_headers_but(a, may_differ), "%s", path);
			CHECK_TEXT(
			    without(without(f->body, foreign), document_text(f->json, "requestId")),
			    without(without(a->body, absent), document_text(a->json, "requestId")),
			    "%s", path);
		}
}

/* --- writes ------------------------------------------------------------------------------ */

static const char *
with_id(const char *path, const char *id)
{
	const char *at = strchr(path, '@');

	return keep_printf("%.*s%s%s", (int)(at - path), path, id, at + 1);
}

/* A row of the model that only the other tenant has. */
static const char *
foreign_id(const struct sample_model *model, size_t d)
{
	return sql_value(superuser,
	    keep_printf(
		"SELECT id FROM %s t WHERE tenant_id = '%s' AND deleted_at IS NULL AND NOT "
		"EXISTS (SELECT FROM %s o WHERE o.id = t.id AND o.tenant_id = '%s') LIMIT 1",
		model->table, directions[d].foreign, model->table, directions[d].own));
}

static const struct answer *
write_as(size_t d, const char *method, const char *path, const char *body)
{
	return client_send(
	    world->client, method, path, client_token(world->client, directions[d].own), body);
}

/* Every byte of the other tenant's rows and log. */
static const char *
state_of(const struct sample_model *model, const char *tenant)
{
	return sql_value(superuser,
	    keep_printf("SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM %s t WHERE "
			"tenant_id = '%s'",
		model->table, tenant));
}

static void
writes_to_foreign_and_absent_rows_answer_alike(void)
{
	static const struct {
		const char *method, *suffix, *body;
	} writes[] = {
		{ "PATCH", "", "{}" },
		{ "DELETE", "", NULL },
		{ "DELETE", "?force=true", NULL },
		{ "DELETE", "?force=true&withDeleted=true", NULL },
		{ "POST", "/restore", NULL },
	};
	static const char *const may_differ[] = { "Date", "X-Request-Id", NULL };

	for (size_t d = 0; d < SUITE_COUNT(directions); d++)
		for (size_t m = 0; m < sample_model_count; m++) {
			const struct sample_model *model = &sample_models[m];
			const char *foreign = model->shared ? NULL : foreign_id(model, d), *absent;
			const char *before;

			if (foreign == NULL) /* shared, or acme's view of products */
				continue;
			before = state_of(model, directions[d].foreign);
			absent =
			    strlen(foreign) == 36 ? "019b7f02-0f00-7004-8000-ffffffffffff" : "5002";
			for (size_t w = 0; w < SUITE_COUNT(writes); w++) {
				const char *format =
				    keep_printf("/api/%s/@%s", model->name, writes[w].suffix);
				const struct answer *f, *a;

				f = write_as(
				    d, writes[w].method, with_id(format, foreign), writes[w].body);
				a = write_as(
				    d, writes[w].method, with_id(format, absent), writes[w].body);
				CHECK_INT(
				    f->status, 404, "%s %s: %s", writes[w].method, format, f->body);
				CHECK_INT(
				    a->status, 404, "%s %s: %s", writes[w].method, format, a->body);
				CHECK_TEXT(answer_headers_but(f, may_differ),
				    answer_headers_but(a, may_differ), "%s", format);
				CHECK_TEXT(without(without(f->body, foreign),
					       document_text(f->json, "requestId")),
				    without(without(a->body, absent),
					document_text(a->json, "requestId")),
				    "%s %s", writes[w].method, format);
			}
			CHECK_TEXT(state_of(model, directions[d].foreign), before, "%s of %s",
			    model->name, world_slug(directions[d].foreign));
		}
}

/* --- the control ------------------------------------------------------------------------- */

/* A statement as the server logged it, to be run again. */
struct replay {
	const char *text;
	const char *values[32];
	int count;
};

/* "parameters: $1 = 'it''s', $2 = NULL" as PostgreSQL writes it. */
static void
read_parameters(struct replay *r, const char *detail)
{
	const char *p = detail;

	while (r->count < 32 && (p = strstr(p, keep_printf("$%d = ", r->count + 1))) != NULL) {
		char *value, *out;

		p = strstr(p, " = ") + 3;
		if (*p != '\'') {
			r->values[r->count++] = NULL;
			continue;
		}
		out = value = keep_alloc(strlen(p) + 1);
		for (p++; *p != '\0' && (*p != '\'' || p[1] == '\''); p++) {
			p += *p == '\'';
			*out++ = *p;
		}
		r->values[r->count++] = value;
	}
}

/* What the program sends for a list of the model: its context call, and the statement that makes
 * JSON of rows. A worker that asks who the principal is reads the model of principals as well. */
static bool
capture(const struct sample_model *model, const char *tenant, struct replay *context,
    struct replay *statement)
{
	long mark = cluster_log_mark(world->cluster);
	const struct answer *a =
	    client_getf(world->client, tenant, "/api/%s?limit=100", model->name);
	struct json_object *all = cluster_log_statements(world->cluster, mark);

	memset(context, 0, sizeof(*context));
	memset(statement, 0, sizeof(*statement));
	for (size_t i = 0; i < document_count(all, ""); i++) {
		struct json_object *one = json_object_array_get_idx(all, i);
		const char *text = document_text(one, "statement");
		struct replay *r = NULL;

		if (strstr(text, "app.current_tenant") != NULL)
			r = context;
		else if (strstr(text, keep_printf("\"%s\"", model->table)) != NULL &&
		    strstr(text, "json_agg(") != NULL)
			r = statement;
		if (r == NULL || r->text != NULL)
			continue;
		r->text = keep_printf("%s", text);
		read_parameters(r, document_text(one, "detail"));
	}
	json_object_put(all);
	return CHECK_INT(a->status, 200, "%s: %.200s", model->name, a->body) &&
	    CHECK(context->text != NULL && statement->text != NULL,
		"%s: the server's log shows context and statement", model->name);
}

/* Every `x.tenant_id = $n` replaced by something true that still uses the parameter; *count of
 * them. */
static const char *
without_predicate(const char *sql, size_t *count)
{
	regex_t re;
	regmatch_t at[4];

	*count = 0;
	if (regcomp(&re, "[a-z][a-z0-9]*\\.\"?tenant_id\"? *= *(\\$[0-9]+)(::[a-z]+)?",
		REG_EXTENDED) != 0)
		abort();
	while (regexec(&re, sql, 4, at, 0) == 0) {
		sql = keep_printf("%.*s%.*s::uuid IS NOT NULL%s", (int)at[0].rm_so, sql,
		    (int)(at[1].rm_eo - at[1].rm_so), sql + at[1].rm_so, sql + at[0].rm_eo);
		++*count;
	}
	regfree(&re);
	return sql;
}

static const char *
run(const char *text, const struct replay *r)
{
	PGresult *result = PQexecParams(superuser, text, r->count, NULL, r->values, NULL, NULL, 0);
	const char *all = "";

	CHECK_INT(
	    PQresultStatus(result), PGRES_TUPLES_OK, "%s: %s", text, PQresultErrorMessage(result));
	for (int row = 0; row < PQntuples(result); row++)
		for (int column = 0; column < PQnfields(result); column++)
			all = keep_printf("%s\n%s", all, PQgetvalue(result, row, column));
	PQclear(result);
	return all;
}

/* Run the captured statement as the application role inside a transaction that is rolled back. */
static const char *
replay(const struct sample_model *model, const struct replay *context,
    const struct replay *statement, const char *text, bool policy)
{
	const char *rows;

	sql_run(superuser, "BEGIN");
	if (!policy)
		sql_run(superuser,
		    keep_printf("ALTER TABLE %s DISABLE ROW LEVEL SECURITY", model->table));
	sql_run(superuser, "SET LOCAL ROLE " CLUSTER_APP);
	CHECK_TEXT(sql_value(superuser, "SELECT current_user"), CLUSTER_APP, "the role");
	run(context->text, context);
	rows = run(text, statement);
	sql_run(superuser, "ROLLBACK");
	return rows;
}

/* How many of the ids stand in the text. */
static size_t
count_ids(const char *text, const char **ids, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += strstr(text, keep_printf("\"id\":\"%s\"", ids[i])) != NULL ||
		    strstr(text, keep_printf("\"id\":%s,", ids[i])) != NULL;
	return found;
}

static void
both_walls_stand_alone(void)
{
	static const struct {
		bool predicate, policy;
		const char *name;
	} walls[] = {
		{ true, true, "both walls" },
		{ true, false, "the predicate alone" },
		{ false, true, "the policy alone" },
		{ false, false, "no wall" },
	};

	for (size_t m = 0; m < sample_model_count; m++) {
		const struct sample_model *model = &sample_models[m];
		struct replay context, statement;
		size_t own_count, their_count, foreign_count, predicates;
		const char **own, **theirs, **foreign, *bare;

		if (model->shared || !capture(model, WORLD_ACME, &context, &statement))
			continue;
		own = sample_ids(superuser, model, WORLD_ACME, &own_count);
		theirs = sample_ids(superuser, model, WORLD_GLOBEX, &their_count);
		foreign = sample_difference(theirs, their_count, own, own_count, &foreign_count);
		bare = without_predicate(statement.text, &predicates);
		CHECK(predicates > 0, "%s: each table reference has its predicate: %s", model->name,
		    statement.text);
		for (size_t w = 0; w < SUITE_COUNT(walls); w++) {
			const char *rows = replay(model, &context, &statement,
			    walls[w].predicate ? statement.text : bare, walls[w].policy);
			size_t leaked = count_ids(rows, foreign, foreign_count);

			CHECK(count_ids(rows, own, own_count) > 0, "%s, %s: own rows", model->name,
			    walls[w].name);
			if (walls[w].predicate || walls[w].policy)
				CHECK_INT(
				    leaked, 0, "%s leaks behind %s", model->name, walls[w].name);
			else
				CHECK(leaked > 0,
				    "%s: without both walls nothing leaks, so the test "
				    "proves nothing: %s",
				    model->name, bare);
		}
	}
}

/* Without a context the policy is loud, and shows no empty page. */
static void
no_context_is_an_error(void)
{
	PGconn *app = world_app(world);

	for (size_t m = 0; m < sample_model_count; m++) {
		PGresult *r;

		if (sample_models[m].shared)
			continue;
		r = PQexec(app, keep_printf("SELECT count(*) FROM %s", sample_models[m].table));
		CHECK_INT(PQresultStatus(r), PGRES_FATAL_ERROR, "%s without a tenant",
		    sample_models[m].table);
		PQclear(r);
	}
	PQfinish(app);
}

static const struct suite_test tests[] = {
	{ "lists hold own rows only", lists_hold_own_rows_only },
	{ "rows are own rows only", rows_are_own_rows_only },
	{ "equal ids are two rows", equal_ids_are_two_rows },
	{ "foreign and absent answer alike", foreign_and_absent_answer_alike },
	{ "writes to foreign and absent rows answer alike",
	    writes_to_foreign_and_absent_rows_answer_alike },
	{ "both walls stand alone, and without them rows leak", both_walls_stand_alone },
	{ "no context is an error", no_context_is_an_error },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "isolation", begin, end, tests, SUITE_COUNT(tests) });
}
