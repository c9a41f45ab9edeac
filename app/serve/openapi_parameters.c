/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi_parameters.c - a row per query parameter and header that a client may send
 *
 * What they mean stands in rowhouse-query(7) and rowhouse-write(7). tests/node/contract.mjs sends
 * each of them, and compares the names with those that the server says it knows. */
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "compiler/aggregate.h"
#include "compiler/comparison.h"
#include "compiler/order.h"
#include "formats/jsontext.h"
#include "serve/openapi_parts.h"
#include "serve/operation.h"

#define TEXTS   "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
#define TEXT    "{\"type\":\"string\"}"
#define INSTANT "{\"type\":\"string\",\"format\":\"date-time\"}"
#define FLAG    "{\"type\":\"boolean\"}"

/* What a condition is given as: once or several times. */
#define COMPARISONS                                                                                \
	"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":\"string\"}}]}"

/* --- schemas that depend on the model ------------------------------------------------------ */

static void
put_limit(struct jsontext *j, const struct model *model)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "integer");
	jsontext_put_int(j, "minimum", 1);
	jsontext_put_int(j, "maximum", model->max_limit);
	jsontext_put_int(j, "default", model->default_limit);
	jsontext_end_object(j);
}

static void
put_page(struct jsontext *j, const struct model *model)
{
	(void)model;
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "integer");
	jsontext_put_int(j, "minimum", 1);
	jsontext_put_int(j, "maximum", LIMIT_PAGE);
	jsontext_put_int(j, "default", 1);
	jsontext_end_object(j);
}

/* "title", "title:ASC", "title:DESC" of each; and whatever goes through a relation. */
static void
put_sort_keys(struct jsontext *j, const struct model *model)
{
	static const char *const directions[] = { "", ":ASC", ":DESC" };

	jsontext_begin_object(j);
	jsontext_key(j, "enum");
	jsontext_begin_array(j);
	for (size_t i = 0; i < model->column_count; i++)
		for (size_t d = 0; d < COUNT_OF(directions); d++)
			if (model->columns[i].sortable && !model->columns[i].hidden)
				jsontext_string(j,
				    arena_printf(j->out->arena, "%s%s", model->columns[i].json,
					directions[d]));
	jsontext_end_array(j);
	jsontext_end_object(j);
}

static void
put_sort(struct jsontext *j, const struct model *model)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "array");
	jsontext_put_int(j, "maxItems", LIMIT_SORT_KEYS);
	jsontext_key(j, "items");
	jsontext_begin_object(j);
	jsontext_key(j, "anyOf");
	jsontext_begin_array(j);
	put_sort_keys(j, model);
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "string");
	jsontext_put_string(j, "pattern", "\\.");
	jsontext_end_object(j);
	jsontext_end_array(j);
	jsontext_end_object(j);
	jsontext_end_object(j);
}

/* An array of the names of columns that are of a kind. */
static bool
put_names(struct jsontext *j, const struct model *model, unsigned function)
{
	bool any = false;

	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *c = &model->columns[i];

		if (function == AGGREGATE__MAX
			? !order_is_comparable(c)
			: !aggregate_takes((enum aggregate_function)function, c))
			continue;
		any = true;
		if (j != NULL)
			jsontext_string(j, c->json);
	}
	return any;
}

static void
put_columns(struct jsontext *j, const struct model *model, unsigned function)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "array");
	jsontext_key(j, "items");
	jsontext_begin_object(j);
	jsontext_key(j, "enum");
	jsontext_begin_array(j);
	put_names(j, model, function);
	jsontext_end_array(j);
	jsontext_end_object(j);
	jsontext_end_object(j);
}

static void
put_comparable(struct jsontext *j, const struct model *model)
{
	put_columns(j, model, AGGREGATE__MAX);
}

static void
put_numbers(struct jsontext *j, const struct model *model)
{
	put_columns(j, model, AGGREGATE_SUM);
}

