/* SPDX-License-Identifier: BSD-2-Clause */
/* test_bulk.c - changing and deleting the rows of a filter: which, how many, by whom, at what cost
 *
 * Flushes are those that the workers count and put into the line of each request in their log. */
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { MOST = 10000 /* LIMIT_ROWS_CHANGED */ };

/* Changed only in the version that was read; a tree, whose members may match with their parents. */
static const char tables_sql[] =
    "SELECT set_config('app.current_tenant', '" WORLD_ACME "', false);"
    "CREATE TABLE strict (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  name text, CONSTRAINT strict_pk PRIMARY KEY (tenant_id, id));"
    "CREATE TABLE folders (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  name text NOT NULL, parent_id uuid, CONSTRAINT folders_pk PRIMARY KEY (tenant_id, id),"
    "  CONSTRAINT folders_parent_fk FOREIGN KEY (tenant_id, parent_id) REFERENCES folders);"
    "SELECT rowhouse.model('strict', require_match => true, filterable => '{\"name\": [\"$eq\"]}');"
    "SELECT rowhouse.model('folders', soft_delete => true, audit => true);"
    "SELECT rowhouse.model('folders', soft_delete => true, audit => true,"
    "  cascade => '{folders}', filterable => '{\"name\": [\"$eq\",\"$ilike\"]}');";

static bool
begin(void)
{
	PGconn *owner;
	bool ok;

	if (!writing_begin(&(struct world_options){
		.roles = CLUSTER_TWO_ROLES, .workers = 4, .log_statements = true }))
		return false;
	owner = world_owner(world);
	ok = sql_run(owner, tables_sql);
	PQfinish(owner);
	return ok;
}

/* Posts of somebody of acme, by SQL: slug-1 to slug-n. */
static void
new_posts(const char *who, const char *slug, int count)
{
	sql_run(superuser,
	    keep_printf("INSERT INTO posts (tenant_id, author_id, title, slug, content) SELECT "
			"'" WORLD_ACME
			"', '%s', '%s', '%s-' || n, 'c' FROM generate_series(1, %d) n",
		person_id(who), slug, slug, count));
}

/* --- what a request cost ------------------------------------------------------------------- */

/* Once more than there are workers, so that the last one finds all that it needs remembered. */
static void
warm_up(const char *token)
{
	for (int i = 0; i < 12; i++)
		ask_for(200, "GET", "/api/posts?limit=1", token, NULL);
}

static void
flushes_are_two(void)
{
	const struct answer *a;

	new_posts("user", "flush", 20);
	warm_up(as_user);
	a = ask("PATCH", "/api/posts?filter.title=flush", as_user, NULL, "{\"excerpt\":\"e\"}");
	CHECK_TEXT(a->body, "{\"count\":20}", "patch");
	CHECK_INT(round_trips_of(a), 2, "patch");
	a = ask("PATCH", "/api/posts?filter.title=nothing", as_user, NULL, "{\"excerpt\":\"e\"}");
	CHECK_TEXT(a->body, "{\"count\":0}", "of nothing");
	CHECK_INT(round_trips_of(a), 2, "of nothing");
	a = ask("PATCH", "/api/posts?filter.title=flush", as_user, "Idempotency-Key: b-1",
	    "{\"excerpt\":\"f\"}");
	CHECK_TEXT(a->body, "{\"count\":20}", "with a key");
	CHECK_INT(round_trips_of(a), 3, "with a key");
	a = ask("DELETE", "/api/posts?filter.title=flush", as_user, NULL, NULL);
	CHECK_TEXT(a->body, "{\"count\":20}", "delete");
	CHECK_INT(round_trips_of(a), 2, "delete");
	/* The figures of other requests, so that it is seen to be counted. */
	a = ask("POST", "/api/posts", as_user, NULL,
	    "{\"title\":\"t\",\"slug\":\"flush-one\",\"content\":\"c\"}");
	CHECK_INT(round_trips_of(a), 1, "create");
	a = ask("POST", "/api/posts", as_user, NULL,
	    "[{\"title\":\"t\",\"slug\":\"flush-two\",\"content\":\"c\"},"
	    "{\"title\":\"t\",\"slug\":\"flush-three\",\"content\":\"c\"}]");
	CHECK_INT(round_trips_of(a), 1, "create many");
	warm_up(as_admin);
	a = ask("POST", "/api/products", as_admin, NULL,
	    "[{\"name\":\"a\",\"price\":1},{\"name\":\"b\",\"price\":2}]");
	CHECK_INT(round_trips_of(a), 2, "create many whose ids PostgreSQL makes");
	a = ask("PUT", "/api/posts?by=slug", as_admin, NULL,
	    "{\"title\":\"t\",\"slug\":\"flush-four\",\"content\":\"c\"}");
	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_INT(round_trips_of(a), 2, "an upsert that creates");
	a = ask("PUT", "/api/posts?by=slug", as_admin, NULL,
	    "{\"title\":\"u\",\"slug\":\"flush-four\",\"content\":\"c\"}");
	CHECK_INT(round_trips_of(a), 2, "an upsert that changes");
}

