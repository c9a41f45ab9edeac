/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reading.c - GET of lists and rows through nginx, as a client reads them
 *
 * What is right is asked of PostgreSQL by a superuser's connection, or written here by hand. */
#include <json-c/json.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/refusal.h"
#include "support/sample.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;
static PGconn *superuser;

static bool
begin(void)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	return world_sign_in(world, "user"); /* a member, and nothing else */
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

static bool
matches(const char *text, const char *pattern)
{
	regex_t re;
	bool found;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	found = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return found;
}

static void
page_has_the_envelope(void)
{
	const struct answer *a =
	    world_get(world, WORLD_ACME, "/api/posts?limit=3&page=2&sortBy=title:ASC");
	const char *total = sql_value(superuser,
	    "SELECT count(*) FROM posts WHERE deleted_at IS NULL "
	    "AND tenant_id = '" WORLD_ACME "'");
	long pages = (strtol(total, NULL, 10) + 2) / 3;

	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK(strcmp(answer_header(a, "Content-Type"), "application/json") == 0, "%s",
	    answer_header(a, "Content-Type"));
	CHECK_INT(document_count(a->json, ""), 3, "data, meta, links");
	CHECK_INT(document_count(a->json, "data"), 3, "rows");
	CHECK_INT(document_count(a->json, "meta"), 5, "%s", document_text(a->json, "meta"));
	CHECK_INT(document_int(a->json, "meta.itemsPerPage"), 3, "limit");
	CHECK_TEXT(document_text(a->json, "meta.totalItems"), total, "total");
	CHECK_INT(document_int(a->json, "meta.currentPage"), 2, "page");
	CHECK_INT(document_int(a->json, "meta.totalPages"), pages, "pages");
	CHECK_TEXT(document_text(a->json, "meta.sortBy"), "[[\"title\",\"ASC\"]]", "sort");
	CHECK_INT(document_count(a->json, "links"), 5, "%s", document_text(a->json, "links"));
	CHECK_TEXT(document_text(a->json, "links.first"),
	    "/api/posts?page=1&limit=3&sortBy=title%3AASC", "first");
	CHECK_TEXT(document_text(a->json, "links.previous"),
	    "/api/posts?page=1&limit=3&sortBy=title%3AASC", "previous");
	CHECK_TEXT(document_text(a->json, "links.current"),
	    "/api/posts?page=2&limit=3&sortBy=title%3AASC", "current");
	CHECK_TEXT(document_text(a->json, "links.next"),
	    "/api/posts?page=3&limit=3&sortBy=title%3AASC", "next");
	CHECK_TEXT(document_text(a->json, "links.last"),
	    keep_printf("/api/posts?page=%ld&limit=3&sortBy=title%%3AASC", pages), "last");
}

static void
links_can_be_followed(void)
{
	const struct answer *first = world_get(world, WORLD_GLOBEX, "/api/users?limit=20");
	const struct answer *next =
	    world_get(world, WORLD_GLOBEX, document_text(first->json, "links.next"));
	const struct answer *last =
	    world_get(world, WORLD_GLOBEX, document_text(first->json, "links.last"));

	CHECK_INT(first->status, 200, "%s", first->body);
	CHECK_TEXT(
	    document_text(first->json, "links.previous"), "null", "no page before the first");
	CHECK_TEXT(document_text(first->json, "meta.sortBy"), "[[\"createdAt\",\"DESC\"]]",
	    "the default order is told");
	CHECK_INT(document_int(next->json, "meta.currentPage"), 2, "%s", next->body);
	CHECK_TEXT(document_text(last->json, "links.next"), "null", "no page after the last");
	CHECK_TEXT(document_text(last->json, "meta.totalPages"),
	    document_text(last->json, "meta.currentPage"), "last");
}

