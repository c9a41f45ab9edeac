/* SPDX-License-Identifier: BSD-2-Clause */
/* schema.c - a row per kind of value, then columns, then models */
#include "compiler/schema.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "compiler/change_read.h"
#include "compiler/schema_values.h"
#include "formats/jsontext.h"
#include "formats/textformat.h"

enum { WRITERS_BYTES = 4096 };

/* How a value of each kind looks. Patterns are ECMA-262's. */
static const struct shape {
	const char *type; /* NULL: anything */
	const char *also; /* another type that is read, too; NULL: none */
	const char *format, *pattern;
} shapes[] = {
	[KIND_UUID] = { "string", NULL, "uuid", NULL },
	[KIND_BOOL] = { "boolean", NULL, NULL, NULL },
	[KIND_INT] = { "integer", NULL, NULL, NULL },
	[KIND_NUMERIC] = { "number", "string", NULL, NULL },
	[KIND_FLOAT] = { "number", NULL, NULL, NULL },
	[KIND_TEXT] = { "string", NULL, NULL, NULL },
	[KIND_ENUM] = { "string", NULL, NULL, NULL },
	[KIND_INSTANT] = { "string", NULL, "date-time", NULL },
	[KIND_TIMESTAMP] = { "string", NULL, NULL,
	    "^\\d{4}-\\d{2}-\\d{2}([Tt ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?)?$" },
	[KIND_DATE] = { "string", NULL, "date", NULL },
	[KIND_JSON] = { NULL, NULL, NULL, NULL },
	[KIND_ARRAY] = { "array", NULL, NULL, NULL },
	[KIND_OTHER] = { "string", NULL, NULL, NULL },
	[KIND_OPAQUE] = { NULL, NULL, NULL, NULL },
};
static_assert(COUNT_OF(shapes) == KIND__MAX, "a shape per kind");

const char *const schema_shared_names[] = { "Arithmetic", NULL };

void
schema_reference(struct jsontext *j, const char *name, const char *suffix)
{
	jsontext_begin_object(j);
	jsontext_put_string(
	    j, "$ref", arena_printf(j->out->arena, "#/components/schemas/%s%s", name, suffix));
	jsontext_end_object(j);
}

static void
put_raw(struct jsontext *j, const char *key, const char *json)
{
	jsontext_key(j, key);
	jsontext_raw(j, json, strlen(json));
}

/* --- bounds -------------------------------------------------------------------------------- */

static bool
is_bigint(const struct column *c)
{
	return c->kind == KIND_INT && !c->smallint && !c->integer;
}

/* What the type alone allows, as kinds.h reads it. */
static const char *
type_bound(const struct column *c, bool low)
{
	if (c->kind != KIND_INT || is_bigint(c))
		return NULL;
	if (c->smallint)
		return low ? "-32768" : "32767";
	return low ? "-2147483648" : "2147483647";
}

static void
put_bound(struct jsontext *j, const struct column *c, enum schema_use use, bool low)
{
	const char *declared = use != SCHEMA_READ ? schema_bound(c, low) : NULL;
	const char *bound = declared != NULL ? declared : type_bound(c, low);

	if (bound != NULL)
		put_raw(j, low ? "minimum" : "maximum", bound);
}

static void
put_lengths(struct jsontext *j, const struct column *c, enum schema_use use)
{
	const char *least = use != SCHEMA_READ ? schema_bound(c, true) : NULL;
	bool array = c->kind == KIND_ARRAY;
	long most = schema_longest(c, use);

	if (least != NULL)
		put_raw(j, array ? "minItems" : "minLength", least);
	if (most > 0)
		jsontext_put_int(j, array ? "maxItems" : "maxLength", most);
}

/* --- values -------------------------------------------------------------------------------- */

/* "string", or ["number", "string", "null"] */
static void
put_type(struct jsontext *j, const struct column *c, enum schema_use use)
{
	const struct shape *shape = &shapes[c->kind];
	const char *also = is_bigint(c) ? "string" : shape->also;

	if (use == SCHEMA_READ)
		also = NULL;
	if (shape->type == NULL)
		return;
	if (c->not_null && also == NULL) {
		jsontext_put_string(j, "type", shape->type);
		return;
	}
	jsontext_key(j, "type");
	jsontext_begin_array(j);
	jsontext_string(j, shape->type);
	if (also != NULL)
		jsontext_string(j, also);
	if (!c->not_null)
		jsontext_string(j, "null");
	jsontext_end_array(j);
}

static void
put_labels(struct jsontext *j, const struct column *c)
{
	if (c->labels == NULL)
		return;
	jsontext_key(j, "enum");
	jsontext_begin_array(j);
	for (size_t i = 0; c->labels[i] != NULL; i++)
		jsontext_string(j, c->labels[i]);
	if (!c->not_null)
		jsontext_null(j);
	jsontext_end_array(j);
}

