/* SPDX-License-Identifier: BSD-2-Clause */
/* door.c - running a handler, and the frame of its units */
#include "serve/door.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/settings.h"
#include "compiler/kinds.h"
#include "compiler/validators.h"
#include "serve/caching.h"
#include "serve/environment.h"
#include "serve/hashing.h"
#include "serve/platform.h"

/* --- the request --------------------------------------------------------------------------- */

const struct principal *
request_principal(const struct request *r)
{
	return &r->principal;
}

const struct tenant *
request_tenant(const struct request *r)
{
	return r->tenant;
}

struct arena *
request_arena(const struct request *r)
{
	return r->arena;
}

const char *
request_path(const struct request *r, const char *name)
{
	size_t len = strlen(name), variable = 0;

	for (const char *at = r->route->path; (at = strchr(at, '{')) != NULL; variable++, at++)
		if (strncmp(at + 1, name, len) == 0 && strchr("}=", at[1 + len]) != NULL)
			return r->variables[variable];
	assert(0 && "the route's path has no such segment");
	return "";
}

bool
request_has_parameters(const struct request *r)
{
	return r->uri.parameter_count > 0;
}

const void *
request_body(const struct request *r)
{
	assert(r->fields != NULL); /* the route has a schema */
	return r->fields;
}

const void *
request_query(const struct request *r)
{
	assert(r->parameters != NULL);
	return r->parameters;
}

const char *
request_hash_password(struct request *r, const char *password, struct problem *p)
{
	const struct principals *who = r->catalogue->principals;
	struct objection wrong;

	if (r->environment->passwords == NULL || who == NULL)
		return problem_null(p, PROBLEM_UNAVAILABLE, "nobody can sign in here");
	if (!validators_accept_password(who, password, r->arena, &wrong)) {
		problem_fault(p, arena_printf(r->arena, "#/%s", who->input->json), wrong.code,
		    "a password is %s", wrong.expected);
		return NULL;
	}
	return hashing_make(r, password, p);
}

/* --- running a handler --------------------------------------------------------------------- */

/* A route that may take longer than others says so to who watches the worker, too. */
static void
extend(struct request *r)
{
	int64_t deadline = r->began_ns + r->route->timeout_ms * INT64_C(1000000);

	if (r->route->timeout_ms == 0)
		return;
	r->deadline_ns = deadline;
	atomic_store_explicit(r->environment->worker_deadline_ns,
	    deadline + 2 * r->settings->receive_timeout_ms * INT64_C(1000000),
	    memory_order_relaxed);
}

/* Whatever is wrong with the query and the body is told at once. */
static bool
read_schemas(struct request *r, struct problem *p)
{
	const struct route *route = r->route;

	r->rest = r->uri.parameters;
	r->rest_count = r->uri.parameter_count;
	if (route->query != NULL)
		r->parameters = body_read_query(r, route->query, &r->rest, &r->rest_count, p);
	if (route->body != NULL && (!problem_raised(p) || p->code == PROBLEM_INVALID))
		r->fields = body_read_schema(r, route->body, p);
	return !problem_raised(p);
}

static bool
has_key(const struct request *r, struct problem *p)
{
	return (r->route->needs & NEED_KEY) == 0 || r->keyed != NULL ||
	    problem_fault(p, "/header/Idempotency-Key", "required",
		"this path is asked with an Idempotency-Key, so that it is done once");
}

/* What a handler has done wrong; NULL: nothing. */
static const char *
judge(const struct request *r, const struct response *response, bool handled)
{
	if (!handled)
		return problem_raised(r->problem) ? NULL : "failed without a problem";
	if (r->door != NULL && !r->door->over && !problem_raised(r->problem))
		return "left a unit open";
	if (response->status == 0 && !response->streamed && !problem_raised(r->problem))
		return "answered nothing";
	return NULL;
}

bool
door_handle(struct request *r, struct response *response, struct problem *p)
{
	const struct route *route = r->route;
	const char *wrong;
	bool handled;

	r->problem = p;
	r->door = NULL;
	r->wrote = false;
	r->used_memory = r->used_memory || route->body != NULL || route->query != NULL;
	extend(r);
	if (!has_key(r, p) || !read_schemas(r, p))
		return false;
	handled =
	    route->cache != NULL ? caching_answer(r, response, p) : route->handler(r, response, p);
	wrong = judge(r, response, handled);
	if (r->door != NULL && !r->door->over)
		request_drop(r, r->door->unit);
	if (wrong == NULL)
		return handled && !problem_raised(p);
	problem_init(p, r->arena);
	problem_cause(p, "handler %s of %s %s %s", route->name != NULL ? route->name : "",
	    r->method_name, route->path, wrong);
	return problem_raise(p, PROBLEM_INTERNAL, "an error of the server");
}

