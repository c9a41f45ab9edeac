/* SPDX-License-Identifier: BSD-2-Clause */
/* test_nested.c - rows written under the names of relations, through nginx: answers, rows, log
 *
 * What a request left is looked at as superuser: the rows, and how many entries the log has of the
 * request, told by its X-Request-Id. */
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

#define ABSENT "0199a000-0000-7000-8000-00000000dead"

static bool
begin(void)
{
	return writing_begin(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .workers = 1, .settings = "slow_unit = 0\n" });
}

static const char *
body_id(const struct answer *a)
{
	return keep_printf("%s", document_text(a->json, "id"));
}

static const char *
path_of(const char *model, const char *id)
{
	return keep_printf("/api/%s/%s", model, id);
}

static const char *
new_post(const char *slug)
{
	return body_id(ask_for(201, "POST", "/api/posts", as_user,
	    keep_printf("{\"title\":\"t\",\"slug\":\"%s\",\"content\":\"c\"}", slug)));
}

static const char *
new_user(const char *name)
{
	return body_id(ask_for(201, "POST", "/api/users", as_admin,
	    keep_printf("{\"name\":\"%s\",\"email\":\"%s@nested.test\"}", name, name)));
}

static const char *
new_category(const char *name)
{
	return body_id(ask_for(201, "POST", "/api/categories", as_admin,
	    keep_printf("{\"name\":\"%s\",\"slug\":\"%s\"}", name, name)));
}

/* A row of globex that is there for its own people and has no twin with the same id in acme. */
static const char *
foreign_id(const char *table)
{
	return look("SELECT f.id FROM %s f WHERE f.tenant_id = '" WORLD_GLOBEX
		    "' AND f.deleted_at IS NULL AND NOT EXISTS (SELECT FROM %s o WHERE o.id = f.id "
		    "AND o.tenant_id <> f.tenant_id) LIMIT 1",
	    table, table);
}

static const char *
deleted_id(const char *table)
{
	return look("SELECT id FROM %s WHERE tenant_id = '" WORLD_ACME
		    "' AND deleted_at IS NOT NULL LIMIT 1",
	    table);
}

/* --- create -------------------------------------------------------------------------------- */

static void
children_are_made_with_their_parent(void)
{
	const struct answer *a = ask("POST", "/api/posts", as_user, "X-Audit-Reason: all at once",
	    "{\"title\":\"t\",\"slug\":\"with-two\",\"content\":\"c\",\"comments\":{\"create\":["
	    "{\"content\":\"one\"},{\"content\":\"two\"}]}}");
	const char *id = body_id(a), *comment;

	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_TEXT(answer_header(a, "ETag"), "\"v1\"", "ETag");
	CHECK(!document_has(a->json, "comments"), "the answer is the bare row: %s", a->body);
	CHECK_TEXT(look("SELECT string_agg(content || (author_id = '%s'), ' ' ORDER BY content) "
			"FROM comments WHERE tenant_id = '" WORLD_ACME "' AND post_id = '%s'",
		       person_id("user"), id),
	    "onetrue twotrue", "the comments, with their owner");
	CHECK_TEXT(entries_of(a), "comments.created 2, posts.created 1", "the log");
	CHECK_TEXT(look("SELECT count(*) FROM rowhouse.audit_log WHERE metadata ->> 'reason' = "
			"'all at once' AND actor_id = '%s'",
		       person_id("user")),
	    "3", "each with reason and actor");
	comment = look("SELECT id FROM comments WHERE post_id = '%s' LIMIT 1", id);
	CHECK_TEXT(replayed("comments", comment), "", "replay");
}

