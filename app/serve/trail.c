/* SPDX-License-Identifier: BSD-2-Clause */
/* trail.c - the statement that reads the log, and who sees what of it */
#include "serve/trail.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "base/text.h"
#include "compiler/access.h"
#include "compiler/values.h"
#include "serve/platform.h"

const char *const trail_columns[] = {
	[TRAIL_ID] = "id",
	[TRAIL_AT] = "at",
	[TRAIL_TIMELINE] = "timeline",
	[TRAIL_XID] = "xid",
	[TRAIL_ORDINAL] = "ordinal",
	[TRAIL_ACTOR_TYPE] = "actorType",
	[TRAIL_ACTOR_ID] = "actorId",
	[TRAIL_ACTOR_IP] = "actorIp",
	[TRAIL_OPERATOR_ID] = "operatorId",
	[TRAIL_ACTION] = "action",
	[TRAIL_TARGET_TYPE] = "targetType",
	[TRAIL_TARGET_ID] = "targetId",
	[TRAIL_SOURCE] = "source",
	[TRAIL_RESULT] = "result",
	[TRAIL_REASON] = "reason",
	[TRAIL_CHANGES] = "changes",
	[TRAIL_METADATA] = "metadata",
};
static_assert(COUNT_OF(trail_columns) == TRAIL__MAX, "a name per column");

/* --- who sees what --------------------------------------------------------------------------- */

/* Names that become one array. */
struct names {
	const char **list;
	size_t count;
};

static void
add_name(struct names *names, const char *name)
{
	names->list[names->count++] = name;
}

static const char *
array_of(struct arena *arena, const struct names *names)
{
	return value_array(arena, NULL, names->list, names->count)->bytes;
}

/* A column as entries name it: by its name in JSON, older ones of the platform by that in SQL. */
static void
add_column(
    struct names *names, const struct model *model, const struct column *column, struct arena *a)
{
	add_name(names, arena_printf(a, "%s.%s", model->table, column->json));
	add_name(names, arena_printf(a, "%s.%s", model->table, column->name));
}

static size_t
count_columns(const struct catalogue *catalogue)
{
	size_t count = 0;

	for (size_t i = 0; i < catalogue->model_count; i++)
		count += catalogue->models[i].column_count;
	return count;
}

/* What is about no model has instants, too. */
static const char *const platform_instants[] = {
	"rowhouse.api_keys.expiresAt",
	"rowhouse.api_keys.revokedAt",
	"rowhouse.sessions.revokedAt",
};

/* What is hidden leaves no trace; what is sensitive shows that it changed. */
static void
look_at_columns(struct trail_sight *sight, const struct catalogue *catalogue, struct arena *arena)
{
	size_t most = 2 * count_columns(catalogue) + COUNT_OF(platform_instants);
	struct names hidden = { arena_array(arena, most, sizeof(char *)), 0 };
	struct names sensitive = { arena_array(arena, most, sizeof(char *)), 0 };
	struct names instants = { arena_array(arena, most, sizeof(char *)), 0 };

	for (size_t i = 0; i < catalogue->model_count; i++)
		for (size_t c = 0; c < catalogue->models[i].column_count; c++) {
			const struct model *model = &catalogue->models[i];
			const struct column *column = &model->columns[c];

			if (column->hidden)
				add_column(&hidden, model, column, arena);
			else if (column->sensitive)
				add_column(&sensitive, model, column, arena);
			else if (column->kind == KIND_INSTANT || column->kind == KIND_TIMESTAMP)
				add_column(&instants, model, column, arena);
		}
	for (size_t i = 0; i < COUNT_OF(platform_instants); i++)
		add_name(&instants, platform_instants[i]);
	sight->hidden = array_of(arena, &hidden);
	sight->sensitive = array_of(arena, &sensitive);
	sight->instants = array_of(arena, &instants);
}

/* What is about no model is for who may see everything: the role ADMIN, and of keys those whose
 * scopes are not bound to models. */
static bool
sees_platform(const struct principal *who)
{
	return who->member && who->role != NULL && strcmp(who->role, "ADMIN") == 0 &&
	    principal_in_scope(who, "audit", false);
}