static void
names_are_camel_case(void)
{
	static const char *const posts[] = { "id", "authorId", "title", "slug", "content",
		"excerpt", "published", "publishedAt", "createdAt", "updatedAt", "version" };

	for (size_t m = 0; m < sample_model_count; m++) {
		const struct answer *a;
		struct json_object *row;

		if (sample_models[m].closed)
			continue;
		a = client_getf(
		    world->client, WORLD_ACME, "/api/%s?limit=1", sample_models[m].name);
		row = document_at(a->json, "data.0");
		if (!CHECK(row != NULL, "%s: %.300s", sample_models[m].name, a->body))
			continue;
		json_object_object_foreach(row, name, value)
		{
			(void)value;
			CHECK(matches(name, "^[a-z][a-zA-Z0-9]*$"), "%s: %s", sample_models[m].name,
			    name);
		}
		CHECK(!document_has(row, "tenantId") && !document_has(row, "deletedAt") &&
			!document_has(row, "deletionId"),
		    "%s: %s", sample_models[m].name, json_object_to_json_string(row));
		if (strcmp(sample_models[m].name, "posts") != 0)
			continue;
		for (size_t i = 0; i < SUITE_COUNT(posts); i++)
			CHECK(document_has(row, posts[i]), "posts: %s", posts[i]);
		CHECK_INT(document_count(row, ""), SUITE_COUNT(posts), "posts: nothing else");
	}
}

static void
times_are_rfc3339_in_utc(void)
{
	static const char shape[] =
	    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$";
	static const char *const times[] = { "createdAt", "updatedAt", "publishedAt" };
	const struct answer *a = world_get(world, WORLD_ACME, "/api/posts?limit=100");
	const char *id, *wanted;

	for (size_t i = 0; i < document_count(a->json, "data"); i++)
		for (size_t t = 0; t < SUITE_COUNT(times); t++) {
			const char *text =
			    document_text(a->json, keep_printf("data.%zu.%s", i, times[t]));

			CHECK(matches(text, shape) || (t == 2 && strcmp(text, "null") == 0),
			    "data.%zu.%s is %s", i, times[t], text);
		}
	/* One whose milliseconds are not zero and whose session would print another zone. */
	sql_run(superuser,
	    "UPDATE posts SET updated_at = '2026-03-29 03:04:05.067+02' WHERE id = "
	    "(SELECT min(id::text)::uuid FROM posts WHERE tenant_id = '" WORLD_ACME
	    "' AND deleted_at IS NULL)");
	id = sql_value(superuser,
	    "SELECT min(id::text) FROM posts WHERE tenant_id = '" WORLD_ACME
	    "' AND deleted_at IS NULL");
	a = client_getf(world->client, WORLD_ACME, "/api/posts/%s", id);
	wanted = "2026-03-29T01:04:05.067Z";
	CHECK_TEXT(document_text(a->json, "updatedAt"), wanted, "%s", a->body);
}

/* A row alone is the row of the list, without an envelope, and holds what is stored. */
static void
row_is_bare_and_true(void)
{
	for (size_t m = 0; m < sample_model_count; m++) {
		const struct sample_model *model = &sample_models[m];
		const struct answer *list, *row;
		const char *id, *where, *wanted;

		if (model->closed)
			continue;
		list = client_getf(world->client, WORLD_GLOBEX, "/api/%s?limit=2", model->name);
		id = document_text(list->json, "data.1.id");
		row = client_getf(world->client, WORLD_GLOBEX, "/api/%s/%s", model->name, id);
		if (!CHECK_INT(row->status, 200, "%s/%s: %.300s", model->name, id, row->body))
			continue;
		CHECK_TEXT(json_object_to_json_string_ext(row->json, JSON_C_TO_STRING_PLAIN),
		    document_text(list->json, "data.1"), "%s", model->name);
		where = model->shared ? "" : " AND tenant_id = '" WORLD_GLOBEX "'";
		wanted = sql_value(superuser,
		    keep_printf("SELECT %s FROM %s WHERE id = '%s'%s", model->telling, model->table,
			id, where));
		CHECK_TEXT(
		    document_text(row->json, model->telling_name), wanted, "%s", model->name);
	}
}