static void
put_ordered(struct jsontext *j, const struct model *model)
{
	put_columns(j, model, AGGREGATE_MIN);
}

static void
put_conditions(struct jsontext *j, const struct model *model)
{
	(void)model;
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	jsontext_key(j, "patternProperties");
	jsontext_begin_object(j);
	openapi_raw(j, OPENAPI_CONDITIONS, COMPARISONS);
	jsontext_end_object(j);
	jsontext_end_object(j);
}

static void
put_having(struct jsontext *j, const struct model *model)
{
	(void)model;
	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	jsontext_key(j, "patternProperties");
	jsontext_begin_object(j);
	openapi_raw(j, "^having\\.(count|(sum|avg|min|max)\\.)", COMPARISONS);
	jsontext_end_object(j);
	jsontext_end_object(j);
}

/* Columns of a unique key by which a row is named, in the form of by=; NULL: it is none. */
static const char *
key_columns(const struct unique_key *key, struct arena *arena)
{
	const char *names = NULL;

	if (!key->names_row || key->primary)
		return NULL;
	for (size_t i = 0; i < key->column_count; i++) {
		if (!column_is_visible(key->columns[i]))
			return NULL;
		names = names == NULL ? key->columns[i]->json
				      : arena_printf(arena, "%s,%s", names, key->columns[i]->json);
	}
	return names;
}

static void
put_keys(struct jsontext *j, const struct model *model)
{
	jsontext_begin_object(j);
	jsontext_key(j, "enum");
	jsontext_begin_array(j);
	for (size_t i = 0; i < model->key_count; i++) {
		const char *names = key_columns(&model->keys[i], j->out->arena);

		if (names != NULL)
			jsontext_string(j, names);
	}
	jsontext_end_array(j);
	jsontext_end_object(j);
}

/* --- which models have them ---------------------------------------------------------------- */

static bool
has_comparable(const struct model *model)
{
	return put_names(NULL, model, AGGREGATE__MAX);
}

static bool
has_numbers(const struct model *model)
{
	return put_names(NULL, model, AGGREGATE_SUM);
}

static bool
has_ordered(const struct model *model)
{
	return put_names(NULL, model, AGGREGATE_MIN);
}

static bool
has_search(const struct model *model)
{
	for (size_t i = 0; i < model->column_count; i++)
		if (model->columns[i].searchable && !model->columns[i].hidden)
			return true;
	return false;
}

static bool
has_deleted(const struct model *model)
{
	return model->soft_delete;
}

bool
openapi_has_key(const struct model *model)
{
	for (size_t i = 0; i < model->key_count; i++) {
		const struct unique_key *key = &model->keys[i];
		size_t n = 0;

		while (
		    n < key->column_count && key->names_row && column_is_visible(key->columns[n]))
			n++;
		if (key->names_row && !key->primary && n == key->column_count)
			return model->id->kind == KIND_UUID || model->id->has_default;
	}
	return false;
}

static bool
has_past(const struct model *model)
{
	return model->audit && model->tenancy == TENANCY_TENANT;
}

/* --- the table ----------------------------------------------------------------------------- */

