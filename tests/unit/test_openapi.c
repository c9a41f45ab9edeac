/* SPDX-License-Identifier: BSD-2-Clause */
/* test_openapi.c - the API's description, of the golden catalogues */
#include "serve/openapi.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/text.h"
#include "compiler/schema.h"
#include "database/catalogue.h"
#include "formats/document.h"
#include "formats/http.h"
#include "formats/jsontext.h"
#include "formats/textformat.h"
#include "golden.h"
#include "handlers/description.h"
#include "handlers/operations.h"
#include "handlers/routes.h"
#include "serve/operation.h"
#include "serve/router.h"
#include "unit.h"

enum { DESCRIPTION_BYTES = 16 << 20 };

static struct json_object *
describe(struct arena *a, const char *catalogue)
{
	struct json_object *document;
	struct settings settings;
	struct problem p;
	struct text out;

	settings_init(&settings, a);
	problem_init(&p, a);
	text_init(&out, a, DESCRIPTION_BYTES);
	description_put(
	    &out, golden_catalogue_of(a, catalogue), handlers_routes(a, &settings, &p), &settings);
	CU_ASSERT_FALSE(out.failed);
	document = document_parse(a, out.bytes, out.len, &p);
	CU_ASSERT_FATAL(document != NULL);
	return document;
}

/* "components/schemas/PostCreate/required": a slash parts the keys, and "~" stands for one. */
static struct json_object *
at(struct json_object *document, const char *path, struct arena *a)
{
	while (document != NULL && path[0] != '\0') {
		size_t len = strcspn(path, "/");
		char *key = arena_copy(a, path, len);

		for (char *c = key; *c != '\0'; c++)
			if (*c == '~')
				*c = '/';
		document = document_member(document, key);
		path += len + (path[len] == '/');
	}
	return document;
}

static bool
has_operation(enum http_method method, const char *path)
{
	const struct operation_table *table = handlers_operations();

	for (size_t i = 0; i < table->count; i++)
		if (table->operations[i].method == method &&
		    strcmp(table->operations[i].path, path) == 0)
			return true;
	return false;
}

static bool
has_route(const struct route_table *table, enum http_method method, const char *path)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->routes[i].method == method && strcmp(table->routes[i].path, path) == 0)
			return true;
	return false;
}

static void
routes_and_operations_are_the_same(void)
{
	const struct operation_table *operations = handlers_operations();
	struct arena *a = arena_new(4 << 20);
	const struct route_table *routes;
	struct settings settings;
	struct problem p;

	settings_init(&settings, a);
	settings.handlers = false; /* those of one's own are described by what their rows say */
	problem_init(&p, a);
	routes = handlers_routes(a, &settings, &p);
	CU_ASSERT_FATAL(routes != NULL);
	for (size_t i = 0; i < routes->count; i++)
		if (!has_operation(routes->routes[i].method, routes->routes[i].path)) {
			printf("\n%s %s is not described in handlers/operations.c",
			    http_method_name(routes->routes[i].method), routes->routes[i].path);
			CU_FAIL("a route without an operation");
		}
	for (size_t i = 0; i < operations->count; i++)
		if (!has_route(
			routes, operations->operations[i].method, operations->operations[i].path)) {
			printf("\n%s %s is no route",
			    http_method_name(operations->operations[i].method),
			    operations->operations[i].path);
			CU_FAIL("an operation without a route");
		}
	CU_ASSERT_FALSE(has_operation(HTTP_DELETE, "/auth/me"));
	arena_free(a);
}

