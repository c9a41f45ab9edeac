/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_write.c - writing any registered model */
#include "handlers/resource_write.h"

#include <string.h>

#include "base/settings.h"
#include "compiler/change_read.h"
#include "compiler/stages.h"
#include "compiler/values.h"
#include "formats/fcgi.h"
#include "serve/body.h"
#include "serve/handler.h"
#include "serve/preferences.h"
#include "serve/writing.h"

static const struct expectation one_row = { 1 };

/* --- what a request says ------------------------------------------------------------------- */

/* A word of the query that is true or false. */
struct flag {
	const char *name, *pointer;
	bool value;
};

static bool
read_flag(struct flag *flags, size_t count, const struct uri_parameter *given, struct problem *p)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(flags[i].name, given->name) != 0)
			continue;
		flags[i].value = strcmp(given->value, "true") == 0;
		if (!flags[i].value && strcmp(given->value, "false") != 0)
			problem_fault(p, flags[i].pointer, "type", "use true or false");
		return true;
	}
	return false;
}

/* Parameters that nobody knows are faults: nothing is silently ignored. */
static bool
read_parameters(const struct request *r, struct flag *flags, size_t count, struct problem *p)
{
	for (size_t i = 0; i < r->uri.parameter_count; i++)
		if (!read_flag(flags, count, &r->uri.parameters[i], p))
			problem_fault(p,
			    arena_printf(r->arena, "/query/%s", r->uri.parameters[i].name),
			    "unknown", "%s takes no parameter here", r->method_name);
	return !problem_raised(p);
}

/* The versions that If-Match lists (RFC 9110, 13.1.1): "v12". A tag of another form is of no
 * row, so a list of nothing but those matches none. */
static const struct value *
listed_versions(const struct request *r, const char *const *lists, size_t count)
{
	struct text array;
	const char *tag;
	size_t len;

	text_init(&array, r->arena, LIMIT_PARAMS_BYTES);
	text_byte(&array, '{');
	for (size_t i = 0; i < count; i++)
		for (const char *at = lists[i]; (tag = http_etag_next(&at, &len)) != NULL;) {
			size_t digits = strspn(tag + 2, "0123456789");

			if (tag[1] != 'v' || digits == 0 || digits > 18 || digits + 3 != len)
				continue;
			if (array.len > 1)
				text_byte(&array, ',');
			text_put(&array, tag + 2, digits);
		}
	text_byte(&array, '}');
	return value_new(r->arena, SQLTYPE_INT8_ARRAY, array.bytes);
}

static bool
is_any(const char *list)
{
	list += strspn(list, " \t");
	return list[0] == '*' && list[1 + strspn(list + 1, " \t")] == '\0';
}

/* If-Match into the change; "*" is any version, and the row must be there anyway. */
static bool
read_match(struct change *change, const struct request *r, struct problem *p)
{
	const char **lists = arena_array(r->arena, r->param_count + 1, sizeof(*lists));
	size_t count = 0;

	for (size_t i = 0; i < r->param_count; i++)
		if (strcmp(r->params[i].name, "HTTP_IF_MATCH") == 0)
			lists[count++] = r->params[i].value;
	if (count == 0 && change->model->require_match)
		return problem_raise(p, PROBLEM_MATCH_REQUIRED,
		    "%s is changed with If-Match and the version that was read",
		    change->model->name);
	if (count > 0 && !is_any(lists[0]))
		change->versions = listed_versions(r, lists, count);
	return true;
}

/* A change of the model that the path names, by somebody who may make any. */
static struct change *
begin(struct request *r, enum action action, struct problem *p)
{
	const struct model *model = request_model(r, r->variables[0], p);

	if (model == NULL || !access_may_begin(model, action, &r->principal, p))
		return NULL;
	return change_new(r->arena, action, model);
}

/* The same of the row that the path names. */
static struct change *
begin_row(struct request *r, enum action action, struct problem *p)
{
	struct change *change = begin(r, action, p);

	if (change == NULL)
		return NULL;
	change->id = value_read_key(change->model->id, r->variables[1], "/path/id", r->arena, p);
	return change->id != NULL && read_match(change, r, p) ? change : NULL;
}

static bool
read_fields(struct change *change, struct request *r, struct problem *p)
{
	struct change_reader reader = {
		&r->principal,
		r->settings->unknown_fields == UNKNOWN_FIELDS_STRIP,
	};
	struct json_object *body;

	return body_json(r, &body, p) && change_read(change, &reader, body, NULL, p);
}

/* --- answers ------------------------------------------------------------------------------- */

