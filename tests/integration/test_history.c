/* SPDX-License-Identifier: BSD-2-Clause */
/* test_history.c - reading the audit log over HTTP, and rows as they were
 *
 * Rows and entries are made with plain SQL, at times of the past, so that what must come out can be
 * written down here. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;
static PGconn *superuser, *app;

static bool
begin(void)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
	if (world == NULL || !world_sign_in(world, "admin"))
		return false;
	superuser = world_superuser(world);
	app = world_app(world);
	return true;
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	if (app != NULL)
		PQfinish(app);
	world_free(world);
}

/* --- making entries -------------------------------------------------------------------------- */

static bool
start(PGconn *c, const char *tenant)
{
	return sql_run(c, keep_printf("BEGIN; SET LOCAL app.current_tenant = '%s'", tenant));
}

/* more: " column = value" pairs as an INSERT wants them. */
static bool
add(PGconn *c, const char *tenant, const char *action, const char *columns, const char *values)
{
	return sql_run(c,
	    keep_printf(
		"INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, action%s) "
		"VALUES ('%s', 1, 'system', '%s'%s)",
		columns, tenant, action, values));
}

static bool
entry(const char *tenant, const char *action, const char *columns, const char *values)
{
	return start(app, tenant) && add(app, tenant, action, columns, values) &&
	    sql_run(app, "COMMIT");
}

static const struct answer *
get(const char *path)
{
	return world_get(world, WORLD_ACME, path);
}

/* The actions of a page, joined. */
static const char *
actions(const struct answer *a)
{
	size_t n;
	const char **names = document_column(a->json, "data", "action", &n);
	const char *all = "";

	for (size_t i = 0; i < n; i++)
		all = keep_printf("%s%s%s", all, i > 0 ? " " : "", names[i]);
	return all;
}

static void
check_actions(const char *path, const char *wanted)
{
	const struct answer *a = get(path);

	CHECK_INT(a->status, 200, "%s: %.300s", path, a->body);
	CHECK_TEXT(actions(a), wanted, "%s", path);
}

/* --- the log --------------------------------------------------------------------------------- */

static void
entries_are_filtered(void)
{
	static const struct {
		const char *query, *wanted;
	} rows[] = {
		{ "action=f.*", "f.four f.three f.two f.one" },
		{ "action=f.*&order=asc", "f.one f.two f.three f.four" },
		{ "action=f.*&order=desc", "f.four f.three f.two f.one" },
		{ "action=f.two", "f.two" },
		{ "action=*.two", "f.two" },
		{ "action=f.t*", "f.three f.two" },
		{ "action=f.", "" },
		{ "action=f%25", "" },
		{ "action=f_two", "" },
		{ "action=f.*&actorId=u1", "f.two" },
		{ "action=f.*&actorType=user", "f.two" },
		{ "action=f.*&targetType=posts", "f.three f.two" },
		{ "action=f.*&targetType=posts&targetId=7", "f.three" },
		{ "action=f.*&source=manual", "f.four" },
		{ "action=f.*&result=refused", "f.one" },
		{ "action=f.*&from=2026-02-02T00:00:00Z&to=2026-02-03T00:00:00Z", "f.three f.two" },
		{ "action=f.*&from=2026-02-03T00:00:00.001Z", "f.four" },
		{ "action=f.*&to=2026-02-01T01:00:00%2B01:00", "f.one" },
	};

	entry(WORLD_ACME, "f.one", ", at, result, reason",
	    ", '2026-02-01 00:00+00', 'refused', 'forbidden'");
	sql_run(app, "BEGIN; SET LOCAL app.current_tenant = '" WORLD_ACME "'");
	sql_run(app,
	    "INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, actor_id, actor_ip, "
	    "action, at, target_type, target_id) VALUES ('" WORLD_ACME
	    "', 1, 'user', 'u1', '192.0.2.7', 'f.two', '2026-02-02 00:00+00', 'posts', '6')");
	sql_run(app, "COMMIT");
	entry(WORLD_ACME, "f.three", ", at, target_type, target_id",
	    ", '2026-02-03 00:00+00', 'posts', '7'");
	entry(WORLD_ACME, "f.four", ", at, source", ", '2026-02-04 00:00+00', 'manual'");
	entry(WORLD_GLOBEX, "f.five", "", "");
	for (size_t i = 0; i < SUITE_COUNT(rows); i++)
		check_actions(keep_printf("/api/audit?%s", rows[i].query), rows[i].wanted);
}