static void
put_format(struct jsontext *j, const struct column *c, enum schema_use use)
{
	const struct textformat *format = c->validation != NULL ? c->validation->format : NULL;
	const char *named = shapes[c->kind].format, *pattern = shapes[c->kind].pattern;

	if (c->kind == KIND_INT)
		named = is_bigint(c) ? "int64" : "int32";
	if (c->kind == KIND_FLOAT)
		named = c->real ? "float" : "double";
	if (format != NULL && use != SCHEMA_READ) {
		named = format->named;
		pattern = format->pattern;
	}
	if (named != NULL)
		jsontext_put_string(j, "format", named);
	if (pattern != NULL)
		jsontext_put_string(j, "pattern", pattern);
}

static void
put_value(struct jsontext *j, const struct column *c, enum schema_use use)
{
	put_type(j, c, use);
	put_labels(j, c);
	put_format(j, c, use);
	if (column_is_number(c)) {
		put_bound(j, c, use, true);
		put_bound(j, c, use, false);
	}
	if (c->kind == KIND_TEXT || c->kind == KIND_ARRAY)
		put_lengths(j, c, use);
	if (c->kind == KIND_ARRAY) {
		jsontext_key(j, "items");
		schema_column(j, c->element, use == SCHEMA_READ ? SCHEMA_READ : SCHEMA_CREATE);
	}
}

/* --- columns ------------------------------------------------------------------------------- */

/* A default that is a constant, 'USER'::user_role or false; what the server computes is told in
 * words. PostgreSQL doubles quotes, and writes backslashes in E'', which is none of these. */
static void
put_default(struct jsontext *j, const struct column *c)
{
	const char *sql = c->initial, *end;

	if (sql == NULL)
		return;
	if (strcmp(sql, "true") == 0 || strcmp(sql, "false") == 0 ||
	    (column_is_number(c) && sql[0] != '\0' && sql[strspn(sql, "0123456789")] == '\0')) {
		put_raw(j, "default", sql);
		return;
	}
	if (sql[0] != '\'' || (c->kind != KIND_TEXT && c->kind != KIND_ENUM))
		return;
	end = strchr(sql + 1, '\'');
	if (end != NULL && strncmp(end, "'::", 3) == 0)
		jsontext_put_string(
		    j, "default", arena_copy(j->out->arena, sql + 1, (size_t)(end - sql - 1)));
}

/* "Written by ADMIN or MODERATOR." */
static void
put_writers(struct jsontext *j, const struct column *c)
{
	struct text words;

	if (c->writers == NULL)
		return;
	text_init(&words, j->out->arena, WRITERS_BYTES);
	for (const struct rule *rule = c->writers; rule != NULL; rule = rule->next)
		if (rule->kind == RULE_ROLE)
			text_printf(&words, "%s%s", words.len > 0 ? " or " : "", rule->role);
	jsontext_put_string(
	    j, "description", arena_printf(j->out->arena, "Written by %s.", words.bytes));
}

void
schema_column(struct jsontext *j, const struct column *c, enum schema_use use)
{
	bool counts = use == SCHEMA_UPDATE && column_is_number(c);

	jsontext_begin_object(j);
	if (counts) {
		jsontext_key(j, "anyOf");
		jsontext_begin_array(j);
		jsontext_begin_object(j);
	}
	put_value(j, c, use);
	if (counts) {
		jsontext_end_object(j);
		schema_reference(j, "Arithmetic", "");
		jsontext_end_array(j);
	}
	if (use != SCHEMA_READ)
		put_writers(j, c);
	if (use == SCHEMA_CREATE)
		put_default(j, c);
	if (use != SCHEMA_UPDATE && schema_has_example(c)) {
		jsontext_key(j, "examples");
		jsontext_begin_array(j);
		schema_example(j, c);
		jsontext_end_array(j);
	}
	jsontext_end_object(j);
}

/* --- models -------------------------------------------------------------------------------- */

/* When and by whom a row was deleted is shown where it may have been. */
static bool
is_of_deleted(const struct column *c)
{
	return c->role == ROLE_DELETED_AT || c->role == ROLE_DELETED_BY ||
	    c->role == ROLE_DELETION_ID;
}

static bool
is_shown(const struct model *model, const struct column *c, enum schema_use use)
{
	if (!column_is_visible(c))
		return false;
	return use == SCHEMA_READ ||
	    change_takes(model, c, use == SCHEMA_CREATE ? ACTION_CREATE : ACTION_UPDATE);
}

/* A new row's owner is who asks, when it is not said. */
static bool
is_required(const struct model *model, const struct column *c, enum schema_use use)
{
	if (use == SCHEMA_READ)
		return !is_of_deleted(c);
	return use == SCHEMA_CREATE && change_needs(c) && c != model->owner &&
	    schema_relation_of(model, c) == NULL;
}

