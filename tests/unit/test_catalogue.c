/* SPDX-License-Identifier: BSD-2-Clause */
/* test_catalogue.c - the document of rowhouse.catalogue() as structs */
#include "database/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/operators.h"
#include "formats/textformat.h"
#include "golden.h"
#include "unit.h"

static void
models_are_found_by_their_url_name(void)
{
	struct arena *a = arena_new(4 << 20);
	const struct catalogue *c = golden_catalogue(a);
	const struct model *items = catalogue_model(c, "order-items");

	CU_ASSERT_EQUAL(c->model_count, 4);
	CU_ASSERT_FATAL(items != NULL);
	CU_ASSERT(catalogue_model(c, "order_items") == NULL);
	CU_ASSERT(catalogue_model(c, "Order-Items") == NULL);
	CU_ASSERT(catalogue_model(c, "") == NULL);
	CU_ASSERT(catalogue_model(c, "pg_class") == NULL);
	CU_ASSERT(items->soft_delete && items->audit && !items->client_ids);
	CU_ASSERT_EQUAL(items->tenancy, TENANCY_TENANT);
	CU_ASSERT_EQUAL(items->max_limit, 100);
	CU_ASSERT_EQUAL(items->default_sort_count, 1);
	CU_ASSERT_STRING_EQUAL(items->default_sort[0].column->name, "created_at");
	CU_ASSERT(items->default_sort[0].descending);
	CU_ASSERT_EQUAL(catalogue_model(c, "undeclared")->tenancy, TENANCY_UNDECLARED);
	CU_ASSERT_EQUAL(catalogue_model(c, "notes")->nulls, NULLS_LAST);
	arena_free(a);
}

static void
columns_have_roles_and_kinds(void)
{
	struct arena *a = arena_new(4 << 20);
	const struct model *m = catalogue_model(golden_catalogue(a), "order-items");

	CU_ASSERT_STRING_EQUAL(m->id->name, "id");
	CU_ASSERT_STRING_EQUAL(m->tenant->name, "tenant_id");
	CU_ASSERT_STRING_EQUAL(
	    m->deleted_at->name, "removed_at"); /* a name that the registration gave */
	CU_ASSERT_EQUAL(model_column(m, "removedBy")->role, ROLE_DELETED_BY);
	CU_ASSERT_EQUAL(model_column(m, "version")->role, ROLE_VERSION);
	CU_ASSERT_EQUAL(model_column(m, "createdAt")->kind, KIND_INSTANT);
	CU_ASSERT_EQUAL(model_column(m, "seenAt")->kind, KIND_TIMESTAMP);
	CU_ASSERT_EQUAL(model_column(m, "tags")->kind, KIND_ARRAY);
	CU_ASSERT_EQUAL(model_column(m, "state")->kind, KIND_ENUM);
	CU_ASSERT_STRING_EQUAL(model_column(m, "state")->labels[1], "OLD");
	CU_ASSERT_EQUAL(model_column(m, "title")->max_length, 200);
	CU_ASSERT(
	    model_column(m, "createdAt")->has_default && !model_column(m, "title")->has_default);
	CU_ASSERT(model_column(m, "id")->sortable); /* the key always is */
	CU_ASSERT(
	    model_column(m, "created_at") == NULL); /* the name in SQL is not the name in JSON */
	/* What is hidden does not exist for a client, not even in a message. */
	CU_ASSERT(model_column(m, "secret") == NULL);
	CU_ASSERT_STRING_EQUAL(model_sortable(m, a), "id, title, createdAt");
	arena_free(a);
}

