/* SPDX-License-Identifier: BSD-2-Clause */
/* door_find.c - finding rows, and reading what was found */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/stages.h"
#include "compiler/values.h"
#include "serve/door.h"
#include "serve/platform.h"

/* --- conditions ---------------------------------------------------------------------------- */

struct where
by_id(const char *id)
{
	return (struct where){ .kind = WHERE_ID, .text = id };
}

struct where
by_path(const struct request *r, const char *name)
{
	return (struct where){ .kind = WHERE_ID,
		.text = request_path(r, name),
		.pointer = arena_printf(r->arena, "/path/%s", name) };
}

struct where
by_row(const struct row *row)
{
	return by_id(row_id(row));
}

struct where
by(struct column_ref column, const char *text)
{
	return (struct where){ .kind = WHERE_EQUAL, .column = column, .text = text };
}

struct where
by_any(struct column_ref column, const char *const *texts)
{
	return (struct where){ .kind = WHERE_ANY, .column = column, .texts = texts };
}

struct where
by_null(struct column_ref column)
{
	return (struct where){ .kind = WHERE_NULL, .column = column };
}

bool
door_compare(struct door *door, struct query *query, const struct where *where)
{
	const struct model *model = query->model;
	const struct column *column =
	    where->kind == WHERE_ID ? model->id : door_column(door, model, where->column);
	struct arena *arena = door->request->arena;
	const struct value *value = NULL;
	const char *pointer;

	if (column == NULL)
		return false;
	pointer =
	    where->pointer != NULL ? where->pointer : arena_printf(arena, "#/%s", column->json);
	switch (where->kind) {
	case WHERE_NULL: query_null(query, column); return true;
	case WHERE_ANY:
		if ((value = value_list(column, where->texts, pointer, arena, door->problem)) ==
		    NULL)
			return false;
		query_compare(query, column, OPERATOR_IN, value);
		return true;
	case WHERE_ID:
	case WHERE_EQUAL: break;
	}
	if (where->text == NULL) {
		query_false(query);
		return true;
	}
	if ((value = value_read(column, where->text, pointer, arena, door->problem)) == NULL)
		return false;
	query_compare(query, column, OPERATOR_EQ, value);
	return true;
}

/* --- finding ------------------------------------------------------------------------------- */

/* Every column but what was made for searching. */
static bool *
choose(const struct model *model, struct arena *arena)
{
	bool *chosen = arena_array(arena, model->column_count, sizeof(*chosen));

	for (size_t i = 0; i < model->column_count; i++)
		chosen[i] = model->columns[i].role != ROLE_SEARCH;
	return chosen;
}

static struct query *
make_query(struct door *door, const struct model *model, unsigned flags)
{
	struct query *query = query_new(door->request->arena, ACTION_READ, SHAPE_CELLS, model);

	query->chosen = choose(model, door->request->arena);
	query->sort[query->sort_count++].column = model->id;
	query->locked = (flags & FOR_UPDATE) != 0;
	query->authority = door_authority(door, model, ACTION_READ);
	if ((flags & WITH_DELETED) != 0)
		query->deleted = DELETED_SHOWN;
	if ((flags & ONLY_DELETED) != 0)
		query->deleted = DELETED_ONLY;
	return query;
}

/* Run what the unit has so far. */
static bool
hold(struct door *door)
{
	return unit_mode(door->unit) == UNIT_READ
	    ? request_hold(door->request, door->unit, door->problem)
	    : writing_hold(&door->writing, door->problem);
}

static void
put_rows(struct rows *rows)
{
	size_t count = result_rows(rows->cells);

	rows->rows = arena_array(rows->door->request->arena, count + 1, sizeof(*rows->rows));
	for (size_t i = 0; i < count; i++)
		rows->rows[i] = (struct row){
			.door = rows->door, .model = rows->model, .found = rows, .at = i
		};
}