static void
values_come_back_exactly(void)
{
	/* The sample holds quotes, backslashes, other scripts and emoji: compare all of them. */
	size_t count;
	const char **ids = sql_column(superuser,
	    "SELECT id FROM products WHERE tenant_id = '" WORLD_ACME "' AND deleted_at IS NULL",
	    &count);

	CHECK(count > 0, "there are products");
	for (size_t i = 0; i < count; i++) {
		const struct answer *a =
		    client_getf(world->client, WORLD_ACME, "/api/products/%s", ids[i]);
		const char *where =
		    keep_printf("WHERE tenant_id = '" WORLD_ACME "' AND id = %s", ids[i]);

		CHECK_TEXT(document_text(a->json, "name"),
		    sql_value(superuser, keep_printf("SELECT name FROM products %s", where)),
		    "product %s", ids[i]);
		CHECK_TEXT(document_text(a->json, "price"),
		    sql_value(superuser, keep_printf("SELECT price FROM products %s", where)),
		    "product %s", ids[i]);
		CHECK_TEXT(document_text(a->json, "stock"),
		    sql_value(superuser, keep_printf("SELECT stock FROM products %s", where)),
		    "product %s", ids[i]);
	}
}

/* Case-insensitive search for what must never leave. */
static void
check_secrets(const struct answer *a, const char *what)
{
	CHECK(strcasestr(a->body, "password") == NULL && strcasestr(a->body, "argon2") == NULL,
	    "%s shows a password: %.300s", what, a->body);
}

static void
hidden_columns_never(void)
{
	static const char *const tenants[] = { WORLD_ACME, WORLD_GLOBEX };
	static const char *const tries[] = { "/api/users?sortBy=passwordHash",
		"/api/users?sortBy=password_hash:ASC", "/api/users?passwordHash=x",
		"/api/users?select=passwordHash" };
	const char *visible = sql_value(superuser,
	    "SELECT count(*) FROM users WHERE concat(name, email) ~* "
	    "'password|argon2'");

	CHECK_TEXT(visible, "0", "the sample itself does not spoil the search");
	CHECK(strtol(sql_value(superuser, "SELECT count(password_hash) FROM users"), NULL, 10) > 50,
	    "there is something to hide");
	for (size_t t = 0; t < SUITE_COUNT(tenants); t++)
		for (size_t m = 0; m < sample_model_count; m++)
			for (int page = 1; page < 100; page++) {
				const struct answer *a = client_getf(world->client, tenants[t],
				    "/api/%s?limit=100&page=%d", sample_models[m].name, page);

				check_secrets(a, sample_models[m].name);
				if (document_at(a->json, "links.next") == NULL)
					break;
			}
	for (size_t i = 0; i < 5; i++) {
		const struct answer *a = world_get(world, WORLD_ACME, "/api/users?limit=5");

		check_secrets(client_getf(world->client, WORLD_ACME, "/api/users/%s",
				  document_text(a->json, keep_printf("data.%zu.id", i))),
		    "a user");
	}
	for (size_t i = 0; i < SUITE_COUNT(tries); i++) {
		const struct answer *a = world_get(world, WORLD_ACME, tries[i]);

		CHECK_INT(a->status, 400, "%s", tries[i]);
		CHECK(strcasestr(a->body, "argon2") == NULL, "%s: %s", tries[i], a->body);
		/* That a hidden column exists is not told: it is refused like one that does not. */
		CHECK(strstr(a->body, "is hidden") == NULL, "%s: %s", tries[i], a->body);
	}
}

static void
page_walk_visits_each_row_once(void)
{
	static const struct {
		const char *model, *query, *key;
		int limit;
	} rows[] = {
		{ "posts", "sortBy=createdAt:DESC", "createdAt", 7 },
		{ "posts", "sortBy=publishedAt:ASC", "publishedAt", 9 },
		{ "comments", "sortBy=createdAt:ASC", "createdAt", 97 },
		{ "users", "", "createdAt", 4 },
		{ "users", "sortBy=createdAt", "createdAt", 3 },
		{ "products", "sortBy=stock:ASC", "stock", 3 },
		{ "products", "sortBy=price:DESC&sortBy=stock:ASC", "price", 3 },
		{ "post-categories", "sortBy=assignedAt:DESC", "assignedAt", 13 },
		{ "profiles", "sortBy=createdAt:DESC", "createdAt", 1 },
		{ "countries", "sortBy=name:DESC", "name", 6 },
	};

	for (size_t r = 0; r < SUITE_COUNT(rows); r++) {
		const struct sample_model *model = sample_models;
		const char **seen, **wanted;
		size_t seen_count, wanted_count;

		while (strcmp(model->name, rows[r].model) != 0)
			model++;
		wanted = sample_ids(superuser, model, WORLD_ACME, &wanted_count);
		seen = sample_walk(world->client, WORLD_ACME, model->name, rows[r].query,
		    rows[r].limit, &seen_count);
		if (!CHECK(seen != NULL, "row %zu: %s %s", r, model->name, rows[r].query))
			continue;
		CHECK_INT(
		    seen_count, wanted_count, "row %zu: %s %s", r, model->name, rows[r].query);
		sample_sort(seen, seen_count);
		for (size_t i = 0; i < seen_count && i < wanted_count; i++)
			if (!CHECK_TEXT(seen[i], wanted[i], "row %zu: %s %s", r, model->name,
				rows[r].query))
				break;
	}
}

