/* SPDX-License-Identifier: BSD-2-Clause */
/* url.c - a query as a URL, written as rowhouse-query(7) says */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/aggregate.h"
#include "oracle/pool.h"

/* Where conditions go: into parameters, or into the options of an include. */
struct writer {
	FILE *out;
	struct pool *pool;
	bool option;
	char separator;           /* before the next parameter or option */
	unsigned groups;          /* names given so far */
	struct json_object *body; /* where parameters go instead of out; or NULL */
};

static const struct {
	const char *word;
	enum takes takes;
} comparators[OP__MAX] = {
	[OP_EQ] = { "$eq", TAKES_ONE },
	[OP_NE] = { "$ne", TAKES_ONE },
	[OP_GT] = { "$gt", TAKES_ONE },
	[OP_GTE] = { "$gte", TAKES_ONE },
	[OP_LT] = { "$lt", TAKES_ONE },
	[OP_LTE] = { "$lte", TAKES_ONE },
	[OP_IN] = { "$in", TAKES_LIST },
	[OP_NIN] = { "$nin", TAKES_LIST },
	[OP_ILIKE] = { "$ilike", TAKES_ONE },
	[OP_BTW] = { "$btw", TAKES_TWO },
	[OP_NULL] = { "$null", TAKES_NONE },
	[OP_NOT_NULL] = { "$not:null", TAKES_NONE },
	[OP_LIKE] = { "$like", TAKES_ONE },
	[OP_STARTS] = { "$starts", TAKES_ONE },
	[OP_ENDS] = { "$ends", TAKES_ONE },
	[OP_CONTAINS] = { "$contains", TAKES_ONE },
	[OP_HAS] = { "$has", TAKES_ONE },
	[OP_HAS_SOME] = { "$hasSome", TAKES_LIST },
	[OP_HAS_EVERY] = { "$hasEvery", TAKES_LIST },
	[OP_IS_EMPTY] = { "$isEmpty", TAKES_NONE },
};

enum takes
comparator_takes(enum comparator comparator)
{
	return comparators[comparator].takes;
}

/* Percent-encoded but for what RFC 3986, 2.3 leaves alone. */
static void
put_encoded(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
			*text) != NULL)
			fputc(*text, out);
		else
			fprintf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

/* With a backslash before each of these characters. */
static const char *
escaped(struct pool *p, const char *text, const char *characters)
{
	char *copy = pool_alloc(p, 2 * strlen(text) + 1), *out = copy;

	for (; *text != '\0'; text++) {
		if (strchr(characters, *text) != NULL)
			*out++ = '\\';
		*out++ = *text;
	}
	return copy;
}

/* A member, or one more element of it. */
static void
put_member(struct json_object *body, const char *name, const char *value)
{
	struct json_object *there = NULL, *list;

	if (!json_object_object_get_ex(body, name, &there)) {
		json_object_object_add(body, name, json_object_new_string(value));
	} else if (json_object_is_type(there, json_type_array)) {
		json_object_array_add(there, json_object_new_string(value));
	} else {
		list = json_object_new_array();
		json_object_array_add(list, json_object_get(there));
		json_object_array_add(list, json_object_new_string(value));
		json_object_object_add(body, name, list);
	}
}

static void
put_named(struct writer *w, const char *name, const char *value)
{
	if (w->body != NULL) {
		put_member(w->body, name, value);
		return;
	}
	fputc(w->separator, w->out);
	if (w->option) {
		fputs(escaped(w->pool, pool_printf(w->pool, "%s:%s", name, value), ",)\\"), w->out);
		w->separator = ',';
		return;
	}
	put_encoded(w->out, name);
	fputc('=', w->out);
	put_encoded(w->out, value);
	w->separator = '&';
}

static void
put_number(struct writer *w, const char *name, long value)
{
	if (value > 0)
		put_named(w, name, pool_printf(w->pool, "%ld", value));
}

static void
put_sorts(struct writer *w, const struct model *m, const struct listed *listed)
{
	for (size_t i = 0; i < listed->sort_count; i++) {
		const struct sort *s = &listed->sorts[i];
		const char *name = s->counted != NULL
		    ? pool_printf(w->pool, "%s._count", s->counted->name)
		    : s->of != NULL ? pool_printf(w->pool, "%s.%s", s->of->name,
					  models[s->of->target].columns[s->column].name)
				    : m->columns[s->column].name;

		/* ascending is the default: said every other time */
		if (s->descending || i % 2 == 0)
			name = pool_printf(w->pool, "%s:%s", name, s->descending ? "DESC" : "ASC");
		put_named(w, "sortBy", name);
	}
}

/* Names joined by commas; nothing when there is none. */
static void
put_columns(struct writer *w, const struct model *m, const char *name, unsigned columns)
{
	const char *list = NULL;

	for (size_t i = 0; i < m->column_count; i++)
		if ((columns & 1U << i) != 0)
			list = pool_printf(w->pool, "%s%s%s", list != NULL ? list : "",
			    list != NULL ? "," : "", m->columns[i].name);
	if (list != NULL)
		put_named(w, name, list);
}

