/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi_objects.c - schemas that are no model's, as tables of fields
 *
 * tests/node/contract.mjs compares what the server answers with them. */
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "formats/jsontext.h"
#include "serve/openapi_parts.h"

/* A type is "string", "integer", "boolean", "object", "any", a format of strings (uuid, date-time,
 * password), words joined by "|", or a schema's name after "#"; "[]" at the end makes an array of
 * it, "?" allows null. */
struct field {
	const char *name, *type;
	const char *text; /* NULL: the name says it */
	bool optional;
};

static const struct field login[] = {
	{ "tenant", "string?", "Its id or its slug, where nothing else names it.", true },
	{ "login", "string", NULL, false },
	{ "password", "password", NULL, false },
};

static const struct field refresh[] = {
	{ "refreshToken", "string", NULL, false },
};

static const struct field password[] = {
	{ "current", "password", NULL, false },
	{ "new", "password", NULL, false },
};

static const struct field session[] = {
	{ "accessToken", "string", NULL, false },
	{ "tokenType", "Bearer|", NULL, false },
	{ "expiresIn", "integer", "Seconds.", false },
	{ "refreshToken", "string", "Good once.", false },
};

static const struct field me[] = {
	{ "type", "user|api_key|system|anonymous", NULL, false },
	{ "id", "string?", NULL, false },
	{ "role", "string?", NULL, false },
	{ "tenantId", "uuid", NULL, false },
	{ "scopes", "string?", "Of an API key, joined by spaces.", false },
	{ "operator", "string?", "Who acts in the account's name.", false },
};

static const struct field new_key[] = {
	{ "name", "string", NULL, false },
	{ "scopes", "string[]", "model:read or model:write; the model may be *.", false },
	{ "role", "string?", NULL, true },
	{ "expiresAt", "string?", "A date or a time; never when it is left out.", true },
};

static const struct field made_key[] = {
	{ "id", "string", NULL, false },
	{ "name", "string", NULL, false },
	{ "key", "string", "The credential; it is shown this once.", false },
};

static const struct field key[] = {
	{ "id", "string", NULL, false },
	{ "name", "string", NULL, false },
	{ "scopes", "string[]", NULL, false },
	{ "role", "string?", NULL, false },
	{ "createdBy", "string?", NULL, false },
	{ "createdAt", "date-time", NULL, false },
	{ "expiresAt", "date-time?", NULL, false },
	{ "revokedAt", "date-time?", NULL, false },
	{ "lastUsedAt", "date-time?", NULL, false },
};

static const struct field keys[] = {
	{ "data", "#ApiKey[]", NULL, false },
};

static const struct field jwk[] = {
	{ "kty", "string", NULL, false },
	{ "crv", "string", NULL, false },
	{ "x", "string", NULL, false },
	{ "kid", "string", NULL, false },
	{ "use", "string", NULL, false },
	{ "alg", "string", NULL, false },
};

static const struct field jwks[] = {
	{ "keys", "#Jwk[]", NULL, false },
};

static const struct field entry[] = {
	{ "id", "uuid", NULL, false },
	{ "at", "date-time", NULL, false },
	{ "timeline", "integer", NULL, false },
	{ "xid", "string", NULL, false },
	{ "ordinal", "integer", NULL, false },
	{ "actorType", "user|api_key|system|anonymous", NULL, false },
	{ "actorId", "string?", NULL, false },
	{ "actorIp", "string?", NULL, false },
	{ "operatorId", "string?", NULL, false },
	{ "action", "string", NULL, false },
	{ "targetType", "string?", NULL, false },
	{ "targetId", "string?", NULL, false },
	{ "source", "auto|manual", NULL, false },
	{ "result", "ok|refused|failed", NULL, false },
	{ "reason", "string?", NULL, false },
	{ "changes", "object?", "By column: {before, after}.", false },
	{ "metadata", "object?", NULL, false },
};

static const struct field final_place[] = {
	{ "timeline", "integer", NULL, false },
	{ "xid", "string", NULL, false },
};

static const struct field entries_meta[] = {
	{ "itemsPerPage", "integer", NULL, false },
	{ "hasNextPage", "boolean", NULL, false },
	{ "endCursor", "string?", NULL, false },
	{ "order", "asc|desc", NULL, false },
	{ "final", "#AuditPlace", "Before this place nothing will be added any more.", false },
};

static const struct field entries_links[] = {
	{ "first", "string", NULL, false },
	{ "current", "string", NULL, false },
	{ "next", "string?", NULL, false },
};

