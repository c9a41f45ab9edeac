/* SPDX-License-Identifier: BSD-2-Clause */
/* test_purge.c - rows that go for good, and tenants that do */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

#define IN_ACME "tenant_id = '" WORLD_ACME "'"

static struct world *world;
static PGconn *superuser;

static bool
begin(void)
{
	world = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .settings = "idempotency_ttl = 2h\n" });
	if (world == NULL || !world_sign_in(world, "admin"))
		return false;
	superuser = world_superuser(world);
	return true;
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

static long
number(PGconn *c, const char *sql)
{
	const char *value = sql_value(c, sql);

	return value != NULL ? strtol(value, NULL, 10) : -1;
}

static long
count(const char *table, const char *where)
{
	return number(superuser, keep_printf("SELECT count(*) FROM %s WHERE %s", table, where));
}

static const struct outcome *
purge(const char *a, const char *b, const char *c, const char *d, int wanted)
{
	const struct outcome *o = program_run(world->program, "purge", a, b, c, d, NULL);

	CHECK_INT(o->exit_code, wanted, "purge %s %s: %s", a != NULL ? a : "", b != NULL ? b : "",
	    o->output);
	return o;
}

/* --- deleted rows ---------------------------------------------------------------------------- */

/* A user with two posts and three comments, who all went at once in 2020; of a second user's posts
 * one was deleted in 2020 and its comment, by hand, in 2021. */
static bool
make_deleted(PGconn *c, const char *tenant)
{
	/* ids that say what and which */
	static const char ids[] =
	    "CREATE OR REPLACE FUNCTION pg_temp.id(kind int, n int) RETURNS uuid LANGUAGE sql AS "
	    "$$ SELECT format('00000000-0000-7000-800%s-00000000000%s', kind, n)::uuid $$";
	static const char users[] =
	    "INSERT INTO users (tenant_id, id, email, name, password_hash, deleted_at, "
	    "deletion_id) VALUES ('%s', pg_temp.id(0, 1), 'gone@x.test', 'gone', "
	    "'$argon2id$canary-hash', '2020-01-01Z', '00000000-0000-7000-8000-0000000000dd'), "
	    "('%s', pg_temp.id(0, 2), 'stays@x.test', 'stays', '$argon2id$h', NULL, NULL)";
	static const char posts[] =
	    "INSERT INTO posts (tenant_id, id, title, slug, content, author_id, deleted_at) "
	    "SELECT '%s', pg_temp.id(1, n), 't', 'purge-' || n, 'c', "
	    "pg_temp.id(0, CASE n WHEN 3 THEN 2 ELSE 1 END), '2020-01-01Z' "
	    "FROM generate_series(1, 3) n";
	static const char comments[] =
	    "INSERT INTO comments (tenant_id, id, content, post_id, author_id, deleted_at) "
	    "SELECT '%s', pg_temp.id(2, n), 'c', pg_temp.id(1, CASE n WHEN 4 THEN 3 ELSE 1 END), "
	    "pg_temp.id(0, CASE n WHEN 4 THEN 2 ELSE 1 END), "
	    "CASE n WHEN 4 THEN '2021-01-01Z' ELSE '2020-01-01Z' END::timestamptz "
	    "FROM generate_series(1, 4) n";

	return sql_run(c, ids) && sql_run(c, keep_printf(users, tenant, tenant)) &&
	    sql_run(c, keep_printf(posts, tenant)) && sql_run(c, keep_printf(comments, tenant));
}

static void
there_is_no_purge_without_a_bound(void)
{
	make_deleted(superuser, WORLD_ACME);
	make_deleted(superuser, WORLD_GLOBEX);
	purge(NULL, NULL, NULL, NULL, 2);
	purge("--deleted-before", "2020-06-01", "--expired", NULL, 2);
	purge("--deleted-before", NULL, NULL, NULL, 2);
	CHECK(purge("--deleted-before", "2999-01-01", NULL, NULL, 78) != NULL, "in the future");
	CHECK_INT(count("posts", "slug LIKE 'purge-%'"), 6, "nothing went");
}