bool
trail_look(struct trail_sight *sight, struct request *r, struct problem *p)
{
	const struct catalogue *catalogue = r->catalogue;
	struct names tables, models;

	r->used_memory = true;
	tables.list = arena_array(r->arena, catalogue->model_count, sizeof(*tables.list));
	models.list = arena_array(r->arena, catalogue->model_count, sizeof(*models.list));
	tables.count = models.count = 0;
	for (size_t i = 0; i < catalogue->model_count; i++) {
		const struct model *model = &catalogue->models[i];

		add_name(&models, model->table);
		if (access_reach(model, ACTION_HISTORY, &r->principal) == REACH_ALL_ROWS)
			add_name(&tables, model->table);
	}
	*sight = (struct trail_sight){ .platform = sees_platform(&r->principal),
		.tables = array_of(r->arena, &tables),
		.models = array_of(r->arena, &models) };
	look_at_columns(sight, catalogue, r->arena);
	return tables.count > 0 || sight->platform ||
	    problem_raise(p, PROBLEM_FORBIDDEN, "your role does not permit reading the log");
}

void
trail_look_at(struct trail_sight *sight, struct request *r, const struct model *model)
{
	struct names tables = { (const char *[]){ model->table }, 1 };

	*sight = (struct trail_sight){ .tables = array_of(r->arena, &tables) };
	look_at_columns(sight, r->catalogue, r->arena);
}

/* --- statements ------------------------------------------------------------------------------ */

static void
put_text(struct sqltext *t, const struct request *r, const char *text)
{
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, text));
}

static void
put_array(struct sqltext *t, const struct request *r, const char *array)
{
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT_ARRAY, array));
}

bool
trail_add_final(struct unit *unit, struct request *r, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "SELECT d.timeline, pg_snapshot_xmin(pg_current_snapshot())::text "
	    "FROM rowhouse.deployment AS d");
	return unit_add_text(unit, t, p);
}

/* * is any run; what LIKE would take for a pattern of its own is escaped. */
static const char *
like_pattern(struct arena *arena, const char *text)
{
	struct text t;

	text_init(&t, arena, 2 * strlen(text) + 1);
	for (; *text != '\0'; text++) {
		if (strchr("%_\\", *text) != NULL)
			text_byte(&t, '\\');
		if (*text == '*')
			text_byte(&t, '%');
		else
			text_byte(&t, *text);
	}
	return t.bytes;
}

#define EQUAL(column, value)                                                                       \
	do {                                                                                       \
		if ((value) != NULL) {                                                             \
			sqltext_literal(t, " AND (a." column " = ");                               \
			put_text(t, r, (value));                                                   \
			sqltext_literal(t, ")");                                                   \
		}                                                                                  \
	} while (0)

static void
put_filter(struct sqltext *t, const struct request *r, const struct trail_filter *f)
{
	EQUAL("actor_id", f->actor_id);
	EQUAL("actor_type", f->actor_type);
	EQUAL("target_type", f->target_type);
	EQUAL("target_id", f->target_id);
	EQUAL("source", f->source);
	EQUAL("result", f->result);
	if (f->action != NULL) {
		sqltext_literal(t, " AND (a.action LIKE ");
		put_text(t, r, like_pattern(r->arena, f->action));
		sqltext_literal(t, ")");
	}
	if (f->from != NULL) {
		sqltext_literal(t, " AND (a.at >= ");
		put_text(t, r, f->from);
		sqltext_literal(t, "::timestamptz)");
	}
	if (f->to != NULL) {
		sqltext_literal(t, " AND (a.at <= ");
		put_text(t, r, f->to);
		sqltext_literal(t, "::timestamptz)");
	}
}

/*	 AND (a.target_type = ANY ($2) OR coalesce(a.target_type <> ALL ($3), true)) */
static void
put_sight(struct sqltext *t, const struct request *r, const struct trail_sight *sight)
{
	if (sight->everything)
		return;
	sqltext_literal(t, " AND (a.target_type = ANY (");
	put_array(t, r, sight->tables);
	sqltext_literal(t, ")");
	if (sight->platform) {
		sqltext_literal(t, " OR coalesce(a.target_type <> ALL (");
		put_array(t, r, sight->models);
		sqltext_literal(t, "), true)");
	}
	sqltext_literal(t, ")");
}

