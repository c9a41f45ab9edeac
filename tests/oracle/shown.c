/* SPDX-License-Identifier: BSD-2-Clause */
/* shown.c - rows as JSON, with what hangs on them */
#include <json-c/json.h>

#include "oracle/listing.h"
#include "oracle/pool.h"

static struct json_object *
show_texts(const struct cell *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->count; i++)
		json_object_array_add(list, json_object_new_string(c->texts[i]));
	return list;
}

struct json_object *
cell_shown(struct pool *p, enum type type, const struct cell *c)
{
	if (c->null)
		return NULL;
	switch (type) {
	case TYPE_INT:
	case TYPE_BIGINT: return json_object_new_int64(c->number);
	case TYPE_NUMERIC:
		return json_object_new_double_s(
		    (double)c->number / NUMERIC_SCALE, cell_text(p, type, c));
	case TYPE_BOOL: return json_object_new_boolean(c->number != 0);
	case TYPE_INSTANT:
	case TYPE_INSTANT_MS: return json_object_new_string(instant_shown(p, c->number));
	case TYPE_TEXTS: return show_texts(c);
	case TYPE_JSON: return json_tokener_parse(c->text);
	case TYPE_UUID:
	case TYPE_TEXT:
	case TYPE_ENUM:
	case TYPE_DATE:
	case TYPE__MAX: break;
	}
	return json_object_new_string(cell_text(p, type, c));
}

static void
show_columns(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct view *v, struct json_object *shown)
{
	for (size_t i = 0; i < m->column_count; i++) {
		bool hidden = (m->columns[i].flags & HIDDEN) != 0 && e->fault != FAULT_HIDDEN_SHOWN;

		if (v->chosen ? (v->columns & 1U << i) != 0 : !hidden)
			json_object_object_add(shown, m->columns[i].name,
			    cell_shown(e->pool, m->columns[i].type, &row->cells[i]));
	}
}

/* The join table's columns but the two that say which rows are linked. */
static struct json_object *
show_link(const struct evaluation *e, const struct row *link)
{
	const struct model *m = &models[ARTICLE_LABELS];
	struct json_object *shown = json_object_new_object();

	for (size_t i = 0; i < m->column_count; i++)
		if (m->columns[i].target == NO_TARGET)
			json_object_object_add(shown, m->columns[i].name,
			    cell_shown(e->pool, m->columns[i].type, &link->cells[i]));
	return shown;
}

static struct json_object *
show_counts(
    const struct evaluation *e, const struct model *m, const struct row *row, unsigned counts)
{
	struct json_object *shown = json_object_new_object();

	for (size_t i = 0; i < m->relation_count; i++)
		if ((counts & 1U << i) != 0)
			json_object_object_add(shown, m->relations[i].name,
			    json_object_new_int64(
				(int64_t)rows_related(e, m, row, &m->relations[i], WAY_COUNT)
				    .count));
	return shown;
}

static struct json_object *
show_many(const struct evaluation *e, const struct row *row, const struct include *i,
    struct row_list related)
{
	const struct model *target = &models[i->relation->target];
	struct listed listed = i->listed;
	size_t limit = (size_t)(listed.limit > 0 ? listed.limit : target->default_limit);
	struct json_object *shown = json_object_new_array();

	if (e->fault == FAULT_INCLUDE_LIMIT)
		limit = related.count;
	if (e->fault == FAULT_INCLUDE_ORDER) {
		listed.sort_count = 1;
		listed.sorts[0] = (struct sort){ .column = 0 };
	}
	related = rows_listed(e, target, related, &listed);
	for (size_t k = 0; k < related.count && k < limit; k++)
		json_object_array_add(shown,
		    row_shown(e, target, related.rows[k], &i->view,
			i->relation->kind == TO_MANY_THROUGH
			    ? row_link(e, row, i->relation, related.rows[k])
			    : NULL));
	return shown;
}

static struct json_object *
show_include(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct include *i)
{
	struct row_list related = rows_related(e, m, row, i->relation, WAY_INCLUDE);

	if (i->relation->kind >= TO_MANY)
		return show_many(e, row, i, related);
	if (related.count == 0)
		return NULL;
	return row_shown(e, &models[i->relation->target], related.rows[0], &i->view, NULL);
}

struct json_object *
row_shown(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct view *v, const struct row *link)
{
	struct json_object *shown = json_object_new_object();

	show_columns(e, m, row, v, shown);
	for (const struct include *i = v->includes; i != NULL; i = i->next)
		json_object_object_add(shown, i->relation->name, show_include(e, m, row, i));
	if (v->counts != 0)
		json_object_object_add(shown, "_count", show_counts(e, m, row, v->counts));
	if (link != NULL && (v->link || !v->chosen))
		json_object_object_add(shown, "_link", show_link(e, link));
	return shown;
}