static void
children_go_first_and_each_is_logged(void)
{
	const struct outcome *o = program_run(world->program, "purge", "--deleted-before",
	    "2020-06-01", "--tenant", "acme", "--batch", "2", NULL);

	CHECK_INT(o->exit_code, 0, "%s", o->output);
	/* One user, two posts, three comments; the third post is held by a comment of 2021. */
	CHECK(strstr(o->output, "acme users: 1\n") != NULL, "%s", o->output);
	CHECK(strstr(o->output, "acme posts: 2\n") != NULL, "%s", o->output);
	CHECK(strstr(o->output, "acme comments: 3\n") != NULL, "%s", o->output);
	CHECK_INT(count("posts", IN_ACME " AND slug LIKE 'purge-%'"), 1, "held by its comment");
	CHECK_INT(count("users", IN_ACME " AND email LIKE '%@x.test'"), 1, "the live one");
	CHECK_INT(count("posts", "tenant_id = '" WORLD_GLOBEX "' AND slug LIKE 'purge-%'"), 3,
	    "globex was not asked");
	CHECK_INT(count("rowhouse.audit_log", IN_ACME " AND action LIKE '%.purged'"), 6,
	    "one entry per row");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT changes ->> 'passwordHash' FROM rowhouse.audit_log WHERE action = "
		       "'users.purged'"),
	    "{\"after\": null, \"before\": \"[REDACTED]\"}", "what is sensitive");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT changes ->> 'deletedAt' FROM rowhouse.audit_log WHERE action = "
		       "'users.purged'"),
	    "{\"after\": null, \"before\": \"2020-01-01T00:00:00+00:00\"}", "as workers write it");
	CHECK_INT(
	    count("rowhouse.audit_log", "changes::text LIKE '%canary-hash%'"), 0, "no secret");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT metadata ->> 'deletionId' FROM rowhouse.audit_log WHERE action = "
		       "'users.purged'"),
	    "00000000-0000-7000-8000-0000000000dd", "which deletion");
	/* Later its comment is past the bound, and both go. */
	purge("--deleted-before", "2021-06-01", "--tenant", "acme", 0);
	CHECK_INT(count("posts", IN_ACME " AND slug LIKE 'purge-%'"), 0, "now it goes");
	/* The control: the foreign key itself refuses the naive order. */
	CHECK(!sql_run(superuser,
		  "DELETE FROM posts WHERE tenant_id = '" WORLD_GLOBEX "' AND slug = 'purge-3'"),
	    "parents first is refused");
}

static void
retention_is_the_least(void)
{
	sql_run(superuser,
	    "UPDATE rowhouse.models SET retention = '90 days' WHERE table_name = 'products';"
	    "INSERT INTO products (tenant_id, id, name, price, deleted_at) SELECT '" WORLD_ACME
	    "', 9000 + n, 'p', 1, now() - n * interval '40 days' FROM generate_series(1, 4) n;"
	    "INSERT INTO categories (tenant_id, name, slug, deleted_at) VALUES ('" WORLD_ACME
	    "', 'old', 'old', now() - interval '40 days')");
	purge("--deleted-before", sql_value(superuser, "SELECT now() - interval '1 minute'"), NULL,
	    NULL, 0);
	CHECK_TEXT(
	    sql_value(superuser,
		"SELECT string_agg(id::text, ' ' ORDER BY id) FROM products WHERE id > 9000"),
	    "9001 9002", "two are younger than their retention");
	CHECK_INT(count("categories", "slug = 'old'"), 0, "a model without one follows the bound");

	sql_run(superuser,
	    "UPDATE products SET deleted_at = now() - interval '91 days' WHERE id = 9001;"
	    "INSERT INTO categories (tenant_id, name, slug, deleted_at) VALUES ('" WORLD_ACME
	    "', 'old', 'old', now() - interval '1000 days')");
	purge("--expired", NULL, NULL, NULL, 0);
	CHECK_INT(count("products", "id = 9001"), 0, "expired");
	CHECK_INT(count("products", "id = 9002"), 1, "not yet");
	CHECK_INT(count("categories", "slug = 'old'"), 1, "without a retention nothing expires");
}