static void
an_entry_has_its_members(void)
{
	const struct answer *a = get("/api/audit?action=f.two");
	static const char *const members[] = { "id", "at", "timeline", "xid", "ordinal",
		"actorType", "actorId", "actorIp", "operatorId", "action", "targetType", "targetId",
		"source", "changes", "metadata", "result", "reason" };

	for (size_t i = 0; i < SUITE_COUNT(members); i++)
		CHECK(document_has(a->json, keep_printf("data.0.%s", members[i])), "%s: %s",
		    members[i], a->body);
	CHECK_TEXT(document_text(a->json, "data.0.at"), "2026-02-02T00:00:00.000Z", "at");
	CHECK_TEXT(document_text(a->json, "data.0.actorIp"), "192.0.2.7", "address");
	CHECK_INT(document_int(a->json, "data.0.timeline"), 1, "timeline");
	CHECK_TEXT(document_text(a->json, "meta.order"), "desc", "order");
	CHECK_INT(document_int(a->json, "meta.final.timeline"), 1, "final");
	CHECK(strtoll(document_text(a->json, "meta.final.xid"), NULL, 10) >
		strtoll(document_text(a->json, "data.0.xid"), NULL, 10),
	    "what was committed long ago is final: %s", a->body);
}

static void
bad_parameters_are_400(void)
{
	static const struct {
		const char *query, *pointer, *code;
	} rows[] = {
		{ "limit=0", "/query/limit", "range" },
		{ "limit=501", "/query/limit", "range" },
		{ "limit=ten", "/query/limit", "type" },
		{ "order=up", "/query/order", "enum" },
		{ "source=both", "/query/source", "enum" },
		{ "result=good", "/query/result", "enum" },
		{ "actorType=robot", "/query/actorType", "enum" },
		{ "from=yesterday", "/query/from", "type" },
		{ "to=2026-02-30T00:00:00Z", "/query/to", NULL },
		{ "page=2", "/query/page", "unknown" },
		{ "action=a&action=b", "/query/action", "duplicate" },
		{ "after=AAAA", "/query/after", "cursor" },
		{ "after=", "/query/after", "cursor" },
	};
	const struct answer *a;

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		a = get(keep_printf("/api/audit?%s", rows[i].query));
		CHECK_INT(a->status, 400, "%s: %.300s", rows[i].query, a->body);
		CHECK_TEXT(document_text(a->json, "errors.0.pointer"), rows[i].pointer, "%s",
		    rows[i].query);
		if (rows[i].code != NULL)
			CHECK_TEXT(document_text(a->json, "errors.0.code"), rows[i].code, "%s",
			    rows[i].query);
	}
	a = get("/api/audit?limit=0&order=up&nonsense=1");
	CHECK_INT(document_count(a->json, "errors"), 3, "all faults at once: %s", a->body);
}

/* Page after page by links.next until there is none, or nothing comes. */
static const char *
walk(const char *path, size_t *pages)
{
	const char *all = "";

	for (*pages = 0; path != NULL && *pages < 50; (*pages)++) {
		const struct answer *a = get(path);
		struct json_object *next = document_at(a->json, "links.next");

		if (!CHECK_INT(a->status, 200, "%s: %.200s", path, a->body) ||
		    document_count(a->json, "data") == 0)
			break;
		all = keep_printf("%s%s%s", all, *all != '\0' ? " " : "", actions(a));
		path = next != NULL ? keep_printf("%s", json_object_get_string(next)) : NULL;
	}
	return all;
}

