/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.c - every route: method, path below base_path, handler, what it needs
 *
 * Three tables, looked through in this order: the platform's own; the handlers' (setting
 * "handlers"); and those that serve any model. A row of the second takes a path away from the
 * third, which still has the path's other methods. In each, fixed paths stand before variables.
 * tests/oracle/access.txt says what each row answers to whom. */
#include "handlers/routes.h"

#include <string.h>

#include "base/settings.h"
#include "handlers/audit.h"
#include "handlers/auth.h"
#include "handlers/batch.h"
#include "handlers/description.h"
#include "handlers/modules.h"
#include "handlers/resource.h"
#include "handlers/resource_bulk.h"
#include "handlers/resource_put.h"
#include "handlers/resource_write.h"
#include "handlers/sample.h"
#include "serve/handler.h"

static const struct route platform[] = {
	{ HTTP_POST, "/auth/login", auth_login, NEED_NO_KEY, NULL, .summary = "sign in" },
	{ HTTP_POST, "/auth/refresh", auth_refresh, NEED_NO_KEY, NULL,
	    .summary = "new tokens for a refresh token" },
	{ HTTP_POST, "/auth/logout", auth_logout, NEED_NO_KEY, NULL, .summary = "end a session" },
	{ HTTP_POST, "/auth/password", auth_password, NEED_PRINCIPAL | NEED_USER | NEED_NO_KEY,
	    NULL, .summary = "change one's password" },
	{ HTTP_GET, "/auth/me", auth_me, NEED_PRINCIPAL, NULL, .summary = "who one is" },
	{ HTTP_GET, "/auth/keys", auth_keys_list, NEED_PRINCIPAL | NEED_USER, "ADMIN",
	    .summary = "the tenant's API keys" },
	{ HTTP_POST, "/auth/keys", auth_keys_create, NEED_PRINCIPAL | NEED_USER | NEED_NO_KEY,
	    "ADMIN", .summary = "a new API key" },
	{ HTTP_DELETE, "/auth/keys/{id}", auth_keys_revoke, NEED_PRINCIPAL | NEED_USER, "ADMIN",
	    .summary = "revoke a key" },
	{ HTTP_GET, "/.well-known/jwks.json", auth_jwks, NEED_OUTSIDE, NULL,
	    .summary = "keys that sign tokens" },
	{ HTTP_GET, "/openapi.json", description_get, 0, NULL, .summary = "this description" },
	{ HTTP_GET, "/audit", audit_list, NEED_PRINCIPAL, NULL, .summary = "the audit log" },
	{ HTTP_POST, "/batch", batch_run, NEED_TENANT, NULL,
	    .summary = "several writes, in order, all of them or none" },
};

static const struct route models[] = {
	{ HTTP_GET, "/{model}/{id}/history", audit_history, NEED_TENANT, NULL,
	    .summary = "the audit log of one row" },
	{ HTTP_GET, "/{model}", resource_list, NEED_TENANT, NULL, .summary = "a page of rows" },
	{ HTTP_QUERY, "/{model}", resource_query, NEED_TENANT, NULL,
	    .summary = "a page of rows, asked in a body" },
	{ HTTP_GET, "/{model}/aggregate", resource_aggregate, NEED_TENANT, NULL,
	    .summary = "counts, sums and the like of rows, by groups" },
	{ HTTP_GET, "/{model}/{id}", resource_get, NEED_TENANT, NULL, .summary = "one row" },
	{ HTTP_POST, "/{model}", resource_create, NEED_TENANT, NULL, .summary = "a new row" },
	{ HTTP_PUT, "/{model}", resource_put_by, NEED_TENANT, NULL,
	    .summary = "change the row of a unique key, or make it" },
	{ HTTP_PUT, "/{model}/{id}", resource_put, NEED_TENANT, NULL,
	    .summary = "change a row, or make it with this id" },
	{ HTTP_PATCH, "/{model}", resource_patch_all, NEED_TENANT, NULL,
	    .summary = "change the rows of a filter" },
	{ HTTP_DELETE, "/{model}", resource_delete_all, NEED_TENANT, NULL,
	    .summary = "delete the rows of a filter" },
	{ HTTP_PATCH, "/{model}/{id}", resource_patch, NEED_TENANT, NULL,
	    .summary = "change a row" },
	{ HTTP_DELETE, "/{model}/{id}", resource_delete, NEED_TENANT, NULL,
	    .summary = "delete a row" },
	{ HTTP_POST, "/{model}/{id}/restore", resource_restore, NEED_TENANT, NULL,
	    .summary = "bring a deleted row back, and what was deleted with it" },
};