/* --- units --------------------------------------------------------------------------------- */

struct door *
door_of(const struct unit *unit)
{
	return unit_kept(unit);
}

void
door_mistake(struct door *door, const char *format, ...)
{
	const struct request *r = door->request;
	char what[256];
	va_list ap;

	if (problem_raised(door->problem))
		return;
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	problem_cause(door->problem, "handler %s of %s %s: %s",
	    r->route->name != NULL ? r->route->name : "", r->method_name, r->route->path, what);
	problem_raise(door->problem, PROBLEM_INTERNAL, "an error of the server");
}

bool
door_is_open(struct door *door)
{
	if (door->over)
		door_mistake(door, "a step behind the end of its unit");
	return !problem_raised(door->problem);
}

/*	SELECT set_config('statement_timeout', $1, true) */
static bool
add_timeout(struct door *door, long ms)
{
	struct arena *arena = door->request->arena;
	struct sqltext *t = sqltext_new(arena);

	sqltext_literal(t, "SELECT set_config('statement_timeout', ");
	sqltext_param(t, value_new(arena, SQLTYPE_TEXT, arena_printf(arena, "%ld", ms)));
	sqltext_literal(t, ", true)");
	return unit_add_text(door->unit, t, door->problem);
}

static const enum isolation isolations[] = {
	[UNIT_READ_COMMITTED] = ISOLATION_READ_COMMITTED,
	[UNIT_REPEATABLE_READ] = ISOLATION_REPEATABLE_READ,
	[UNIT_SERIALIZABLE] = ISOLATION_SERIALIZABLE,
};

struct unit *
unit_begin_as(struct request *r, const struct unit_options *options)
{
	struct door *door = ARENA_NEW(r->arena, struct door);
	const struct door *last = r->door;

	door->request = r;
	door->problem = r->problem;
	if (options->read_only)
		door->unit = unit_new(r->arena, UNIT_READ);
	else if (writing_begin(&door->writing, r, r->problem))
		door->unit = door->writing.unit;
	else
		door->unit = unit_new(r->arena, UNIT_WRITE);
	unit_keep(door->unit, door);
	unit_isolate(door->unit, isolations[options->isolation]);
	if (last != NULL && !last->over)
		door_mistake(door, "a unit begins while another is open");
	else if (r->wrote)
		door_mistake(door, "a unit begins behind the one that wrote");
	else
		r->door = door;
	r->wrote = r->wrote || !options->read_only;
	if (options->timeout_ms > 0 && door_is_open(door) &&
	    !add_timeout(door, options->timeout_ms))
		return door->unit; /* which has failed */
	return door->unit;
}

struct unit *
unit_begin(struct request *r)
{
	return unit_begin_as(r, &(struct unit_options){ 0 });
}

bool
unit_commit(struct unit *unit)
{
	struct door *door = door_of(unit);
	struct request *r = door->request;
	bool done;

	if (!door_is_open(door))
		return false;
	done = unit_mode(unit) == UNIT_READ ? request_run(r, unit, door->problem)
					    : writing_commit(&door->writing, door->problem);
	door->over = true;
	return done;
}

/* --- authority ----------------------------------------------------------------------------- */

void
unit_authority(struct unit *unit, const struct authority *authority)
{
	struct door *door = door_of(unit);
	const struct authority *const *listed = door->request->route->authorities;

	while (listed != NULL && *listed != NULL && *listed != authority)
		listed++;
	if (listed == NULL || *listed == NULL)
		door_mistake(
		    door, "its route does not list the authority \"%s\"", authority->reason);
	else if (door->taken_count == DOOR_AUTHORITIES)
		door_mistake(door, "it takes more than %d authorities", DOOR_AUTHORITIES);
	else
		door->taken[door->taken_count++] = authority;
}

const char *
door_authority(const struct door *door, const struct model *model, enum action action)
{
	for (size_t i = 0; i < door->taken_count; i++)
		if (door->taken[i]->action == action &&
		    strcmp(door->taken[i]->model->table, model->table) == 0)
			return door->taken[i]->reason;
	return NULL;
}

/* --- handles ------------------------------------------------------------------------------- */

const struct model *
door_model(struct door *door, struct model_ref ref)
{
	const struct model *model = handles_model(door->request->catalogue, &ref);

	if (model == NULL)
		door_mistake(door, "there is no model \"%s\"", ref.table);
	return model;
}

const struct column *
door_column(struct door *door, const struct model *model, struct column_ref ref)
{
	const struct column *column = NULL;

	if (strcmp(ref.model->table, model->table) == 0)
		column = model_sql_column(model, ref.name);
	if (column == NULL)
		door_mistake(door, "%s has no column \"%s\"", model->table, ref.name);
	return column;
}