static void
cursors_lead_through(void)
{
	const struct answer *a;
	const char *cursor;
	size_t pages;

	/* Five in one transaction: told apart by their ordinals alone, in reverse of the ids. */
	start(app, WORLD_ACME);
	for (int i = 1; i <= 5; i++)
		add(app, WORLD_ACME, keep_printf("c.%d", i), ", ordinal, at",
		    keep_printf(", %d, '2026-02-1%d 00:00+00'", i, 9 - i));
	sql_run(app, "COMMIT");
	CHECK_TEXT(walk("/api/audit?action=c.*&limit=2", &pages), "c.5 c.4 c.3 c.2 c.1", "newest");
	CHECK_INT(pages, 3, "pages");
	CHECK_TEXT(walk("/api/audit?action=c.*&limit=2&order=asc", &pages), "c.1 c.2 c.3 c.4 c.5",
	    "oldest");
	a = get("/api/audit?action=c.*&limit=2");
	cursor = document_text(a->json, "meta.endCursor");
	CHECK_INT(get(keep_printf("/api/audit?action=c.*&limit=3&after=%s", cursor))->status, 200,
	    "another limit is the same list");
	CHECK_INT(get(keep_printf("/api/audit?action=f.*&after=%s", cursor))->status, 400,
	    "another filter is not");
	CHECK_INT(get(keep_printf("/api/audit?action=c.*&order=asc&after=%s", cursor))->status, 400,
	    "nor another order");
	CHECK_INT(
	    world_get(world, WORLD_GLOBEX, keep_printf("/api/audit?action=c.*&after=%s", cursor))
		->status,
	    400, "nor another tenant");
}

/* --- what commits late ------------------------------------------------------------------------ */

static void
a_late_commit_is_not_skipped(void)
{
	PGconn *late = world_app(world);
	const struct answer *a;
	const char *next, *seen;
	long long first;

	entry(WORLD_ACME, "l.zero", "", "");
	start(late, WORLD_ACME);
	add(late, WORLD_ACME, "l.one", "", "");
	first = strtoll(sql_value(late, "SELECT pg_current_xact_id()"), NULL, 10);
	entry(WORLD_ACME, "l.two", "", "");
	seen =
	    sql_value(superuser, "SELECT max(at) FROM rowhouse.audit_log WHERE action = 'l.two'");

	a = get("/api/audit?action=l.*&order=asc");
	CHECK_TEXT(actions(a), "l.zero", "forwards: up to the open transaction");
	next = keep_printf("%s", document_text(a->json, "links.next"));
	a = get(next);
	CHECK_INT(document_count(a->json, "data"), 0, "nothing more yet: %s", a->body);
	CHECK_TEXT(document_text(a->json, "links.next"), next, "the place stays");
	a = get("/api/audit?action=l.*");
	CHECK_TEXT(actions(a), "l.two l.zero", "backwards: what is committed");
	CHECK_INT(strtoll(document_text(a->json, "meta.final.xid"), NULL, 10), first,
	    "and it is told that from the open transaction on it is not final");

	sql_run(late, "COMMIT");
	a = get(next);
	CHECK_TEXT(actions(a), "l.one l.two", "both, each once, in their order");
	/* The control: a reader that goes on behind the newest time never sees the late one. */
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT count(*) FROM rowhouse.audit_log WHERE action LIKE "
				   "'l.%%' AND at > '%s'",
			   seen)),
	    "0", "the naive form skips it");
	PQfinish(late);
}

/* --- what is shown to whom -------------------------------------------------------------------- */

static void
column_rules_hold_in_the_log(void)
{
	const struct answer *a;

	entry(WORLD_ACME, "hide.users", ", target_type, changes",
	    ", 'users', '{\"passwordHash\": {\"before\": \"canary-1\", \"after\": \"canary-2\"}, "
	    "\"password_hash\": {\"before\": \"[REDACTED]\", \"after\": \"canary-3\"}, "
	    "\"name\": {\"before\": \"A\", \"after\": \"B\"}}'");
	entry(WORLD_ACME, "hide.orders", ", target_type, changes",
	    ", 'orders', '{\"note\": {\"before\": null, \"after\": \"canary-4\"}, "
	    "\"total\": {\"before\": 1.10, \"after\": 123456789012345678901234567890.25}}'");
	a = get("/api/audit?action=hide.*");
	CHECK(strstr(a->body, "canary") == NULL, "%s", a->body);
	CHECK(strstr(a->body, "assword") == NULL, "a hidden column leaves no trace: %s", a->body);
	CHECK_TEXT(document_text(a->json, "data.1.changes.name.after"), "B", "the rest is shown");
	CHECK_TEXT(document_text(a->json, "data.0.changes.note.after"), "[REDACTED]", "sensitive");
	CHECK(document_has(a->json, "data.0.changes.note.before") &&
		document_at(a->json, "data.0.changes.note.before") == NULL,
	    "that it was empty is no secret: %s", a->body);
	CHECK(strstr(a->body, "123456789012345678901234567890.25") != NULL, "digits: %s", a->body);
	/* The control: it is in the table. */
	CHECK_TEXT(sql_value(superuser,
		       "SELECT count(*) FROM rowhouse.audit_log WHERE changes::text LIKE "
		       "'%canary-%' AND action LIKE 'hide.%'"),
	    "2", "what is not shown is there");
}

