/* SPDX-License-Identifier: BSD-2-Clause */
/* past.c - undoing what the log tells */
#include "serve/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/tenant.h"
#include "base/text.h"
#include "compiler/fields.h"
#include "compiler/parts.h"
#include "compiler/values.h"
#include "serve/platform.h"

/* --- statements ------------------------------------------------------------------------------ */

static void
put_text(struct sqltext *t, const struct request *r, const char *text)
{
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, text));
}

static void
put_column(struct sqltext *t, const struct column *column)
{
	sqltext_literal(t, "t0.");
	sqltext_name(t, column->sql);
}

/*	 "public"."posts" AS t0 WHERE (t0."tenant_id" = $1) AND (t0."id" = $2) */
static void
put_row(
    struct sqltext *t, const struct request *r, const struct model *model, const struct value *id)
{
	sqltext_name(t, model->sql);
	sqltext_literal(t, " AS t0 WHERE (");
	put_column(t, model->tenant);
	sqltext_literal(t, " = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	sqltext_literal(t, ") AND (");
	put_column(t, model->id);
	sqltext_literal(t, " = ");
	sqltext_param(t, id);
	sqltext_literal(t, ")");
}

/*	rowhouse.audit_log AS a WHERE (a.tenant_id = $1) AND (a.target_type = $2)
 *	AND (a.target_id = $3) */
static void
put_log(
    struct sqltext *t, const struct request *r, const struct model *model, const struct value *id)
{
	sqltext_literal(t, "rowhouse.audit_log AS a WHERE (a.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	sqltext_literal(t, ") AND (a.target_type = ");
	put_text(t, r, model->table);
	sqltext_literal(t, ") AND (a.target_id = ");
	put_text(t, r, id->bytes);
	sqltext_literal(t, ")");
}

/*	t0."author_id" = $4 */
static void
put_owned(struct sqltext *t, const struct request *r, const struct model *model)
{
	put_column(t, model->owner);
	sqltext_literal(t, " = ");
	sqltext_param(t, value_typed(r->arena, model->owner->type, r->principal.id));
}

bool
past_add_exists(struct unit *unit, struct request *r, const struct model *model,
    const struct value *id, bool own, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "SELECT EXISTS (SELECT FROM ");
	put_row(t, r, model, id);
	if (own) {
		sqltext_literal(t, " AND (");
		put_owned(t, r, model);
		sqltext_literal(t, "))");
	} else {
		sqltext_literal(t, ") OR EXISTS (SELECT FROM ");
		put_log(t, r, model, id);
		sqltext_literal(t, ")");
	}
	return unit_add_text(unit, t, p);
}

/*	e AS MATERIALIZED (SELECT n, creates, ends, v.at, v.changes FROM (SELECT a.at, a.changes,
 *	a.changes -> 'version' AS version FROM rowhouse.audit_log AS a WHERE ...) AS v)
 *
 * n is the version that a change led to; a purge leads to none and comes behind the last. */
static void
put_entries(struct sqltext *t, const struct request *r, const struct past_question *q)
{
	sqltext_literal(t,
	    "e AS MATERIALIZED (SELECT coalesce((v.version ->> 'after')::bigint, "
	    "(v.version ->> 'before')::bigint + 1) AS n, "
	    "v.version ->> 'before' IS NULL AS creates, "
	    "v.version ->> 'after' IS NULL AS ends, v.at, v.changes "
	    "FROM (SELECT a.at, a.changes, a.changes -> ");
	put_text(t, r, q->model->version->json);
	sqltext_literal(t, " AS version FROM ");
	put_log(t, r, q->model, q->id);
	sqltext_literal(t,
	    " AND (a.result = 'ok')) AS v WHERE jsonb_typeof(v.version) = 'object'), "
	    "cut AS (SELECT coalesce(max(e.n), 0) AS n FROM e WHERE e.at <= ");
	put_text(t, r, q->instant);
	sqltext_literal(
	    t, "::timestamptz), undone AS (SELECT e.* FROM e, cut WHERE e.n > cut.n), ");
}

/* Whether a column's past value can be put back: it is logged, and in clear. */
static bool
is_restored(const struct column *column)
{
	return column->role != ROLE_TENANT && !column->generated && !column->sensitive;
}

/*	patch AS (SELECT jsonb_object_agg(m.name, u.before) AS p FROM (SELECT DISTINCT ON (c.key)
 *	c.key, c.value -> 'before' AS before FROM undone, jsonb_each(undone.changes) AS c
 *	ORDER BY c.key, undone.n) AS u JOIN unnest($5::text[], $6::text[]) AS m(name, label)
 *	ON m.label = u.key) */
static void
put_patch(struct sqltext *t, const struct request *r, const struct model *model)
{
	const char **names = arena_array(r->arena, model->column_count, sizeof(*names));
	const char **labels = arena_array(r->arena, model->column_count, sizeof(*labels));
	size_t count = 0;

	for (size_t i = 0; i < model->column_count; i++)
		if (is_restored(&model->columns[i])) {
			names[count] = model->columns[i].name;
			labels[count++] = model->columns[i].json;
		}
	sqltext_literal(t,
	    "patch AS (SELECT jsonb_object_agg(m.name, u.before) AS p FROM (SELECT DISTINCT ON "
	    "(c.key) c.key, c.value -> 'before' AS before FROM undone, "
	    "jsonb_each(undone.changes) AS c ORDER BY c.key, undone.n) AS u JOIN unnest(");
	sqltext_param(t,
	    value_new(
		r->arena, SQLTYPE_TEXT_ARRAY, value_array(r->arena, NULL, names, count)->bytes));
	sqltext_literal(t, ", ");
	sqltext_param(t,
	    value_new(
		r->arena, SQLTYPE_TEXT_ARRAY, value_array(r->arena, NULL, labels, count)->bytes));
	sqltext_literal(t, ") AS m(name, label) ON m.label = u.key) ");
}

/*	(SELECT row_to_json(r0) FROM (SELECT t0."id" AS "id", '[REDACTED]'::text AS "note", ...)
 *	AS r0) */
static void
put_shown(struct sqltext *t, const struct request *r, const struct model *model)
{
	const struct query *q = query_new(r->arena, ACTION_READ, SHAPE_ROW, model);
	bool first = true;

	sqltext_literal(t, "(SELECT row_to_json(r0) FROM (SELECT ");
	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *column = &model->columns[i];

		if (!fields_is_shown(q, i) || column->generated)
			continue;
		if (!first)
			sqltext_literal(t, ", ");
		first = false;
		if (column->sensitive) {
			sqltext_literal(t, "'[REDACTED]'::text AS ");
			sqltext_name(t, column->label);
		} else {
			parts_shown(t, q, column);
		}
	}
	sqltext_literal(t, ") AS r0)");
}

