/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_put.c - upserts: by id, and by a unique key */
#include "handlers/resource_put.h"

#include <string.h>

#include "compiler/values.h"
#include "handlers/write_request.h"
#include "handlers/write_row.h"
#include "serve/body.h"
#include "serve/platform.h"
#include "serve/preferences.h"

#define BY "/query/by"

/* The model of the path, of which the principal may change and make rows. */
static const struct model *
find_model(struct request *r, struct problem *p)
{
	const struct model *model = write_model(r, ACTION_UPDATE, p);

	return model != NULL && access_may_begin(model, ACTION_CREATE, &r->principal, p) ? model
											 : NULL;
}

static bool
put(struct request *r, struct response *response, struct change *change, struct problem *p)
{
	struct change_reader reader = write_reader(r);
	struct preferences prefer;
	struct json_object *body;

	if (!write_upsert_match(change, r, p) || !preferences_read(&prefer, r, p) ||
	    !body_json(r, &body, p))
		return false;
	change_read_upsert(change, &reader, body, NULL, p);
	return change_read_end(&reader, p) && write_row(r, response, change, &prefer, p);
}

bool
resource_put(struct request *r, struct response *response, struct problem *p)
{
	const struct model *model = find_model(r, p);
	const struct unique_key *key;
	struct change *change;

	if (model == NULL || !write_flags(r, NULL, 0, p))
		return false;
	if (!write_key_id(model, "/path/id", &key, p))
		return false;
	if (strcmp(r->variables[1], "aggregate") == 0)
		return problem_fault(
		    p, "/path/id", "reserved", "aggregate is a word of the interface's own");
	change = change_new_upsert(r->arena, model, key);
	change->upsert->create->id =
	    value_read_key(model->id, r->variables[1], "/path/id", r->arena, p);
	return change->upsert->create->id != NULL && put(r, response, change, p);
}

/* --- by a unique key ----------------------------------------------------------------------- */

/* The text of by=, once. */
static const char *
read_by(const struct request *r, struct problem *p)
{
	const char *by = NULL;

	for (size_t i = 0; i < r->uri.parameter_count; i++) {
		const struct uri_parameter *given = &r->uri.parameters[i];

		if (strcmp(given->name, "by") != 0)
			write_refuse_parameter(r, given->name, p);
		else if (by != NULL)
			problem_fault(p, BY, "duplicate", "the parameter was sent twice");
		else
			by = given->value;
	}
	return by;
}

bool
resource_put_by(struct request *r, struct response *response, struct problem *p)
{
	const struct model *model = find_model(r, p);
	const struct unique_key *key;
	const char *by;

	if (model == NULL)
		return false;
	by = read_by(r, p);
	key = write_key(model, by, BY, r->arena, p);
	return !problem_raised(p) && put(r, response, change_new_upsert(r->arena, model, key), p);
}
