/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.c - every route: method, path below base_path, handler, what it needs
 *
 * Fixed paths stand before variables. tests/oracle and the reference list each row. */
#include "handlers/routes.h"

#include "base/compiler.h"
#include "handlers/audit.h"
#include "handlers/auth.h"
#include "handlers/resource.h"
#include "handlers/resource_write.h"
#include "serve/router.h"

static const struct route routes[] = {
	{ HTTP_POST, "/auth/login", auth_login, NEED_NO_KEY, NULL, "sign in" },
	{ HTTP_POST, "/auth/refresh", auth_refresh, NEED_NO_KEY, NULL,
	    "new tokens for a refresh token" },
	{ HTTP_POST, "/auth/logout", auth_logout, NEED_NO_KEY, NULL, "end a session" },
	{ HTTP_POST, "/auth/password", auth_password, NEED_PRINCIPAL | NEED_USER | NEED_NO_KEY,
	    NULL, "change one's password" },
	{ HTTP_GET, "/auth/me", auth_me, NEED_PRINCIPAL, NULL, "who one is" },
	{ HTTP_GET, "/auth/keys", auth_keys_list, NEED_PRINCIPAL | NEED_USER, "ADMIN",
	    "the tenant's API keys" },
	{ HTTP_POST, "/auth/keys", auth_keys_create, NEED_PRINCIPAL | NEED_USER | NEED_NO_KEY,
	    "ADMIN", "a new API key" },
	{ HTTP_DELETE, "/auth/keys/{id}", auth_keys_revoke, NEED_PRINCIPAL | NEED_USER, "ADMIN",
	    "revoke a key" },
	{ HTTP_GET, "/.well-known/jwks.json", auth_jwks, NEED_OUTSIDE, NULL,
	    "keys that sign tokens" },
	{ HTTP_GET, "/audit", audit_list, NEED_PRINCIPAL, NULL, "the audit log" },
	{ HTTP_GET, "/{model}/{id}/history", audit_history, NEED_TENANT, NULL,
	    "the audit log of one row" },
	{ HTTP_GET, "/{model}", resource_list, NEED_TENANT, NULL, "a page of rows" },
	{ HTTP_QUERY, "/{model}", resource_query, NEED_TENANT, NULL,
	    "a page of rows, asked in a body" },
	{ HTTP_GET, "/{model}/aggregate", resource_aggregate, NEED_TENANT, NULL,
	    "counts, sums and the like of rows, by groups" },
	{ HTTP_GET, "/{model}/{id}", resource_get, NEED_TENANT, NULL, "one row" },
	{ HTTP_POST, "/{model}", resource_create, NEED_TENANT, NULL, "a new row" },
	{ HTTP_PATCH, "/{model}/{id}", resource_patch, NEED_TENANT, NULL, "change a row" },
	{ HTTP_DELETE, "/{model}/{id}", resource_delete, NEED_TENANT, NULL, "delete a row" },
	{ HTTP_POST, "/{model}/{id}/restore", resource_restore, NEED_TENANT, NULL,
	    "bring a deleted row back, and what was deleted with it" },
};

static const struct route_table table = { routes, COUNT_OF(routes) };

const struct route_table *
handlers_routes(void)
{
	return &table;
}