static bool
set_rule(const char *table, const char *rule)
{
	return sql_run(superuser,
	    keep_printf("UPDATE rowhouse.models SET access = access || '{\"history\": \"%s\"}' "
			"WHERE table_name = '%s'; SELECT rowhouse.raise_epoch()",
		rule, table));
}

static void
who_sees_which_models(void)
{
	const struct answer *a;
	const char *mine, *theirs;

	for (int i = 0; i < 3; i++)
		entry(WORLD_ACME, keep_printf("see.%d", i), ", target_type",
		    keep_printf(", '%s'",
			(const char *const[]){ "posts", "comments", "rowhouse.sessions" }[i]));
	check_actions("/api/audit?action=see.*", "see.2 see.1 see.0");

	set_rule("comments", "ADMIN|MODERATOR");
	world_sign_in(world, "mod");
	check_actions("/api/audit?action=see.*", "see.1");
	check_actions("/api/audit?action=see.*&targetType=posts", "");

	set_rule("comments", "ADMIN");
	set_rule("posts", "owner|ADMIN");
	world_sign_in(world, "user");
	CHECK_INT(get("/api/audit?action=see.*")->status, 403, "own rows are no model");
	mine = sql_value(superuser,
	    "SELECT p.id FROM posts p JOIN users u ON (u.tenant_id, u.id) = (p.tenant_id, "
	    "p.author_id) WHERE u.email = 'user@acme.test' AND p.deleted_at IS NULL LIMIT 1");
	theirs = sql_value(superuser,
	    "SELECT p.id FROM posts p JOIN users u ON (u.tenant_id, u.id) = (p.tenant_id, "
	    "p.author_id) WHERE u.email = 'mod@acme.test' AND p.deleted_at IS NULL LIMIT 1");
	if (mine == NULL || theirs == NULL) {
		sql_run(superuser,
		    "INSERT INTO posts (tenant_id, title, slug, content, author_id) SELECT "
		    "u.tenant_id, 'of ' || u.email, 'of-' || left(u.email, 3), 'x', u.id FROM "
		    "users u WHERE u.email IN ('user@acme.test', 'mod@acme.test')");
		mine = sql_value(superuser, "SELECT id FROM posts WHERE slug = 'of-use'");
		theirs = sql_value(superuser, "SELECT id FROM posts WHERE slug = 'of-mod'");
	}
	entry(WORLD_ACME, "own.mine", ", target_type, target_id",
	    keep_printf(", 'posts', '%s'", mine));
	entry(WORLD_ACME, "own.theirs", ", target_type, target_id",
	    keep_printf(", 'posts', '%s'", theirs));
	a = get(keep_printf("/api/posts/%s/history", mine));
	CHECK_INT(a->status, 200, "own: %.200s", a->body);
	CHECK_TEXT(actions(a), "own.mine", "own");
	CHECK_INT(get(keep_printf("/api/posts/%s/history", theirs))->status, 404, "somebody's");
	set_rule("posts", "ADMIN");
	world_sign_in(world, "admin");
	a = get(keep_printf("/api/posts/%s/history", theirs));
	CHECK_TEXT(actions(a), "own.theirs", "the ADMIN");
	CHECK_INT(get(keep_printf("/api/posts/%s/history?action=x", theirs))->status, 400,
	    "a history takes no filter");
	CHECK_INT(get("/api/posts/seven/history")->status, 400, "no id");
}

/* --- a row as it was -------------------------------------------------------------------------- */