static void
sort_orders_rows(void)
{
	static const struct {
		const char *path, *sql;
	} rows[] = {
		{ "/api/posts?limit=50&sortBy=title:ASC&sortBy=createdAt:DESC",
		    "SELECT id FROM posts WHERE deleted_at IS NULL AND tenant_id = '%s' "
		    "ORDER BY title, created_at DESC, id DESC LIMIT 50" },
		{ "/api/products?limit=40&sortBy=price:DESC",
		    "SELECT id FROM products WHERE deleted_at IS NULL AND tenant_id = '%s' "
		    "ORDER BY price DESC, id DESC LIMIT 40" },
		{ "/api/comments?limit=100&page=3",
		    "SELECT id FROM comments WHERE deleted_at IS NULL AND tenant_id = '%s' "
		    "ORDER BY created_at DESC, id DESC LIMIT 100 OFFSET 200" },
		{ "/api/users?limit=30&sortBy=name:asc",
		    "SELECT id FROM users WHERE deleted_at IS NULL AND tenant_id = '%s' "
		    "ORDER BY name, id LIMIT 30" },
		{ "/api/products?sortBy=id:DESC&limit=5",
		    "SELECT id FROM products WHERE deleted_at IS NULL AND tenant_id = '%s' "
		    "ORDER BY id DESC LIMIT 5" },
	};

	for (size_t r = 0; r < SUITE_COUNT(rows); r++) {
		const struct answer *a = world_get(world, WORLD_GLOBEX, rows[r].path);
		const char *before = strstr(rows[r].sql, "%s");
		const char *sql = keep_printf(
		    "%.*s" WORLD_GLOBEX "%s", (int)(before - rows[r].sql), rows[r].sql, before + 2);
		size_t wanted_count, count;
		const char **wanted = sql_column(superuser, sql, &wanted_count);
		const char **got = document_column(a->json, "data", "id", &count);

		CHECK_INT(a->status, 200, "%s: %.300s", rows[r].path, a->body);
		CHECK_INT(count, wanted_count, "%s", rows[r].path);
		for (size_t i = 0; i < count && i < wanted_count; i++)
			if (!CHECK_TEXT(got[i], wanted[i], "%s: place %zu", rows[r].path, i))
				break;
	}
}

static void
page_beyond_the_end_is_empty(void)
{
	const struct answer *a = world_get(world, WORLD_ACME, "/api/posts?page=999&limit=10");

	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_INT(document_count(a->json, "data"), 0, "%s", a->body);
	CHECK(json_object_is_type(document_at(a->json, "data"), json_type_array), "%s", a->body);
	CHECK_TEXT(document_text(a->json, "links.next"), "null", "%s", a->body);
	CHECK_TEXT(document_text(a->json, "links.previous"), "/api/posts?page=998&limit=10", "%s",
	    a->body);
	CHECK_INT(document_int(a->json, "meta.currentPage"), 999, "%s", a->body);
	a = world_get(world, WORLD_ACME, "/api/posts?page=1000000000&limit=100");
	CHECK_INT(a->status, 200, "the last page there can be: %s", a->body);
}

static void
deleted_rows_are_gone(void)
{
	size_t count;
	const char **ids = sql_column(superuser,
	    "SELECT id FROM posts WHERE tenant_id = '" WORLD_ACME "' AND deleted_at IS NOT NULL",
	    &count);

	CHECK(count > 3, "the sample has deleted posts");
	for (size_t i = 0; i < count; i++)
		check_problem(client_getf(world->client, WORLD_ACME, "/api/posts/%s", ids[i]), 404,
		    "not_found", ids[i]);
}