static void
rules_are_parsed(void)
{
	struct arena *a = arena_new(4 << 20);
	const struct catalogue *c = golden_catalogue(a);
	const struct model *notes = catalogue_model(c, "notes");
	const struct rule *r = notes->access[ACTION_READ];

	CU_ASSERT_FATAL(r != NULL && r->next != NULL && r->next->next == NULL);
	CU_ASSERT_EQUAL(r->kind, RULE_ROLE);
	CU_ASSERT_STRING_EQUAL(r->role, "ADMIN");
	CU_ASSERT_EQUAL(r->next->kind, RULE_OWNER);
	CU_ASSERT_STRING_EQUAL(notes->owner->json, "userId");
	CU_ASSERT(notes->access[ACTION_CREATE] == NULL); /* nobody */
	CU_ASSERT_EQUAL(catalogue_model(c, "countries")->access[ACTION_READ]->kind, RULE_ANYONE);
	arena_free(a);
}

/* Two models, the foreign key between them seen from both ends, and a cascade. */
static void
relations_point_to_models(void)
{
#define COLUMN(name) "{\"name\":\"" name "\",\"json\":\"" name "\",\"base\":\"uuid\"}"
	static const char json[] =
	    "{\"deployment\":{},\"models\":["
	    "{\"schema\":\"public\",\"table\":\"posts\",\"tenancy\":\"tenant\","
	    " \"columns\":[" COLUMN("tenant_id") "," COLUMN(
		"id") "],"
		      " \"keys\":[{\"name\":\"posts_pkey\",\"columns\":[\"tenant_id\",\"id\"],"
		      "   \"primary\":true},{\"name\":\"posts_lower\","
		      "\"columns\":[\"tenant_id\",null]}],"
		      " \"checks\":[{\"name\":\"c\",\"columns\":[\"id\"]}],"
		      " \"relations\":[{\"json\":\"comments\",\"kind\":\"many\","
		      "   \"constraint\":\"k\",\"schema\":\"public\",\"table\":\"comments\","
		      "   \"own\":[\"id\"],\"target\":[\"post_id\"],\"cascade\":true}]},"
		      "{\"schema\":\"public\",\"table\":\"comments\",\"tenancy\":\"tenant\","
		      " \"restricted\":{\"post_id\":\"ADMIN\"},"
		      " \"filterable\":{\"post_id\":[\"$eq\",\"$not:null\"]},"
		      " \"columns\":[" COLUMN("tenant_id") "," COLUMN("id") "," COLUMN(
			  "post_id") "],"
				     " \"relations\":[{\"json\":\"post\",\"kind\":\"one\","
				     "\"constraint\":\"k\","
				     "   \"schema\":\"public\",\"table\":\"posts\","
				     "\"own\":[\"post_id\"],"
				     "   \"target\":[\"id\"]}]}]}";
#undef COLUMN
	struct arena *a = arena_new(4 << 20);
	struct problem p;
	const struct catalogue *c;
	const struct model *posts, *comments;
	const struct relation *down, *up;

	problem_init(&p, a);
	c = catalogue_load(a, json, sizeof(json) - 1, &p);
	CU_ASSERT_FATAL(c != NULL);
	posts = catalogue_model(c, "posts");
	comments = catalogue_model(c, "comments");
	down = model_relation(posts, "comments");
	up = model_relation(comments, "post");
	CU_ASSERT_FATAL(down != NULL && up != NULL && model_relation(posts, "post") == NULL);
	CU_ASSERT(down->kind == RELATION_MANY && down->target == comments && down->cascade);
	CU_ASSERT_EQUAL(down->pair_count, 1);
	CU_ASSERT(down->pairs[0].own == posts->id);
	CU_ASSERT_STRING_EQUAL(down->pairs[0].other->name, "post_id");
	CU_ASSERT(up->kind == RELATION_ONE && up->target == posts && !up->cascade);
	CU_ASSERT(up->pairs[0].other == posts->id && up->through == NULL);
	CU_ASSERT_EQUAL(posts->key_count, 2);
	CU_ASSERT(posts->keys[0].primary && posts->keys[0].column_count == 1);
	CU_ASSERT(posts->keys[0].columns[0] == posts->id); /* without tenant_id */
	CU_ASSERT(posts->keys[1].columns == NULL);         /* an expression */
	CU_ASSERT(posts->check_count == 1 && posts->checks[0].columns[0] == posts->id);
	CU_ASSERT_EQUAL(up->pairs[0].own->operators, 1U << OPERATOR_EQ | 1U << OPERATOR_NOT_NULL);
	CU_ASSERT_FATAL(up->pairs[0].own->writers != NULL);
	CU_ASSERT_STRING_EQUAL(up->pairs[0].own->writers->role, "ADMIN");
	CU_ASSERT(posts->id->writers == NULL);
	arena_free(a);
}

