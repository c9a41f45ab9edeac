/* SPDX-License-Identifier: BSD-2-Clause */
/* relations.c - relations, unique keys and checks, from the document to structs
 *
 * SQL has found and named the relations (rowhouse.model_relations()); here names become pointers.
 * What names a table or column that is not there was dropped within the same snapshot, which cannot
 * be: such a document is ours and broken, and aborts. */
#include "database/relations.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "database/catalogue.h"
#include "database/sqlname.h"
#include "formats/document.h"

static const struct {
	const char *word;
	enum relation_kind kind;
} kinds[] = {
	{ "one", RELATION_ONE },
	{ "only", RELATION_ONLY },
	{ "many", RELATION_MANY },
	{ "through", RELATION_THROUGH },
};
static_assert(COUNT_OF(kinds) == RELATION__MAX, "a word per kind");

static enum relation_kind
find_kind(const char *word)
{
	size_t i = 0;

	while (i < COUNT_OF(kinds) && strcmp(kinds[i].word, word) != 0)
		i++;
	assert(i < COUNT_OF(kinds));
	return kinds[i].kind;
}

static const struct model *
find_model(const struct catalogue *catalogue, const char *schema, const char *table)
{
	for (size_t i = 0; i < catalogue->model_count; i++)
		if (strcmp(catalogue->models[i].table, table) == 0 &&
		    strcmp(catalogue->models[i].schema, schema) == 0)
			return &catalogue->models[i];
	return NULL;
}

static const struct column *
find_column(const struct model *model, const char *name)
{
	const struct column *column = model_sql_column(model, name);

	assert(column != NULL);
	return column;
}

static const struct column_pair *
load_pairs(const struct model *near, struct json_object *own, const struct model *far,
    struct json_object *other, struct arena *arena)
{
	size_t count = document_length(own);
	struct column_pair *pairs = arena_array(arena, count, sizeof(*pairs));

	assert(count > 0 && count == document_length(other));
	for (size_t i = 0; i < count; i++) {
		pairs[i].own = find_column(near, document_text(own, i));
		pairs[i].other = find_column(far, document_text(other, i));
	}
	return pairs;
}

static void
load_relation(struct relation *relation, const struct model *model,
    const struct catalogue *catalogue, struct json_object *document, struct arena *arena)
{
	struct json_object *own = document_member(document, "own");
	struct json_object *target = document_member(document, "target");

	relation->json = arena_string(arena, document_string(document, "json", NULL));
	relation->label = sqlname_quoted(arena, relation->json);
	relation->kind = find_kind(document_string(document, "kind", ""));
	relation->constraint = arena_string(arena, document_string(document, "constraint", NULL));
	relation->target = find_model(catalogue, document_string(document, "schema", ""),
	    document_string(document, "table", ""));
	assert(relation->target != NULL);
	relation->cascade = document_bool(document, "cascade", false);
	relation->pair_count = document_length(own);
	if (relation->kind == RELATION_THROUGH) {
		struct json_object *far = document_member(document, "far");

		relation->through =
		    find_model(catalogue, document_string(document, "through_schema", ""),
			document_string(document, "through_table", ""));
		assert(relation->through != NULL);
		relation->pairs = load_pairs(
		    model, own, relation->through, document_member(document, "near"), arena);
		relation->far_pairs =
		    load_pairs(relation->through, far, relation->target, target, arena);
		relation->far_pair_count = document_length(far);
	} else {
		relation->pairs = load_pairs(model, own, relation->target, target, arena);
	}
}

/* Without tenant_id; NULL where a part of it is an expression. */
static const struct column *const *
load_columns(
    const struct model *model, struct json_object *names, size_t *count, struct arena *arena)
{
	const struct column **columns =
	    arena_array(arena, document_length(names) + 1, sizeof(struct column *));

	*count = 0;
	for (size_t i = 0; i < document_length(names); i++) {
		const char *name = document_text(names, i);

		if (name == NULL)
			return NULL;
		columns[*count] = find_column(model, name);
		if (columns[*count]->role != ROLE_TENANT)
			++*count;
	}
	return columns;
}

/* Whether a partial index is one over the live rows, as PostgreSQL writes its condition. */
static bool
is_of_live_rows(const struct model *model, const char *predicate, struct arena *arena)
{
	const struct column *at = model->deleted_at;

	return at != NULL &&
	    (strcmp(predicate, arena_printf(arena, "(%s IS NULL)", at->name)) == 0 ||
		strcmp(predicate, arena_printf(arena, "(\"%s\" IS NULL)", at->name)) == 0);
}

static void
load_keys(struct model *model, struct json_object *list, struct arena *arena)
{
	struct unique_key *keys = arena_array(arena, document_length(list) + 1, sizeof(*keys));

	model->keys = keys;
	for (size_t i = 0; i < document_length(list); i++) {
		struct json_object *document = document_element(list, i);
		struct unique_key *key = &keys[model->key_count];
		const char *predicate = document_string(document, "predicate", NULL);

		key->name = arena_string(arena, document_string(document, "name", NULL));
		key->primary = document_bool(document, "primary", false);
		key->live_only = predicate != NULL && is_of_live_rows(model, predicate, arena);
		key->columns = load_columns(
		    model, document_member(document, "columns"), &key->column_count, arena);
		key->names_row = key->columns != NULL && (predicate == NULL || key->live_only);
		key->touched = load_columns(
		    model, document_member(document, "touched"), &key->touched_count, arena);
		model->key_count++;
	}
}

static void
load_checks(struct model *model, struct json_object *list, struct arena *arena)
{
	struct check *checks = arena_array(arena, document_length(list) + 1, sizeof(*checks));

	model->checks = checks;
	model->check_count = document_length(list);
	for (size_t i = 0; i < model->check_count; i++) {
		struct json_object *document = document_element(list, i);

		checks[i].name = arena_string(arena, document_string(document, "name", NULL));
		checks[i].columns = load_columns(
		    model, document_member(document, "columns"), &checks[i].column_count, arena);
	}
}

void
relations_load(struct model *model, const struct catalogue *catalogue, struct json_object *document,
    struct arena *arena)
{
	struct json_object *list = document_member(document, "relations");
	struct relation *relations =
	    arena_array(arena, document_length(list) + 1, sizeof(*relations));

	model->relations = relations;
	model->relation_count = document_length(list);
	for (size_t i = 0; i < model->relation_count; i++)
		load_relation(&relations[i], model, catalogue, document_element(list, i), arena);
	load_keys(model, document_member(document, "keys"), arena);
	load_checks(model, document_member(document, "checks"), arena);
}
