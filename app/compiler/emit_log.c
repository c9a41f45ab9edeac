/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_log.c - the entries of the audit log
 *
 * One INSERT ... SELECT of its own in front of the write (behind it for a new row), since an INSERT
 * within a WITH would not reach one shard of Citus (scaling.md 3). before is the row as it stands,
 * locked; after is before with exactly the assignments of the write, through
 * jsonb_populate_record, which rounds and cuts as the write will (limits.md 10.2). Fields go by
 * their names in JSON; what is sensitive is compared in clear and written as [REDACTED].
 *
 * OFFSET 0 keeps the planner from putting the expression of an image wherever the image is named:
 * it would be made four times per field (116 us per row instead of 14 with five fields). A whole
 * row is t0.*, as t0 alone could be a column of that name. */
#include <stddef.h>

#include "base/arena.h"
#include "base/principal.h"
#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "compiler/emit_level.h"
#include "compiler/plan.h"
#include "compiler/values.h"
#include "database/sqltext.h"
#include "database/unit.h"

/* The columns that an entry tells of, as two arrays side by side: in SQL and in JSON. */
struct fields {
	const struct value *names, *labels;
	const struct value *secret; /* names of the sensitive ones; NULL: there is none */
	bool deep;                  /* and they may stand within jsonb */
};

/* What becomes of the row. */
enum tale { TALE_CREATED, TALE_UPDATED, TALE_GONE };

static const struct value *
text_array(struct arena *arena, const char *const *texts, size_t count)
{
	return value_new(arena, SQLTYPE_TEXT_ARRAY, value_array(arena, NULL, texts, count)->bytes);
}

static bool
is_json(const struct column *column)
{
	return column->kind == KIND_JSON ||
	    (column->element != NULL && column->element->kind == KIND_JSON);
}

/* Sensitive columns by both their names: a jsonb value may use either. */
static void
find_secret(struct fields *fields, const struct model *model, struct arena *arena)
{
	const char **names = arena_array(arena, 2 * model->column_count, sizeof(*names));
	size_t count = 0;
	bool json = false;

	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *column = &model->columns[i];

		json = json || is_json(column);
		if (!column->sensitive)
			continue;
		names[count++] = column->name;
		if (column->json != column->name)
			names[count++] = column->json;
	}
	fields->secret = count > 0 ? text_array(arena, names, count) : NULL;
	fields->deep = count > 0 && json;
}

/* Every stored column but the tenant, which the entry has itself and which never changes. */
static bool
is_logged(const struct column *column)
{
	return column->role != ROLE_TENANT && !column->generated;
}

/* list NULL: of the whole row. */
static struct fields
fields_of(const struct model *model, const struct assignments *list, struct arena *arena)
{
	const char **names = arena_array(arena, model->column_count, sizeof(*names));
	const char **labels = arena_array(arena, model->column_count, sizeof(*labels));
	struct fields fields;
	size_t count = 0;

	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *column = &model->columns[i];

		if (!is_logged(column) || (list != NULL && assignments_find(list, column) == NULL))
			continue;
		names[count] = column->name;
		labels[count++] = column->json;
	}
	fields.names = text_array(arena, names, count);
	fields.labels = text_array(arena, labels, count);
	find_secret(&fields, model, arena);
	return fields;
}

static void
put_text(struct sqltext *t, struct arena *arena, const char *text)
{
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, text));
}

/*	CASE WHEN n.name = ANY ($9::text[]) THEN '"[REDACTED]"'::jsonb ELSE c.before -> n.name END
 *
 * The two branches differ in one literal; whichever it is, the value of a sensitive column never
 * gets into the entry, and with deep what stands under such a name within jsonb neither. */
static void
put_image(struct sqltext *t, const struct fields *fields, bool before)
{
	if (fields->secret != NULL) {
		sqltext_literal(t, "CASE WHEN n.name = ANY (");
		sqltext_param(t, fields->secret);
		sqltext_literal(t, ") THEN '\"[REDACTED]\"'::jsonb ELSE ");
	}
	if (fields->deep)
		sqltext_literal(t, "rowhouse.redact(");
	if (before)
		sqltext_literal(t, "c.before -> n.name");
	else
		sqltext_literal(t, "c.after -> n.name");
	if (fields->deep) {
		sqltext_literal(t, ", ");
		sqltext_param(t, fields->secret);
		sqltext_literal(t, ")");
	}
	if (fields->secret != NULL)
		sqltext_literal(t, " END");
}

/*	(SELECT jsonb_object_agg(n.label, jsonb_build_object('before', ..., 'after', ...))
 *	   FROM unnest($7::text[], $8::text[]) AS n(name, label)
 *	  WHERE (c.before -> n.name) IS DISTINCT FROM (c.after -> n.name)) */