/* A password goes in under another name than its column's, which is hidden. */
static const struct column *
password_of(const struct model *model, enum schema_use use)
{
	return use == SCHEMA_CREATE && model->principals != NULL ? model->principals->input : NULL;
}

static void
put_required(struct jsontext *j, const struct model *model, enum schema_use use)
{
	bool any = false;

	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *c = &model->columns[i];

		if (!is_shown(model, c, use) || !is_required(model, c, use))
			continue;
		if (!any) {
			jsontext_key(j, "required");
			jsontext_begin_array(j);
		}
		any = true;
		jsontext_string(j, c->json);
	}
	if (any)
		jsontext_end_array(j);
}

/* A row, or null where there is none to read; or an array of rows. */
static void
put_relation(struct jsontext *j, const struct relation *relation, const struct schema_names *names)
{
	static const char null[] = "{\"type\":\"null\"}";

	jsontext_begin_object(j);
	if (relation_is_many(relation)) {
		jsontext_put_string(j, "type", "array");
		jsontext_key(j, "items");
		schema_reference(j, schema_name(names, relation->target), "");
	} else {
		jsontext_key(j, "anyOf");
		jsontext_begin_array(j);
		schema_reference(j, schema_name(names, relation->target), "");
		jsontext_raw(j, null, strlen(null));
		jsontext_end_array(j);
	}
	jsontext_end_object(j);
}

/* "_count": how many there are of each relation to many rows. */
static void
put_counts(struct jsontext *j, const struct model *model)
{
	bool any = false;

	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *relation = &model->relations[i];

		if (!relation_is_many(relation) ||
		    model_relation(model, relation->json) != relation)
			continue;
		if (!any) {
			jsontext_key(j, "_count");
			jsontext_begin_object(j);
			jsontext_put_string(j, "type", "object");
			jsontext_key(j, "properties");
			jsontext_begin_object(j);
		}
		any = true;
		put_raw(j, relation->json, "{\"type\":\"integer\",\"minimum\":0}");
	}
	if (any) {
		jsontext_end_object(j);
		jsontext_end_object(j);
	}
}

static void
put_included(struct jsontext *j, const struct model *model, const struct schema_names *names)
{
	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *relation = &model->relations[i];

		if (model_relation(model, relation->json) != relation)
			continue;
		jsontext_key(j, relation->json);
		put_relation(j, relation, names);
	}
	put_counts(j, model);
}

static bool
is_linked(const struct model *model)
{
	for (size_t i = 0; i < model->relation_count; i++)
		if (model->relations[i].kind == RELATION_THROUGH)
			return true;
	return false;
}

void
schema_model(struct jsontext *j, const struct model *model, enum schema_use use,
    const struct schema_names *names)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	if (use == SCHEMA_CREATE)
		jsontext_put_string(j, "description",
		    "A key of another row that a column must hold may be left out where the row is "
		    "given under the name of its relation, or this one under that row's.");
	put_required(j, model, use);
	jsontext_key(j, "properties");
	jsontext_begin_object(j);
	for (size_t i = 0; i < model->column_count; i++)
		if (is_shown(model, &model->columns[i], use)) {
			jsontext_key(j, model->columns[i].json);
			schema_column(j, &model->columns[i], use);
		}
	if (password_of(model, use) != NULL) {
		jsontext_key(j, password_of(model, use)->json);
		schema_column(j, password_of(model, use), use);
	}
	if (use == SCHEMA_READ)
		put_included(j, model, names);
	else
		schema_nested(j, model, use, names);
	if (use != SCHEMA_UPDATE && is_linked(model))
		put_raw(j, "_link",
		    "{\"type\":\"object\",\"additionalProperties\":true,"
		    "\"description\":\"Other columns of the link, of a row "
		    "that a join table leads to.\"}");
	jsontext_end_object(j);
	if (use != SCHEMA_READ)
		jsontext_put_bool(j, "additionalProperties", false);
	jsontext_end_object(j);
}

/* {"increment": 1} */
void
schema_shared(struct jsontext *j)
{
	static const char *const words[] = { "set", "increment", "decrement", "multiply",
		"divide" };

	jsontext_key(j, schema_shared_names[0]);
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	jsontext_put_string(j, "description",
	    "What is done to the stored number, whatever it is by then: exactly one of these.");
	jsontext_put_int(j, "minProperties", 1);
	jsontext_put_int(j, "maxProperties", 1);
	jsontext_key(j, "properties");
	jsontext_begin_object(j);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		put_raw(j, words[i],
		    i == 0 ? "{\"type\":[\"number\",\"string\",\"null\"]}"
			   : "{\"type\":[\"number\",\"string\"]}");
	jsontext_end_object(j);
	jsontext_put_bool(j, "additionalProperties", false);
	jsontext_end_object(j);
}
