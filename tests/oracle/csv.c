/* SPDX-License-Identifier: BSD-2-Clause */
/* csv.c - cells of a body, and cells of a row */
#include "oracle/csv.h"

#include <json-c/json.h>
#include <string.h>

#include "oracle/listing.h"
#include "oracle/pool.h"

enum { CELLS = 200 };

/* Arrays and jsonb are JSON within a cell. */
static bool
is_json(enum type type)
{
	return type == TYPE_TEXTS || type == TYPE_JSON;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A cell's text; *at is left at the comma or the line's end behind it. NULL: a quote is open. */
static const char *
read_cell(struct pool *p, const char **at)
{
	const char *begin = *at;
	size_t len = strcspn(begin, ",\r\n");
	char *out;

	if (*begin != '"') {
		*at = begin + len;
		return pool_printf(p, "%.*s", (int)len, begin);
	}
	out = pool_alloc(p, strlen(begin) + 1);
	for (len = 0, begin++; *begin != '\0'; begin++) {
		if (begin[0] == '"' && begin[1] != '"') {
			*at = begin + 1;
			return out;
		}
		begin += *begin == '"';
		out[len++] = *begin;
	}
	return NULL;
}

/* The cells of a line, up to behind its CR LF; their number, 0 when it is no line. */
static size_t
read_line(struct pool *p, const char **at, const char *cells[CELLS])
{
	for (size_t n = 0; n < CELLS; n++) {
		if ((cells[n] = read_cell(p, at)) == NULL)
			return 0;
		if (strncmp(*at, "\r\n", 2) == 0) {
			*at += 2;
			return n + 1;
		}
		if (*(*at)++ != ',')
			return 0;
	}
	return 0;
}

/* author.name is a column by its last part. */
static bool
names_json(const char *name)
{
	const char *last = strrchr(name, '.') != NULL ? strrchr(name, '.') + 1 : name;

	for (size_t m = 0; m < MODEL__MAX; m++)
		for (size_t i = 0; i < models[m].column_count; i++)
			if (strcmp(models[m].columns[i].name, last) == 0)
				return is_json(models[m].columns[i].type);
	return false;
}

static void
add_cell(struct json_object *line, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_object_object_add(line, name,
		    names_json(name) ? json_tokener_parse(text) : json_object_new_string(text));
}

struct json_object *
csv_read(struct pool *p, const char *body)
{
	const char *names[CELLS], *cells[CELLS];
	size_t count = read_line(p, &body, names);
	struct json_object *lines = json_object_new_array();

	while (count > 0 && *body != '\0') {
		struct json_object *line = json_object_new_object();

		json_object_array_add(lines, line);
		if (read_line(p, &body, cells) != count) {
			count = 0;
			break;
		}
		for (size_t i = 0; i < count; i++)
			add_cell(line, names[i], cells[i]);
	}
	if (count > 0)
		return lines;
	json_object_put(lines);
	return NULL;
}

/* --- predicting ------------------------------------------------------------------------------- */

/* What a spreadsheet would run has an apostrophe before it; a number would not be run. */
static const char *
made_harmless(const struct evaluation *e, const char *text)
{
	const char *first = text + strspn(text, "\t\r\n ");

	if (*first == '\0' || strchr("=+-@", *first) == NULL || e->fault == FAULT_FORMULAS ||
	    (text[0] == '-' && text[1] != '\0' &&
		strspn(text + 1, "0123456789.") == strlen(text + 1)))
		return text;
	return pool_printf(e->pool, "'%s", text);
}

static const char *
text_of(const struct evaluation *e, enum type type, const struct cell *c)
{
	if (c->null)
		return e->fault == FAULT_CSV_NULL ? "null" : "";
	if (type == TYPE_INSTANT || type == TYPE_INSTANT_MS)
		return instant_shown(e->pool, c->number);
	return made_harmless(e, cell_text(e->pool, type, c));
}

static void
add_columns(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct view *v, const char *prefix, struct json_object *line)
{
	for (size_t i = 0; i < m->column_count; i++) {
		const struct column *column = &m->columns[i];
		const char *name = pool_printf(e->pool, "%s%s", prefix, column->name);
		bool hidden = (column->flags & HIDDEN) != 0 && e->fault != FAULT_HIDDEN_SHOWN;

		if (v->chosen ? (v->columns & 1U << i) == 0 : hidden)
			continue;
		if (!is_json(column->type))
			add_cell(line, name, text_of(e, column->type, &row->cells[i]));
		else if (!row->cells[i].null)
			json_object_object_add(
			    line, name, cell_shown(e->pool, column->type, &row->cells[i]));
	}
}

static void
add_row(const struct evaluation *e, const struct model *m, const struct row *row,
    const struct view *v, const char *prefix, struct json_object *line)
{
	add_columns(e, m, row, v, prefix, line);
	for (size_t i = 0; i < m->relation_count; i++)
		if ((v->counts & 1U << i) != 0)
			add_cell(line,
			    pool_printf(e->pool, "%s_count.%s", prefix, m->relations[i].name),
			    pool_printf(e->pool, "%zu",
				rows_related(e, m, row, &m->relations[i], WAY_COUNT).count));
	for (const struct include *i = v->includes; i != NULL; i = i->next) {
		struct row_list related = rows_related(e, m, row, i->relation, WAY_INCLUDE);

		if (related.count > 0)
			add_row(e, &models[i->relation->target], related.rows[0], &i->view,
			    pool_printf(e->pool, "%s%s.", prefix, i->relation->name), line);
	}
}

struct json_object *
csv_shown(const struct evaluation *e, const struct asked *asked, const struct row *row)
{
	struct json_object *line = json_object_new_object();

	add_row(e, asked->model, row, &asked->view, "", line);
	if (asked->deleted != DELETED_LEFT_OUT && !asked->view.chosen && row->deleted)
		add_cell(line, "deletedAt", DELETED_AT);
	return line;
}

bool
csv_fits(const struct view *v)
{
	for (const struct include *i = v->includes; i != NULL; i = i->next)
		if (i->relation->kind >= TO_MANY || !csv_fits(&i->view))
			return false;
	return true;
}
