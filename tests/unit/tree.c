/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.c - printing queries and predicates */
#include "tree.h"

#include "base/text.h"
#include "compiler/aggregate.h"
#include "compiler/query.h"
#include "database/sqltext.h"

static const char *const shapes[] = {
	[SHAPE_ROW] = "row",
	[SHAPE_PAGE] = "page",
	[SHAPE_ROWS] = "rows",
	[SHAPE_OBJECTS] = "objects",
	[SHAPE_CELLS] = "cells",
	[SHAPE_GROUPS] = "groups",
	[SHAPE_TOTALS] = "totals",
	[SHAPE_LIST] = "list",
	[SHAPE_TEST] = "test",
	[SHAPE_COUNT] = "count",
	[SHAPE_VALUE] = "value",
	[SHAPE_LINK] = "link",
};

static const char *const kinds[] = {
	[PREDICATE_COMPARE] = "compare",
	[PREDICATE_MATCH] = "match",
	[PREDICATE_FALSE] = "false",
	[PREDICATE_ALL] = "all",
	[PREDICATE_ANY] = "any",
	[PREDICATE_NOT] = "not",
	[PREDICATE_EXISTS] = "exists",
	[PREDICATE_EXISTS_NOT] = "exists not",
};

static const char *const subjects[] = {
	[SUBJECT_COLUMN] = "",
	[SUBJECT_TEXT] = " text at",
	[SUBJECT_NUMBER] = " number at",
	[SUBJECT_STRING] = " string at",
	[SUBJECT_COUNT] = " count of",
	[SUBJECT_AGGREGATE] = " aggregate",
};

static const char *const functions[] = {
	[AGGREGATE_COUNT] = "count",
	[AGGREGATE_SUM] = "sum",
	[AGGREGATE_AVG] = "avg",
	[AGGREGATE_MIN] = "min",
	[AGGREGATE_MAX] = "max",
};

static void put_query(struct text *, const struct query *, unsigned depth);

static void
put_indent(struct text *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		text_literal(out, "  ");
}

static void
put_value(struct text *out, const char *word, const struct value *value)
{
	if (value != NULL)
		text_printf(out, " %s%s", word, value->bytes != NULL ? value->bytes : "NULL");
}

static void
put_aggregate(struct text *out, const struct aggregate *value)
{
	text_printf(out, " %s%s%s%s", functions[value->function], value->column != NULL ? "." : "",
	    value->column != NULL ? value->column->json : "", value->shown ? "" : " (unseen)");
}

static void
put_predicate(struct text *out, const struct predicate *p, unsigned depth)
{
	put_indent(out, depth);
	text_string(out, kinds[p->kind]);
	if (p->name != NULL)
		text_printf(out, " %s", p->name);
	text_string(out, p->kind == PREDICATE_COMPARE ? subjects[p->subject] : "");
	if (p->column != NULL)
		text_printf(out, " %s", p->column->json);
	put_value(out, "", p->path);
	if (p->aggregate != NULL)
		put_aggregate(out, p->aggregate);
	if (p->kind == PREDICATE_COMPARE)
		text_printf(out, " %s", operator_word(p->operator));
	put_value(out, "", p->value);
	put_value(out, "and ", p->high);
	text_literal(out, "\n");
	for (const struct predicate *m = p->members; m != NULL; m = m->next)
		put_predicate(out, m, depth + 1);
	if (p->nested != NULL)
		put_query(out, p->nested, depth + 1);
}

static void
put_columns(struct text *out, const char *word, const struct column *const *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_printf(out, "%s %s", i == 0 ? word : ",", columns[i]->json);
}

static void
put_chosen(struct text *out, const struct query *q)
{
	if (q->chosen == NULL)
		return;
	text_literal(out, " choose");
	for (size_t i = 0; i < q->model->column_count; i++)
		if (q->chosen[i])
			text_printf(out, " %s", q->model->columns[i].json);
}

static void
put_sort(struct text *out, const struct query *q, unsigned depth)
{
	for (size_t i = 0; i < q->sort_count; i++) {
		const struct sort_key *key = &q->sort[i];

		put_indent(out, depth);
		text_printf(out, "sort %s%s%s\n", key->name != NULL ? key->name : key->column->json,
		    key->descending ? " DESC" : "",
		    q->tie_breaker && i == q->sort_count - 1 ? " (ours)" : "");
		if (key->related != NULL)
			put_query(out, key->related, depth + 1);
	}
}

static void
put_grouping(struct text *out, const struct grouping *g, unsigned depth)
{
	put_indent(out, depth);
	put_columns(out, "group by", g->columns, g->column_count);
	text_string(out, g->column_count == 0 ? "all:" : ":");
	for (size_t i = 0; i < g->value_count; i++)
		put_aggregate(out, &g->values[i]);
	text_literal(out, "\n");
	for (const struct predicate *m = g->having.members; m != NULL; m = m->next)
		put_predicate(out, m, depth + 1);
}

static void
put_place(struct text *out, const struct query *q)
{
	put_value(out, "limit ", q->limit);
	put_value(out, "offset ", q->offset);
	for (size_t i = 0; q->position != NULL && i < q->sort_count; i++)
		put_value(out, i == 0 ? "behind " : "| ", q->position[i]);
	text_string(out, q->backward ? " backward" : "");
	text_string(out, q->counting == COUNTING_NONE ? " uncounted" : "");
	text_string(out, q->counting == COUNTING_ESTIMATED ? " estimated" : "");
	text_string(out, q->deleted == DELETED_SHOWN ? " with deleted" : "");
	text_string(out, q->deleted == DELETED_ONLY ? " only deleted" : "");
}

static void
put_query(struct text *out, const struct query *q, unsigned depth)
{
	put_indent(out, depth);
	text_printf(out, "%s t%u %s", shapes[q->shape], q->number, q->model->name);
	if (q->relation != NULL)
		text_printf(out, " by %s", q->relation->json);
	put_place(out, q);
	put_columns(out, " distinct", q->distinct, q->distinct_count);
	put_chosen(out, q);
	text_literal(out, "\n");
	for (const struct predicate *w = q->where; w != NULL; w = w->next)
		put_predicate(out, w, depth + 1);
	if (q->asked.kind == PREDICATE_NOT)
		put_predicate(out, &q->asked, depth + 1);
	for (const struct predicate *m = q->asked.members;
	     m != NULL && q->asked.kind != PREDICATE_NOT; m = m->next)
		put_predicate(out, m, depth + 1);
	if (q->grouping != NULL)
		put_grouping(out, q->grouping, depth + 1);
	else
		put_sort(out, q, depth + 1);
	/* Those of conditions and sorts stand with them. */
	for (const struct query *n = q->nested; n != NULL; n = n->next_nested)
		if (n->shown || n->shape == SHAPE_LINK || q->shape == SHAPE_VALUE)
			put_query(out, n, depth + 1);
}

void
tree_print(struct text *out, const struct query *q)
{
	put_query(out, q, 0);
}