/* --- patch --------------------------------------------------------------------------------- */

static void
the_rows_of_a_filter_are_changed(void)
{
	const struct answer *a;
	const char **ids;
	size_t count;

	new_posts("user", "patch", 5);
	new_posts("mod", "other", 2);
	a = ask("PATCH", "/api/posts?filter.title=patch&filter.slug=$in:patch-2,patch-4,other-1",
	    as_user, "Prefer: return=representation", "{\"excerpt\":\"changed\"}");
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_INT(document_int(a->json, "count"), 2, "%s", a->body);
	CHECK_INT(document_count(a->json, "ids"), 2, "%s", a->body);
	CHECK_TEXT(answer_header(a, "Preference-Applied"), "return=representation", "applied");
	CHECK_TEXT(look("SELECT string_agg(slug || ':' || version, ' ' ORDER BY slug) FROM posts "
			"WHERE excerpt = 'changed'"),
	    "patch-2:2 patch-4:2", "those, and no other");
	ids = sql_column(superuser, "SELECT id FROM posts WHERE excerpt = 'changed'", &count);
	for (size_t i = 0; i < count; i++) {
		CHECK(strstr(a->body, ids[i]) != NULL, "%s in %s", ids[i], a->body);
		CHECK_TEXT(look("SELECT string_agg(action, ' ') FROM rowhouse.audit_log WHERE "
				"target_id = '%s'",
			       ids[i]),
		    "posts.updated", "an entry for each");
	}
	CHECK_TEXT(look("SELECT count(*) || ' ' || count(DISTINCT (timeline, xid, ordinal)) FROM "
			"rowhouse.audit_log WHERE metadata ->> 'requestId' = '%s'",
		       answer_header(a, "X-Request-Id")),
	    "2 2", "entries have an order");
	a = ask("PATCH", "/api/posts?filter.title=patch", as_user, "Prefer: return=minimal",
	    "{\"title\":\"patched\"}");
	CHECK_INT(a->status, 204, "%s", a->body);
	CHECK_INT(a->body_len, 0, "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE title = 'patched'"), "5", "all five");
	/* Numbers, by what is stored in each; ids of numbers are numbers. */
	sql_run(superuser,
	    "INSERT INTO products (tenant_id, id, name, price, stock) VALUES ('" WORLD_ACME
	    "', 901, 'bulk', 10, 1), ('" WORLD_ACME "', 902, 'bulk', 20, 2)");
	a = ask("PATCH", "/api/products?filter.name=bulk", as_admin,
	    "Prefer: return=representation",
	    "{\"price\":{\"multiply\":1.5},\"stock\":{\"increment\":1}}");
	CHECK_TEXT(a->body, "{\"count\":2,\"ids\":[901,902]}", "%s", a->body);
	CHECK_TEXT(look("SELECT string_agg(price || '/' || stock, ' ' ORDER BY id) FROM products "
			"WHERE name = 'bulk'"),
	    "15.00/2 30.00/3", "each by itself");
}