/* What is special about models of one's own: here the sample blog and shop. */
static const struct route handlers[] = {
	{ HTTP_POST, "/users", HANDLER(users_create), .needs = NEED_PRINCIPAL,
	    .body = &users_create_body, .summary = "a new user, with a password and a profile" },
	{ HTTP_GET, "/{model=users}/{id}", HANDLER(users_get), .needs = NEED_TENANT,
	    .summary = "a user with profile and last posts" },
	{ HTTP_PATCH, "/users/{id}/profile", HANDLER(users_edit), .needs = NEED_PRINCIPAL,
	    .body = &users_edit_body,
	    .summary = "name and bio, whether or not there is a profile" },
	{ HTTP_POST, "/posts", HANDLER(posts_create), .needs = NEED_PRINCIPAL | NEED_USER,
	    .body = &posts_create_body, .summary = "a new post, with a slug of its title" },
	{ HTTP_GET, "/posts/published", HANDLER(posts_published), .needs = NEED_TENANT,
	    .query = &posts_published_query, .summary = "published posts, by category" },
	{ HTTP_GET, "/posts/popular", HANDLER(posts_popular), .needs = NEED_TENANT,
	    .cache = &posts_popular_cache, .summary = "the posts with the most comments" },
	{ HTTP_GET, "/posts/by-slug/{slug}", HANDLER(posts_by_slug), .needs = NEED_TENANT,
	    .summary = "a post with its newest comments" },
	{ HTTP_POST, "/posts/{id}/publish", HANDLER(posts_publish), .needs = NEED_PRINCIPAL,
	    .audit = "posts.published", .summary = "publish a post" },
	{ HTTP_POST, "/posts/{id}/comments", HANDLER(comments_create),
	    .needs = NEED_PRINCIPAL | NEED_USER, .body = &comments_create_body,
	    .summary = "comment on a published post" },
	{ HTTP_POST, "/products/{id}/restock", HANDLER(products_restock), .needs = NEED_PRINCIPAL,
	    .role = "ADMIN", .body = &products_restock_body, .summary = "goods that came in" },
	{ HTTP_POST, "/orders", HANDLER(orders_create), .needs = NEED_PRINCIPAL | NEED_USER,
	    .body = &orders_create_body, .authorities = orders_create_authorities,
	    .summary = "order goods, which are taken out of stock" },
	{ HTTP_POST, "/orders/{id}/cancel", HANDLER(orders_cancel),
	    .needs = NEED_PRINCIPAL | NEED_USER, .audit = "orders.cancelled",
	    .authorities = orders_cancel_authorities,
	    .summary = "cancel an order, whose goods go back" },
};

HANDLES_DECLARE;
static const struct handler_module own = { HANDLER_ABI, "handlers/", handlers, COUNT_OF(handlers),
	HANDLES_HERE };

/* Modules first: they may stand over a row of the program's own. */
static size_t
list_modules(const struct modules *loaded, const struct settings *settings,
    const struct handler_module **out)
{
	size_t count = 0;

	for (; count < loaded->count; count++)
		out[count] = loaded->modules[count];
	if (settings->handlers)
		out[count++] = &own;
	return count;
}

static void
append(struct route_table *table, struct route *routes, const struct route *more, size_t count)
{
	memcpy(routes + table->count, more, count * sizeof(*more));
	table->count += count;
}

static void
append_module(struct route_table *table, struct route *routes, struct handles *handles,
    const struct handler_module *module)
{
	size_t first = table->count;

	append(table, routes, module->routes, module->route_count);
	for (size_t i = first; i < table->count; i++)
		routes[i].over_models = true;
	handles[table->handles_count++] = module->handles;
}

const struct route_table *
handlers_routes(struct arena *arena, const struct settings *settings, struct problem *p)
{
	struct route_table *table = ARENA_NEW(arena, struct route_table);
	size_t rows = COUNT_OF(platform) + COUNT_OF(models), count;
	const struct handler_module **modules;
	struct modules loaded;
	struct handles *handles;
	struct route *routes;

	if (!modules_load(&loaded, settings->handler_dir, arena, p))
		return NULL;
	modules = arena_array(arena, loaded.count + 1, sizeof(struct handler_module *));
	count = list_modules(&loaded, settings, modules);
	for (size_t i = 0; i < count; i++)
		rows += modules[i]->route_count;
	table->routes = routes = arena_array(arena, rows, sizeof(*routes));
	table->handles = handles = arena_array(arena, count + 1, sizeof(*handles));
	append(table, routes, platform, COUNT_OF(platform));
	for (size_t i = 0; i < count; i++)
		append_module(table, routes, handles, modules[i]);
	append(table, routes, models, COUNT_OF(models));
	return table;
}
