/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_bulk.c - find and lock, then log and write what was found */
#include "handlers/resource_bulk.h"

#include <string.h>

#include "compiler/access.h"
#include "compiler/change_read.h"
#include "compiler/nested.h"
#include "compiler/stages.h"
#include "formats/jsontext.h"
#include "handlers/write_request.h"
#include "serve/body.h"
#include "serve/listing.h"
#include "serve/platform.h"
#include "serve/preferences.h"
#include "serve/writing.h"

/* --- what is asked ------------------------------------------------------------------------- */

static struct query *
targets_new(struct request *r, const struct model *model, enum action action)
{
	struct query *query = query_new(r->arena, ACTION_READ, SHAPE_KEYS, model);

	query->locking = action == ACTION_UPDATE ? LOCKING_CHANGE : LOCKING_DELETE;
	query->keys[0] = model->id;
	if (access_reach(model, action, &r->principal) == REACH_OWN_ROWS)
		query->keys[1] = model->owner;
	return query;
}

/* A version is one row's. */
static bool
check_match(const struct request *r, const struct model *model, struct problem *p)
{
	if (request_param(r, "HTTP_IF_MATCH") != NULL)
		return problem_fault(p, "/header/If-Match", "conflict",
		    "If-Match is about one row; change each by its id");
	if (model->require_match)
		return problem_raise(p, PROBLEM_MATCH_REQUIRED,
		    "%s is changed row by row, with If-Match and the version that was read",
		    model->name);
	return true;
}

static bool
read_patch(struct change *change, struct request *r, struct problem *p)
{
	struct change_reader reader = write_reader(r);
	struct json_object *body;

	if (!body_json(r, &body, p))
		return false;
	change_read(change, &reader, body, NULL, p);
	for (const struct nested *n = change->nested; n != NULL; n = n->next)
		problem_fault(p, arena_printf(r->arena, "#/%s", n->relation->json), "relation",
		    "%s is written by PATCH of one row", n->relation->json);
	if (change->assignments.first == NULL && !problem_raised(p))
		problem_fault(p, "#", "empty", "a change of many rows names what it changes");
	return change_read_end(&reader, p);
}

static bool
is_forced(const struct request *r)
{
	for (size_t i = 0; i < r->uri.parameter_count; i++)
		if (strcmp(r->uri.parameters[i].name, "force") == 0)
			return strcmp(r->uri.parameters[i].value, "true") == 0;
	return false;
}

/* --- finding ------------------------------------------------------------------------------- */

/* How many rows may be found. */
static long
most(const struct preferences *prefer)
{
	return prefer->max_affected >= 0 && prefer->max_affected < LIMIT_ROWS_CHANGED
	    ? prefer->max_affected
	    : LIMIT_ROWS_CHANGED;
}

static bool
refuse_more(const struct preferences *prefer, struct problem *p)
{
	long max = most(prefer);

	if (max == prefer->max_affected)
		return problem_fault_as(p, PROBLEM_CONFLICT, "/header/Prefer", "max_affected",
		    "more than %ld rows match, so none was changed", max);
	return problem_raise(p, PROBLEM_TOO_LARGE,
	    "more than %ld rows match, so none was changed; ask for fewer at a time", max);
}

/* Whether a row that was found may be changed: the second column, if there is one, is its owner. */
static bool
may_change(const struct writing *w, const struct query *query, const struct result *rows, size_t i)
{
	const char *owner = query->keys[1] != NULL ? result_value(rows, i, 1, NULL) : NULL;

	return query->keys[1] == NULL ||
	    (owner != NULL && strcmp(owner, w->request->principal.id) == 0);
}

/* Lock the rows of the query, and give their ids to the change. */
static bool
find_rows(struct writing *w, struct query *query, const struct preferences *prefer,
    struct change *change, struct problem *p)
{
	struct request *r = w->request;
	const struct result *rows;
	const char **keys;
	size_t count;