static void
what_is_pointed_to_is_made_first(void)
{
	const struct answer *a = ask_for(201, "POST", "/api/posts", as_admin,
	    "{\"title\":\"t\",\"slug\":\"new-author\",\"content\":\"c\",\"author\":{\"create\":{"
	    "\"name\":\"New\",\"email\":\"new-author@nested.test\",\"profile\":{\"create\":{"
	    "\"bio\":\"b\",\"country\":{\"connect\":{\"id\":\"DE\"}}}}}}}");

	CHECK_TEXT(
	    look("SELECT concat_ws('|', u.name, r.bio, r.country_id) FROM posts p JOIN users "
		 "u ON u.id = p.author_id JOIN profiles r ON r.user_id = u.id WHERE p.id = "
		 "'%s'",
		body_id(a)),
	    "New|b|DE", "three rows in a row");
	CHECK_TEXT(entries_of(a), "posts.created 1, profiles.created 1, users.created 1", "log");
	CHECK_TEXT(document_text(a->json, "authorId"),
	    look("SELECT id FROM users WHERE email = 'new-author@nested.test'"), "the key");
}

static void
one_to_one_takes_one(void)
{
	const char *user = new_user("only-one");
	const char *path = path_of("users", user);
	const struct answer *a;

	a = ask_for(200, "PATCH", path, as_admin, "{\"profile\":{\"create\":{\"bio\":\"first\"}}}");
	CHECK_TEXT(entries_of(a), "profiles.created 1", "the user itself is as it was");
	CHECK_TEXT(answer_header(a, "ETag"), "\"v1\"", "its version, too");
	a = ask("PATCH", path, as_admin, NULL, "{\"profile\":{\"create\":{\"bio\":\"second\"}}}");
	check_fault(a, 409, "#/profile/create", "unique", "there is one already");
	a = ask("PATCH", path, as_admin, NULL,
	    keep_printf("{\"profile\":{\"connect\":{\"id\":\"%s\"}}}",
		look("SELECT id FROM profiles WHERE tenant_id = '" WORLD_ACME
		     "' AND deleted_at IS NULL AND user_id <> '%s' LIMIT 1",
		    user)));
	check_fault(a, 409, "#/profile/connect", "unique", "another one instead");
	CHECK_TEXT(look("SELECT string_agg(bio, ' ') FROM profiles WHERE user_id = '%s'", user),
	    "first", "it stays");
}

static void
numbered_rows_are_made_by_level(void)
{
	const char *order = body_id(ask_for(201, "POST", "/api/orders", as_admin, "{}"));
	const struct answer *a = ask_for(201, "POST", "/api/products", as_admin,
	    keep_printf(
		"{\"name\":\"nested\",\"price\":2,\"orderItems\":{\"create\":{\"quantity\":3,"
		"\"price\":2,\"order\":{\"connect\":{\"id\":\"%s\"}}}}}",
		order));

	CHECK_TEXT(
	    look("SELECT concat_ws('|', product_id, quantity) FROM order_items WHERE order_id "
		 "= '%s'",
		order),
	    keep_printf("%s|3", body_id(a)), "the item");
	CHECK_TEXT(entries_of(a), "order_items.created 1, products.created 1", "the log");
	CHECK_INT(flushes_of(a, "INSERT INTO \\\"public\\\".\\\"products\\\""), 2, "flushes");
	/* Two new products for two new items: the ids of a level come back together. */
	a = ask_for(201, "POST", "/api/orders", as_admin,
	    "{\"note\":\"n\",\"orderItems\":{\"create\":["
	    "{\"quantity\":1,\"price\":1,\"product\":{\"create\":{\"name\":\"p1\",\"price\":1}}},"
	    "{\"quantity\":2,\"price\":2,\"product\":{\"create\":{\"name\":\"p2\","
	    "\"price\":2}}}]}}");
	CHECK_TEXT(look("SELECT string_agg(p.name || i.quantity, ' ' ORDER BY i.quantity) FROM "
			"order_items i JOIN products p ON p.tenant_id = i.tenant_id AND p.id = "
			"i.product_id WHERE i.order_id = '%s'",
		       body_id(a)),
	    "p11 p22", "the items");
	CHECK_TEXT(entries_of(a), "order_items.created 2, orders.created 1, products.created 2",
	    "the log");
	CHECK_INT(flushes_of(a, "INSERT INTO \\\"public\\\".\\\"orders\\\""), 2, "flushes");
}