/* One change of product 9001, with its entry; changes is what stands behind version. */
static bool
change(const char *at, const char *action, const char *set, int before, const char *changes)
{
	const char *update = set == NULL
	    ? "DELETE FROM products WHERE id = 9001"
	    : keep_printf("UPDATE products SET %s, updated_at = '%s', version = %d WHERE id = 9001",
		  set, at, before + 1);

	return sql_run(superuser,
	    keep_printf("BEGIN; SET LOCAL app.current_tenant = '" WORLD_ACME
			"'; INSERT INTO rowhouse.audit_log (tenant_id, at, timeline, actor_type, "
			"action, target_type, target_id, changes) VALUES ('" WORLD_ACME
			"', '%s', 1, 'system', '%s', 'products', '9001', '{\"version\": "
			"{\"before\": %d, \"after\": %s}%s}'); %s; COMMIT",
		at, action, before, set == NULL ? "null" : keep_printf("%d", before + 1), changes,
		update));
}

static void
make_product(void)
{
	sql_run(superuser,
	    "INSERT INTO products (tenant_id, id, name, price, stock, created_at, updated_at) "
	    "VALUES ('" WORLD_ACME "', 9001, 'A', 1.10, 5, '2026-01-10Z', '2026-01-10Z')");
	entry(WORLD_ACME, "products.created", ", at, target_type, target_id, changes",
	    ", '2026-01-10Z', 'products', '9001', '{\"version\": {\"before\": null, \"after\": 1}, "
	    "\"name\": {\"before\": null, \"after\": \"A\"}}'");
	change("2026-01-20Z", "products.updated", "name = 'B'", 1,
	    ", \"name\": {\"before\": \"A\", \"after\": \"B\"}, \"updatedAt\": {\"before\": "
	    "\"2026-01-10T00:00:00+00:00\", \"after\": \"2026-01-20T00:00:00+00:00\"}");
	change("2026-01-30Z", "products.updated", "price = 99999.99, name = 'C'", 2,
	    ", \"price\": {\"before\": 1.10, \"after\": 99999.99}, \"name\": {\"before\": \"B\", "
	    "\"after\": \"C\"}, \"updatedAt\": {\"before\": \"2026-01-20T00:00:00+00:00\", "
	    "\"after\": \"2026-01-30T00:00:00+00:00\"}");
	change("2026-02-10Z", "products.deleted", "deleted_at = '2026-02-10Z'", 3,
	    ", \"deletedAt\": {\"before\": null, \"after\": \"2026-02-10T00:00:00+00:00\"}");
	change("2026-02-20Z", "products.restored", "deleted_at = NULL, description = 'back'", 4,
	    ", \"deletedAt\": {\"before\": \"2026-02-10T00:00:00+00:00\", \"after\": null}, "
	    "\"description\": {\"before\": null, \"after\": \"back\"}");
}

static void
check_past(const char *what)
{
	static const struct {
		const char *instant, *name, *price;
		int status, version;
	} rows[] = {
		{ "2026-01-05", NULL, NULL, 404, 0 },
		{ "2026-01-09T23:59:59.999Z", NULL, NULL, 404, 0 },
		{ "2026-01-10T00:00:00Z", "A", "1.10", 200, 1 },
		{ "2026-01-19T23:59:59.999Z", "A", "1.10", 200, 1 },
		{ "2026-01-20T00:00:00.000Z", "B", "1.10", 200, 2 },
		{ "2026-02-09T00:00:00Z", "C", "99999.99", 200, 3 },
		{ "2026-02-15T00:00:00Z", NULL, NULL, 404, 0 },
		{ "2026-02-25T00:00:00%2B00:00", "C", "99999.99", 200, 5 },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a = world_get(
		    world, WORLD_ACME, keep_printf("/api/products/9001?asOf=%s", rows[i].instant));

		CHECK_INT(
		    a->status, rows[i].status, "%s, %s: %.300s", what, rows[i].instant, a->body);
		if (rows[i].status != 200)
			continue;
		CHECK_TEXT(document_text(a->json, "name"), rows[i].name, "%s", rows[i].instant);
		CHECK(strstr(a->body, keep_printf("\"price\":%s", rows[i].price)) != NULL, "%s: %s",
		    rows[i].instant, a->body);
		CHECK_INT(document_int(a->json, "version"), rows[i].version, "%s", rows[i].instant);
		CHECK_TEXT(document_text(a->json, "createdAt"), "2026-01-10T00:00:00.000Z", "%s",
		    rows[i].instant);
		CHECK(!document_has(a->json, "deletedAt"), "%s", a->body);
	}
}