static void
put_changes(struct sqltext *t, const struct fields *fields, enum tale tale)
{
	sqltext_literal(t, "(SELECT jsonb_object_agg(n.label, jsonb_build_object('before', ");
	if (tale == TALE_CREATED)
		sqltext_literal(t, "NULL::jsonb");
	else
		put_image(t, fields, true);
	sqltext_literal(t, ", 'after', ");
	if (tale == TALE_GONE)
		sqltext_literal(t, "NULL::jsonb");
	else
		put_image(t, fields, false);
	sqltext_literal(t, ")) FROM unnest(");
	sqltext_param(t, fields->names);
	sqltext_literal(t, ", ");
	sqltext_param(t, fields->labels);
	sqltext_literal(t, ") AS n(name, label)");
	if (tale == TALE_UPDATED)
		sqltext_literal(
		    t, " WHERE (c.before -> n.name) IS DISTINCT FROM (c.after -> n.name)");
	sqltext_literal(t, ")");
}

/* Whose entries a statement writes. */
struct subject {
	const struct model *model;
	unsigned number;           /* its alias */
	const char *action;        /* "updated" */
	const struct level *level; /* NULL: one row */
	bool is_new;               /* nobody has written it before */
	bool several;              /* or as many rows as the change names */
};

/*	CASE WHEN the row's last writer has a newer xid THEN refuse ELSE ordinal END
 *
 * The log is in the order of xids, and so must the changes of a row be. But who waits for a row
 * that is being updated may get its xid before the lock (heap_lock_tuple follows the chain of
 * updates), and a younger one may come in between: then this unit is run again, with a new xid.
 * Rows that were not written for an hour are not looked at, so that an xmin frozen long ago is
 * never taken for a young one. */
static void
put_order(struct sqltext *t, const struct subject *s)
{
	sqltext_literal(t, "CASE WHEN ");
	change_column(t, s->number, s->model->updated_at);
	sqltext_literal(t,
	    " > now() - interval '1 hour' AND mod(mod(pg_current_xact_id()::text::bigint, "
	    "4294967296) - ");
	sqltext_alias(t, 't', s->number);
	sqltext_literal(t,
	    ".xmin::text::bigint + 4294967296, 4294967296) > 2147483648 THEN CASE WHEN "
	    "rowhouse.refuse('RUN') THEN 0 END ELSE ");
}

/*	$1, or $1 + row_number() OVER (ORDER BY t2."id") for several rows */
static void
put_number(struct sqltext *t, const struct plan *plan, const struct subject *s)
{
	sqltext_param(t, value_int(plan->arena, plan_ordinal(plan)));
	if (s->level == NULL && !s->several)
		return;
	sqltext_literal(t, " + row_number() OVER (ORDER BY ");
	change_column(t, s->number, s->model->id);
	sqltext_literal(t, ")");
}

/* With the authority that the change rests on, and the id of the deletion that the row goes or
 * comes back with. */
static void
put_metadata(struct sqltext *t, const struct change *c, const struct subject *s)
{
	put_text(t, c->arena, c->intent->metadata);
	sqltext_literal(t, "::jsonb");
	if (c->authority != NULL) {
		sqltext_literal(t, " || jsonb_build_object('authority', ");
		put_text(t, c->arena, c->authority);
		sqltext_literal(t, ")");
	}
	if (s->level == NULL || c->physical)
		return;
	sqltext_literal(t, " || jsonb_build_object('deletionId', ");
	if (s->level->group != NULL)
		change_column(t, s->number, s->model->deletion_id);
	else
		sqltext_literal(t, "k.deletion_id");
	sqltext_literal(t, ")");
}

/*	INSERT INTO rowhouse.audit_log AS a (...) SELECT t0."tenant_id", timeline, ordinal, actor,
 *	action, target, metadata, */
static void
put_head(
    struct sqltext *t, const struct plan *plan, const struct change *c, const struct subject *s)
{
	const struct principal *who = c->intent->who;
	struct arena *arena = c->arena;

	sqltext_literal(t,
	    "INSERT INTO rowhouse.audit_log AS a (tenant_id, timeline, ordinal, actor_type, "
	    "actor_id, actor_ip, operator_id, action, target_type, target_id, metadata, changes) "
	    "SELECT ");
	change_column(t, s->number, s->model->tenant);
	sqltext_literal(t, ", (SELECT d.timeline FROM rowhouse.deployment AS d), ");
	if (s->is_new) {
		put_number(t, plan, s);
	} else {
		put_order(t, s);
		put_number(t, plan, s);
		sqltext_literal(t, " END");
	}
	sqltext_literal(t, ", ");
	put_text(t, arena, principal_type_word(who->type));
	sqltext_literal(t, ", ");
	put_text(t, arena, who->id);
	sqltext_literal(t, ", ");
	put_text(t, arena, who->ip);
	sqltext_literal(t, "::inet, ");
	put_text(t, arena, who->operator);
	sqltext_literal(t, ", ");
	put_text(t, arena, arena_printf(arena, "%s.%s", s->model->table, s->action));
	sqltext_literal(t, ", ");
	put_text(t, arena, s->model->table);
	sqltext_literal(t, ", ");
	change_column(t, s->number, s->model->id);
	sqltext_literal(t, "::text, ");
	put_metadata(t, c, s);
	sqltext_literal(t, ", ");
}