static void
shared_models_are_the_same_for_all(void)
{
	for (size_t m = 0; m < sample_model_count; m++) {
		const struct answer *acme, *globex;

		if (!sample_models[m].shared)
			continue;
		acme = client_getf(
		    world->client, WORLD_ACME, "/api/%s?limit=100", sample_models[m].name);
		globex = client_getf(
		    world->client, WORLD_GLOBEX, "/api/%s?limit=100", sample_models[m].name);
		CHECK_INT(acme->status, 200, "%s: %s", sample_models[m].name, acme->body);
		CHECK_TEXT(acme->body, globex->body, "%s", sample_models[m].name);
		CHECK_TEXT(document_text(acme->json, "meta.totalItems"),
		    sql_value(
			superuser, keep_printf("SELECT count(*) FROM %s", sample_models[m].table)),
		    "%s", sample_models[m].name);
	}
}

/* Of closed models a member sees its own rows: in lists, in their totals, and one by one. */
static void
access_rules_hold(void)
{
	for (size_t m = 0; m < sample_model_count; m++) {
		const struct sample_model *model = &sample_models[m];
		const char **own, **seen, *other;
		size_t own_count, seen_count;

		if (!model->closed)
			continue;
		own = sql_column(superuser,
		    keep_printf(
			"SELECT id FROM %s WHERE tenant_id = '" WORLD_ACME
			"' AND deleted_at IS NULL AND user_id = (SELECT id FROM users WHERE "
			"email = 'user@acme.test' AND tenant_id = '" WORLD_ACME "')",
			model->table),
		    &own_count);
		other = sql_value(superuser,
		    keep_printf(
			"SELECT id FROM %s WHERE tenant_id = '" WORLD_ACME
			"' AND deleted_at IS NULL AND user_id <> (SELECT id FROM users WHERE "
			"email = 'user@acme.test' AND tenant_id = '" WORLD_ACME "') LIMIT 1",
			model->table));
		CHECK(own_count > 0, "%s: user@ has some", model->name);
		seen = sample_walk(world->client, WORLD_ACME, model->name, "", 3, &seen_count);
		if (!CHECK(seen != NULL, "%s", model->name))
			continue;
		sample_sort(own, own_count);
		sample_sort(seen, seen_count);
		CHECK_INT(seen_count, own_count, "%s", model->name);
		for (size_t i = 0; i < seen_count && i < own_count; i++)
			CHECK_TEXT(seen[i], own[i], "%s", model->name);
		CHECK_INT(document_int(
			      client_getf(world->client, WORLD_ACME, "/api/%s?limit=1", model->name)
				  ->json,
			      "meta.totalItems"),
		    own_count, "%s: nobody else's are counted", model->name);
		CHECK_INT(client_getf(world->client, WORLD_ACME, "/api/%s/%s", model->name, own[0])
			      ->status,
		    200, "%s: one of its own", model->name);
		check_problem(
		    client_getf(world->client, WORLD_ACME, "/api/%s/%s", model->name, other), 404,
		    "not_found", "somebody else's");
	}
}

static const struct suite_test tests[] = {
	{ "a page has the envelope", page_has_the_envelope },
	{ "links can be followed", links_can_be_followed },
	{ "names are camelCase", names_are_camel_case },
	{ "times are RFC 3339 in UTC", times_are_rfc3339_in_utc },
	{ "a row is bare and true", row_is_bare_and_true },
	{ "values come back exactly", values_come_back_exactly },
	{ "hidden columns never leave", hidden_columns_never },
	{ "a page walk visits each row once", page_walk_visits_each_row_once },
	{ "sortBy orders rows", sort_orders_rows },
	{ "a page beyond the end is empty", page_beyond_the_end_is_empty },
	{ "deleted rows are gone", deleted_rows_are_gone },
	{ "shared models are the same for all", shared_models_are_the_same_for_all },
	{ "access rules hold", access_rules_hold },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "reading", begin, end, tests, SUITE_COUNT(tests) });
}