static void
a_tree_is_one_flush(void)
{
	static const char first[] = "INSERT INTO \\\"public\\\".\\\"users\\\"";
	const char *category = new_category("one-flush");
	const struct answer *a = ask_for(201, "POST", "/api/users", as_admin,
	    keep_printf(
		"{\"name\":\"Tree\",\"email\":\"tree@nested.test\",\"profile\":{\"create\":{}},"
		"\"posts\":{\"create\":[{\"title\":\"a\",\"slug\":\"tree-a\",\"content\":\"c\","
		"\"comments\":{\"create\":[{\"content\":\"x\"},{\"content\":\"y\"}]},"
		"\"categories\":{\"connect\":{\"id\":\"%s\"},\"create\":{\"name\":\"tree\","
		"\"slug\":\"tree\"}}}]}}",
		category));

	CHECK_INT(flushes_of(a, first), 1, "flushes");
	CHECK_TEXT(entries_of(a),
	    "categories.created 1, comments.created 2, posts.created 1, profiles.created 1, "
	    "users.created 1",
	    "the log; links are not audited");
	CHECK_TEXT(look("SELECT string_agg(c.name, ' ' ORDER BY c.name) FROM posts p JOIN "
			"post_categories l ON l.post_id = p.id JOIN categories c ON c.id = "
			"l.category_id WHERE p.slug = 'tree-a'"),
	    "one-flush tree", "the links");
}

/* --- connect ------------------------------------------------------------------------------- */

static void
connecting_moves_the_child(void)
{
	const char *from = new_post("connect-from"), *to = new_post("connect-to");
	const char *comment = body_id(ask_for(201, "POST", "/api/comments", as_user,
	    keep_printf("{\"content\":\"c\",\"post\":{\"connect\":{\"id\":\"%s\"}}}", from)));
	const struct answer *a;

	CHECK_TEXT(look("SELECT post_id FROM comments WHERE id = '%s'", comment), from, "to one");
	a = ask_for(200, "PATCH", path_of("posts", to), as_user,
	    keep_printf("{\"title\":\"u\",\"comments\":{\"connect\":[{\"id\":\"%s\"}]}}", comment));
	CHECK_TEXT(look("SELECT post_id FROM comments WHERE id = '%s'", comment), to, "to many");
	CHECK_TEXT(entries_of(a), "comments.updated 1, posts.updated 1", "the log");
	CHECK_TEXT(replayed("comments", comment), "", "replay");
	CHECK_INT(flushes_of(a, "UPDATE \\\"public\\\".\\\"posts\\\" AS t0 SET"), 1, "flushes");
	/* Somebody else's comment is not this one's to move. */
	comment = body_id(ask_for(201, "POST", "/api/comments", as_mod,
	    keep_printf("{\"content\":\"c\",\"postId\":\"%s\"}", from)));
	a = ask("PATCH", path_of("posts", to), as_user, NULL,
	    keep_printf("{\"title\":\"w\",\"comments\":{\"connect\":{\"id\":\"%s\"}}}", comment));
	check_fault(a, 403, "#/comments/connect", "forbidden", "of another owner");
	CHECK_TEXT(look("SELECT title FROM posts WHERE id = '%s'", to), "u", "nothing changed");
	CHECK_TEXT(entries_of(a), "", "nothing logged");
}

static void
a_link_is_there_once(void)
{
	const char *post = new_post("linked"), *category = new_category("linked");
	const char *path = path_of("posts", post);
	const char *body = keep_printf("{\"categories\":{\"connect\":{\"id\":\"%s\"}}}", category);
	const struct answer *a;

	for (int i = 0; i < 3; i++)
		ask_for(200, "PATCH", path, as_user, body);
	CHECK_TEXT(look("SELECT count(*) FROM post_categories WHERE post_id = '%s'", post), "1",
	    "connected three times");
	a = ask("PATCH", path, as_user, NULL,
	    keep_printf("{\"categories\":{\"connect\":{\"id\":\"%s\",\"_link\":{\"assignedAt\":"
			"\"2026-02-03T04:05:06Z\"}}}}",
		category));
	check_fault(a, 409, "#/categories/connect", "unique", "with values that would be lost");
	ask_for(200, "PATCH", path, as_admin,
	    "{\"categories\":{\"create\":{\"name\":\"linked-2\",\"slug\":\"linked-2\","
	    "\"_link\":{\"assignedAt\":\"2026-02-03T04:05:06Z\"}}}}");
	CHECK_TEXT(
	    look("SELECT count(*) FROM post_categories WHERE post_id = '%s' AND assigned_at = "
		 "'2026-02-03T04:05:06Z'",
		post),
	    "1", "its own column");
	a = ask("PATCH", path, as_user, NULL,
	    keep_printf("{\"categories\":{\"connect\":{\"id\":\"%s\",\"_link\":{\"postId\":\"%s\","
			"\"colour\":1}}}}",
		new_category("linked-3"), post));
	check_fault(a, 400, "#/categories/connect/_link/postId", "conflict", "the link's own key");
	check_fault(a, 400, "#/categories/connect/_link/colour", "unknown", "no such column");
}

