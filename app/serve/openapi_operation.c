/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi_operation.c - what one route does for one path */
#include <string.h>

#include "base/arena.h"
#include "base/settings.h"
#include "base/text.h"
#include "formats/jsontext.h"
#include "serve/body.h"
#include "serve/handles.h"
#include "serve/openapi.h"
#include "serve/openapi_parts.h"
#include "serve/operation.h"
#include "serve/router.h"

struct placed {
	const struct route *route;
	const struct operation *operation;
	const struct openapi_target *target;
	const struct model *model; /* the target's; NULL: it is no model's */
	unsigned traits;           /* with those that follow from the route */
};

/* --- what is said of it ---------------------------------------------------------------------- */

/* What is said of a route that has no row in handlers/operations.c: a handler of one's own. */
static const struct operation *
undescribed(struct openapi_writing *w, const struct route *route)
{
	struct operation *o = ARENA_NEW(w->arena, struct operation);

	o->method = route->method;
	o->path = route->path;
	o->id = route->name != NULL
	    ? route->name
	    : arena_printf(w->arena, "%s %s", http_method_name(route->method), route->path);
	o->action = ACTION__MAX;
	return o;
}

static const struct operation *
find_operation(struct openapi_writing *w, const struct route *route)
{
	const struct operation_table *table = w->options->operations;

	for (size_t i = 0; i < table->count; i++)
		if (table->operations[i].method == route->method &&
		    strcmp(table->operations[i].path, route->path) == 0)
			return &table->operations[i];
	return undescribed(w, route);
}

static bool
is_write(enum http_method method)
{
	return method != HTTP_GET && method != HTTP_QUERY;
}

static bool
takes_tenant_header(const struct openapi_writing *w, const struct route *route)
{
	return (route->needs & (NEED_TENANT | NEED_PRINCIPAL)) != 0 &&
	    strstr(w->options->settings->tenant_sources, "header") != NULL;
}

static struct placed
place(struct openapi_writing *w, const struct openapi_target *target)
{
	const struct route *route = target->route;
	struct placed at = { route, find_operation(w, route), target, target->model, 0 };

	at.traits = at.operation->traits;
	if (takes_tenant_header(w, route))
		at.traits |= TAKES_TENANT;
	if (is_write(route->method) && (route->needs & NEED_NO_KEY) == 0)
		at.traits |= TAKES_KEY;
	return at;
}

/* Whether rows of the model know the action at all, whoever asks. */
static bool
has_action(const struct model *model, enum action action)
{
	if (action == ACTION_READ || action == ACTION__MAX)
		return true;
	if (model->tenancy == TENANCY_SHARED)
		return false;
	if (action == ACTION_RESTORE)
		return model->soft_delete;
	return action != ACTION_HISTORY || model->audit;
}

/* --- operations ---------------------------------------------------------------------------- */

/* "%Page" is PostPage; other names are whole. */
static void
refer(struct openapi_writing *w, const struct placed *at, const char *schema)
{
	if (schema[0] == '%')
		schema_reference(&w->j, schema_name(w->names, at->model), schema + 1);
	else
		schema_reference(&w->j, schema, "");
}

static void
refer_array(struct openapi_writing *w, const struct placed *at, const char *schema)
{
	jsontext_begin_object(&w->j);
	jsontext_put_string(&w->j, "type", "array");
	jsontext_key(&w->j, "items");
	refer(w, at, schema);
	jsontext_end_object(&w->j);
}

/* What is meant, or an array of it. */
static void
refer_many(struct openapi_writing *w, const struct placed *at, const char *schema)
{
	jsontext_begin_object(&w->j);
	jsontext_key(&w->j, "anyOf");
	jsontext_begin_array(&w->j);
	refer(w, at, schema);
	refer_array(w, at, schema);
	jsontext_end_array(&w->j);
	jsontext_end_object(&w->j);
}

static void
put_media(struct openapi_writing *w, const struct placed *at, const char *type, const char *schema)
{
	jsontext_key(&w->j, type);
	jsontext_begin_object(&w->j);
	jsontext_key(&w->j, "schema");
	if ((at->traits & TAKES_MANY) != 0)
		refer_many(w, at, schema);
	else if ((at->traits & IS_ARRAY) != 0)
		refer_array(w, at, schema);
	else
		refer(w, at, schema);
	jsontext_end_object(&w->j);
}