/* JSON that is written with ' for ". */
static const char *
quoted(struct arena *a, const char *text)
{
	char *json = arena_string(a, text);

	for (char *c = json; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return json;
}

/* What sql/sample/ says, written down here as JSON. */
static void
columns_become_schemas(void)
{
	static const struct {
		const char *path, *json; /* with \' for " */
	} rows[] = {
		{ "components/schemas/PostCreate/required", "['title','slug','content']" },
		{ "components/schemas/PostCreate/additionalProperties", "false" },
		{ "components/schemas/PostCreate/properties/title",
		    "{'type':'string','maxLength':200,'examples':['text']}" },
		{ "components/schemas/PostCreate/properties/published",
		    "{'type':'boolean','description':'Written by MODERATOR or ADMIN.',"
		    "'default':false,'examples':[true]}" },
		{ "components/schemas/Post/properties/title",
		    "{'type':'string','maxLength':200,'examples':['text']}" },
		{ "components/schemas/Post/properties/publishedAt",
		    "{'type':['string','null'],'format':'date-time',"
		    "'examples':['2024-05-17T09:30:00.000Z']}" },
		{ "components/schemas/UserCreate/properties/role",
		    "{'type':'string','enum':['USER','MODERATOR','ADMIN'],'description':'Written "
		    "by ADMIN.','default':'USER','examples':['USER']}" },
		{ "components/schemas/Post/properties/author",
		    "{'anyOf':[{'$ref':'#/components/schemas/User'},{'type':'null'}]}" },
		{ "components/schemas/OrderItem/properties/quantity/maximum", "2147483647" },
		{ "components/schemas/ProductUpdate/properties/stock/anyOf",
		    "[{'type':'integer','format':'int32','minimum':-2147483648,"
		    "'maximum':2147483647},{'$ref':'#/components/schemas/Arithmetic'}]" },
		/* hidden, read-only, the platform's, shared: nowhere */
		{ "components/schemas/User/properties/passwordHash", NULL },
		{ "components/schemas/UserCreate/properties/passwordHash", NULL },
		{ "components/schemas/Post/properties/tenantId", NULL },
		{ "components/schemas/PostCreate/properties/publishedAt", NULL },
		{ "components/schemas/PostCreate/properties/version", NULL },
		{ "components/schemas/PostUpdate/properties/id", NULL },
		{ "components/schemas/CountryCreate", NULL },
		{ "paths/~countries/post", NULL },
		{ "paths/~countries~{id}~history", NULL },
		{ "paths/~post-categories~{id}~history", NULL },
		{ "paths/~posts/x-query/operationId", "'Post.query'" },
		{ "paths/~posts/get/operationId", "'Post.list'" },
		{ "paths/~categories/get/security", "[{'accessToken':[]},{'apiKey':[]},{}]" },
		{ "paths/~posts/get/security", "[{'accessToken':[]},{'apiKey':[]}]" },
		{ "paths/~auth~keys/post/security", "[{'accessToken':[]}]" },
		{ "paths/~auth~login/post/security", "[]" },
		{ "paths/~posts~{id}/patch/description",
		    "'The members that are given, and no other (RFC 7396). 204 for who may not "
		    "read the row. For MODERATOR, ADMIN, the owner.'" },
		{ "servers", "[{'url':'/api'}]" },
	};
	struct arena *a = arena_new(64 << 20);
	struct json_object *document = describe(a, "sample");

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *found = at(document, rows[i].path, a);
		const char *json = found != NULL
		    ? json_object_to_json_string_ext(
			  found, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
		    : NULL;

		if ((json == NULL) == (rows[i].json == NULL) &&
		    (json == NULL || strcmp(json, quoted(a, rows[i].json)) == 0))
			continue;
		printf("\n%s is %s", rows[i].path, json != NULL ? json : "absent");
		CU_FAIL("a part of the description");
	}
	arena_free(a);
}

/* Rules of a registration bind what is written, and the type alone what is read. */
static void
rules_bind_what_is_written(void)
{
	static const struct bound one = { .text = "1" }, eight = { .text = "8" };
	struct validation v = { .min = &one, .max = &eight };
	struct validation email = { .format = textformat_find("email") };
	static const char *const labels[] = { "A", "B", NULL };
	const struct {
		struct column column;
		enum schema_use use;
		const char *json;
	} rows[] = {
		{ { .kind = KIND_TEXT, .max_length = 40, .validation = &v }, SCHEMA_READ,
		    "{'type':['string','null'],'maxLength':40,'examples':['text']}" },
		{ { .kind = KIND_TEXT, .max_length = 40, .validation = &v, .not_null = true },
		    SCHEMA_CREATE,
		    "{'type':'string','minLength':1,'maxLength':8,'examples':['text']}" },
		{ { .kind = KIND_TEXT, .max_length = 3, .not_null = true }, SCHEMA_CREATE,
		    "{'type':'string','maxLength':3,'examples':['tex']}" },
		{ { .kind = KIND_TEXT, .validation = &email, .not_null = true }, SCHEMA_CREATE,
		    "{'type':'string','format':'email','examples':['mia@example.org']}" },
		{ { .kind = KIND_INT, .smallint = true, .validation = &v, .not_null = true },
		    SCHEMA_CREATE,
		    "{'type':'integer','format':'int32','minimum':1,'maximum':8,'examples':[1]}" },
		{ { .kind = KIND_INT, .smallint = true, .validation = &v, .not_null = true },
		    SCHEMA_READ,
		    "{'type':'integer','format':'int32','minimum':-32768,'maximum':32767,"
		    "'examples':[1]}" },
		{ { .kind = KIND_INT, .initial = "7" }, SCHEMA_CREATE,
		    "{'type':['integer','string','null'],'format':'int64','default':7,"
		    "'examples':[1]}" },
		{ { .kind = KIND_NUMERIC, .not_null = true }, SCHEMA_READ,
		    "{'type':'number','examples':[1.5]}" },
		{ { .kind = KIND_NUMERIC, .not_null = true, .initial = "now()" }, SCHEMA_CREATE,
		    "{'type':['number','string'],'examples':[1.5]}" },
		{ { .kind = KIND_ENUM, .labels = labels, .initial = "'B'::state" }, SCHEMA_CREATE,
		    "{'type':['string','null'],'enum':['A','B',null],'default':'B',"
		    "'examples':['A']}" },
		{ { .kind = KIND_TEXT, .not_null = true, .initial = "'it''s'::text" },
		    SCHEMA_CREATE, "{'type':'string','examples':['text']}" },
		{ { .kind = KIND_JSON }, SCHEMA_READ, "{'examples':[{}]}" },
		{ { .kind = KIND_OPAQUE }, SCHEMA_READ, "{}" },
		{ { .kind = KIND_ARRAY,
		      .not_null = true,
		      .validation = &v,
		      .element = &(struct column){ .kind = KIND_BOOL } },
		    SCHEMA_CREATE,
		    "{'type':'array','minItems':1,'maxItems':8,'items':{'type':['boolean','null'],"
		    "'examples':[true]}}" },
	};
	struct arena *a = arena_new(4 << 20);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *wanted = quoted(a, rows[i].json);
		struct jsontext j;
		struct text out;

		text_init(&out, a, 4096);
		jsontext_init(&j, &out);
		schema_column(&j, &rows[i].column, rows[i].use);
		jsontext_done(&j);
		if (strcmp(out.bytes, wanted) != 0)
			printf("\n%s\n%s", out.bytes, wanted);
		CU_ASSERT_STRING_EQUAL(out.bytes, wanted);
	}
	arena_free(a);
}

