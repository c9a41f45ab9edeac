/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi_body.c - what handlers declare of their bodies and queries (body.h), as schemas */
#include <assert.h>
#include <string.h>

#include "serve/body.h"
#include "serve/handles.h"
#include "serve/openapi_parts.h"

static void
put_text(struct jsontext *j, size_t max)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "string");
	if (max > 0)
		jsontext_put_int(j, "maxLength", (int64_t)max);
	jsontext_end_object(j);
}

static void
put_integer(struct jsontext *j, const struct body_field *field)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "integer");
	jsontext_put_int(j, "minimum", field->min);
	jsontext_put_int(j, "maximum", (int64_t)field->max);
	jsontext_end_object(j);
}

/* What the column takes; of one that the database has not, anything. */
static void
put_column(struct jsontext *j, const struct body_field *field, const struct catalogue *catalogue)
{
	const struct column *column = handles_column(catalogue, field->column);

	if (column != NULL)
		schema_column(j, column, SCHEMA_CREATE);
	else
		jsontext_raw(j, "{}", 2);
}

static void
put_element(struct jsontext *j, const struct body_field *field, const struct catalogue *catalogue)
{
	switch (field->kind) {
	case BODY_TEXT:
	case BODY_TEXTS: put_text(j, field->max); return;
	case BODY_INT: put_integer(j, field); return;
	case BODY_COLUMN:
	case BODY_COLUMNS: put_column(j, field, catalogue); return;
	case BODY_OBJECTS: openapi_body(j, field->objects, catalogue); return;
	case BODY__MAX: break;
	}
	assert(0 && "a field of no kind");
}

static void
put_field(struct jsontext *j, const struct body_field *field, const struct catalogue *catalogue)
{
	if (field->kind != BODY_TEXTS && field->kind != BODY_COLUMNS &&
	    field->kind != BODY_OBJECTS) {
		put_element(j, field, catalogue);
		return;
	}
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "array");
	jsontext_key(j, "items");
	put_element(j, field, catalogue);
	jsontext_end_object(j);
}

void
openapi_body(
    struct jsontext *j, const struct body_schema *schema, const struct catalogue *catalogue)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	jsontext_key(j, "required");
	jsontext_begin_array(j);
	for (size_t i = 0; i < schema->count; i++)
		if (schema->fields[i].need == BODY_REQUIRED)
			jsontext_string(j, schema->fields[i].name);
	jsontext_end_array(j);
	jsontext_key(j, "properties");
	jsontext_begin_object(j);
	for (size_t i = 0; i < schema->count; i++) {
		jsontext_key(j, schema->fields[i].name);
		put_field(j, &schema->fields[i], catalogue);
	}
	jsontext_end_object(j);
	jsontext_put_bool(j, "additionalProperties", false);
	jsontext_end_object(j);
}

void
openapi_query(
    struct jsontext *j, const struct body_schema *schema, const struct catalogue *catalogue)
{
	for (size_t i = 0; i < schema->count; i++) {
		jsontext_begin_object(j);
		jsontext_put_string(j, "name", schema->fields[i].name);
		jsontext_put_string(j, "in", "query");
		if (schema->fields[i].need == BODY_REQUIRED)
			jsontext_put_bool(j, "required", true);
		jsontext_key(j, "schema");
		put_field(j, &schema->fields[i], catalogue);
		jsontext_end_object(j);
	}
}