static void
put_body(struct openapi_writing *w, const struct placed *at)
{
	const struct body_schema *schema = at->route->body;

	if (at->operation->body == NULL && schema == NULL)
		return;
	jsontext_key(&w->j, "requestBody");
	jsontext_begin_object(&w->j);
	jsontext_put_bool(&w->j, "required", true);
	jsontext_key(&w->j, "content");
	jsontext_begin_object(&w->j);
	if (schema != NULL) {
		jsontext_key(&w->j, "application/json");
		jsontext_begin_object(&w->j);
		jsontext_key(&w->j, "schema");
		openapi_body(&w->j, schema, w->options->catalogue);
		jsontext_end_object(&w->j);
	} else {
		put_media(w, at, "application/json", at->operation->body);
		if (at->route->method == HTTP_PATCH)
			put_media(w, at, "application/merge-patch+json", at->operation->body);
	}
	jsontext_end_object(&w->j);
	jsontext_end_object(&w->j);
}

static void
put_good_answer(struct openapi_writing *w, const struct placed *at, int status, const char *schema)
{
	jsontext_key(&w->j, arena_printf(w->arena, "%d", status));
	jsontext_begin_object(&w->j);
	jsontext_put_string(&w->j, "description", http_reason(status));
	jsontext_key(&w->j, "headers");
	jsontext_begin_object(&w->j);
	openapi_given_headers(&w->j, at->traits);
	jsontext_end_object(&w->j);
	if (schema != NULL) {
		jsontext_key(&w->j, "content");
		jsontext_begin_object(&w->j);
		put_media(w, at, "application/json", schema);
		if ((at->traits & GIVES_EXPORTS) != 0) {
			openapi_raw(&w->j, "text/csv", "{\"schema\":{\"type\":\"string\"}}");
			openapi_raw(
			    &w->j, "application/x-ndjson", "{\"schema\":{\"type\":\"string\"}}");
		}
		jsontext_end_object(&w->j);
	}
	jsontext_end_object(&w->j);
}

static bool
is_public(const struct placed *at)
{
	if ((at->route->needs & NEED_PRINCIPAL) != 0)
		return false;
	if (at->model == NULL)
		return true;
	if (at->operation->action == ACTION__MAX)
		return true;
	for (const struct rule *rule = at->model->access[at->operation->action]; rule != NULL;
	     rule = rule->next)
		if (rule->kind == RULE_ANYONE)
			return true;
	return false;
}

/* The problems that a client has to expect of an operation; "default" stands for the rest. */
static void
put_problems(struct openapi_writing *w, const struct placed *at)
{
	const struct operation *o = at->operation;
	bool matches = (at->traits & TAKES_MATCH) != 0;
	const struct {
		int status;
		bool expected;
	} rows[] = {
		{ 400, true },
		{ 401, !is_public(at) },
		{ 403, (at->route->needs & (NEED_TENANT | NEED_PRINCIPAL)) != 0 },
		{ 404, strstr(o->path, "{id}") != NULL },
		{ 406, (at->traits & GIVES_EXPORTS) != 0 },
		{ 409, (at->traits & TAKES_KEY) != 0 },
		{ 412, matches },
		{ 413, o->body != NULL || at->route->body != NULL },
		{ 415, o->body != NULL || at->route->body != NULL },
		{ 422, (at->traits & TAKES_KEY) != 0 },
		{ 428, matches && at->model != NULL && at->model->require_match },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].expected)
			openapi_problem(&w->j, rows[i].status);
	openapi_other_problems(&w->j);
}

static void
put_answers(struct openapi_writing *w, const struct placed *at)
{
	const struct operation *o = at->operation;

	jsontext_key(&w->j, "responses");
	jsontext_begin_object(&w->j);
	if ((at->traits & GIVES_MADE) != 0)
		put_good_answer(w, at, 201, o->answer);
	if (o->status == 0)
		openapi_raw(&w->j, "2XX",
		    "{\"description\":\"OK\",\"content\":{\"application/json\":{\"schema\":{}}}}");
	else
		put_good_answer(w, at, o->status, o->answer);
	if ((at->traits & (TAKES_RETURN | TAKES_CHANGES | TAKES_DELETIONS)) != 0 &&
	    o->status == 200)
		put_good_answer(w, at, 204, NULL);
	if ((at->traits & TAKES_TAG) != 0)
		put_good_answer(w, at, 304, NULL);
	put_problems(w, at);
	jsontext_end_object(&w->j);
}