/* Absent, deleted, another tenant's: one answer. */
static void
what_is_not_there_is_not_connected(void)
{
	static const struct {
		const char *table, *method, *path, *head, *tail, *pointer;
	} rows[] = {
		{ "posts", "POST", "/api/comments",
		    "{\"content\":\"c\",\"post\":{\"connect\":{\"id\":\"", "\"}}}",
		    "#/post/connect" },
		{ "comments", "PATCH", NULL, "{\"comments\":{\"connect\":[{\"id\":\"", "\"}]}}",
		    "#/comments/connect/0" },
		{ "categories", "PATCH", NULL, "{\"categories\":{\"connect\":{\"id\":\"", "\"}}}",
		    "#/categories/connect" },
	};
	const char *post = path_of("posts", new_post("not-there"));

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *ids[] = { ABSENT, foreign_id(rows[i].table),
			deleted_id(rows[i].table) };
		const struct answer *answers[3];

		for (size_t n = 0; n < SUITE_COUNT(ids); n++) {
			CHECK(strlen(ids[n]) == 36, "%s %zu: %s", rows[i].table, n, ids[n]);
			answers[n] =
			    ask(rows[i].method, rows[i].path != NULL ? rows[i].path : post, as_user,
				NULL, keep_printf("%s%s%s", rows[i].head, ids[n], rows[i].tail));
			check_fault(answers[n], 409, rows[i].pointer, "reference", ids[n]);
			CHECK_INT(answers[n]->body_len, answers[0]->body_len, "%s | %s",
			    answers[0]->body, answers[n]->body);
			CHECK_TEXT(entries_of(answers[n]), "", "nothing logged");
		}
	}
	/* Who may bring it back is told why. */
	check_fault(ask("PATCH", post, as_admin, NULL,
			keep_printf("%s%s%s", rows[1].head, deleted_id("comments"), rows[1].tail)),
	    409, "#/comments/connect/0", "deleted", "an ADMIN");
}

/* --- refusals ------------------------------------------------------------------------------ */

static void
each_row_has_the_rules_of_its_model(void)
{
	const char *posts = look("SELECT count(*) FROM posts");
	const struct answer *a;

	a = ask("POST", "/api/posts", as_user, NULL,
	    "{\"title\":\"t\",\"slug\":\"rules\",\"content\":\"c\",\"categories\":{\"create\":["
	    "{\"name\":\"n\",\"slug\":\"n\"}]}}");
	check_fault(a, 403, "#/categories/create/0", "forbidden", "a member makes no category");
	a = ask("POST", "/api/posts", as_user, NULL,
	    "{\"title\":\"t\",\"slug\":\"rules\",\"content\":\"c\",\"author\":{\"create\":"
	    "{\"name\":\"n\",\"email\":\"n@nested.test\"}}}");
	check_fault(a, 403, "#/author/create", "forbidden", "nor a user");
	check_fault(a, 403, "#/author/create", "owner", "nor posts of others");
	a = ask("POST", "/api/posts", as_user, NULL,
	    keep_printf("{\"title\":\"t\",\"slug\":\"rules\",\"content\":\"c\",\"author\":{"
			"\"connect\":{\"id\":\"%s\"}}}",
		person_id("mod")));
	check_fault(a, 403, "#/author/connect", "owner", "in somebody else's name");
	a = ask("PATCH", path_of("users", person_id("user")), as_user, NULL,
	    "{\"orders\":{\"create\":{\"status\":\"PAID\",\"total\":1}}}");
	check_fault(a, 400, "#/orders/create/total", "read_only", "no client's");
	a = ask("PATCH", path_of("users", person_id("user")), as_user, NULL,
	    "{\"orders\":{\"create\":{\"status\":\"PAID\"}}}");
	check_fault(a, 403, "#/orders/create/status", "restricted", "an ADMIN's");
	CHECK_TEXT(look("SELECT count(*) FROM posts"), posts, "nothing was written");
	a = ask("PATCH", path_of("users", person_id("user")), as_user, NULL,
	    "{\"orders\":{\"create\":{\"note\":\"mine\"}}}");
	CHECK_INT(a->status, 200, "one's own: %s", a->body);
	CHECK_TEXT(look("SELECT note FROM orders WHERE user_id = '%s' AND note = 'mine'",
		       person_id("user")),
	    "mine", "the order");
}

