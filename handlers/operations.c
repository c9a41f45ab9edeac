/* SPDX-License-Identifier: BSD-2-Clause */
/* operations.c - a row for each row of routes.c */
#include "handlers/operations.h"

#include "base/compiler.h"
#include "serve/operation.h"

static const struct operation operations[] = {
	{ HTTP_POST, "/auth/login", "auth.login",
	    "The tenant is named here, or by what else names a request's.", 0, 200, "Login",
	    "Session", ACTION__MAX },
	{ HTTP_POST, "/auth/refresh", "auth.refresh",
	    "A refresh token is good once; a second use ends its session.", 0, 200, "Refresh",
	    "Session", ACTION__MAX },
	{ HTTP_POST, "/auth/logout", "auth.logout", NULL, 0, 204, "Refresh", NULL, ACTION__MAX },
	{ HTTP_POST, "/auth/password", "auth.password", "The account's other sessions end.", 0, 204,
	    "PasswordChange", NULL, ACTION__MAX },
	{ HTTP_GET, "/auth/me", "auth.me", NULL, 0, 200, NULL, "Me", ACTION__MAX },
	{ HTTP_GET, "/auth/keys", "auth.keys.list", NULL, 0, 200, NULL, "ApiKeys", ACTION__MAX },
	{ HTTP_POST, "/auth/keys", "auth.keys.create", "The credential is shown this once.", 0, 201,
	    "NewApiKey", "MadeApiKey", ACTION__MAX },
	{ HTTP_DELETE, "/auth/keys/{id}", "auth.keys.revoke", NULL, 0, 204, NULL, NULL,
	    ACTION__MAX },
	{ HTTP_GET, "/.well-known/jwks.json", "auth.jwks", "RFC 7517.", 0, 200, NULL, "Jwks",
	    ACTION__MAX },
	{ HTTP_GET, "/openapi.json", "openapi.get", NULL, TAKES_TAG | GIVES_TAG, 200, NULL,
	    "Description", ACTION__MAX },
	{ HTTP_GET, "/audit", "audit.list",
	    "Entries about models whose history the asker may read.",
	    TAKES_TRAIL | TAKES_TAG | GIVES_TAG | GIVES_EXPORTS, 200, NULL, "AuditEntries",
	    ACTION__MAX },
	{ HTTP_POST, "/batch", "batch",
	    "{\"$ref\": \"0.id\"} in id and data stands for a field of the row that an operation "
	    "before has written.",
	    IS_ARRAY | TAKES_RETURN | TAKES_REASON, 200, "BatchOperation", "BatchResult",
	    ACTION__MAX },
	{ HTTP_GET, "/{model}/{id}/history", "history", NULL,
	    TAKES_HISTORY | TAKES_TAG | GIVES_TAG | GIVES_EXPORTS, 200, NULL, "AuditEntries",
	    ACTION_HISTORY },
	{ HTTP_GET, "/{model}", "list",
	    "As CSV or NDJSON it comes whole, without page, limit, after, before, count and "
	    "distinct.",
	    TAKES_LIST | TAKES_TAG | TAKES_COUNT | GIVES_TAG | GIVES_LINK | GIVES_EXPORTS, 200,
	    NULL, "%Page", ACTION_READ },
	{ HTTP_QUERY, "/{model}", "query", "The answer's links are null; cursors are in meta.",
	    TAKES_TAG | TAKES_COUNT | GIVES_TAG | GIVES_EXPORTS, 200, "%Query", "%Page",
	    ACTION_READ },
	{ HTTP_GET, "/{model}/aggregate", "aggregate",
	    "Of all rows that a list would have; with groupBy a page of groups.",
	    TAKES_GROUPS | TAKES_TAG | GIVES_TAG | GIVES_LINK, 200, NULL, "%Aggregate",
	    ACTION_READ },
	{ HTTP_GET, "/{model}/{id}", "get", NULL, TAKES_ROW | TAKES_TAG | GIVES_TAG, 200, NULL, "%",
	    ACTION_READ },
	{ HTTP_POST, "/{model}", "create",
	    "An array makes a row of each element, or none, and has no Location and ETag.",
	    TAKES_MANY | TAKES_RETURN | TAKES_REASON | GIVES_TAG | GIVES_LOCATION, 201, "%Create",
	    "%", ACTION_CREATE },
	{ HTTP_PATCH, "/{model}/{id}", "update",
	    "The members that are given, and no other (RFC 7396). 204 for who may not read the "
	    "row.",
	    TAKES_MATCH | TAKES_RETURN | TAKES_REASON | GIVES_TAG, 200, "%Update", "%",
	    ACTION_UPDATE },
	{ HTTP_PUT, "/{model}", "putBy",
	    "A row that is there gets the members that are given, and keeps the others; else it is "
	    "made (201).",
	    TAKES_BY | TAKES_MATCH | TAKES_RETURN | TAKES_REASON | GIVES_TAG | GIVES_LOCATION |
		GIVES_MADE,
	    200, "%Create", "%", ACTION_UPDATE },
	{ HTTP_PUT, "/{model}/{id}", "put",
	    "A row that is there gets the members that are given, and keeps the others; else it is "
	    "made (201).",
	    TAKES_NEW_ID | TAKES_MATCH | TAKES_RETURN | TAKES_REASON | GIVES_TAG | GIVES_LOCATION |
		GIVES_MADE,
	    200, "%Create", "%", ACTION_UPDATE },
	{ HTTP_PATCH, "/{model}", "updateAll",
	    "A filter is required; names of relations are not taken.", TAKES_CHANGES | TAKES_REASON,
	    200, "%Update", "Affected", ACTION_UPDATE },
	{ HTTP_DELETE, "/{model}", "deleteAll",
	    "A filter is required. With all that the registration cascades to.",
	    TAKES_DELETIONS | TAKES_REASON, 200, NULL, "Affected", ACTION_DELETE },
	{ HTTP_DELETE, "/{model}/{id}", "delete", "With all that the registration cascades to.",
	    TAKES_DELETION | TAKES_MATCH | TAKES_REASON, 204, NULL, NULL, ACTION_DELETE },
	{ HTTP_POST, "/{model}/{id}/restore", "restore", NULL,
	    TAKES_MATCH | TAKES_RETURN | TAKES_REASON | GIVES_TAG, 200, NULL, "%", ACTION_RESTORE },
};

static const struct operation_table table = { operations, COUNT_OF(operations) };

const struct operation_table *
handlers_operations(void)
{
	return &table;
}