static void
stored_answers_expire(void)
{
	static const char insert[] =
	    "INSERT INTO rowhouse.idempotency_keys (tenant_id, scope, principal, method, path, "
	    "key, request_hash, status, headers, body, created_at) SELECT '" WORLD_ACME
	    "', md5(n::text) || md5(n::text), 'user', 'POST', '/', 'k' || n, repeat('0', 64), 204, "
	    "'{}', '', now() - interval '1 minute' - n * interval '1 hour' "
	    "FROM generate_series(1, 4) n";

	/* One, two, three and four hours and a minute old. */
	sql_run(superuser, insert);
	CHECK(strstr(purge("--expired", NULL, NULL, NULL, 0)->output, "and 3 answers") != NULL,
	    "said");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT string_agg(key, ' ' ORDER BY key) FROM rowhouse.idempotency_keys"),
	    "k1", "older than two hours");
}

/* --- tenants ---------------------------------------------------------------------------------- */

static size_t
lines(const char *text, const char *beginning)
{
	size_t n = 0, len = strlen(beginning);

	for (const char *at = text; at != NULL && *at != '\0';) {
		n += strncmp(at, beginning, len) == 0;
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	return n;
}

static void
an_export_is_whole(void)
{
	const struct outcome *o = program_run(world->program, "tenant", "export", "acme", NULL);
	static const struct {
		const char *model, *table;
	} rows[] = {
		{ "users", "users" },
		{ "profiles", "profiles" },
		{ "posts", "posts" },
		{ "comments", "comments" },
		{ "post-categories", "post_categories" },
		{ "categories", "categories" },
		{ "products", "products" },
		{ "orders", "orders" },
		{ "order-items", "order_items" },
	};
	long all = 0;

	CHECK_INT(o->exit_code, 0, "%.300s", o->output);
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		long wanted = count(rows[i].table, IN_ACME);

		CHECK_INT(lines(o->output, keep_printf("{\"model\":\"%s\",", rows[i].model)),
		    wanted, "%s, deleted ones too", rows[i].model);
		all += wanted;
	}
	CHECK_INT(lines(o->output, "{\"entry\":"), count("rowhouse.audit_log", IN_ACME), "entries");
	CHECK(strstr(o->output, keep_printf("{\"complete\":true,\"rows\":%ld,", all)) != NULL,
	    "the last line");
	CHECK(strstr(o->output, "argon2") == NULL, "no hidden column");
	CHECK(strstr(o->output, "globex.test") == NULL, "nobody else's");
}

/* Rows of globex, by table. */
static const char *
others(void)
{
	return sql_value(superuser,
	    "SELECT concat_ws(' ', (SELECT count(*) FROM users WHERE tenant_id = t.id), "
	    "(SELECT count(*) FROM posts WHERE tenant_id = t.id), (SELECT count(*) FROM orders "
	    "WHERE tenant_id = t.id), (SELECT count(*) FROM rowhouse.sessions WHERE tenant_id = "
	    "t.id), (SELECT count(*) FROM rowhouse.audit_log WHERE tenant_id = t.id)) "
	    "FROM rowhouse.tenants t WHERE t.slug = 'globex'");
}

/* Teams and people who lead them need each other, and RESTRICT; rings refer to their own kind; a
 * region stands above a circle, a note below it. Of globex there is the same. */
static const char circles[] =
    "CREATE TABLE regions (tenant_id uuid NOT NULL, id text NOT NULL, PRIMARY KEY (tenant_id, id));"
    "CREATE TABLE teams (tenant_id uuid NOT NULL, id text NOT NULL, region_id text NOT NULL,"
    " leader_id text NOT NULL, PRIMARY KEY (tenant_id, id),"
    " FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id));"
    "CREATE TABLE people (tenant_id uuid NOT NULL, id text NOT NULL, team_id text NOT NULL,"
    " PRIMARY KEY (tenant_id, id),"
    " FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE RESTRICT);"
    "CREATE TABLE rings (tenant_id uuid NOT NULL, id text NOT NULL, next_id text NOT NULL,"
    " PRIMARY KEY (tenant_id, id),"
    " FOREIGN KEY (tenant_id, next_id) REFERENCES rings (tenant_id, id));"
    "CREATE TABLE memos (tenant_id uuid NOT NULL, id text NOT NULL, person_id text NOT NULL,"
    " PRIMARY KEY (tenant_id, id),"
    " FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id));"
    "SELECT rowhouse.model(name) FROM unnest('{regions,teams,people,rings,memos}'::text[]) name;"
    "ALTER TABLE teams ADD FOREIGN KEY (tenant_id, leader_id) REFERENCES people (tenant_id, id)"
    " DEFERRABLE INITIALLY DEFERRED";