/*	 AND ((a.timeline, a.xid, a.ordinal, a.id) > ($4::integer, $5::xid8, ...)) */
static void
put_after(struct sqltext *t, const struct request *r, const struct trail_query *q)
{
	if (q->after == NULL)
		return;
	sqltext_literal(t, " AND ((a.timeline, a.xid, a.ordinal, a.id)");
	if (q->ascending)
		sqltext_literal(t, " > (");
	else
		sqltext_literal(t, " < (");
	put_text(t, r, q->after[0]);
	sqltext_literal(t, "::integer, ");
	put_text(t, r, q->after[1]);
	sqltext_literal(t, "::xid8, ");
	put_text(t, r, q->after[2]);
	sqltext_literal(t, "::integer, ");
	put_text(t, r, q->after[3]);
	sqltext_literal(t, "::uuid))");
}

static void
put_order(struct sqltext *t, bool ascending)
{
	if (ascending)
		sqltext_literal(t, " ORDER BY a.timeline, a.xid, a.ordinal, a.id");
	else
		sqltext_literal(
		    t, " ORDER BY a.timeline DESC, a.xid DESC, a.ordinal DESC, a.id DESC");
}

/*	 WHEN concat(a.target_type, '.', f.key) = ANY ($8) THEN */
static void
put_when_in(struct sqltext *t, const struct request *r, const char *columns)
{
	sqltext_literal(t, " WHEN concat(a.target_type, '.', f.key) = ANY (");
	put_array(t, r, columns);
	sqltext_literal(t, ") THEN ");
}

/* Before and after of a field, each by an expression over v.value:
 *
 *	(SELECT json_object_agg(v.key, expression) FROM jsonb_each(f.value) AS v) */
#define EACH_IMAGE(expression)                                                                     \
	"(SELECT json_object_agg(v.key, " expression                                               \
	") FROM jsonb_each(CASE WHEN jsonb_typeof(f.value) = 'object' THEN f.value ELSE '{}' "     \
	"END) AS v)"

/* The log keeps what to_jsonb() makes of an instant, which a replay can read at any precision; it
 * is shown as parts_shown does it everywhere. What has no such form (infinity, years before 1) has
 * none there either. */
#define IMAGE_OF_INSTANT                                                                           \
	"CASE WHEN v.value #>> '{}' ~ "                                                            \
	"'^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(\\+00:00)?$' THEN "                 \
	"to_json(concat(left(v.value #>> '{}', 19), '.', "                                         \
	"rpad(left(coalesce(substring(v.value #>> '{}' from '\\.(\\d+)'), ''), 3), 3, '0'), "      \
	"CASE WHEN v.value #>> '{}' LIKE '%+00:00' THEN 'Z' END)) ELSE v.value::json END"

/* The names of a model's columns that are not shown, for what stands under them within json. An
 * entry that was written since they are secret has that starred out already; one about no model, or
 * one by hand, may be of any shape.
 *
 *	, LATERAL (SELECT ARRAY(SELECT substr(...) FROM unnest($8 || $9) ...) AS names) AS s */
static void
put_secret_names(struct sqltext *t, const struct request *r, const struct trail_sight *sight)
{
	sqltext_literal(t,
	    ", LATERAL (SELECT ARRAY(SELECT substr(c.name, length(a.target_type) + 2) "
	    "FROM unnest(");
	put_array(t, r, sight->sensitive);
	sqltext_literal(t, " || ");
	put_array(t, r, sight->hidden);
	sqltext_literal(t,
	    ") AS c(name) WHERE starts_with(c.name, concat(a.target_type, '.'))) AS names) AS s");
}

/*	CASE WHEN jsonb_typeof(a.changes) = 'object' THEN (SELECT coalesce(json_object_agg(f.key,
 *	CASE WHEN it is sensitive THEN starred out WHEN it is an instant THEN as those are shown
 *	WHEN it may hold json THEN without what is sensitive in it ELSE f.value::json END),
 *	'{}'::json) FROM jsonb_each(a.changes) AS f WHERE it is not hidden) END */
