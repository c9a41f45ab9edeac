/* SPDX-License-Identifier: BSD-2-Clause */
/* door_show.c - rows and pages as clients are shown them, and the answers that carry them */
#include <string.h>

#include "base/settings.h"
#include "compiler/include.h"
#include "compiler/select.h"
#include "compiler/stages.h"
#include "serve/door.h"
#include "serve/etag.h"
#include "serve/platform.h"

enum { ASKS_MAX = 16 };

/* --- rows ---------------------------------------------------------------------------------- */

static bool
ask_row(struct door *door, struct query *query, const struct ask *asks)
{
	const struct settings *s = door->request->settings;
	struct problem *p = door->problem;

	query_bound(query, s->max_include_depth, s->max_includes);
	for (; asks->name != NULL; asks++) {
		bool ok;

		if (strcmp(asks->name, "include") == 0) {
			ok = include_add(query, asks->value, "/query/include", p);
		} else if (strcmp(asks->name, "select") == 0) {
			ok = select_add(query, asks->value, "/query/select", p);
		} else {
			door_mistake(door, "a row is not asked for \"%s\"", asks->name);
			return false;
		}
		if (!ok)
			return false;
	}
	include_finish(query);
	return true;
}

static struct shown *
begin(struct unit *unit, struct model_ref ref)
{
	struct door *door = door_of(unit);
	const struct model *model;
	struct shown *shown;

	if (!door_is_open(door) || (model = door_model(door, ref)) == NULL)
		return NULL;
	shown = ARENA_NEW(door->request->arena, struct shown);
	shown->door = door;
	shown->model = model;
	shown->statement = unit_count(unit);
	return shown;
}

static bool
compile(struct shown *shown, struct query *query)
{
	struct door *door = shown->door;
	struct request *r = door->request;

	return compile_query(
	    door->unit, query, &r->principal, r->tenant, NULL, NULL, door->problem);
}

struct shown *
unit_show_(struct unit *unit, struct model_ref ref, struct where where, const struct ask *asks)
{
	struct shown *shown = begin(unit, ref);
	struct query *query;

	if (shown == NULL)
		return NULL;
	query = query_new(shown->door->request->arena, ACTION_READ, SHAPE_ROW, shown->model);
	query->authority = door_authority(shown->door, shown->model, ACTION_READ);
	return ask_row(shown->door, query, asks) && door_compare(shown->door, query, &where) &&
		compile(shown, query)
	    ? shown
	    : NULL;
}

/* --- pages --------------------------------------------------------------------------------- */

/* The handler's parameters, then the client's. */
static void
join(struct request *r, const struct ask *asks)
{
	struct uri_parameter *all = arena_array(r->arena, ASKS_MAX + r->rest_count, sizeof(*all));
	size_t count = 0;

	for (; asks->name != NULL && count < ASKS_MAX; asks++)
		all[count++] = (struct uri_parameter){ asks->name, asks->value };
	for (size_t i = 0; i < r->rest_count; i++)
		all[count++] = r->rest[i];
	r->uri.parameters = all;
	r->uri.parameter_count = count;
}

struct shown *
unit_page_(struct unit *unit, struct model_ref ref, const struct ask *asks)
{
	struct shown *shown = begin(unit, ref);
	struct request *r = door_of(unit)->request;
	const struct uri client = r->uri;
	struct query *query;
	bool ok;

	if (shown == NULL)
		return NULL;
	if (shown->statement > 0) {
		door_mistake(shown->door, "unit_page is not the first step of its unit");
		return NULL;
	}
	query = query_new(r->arena, ACTION_READ, SHAPE_PAGE, shown->model);
	query->authority = door_authority(shown->door, shown->model, ACTION_READ);
	join(r, asks);
	ok = listing_read(&shown->listing, r, query, shown->door->problem);
	r->uri = client; /* which links repeat */
	return ok && compile(shown, query) ? shown : NULL;
}

/* --- answers ------------------------------------------------------------------------------- */

bool
respond_json(struct response *response, int status, const char *json)
{
	if (json == NULL) {
		response->status = 204;
		return true;
	}
	text_string(&response->body, json);
	response_json(response, status);
	return true;
}

/* Whether there is something to be shown. */
static bool
is_read(const struct shown *shown)
{
	return shown != NULL && shown->door->over && !problem_raised(shown->door->problem);
}

bool
respond_row(struct response *response, int status, const struct shown *shown)
{
	const struct result *rows;

	if (!is_read(shown))
		return false;
	rows = unit_result(shown->door->unit, shown->statement);
	if (result_rows(rows) == 0)
		return respond_problem(
		    shown->door->problem, PROBLEM_NO_ROW, "%s has no such row", shown->model->name);
	respond_json(response, status, result_value(rows, 0, 0, NULL));
	if (status == 200)
		etag_body(response, shown->door->request);
	return true;
}

bool
respond_created(struct response *response, const struct row *row, const struct shown *shown)
{
	struct text location;

	if (!respond_row(response, 201, shown))
		return false;
	text_init(&location, row->door->request->arena, LIMIT_URI_BYTES);
	text_string(&location, row->door->request->settings->base_path);
	text_byte(&location, '/');
	uri_put_segment(&location, row->model->name);
	text_byte(&location, '/');
	uri_put_segment(&location, row_id(row));
	response_header(response, HTTP_HEADER_LOCATION, location.bytes);
	return true;
}

bool
respond_again(struct problem *p)
{
	problem_init(p, p->arena);
	return problem_raise(p, PROBLEM_RETRY, "the handler asks to be run again");
}

bool
respond_page(struct response *response, const struct shown *shown)
{
	if (!is_read(shown))
		return false;
	listing_respond(&shown->listing, shown->door->request, shown->door->unit, response);
	return true;
}
