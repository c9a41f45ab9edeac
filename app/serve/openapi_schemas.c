/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi_schemas.c - components/schemas: those of models */
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "compiler/aggregate.h"
#include "compiler/order.h"
#include "formats/jsontext.h"
#include "serve/openapi_parts.h"
#include "serve/operation.h"

void
openapi_raw(struct jsontext *j, const char *key, const char *json)
{
	jsontext_key(j, key);
	jsontext_raw(j, json, strlen(json));
}

/* --- of each model ------------------------------------------------------------------------- */

/* What is put for a model under its name and a suffix. */
struct putting {
	struct jsontext *j;
	const struct model *model;
	const struct schema_names *names;
};

static void
put_row(const struct putting *p)
{
	schema_model(p->j, p->model, SCHEMA_READ, p->names);
}

static void
put_create(const struct putting *p)
{
	schema_model(p->j, p->model, SCHEMA_CREATE, p->names);
}

static void
put_update(const struct putting *p)
{
	schema_model(p->j, p->model, SCHEMA_UPDATE, p->names);
}

/* {data, meta, links}, of elements that the caller puts. */
static void
begin_envelope(struct jsontext *j)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	openapi_raw(j, "required", "[\"data\",\"meta\",\"links\"]");
	jsontext_key(j, "properties");
	jsontext_begin_object(j);
	jsontext_key(j, "meta");
	schema_reference(j, "PageMeta", "");
	jsontext_key(j, "links");
	schema_reference(j, "PageLinks", "");
	jsontext_key(j, "data");
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "array");
	jsontext_key(j, "items");
}

static void
end_envelope(struct jsontext *j)
{
	jsontext_end_object(j);
	jsontext_end_object(j);
	jsontext_end_object(j);
}

static void
put_page(const struct putting *p)
{
	begin_envelope(p->j);
	schema_reference(p->j, schema_name(p->names, p->model), "");
	end_envelope(p->j);
}

static void
put_query(const struct putting *p)
{
	jsontext_begin_object(p->j);
	jsontext_put_string(p->j, "type", "object");
	jsontext_put_string(p->j, "description", "The parameters of a list, as members.");
	jsontext_key(p->j, "properties");
	jsontext_begin_object(p->j);
	openapi_parameter_properties(p->j, TAKES_LIST, p->model);
	jsontext_end_object(p->j);
	jsontext_key(p->j, "patternProperties");
	jsontext_begin_object(p->j);
	openapi_raw(p->j, OPENAPI_CONDITIONS,
	    "{\"anyOf\":[{\"type\":[\"string\",\"number\",\"boolean\"]},{\"type\":\"array\"}]}");
	jsontext_end_object(p->j);
	jsontext_put_bool(p->j, "additionalProperties", false);
	jsontext_end_object(p->j);
}

/* "sum": {"price": number or null}; nothing when the function is of no column. */
static void
put_values_of(const struct putting *p, enum aggregate_function function, const char *word)
{
	bool computed = function == AGGREGATE_SUM || function == AGGREGATE_AVG, any = false;

	for (size_t i = 0; i < p->model->column_count; i++) {
		struct column c = p->model->columns[i];

		if (!aggregate_takes(function, &c))
			continue;
		if (!any) {
			jsontext_key(p->j, word);
			jsontext_begin_object(p->j);
			jsontext_put_string(p->j, "type", "object");
			jsontext_key(p->j, "properties");
			jsontext_begin_object(p->j);
		}
		any = true;
		c.not_null = false; /* of no rows there is none */
		jsontext_key(p->j, c.json);
		if (computed)
			jsontext_raw(p->j, "{\"type\":[\"number\",\"null\"]}", 26);
		else
			schema_column(p->j, &c, SCHEMA_READ);
	}
	if (any) {
		jsontext_end_object(p->j);
		jsontext_end_object(p->j);
	}
}

static void
put_values(const struct putting *p)
{
	openapi_raw(p->j, "count", "{\"type\":\"integer\",\"minimum\":0}");
	put_values_of(p, AGGREGATE_SUM, "sum");
	put_values_of(p, AGGREGATE_AVG, "avg");
	put_values_of(p, AGGREGATE_MIN, "min");
	put_values_of(p, AGGREGATE_MAX, "max");
}

/* The columns that groups are equal in. */
static void
put_group(const struct putting *p)
{
	jsontext_key(p->j, "group");
	jsontext_begin_object(p->j);
	jsontext_put_string(p->j, "type", "object");
	jsontext_key(p->j, "properties");
	jsontext_begin_object(p->j);
	for (size_t i = 0; i < p->model->column_count; i++)
		if (order_is_comparable(&p->model->columns[i])) {
			jsontext_key(p->j, p->model->columns[i].json);
			schema_column(p->j, &p->model->columns[i], SCHEMA_READ);
		}
	jsontext_end_object(p->j);
	jsontext_end_object(p->j);
}

static void
put_totals(const struct putting *p, bool grouped)
{
	jsontext_begin_object(p->j);
	jsontext_put_string(p->j, "type", "object");
	if (grouped)
		openapi_raw(p->j, "required", "[\"group\"]");
	jsontext_key(p->j, "properties");
	jsontext_begin_object(p->j);
	if (grouped)
		put_group(p);
	put_values(p);
	jsontext_end_object(p->j);
	jsontext_end_object(p->j);
}

static void
put_group_row(const struct putting *p)
{
	put_totals(p, true);
}

/* Values of all rows, or with groupBy a page of groups. */
static void
put_aggregate(const struct putting *p)
{
	jsontext_begin_object(p->j);
	jsontext_key(p->j, "anyOf");
	jsontext_begin_array(p->j);
	begin_envelope(p->j);
	schema_reference(p->j, schema_name(p->names, p->model), "Group");
	end_envelope(p->j);
	put_totals(p, false);
	jsontext_end_array(p->j);
	jsontext_end_object(p->j);
}

static void (*const putters[])(const struct putting *) = { put_row, put_create, put_update,
	put_page, put_query, put_group_row, put_aggregate };

const char *const openapi_suffixes[] = { "", "Create", "Update", "Page", "Query", "Group",
	"Aggregate", NULL };
static_assert(COUNT_OF(putters) == COUNT_OF(openapi_suffixes) - 1, "a putter per suffix");

/* What no client writes has no schema to write it by. */
static bool
is_of(const struct model *model, size_t suffix)
{
	return model->tenancy != TENANCY_SHARED ||
	    (putters[suffix] != put_create && putters[suffix] != put_update);
}

void
openapi_schemas(
    struct jsontext *j, const struct catalogue *catalogue, const struct schema_names *names)
{
	for (size_t i = 0; i < catalogue->model_count; i++)
		for (size_t s = 0; s < COUNT_OF(putters); s++) {
			struct putting p = { j, &catalogue->models[i], names };

			if (!is_of(p.model, s))
				continue;
			jsontext_key(j,
			    arena_printf(j->out->arena, "%s%s", schema_name(names, p.model),
				openapi_suffixes[s]));
			putters[s](&p);
		}
	schema_shared(j);
	openapi_objects(j);
}