/* --- conditions ------------------------------------------------------------------------------- */

/* $btw:a,b */
static const char *
comparison(struct pool *p, const struct condition *c)
{
	const char *word = comparators[c->comparator].word, *list;

	if (c->operand_count == 0)
		return word;
	/* equality needs no word, unless the value looks like one */
	if (c->comparator == OP_EQ && c->spelled[0][0] != '$' && strlen(c->spelled[0]) % 2 == 1)
		return c->spelled[0];
	if (comparators[c->comparator].takes == TAKES_ONE)
		return pool_printf(p, "%s:%s", word, c->spelled[0]);
	list = escaped(p, c->spelled[0], ",\\");
	for (size_t i = 1; i < c->operand_count; i++)
		list = pool_printf(p, "%s,%s", list, escaped(p, c->spelled[i], ",\\"));
	return pool_printf(p, "%s:%s", word, list);
}

static void put_conditions(struct writer *, const struct condition *parts, const struct model *,
    const char *groups, const char *path);

static void
put_group(struct writer *w, const struct condition *c, const struct model *m, const char *groups)
{
	const char *word = c->kind == CONDITION_ANY ? "or"
	    : c->kind == CONDITION_NOT              ? "not"
						    : "and";

	put_conditions(
	    w, c->parts, m, pool_printf(w->pool, "%s%s.g%u.", groups, word, w->groups++), "");
}

static void
put_related(struct writer *w, const struct condition *c, const char *groups, const char *path)
{
	static const char *const words[] = {
		[CONDITION_IS] = ".",
		[CONDITION_SOME] = ".$some.",
		[CONDITION_EVERY] = ".$every.",
		[CONDITION_NONE] = ".$none.",
	};
	const char *name = pool_printf(w->pool, "%s%s", path, c->relation->name);

	if (c->kind == CONDITION_COUNT)
		put_named(w, pool_printf(w->pool, "%sfilter.%s._count", groups, name),
		    comparison(w->pool, c));
	else if (c->parts == NULL)
		put_named(w, pool_printf(w->pool, "%sfilter.%s", groups, name),
		    c->kind == CONDITION_ABSENT ? "$null" : "$not:null");
	else
		put_conditions(w, c->parts, &models[c->relation->target], groups,
		    pool_printf(w->pool, "%s%s", name, words[c->kind]));
}

static void
put_conditions(struct writer *w, const struct condition *parts, const struct model *m,
    const char *groups, const char *path)
{
	for (const struct condition *c = parts; c != NULL; c = c->next)
		if (c->kind == CONDITION_COMPARE)
			put_named(w,
			    pool_printf(w->pool, "%sfilter.%s%s%s%s", groups, path,
				m->columns[c->column].name, c->path != NULL ? "." : "",
				c->path != NULL ? c->path : ""),
			    comparison(w->pool, c));
		else if (c->kind <= CONDITION_NOT)
			put_group(w, c, m, groups);
		else
			put_related(w, c, groups, path);
}

/* --- includes and selections ------------------------------------------------------------------ */

static bool
has_options(const struct listed *listed)
{
	return listed->where != NULL || listed->sort_count > 0 || listed->limit > 0;
}

static void
put_options(FILE *out, struct pool *p, const struct include *i)
{
	struct writer w = { out, p, true, '(', 0, NULL };

	put_number(&w, "limit", i->listed.limit);
	put_sorts(&w, &models[i->relation->target], &i->listed);
	if (i->listed.where != NULL)
		put_conditions(&w, i->listed.where->parts, &models[i->relation->target], "", "");
	fputc(')', out);
}

/* The names of _count, where the view is of a row at path ("replies."). */
static void
put_counts(FILE *out, struct pool *p, const struct model *m, const struct view *v, const char *path)
{
	unsigned all = 0;

	for (size_t i = 0; i < m->relation_count; i++)
		if (m->relations[i].kind >= TO_MANY)
			all |= 1U << i;
	if (v->counts != 0 && v->counts == all)
		fputs(pool_printf(p, ",%s_count", path), out);
	for (size_t i = 0; i < m->relation_count && v->counts != all; i++)
		if ((v->counts & 1U << i) != 0)
			fputs(pool_printf(p, ",%s_count.%s", path, m->relations[i].name), out);
}

/* Every relation that is included, and the counts of rows that are shown whole. */
static void
put_include(
    FILE *out, struct pool *p, const struct model *m, const struct view *v, const char *path)
{
	if (!v->chosen)
		put_counts(out, p, m, v, path);
	for (const struct include *i = v->includes; i != NULL; i = i->next) {
		const char *name = pool_printf(p, "%s%s", path, i->relation->name);

		fprintf(out, ",%s", name);
		if (has_options(&i->listed))
			put_options(out, p, i);
		put_include(
		    out, p, &models[i->relation->target], &i->view, pool_printf(p, "%s.", name));
	}
}

