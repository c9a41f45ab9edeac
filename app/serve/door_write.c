/* SPDX-License-Identifier: BSD-2-Clause */
/* door_write.c - changes that a handler makes, through the stages of every change */
#include <string.h>

#include "compiler/stages.h"
#include "formats/uuid.h"
#include "serve/door.h"
#include "serve/entries.h"
#include "serve/platform.h"

enum { FACTS_MAX = 16 };

static const struct expectation one_row = { 1 };

struct set
set_text(struct column_ref column, const char *text)
{
	return (struct set){ .column = column, .kind = SET_TEXT, .text = text };
}

struct set
set_null(struct column_ref column)
{
	return set_text(column, NULL);
}

struct set
set_bool(struct column_ref column, bool value)
{
	return set_text(column, value ? "true" : "false");
}

struct set
set_int(struct column_ref column, int64_t number)
{
	return (struct set){ .column = column, .kind = SET_INT, .number = number };
}

struct set
set_now(struct column_ref column)
{
	return (struct set){ .column = column, .kind = SET_NOW };
}

struct set
set_add(struct column_ref column, int64_t number)
{
	return (struct set){ .column = column, .kind = SET_ADD, .number = number };
}

static const struct value *
number_value(struct arena *arena, const struct column *column, int64_t number)
{
	char digits[TEXT_DIGITS];
	size_t len = text_digits(digits, number);

	return value_typed(arena, column->type, arena_copy(arena, digits, len));
}

static void
assign(struct change *change, const struct column *column, const struct set *set)
{
	struct assignments *list = &change->assignments;
	struct arena *arena = change->arena;

	switch (set->kind) {
	case SET_TEXT:
		assignments_add(
		    list, arena, column, ASSIGN_VALUE, value_typed(arena, column->type, set->text));
		return;
	case SET_INT:
		assignments_add(
		    list, arena, column, ASSIGN_VALUE, number_value(arena, column, set->number));
		return;
	case SET_NOW: assignments_add(list, arena, column, ASSIGN_NOW, NULL); return;
	case SET_ADD:
		assignments_add(list, arena, column, ASSIGN_INCREMENT,
		    number_value(arena, column, set->number));
		return;
	}
}

/* The platform writes its own columns; each of the others once. */
static bool
assign_all(struct door *door, struct change *change, const struct set *sets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct column *column = door_column(door, change->model, sets[i].column);

		if (column == NULL)
			return false;
		if (column->role != ROLE_NONE || column->generated ||
		    assignments_find(&change->assignments, column) != NULL) {
			door_mistake(door, "it may not set %s.%s, or not twice",
			    change->model->table, column->name);
			return false;
		}
		assign(change, column, &sets[i]);
	}
	return true;
}

/* A change of the model, of a row that was found; NULL when no step is taken any more. */
static struct change *
begin(struct door *door, enum action action, const struct model *model, const struct row *row)
{
	struct request *r = door->request;
	struct change *change;

	if (!door_is_open(door))
		return NULL;
	if (unit_mode(door->unit) == UNIT_READ) {
		door_mistake(door, "it writes in a unit that only reads");
		return NULL;
	}
	change = change_new(r->arena, action, model);
	change->authority = door_authority(door, model, action);
	if (row != NULL)
		change->id = value_typed(r->arena, model->id->type, row_id(row));
	return change;
}

/* The same of a row that must be there. */
static struct change *
begin_row(struct unit *unit, enum action action, const struct row *row)
{
	struct door *door = door_of(unit);

	if (row != NULL && row->door == door)
		return begin(door, action, row->model, row);
	if (door_is_open(door))
		door_mistake(door, "it changes no row, or one of another unit");
	return NULL;
}

static void
add(struct unit *unit, struct change *change)
{
	struct door *door = door_of(unit);

	/* What failed is in the problem, which stays. */
	if (!writing_add(&door->writing, change, change->action == ACTION_CREATE ? NULL : &one_row,
		door->problem))
		return;
}

struct row *
unit_create_(struct unit *unit, struct model_ref ref, const struct set *sets, size_t count)
{
	struct door *door = door_of(unit);
	struct arena *arena = door->request->arena;
	const struct model *model;
	struct change *change;
	struct row *row;

	if (!door_is_open(door) || (model = door_model(door, ref)) == NULL ||
	    (change = begin(door, ACTION_CREATE, model, NULL)) == NULL ||
	    !assign_all(door, change, sets, count))
		return NULL;
	if (model->id->kind == KIND_UUID)
		change->id = value_typed(arena, model->id->type, uuid_v7(arena));
	add(unit, change);
	row = ARENA_NEW(arena, struct row);
	*row = (struct row){ .door = door, .model = model, .made = change };
	return problem_raised(door->problem) ? NULL : row;
}

void
unit_update_(struct unit *unit, struct row *row, const struct set *sets, size_t count)
{
	struct change *change = begin_row(unit, ACTION_UPDATE, row);

	if (change != NULL && assign_all(door_of(unit), change, sets, count))
		add(unit, change);
}

/* A change of nothing locks the row and looks at it like any other. */
void
unit_may_update(struct unit *unit, struct row *row)
{
	unit_update_(unit, row, NULL, 0);
}

void
unit_delete(struct unit *unit, struct row *row)
{
	struct change *change = begin_row(unit, ACTION_DELETE, row);

	if (change != NULL)
		add(unit, change);
}

void
unit_restore(struct unit *unit, struct row *row)
{
	struct change *change = begin_row(unit, ACTION_RESTORE, row);

	if (change == NULL)
		return;
	if (row->model->soft_delete)
		add(unit, change);
	else
		door_mistake(door_of(unit), "%s keeps no deleted rows", row->model->table);
}

void
unit_log(struct unit *unit, const char *action, const struct row *row, const struct fact *facts)
{
	struct door *door = door_of(unit);
	struct request *r = door->request;
	const char *declared = r->route->audit;
	struct entry_fact told[FACTS_MAX];
	struct entry entry = { .action = action, .manual = true };
	struct sqltext *t;
	size_t count = 0;

	/* The same conditions as of a change, which is not made. */
	if (begin_row(unit, ACTION_UPDATE, row) == NULL)
		return;
	if (declared == NULL || strcmp(declared, action) != 0) {
		door_mistake(door, "its route does not say that it logs \"%s\"", action);
		return;
	}
	entry.target_type = row->model->table;
	entry.target_id = row_id(row);
	entry.ordinal = plan_ordinal(&door->writing.plan);
	for (; facts != NULL && facts[count].name != NULL && count < FACTS_MAX; count++)
		told[count] = (struct entry_fact){ facts[count].name,
			value_new(r->arena, SQLTYPE_TEXT, facts[count].text) };
	t = entries_begin(r, r->tenant, &entry);
	sqltext_literal(t, "NULL");
	if (!entries_add(unit, r, t, told, count, door->problem))
		return; /* the problem stays */
}
