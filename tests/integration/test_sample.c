/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sample.c - the handlers of the sample blog and shop: rows D6 to D18 of the reference */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { CALLERS = 8 };

static bool
begin(void)
{
	return writing_begin(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .workers = CALLERS, .settings = "handlers = on\n" });
}

/* --- many at once -------------------------------------------------------------------------- */

struct caller {
	pthread_t thread;
	struct client *client;
	const char *method, *path, *token, *body;
	const struct answer *answer;
};

static void *
call(void *context)
{
	struct caller *c = context;

	c->answer = client_send(c->client, c->method, c->path, c->token, c->body);
	return NULL;
}

/* The same request by CALLERS at once; how many got that status. */
static size_t
call_at_once(struct caller *callers, const char *path, const char *token, const char *body)
{
	for (size_t i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ .client = client_new(webserver_url(world->webserver)),
			.method = "POST",
			.path = path,
			.token = token,
			.body = body };
		if (pthread_create(&callers[i].thread, NULL, call, &callers[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < CALLERS; i++) {
		pthread_join(callers[i].thread, NULL);
		client_free(callers[i].client);
	}
	return CALLERS;
}

static size_t
count_of(const struct caller *callers, int status)
{
	size_t count = 0;

	for (size_t i = 0; i < CALLERS; i++)
		count += callers[i].answer->status == status;
	return count;
}

static const char *
id_of(const struct answer *a)
{
	return keep_printf("%s", document_text(a->json, "id"));
}

/* --- users --------------------------------------------------------------------------------- */

static void
a_user_is_created_with_a_profile(void)
{
	const struct answer *a = ask_for(201, "POST", "/api/users", as_admin,
	    "{\"email\":\"new@acme.test\",\"name\":\"New\",\"password\":\"" CANARY
	    "1\",\"bio\":\"hi\"}");
	const char *id = id_of(a);

	CHECK_TEXT(document_text(a->json, "email"), "new@acme.test", "D6");
	CHECK_TEXT(document_text(a->json, "profile.bio"), "hi", "D6");
	CHECK_TEXT(answer_header(a, "Location"), keep_printf("/api/users/%s", id), "Location");
	CHECK(
	    strstr(a->body, "assword") == NULL && strstr(a->body, "argon2") == NULL, "%s", a->body);
	CHECK_TEXT(story("users", id), "created", "one entry");
	/* Signs in with the password; another user's is a 409 from the index. */
	client_send(world->client, "POST", "/api/auth/login", NULL,
	    login_body("acme", "new@acme.test", CANARY "1"));
	a = client_send(world->client, "POST", "/api/auth/login", NULL,
	    login_body("acme", "new@acme.test", CANARY "1"));
	CHECK_INT(a->status, 200, "%s", a->body);
	a = ask("POST", "/api/users", as_admin, NULL,
	    "{\"email\":\"NEW@acme.test\",\"name\":\"N\",\"password\":\"a dozen bytes\"}");
	check_fault(a, 409, "#/email", "unique", "the same address in capitals");
	ask_for(403, "POST", "/api/users", as_user,
	    "{\"email\":\"n2@acme.test\",\"name\":\"N\",\"password\":\"a dozen bytes\"}");
	check_fault(ask("POST", "/api/users", as_admin, NULL,
			"{\"email\":\"no\",\"name\":\"\",\"password\":\"a dozen bytes\","
			"\"role\":\"ADMIN\"}"),
	    400, "#/email", "email", "all faults at once");
	check_fault(ask("POST", "/api/users", as_admin, NULL,
			"{\"email\":\"s@acme.test\",\"name\":\"S\","
			"\"password\":\"eleven char\"}"),
	    400, "#/password", "length", "the registration's rule");
}

static void
of_two_users_with_one_address_one_is_made(void)
{
	struct caller callers[CALLERS];

	call_at_once(callers, "/api/users", as_admin,
	    "{\"email\":\"race@acme.test\",\"name\":\"R\",\"password\":\"a dozen bytes\"}");
	CHECK_INT(count_of(callers, 201), 1, "made");
	CHECK_INT(count_of(callers, 201) + count_of(callers, 409) + count_of(callers, 429), CALLERS,
	    "told so");
	CHECK_TEXT(look("SELECT count(*) FROM users WHERE email = 'race@acme.test'"), "1", "rows");
}

static void
a_user_is_shown_with_the_last_posts(void)
{
	const char *path = keep_printf("/api/users/%s", person_id("user"));
	const struct answer *a = ask_for(200, "GET", path, as_user, NULL);

	CHECK(document_count(a->json, "posts") <= 5 && document_has(a->json, "profile"), "%s",
	    a->body);
	CHECK_TEXT(document_text(a->json, "posts.0.id"),
	    look("SELECT id FROM posts WHERE author_id = '%s' AND deleted_at IS NULL ORDER BY "
		 "created_at DESC, id DESC LIMIT 1",
		person_id("user")),
	    "newest first");
	/* Who says what to show gets the route of any model. */
	a = ask_for(200, "GET", keep_printf("%s?select=id,name", path), as_user, NULL);
	CHECK(!document_has(a->json, "posts") && document_count(a->json, "") == 2, "%s", a->body);
	ask_for(404, "GET", "/api/users/00000000-0000-7000-8000-000000000000", as_user, NULL);
	ask_for(400, "GET", "/api/users/x", as_user, NULL);
	/* The other methods of the path are still generic ones. */
	ask_for(200, "PATCH", path, as_user, "{\"name\":\"Una Underwood\"}");
}

static void
a_profile_is_made_or_changed(void)
{
	const struct answer *a = ask_for(201, "POST", "/api/users", as_admin,
	    "{\"email\":\"edit@acme.test\",\"name\":\"E\",\"password\":\"a dozen bytes\"}");
	const char *id = id_of(a), *path = keep_printf("/api/users/%s/profile", id);

	CHECK(document_at(a->json, "profile") == NULL, "%s", a->body);
	a = ask_for(200, "PATCH", path, as_admin, "{\"name\":\"E2\",\"bio\":\"one\"}");
	CHECK_TEXT(document_text(a->json, "name"), "E2", "name");
	CHECK_TEXT(document_text(a->json, "profile.bio"), "one", "made");
	a = ask_for(200, "PATCH", path, as_admin, "{\"bio\":\"two\"}");
	CHECK_TEXT(document_text(a->json, "profile.bio"), "two", "changed");
	a = ask_for(200, "PATCH", path, as_admin, "{\"bio\":\"\"}");
	CHECK_TEXT(look("SELECT count(*) FROM profiles WHERE user_id = '%s' AND bio IS NULL", id),
	    "1", "cleared");
	ask_for(403, "PATCH", path, as_mod, "{\"bio\":\"x\"}");
	ask_for(404, "PATCH", path, as_stranger, "{\"bio\":\"x\"}");
}

/* --- posts --------------------------------------------------------------------------------- */

static const char *
new_post(const char *title)
{
	return keep_printf("{\"title\":\"%s\",\"content\":\"c\"}", title);
}

static void
a_post_gets_a_slug(void)
{
	const char *category = look("SELECT id FROM categories WHERE slug = 'cafe' AND tenant_id = "
				    "'" WORLD_ACME "'");
	const struct answer *a = ask_for(201, "POST", "/api/posts", as_user,
	    keep_printf("{\"title\":\"Ünïque, Ωmega & 日本\",\"content\":\"c\","
			"\"categoryIds\":[\"%s\"]}",
		category));
	const char *slug;

	CHECK_TEXT(document_text(a->json, "slug"), "unique-ωmega-日本", "D11");
	CHECK_TEXT(document_text(a->json, "categories.0.slug"), "cafe", "D11");
	CHECK_TEXT(document_text(a->json, "author.id"), person_id("user"), "D11");
	CHECK_TEXT(document_text(a->json, "published"), "false", "a draft");
	a = ask_for(201, "POST", "/api/posts", as_mod, new_post("Ünïque Ωmega 日本"));
	slug = document_text(a->json, "slug");
	CHECK(strstr(slug, "unique-ωmega-日本-") == slug, "%s", slug);
	a = ask_for(201, "POST", "/api/posts", as_user, new_post("🚀"));
	CHECK_TEXT(document_text(a->json, "slug"), "post", "nothing readable");
	/* A category that is not there is told, and nothing is made. */
	a = ask("POST", "/api/posts", as_user, NULL,
	    "{\"title\":\"Nowhere\",\"content\":\"c\",\"categoryIds\":[\"00000000-0000-7000-8000-"
	    "000000000000\"]}");
	CHECK_INT(a->status, 409, "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE title = 'Nowhere'"), "0", "rolled back");
	check_fault(ask("POST", "/api/posts", as_user, NULL, "{\"title\":\"\",\"x\":1}"), 400,
	    "#/title", "length", "faults");
}

static void
one_title_many_times_is_many_slugs(void)
{
	struct caller callers[CALLERS];

	call_at_once(callers, "/api/posts", as_user, new_post("The same for all"));
	CHECK_INT(count_of(callers, 201), CALLERS, "no collision is an error");
	CHECK_TEXT(look("SELECT count(DISTINCT slug) FROM posts WHERE title = 'The same for all'"),
	    keep_printf("%d", CALLERS), "each its own");
	/* The control: the generic route, which is told the slug, has one winner. */
	CHECK(world_restart(world, "handlers = off\n"), "serve again");
	call_at_once(callers, "/api/posts", as_user,
	    "{\"title\":\"t\",\"content\":\"c\",\"slug\":\"naive\"}");
	CHECK_INT(count_of(callers, 201), 1, "a naive slug");
	CHECK_INT(count_of(callers, 409), CALLERS - 1, "a naive slug");
	CHECK(world_restart(world, "handlers = on\n"), "serve again");
}

static void
a_post_is_published_once(void)
{
	const struct answer *a =
	    ask_for(201, "POST", "/api/posts", as_user, new_post("To publish"));
	const char *id = id_of(a), *path = keep_printf("/api/posts/%s/publish", id), *when;
	const char *token = sign_in_with("acme",
	    look("SELECT email FROM users WHERE role = 'USER' AND tenant_id = '" WORLD_ACME
		 "' AND deleted_at IS NULL AND password_hash IS NOT NULL AND email <> "
		 "'user@acme.test' ORDER BY id LIMIT 1"),
	    WORLD_PASSWORD)
				.access;

	ask_for(403, "POST", path, token, NULL);
	ask_for(401, "POST", path, NULL, NULL);
	ask_for(404, "POST", path, as_stranger, NULL);
	ask_for(
	    404, "POST", "/api/posts/00000000-0000-7000-8000-000000000000/publish", as_user, NULL);
	a = ask_for(200, "POST", path, as_user, NULL);
	CHECK_TEXT(document_text(a->json, "published"), "true", "D14");
	when = keep_printf("%s", document_text(a->json, "publishedAt"));
	CHECK(strlen(when) == 24, "%s", when);
	a = ask_for(200, "POST", path, as_mod, NULL);
	CHECK_TEXT(document_text(a->json, "publishedAt"), when, "the first time stays");
	CHECK_TEXT(story("posts", id), "created updated published", "the log");
	ask_for(403, "POST", path, token, NULL);
	ask_for(204, "DELETE", keep_printf("/api/posts/%s", id), as_user, NULL);
	ask_for(404, "POST", path, as_user, NULL);
}

static void
readers_have_their_lists(void)
{
	const struct answer *a =
	    ask_for(200, "GET", "/api/posts/published?categorySlug=how-to&limit=3", as_user, NULL);
	size_t count;
	const char **ids = document_column(a->json, "data", "id", &count), *last = "9999";

	CHECK_INT(count, 3, "limit");
	CHECK_TEXT(document_text(a->json, "meta.totalItems"),
	    look("SELECT count(*) FROM posts p WHERE tenant_id = '" WORLD_ACME
		 "' AND deleted_at IS NULL AND published AND EXISTS (SELECT FROM post_categories l "
		 "JOIN categories c ON c.tenant_id = l.tenant_id AND c.id = l.category_id WHERE "
		 "l.tenant_id = p.tenant_id AND l.post_id = p.id AND l.deleted_at IS NULL AND "
		 "c.deleted_at IS NULL AND c.slug = 'how-to')"),
	    "D12");
	for (size_t i = 0; i < count; i++) {
		const char *at = keep_printf(
		    "%s", document_text(a->json, keep_printf("data.%zu.publishedAt", i)));

		CHECK(strcmp(at, last) <= 0, "newest first: %s", at);
		last = at;
		CHECK(document_has(a->json, keep_printf("data.%zu.author.name", i)) &&
			document_has(a->json, keep_printf("data.%zu._count.comments", i)),
		    "%s", ids[i]);
	}
	CHECK(strstr(document_text(a->json, "links.next"), "categorySlug=how-to") != NULL, "%s",
	    document_text(a->json, "links.next"));
	check_fault(ask("GET", "/api/posts/published?nothing=1", as_user, NULL, NULL), 400,
	    "/query/nothing", "unknown", "an unknown parameter");
	a = ask_for(200, "GET", "/api/posts/popular", as_user, NULL);
	CHECK_INT(document_count(a->json, "data"), 10, "D15");
	CHECK_TEXT(document_text(a->json, "data.0._count.comments"),
	    look("SELECT max(n) FROM (SELECT count(*) AS n FROM comments c JOIN posts p ON "
		 "p.tenant_id = c.tenant_id AND p.id = c.post_id WHERE c.tenant_id = '" WORLD_ACME
		 "' AND c.deleted_at IS NULL AND p.deleted_at IS NULL AND p.published GROUP BY "
		 "p.id) AS x"),
	    "the most comments first");
	a = ask_for(200, "GET", "/api/posts/by-slug/nihongo", as_user, NULL);
	CHECK_TEXT(document_text(a->json, "title"), "日本語の見出し", "D13");
	CHECK(document_has(a->json, "comments") && document_has(a->json, "author"), "%s", a->body);
	ask_for(404, "GET", "/api/posts/by-slug/nothing-of-this-name", as_user, NULL);
}

static void
comments_are_on_published_posts(void)
{
	const char *draft = id_of(ask_for(201, "POST", "/api/posts", as_user, new_post("Draft")));
	const char *path = keep_printf("/api/posts/%s/comments", draft);
	const struct answer *a;

	ask_for(409, "POST", path, as_mod, "{\"content\":\"c\"}");
	ask_for(200, "POST", keep_printf("/api/posts/%s/publish", draft), as_user, NULL);
	a = ask_for(201, "POST", path, as_mod, "{\"content\":\"c\"}");
	CHECK_TEXT(document_text(a->json, "author.id"), person_id("mod"), "who says it");
	CHECK_TEXT(story("comments", id_of(a)), "created", "the log");
	check_fault(ask("POST", path, as_mod, NULL, "{\"content\":\"\"}"), 400, "#/content",
	    "length", "nothing said");
	ask_for(404, "POST", path, as_stranger, "{\"content\":\"c\"}");
}

/* --- orders -------------------------------------------------------------------------------- */

static const char *
new_product(const char *price, int stock)
{
	return id_of(ask_for(201, "POST", "/api/products", as_admin,
	    keep_printf("{\"name\":\"p\",\"price\":%s,\"stock\":%d}", price, stock)));
}

static const char *
stock_of(const char *product)
{
	return look(
	    "SELECT stock FROM products WHERE tenant_id = '" WORLD_ACME "' AND id = %s", product);
}

static const char *
order_of(const char *product, int quantity)
{
	return keep_printf("{\"items\":[{\"productId\":%s,\"quantity\":%d}]}", product, quantity);
}

static void
an_order_takes_stock(void)
{
	const char *a = new_product("0.10", 5), *b = new_product("19.99", 3), *id;
	const struct answer *order = ask_for(201, "POST", "/api/orders", as_user,
	    keep_printf("{\"items\":[{\"productId\":%s,\"quantity\":3},{\"productId\":%s,"
			"\"quantity\":2}],\"note\":\"ring\"}",
		b, a));

	id = id_of(order);
	CHECK_TEXT(document_text(order->json, "total"), "60.17", "19.99 x 3 + 0.10 x 2");
	CHECK_TEXT(document_text(order->json, "status"), "PENDING", "D17");
	CHECK_INT(document_count(order->json, "orderItems"), 2, "%s", order->body);
	CHECK_TEXT(look("SELECT total FROM orders WHERE id = '%s'", id), "60.17", "in numeric");
	CHECK_TEXT(stock_of(a), "3", "taken");
	CHECK_TEXT(stock_of(b), "0", "taken");
	CHECK_TEXT(
	    look("SELECT count(*) FROM rowhouse.audit_log WHERE target_type = 'products' AND "
		 "action = 'products.updated' AND metadata->>'authority' = 'orders take stock "
		 "and give it back' AND target_id IN ('%s', '%s')",
		a, b),
	    "2", "the authority is in the log");
	CHECK_TEXT(replayed("products", a), "", "the log replays");
}

static void
every_bad_item_is_told(void)
{
	const char *some = new_product("1", 1), *much = new_product("1", 9);
	const struct answer *a = ask("POST", "/api/orders", as_user, NULL,
	    keep_printf("{\"items\":[{\"productId\":%s,\"quantity\":2},{\"productId\":999999,"
			"\"quantity\":1},{\"productId\":%s,\"quantity\":9},{\"productId\":%s,"
			"\"quantity\":1}]}",
		some, much, much));

	check_fault(a, 409, "#/items/0", "stock", "insufficient");
	check_fault(a, 409, "#/items/1", "not_found", "no product");
	check_fault(a, 409, "#/items/3", "duplicate", "twice");
	CHECK_INT(document_count(a->json, "errors"), 3, "%s", a->body);
	CHECK_TEXT(stock_of(much), "9", "nothing was taken");
	check_fault(ask("POST", "/api/orders", as_user, NULL, order_of(much, 0)), 400,
	    "#/items/0/quantity", "range", "none");
	check_fault(ask("POST", "/api/orders", as_user, NULL, "{\"items\":[]}"), 400, "#/items",
	    "length", "nothing");
	check_fault(ask("POST", "/api/orders", as_user, NULL,
			"{\"items\":[{\"productId\":\"x\",\"quantity\":1.5,\"price\":0}]}"),
	    400, "#/items/0/price", "unknown", "a price of one's own");
}

static void
stock_is_never_oversold(void)
{
	const char *product = new_product("1", 5);
	struct caller callers[CALLERS];

	call_at_once(callers, "/api/orders", as_user, order_of(product, 1));
	CHECK_INT(count_of(callers, 201), 5, "as many as there were");
	CHECK_INT(count_of(callers, 409), CALLERS - 5, "the others are told");
	CHECK_TEXT(stock_of(product), "0", "all are gone");
}

/* The control: what the seed does, look and then write. */
static void
looking_first_oversells(void)
{
	const char *product = new_product("1", 5);
	PGconn *first = world_superuser(world), *second = world_superuser(world);
	const char *check = keep_printf(
	    "SELECT stock >= 5 FROM products WHERE tenant_id = '" WORLD_ACME "' AND id = %s",
	    product);
	const char *take = keep_printf(
	    "UPDATE products SET stock = 0 WHERE tenant_id = '" WORLD_ACME "' AND id = %s",
	    product);
	int sold = 0;

	sold += strcmp(sql_value(first, check), "t") == 0;
	sold += strcmp(sql_value(second, check), "t") == 0;
	sql_run(first, take);
	sql_run(second, take);
	CHECK_INT(sold * 5, 10, "ten of five were sold");
	PQfinish(first);
	PQfinish(second);
}

static void
an_order_is_cancelled_once(void)
{
	const char *product = new_product("2.50", 10);
	const char *id = id_of(ask_for(201, "POST", "/api/orders", as_user, order_of(product, 4)));
	const char *path = keep_printf("/api/orders/%s/cancel", id);
	struct caller callers[CALLERS];

	CHECK_TEXT(stock_of(product), "6", "taken");
	ask_for(404, "POST", path, as_mod, NULL);
	ask_for(403, "POST", path, as_admin, NULL);
	call_at_once(callers, path, as_user, NULL);
	CHECK_INT(count_of(callers, 200), 1, "one cancels it");
	CHECK_INT(count_of(callers, 409), CALLERS - 1, "it is not pending for the others");
	CHECK_TEXT(stock_of(product), "10", "given back once");
	CHECK_TEXT(look("SELECT status FROM orders WHERE id = '%s'", id), "CANCELLED", "D18");
	CHECK_TEXT(story("orders", id), "created updated cancelled", "the log");
	CHECK_TEXT(replayed("products", product), "", "the log replays");
	/* A generic PATCH by the owner may not do it past the handler. */
	id = id_of(ask_for(201, "POST", "/api/orders", as_user, order_of(product, 1)));
	ask_for(
	    403, "PATCH", keep_printf("/api/orders/%s", id), as_user, "{\"status\":\"CANCELLED\"}");
}

static void
products_are_restocked(void)
{
	const char *product = new_product("1", 1);
	const char *path = keep_printf("/api/products/%s/restock", product);
	struct caller callers[CALLERS];

	ask_for(403, "POST", path, as_user, "{\"quantity\":1}");
	call_at_once(callers, path, as_admin, "{\"quantity\":2}");
	CHECK_INT(count_of(callers, 200), CALLERS, "all");
	CHECK_TEXT(stock_of(product), keep_printf("%d", 1 + 2 * CALLERS), "none is lost");
	check_fault(ask("PATCH", keep_printf("/api/products/%s", product), as_admin, NULL,
			"{\"stock\":-1}"),
	    400, "#/stock", "check", "never below 0");
}

static const struct suite_test tests[] = {
	{ "a user is created with a profile", a_user_is_created_with_a_profile },
	{ "of two users with one address one is made", of_two_users_with_one_address_one_is_made },
	{ "a user is shown with the last posts", a_user_is_shown_with_the_last_posts },
	{ "a profile is made or changed", a_profile_is_made_or_changed },
	{ "a post gets a slug", a_post_gets_a_slug },
	{ "one title many times is many slugs", one_title_many_times_is_many_slugs },
	{ "a post is published once", a_post_is_published_once },
	{ "readers have their lists", readers_have_their_lists },
	{ "comments are on published posts", comments_are_on_published_posts },
	{ "an order takes stock", an_order_takes_stock },
	{ "every bad item is told", every_bad_item_is_told },
	{ "stock is never oversold", stock_is_never_oversold },
	{ "looking first oversells", looking_first_oversells },
	{ "an order is cancelled once", an_order_is_cancelled_once },
	{ "products are restocked", products_are_restocked },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "sample", begin, writing_end, tests, SUITE_COUNT(tests) });
}