struct rows *
unit_find_many_(struct unit *unit, struct model_ref ref, unsigned flags, const struct where *where,
    size_t count)
{
	struct door *door = door_of(unit);
	struct request *r = door->request;
	size_t statement = unit_count(unit);
	const struct model *model;
	struct query *query;
	struct rows *rows;

	if (!door_is_open(door) || (model = door_model(door, ref)) == NULL)
		return NULL;
	if ((flags & FOR_UPDATE) != 0 && unit_mode(unit) == UNIT_READ) {
		door_mistake(door, "FOR_UPDATE in a unit that only reads");
		return NULL;
	}
	query = make_query(door, model, flags);
	for (size_t i = 0; i < count; i++)
		if (!door_compare(door, query, &where[i]))
			return NULL;
	if (!compile_query(unit, query, &r->principal, r->tenant, NULL, NULL, door->problem) ||
	    !hold(door))
		return NULL;
	rows = ARENA_NEW(r->arena, struct rows);
	rows->door = door;
	rows->model = model;
	rows->chosen = query->chosen;
	rows->cells = unit_result(unit, statement);
	put_rows(rows);
	return rows;
}

struct row *
unit_find(struct unit *unit, struct model_ref ref, struct where where, unsigned flags)
{
	struct rows *rows = unit_find_many_(unit, ref, flags, &where, 1);

	if (rows == NULL)
		return NULL;
	if (rows_count(rows) > 1)
		door_mistake(door_of(unit), "unit_find found several rows of %s", ref.table);
	else if (rows_count(rows) == 1)
		return rows_at(rows, 0);
	else if ((flags & OPTIONAL) == 0)
		respond_problem(door_of(unit)->problem, PROBLEM_NO_ROW, "%s has no such row",
		    rows->model->name);
	return NULL;
}

/* --- what was found ------------------------------------------------------------------------ */

size_t
rows_count(const struct rows *rows)
{
	return rows != NULL ? result_rows(rows->cells) : 0;
}

struct row *
rows_at(const struct rows *rows, size_t at)
{
	assert(at < rows_count(rows));
	return &rows->rows[at];
}

static const char *
cell(const struct row *row, const struct column *column)
{
	size_t at = (size_t)(column - row->model->columns), cells = 0;

	for (size_t i = 0; i < at; i++)
		cells += row->found->chosen[i];
	return result_value(row->found->cells, row->at, cells, NULL);
}

const char *
row_id(const struct row *row)
{
	if (row == NULL)
		return NULL;
	if (row->found != NULL)
		return cell(row, row->model->id);
	return row->made->id != NULL ? row->made->id->bytes : NULL;
}

const char *
row_text(const struct row *row, struct column_ref ref)
{
	const struct column *column;

	if (row == NULL || (column = door_column(row->door, row->model, ref)) == NULL)
		return NULL;
	if (column == row->model->id)
		return row_id(row);
	if (row->found != NULL)
		return cell(row, column);
	door_mistake(row->door, "\"%s\" of a new row is not known before it is found", ref.name);
	return NULL;
}

int64_t
row_int(const struct row *row, struct column_ref ref)
{
	const char *text = row_text(row, ref);

	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

bool
row_bool(const struct row *row, struct column_ref ref)
{
	const char *text = row_text(row, ref);

	return text != NULL && strcmp(text, "true") == 0;
}

/* --- SQL of the handler's own --------------------------------------------------------------- */

struct table *
unit_sql_(
    struct unit *unit, const char *sql, size_t len, const char *const *parameters, size_t count)
{
	struct door *door = door_of(unit);
	struct arena *arena = door->request->arena;
	struct statement *statement = ARENA_NEW(arena, struct statement);
	const char **copy = arena_array(arena, count + 1, sizeof(*copy));
	size_t index = unit_count(unit);
	struct table *table;

	if (!door_is_open(door))
		return NULL;
	if (unit_mode(unit) != UNIT_READ) {
		door_mistake(door, "SQL of its own in a unit that may write");
		return NULL;
	}
	memcpy(copy, parameters, count * sizeof(*copy));
	if (count == 1 && copy[0] == SQL_NOTHING)
		count = 0;
	*statement = (struct statement){ sql, len, copy, count };
	if (!unit_add(unit, statement, door->problem) || !hold(door))
		return NULL;
	table = ARENA_NEW(arena, struct table);
	table->cells = unit_result(unit, index);
	return table;
}

size_t
table_rows(const struct table *table)
{
	return table != NULL ? result_rows(table->cells) : 0;
}

const char *
table_text(const struct table *table, size_t row, size_t column)
{
	assert(row < table_rows(table) && column < result_columns(table->cells));
	return result_value(table->cells, row, column, NULL);
}