static void
a_fault_below_undoes_all(void)
{
	const struct answer *a = ask("POST", "/api/users", as_admin, NULL,
	    "{\"name\":\"N\",\"email\":\"undone@nested.test\",\"posts\":{\"create\":["
	    "{\"title\":\"a\",\"slug\":\"undone\",\"content\":\"c\"},"
	    "{\"title\":\"b\",\"slug\":\"undone\",\"content\":\"c\"}]}}");

	check_fault(a, 409, "#/posts/create/1/slug", "unique", "the second of two alike");
	CHECK_TEXT(
	    look("SELECT count(*) FROM users WHERE email = 'undone@nested.test'"), "0", "no user");
	CHECK_TEXT(entries_of(a), "", "nothing logged");
	a = ask("PATCH", path_of("posts", ABSENT), as_user, NULL,
	    "{\"comments\":{\"create\":{\"content\":\"c\"}}}");
	CHECK_INT(a->status, 404, "the row itself is missing: %s", a->body);
	a = ask("PATCH", path_of("posts", new_post("if-match")), as_user, "If-Match: \"v9\"",
	    "{\"comments\":{\"create\":{\"content\":\"c\"}}}");
	CHECK_INT(a->status, 412, "%s", a->body);
	CHECK_TEXT(entries_of(a), "", "nothing logged");
}

static void
malformed_trees(void)
{
	static const struct {
		const char *body, *pointer, *code;
	} rows[] = {
		{ "{\"comments\":7}", "#/comments", "type" },
		{ "{\"comments\":null}", "#/comments", "type" },
		{ "{\"comments\":[]}", "#/comments", "type" },
		{ "{\"comments\":{}}", "#/comments", "type" },
		{ "{\"comments\":{\"make\":[]}}", "#/comments/make", "unknown" },
		{ "{\"comments\":{\"create\":null}}", "#/comments/create", "type" },
		{ "{\"comments\":{\"create\":[[]]}}", "#/comments/create/0", "type" },
		{ "{\"comments\":{\"create\":{}}}", "#/comments/create/content", "required" },
		{ "{\"comments\":{\"create\":[{\"content\":\"\"}]}}", "#/comments/create/0/content",
		    "length" },
		{ "{\"comments\":{\"create\":{\"content\":\"c\",\"postId\":\"" ABSENT "\"}}}",
		    "#/comments/create/postId", "conflict" },
		{ "{\"comments\":{\"create\":{\"content\":\"c\",\"post\":{\"connect\":{\"id\":"
		  "\"" ABSENT "\"}}}}}",
		    "#/comments/create/post/connect", "conflict" },
		{ "{\"comments\":{\"connect\":\"" ABSENT "\"}}", "#/comments/connect", "type" },
		{ "{\"comments\":{\"connect\":[{\"id\":7}]}}", "#/comments/connect/0/id", "type" },
		{ "{\"comments\":{\"connect\":[{\"id\":\"" ABSENT "\"},{\"id\":\"" ABSENT "\"}]}}",
		    "#/comments/connect/1", "conflict" },
		{ "{\"author\":{\"connect\":[{\"id\":\"" ABSENT "\"}]}}", "#/author/connect",
		    "type" },
		{ "{\"author\":{\"create\":{},\"connect\":{}}}", "#/author", "conflict" },
		{ "{\"author\":{\"connect\":{\"id\":\"" ABSENT "\"}},\"authorId\":\"" ABSENT "\"}",
		    "#/authorId", "conflict" },
		{ "{\"authorId\":\"" ABSENT "\",\"author\":{\"connect\":{\"id\":\"" ABSENT "\"}}}",
		    "#/author/connect", "conflict" },
	};
	const char *path = path_of("posts", new_post("malformed"));

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a = ask("PATCH", path, as_admin, NULL, rows[i].body);

		check_fault(a, 400, rows[i].pointer, rows[i].code, rows[i].body);
		CHECK_TEXT(entries_of(a), "", "%s", rows[i].body);
	}
}