	query->limit = value_int(r->arena, most(prefer) + 1);
	if (!compile_query(w->unit, query, &r->principal, r->tenant, NULL, NULL, p) ||
	    !request_hold(r, w->unit, p))
		return false;
	rows = unit_result(w->unit, 0);
	if ((count = result_rows(rows)) > (size_t)most(prefer))
		return refuse_more(prefer, p);
	keys = arena_array(r->arena, count, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		keys[i] = result_value(rows, i, 0, NULL);
		if (!may_change(w, query, rows, i))
			return problem_raise(p, PROBLEM_FORBIDDEN,
			    "among the rows of %s is one that is not yours to change",
			    query->model->name);
	}
	change_select(change, keys, count);
	return true;
}

/* --- answers ------------------------------------------------------------------------------- */

static void
put_ids(struct jsontext *j, const struct change *change)
{
	bool number = change->model->id->kind == KIND_INT;

	jsontext_key(j, "ids");
	jsontext_begin_array(j);
	for (size_t i = 0; i < change->key_count; i++)
		if (number)
			jsontext_raw(j, change->keys[i], strlen(change->keys[i]));
		else
			jsontext_string(j, change->keys[i]);
	jsontext_end_array(j);
}

static void
put_applied(struct response *response, struct request *r, const struct preferences *prefer)
{
	struct text applied;

	text_init(&applied, r->arena, 128);
	if (prefer->minimal || prefer->representation)
		text_printf(&applied, "return=%s", prefer->minimal ? "minimal" : "representation");
	if (prefer->max_affected >= 0)
		text_printf(&applied, "%smax-affected=%ld", applied.len > 0 ? ", " : "",
		    prefer->max_affected);
	if (applied.len > 0)
		response_header(response, HTTP_HEADER_PREFERENCE_APPLIED, applied.bytes);
}

/* {"count": 2}, with return=representation also "ids". */
static void
answer(struct response *response, const struct change *change, const struct preferences *prefer)
{
	struct jsontext j;

	response->status = 204;
	if (prefer->minimal)
		return;
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "count");
	jsontext_int(&j, (int64_t)change->key_count);
	if (prefer->representation)
		put_ids(&j, change);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 200);
}

static bool
write_rows(struct request *r, struct response *response, struct query *query, struct change *change,
    struct problem *p)
{
	struct expectation expectation;
	struct preferences prefer;
	struct writing w;

	if (!preferences_read(&prefer, r, p) || !writing_begin(&w, r, p))
		return false;
	if (!find_rows(&w, query, &prefer, change, p)) {
		request_drop(r, w.unit);
		return false;
	}
	expectation.rows = (int64_t)change->key_count;
	if ((change->key_count > 0 && !writing_add(&w, change, &expectation, p)) ||
	    !writing_commit(&w, p))
		return false;
	put_applied(response, r, &prefer);
	answer(response, change, &prefer);
	return true;
}

bool
resource_patch_all(struct request *r, struct response *response, struct problem *p)
{
	const struct model *model = write_model(r, ACTION_UPDATE, p);
	struct change *change;
	struct query *query;

	if (model == NULL || !check_match(r, model, p))
		return false;
	query = targets_new(r, model, ACTION_UPDATE);
	change = change_new(r->arena, ACTION_UPDATE, model);
	return listing_read_targets(r, query, p) && read_patch(change, r, p) &&
	    write_rows(r, response, query, change, p);
}

bool
resource_delete_all(struct request *r, struct response *response, struct problem *p)
{
	enum action action = is_forced(r) ? ACTION_FORCE : ACTION_DELETE;
	const struct model *model = write_model(r, action, p);
	struct change *change;
	struct query *query;

	if (model == NULL || !check_match(r, model, p))
		return false;
	query = targets_new(r, model, action);
	change = change_new(r->arena, action, model);
	if (!listing_read_targets(r, query, p))
		return false;
	change->with_deleted = query->deleted != DELETED_HIDDEN;
	if (change->with_deleted && action != ACTION_FORCE)
		return problem_fault(p, "/query/force", "required",
		    "deleted rows are not deleted again, unless with force=true for good");
	return write_rows(r, response, query, change, p);
}
