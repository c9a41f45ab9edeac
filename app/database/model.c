/* SPDX-License-Identifier: BSD-2-Clause */
/* model.c - looking things up in a model, and naming them in messages */
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "database/catalogue.h"
#include "database/operators.h"
#include "database/sqlname.h"

static const struct sqlname int8 = { "int8", 4 }, int8_array = { "int8[]", 6 };
static const struct sqlname text = { "text", 4 }, text_array = { "text[]", 6 };
static const struct sqlname numeric = { "numeric", 7 }, numeric_array = { "numeric[]", 9 };

const struct column column_count = {
	.json = "_count",
	.kind = KIND_INT,
	.type = &int8,
	.array_type = &int8_array,
	.not_null = true,
	.operators = 1U << OPERATOR_EQ | 1U << OPERATOR_NE | 1U << OPERATOR_GT |
	    1U << OPERATOR_GTE | 1U << OPERATOR_LT | 1U << OPERATOR_LTE | 1U << OPERATOR_IN |
	    1U << OPERATOR_NIN | 1U << OPERATOR_BTW,
};
const struct column column_text = {
	.json = "text",
	.kind = KIND_TEXT,
	.type = &text,
	.array_type = &text_array,
};
const struct column column_number = {
	.json = "number",
	.kind = KIND_NUMERIC,
	.type = &numeric,
	.array_type = &numeric_array,
};

const struct column *
model_column(const struct model *model, const char *json)
{
	for (size_t i = 0; i < model->column_count; i++)
		if (!model->columns[i].hidden && strcmp(model->columns[i].json, json) == 0)
			return &model->columns[i];
	return NULL;
}

const struct column *
model_sql_column(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->column_count; i++)
		if (strcmp(model->columns[i].name, name) == 0)
			return &model->columns[i];
	return NULL;
}

static bool
hides(const struct column_pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pairs[i].own->hidden || pairs[i].other->hidden)
			return true;
	return false;
}

/* A relation over a hidden column would show what is hidden. */
static bool
relation_is_visible(const struct relation *relation)
{
	return !hides(relation->pairs, relation->pair_count) &&
	    !hides(relation->far_pairs, relation->far_pair_count);
}

const struct relation *
model_relation(const struct model *model, const char *json)
{
	for (size_t i = 0; i < model->relation_count; i++)
		if (strcmp(model->relations[i].json, json) == 0 &&
		    relation_is_visible(&model->relations[i]))
			return &model->relations[i];
	return NULL;
}

static bool
is_one_of(const struct column *column, const struct column *const *columns, size_t count)
{
	size_t i = 0;

	while (i < count && columns[i] != column)
		i++;
	return i < count;
}

const struct unique_key *
model_key(const struct model *model, const struct column *const *columns, size_t count)
{
	for (size_t i = 0; i < model->key_count; i++) {
		const struct unique_key *key = &model->keys[i];
		size_t n = 0;

		if (!key->names_row || key->column_count != count)
			continue;
		while (n < count && is_one_of(key->columns[n], columns, count))
			n++;
		if (n == count)
			return key;
	}
	return NULL;
}

static void
put_name(struct text *names, const char *name)
{
	text_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
}

static const char *
listed(const struct text *names)
{
	return names->len > 0 ? names->bytes : "none";
}

bool
column_is_visible(const struct column *column)
{
	return !column->hidden && column->role != ROLE_TENANT;
}

const char *
model_columns(const struct model *model, struct arena *arena)
{
	struct text names;

	text_init(&names, arena, 1 << 16);
	for (size_t i = 0; i < model->column_count; i++)
		if (column_is_visible(&model->columns[i]))
			put_name(&names, model->columns[i].json);
	return listed(&names);
}

const char *
model_sortable(const struct model *model, struct arena *arena)
{
	struct text names;

	text_init(&names, arena, 1 << 16);
	for (size_t i = 0; i < model->column_count; i++)
		if (model->columns[i].sortable && !model->columns[i].hidden)
			put_name(&names, model->columns[i].json);
	return listed(&names);
}

const char *
model_filterable(const struct model *model, struct arena *arena)
{
	struct text names;

	text_init(&names, arena, 1 << 16);
	for (size_t i = 0; i < model->column_count; i++)
		if (model->columns[i].operators != 0 && !model->columns[i].hidden)
			put_name(&names, model->columns[i].json);
	return listed(&names);
}

const char *
model_relations(const struct model *model, struct arena *arena)
{
	struct text names;

	text_init(&names, arena, 1 << 16);
	for (size_t i = 0; i < model->relation_count; i++)
		if (relation_is_visible(&model->relations[i]))
			put_name(&names, model->relations[i].json);
	return listed(&names);
}

static bool
key_is_visible(const struct unique_key *key)
{
	for (size_t i = 0; i < key->column_count; i++)
		if (!column_is_visible(key->columns[i]))
			return false;
	return true;
}

const char *
model_keys(const struct model *model, struct arena *arena)
{
	struct text names;

	text_init(&names, arena, 1 << 16);
	for (size_t i = 0; i < model->key_count; i++) {
		const struct unique_key *key = &model->keys[i];

		if (!key->names_row || key->primary || !key_is_visible(key))
			continue;
		if (names.len > 0)
			text_literal(&names, "; ");
		for (size_t n = 0; n < key->column_count; n++)
			text_printf(&names, "%s%s", n > 0 ? "," : "", key->columns[n]->json);
	}
	return listed(&names);
}
