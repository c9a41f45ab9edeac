/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_write.c - writing any registered model */
#include "handlers/resource_write.h"

#include "compiler/change_read.h"
#include "compiler/stages.h"
#include "formats/jsonread.h"
#include "handlers/resource_many.h"
#include "handlers/write_request.h"
#include "handlers/write_row.h"
#include "serve/body.h"
#include "serve/platform.h"
#include "serve/preferences.h"
#include "serve/writing.h"

static const struct expectation one_row = { 1 };

static bool
read_fields(struct change *change, struct request *r, struct problem *p)
{
	struct change_reader reader = write_reader(r);
	struct json_object *body;

	if (!body_json(r, &body, p))
		return false;
	change_read(change, &reader, body, NULL, p);
	return change_read_end(&reader, p);
}

static bool
create_one(struct request *r, struct response *response, const struct model *model,
    struct json_object *body, const struct preferences *prefer, struct problem *p)
{
	struct change *change = change_new(r->arena, ACTION_CREATE, model);
	struct change_reader reader = write_reader(r);

	change_read(change, &reader, body, NULL, p);
	return change_read_end(&reader, p) && write_row(r, response, change, prefer, p);
}

bool
resource_create(struct request *r, struct response *response, struct problem *p)
{
	const struct model *model = write_model(r, ACTION_CREATE, p);
	struct preferences prefer;
	struct json_object *body;

	if (model == NULL || !write_flags(r, NULL, 0, p) || !preferences_read(&prefer, r, p) ||
	    !body_json(r, &body, p))
		return false;
	return jsonread_kind(body) == JSONREAD_ARRAY
	    ? resource_create_all(r, response, model, body, &prefer, p)
	    : create_one(r, response, model, body, &prefer, p);
}

bool
resource_patch(struct request *r, struct response *response, struct problem *p)
{
	struct change *change = write_row_change(r, ACTION_UPDATE, p);
	struct preferences prefer;

	return change != NULL && write_flags(r, NULL, 0, p) && preferences_read(&prefer, r, p) &&
	    read_fields(change, r, p) && write_row(r, response, change, &prefer, p);
}

bool
resource_delete(struct request *r, struct response *response, struct problem *p)
{
	enum { FORCE, WITH_DELETED };
	struct write_flag flags[] = {
		[FORCE] = { "force", "/query/force", false },
		[WITH_DELETED] = { "withDeleted", "/query/withDeleted", false },
	};
	struct change *change;
	struct writing w;

	if (!write_flags(r, flags, COUNT_OF(flags), p) ||
	    (change = write_row_change(r, flags[FORCE].value ? ACTION_FORCE : ACTION_DELETE, p)) ==
		NULL)
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
	struct change *change = write_row_change(r, ACTION_RESTORE, p);
	struct preferences prefer;

	if (change == NULL || !write_flags(r, NULL, 0, p) || !preferences_read(&prefer, r, p))
		return false;
	if (!change->model->soft_delete)
		return problem_raise(
		    p, PROBLEM_NO_ROUTE, "%s keeps no deleted rows", change->model->name);
	return write_row(r, response, change, &prefer, p);
}