static void
put_changes(struct sqltext *t, const struct request *r, const struct trail_sight *sight)
{
	if (sight->everything) {
		sqltext_literal(t, "a.changes");
		return;
	}
	sqltext_literal(t,
	    "CASE WHEN jsonb_typeof(a.changes) = 'object' THEN (SELECT coalesce("
	    "json_object_agg(f.key, CASE");
	put_when_in(t, r, sight->sensitive);
	sqltext_literal(t,
	    EACH_IMAGE("CASE WHEN v.value = 'null' THEN 'null'::json "
		       "ELSE '\"[REDACTED]\"'::json END"));
	put_when_in(t, r, sight->instants);
	sqltext_literal(t, EACH_IMAGE(IMAGE_OF_INSTANT));
	sqltext_literal(t,
	    " WHEN jsonb_typeof(f.value) IN ('object', 'array') "
	    "AND NOT f.value ?& '{before,after}' THEN "
	    "rowhouse.redact(f.value, s.names)::json WHEN f.value::text LIKE '%{%{%' THEN ");
	sqltext_literal(t, EACH_IMAGE("rowhouse.redact(v.value, s.names)::json"));
	sqltext_literal(t,
	    " ELSE f.value::json END), '{}'::json) "
	    "FROM jsonb_each(a.changes) AS f");
	put_secret_names(t, r, sight);
	sqltext_literal(t, " WHERE concat(a.target_type, '.', f.key) <> ALL (");
	put_array(t, r, sight->hidden);
	sqltext_literal(t, ")) END");
}

/* One entry as it is shown; the members of its JSON, or the columns of a flat one. */
static void
put_shown(struct sqltext *t, const struct request *r, const struct trail_query *q)
{
	sqltext_literal(t,
	    "SELECT a.id, "
	    "to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS at, "
	    "a.timeline, a.xid::text AS xid, a.ordinal, a.actor_type AS \"actorType\", "
	    "a.actor_id AS \"actorId\", host(a.actor_ip) AS \"actorIp\", "
	    "a.operator_id AS \"operatorId\", a.action, a.target_type AS \"targetType\", "
	    "a.target_id AS \"targetId\", a.source, a.result, a.reason, ");
	put_changes(t, r, q->sight);
	sqltext_literal(t, " AS changes, a.metadata");
}

/*	SELECT a.timeline, a.xid, a.ordinal, a.id, row_to_json(e)
 *	  FROM (SELECT a.* FROM rowhouse.audit_log AS a WHERE ... ORDER BY ... LIMIT $n) AS a,
 *	       LATERAL (SELECT ...) AS e ORDER BY ...
 *
 * The rows are chosen first, and only those become JSON. */
bool
trail_add(struct unit *unit, struct request *r, const struct trail_query *q, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "SELECT a.timeline, a.xid, a.ordinal, a.id, ");
	if (q->flat)
		sqltext_literal(t, "e.*");
	else
		sqltext_literal(t, "row_to_json(e)");
	sqltext_literal(t, " FROM (SELECT a.* FROM rowhouse.audit_log AS a WHERE (a.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	sqltext_literal(t, ")");
	put_sight(t, r, q->sight);
	put_filter(t, r, q->filter);
	put_after(t, r, q);
	if (q->ascending || q->final_only)
		sqltext_literal(t,
		    " AND (a.xid < pg_snapshot_xmin(pg_current_snapshot()) OR a.timeline < "
		    "(SELECT d.timeline FROM rowhouse.deployment AS d))");
	put_order(t, q->ascending);
	if (q->limit > 0) {
		sqltext_literal(t, " LIMIT ");
		sqltext_param(t, value_int(r->arena, q->limit));
	}
	sqltext_literal(t, ") AS a, LATERAL (");
	put_shown(t, r, q);
	sqltext_literal(t, ") AS e");
	put_order(t, q->ascending);
	return unit_add_text(unit, t, p);
}