/* The same bytes for the same arguments: the ETag is a hash of them. */
static void
equal_catalogues_give_equal_bytes(void)
{
	struct arena *a = arena_new(64 << 20), *b = arena_new(64 << 20);

	CU_ASSERT_STRING_EQUAL(json_object_to_json_string(describe(a, "catalogue")),
	    json_object_to_json_string(describe(b, "catalogue")));
	arena_free(a);
	arena_free(b);
}

/* Tables whose names would run into each other, or into names of ours. */
static void
names_are_different(void)
{
	static const char *const suffixes[] = { "", "Create", "Page", NULL };
	static const char *const reserved[] = { "Problem", "PageMeta", NULL };
	static const struct {
		const char *table, *name;
	} rows[] = {
		{ "order_items", "OrderItem" },
		{ "categories", "Category" },
		{ "boxes", "Box" },
		{ "status", "Status" },
		{ "addresses", "Address" },
		{ "news", "New" },
		{ "order_item", "OrderItem2" },
		{ "order_item_create", "OrderItemCreate2" },
		{ "problems", "Problem2" },
		{ "problem_page", "ProblemPage2" },
		{ "2fast", "T2fast" },
		{ "h\xc3\xa4user", "H__user" },
		{ "a-b c", "A_b_c" },
		{ "s", "S" },
	};
	struct arena *a = arena_new(4 << 20);
	struct model models[COUNT_OF(rows)] = { 0 };
	struct catalogue catalogue = { .models = models, .model_count = COUNT_OF(rows) };
	const struct schema_names *names;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		models[i].table = rows[i].table;
	names = schema_names_new(a, &catalogue, suffixes, reserved);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CU_ASSERT_STRING_EQUAL(schema_name(names, &models[i]), rows[i].name);
	arena_free(a);
}

void
suite_openapi(void)
{
	static const struct test_row tests[] = {
		{ "routes and operations are the same", routes_and_operations_are_the_same },
		{ "columns become schemas", columns_become_schemas },
		{ "rules bind what is written", rules_bind_what_is_written },
		{ "equal catalogues give equal bytes", equal_catalogues_give_equal_bytes },
		{ "names are different", names_are_different },
	};

	unit_suite("openapi", tests, sizeof(tests) / sizeof(tests[0]));
}
