/* SPDX-License-Identifier: BSD-2-Clause */
/* resource.c - reading any registered model */
#include "handlers/resource.h"

#include <string.h>

#include "compiler/values.h"
#include "handlers/audit.h"
#include "serve/etag.h"
#include "serve/export.h"
#include "serve/listing.h"
#include "serve/parameters.h"
#include "serve/platform.h"

bool
resource_list(struct request *request, struct response *response, struct problem *p)
{
	const struct model *model = request_model(request, request->variables[0], p);
	const struct unit *unit;
	enum export_format format;
	struct listing listing;
	struct query *query;

	if (model == NULL || !export_format(request, &format, p))
		return false;
	response_header(response, HTTP_HEADER_VARY, "Accept");
	if (format != EXPORT_NONE)
		return export_list(request, response, model, format, p);
	query = query_new(request->arena, ACTION_READ, SHAPE_PAGE, model);
	if (!listing_read(&listing, request, query, p) ||
	    (unit = request_read_unit(request, query, p)) == NULL)
		return false;
	listing_respond(&listing, request, unit, response);
	return true;
}

bool
resource_query(struct request *request, struct response *response, struct problem *p)
{
	response_header(response, HTTP_HEADER_ACCEPT_QUERY, "application/json");
	if (!parameters_from_body(request, p))
		return false;
	if (resource_list(request, response, p))
		return true;
	parameters_point_into_body(request, p);
	return false;
}

bool
resource_aggregate(struct request *request, struct response *response, struct problem *p)
{
	const struct model *model = request_model(request, request->variables[0], p);
	const struct unit *unit;
	struct listing listing;
	struct query *query;
	const char *json;
	size_t len;

	if (model == NULL)
		return false;
	query = query_new(request->arena, ACTION_READ, SHAPE_GROUPS, model);
	if (!listing_read_groups(&listing, request, query, p) ||
	    (unit = request_read_unit(request, query, p)) == NULL)
		return false;
	if (query->shape == SHAPE_GROUPS) {
		listing_respond(&listing, request, unit, response);
		return true;
	}
	json = result_value(unit_result(unit, 0), 0, 0, &len);
	text_put(&response->body, json, len);
	response_json(response, 200);
	etag_body(response, request);
	return true;
}

bool
resource_get(struct request *request, struct response *response, struct problem *p)
{
	const struct model *model = request_model(request, request->variables[0], p);
	const struct value *id;
	const struct result *rows;
	struct query *query;
	const char *json;
	size_t len;

	if (model == NULL)
		return false;
	if (audit_asks_past(request))
		return audit_as_of(request, model, response, p);
	query = query_new(request->arena, ACTION_READ, SHAPE_ROW, model);
	id = value_read_key(model->id, request->variables[1], "/path/id", request->arena, p);
	if (!listing_read_row(request, query, p) || id == NULL)
		return false;
	query_compare(query, model->id, OPERATOR_EQ, id);
	if ((rows = request_read_query(request, query, p)) == NULL)
		return false;
	if (result_rows(rows) == 0)
		return problem_raise(p, PROBLEM_NO_ROW, "%s has no row with id %s", model->name,
		    request->variables[1]);
	json = result_value(rows, 0, 0, &len);
	text_put(&response->body, json, len);
	response_json(response, 200);
	if (request->uri.parameter_count == 0 && model->version != NULL && !model->version->hidden)
		etag_version(response, request, result_value(rows, 0, 1, NULL));
	else
		etag_body(response, request);
	return true;
}