static void
a_row_as_it_was(void)
{
	make_product();
	check_past("while it lives");
	check_actions("/api/products/9001/history?order=asc",
	    "products.created products.updated products.updated products.deleted "
	    "products.restored");
	change("2026-03-01Z", "products.purged", NULL, 5,
	    ", \"id\": {\"before\": 9001, \"after\": null}, \"name\": {\"before\": \"C\", "
	    "\"after\": null}, \"price\": {\"before\": 99999.99, \"after\": null}, "
	    "\"stock\": {\"before\": 5, \"after\": null}, "
	    "\"description\": {\"before\": \"back\", \"after\": null}, "
	    "\"createdAt\": {\"before\": \"2026-01-10T00:00:00+00:00\", \"after\": null}, "
	    "\"updatedAt\": {\"before\": \"2026-02-20T00:00:00+00:00\", \"after\": null}");
	check_past("after it was purged");
	CHECK_INT(
	    get("/api/products/9001?asOf=2026-03-05T00:00:00Z")->status, 404, "purged by then");
	CHECK_INT(get("/api/products/9001")->status, 404, "now");
	CHECK_INT(get("/api/products/9001/history")->status, 200, "its history outlives it");
	CHECK_INT(world_get(world, WORLD_GLOBEX, "/api/products/9001/history")->status, 404,
	    "of another tenant");
	CHECK_INT(
	    world_get(world, WORLD_GLOBEX, "/api/products/9001?asOf=2026-01-25T00:00:00Z")->status,
	    404, "of another tenant");
}

static void
gaps_are_told(void)
{
	const struct answer *a, *now;

	/* Changed twice since; one change is not in the log. */
	sql_run(superuser,
	    "INSERT INTO products (tenant_id, id, name, price, created_at, updated_at, version) "
	    "VALUES ('" WORLD_ACME "', 9002, 'gap', 1, '2026-01-01Z', '2026-01-20Z', 3)");
	entry(WORLD_ACME, "products.updated", ", at, target_type, target_id, changes",
	    ", '2026-01-20Z', 'products', '9002', '{\"version\": {\"before\": 2, \"after\": 3}, "
	    "\"updatedAt\": {\"before\": \"2026-01-15T00:00:00+00:00\", \"after\": "
	    "\"2026-01-20T00:00:00+00:00\"}}'");
	a = get("/api/products/9002?asOf=2026-01-10T00:00:00Z");
	CHECK_INT(a->status, 404, "%.200s", a->body);
	CHECK_TEXT(document_text(a->json, "code"), "no_history", "%.200s", a->body);
	CHECK_INT(get("/api/products/9002?asOf=2026-01-16T00:00:00Z")->status, 200,
	    "what is known is told");
	/* Never changed, never logged: as it is now. */
	now = get("/api/products/7");
	a = get(keep_printf("/api/products/7?asOf=%s",
	    sql_value(superuser,
		"SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")));
	CHECK_INT(a->status, 200, "%.200s", a->body);
	CHECK_TEXT(a->body, now->body, "now");
}