static void
nothing_happens_that_was_not_meant(void)
{
	const char *posts = look("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM posts p");
	static const struct {
		const char *method, *path, *body, *pointer, *code;
	} rows[] = {
		{ "PATCH", "/api/posts", "{\"title\":\"x\"}", "/query/filter", "required" },
		{ "DELETE", "/api/posts", NULL, "/query/filter", "required" },
		{ "DELETE", "/api/posts?force=true", NULL, "/query/filter", "required" },
		{ "DELETE", "/api/posts?search=a", NULL, "/query/filter", "required" },
		{ "DELETE", "/api/posts?filter.nothing=1", NULL, "/query/filter.nothing",
		    "not_filterable" },
		{ "DELETE", "/api/posts?filter.content=c", NULL, "/query/filter.content",
		    "not_filterable" },
		{ "DELETE", "/api/posts?filter.published=maybe", NULL, "/query/filter.published",
		    "type" },
		{ "DELETE", "/api/posts?filter.slug=a&limit=1", NULL, "/query/limit", "unknown" },
		{ "DELETE", "/api/posts?filter.slug=a&sortBy=id:ASC", NULL, "/query/sortBy",
		    "unknown" },
		{ "DELETE", "/api/posts?filter.slug=a&force=maybe", NULL, "/query/force", "type" },
		{ "DELETE", "/api/posts?filter.slug=a&onlyDeleted=true", NULL, "/query/force",
		    "required" },
		{ "PATCH", "/api/posts?filter.slug=a&force=true", "{\"title\":\"x\"}",
		    "/query/force", "unknown" },
		{ "PATCH", "/api/posts?filter.slug=a&withDeleted=true", "{\"title\":\"x\"}",
		    "/query/withDeleted", "unknown" },
		{ "PATCH", "/api/posts?filter.slug=a", "{}", "#", "empty" },
		{ "PATCH", "/api/posts?filter.slug=a", "[]", "#", "type" },
		{ "PATCH", "/api/posts?filter.slug=a", "{\"title\":1,\"colour\":2}", "#/colour",
		    "unknown" },
		{ "PATCH", "/api/posts?filter.slug=a", "{\"publishedAt\":null}", "#/publishedAt",
		    "read_only" },
		{ "PATCH", "/api/posts?filter.slug=a", "{\"comments\":{\"create\":[]}}",
		    "#/comments", NULL },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a =
		    ask(rows[i].method, rows[i].path, as_admin, NULL, rows[i].body);

		if (rows[i].code != NULL)
			check_fault(a, 400, rows[i].pointer, rows[i].code, rows[i].path);
		else
			CHECK_INT(a->status, 400, "%s %s: %s", rows[i].path, rows[i].body, a->body);
	}
	check_fault(ask("DELETE", "/api/posts?filter.slug=a", as_admin, "If-Match: \"v1\"", NULL),
	    400, "/header/If-Match", "conflict", "a version is one row's");
	check_fault(
	    ask("DELETE", "/api/posts?filter.slug=a", as_admin, "Prefer: max-affected=few", NULL),
	    400, "/header/Prefer", "value", "no number");
	check_fault(ask("PATCH", "/api/posts?filter.slug=a", as_user, NULL, "{\"published\":true}"),
	    403, "#/published", "restricted", "for other roles");
	CHECK_INT(ask("DELETE", "/api/strict?filter.name=a", as_admin, NULL, NULL)->status, 428,
	    "a model that takes no blind change");
	CHECK_INT(
	    ask("PATCH", "/api/strict?filter.name=a", as_admin, NULL, "{\"name\":\"b\"}")->status,
	    428, "a model that takes no blind change");
	CHECK_TEXT(look("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM posts p"), posts,
	    "nothing was changed");
}

static void
no_more_rows_than_were_allowed(void)
{
	const char *path = "/api/posts?filter.title=most";
	const struct answer *a;

	new_posts("user", "most", 3);
	a = ask("DELETE", path, as_user, "Prefer: max-affected=2", NULL);
	check_fault(a, 409, "/header/Prefer", "max_affected", "three rows");
	a = ask("DELETE", path, as_user, "Prefer: handling=strict, max-affected=0", NULL);
	check_fault(a, 409, "/header/Prefer", "max_affected", "three rows");
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE title = 'most' AND deleted_at IS NULL"),
	    "3", "all are there");
	a = ask("PATCH", path, as_user, "Prefer: max-affected=3, return=representation",
	    "{\"excerpt\":\"e\"}");
	CHECK_INT(document_int(a->json, "count"), 3, "%s", a->body);
	CHECK_TEXT(answer_header(a, "Preference-Applied"), "return=representation, max-affected=3",
	    "applied");
	/* The bound that nobody has to ask for. */
	new_posts("user", "many", MOST + 1);
	a = ask("PATCH", "/api/posts?filter.title=many", as_user, "Prefer: max-affected=1000000",
	    "{\"excerpt\":\"e\"}");
	CHECK_INT(a->status, 413, "%s", a->body);
	sql_run(superuser, "DELETE FROM posts WHERE slug = 'many-1'");
	a = ask("PATCH", "/api/posts?filter.title=many", as_user, NULL, "{\"excerpt\":\"e\"}");
	CHECK_TEXT(a->body, keep_printf("{\"count\":%d}", MOST), "the most");
	printf("(%d rows: %lld ms) ", MOST, (long long)a->took_ms);
	CHECK_TEXT(look("SELECT count(*) FROM rowhouse.audit_log WHERE metadata ->> 'requestId' = "
			"'%s'",
		       answer_header(a, "X-Request-Id")),
	    keep_printf("%d", MOST), "an entry for each");
	sql_run(superuser, "DELETE FROM posts WHERE title = 'many'");
}