static bool
fill_circles(PGconn *c, const char *tenant)
{
	return sql_run(c,
	    keep_printf(
		"BEGIN; SET LOCAL app.current_tenant = '%s';"
		"INSERT INTO regions SELECT '%s', 1;"
		"INSERT INTO teams SELECT '%s', i, 1, i FROM generate_series(1, 3) i;"
		"INSERT INTO people SELECT '%s', i, 1 + i %% 3 FROM generate_series(1, 9) i;"
		"INSERT INTO rings SELECT '%s', i, 1 + i %% 5 FROM generate_series(1, 5) i;"
		"INSERT INTO rings SELECT '%s', 6, 6;"
		"INSERT INTO memos SELECT '%s', i, i FROM generate_series(1, 9) i; COMMIT",
		tenant, tenant, tenant, tenant, tenant, tenant, tenant));
}

static bool
make_circles(PGconn *owner, PGconn *c)
{
	return CHECK(sql_run(owner, circles), "circles") &&
	    CHECK(fill_circles(c, WORLD_ACME) && fill_circles(c, WORLD_GLOBEX), "their rows");
}

static long
in_circles(PGconn *c, const char *tenant)
{
	return number(c,
	    keep_printf("SELECT (SELECT count(*) FROM regions WHERE tenant_id = t.id) + "
			"(SELECT count(*) FROM teams WHERE tenant_id = t.id) + "
			"(SELECT count(*) FROM people WHERE tenant_id = t.id) + "
			"(SELECT count(*) FROM rings WHERE tenant_id = t.id) + "
			"(SELECT count(*) FROM memos WHERE tenant_id = t.id) "
			"FROM (SELECT '%s'::uuid) AS t(id)",
		tenant));
}

/* A table that nobody registered is not ours to empty. */
static void
a_foreign_table_is_in_the_way(PGconn *owner, PGconn *c)
{
	const struct outcome *o;

	CHECK(sql_run(owner,
		  "CREATE TABLE outside (tenant_id uuid NOT NULL, ring_id text NOT NULL,"
		  " FOREIGN KEY (tenant_id, ring_id) REFERENCES rings (tenant_id, id))"),
	    "a table");
	CHECK(sql_run(c, "INSERT INTO outside VALUES ('" WORLD_ACME "', '3')"), "its row");
	o = program_run(world->program, "tenant", "delete", "acme", "--confirm", "acme", NULL);
	CHECK(o->exit_code != 0 && strstr(o->output, "5 rows of rings are left") != NULL, "%s",
	    o->output);
	CHECK_INT(in_circles(c, WORLD_ACME), 5, "all the rest went");
	CHECK(sql_run(owner, "DROP TABLE outside"), "by hand");
}

static bool
some_are_gone(void *before)
{
	return count("comments", IN_ACME) < *(long *)before;
}