static const struct parameter {
	const char *key; /* in components/parameters; NULL: it depends on the model */
	const char *name;
	unsigned takers; /* enum operation_trait, joined */
	bool header;
	const char *schema; /* JSON; NULL: put makes it */
	void (*put)(struct jsontext *, const struct model *);
	bool (*there)(const struct model *); /* NULL: of every model */
	const char *text;
} parameters[] = {
	{ "page", "page", TAKES_LIST | TAKES_GROUPS, false, NULL, put_page, NULL,
	    "Which page, from 1." },
	{ NULL, "limit", TAKES_LIST | TAKES_GROUPS, false, NULL, put_limit, NULL,
	    "How many rows." },
	{ "after", "after", TAKES_LIST, false, TEXT, NULL, NULL,
	    "The rows behind the one of this cursor; empty: from the first. Instead of page." },
	{ "before", "before", TAKES_LIST, false, TEXT, NULL, NULL,
	    "The rows before the one of this cursor; empty: up to the last." },
	{ "count", "count", TAKES_LIST, false, "{\"enum\":[\"exact\",\"estimated\",\"none\"]}",
	    NULL, NULL,
	    "Whether all rows are counted: exact with page, none with after and before." },
	{ NULL, "sortBy", TAKES_LIST, false, NULL, put_sort, NULL,
	    "The order: a column, one of a related row (author.name), or how many rows a relation "
	    "has (comments._count), and :ASC or :DESC. The first one decides." },
	{ "groupOrder", "sortBy", TAKES_GROUPS, false, TEXTS, NULL, NULL,
	    "The order of groups: a value (count, sum.price) or a column of groupBy, and :ASC or "
	    ":DESC." },
	{ "search", "search", TAKES_LIST | TAKES_GROUPS | TAKES_CHANGES | TAKES_DELETIONS, false,
	    TEXT, NULL, has_search, "Rows that have this text in one of the searchable columns." },
	{ "include", "include", TAKES_LIST | TAKES_ROW, false, TEXTS, NULL, NULL,
	    "Relations to put into each row: author, comments.author, _count.comments, "
	    "comments(limit:20,sortBy:createdAt:DESC,filter.content:$ilike:x)." },
	{ "select", "select", TAKES_LIST | TAKES_ROW, false, TEXTS, NULL, NULL,
	    "Show only these: columns, relations, columns of relations (author.name), _count. "
	    "Members of a row that are required otherwise are left out then." },
	{ NULL, "distinct", TAKES_LIST, false, NULL, put_comparable, has_comparable,
	    "Of rows that are equal in these columns only the first." },
	{ "withDeleted", "withDeleted", TAKES_LIST | TAKES_ROW | TAKES_GROUPS, false, FLAG, NULL,
	    has_deleted, "Deleted rows as well, for who may restore them." },
	{ "onlyDeleted", "onlyDeleted", TAKES_LIST | TAKES_ROW | TAKES_GROUPS, false, FLAG, NULL,
	    has_deleted, "Only deleted rows, for who may restore them." },
	{ "asOf", "asOf", TAKES_ROW, false, INSTANT, NULL, has_past,
	    "The row as it was at this time, by its history; stands alone." },
	{ "countGroups", "count", TAKES_GROUPS, false, "{\"const\":\"\"}", NULL, NULL,
	    "How many rows; it takes no value." },
	{ NULL, "sum", TAKES_GROUPS, false, NULL, put_numbers, has_numbers,
	    "Sums of these columns." },
	{ NULL, "avg", TAKES_GROUPS, false, NULL, put_numbers, has_numbers,
	    "Averages of these columns." },
	{ NULL, "min", TAKES_GROUPS, false, NULL, put_ordered, has_ordered,
	    "The least values of these columns." },
	{ NULL, "max", TAKES_GROUPS, false, NULL, put_ordered, has_ordered,
	    "The greatest values of these columns." },
	{ NULL, "groupBy", TAKES_GROUPS, false, NULL, put_comparable, has_comparable,
	    "The same for each group of rows that are equal in these columns." },
	{ "having", "having", TAKES_GROUPS, false, NULL, put_having, NULL,
	    "Only groups for which these hold: having.count=$gte:2, having.sum.price=$lt:10." },
	{ "conditions", "conditions", TAKES_LIST | TAKES_GROUPS | TAKES_CHANGES | TAKES_DELETIONS,
	    false, NULL, put_conditions, NULL,
	    "Conditions that no list can name: through relations (filter.author.name, "
	    "filter.comments.$some.content, filter.comments._count), into jsonb "
	    "(filter.meta.size), and in groups (or.a.filter.title, not.b.filter.slug). Each is a "
	    "parameter of its own." },
	{ "force", "force", TAKES_DELETION | TAKES_DELETIONS, false, FLAG, NULL, NULL,
	    "For good, with all that it cascades to; a right of its own." },
	{ "forceDeleted", "withDeleted", TAKES_DELETION | TAKES_DELETIONS, false, FLAG, NULL,
	    has_deleted, "With force: also a row that is deleted already." },
	{ NULL, "by", TAKES_BY, false, NULL, put_keys, NULL,
	    "The columns of a unique key, whose values are in the body." },
	{ "actorId", "actorId", TAKES_TRAIL, false, TEXT, NULL, NULL, "Who did it." },
	{ "actorType", "actorType", TAKES_TRAIL, false,
	    "{\"enum\":[\"user\",\"api_key\",\"system\",\"anonymous\"]}", NULL, NULL,
	    "What kind of who." },
	{ "action", "action", TAKES_TRAIL, false, TEXT, NULL, NULL,
	    "Such as posts.updated; * stands for anything: posts.*." },
	{ "targetType", "targetType", TAKES_TRAIL, false, TEXT, NULL, NULL,
	    "The table of the row that it was done to." },
	{ "targetId", "targetId", TAKES_TRAIL, false, TEXT, NULL, NULL, "The row's id." },
	{ "source", "source", TAKES_TRAIL, false, "{\"enum\":[\"auto\",\"manual\"]}", NULL, NULL,
	    "Entries that the server wrote by itself, or that a handler asked for." },
	{ "result", "result", TAKES_TRAIL, false, "{\"enum\":[\"ok\",\"refused\",\"failed\"]}",
	    NULL, NULL, "What became of it." },
	{ "from", "from", TAKES_TRAIL, false, INSTANT, NULL, NULL, "At this time or later." },
	{ "to", "to", TAKES_TRAIL, false, INSTANT, NULL, NULL, "At this time or earlier." },
	{ "order", "order", TAKES_TRAIL | TAKES_HISTORY, false,
	    "{\"enum\":[\"desc\",\"asc\"],\"default\":\"desc\"}", NULL, NULL,
	    "The newest first, or the oldest. Oldest first gives final entries only." },
	{ "entries", "limit", TAKES_TRAIL | TAKES_HISTORY, false,
	    "{\"type\":\"integer\",\"minimum\":1,\"maximum\":500,\"default\":50}", NULL, NULL,
	    "How many entries." },
	{ "afterEntry", "after", TAKES_TRAIL | TAKES_HISTORY, false, TEXT, NULL, NULL,
	    "The entries behind the one of this cursor." },
	{ "tenant", "X-Tenant-Id", TAKES_TENANT, true, "{\"type\":\"string\",\"format\":\"uuid\"}",
	    NULL, NULL,
	    "The tenant, where neither the credential nor the web server names one. It may not "
	    "name another than these." },
	{ "ifMatch", "If-Match", TAKES_MATCH, true, TEXT, NULL, NULL,
	    "Only where the row is in this version: \"v3\", else 412." },
	{ "ifNoneMatch", "If-None-Match", TAKES_TAG, true, TEXT, NULL, NULL,
	    "304 where the answer still has this ETag." },
	{ "ifAbsent", "If-None-Match", GIVES_MADE, true, TEXT, NULL, NULL,
	    "*: only where the row is not there yet, else 412." },
	{ "idempotencyKey", "Idempotency-Key", TAKES_KEY, true,
	    "{\"type\":\"string\",\"minLength\":1}", NULL, NULL,
	    "However often the request is sent with this key, it is done once, and answered "
	    "alike." },
	{ "preferReturn", "Prefer", TAKES_RETURN, true,
	    "{\"type\":\"string\",\"examples\":[\"return=minimal\"]}", NULL, NULL,
	    "return=minimal: no body in the answer." },
	{ "preferMany", "Prefer", TAKES_CHANGES | TAKES_DELETIONS, true,
	    "{\"type\":\"string\",\"examples\":[\"max-affected=10\"]}", NULL, NULL,
	    "max-affected=N: nothing is done where more rows match (409); return=minimal: no "
	    "body; return=representation: with the ids." },
	{ "preferCount", "Prefer", TAKES_COUNT, true,
	    "{\"type\":\"string\",\"examples\":[\"count=none\"]}", NULL, NULL,
	    "count=exact, estimated or none, where the query says nothing." },
	{ "auditReason", "X-Audit-Reason", TAKES_REASON, true, TEXT, NULL, NULL,
	    "Why, for the audit log." },
};