/* --- rights -------------------------------------------------------------------------------- */

/* Among rows that may be read, one that may not be changed stops all: else a client that is told of
 * success would have to find out what was left. Rows that may not be read are not there. */
static void
rights_are_those_of_each_row(void)
{
	const struct answer *a;

	new_posts("user", "rights", 2);
	new_posts("mod", "rights-mod", 1);
	sql_run(superuser, "UPDATE posts SET title = 'rights' WHERE slug = 'rights-mod-1'");
	a = ask("PATCH", "/api/posts?filter.title=rights", as_user, NULL, "{\"excerpt\":\"mine\"}");
	CHECK_INT(a->status, 403, "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE excerpt = 'mine'"), "0", "none");
	a = ask("PATCH",
	    keep_printf("/api/posts?filter.title=rights&filter.authorId=%s", person_id("user")),
	    as_user, NULL, "{\"excerpt\":\"mine\"}");
	CHECK_TEXT(a->body, "{\"count\":2}", "one's own");
	a = ask("PATCH", "/api/posts?filter.title=rights", as_mod, NULL, "{\"excerpt\":\"all\"}");
	CHECK_TEXT(a->body, "{\"count\":3}", "who may change all of them");
	a = ask("DELETE", "/api/posts?filter.title=rights", as_mod, NULL, NULL);
	CHECK_INT(a->status, 403, "deleting is another right: %s", a->body);
	a = ask("DELETE", "/api/posts?filter.title=rights&force=true", as_user, NULL, NULL);
	CHECK_INT(a->status, 403, "so is force: %s", a->body);
	a = ask(
	    "PATCH", "/api/posts?filter.title=rights", as_stranger, NULL, "{\"excerpt\":\"x\"}");
	CHECK_TEXT(a->body, "{\"count\":0}", "another tenant's are not there");
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE excerpt = 'x'"), "0", "none");
	/* Orders of others may not be read. */
	sql_run(superuser,
	    keep_printf("INSERT INTO orders (tenant_id, user_id) VALUES "
			"('" WORLD_ACME "', '%s'), ('" WORLD_ACME "', '%s')",
		person_id("user"), person_id("mod")));
	a = ask("PATCH", "/api/orders?filter.status=PENDING", as_user, NULL, "{\"note\":\"mine\"}");
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK(document_int(a->json, "count") > 0, "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM orders WHERE note = 'mine' AND user_id <> '%s'",
		       person_id("user")),
	    "0", "nobody else's");
	ask_for(405, "PATCH", "/api/countries?filter.id=DE", as_admin, "{\"name\":\"x\"}");
	a = ask("OPTIONS", "/api/posts", NULL, NULL, NULL);
	CHECK(strstr(answer_header(a, "Allow"), "PATCH") != NULL &&
		strstr(answer_header(a, "Allow"), "DELETE") != NULL,
	    "%s", answer_header(a, "Allow"));
}

/* --- delete -------------------------------------------------------------------------------- */