/* The facts in the order of read_facts, behind the row. */
static void
put_facts(struct sqltext *t, const struct request *r, const struct past_question *q)
{
	const struct model *model = q->model;

	sqltext_literal(t, ", EXISTS (SELECT FROM ");
	put_row(t, r, model, q->id);
	sqltext_literal(t, "), EXISTS (SELECT FROM e), coalesce((SELECT ");
	put_column(t, model->version);
	sqltext_literal(t, "::bigint FROM ");
	put_row(t, r, model, q->id);
	sqltext_literal(t,
	    "), (SELECT max(e.n) FROM e), 0), (SELECT cut.n FROM cut), "
	    "(SELECT count(*) FROM undone), coalesce((SELECT min(undone.n) FROM undone), 0), "
	    "(SELECT count(*) FROM e WHERE e.creates), "
	    "EXISTS (SELECT FROM undone WHERE undone.creates), "
	    "EXISTS (SELECT FROM e, cut WHERE e.n = cut.n AND e.ends), coalesce(");
	put_column(t, model->updated_at);
	sqltext_literal(t, " <= ");
	put_text(t, r, q->instant);
	sqltext_literal(t, "::timestamptz, false), ");
	if (model->deleted_at != NULL) {
		put_column(t, model->deleted_at);
		sqltext_literal(t, " IS NOT NULL, ");
	} else {
		sqltext_literal(t, "false, ");
	}
	if (q->own) {
		sqltext_literal(t, "coalesce(");
		put_owned(t, r, model);
		sqltext_literal(t, ", false)");
	} else {
		sqltext_literal(t, "true");
	}
}