static void
put_schema(struct jsontext *j, const struct parameter *row, const struct model *model)
{
	if (row->schema != NULL)
		jsontext_raw(j, row->schema, strlen(row->schema));
	else
		row->put(j, model);
}

static void
put_parameter(struct jsontext *j, const struct parameter *row, const struct model *model)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "name", row->name);
	jsontext_put_string(j, "in", row->header ? "header" : "query");
	if (row->takers == TAKES_BY)
		jsontext_put_bool(j, "required", true);
	jsontext_put_string(j, "description", row->text);
	jsontext_key(j, "schema");
	put_schema(j, row, model);
	jsontext_end_object(j);
}

static bool
is_taken(const struct parameter *row, unsigned traits, const struct model *model)
{
	return (row->takers & traits) != 0 &&
	    (model == NULL || row->there == NULL || row->there(model));
}

/* --- filters ------------------------------------------------------------------------------- */

static bool
is_filterable(const struct column *c)
{
	return c->operators != 0 && column_is_visible(c);
}

static const char *
filter_name(const struct column *c, struct arena *arena)
{
	return arena_printf(arena, "filter.%s", c->json);
}

static void
put_filter(struct jsontext *j, const struct column *c)
{
	struct arena *arena = j->out->arena;

	jsontext_begin_object(j);
	jsontext_put_string(j, "name", filter_name(c, arena));
	jsontext_put_string(j, "in", "query");
	jsontext_put_string(j, "description",
	    arena_printf(arena, "Operator and value, $op:value, by %s.",
		comparison_operators(c->operators, arena)));
	openapi_raw(j, "schema", COMPARISONS);
	jsontext_end_object(j);
}