static void
each_deletion_is_a_group_of_its_own(void)
{
	const char *one, *two;
	const struct answer *a;

	new_posts("user", "group", 2);
	one = look("SELECT id FROM posts WHERE slug = 'group-1'");
	two = look("SELECT id FROM posts WHERE slug = 'group-2'");
	for (int i = 0; i < 2; i++)
		ask_for(201, "POST", "/api/comments", as_mod,
		    keep_printf("{\"content\":\"c\",\"postId\":\"%s\"}", i == 0 ? one : two));
	a = ask("DELETE", "/api/posts?filter.title=group", as_user, NULL, NULL);
	CHECK_TEXT(a->body, "{\"count\":2}", "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) || ' ' || count(DISTINCT p.deletion_id) || ' ' || "
			"count(*) FILTER (WHERE c.deletion_id = p.deletion_id) || ' ' || "
			"count(*) FILTER (WHERE p.deleted_by = '%s') FROM posts p JOIN comments c "
			"ON c.post_id = p.id WHERE p.title = 'group' AND p.deleted_at IS NOT NULL",
		       person_id("user")),
	    "2 2 2 2", "deletions, comments along, by whom");
	CHECK_TEXT(
	    look("SELECT string_agg(action, ' ' ORDER BY action) FROM rowhouse.audit_log WHERE "
		 "metadata ->> 'requestId' = '%s'",
		answer_header(a, "X-Request-Id")),
	    "comments.deleted comments.deleted posts.deleted posts.deleted", "the log");
	ask_for(200, "POST", keep_printf("/api/posts/%s/restore", one), as_user, NULL);
	CHECK_TEXT(look("SELECT count(*) FROM posts p JOIN comments c ON c.post_id = p.id AND "
			"c.deleted_at IS NULL WHERE p.title = 'group' AND p.deleted_at IS NULL"),
	    "1", "one of them is back");
	/* For good: the one that is deleted, or whatever matches. */
	a = ask("DELETE", "/api/posts?filter.title=group&onlyDeleted=true&force=true", as_admin,
	    NULL, NULL);
	CHECK_TEXT(a->body, "{\"count\":1}", "%s", a->body);
	CHECK_TEXT(look("SELECT string_agg(slug, ' ') FROM posts WHERE title = 'group'"), "group-1",
	    "the live one stays");
	a = ask("DELETE", "/api/posts?filter.title=group&force=true", as_admin, NULL, NULL);
	CHECK_TEXT(a->body, "{\"count\":1}", "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE title = 'group'"), "0", "gone");
	CHECK_TEXT(story("posts", two), "deleted purged", "the log");
	/* What points to one of them stops all. */
	sql_run(superuser,
	    keep_printf("INSERT INTO products (tenant_id, id, name, price) VALUES "
			"('" WORLD_ACME "', 911, 'needed', 1), "
			"('" WORLD_ACME "', 912, 'needed', 1); "
			"INSERT INTO order_items (tenant_id, order_id, product_id, "
			"user_id, quantity, price) SELECT tenant_id, id, 912, "
			"user_id, 1, 1 FROM orders WHERE tenant_id = '" WORLD_ACME
			"' AND user_id = '%s' LIMIT 1",
		person_id("user")));
	a = ask("DELETE", "/api/products?filter.name=needed", as_admin, NULL, NULL);
	CHECK_INT(a->status, 409, "%s", a->body);
	CHECK(strstr(a->body, "order-items") != NULL, "%s", a->body);
	CHECK_TEXT(
	    look("SELECT count(*) FROM products WHERE name = 'needed' AND deleted_at IS NULL"), "2",
	    "both are there");
}

/* A parent and its child both match: each is deleted once. */
static void
a_tree_that_matches_in_parts(void)
{
	const char *id = NULL;
	const struct answer *a;

	for (int i = 0; i < 4; i++)
		id = keep_printf("%s",
		    document_text(ask_for(201, "POST", "/api/folders", as_admin,
				      keep_printf("{\"name\":\"%s\",\"parentId\":%s}",
					  i == 2 ? "between" : "tree",
					  id == NULL ? "null" : keep_printf("\"%s\"", id)))
				      ->json,
			"id"));
	a = ask("DELETE", "/api/folders?filter.name=tree", as_admin, NULL, NULL);
	CHECK_TEXT(a->body, "{\"count\":3}", "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) || ' ' || count(DISTINCT deletion_id) FROM folders WHERE "
			"deleted_at IS NOT NULL"),
	    "4 3", "three roots, one of which takes the one between along");
	CHECK_TEXT(look("SELECT count(*) || ' ' || count(DISTINCT target_id) FROM "
			"rowhouse.audit_log WHERE action = 'folders.deleted'"),
	    "4 4", "an entry for each");
}