static void
a_tenant_is_deleted(void)
{
	const char *globex = others();
	long comments, entries = count("rowhouse.audit_log", IN_ACME);
	struct process_options options = { 0 };
	PGconn *owner = world_owner(world);
	const struct outcome *o;
	pid_t run;

	make_circles(owner, superuser);
	CHECK_INT(in_circles(superuser, WORLD_ACME), 28, "rows in and about circles");
	o = program_run(world->program, "tenant", "delete", "acme", NULL);
	CHECK_INT(o->exit_code, 2, "nobody confirms: %s", o->output);
	o = program_run(world->program, "tenant", "delete", "acme", "--confirm", "globex", NULL);
	CHECK_INT(o->exit_code, 2, "the wrong one: %s", o->output);
	CHECK_INT(world_get(world, WORLD_ACME, "/api/posts?limit=1")->status, 200, "it is there");

	sql_run(superuser,
	    "INSERT INTO comments (tenant_id, content, post_id, author_id) "
	    "SELECT p.tenant_id, 'many', p.id, p.author_id FROM (SELECT * FROM posts WHERE " IN_ACME
	    " AND deleted_at IS NULL LIMIT 1) p, generate_series(1, 60000)");
	comments = count("comments", IN_ACME);
	options.argv =
	    (const char *const[]){ sandbox_program(), "--config", program_conf(world->program),
		    "tenant", "delete", "acme", "--confirm", "acme", NULL };
	run = process_start(&options);
	CHECK(wait_until(some_are_gone, &comments, 20000), "it began");
	kill(run, SIGKILL);
	process_wait(run, 5000, NULL);
	CHECK(count("comments", IN_ACME) > 0, "it was stopped half way");
	CHECK_TEXT(sql_value(superuser, "SELECT status FROM rowhouse.tenants WHERE slug = 'acme'"),
	    "deleting", "and says so");
	CHECK_INT(
	    world_get(world, WORLD_ACME, "/api/posts?limit=1")->status, 403, "closed at once");
	CHECK(program_run(world->program, "tenant", "resume", "acme", NULL)->exit_code != 0,
	    "there is no way back");

	a_foreign_table_is_in_the_way(owner, superuser);
	o = program_run(world->program, "tenant", "delete", "acme", "--confirm", "acme", NULL);
	CHECK_INT(o->exit_code, 0, "it goes on: %s", o->output);
	CHECK_INT(in_circles(superuser, WORLD_ACME), 0, "circles are gone");
	CHECK_INT(in_circles(superuser, WORLD_GLOBEX), 28, "globex's are not");
	PQfinish(owner);
	CHECK_INT(count("users", IN_ACME) + count("posts", IN_ACME) + count("comments", IN_ACME) +
		count("orders", IN_ACME) + count("products", IN_ACME),
	    0, "no row is left");
	CHECK_INT(count("rowhouse.sessions", IN_ACME) + count("rowhouse.refresh_tokens", IN_ACME) +
		count("rowhouse.api_keys", IN_ACME) + count("rowhouse.idempotency_keys", IN_ACME),
	    0, "nor what the platform kept");
	CHECK_INT(count("rowhouse.tenants", "slug = 'acme'"), 0, "nor itself");
	CHECK_INT(count("rowhouse.audit_log", IN_ACME), entries + 2, "the log outlives it");
	CHECK_TEXT(sql_value(superuser,
		       "SELECT string_agg(action, ' ' ORDER BY xid) FROM rowhouse.audit_log WHERE "
		       "action LIKE 'tenant.%'"),
	    "tenant.deleting tenant.deleted", "and tells of it");
	CHECK_TEXT(others(), globex, "globex has all it had");
	CHECK_INT(
	    world_get(world, WORLD_GLOBEX, "/api/posts?limit=1")->status, 200, "and is served");
}

static void
one_role_is_enough(void)
{
	struct world *single =
	    world_new(&(struct world_options){ .roles = CLUSTER_SINGLE_ROLE, .no_serve = true });
	const struct outcome *o;
	PGconn *c;

	if (!CHECK(single != NULL, "a world of one role"))
		return;
	c = world_superuser(single);
	make_deleted(c, WORLD_ACME);
	o = program_run(single->program, "purge", "--deleted-before", "2022-01-01", NULL);
	CHECK(o->exit_code == 0 && strstr(o->output, "8 rows and 0 answers") != NULL, "%s",
	    o->output);
	CHECK_INT(number(c, "SELECT count(*) FROM rowhouse.audit_log WHERE action LIKE '%.purged'"),
	    8, "entries");
	o = program_run(single->program, "tenant", "delete", "acme", "--confirm", "acme", NULL);
	CHECK_INT(o->exit_code, 0, "%s", o->output);
	CHECK_INT(number(c, "SELECT count(*) FROM users WHERE " IN_ACME), 0, "gone");
	PQfinish(c);
	world_free(single);
}

static const struct suite_test tests[] = {
	{ "there is no purge without a bound", there_is_no_purge_without_a_bound },
	{ "children go first and each is logged", children_go_first_and_each_is_logged },
	{ "retention is the least", retention_is_the_least },
	{ "stored answers expire", stored_answers_expire },
	{ "an export is whole", an_export_is_whole },
	{ "a tenant is deleted", a_tenant_is_deleted },
	{ "one role is enough", one_role_is_enough },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "purge", begin, end, tests, SUITE_COUNT(tests) });
}