/*	WITH e ..., cut ..., undone ..., patch ...
 *	SELECT row, facts FROM jsonb_populate_record((SELECT t0 FROM row), (SELECT patch.p FROM
 *	patch)) AS t0 */
static bool
add_question(struct unit *unit, struct request *r, const struct past_question *q, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "WITH ");
	put_entries(t, r, q);
	put_patch(t, r, q->model);
	sqltext_literal(t, "SELECT ");
	put_shown(t, r, q->model);
	put_facts(t, r, q);
	sqltext_literal(t, " FROM jsonb_populate_record((SELECT t0 FROM ");
	put_row(t, r, q->model, q->id);
	sqltext_literal(t, "), coalesce((SELECT patch.p FROM patch), '{}')) AS t0");
	return unit_add_text(unit, t, p);
}

/* --- what it means --------------------------------------------------------------------------- */

static bool
flag(const struct result *rows, size_t column)
{
	return strcmp(result_value(rows, 0, column, NULL), "t") == 0;
}

static int64_t
number(const struct result *rows, size_t column)
{
	return strtoll(result_value(rows, 0, column, NULL), NULL, 10);
}

static struct past_facts
read_facts(const struct result *rows)
{
	return (struct past_facts){ .exists = flag(rows, 1),
		.logged = flag(rows, 2),
		.version = number(rows, 3),
		.known = number(rows, 4),
		.undone = number(rows, 5),
		.earliest = number(rows, 6),
		.creations = number(rows, 7),
		.creation_undone = flag(rows, 8),
		.known_is_end = flag(rows, 9),
		.old_enough = flag(rows, 10),
		.deleted = flag(rows, 11),
		.owned = flag(rows, 12) };
}

/* No version between the instant and now is missing in the log, and the state that was put together
 * is known to be of then: an entry says so, or it was not changed since. */
static bool
is_gapless(const struct past_facts *f)
{
	int64_t then = f->undone > 0 ? f->earliest - 1 : f->version;

	return f->creations <= 1 && f->undone == f->version - then &&
	    (f->known == then || f->old_enough);
}

enum past
past_judge(const struct past_facts *f)
{
	if (!f->exists && !f->logged)
		return PAST_ABSENT;
	if (f->creations <= 1 && (f->creation_undone || f->known_is_end))
		return PAST_ABSENT;
	if (!is_gapless(f))
		return PAST_UNKNOWN;
	return f->deleted || !f->owned ? PAST_ABSENT : PAST_SHOWN;
}

bool
past_read(struct request *r, const struct past_question *q, struct text *out, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct past_facts facts;
	const char *json;
	size_t len;

	if (q->model->version == NULL || q->model->updated_at == NULL)
		return problem_raise(
		    p, PROBLEM_NO_HISTORY, "%s has no versions to go back to", q->model->name);
	if (!add_question(unit, r, q, p) || !request_run(r, unit, p))
		return false;
	facts = read_facts(unit_result(unit, 0));
	switch (past_judge(&facts)) {
	case PAST_SHOWN:
		json = result_value(unit_result(unit, 0), 0, 0, &len);
		text_put(out, json, len);
		return true;
	case PAST_ABSENT:
		return problem_raise(p, PROBLEM_NO_ROW, "%s had no row with id %s then",
		    q->model->name, q->id->bytes);
	case PAST_UNKNOWN: break;
	}
	return problem_raise(
	    p, PROBLEM_NO_HISTORY, "the log does not reach back to then without a gap");
}