/* What is named of rows that are not shown whole. */
static void
put_select(FILE *out, struct pool *p, const struct model *m, const struct view *v, const char *path)
{
	if (!v->chosen)
		return;
	for (size_t i = 0; i < m->column_count; i++)
		if ((v->columns & 1U << i) != 0)
			fprintf(out, ",%s%s", path, m->columns[i].name);
	if (v->link)
		fprintf(out, ",%s_link", path);
	put_counts(out, p, m, v, path);
	for (const struct include *i = v->includes; i != NULL; i = i->next)
		put_select(out, p, &models[i->relation->target], &i->view,
		    pool_printf(p, "%s%s.", path, i->relation->name));
}

static void
put_view(struct writer *w, const struct asked *a, const char *name,
    void (*put)(FILE *, struct pool *, const struct model *, const struct view *, const char *))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	put(out, w->pool, a->model, &a->view, "");
	if (fclose(out) != 0)
		abort();
	if (len > 0)
		put_named(w, name, text + 1); /* without the first comma */
	free(text);
}

/* --- aggregates ------------------------------------------------------------------------------- */

static const char *
value_name(struct pool *p, const struct model *m, const struct aggregate_value *v)
{
	if (v->function == AGGREGATE_COUNT)
		return aggregate_word(v->function);
	return pool_printf(p, "%s.%s", aggregate_word(v->function), m->columns[v->column].name);
}

static void
put_values(struct writer *w, const struct model *m, const struct aggregate *a)
{
	for (int function = 0; function < AGGREGATE__MAX; function++) {
		unsigned columns = 0;

		for (size_t i = 0; i < a->value_count; i++)
			if (a->values[i].function == (enum aggregate_function)function)
				columns |= 1U << a->values[i].column;
		if (columns != 0 && function == AGGREGATE_COUNT)
			put_named(w, "count", "");
		else
			put_columns(
			    w, m, aggregate_word((enum aggregate_function)function), columns);
	}
}

static void
put_aggregate(struct writer *w, const struct model *m, const struct aggregate *a)
{
	put_values(w, m, a);
	put_columns(w, m, "groupBy", a->groups);
	for (size_t i = 0; i < a->having_count; i++)
		put_named(w,
		    pool_printf(w->pool, "having.%s", value_name(w->pool, m, &a->havings[i].value)),
		    comparison(w->pool, &a->havings[i].comparison));
	for (size_t i = 0; i < a->sort_count; i++) {
		const struct group_sort *s = &a->sorts[i];

		put_named(w, "sortBy",
		    pool_printf(w->pool, "%s:%s",
			s->by_column ? m->columns[s->column].name
				     : value_name(w->pool, m, &s->value),
			s->descending ? "DESC" : "ASC"));
	}
}

/* Everything but the path. */
static void
put_parameters(struct writer *w, const struct asked *a)
{
	if (a->shape == ASKED_AGGREGATE)
		put_aggregate(w, a->model, a->aggregate);
	put_number(w, "page", a->page);
	if (a->count != NULL)
		put_named(w, "count", a->count);
	put_number(w, "limit", a->listed.limit);
	put_sorts(w, a->model, &a->listed);
	if (a->search != NULL)
		put_named(w, "search", a->search);
	if (a->deleted != DELETED_LEFT_OUT)
		put_named(w, a->deleted == DELETED_TOO ? "withDeleted" : "onlyDeleted",
		    a->page % 2 == 0 ? "" : "true");
	put_columns(w, a->model, "distinct", a->distinct);
	if (a->listed.where != NULL)
		put_conditions(w, a->listed.where->parts, a->model, "", "");
	put_view(w, a, "include", put_include);
	put_view(w, a, "select", put_select);
}

const char *
asked_url(const struct asked *a, struct pool *p)
{
	char *text = NULL;
	size_t len = 0;
	struct writer w = { open_memstream(&text, &len), p, false, '?', 0, NULL };
	const char *url;

	if (w.out == NULL)
		abort();
	fprintf(
	    w.out, "/api/%s%s", a->model->path, a->shape == ASKED_AGGREGATE ? "/aggregate" : "");
	if (a->shape == ASKED_ROW) {
		fputc('/', w.out);
		put_encoded(w.out, cell_text(p, a->model->columns[0].type, &a->id));
	}
	if (!a->body)
		put_parameters(&w, a);
	if (fclose(w.out) != 0)
		abort();
	url = pool_printf(p, "%s", text);
	free(text);
	return url;
}

const char *
asked_body(const struct asked *a, struct pool *p)
{
	struct writer w = { NULL, p, false, '&', 0, NULL };
	const char *body;

	if (!a->body)
		return NULL;
	w.body = json_object_new_object();
	put_parameters(&w, a);
	body = pool_printf(p, "%s", json_object_to_json_string(w.body));
	json_object_put(w.body);
	return body;
}