/* --- races --------------------------------------------------------------------------------- */

/* Played by hand: a transaction holds a row of the filter, and makes it match no more, while
 * another one begins to match. The request waits for the first, and changes neither. */
struct waiting {
	pthread_t thread;
	struct client *client;
	const struct answer *answer;
};

static void *
patch_waiting(void *context)
{
	struct waiting *w = context;
	const char *headers[] = { bearer_header(as_user), "Content-Type: application/json", NULL };

	w->answer = client_request(
	    w->client, "PATCH", "/api/posts?filter.title=race", headers, "{\"excerpt\":\"raced\"}");
	return NULL;
}

static void
wait_for_a_lock(void)
{
	for (int i = 0; i < 500; i++) {
		if (strcmp(look("SELECT count(*) FROM pg_locks WHERE NOT granted"), "0") != 0)
			return;
		pause_ms(10);
	}
	CHECK(false, "nobody waits for a lock");
}

static void
a_row_that_begins_to_match_is_left_alone(void)
{
	PGconn *other = world_superuser(world);
	struct waiting w = { .client = client_new(webserver_url(world->webserver)) };

	new_posts("user", "race", 3);
	new_posts("user", "late", 1);
	sql_run(other, "BEGIN");
	sql_run(
	    other, "UPDATE posts SET title = 'gone', version = version + 1 WHERE slug = 'race-1'");
	sql_run(
	    other, "UPDATE posts SET title = 'race', version = version + 1 WHERE slug = 'late-1'");
	if (pthread_create(&w.thread, NULL, patch_waiting, &w) != 0)
		abort();
	wait_for_a_lock();
	sql_run(other, "COMMIT");
	pthread_join(w.thread, NULL);
	CHECK_TEXT(w.answer->body, "{\"count\":2}", "%s", w.answer->body);
	CHECK_TEXT(look("SELECT string_agg(slug, ' ' ORDER BY slug) FROM posts WHERE excerpt = "
			"'raced'"),
	    "race-2 race-3", "neither what matches no more nor what has begun to");
	CHECK_TEXT(
	    look("SELECT count(*) FROM rowhouse.audit_log l JOIN posts p ON l.target_id = "
		 "p.id::text WHERE l.metadata ->> 'requestId' = '%s' AND p.excerpt = 'raced'",
		answer_header(w.answer, "X-Request-Id")),
	    "2", "and the log says the same");
	client_free(w.client);
	PQfinish(other);
}

/* The naive form, by hand: log what the filter finds, then write what the filter finds. */
static void
a_filter_asked_twice_finds_two_things(void)
{
	PGconn *naive = world_superuser(world), *other = world_superuser(world);

	new_posts("user", "naive", 3);
	new_posts("user", "later", 1);
	sql_run(naive, "BEGIN");
	sql_run(naive, "CREATE TEMP TABLE logged AS SELECT id FROM posts WHERE title = 'naive'");
	sql_run(other, "UPDATE posts SET title = 'naive' WHERE slug = 'later-1'");
	sql_run(naive, "UPDATE posts SET excerpt = 'naive' WHERE title = 'naive'");
	sql_run(naive, "COMMIT");
	CHECK_TEXT(sql_value(naive,
		       "SELECT count(*) FROM posts WHERE excerpt = 'naive' AND id NOT IN "
		       "(SELECT id FROM logged)"),
	    "1", "the control: a row that was written and not logged");
	PQfinish(naive);
	PQfinish(other);
}

static const struct suite_test tests[] = {
	{ "the rows of a filter are changed", the_rows_of_a_filter_are_changed },
	{ "nothing happens that was not meant", nothing_happens_that_was_not_meant },
	{ "no more rows than were allowed", no_more_rows_than_were_allowed },
	{ "rights are those of each row", rights_are_those_of_each_row },
	{ "each deletion is a group of its own", each_deletion_is_a_group_of_its_own },
	{ "a tree that matches in parts", a_tree_that_matches_in_parts },
	{ "a row that begins to match is left alone", a_row_that_begins_to_match_is_left_alone },
	{ "a filter asked twice finds two things", a_filter_asked_twice_finds_two_things },
	{ "flushes are two", flushes_are_two },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "bulk", begin, writing_end, tests, SUITE_COUNT(tests) });
}