static void
the_past_keeps_secrets(void)
{
	const char *order = sql_value(superuser,
	    "SELECT id FROM orders WHERE tenant_id = '" WORLD_ACME
	    "' AND deleted_at IS NULL LIMIT 1");
	const char *user =
	    sql_value(superuser, "SELECT id FROM users WHERE email = 'user@acme.test'");
	const struct answer *a =
	    get(keep_printf("/api/orders/%s?asOf=2099-01-01T00:00:00Z", order));

	CHECK_INT(a->status, 200, "%.200s", a->body);
	CHECK_TEXT(document_text(a->json, "note"), "[REDACTED]", "sensitive: %s", a->body);
	a = get(keep_printf("/api/users/%s?asOf=2099-01-01T00:00:00Z", user));
	CHECK_INT(a->status, 200, "%.200s", a->body);
	CHECK(strstr(a->body, "assword") == NULL && strstr(a->body, "argon2") == NULL, "hidden: %s",
	    a->body);
	CHECK_INT(get(keep_printf("/api/users/%s?asOf=now", user))->status, 400, "no instant");
	CHECK_INT(
	    get(keep_printf("/api/users/%s?asOf=2026-01-01T00:00:00Z&select=id", user))->status,
	    400, "alone");
	CHECK_INT(get("/api/countries/CH?asOf=2026-01-01T00:00:00Z")->status, 404, "not audited");
	world_sign_in(world, "user");
	CHECK_INT(get(keep_printf("/api/users/%s?asOf=2099-01-01T00:00:00Z", user))->status, 403,
	    "by the rule history");
	world_sign_in(world, "admin");
}

/* --- what did not happen ---------------------------------------------------------------------- */

static const struct answer *
write_as(const char *who, const char *method, const char *path, const char *body)
{
	world_sign_in(world, who);
	return client_send(
	    world->client, method, path, client_token(world->client, WORLD_ACME), body);
}

/* Two refused writes, one malformed, one that happens, and reads. */
static void
some_writes(const char *post)
{
	const char *path = keep_printf("/api/posts/%s", post);

	CHECK_INT(write_as("user", "PATCH", path, "{\"title\":\"not mine\"}")->status, 403, "403");
	CHECK_INT(write_as("admin", "PATCH", path, "{\"title\":7}")->status, 400, "400");
	CHECK_INT(write_as("admin", "PATCH", "/api/posts/seven", "{\"title\":\"x\"}")->status, 400,
	    "no id");
	CHECK_INT(write_as("admin", "PATCH", path, "{\"title\":\"mine\"}")->status, 200, "200");
	CHECK_INT(get("/api/posts?limit=0")->status, 400, "a read that is refused");
}

static void
refused_writes_are_logged_when_asked(void)
{
	static const char entries[] =
	    "SELECT coalesce(string_agg(concat_ws(' ', action, result, reason, "
	    "target_id IS NOT NULL, changes IS NULL), ', ' ORDER BY xid), '') "
	    "FROM rowhouse.audit_log WHERE result <> 'ok' AND action LIKE 'posts.%'";
	const char *post = sql_value(superuser,
	    "SELECT p.id FROM posts p JOIN users u ON (u.tenant_id, u.id) = (p.tenant_id, "
	    "p.author_id) WHERE u.email NOT LIKE 'user@%' AND p.tenant_id = '" WORLD_ACME
	    "' AND p.deleted_at IS NULL LIMIT 1");

	some_writes(post);
	CHECK_TEXT(sql_value(superuser, entries), "", "off: nothing");
	CHECK(world_restart(world, "audit_refused = on\n"), "on");
	some_writes(post);
	CHECK_TEXT(sql_value(superuser, entries),
	    "posts.updated refused forbidden t t, posts.updated refused invalid t t, "
	    "posts.updated refused invalid f t",
	    "on: each once, outside of what was rolled back");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT u.email FROM rowhouse.audit_log a JOIN users u ON u.id::text = "
		       "a.actor_id WHERE a.reason = 'forbidden' AND a.action = 'posts.updated'"),
	    "user@acme.test", "who");
	world_sign_in(world, "admin");
	check_actions("/api/audit?result=refused&action=posts.*",
	    "posts.updated posts.updated posts.updated");
}

static const struct suite_test tests[] = {
	{ "entries are filtered", entries_are_filtered },
	{ "an entry has its members", an_entry_has_its_members },
	{ "bad parameters are 400", bad_parameters_are_400 },
	{ "cursors lead through", cursors_lead_through },
	{ "a late commit is not skipped", a_late_commit_is_not_skipped },
	{ "column rules hold in the log", column_rules_hold_in_the_log },
	{ "who sees which models", who_sees_which_models },
	{ "a row as it was", a_row_as_it_was },
	{ "gaps are told", gaps_are_told },
	{ "the past keeps secrets", the_past_keeps_secrets },
	{ "refused writes are logged when asked", refused_writes_are_logged_when_asked },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "history", begin, end, tests, SUITE_COUNT(tests) });
}