static void
put_security(struct openapi_writing *w, const struct placed *at)
{
	unsigned asked = at->route->needs & (NEED_TENANT | NEED_PRINCIPAL);

	jsontext_key(&w->j, "security");
	jsontext_begin_array(&w->j);
	if (asked != 0)
		jsontext_raw(&w->j, "{\"accessToken\":[]}", 18);
	if (asked != 0 && (at->route->needs & NEED_USER) == 0)
		jsontext_raw(&w->j, "{\"apiKey\":[]}", 13);
	if (asked != 0 && is_public(at))
		jsontext_raw(&w->j, "{}", 2);
	jsontext_end_array(&w->j);
}

/* "For owner, ADMIN." */
static const char *
readers(struct openapi_writing *w, const struct placed *at)
{
	static const char *const words[] = { [RULE_ANYONE] = "anyone",
		[RULE_MEMBER] = "members of the tenant",
		[RULE_OWNER] = "the owner",
		[RULE_ROLE] = NULL };
	const struct rule *rule = NULL;
	struct text text;

	if (at->model == NULL || at->operation->action == ACTION__MAX)
		return at->route->role != NULL ? arena_printf(w->arena, "For %s.", at->route->role)
					       : "";
	text_init(&text, w->arena, 4096);
	text_literal(&text, "For ");
	rule = at->model->access[at->operation->action];
	if (rule == NULL)
		text_literal(&text, "nobody");
	for (; rule != NULL; rule = rule->next)
		text_printf(&text, "%s%s", rule->kind == RULE_ROLE ? rule->role : words[rule->kind],
		    rule->next != NULL ? ", " : "");
	text_byte(&text, '.');
	return text.bytes;
}

static void
put_texts(struct openapi_writing *w, const struct placed *at)
{
	const char *text = at->operation->text, *whom = readers(w, at);

	jsontext_put_string(&w->j, "summary", at->route->summary);
	if (text == NULL && whom[0] == '\0')
		return;
	jsontext_put_string(&w->j, "description",
	    arena_printf(w->arena, "%s%s%s", text != NULL ? text : "",
		text != NULL && whom[0] != '\0' ? " " : "", whom));
}

/* What the API's parts are called: a model, or the first segment of a path. */
static const char *
tag_of(struct openapi_writing *w, const struct openapi_target *target)
{
	const char *path = target->path + 1;

	return target->home != NULL ? target->home->name
				    : arena_copy(w->arena, path, strcspn(path, "/"));
}

void
openapi_operation(struct openapi_writing *w, const struct openapi_target *target)
{
	struct placed at = place(w, target);
	const char *id = at.operation->id;

	jsontext_begin_object(&w->j);
	jsontext_put_string(&w->j, "operationId",
	    at.model != NULL ? arena_printf(w->arena, "%s.%s", schema_name(w->names, at.model), id)
			     : id);
	jsontext_key(&w->j, "tags");
	jsontext_begin_array(&w->j);
	jsontext_string(&w->j, tag_of(w, target));
	jsontext_end_array(&w->j);
	put_texts(w, &at);
	put_security(w, &at);
	jsontext_key(&w->j, "parameters");
	jsontext_begin_array(&w->j);
	openapi_parameters(&w->j, at.traits, at.model);
	if (at.route->query != NULL)
		openapi_query(&w->j, at.route->query, w->options->catalogue);
	jsontext_end_array(&w->j);
	put_body(w, &at);
	put_answers(w, &at);
	jsontext_end_object(&w->j);
}

bool
openapi_has_operation(struct openapi_writing *w, const struct openapi_target *target)
{
	const struct operation *o = find_operation(w, target->route);

	if (target->model == NULL)
		return true;
	if ((o->traits & TAKES_BY) != 0 && !openapi_has_key(target->model))
		return false;
	if ((o->traits & TAKES_NEW_ID) != 0 && !target->model->client_ids)
		return false;
	return has_action(target->model, o->action);
}