/* Where the new row is: the path of the request, and its id. */
static void
put_location(struct response *response, struct request *r, const char *id)
{
	struct text location;

	text_init(&location, r->arena, (size_t)4 * LIMIT_URI_BYTES);
	uri_put_path(&location, r->uri.path);
	text_byte(&location, '/');
	uri_put_segment(&location, id);
	response_header(response, HTTP_HEADER_LOCATION, location.bytes);
}

static void
put_etag(struct response *response, const struct writing *w, const struct change *change)
{
	if (!change->model->version->hidden)
		response_header(response, HTTP_HEADER_ETAG,
		    arena_printf(w->request->arena, "\"v%s\"", writing_version(w, change)));
}

static void
put_applied(struct response *response, const struct preferences *prefer)
{
	if (prefer->minimal || prefer->representation)
		response_header(response, HTTP_HEADER_PREFERENCE_APPLIED,
		    prefer->minimal ? "return=minimal" : "return=representation");
}

/* The row as the unit has read it; nothing when who wrote it may not read it. */
static void
put_row(struct response *response, const struct writing *w, size_t shown, int status)
{
	const struct result *rows;
	const char *json;
	size_t len;

	response->status = status == 201 ? 201 : 204;
	if (shown == WRITING_HIDDEN)
		return;
	rows = unit_result(w->unit, shown);
	if (result_rows(rows) == 0)
		return;
	json = result_value(rows, 0, 0, &len);
	text_put(&response->body, json, len);
	response_json(response, status);
}

/* Write one row, and answer with what it has become. */
static bool
write_row(struct request *r, struct response *response, struct change *change,
    const struct preferences *prefer, struct problem *p)
{
	bool creates = change->action == ACTION_CREATE;
	size_t shown = WRITING_HIDDEN;
	struct writing w;

	if (!writing_begin(&w, r, p) || !writing_add(&w, change, creates ? NULL : &one_row, p) ||
	    (!prefer->minimal && !writing_show(&w, change, &shown, p)) || !writing_commit(&w, p))
		return false;
	if (creates)
		put_location(response, r, writing_id(&w, change));
	put_etag(response, &w, change);
	put_applied(response, prefer);
	put_row(response, &w, shown, creates ? 201 : 200);
	return true;
}

bool
resource_create(struct request *r, struct response *response, struct problem *p)
{
	struct change *change = begin(r, ACTION_CREATE, p);
	struct preferences prefer;

	return change != NULL && read_parameters(r, NULL, 0, p) &&
	    preferences_read(&prefer, r, p) && read_fields(change, r, p) &&
	    write_row(r, response, change, &prefer, p);
}

bool
resource_patch(struct request *r, struct response *response, struct problem *p)
{
	struct change *change = begin_row(r, ACTION_UPDATE, p);
	struct preferences prefer;

	return change != NULL && read_parameters(r, NULL, 0, p) &&
	    preferences_read(&prefer, r, p) && read_fields(change, r, p) &&
	    write_row(r, response, change, &prefer, p);
}

bool
resource_delete(struct request *r, struct response *response, struct problem *p)
{
	enum { FORCE, WITH_DELETED };
	struct flag flags[] = {
		[FORCE] = { "force", "/query/force", false },
		[WITH_DELETED] = { "withDeleted", "/query/withDeleted", false },
	};
	struct change *change;
	struct writing w;

	if (!read_parameters(r, flags, COUNT_OF(flags), p) ||
	    (change = begin_row(r, flags[FORCE].value ? ACTION_FORCE : ACTION_DELETE, p)) == NULL)
		return false;
	if (flags[WITH_DELETED].value && !flags[FORCE].value)
		return problem_fault(p, "/query/withDeleted", "conflict",
		    "a deleted row is not deleted again, unless with force=true for good");
	change->with_deleted = flags[WITH_DELETED].value;
	if (!writing_begin(&w, r, p) || !writing_add(&w, change, &one_row, p) ||
	    !writing_commit(&w, p))
		return false;
	response->status = 204;
	return true;
}

bool
resource_restore(struct request *r, struct response *response, struct problem *p)
{
	struct change *change = begin_row(r, ACTION_RESTORE, p);
	struct preferences prefer;

	if (change == NULL || !read_parameters(r, NULL, 0, p) || !preferences_read(&prefer, r, p))
		return false;
	if (!change->model->soft_delete)
		return problem_raise(
		    p, PROBLEM_NO_ROUTE, "%s keeps no deleted rows", change->model->name);
	return write_row(r, response, change, &prefer, p);
}