/*	... FROM "public"."posts" AS t0, LATERAL (SELECT to_jsonb(t0.*) AS after OFFSET 0) AS c
 *	WHERE row */
bool
emit_log_created(struct plan *plan, const struct change *c, struct problem *p)
{
	struct step step = { PURPOSE_LOG, c, c->model, NULL };
	struct subject subject = { c->model, 0, "created", NULL, true, false };
	struct fields fields = fields_of(c->model, NULL, c->arena);
	struct sqltext *t = sqltext_new(c->arena);

	put_head(t, plan, c, &subject);
	put_changes(t, &fields, TALE_CREATED);
	sqltext_literal(t, " FROM ");
	change_table(t, 0, c->model);
	sqltext_literal(t, ", LATERAL (SELECT to_jsonb(t0.*) AS after OFFSET 0) AS c WHERE ");
	change_row(t, c);
	sqltext_literal(t, " RETURNING 1");
	return plan_add(plan, t, &step, p);
}

/*	, LATERAL (SELECT $5::varchar AS "title", ...) AS s, LATERAL (SELECT to_jsonb(t0.*)
 *	AS before, to_jsonb(jsonb_populate_record(t0.*, to_jsonb(s.*))) AS after OFFSET 0) AS c */
static void
put_images(struct sqltext *t, unsigned number, const struct assignments *list)
{
	sqltext_literal(t, ", LATERAL (SELECT ");
	for (const struct assignment *a = list->first; a != NULL; a = a->next) {
		change_expression(t, number, a);
		sqltext_literal(t, " AS ");
		sqltext_name(t, a->column->sql);
		if (a->next != NULL)
			sqltext_literal(t, ", ");
	}
	sqltext_literal(t, ") AS s, LATERAL (SELECT to_jsonb(");
	sqltext_alias(t, 't', number);
	sqltext_literal(t, ".*) AS before, to_jsonb(jsonb_populate_record(");
	sqltext_alias(t, 't', number);
	sqltext_literal(t, ".*, to_jsonb(s.*))) AS after OFFSET 0) AS c");
}

bool
emit_log_updated(struct plan *plan, const struct change *c, struct problem *p)
{
	struct step step = { PURPOSE_LOG, c, c->model, NULL };
	struct subject subject = { c->model, 0, "updated", NULL, false, c->ids != NULL };
	struct fields fields = fields_of(c->model, &c->assignments, c->arena);
	struct sqltext *t = sqltext_new(c->arena);

	put_head(t, plan, c, &subject);
	put_changes(t, &fields, TALE_UPDATED);
	sqltext_literal(t, " FROM ");
	change_table(t, 0, c->model);
	put_images(t, 0, &c->assignments);
	sqltext_literal(t, " WHERE ");
	change_row(t, c);
	sqltext_literal(t, " RETURNING 1");
	return plan_add(plan, t, &step, p);
}

/*	... FROM "public"."comments" AS t2, what leads to it, images WHERE it is one of them */
bool
emit_log_level(struct plan *plan, const struct change *c, const struct level *level,
    const struct level_tale *tale, struct problem *p)
{
	struct step step = { PURPOSE_LOG, c, level->model, NULL };
	struct subject subject = { level->model, level->number, tale->action, level, false, false };
	struct fields fields = fields_of(level->model, tale->list, c->arena);
	struct sqltext *t = sqltext_new(c->arena);

	put_head(t, plan, c, &subject);
	put_changes(t, &fields, tale->list != NULL ? TALE_UPDATED : TALE_GONE);
	sqltext_literal(t, " FROM ");
	change_table(t, level->number, level->model);
	if (level->group == NULL) {
		sqltext_literal(t, ", ");
		level_from(t, level);
	}
	if (tale->list != NULL) {
		put_images(t, level->number, tale->list);
	} else {
		sqltext_literal(t, ", LATERAL (SELECT to_jsonb(");
		sqltext_alias(t, 't', level->number);
		sqltext_literal(t, ".*) AS before OFFSET 0) AS c");
	}
	sqltext_literal(t, " WHERE ");
	level_where(t, c, level);
	sqltext_literal(t, " RETURNING 1");
	return plan_add(plan, t, &step, p);
}