static const struct field entries[] = {
	{ "data", "#AuditEntry[]", NULL, false },
	{ "meta", "#AuditMeta", NULL, false },
	{ "links", "#AuditLinks", NULL, false },
};

static const struct field page_meta[] = {
	{ "itemsPerPage", "integer", NULL, false },
	{ "totalItems", "integer", "Where rows are counted.", true },
	{ "totalIsEstimate", "boolean", "With count=estimated.", true },
	{ "currentPage", "integer", "With page.", true },
	{ "totalPages", "integer", NULL, true },
	{ "hasNextPage", "boolean", "With cursors, or without a count.", true },
	{ "hasPreviousPage", "boolean", NULL, true },
	{ "startCursor", "string?", "With after and before.", true },
	{ "endCursor", "string?", NULL, true },
	{ "sortBy", "string[][]", "Pairs of a column and ASC or DESC.", false },
	{ "search", "string", NULL, true },
	{ "filter", "object", "Comparisons by the name of what they are of.", true },
};

static const struct field page_links[] = {
	{ "first", "string?", NULL, true },
	{ "previous", "string?", NULL, false },
	{ "current", "string?", NULL, false },
	{ "next", "string?", NULL, false },
	{ "last", "string?", NULL, true },
};

static const struct field affected[] = {
	{ "count", "integer", "How many rows were changed.", false },
	{ "ids", "any[]", "With Prefer: return=representation.", true },
};

static const struct field batch_operation[] = {
	{ "op", "create|update|upsert|delete|restore", NULL, false },
	{ "model", "string", NULL, false },
	{ "id", "any", "Which row.", true },
	{ "by", "string", "Of an upsert: the columns of a unique key.", true },
	{ "data", "object", "The body that the route of its own takes.", true },
	{ "version", "integer", "What If-Match would say.", true },
	{ "force", "boolean", "Of a deletion: for good.", true },
};

static const struct field batch_result[] = {
	{ "status", "integer", NULL, false },
	{ "body", "any", "What the route of its own answers.", true },
};

static const struct field fault[] = {
	{ "pointer", "string",
	    "/query/limit, /header/Prefer, /path/id, or #/title for a place in the body.", false },
	{ "code", "string", "Which rule: type, range, unknown, required ...", false },
	{ "detail", "string", NULL, false },
};

#define SCHEMA(name, fields)                                                                       \
	{                                                                                          \
		name, fields, COUNT_OF(fields)                                                     \
	}

static const struct fixed {
	const char *name;
	const struct field *fields;
	size_t count;
} fixed[] = {
	SCHEMA("Login", login),
	SCHEMA("Refresh", refresh),
	SCHEMA("PasswordChange", password),
	SCHEMA("Session", session),
	SCHEMA("Me", me),
	SCHEMA("NewApiKey", new_key),
	SCHEMA("MadeApiKey", made_key),
	SCHEMA("ApiKey", key),
	SCHEMA("ApiKeys", keys),
	SCHEMA("Jwk", jwk),
	SCHEMA("Jwks", jwks),
	SCHEMA("AuditEntry", entry),
	SCHEMA("AuditPlace", final_place),
	SCHEMA("AuditMeta", entries_meta),
	SCHEMA("AuditLinks", entries_links),
	SCHEMA("AuditEntries", entries),
	SCHEMA("PageMeta", page_meta),
	SCHEMA("PageLinks", page_links),
	SCHEMA("Affected", affected),
	SCHEMA("BatchOperation", batch_operation),
	SCHEMA("BatchResult", batch_result),
	SCHEMA("Fault", fault),
};

/* Those whose fields are not a table. */
static const char *const others[] = { "Problem", "Description" };

static void
put_words(struct jsontext *j, const char *words)
{
	jsontext_key(j, "enum");
	jsontext_begin_array(j);
	while (*words != '\0') {
		size_t len = strcspn(words, "|");

		jsontext_string(j, arena_copy(j->out->arena, words, len));
		words += len;
		words += *words == '|';
	}
	jsontext_end_array(j);
}