/* Columns as the document has them; what values need to know of each. */
static const struct {
	const char *column;
	enum kind kind, element; /* element: of KIND_ARRAY; else KIND__MAX */
	long max_length;
	int precision, scale;
	bool real;
} types[] = {
	{ "\"base\":\"real\",\"category\":\"N\"", KIND_FLOAT, KIND__MAX, 0, 0, 0, true },
	{ "\"base\":\"double precision\"", KIND_FLOAT, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"numeric\",\"precision\":12,\"scale\":-2", KIND_NUMERIC, KIND__MAX, 0, 12, -2,
	    false },
	{ "\"base\":\"numeric\",\"precision\":null,\"scale\":null", KIND_NUMERIC, KIND__MAX, 0, 0,
	    0, false },
	{ "\"base\":\"public.citext\",\"category\":\"S\"", KIND_TEXT, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"ext.citext\",\"category\":\"S\"", KIND_TEXT, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"public.uuid\",\"category\":\"U\"", KIND_OPAQUE, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"inet\",\"category\":\"I\"", KIND_OTHER, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"\\\"bit\\\"\",\"category\":\"V\"", KIND_OTHER, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"regclass\",\"category\":\"N\"", KIND_OPAQUE, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"tsvector\",\"category\":\"U\"", KIND_OPAQUE, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"public.mood\",\"category\":\"E\",\"enum\":[\"a\"]", KIND_ENUM, KIND__MAX, 0,
	    0, 0, false },
	{ "\"base\":\"character varying[]\",\"category\":\"A\",\"max_length\":5,\"element\":{"
	  "\"base\":\"character varying\",\"category\":\"S\",\"max_length\":5}",
	    KIND_ARRAY, KIND_TEXT, 5, 0, 0, false },
	{ "\"base\":\"numeric[]\",\"category\":\"A\",\"precision\":5,\"scale\":2,\"element\":{"
	  "\"base\":\"numeric\",\"category\":\"N\",\"precision\":5,\"scale\":2}",
	    KIND_ARRAY, KIND_NUMERIC, 0, 5, 2, false },
	{ "\"base\":\"oidvector\",\"category\":\"A\"", KIND_OPAQUE, KIND__MAX, 0, 0, 0, false },
	{ "\"base\":\"real[]\",\"category\":\"A\",\"element\":{"
	  "\"base\":\"real\",\"category\":\"N\"}",
	    KIND_ARRAY, KIND_FLOAT, 0, 0, 0, true },
};

/* A catalogue of one table with this column c; NULL when it is refused. */
static const struct column *
loaded_column(struct arena *a, const char *column, struct problem *p)
{
	const char *json = arena_printf(a,
	    "{\"deployment\":{},\"models\":[{\"schema\":\"public\",\"table\":\"t\","
	    "\"tenancy\":\"shared\",\"columns\":[{\"name\":\"id\",\"json\":\"id\","
	    "\"base\":\"uuid\"},{\"name\":\"c\",\"json\":\"c\",%s}]}]}",
	    column);
	const struct catalogue *catalogue;

	problem_init(p, a);
	catalogue = catalogue_load(a, json, strlen(json), p);
	return catalogue == NULL ? NULL : model_column(&catalogue->models[0], "c");
}