/* --- what operations have of them ---------------------------------------------------------- */

void
openapi_parameters(struct jsontext *j, unsigned traits, const struct model *model)
{
	for (size_t i = 0; i < COUNT_OF(parameters); i++) {
		if (!is_taken(&parameters[i], traits, model))
			continue;
		if (parameters[i].key == NULL) {
			put_parameter(j, &parameters[i], model);
			continue;
		}
		jsontext_begin_object(j);
		jsontext_put_string(j, "$ref",
		    arena_printf(j->out->arena, "#/components/parameters/%s", parameters[i].key));
		jsontext_end_object(j);
	}
	for (size_t i = 0; model != NULL && i < model->column_count; i++)
		if ((traits & (TAKES_LIST | TAKES_GROUPS | TAKES_CHANGES | TAKES_DELETIONS)) != 0 &&
		    is_filterable(&model->columns[i]))
			put_filter(j, &model->columns[i]);
}

void
openapi_parameter_properties(struct jsontext *j, unsigned traits, const struct model *model)
{
	assert(model != NULL);
	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if (is_taken(&parameters[i], traits, model) && !parameters[i].header &&
		    parameters[i].put != put_conditions) {
			jsontext_key(j, parameters[i].name);
			put_schema(j, &parameters[i], model);
		}
	for (size_t i = 0; i < model->column_count; i++)
		if (is_filterable(&model->columns[i]))
			openapi_raw(j, filter_name(&model->columns[i], j->out->arena), COMPARISONS);
}

void
openapi_shared_parameters(struct jsontext *j)
{
	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if (parameters[i].key != NULL) {
			jsontext_key(j, parameters[i].key);
			put_parameter(j, &parameters[i], NULL);
		}
}