/* The members of the schema of a word, none of "any". */
static void
put_word(struct jsontext *j, const char *word, bool nullable)
{
	static const char *const types[] = { "string", "integer", "boolean", "object" };
	const char *type = "string";

	if (strcmp(word, "any") == 0)
		return;
	if (strchr(word, '|') != NULL) {
		put_words(j, word);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i], word) == 0)
			type = types[i];
	if (nullable) {
		jsontext_key(j, "type");
		jsontext_begin_array(j);
		jsontext_string(j, type);
		jsontext_string(j, "null");
		jsontext_end_array(j);
	} else {
		jsontext_put_string(j, "type", type);
	}
	if (strcmp(type, word) != 0)
		jsontext_put_string(j, "format", word);
	if (strcmp(type, "object") == 0)
		jsontext_put_bool(j, "additionalProperties", true);
}

static void
put_type(struct jsontext *j, const char *type, const char *text)
{
	size_t len = strlen(type);
	bool array = len > 2 && strcmp(type + len - 2, "[]") == 0;
	bool nullable = type[len - 1] == '?';
	const char *inner = arena_copy(j->out->arena, type, len - (array ? 2 : 0) - nullable);

	jsontext_begin_object(j);
	if (array) {
		jsontext_put_string(j, "type", "array");
		jsontext_key(j, "items");
		put_type(j, inner, NULL);
	} else if (inner[0] == '#') {
		jsontext_put_string(
		    j, "$ref", arena_printf(j->out->arena, "#/components/schemas/%s", inner + 1));
	} else {
		put_word(j, inner, nullable);
	}
	if (text != NULL)
		jsontext_put_string(j, "description", text);
	jsontext_end_object(j);
}

static void
put_fields(struct jsontext *j, const struct field *fields, size_t count)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	jsontext_key(j, "required");
	jsontext_begin_array(j);
	for (size_t i = 0; i < count; i++)
		if (!fields[i].optional)
			jsontext_string(j, fields[i].name);
	jsontext_end_array(j);
	jsontext_key(j, "properties");
	jsontext_begin_object(j);
	for (size_t i = 0; i < count; i++) {
		jsontext_key(j, fields[i].name);
		put_type(j, fields[i].type, fields[i].text);
	}
	jsontext_end_object(j);
	jsontext_end_object(j);
}

/* --- problems (RFC 9457) ------------------------------------------------------------------- */

static void
put_problem_codes(struct jsontext *j)
{
	jsontext_key(j, "code");
	jsontext_begin_object(j);
	jsontext_key(j, "enum");
	jsontext_begin_array(j);
	for (unsigned code = 0; code < PROBLEM__MAX; code++)
		if (problem_kind((enum problem_code)code)->status != 0)
			jsontext_string(j, problem_kind((enum problem_code)code)->name);
	/* The web server's own (nginx/rowhouse.conf). */
	jsontext_string(j, "not_spoken");
	jsontext_end_array(j);
	jsontext_put_string(
	    j, "description", "Which kind of problem; the same for ever, for programs.");
	jsontext_end_object(j);
}

static void
put_problem(struct jsontext *j)
{
	jsontext_key(j, "Problem");
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	jsontext_put_string(j, "description", "What went wrong (RFC 9457).");
	openapi_raw(
	    j, "required", "[\"type\",\"title\",\"status\",\"detail\",\"code\",\"requestId\"]");
	jsontext_key(j, "properties");
	jsontext_begin_object(j);
	openapi_raw(j, "type", "{\"const\":\"about:blank\"}");
	put_problem_codes(j);
	openapi_raw(j, "title", "{\"type\":\"string\"}");
	openapi_raw(j, "status", "{\"type\":\"integer\"}");
	openapi_raw(j, "detail", "{\"type\":\"string\"}");
	openapi_raw(j, "instance", "{\"type\":\"string\"}");
	openapi_raw(j, "requestId", "{\"type\":\"string\"}");
	jsontext_key(j, "errors");
	put_type(j, "#Fault[]", "All that is wrong with the request, each with its place.");
	jsontext_end_object(j);
	jsontext_end_object(j);
}

/* --- all of them --------------------------------------------------------------------------- */

void
openapi_objects(struct jsontext *j)
{
	put_problem(j);
	openapi_raw(j, "Description", "{\"type\":\"object\",\"additionalProperties\":true}");
	for (size_t i = 0; i < COUNT_OF(fixed); i++) {
		jsontext_key(j, fixed[i].name);
		put_fields(j, fixed[i].fields, fixed[i].count);
	}
}

const char *const *
openapi_reserved(struct arena *arena)
{
	const char **names =
	    arena_array(arena, COUNT_OF(fixed) + COUNT_OF(others) + 2, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; i < COUNT_OF(fixed); i++)
		names[n++] = fixed[i].name;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		names[n++] = others[i];
	names[n++] = schema_shared_names[0];
	return names;
}