static void
types_have_kinds_and_bounds(void)
{
	struct arena *a = arena_new(4 << 20);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const char *json = types[i].column;
		const struct column *c, *leaf;
		struct problem p;

		c = leaf = loaded_column(a, json, &p);
		CU_ASSERT_FATAL(c != NULL);
		ASSERT_ROW(json, c->kind == types[i].kind);
		ASSERT_ROW(json, (c->element != NULL) == (types[i].element != KIND__MAX));
		if (c->element != NULL) {
			leaf = c->element;
			ASSERT_ROW(json, leaf->kind == types[i].element);
			ASSERT_ROW(json, strcmp(leaf->json, "an element of c") == 0);
		}
		ASSERT_ROW(json, leaf->max_length == types[i].max_length);
		ASSERT_ROW(json, leaf->precision == types[i].precision);
		ASSERT_ROW(json, leaf->scale == types[i].scale && leaf->real == types[i].real);
	}
	arena_free(a);
}

static void
rules_of_values_are_loaded(void)
{
	static const char *const unknown[] = { "{\"format\":\"shiny\"}", "{\"min\":\"a few\"}",
		"{\"max\":\"1e99999\"}" };
	struct arena *a = arena_new(4 << 20);
	const struct column *c;
	struct problem p;

	c = loaded_column(a,
	    "\"base\":\"text\",\"validate\":"
	    "{\"format\":\"email\",\"min\":\"9007199254740993\",\"max\":null}",
	    &p);
	CU_ASSERT_FATAL(c != NULL && c->validation != NULL);
	CU_ASSERT_STRING_EQUAL(c->validation->format->word, "email");
	CU_ASSERT_FATAL(c->validation->min != NULL && c->validation->max == NULL);
	CU_ASSERT_STRING_EQUAL(c->validation->min->text, "9007199254740993");
	CU_ASSERT_EQUAL(c->validation->min->value.count, 16);
	c = loaded_column(a, "\"base\":\"text\",\"validate\":null", &p);
	CU_ASSERT_FATAL(c != NULL);
	CU_ASSERT(c->validation == NULL);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		c = loaded_column(
		    a, arena_printf(a, "\"base\":\"text\",\"validate\":%s", unknown[i]), &p);
		ASSERT_ROW(unknown[i], c == NULL && p.code == PROBLEM_UNSAFE);
		ASSERT_ROW(unknown[i], strstr(p.cause, "column \"c\" of model \"t\"") != NULL);
	}
	arena_free(a);
}

static void
a_model_without_its_key_is_refused(void)
{
	static const char json[] =
	    "{\"deployment\":{},\"models\":[{\"schema\":\"public\",\"table\":\"t\","
	    "\"tenancy\":\"tenant\",\"columns\":[{\"name\":\"id\",\"json\":\"id\","
	    "\"base\":\"uuid\"}]}]}";
	struct arena *a = arena_new(4 << 20);
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT(catalogue_load(a, json, sizeof(json) - 1, &p) == NULL);
	CU_ASSERT_EQUAL(p.code, PROBLEM_UNSAFE);
	CU_ASSERT(strstr(p.cause, "model \"t\"") != NULL);
	problem_init(&p, a);
	CU_ASSERT(catalogue_load(a, "{", 1, &p) == NULL);
	CU_ASSERT_EQUAL(p.code, PROBLEM_INTERNAL);
	arena_free(a);
}

void
suite_catalogue(void)
{
	static const struct test_row tests[] = {
		{ "models are found by their URL name", models_are_found_by_their_url_name },
		{ "columns have roles and kinds", columns_have_roles_and_kinds },
		{ "rules are parsed", rules_are_parsed },
		{ "relations point to models", relations_point_to_models },
		{ "types have kinds and bounds", types_have_kinds_and_bounds },
		{ "rules of values are loaded", rules_of_values_are_loaded },
		{ "a model without its key is refused", a_model_without_its_key_is_refused },
	};

	unit_suite("catalogue", tests, sizeof(tests) / sizeof(tests[0]));
}
