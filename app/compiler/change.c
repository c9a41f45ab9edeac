/* SPDX-License-Identifier: BSD-2-Clause */
/* change.c - making and extending the tree of writes */
#include "compiler/change.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "compiler/values.h"
#include "database/sqltext.h"

void
assignments_init(struct assignments *list)
{
	list->first = NULL;
	list->last = &list->first;
}

struct change *
change_new(struct arena *arena, enum action action, const struct model *model)
{
	struct change *change = ARENA_NEW(arena, struct change);

	change->arena = arena;
	change->action = action;
	change->model = model;
	change->place = "#";
	assignments_init(&change->assignments);
	return change;
}

void
change_select(struct change *change, const char *const *keys, size_t count)
{
	change->lock = CHANGE_LOCKED;
	change->keys = keys;
	change->key_count = count;
	change->ids = value_array(change->arena, change->model->id->array_type, keys, count);
}

struct change *
change_new_upsert(struct arena *arena, const struct model *model, const struct unique_key *key)
{
	struct change *change = change_new(arena, ACTION_UPDATE, model);
	struct upsert *upsert = ARENA_NEW(arena, struct upsert);

	upsert->key = key;
	upsert->create = change_new(arena, ACTION_CREATE, model);
	upsert->create->within = upsert;
	upsert->create->sought = true;
	change->upsert = upsert;
	return change;
}

const struct change *
change_made(const struct change *change)
{
	return change->upsert != NULL && change->upsert->created ? change->upsert->create : change;
}

bool
change_is_logged(const struct change *change, const struct model *model)
{
	return model->audit && !change->intent->waived;
}

bool
change_goes_along(const struct relation *r)
{
	const struct model *parent = r->target;

	for (size_t i = 0; r->kind == RELATION_ONE && i < parent->relation_count; i++)
		if (parent->relations[i].cascade &&
		    strcmp(parent->relations[i].constraint, r->constraint) == 0)
			return true;
	return false;
}

void
assignments_add(struct assignments *list, struct arena *arena, const struct column *column,
    enum assign how, const struct value *value)
{
	struct assignment *assignment = ARENA_NEW(arena, struct assignment);

	assert(assignments_find(list, column) == NULL);
	assert((value == NULL) == (how == ASSIGN_NOW || how == ASSIGN_DELETION));
	assignment->column = column;
	assignment->how = how;
	assignment->value = value;
	*list->last = assignment;
	list->last = &assignment->next;
}

const struct assignment *
assignments_find(const struct assignments *list, const struct column *column)
{
	const struct assignment *a = list->first;

	while (a != NULL && a->column != column)
		a = a->next;
	return a;
}

struct link *
change_link(const struct change *change, const struct column *column)
{
	struct link *link = change->links;

	while (link != NULL && link->column != column)
		link = link->next;
	return link;
}

struct link *
change_tie(struct change *change, const struct link *wanted)
{
	struct link *link = ARENA_NEW(change->arena, struct link);

	*link = *wanted;
	link->next = change->links;
	change->links = link;
	return link;
}

void
assignments_touch(struct assignments *list, struct arena *arena, const struct model *model)
{
	if (model->version != NULL)
		assignments_add(list, arena, model->version, ASSIGN_INCREMENT,
		    value_typed(arena, model->version->type, "1"));
	if (model->updated_at != NULL)
		assignments_add(list, arena, model->updated_at, ASSIGN_NOW, NULL);
}