/* A tree of categories within posts within categories ... */
static const char *
tree_of(int depth)
{
	const char *tree = "{\"name\":\"n\",\"slug\":\"n\"}";

	for (int i = 0; i < depth; i++)
		tree = keep_printf(i % 2 == 0 ? "{\"title\":\"t\",\"slug\":\"s\",\"content\":\"c\","
						"\"categories\":{\"create\":%s}}"
					      : "{\"name\":\"n\",\"slug\":\"n\",\"posts\":{"
						"\"create\":"
						"%s}}",
		    tree);
	return tree;
}

static void
trees_are_bounded(void)
{
	enum { DEEP = 9, OPERATIONS = 512 };
	const char *pointer = "#", *comments = "{\"content\":\"c\"}";
	const struct answer *a = ask("POST", "/api/posts", as_admin, NULL, tree_of(DEEP));

	for (int i = 0; i < DEEP - 1; i++)
		pointer = keep_printf("%s/%s/create", pointer, i % 2 == 0 ? "categories" : "posts");
	check_fault(a, 400, keep_printf("%s/categories", pointer), "limit", "nine levels");
	a = ask("POST", "/api/categories", as_admin, NULL, tree_of(DEEP - 1));
	check_fault(
	    a, 409, "#/posts/create/categories/create/name", "unique", "eight can be written");
	for (int n = 1; n < OPERATIONS; n *= 2)
		comments = keep_printf("%s,%s", comments, comments);
	a = ask("POST", "/api/posts", as_admin, "Prefer: return=minimal",
	    keep_printf("{\"title\":\"t\",\"slug\":\"many\",\"content\":\"c\",\"comments\":{"
			"\"create\":[%s,{\"content\":\"c\"}]}}",
		comments));
	check_fault(a, 400, "#/comments/create/512", "limit", "one too many");
	a = ask("POST", "/api/posts", as_admin, "Prefer: return=minimal",
	    keep_printf("{\"title\":\"t\",\"slug\":\"many\",\"content\":\"c\",\"comments\":{"
			"\"create\":[%s]}}",
		comments));
	CHECK_INT(a->status, 201, "512: %.300s", a->body);
	CHECK_TEXT(entries_of(a), "comments.created 512, posts.created 1", "the log");
}

static const struct suite_test tests[] = {
	{ "children are made with their parent", children_are_made_with_their_parent },
	{ "what is pointed to is made first", what_is_pointed_to_is_made_first },
	{ "one-to-one takes one", one_to_one_takes_one },
	{ "numbered rows are made by level", numbered_rows_are_made_by_level },
	{ "a tree is one flush", a_tree_is_one_flush },
	{ "connecting moves the child", connecting_moves_the_child },
	{ "a link is there once", a_link_is_there_once },
	{ "what is not there is not connected", what_is_not_there_is_not_connected },
	{ "each row has the rules of its model", each_row_has_the_rules_of_its_model },
	{ "a fault below undoes all", a_fault_below_undoes_all },
	{ "malformed trees", malformed_trees },
	{ "trees are bounded", trees_are_bounded },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "nested", begin, writing_end, tests, SUITE_COUNT(tests) });
}
