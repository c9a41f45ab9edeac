/* SPDX-License-Identifier: BSD-2-Clause */
/* write_row.c - one change, and its answer */
#include "handlers/write_row.h"

#include "base/limits.h"
#include "compiler/stages.h"
#include "serve/platform.h"
#include "serve/preferences.h"
#include "serve/writing.h"

static const struct expectation one_row = { 1 };

/* Where the new row is: the path of the request, and its id, unless that is the path's. */
static void
put_location(struct response *response, const struct writing *w, const struct change *change)
{
	struct request *r = w->request;
	struct text location;

	text_init(&location, r->arena, (size_t)4 * LIMIT_URI_BYTES);
	uri_put_path(&location, r->uri.path);
	if (change->upsert == NULL || !change->upsert->key->primary) {
		text_byte(&location, '/');
		uri_put_segment(&location, writing_id(w, change));
	}
	response_header(response, HTTP_HEADER_LOCATION, location.bytes);
}

static void
put_etag(struct response *response, const struct writing *w, const struct change *change)
{
	if (!change->model->version->hidden)
		response_header(response, HTTP_HEADER_ETAG,
		    arena_printf(w->request->arena, "\"v%s\"", writing_version(w, change)));
}

/* The row as the unit has read it; nothing when who wrote it may not read it. */
static void
put_row(struct response *response, const struct writing *w, size_t shown, int status)
{
	size_t len;
	const char *json = writing_row(w, shown, &len);

	response->status = status == 201 ? 201 : 204;
	if (json == NULL)
		return;
	text_put(&response->body, json, len);
	response_json(response, status);
}

bool
write_row(struct request *r, struct response *response, struct change *change,
    const struct preferences *prefer, struct problem *p)
{
	bool creates = change->action == ACTION_CREATE, created;
	size_t shown = WRITING_HIDDEN;
	struct writing w;

	if (!writing_begin(&w, r, p) || !writing_add(&w, change, creates ? NULL : &one_row, p) ||
	    (!prefer->minimal && !writing_show(&w, change, &shown, p)) || !writing_commit(&w, p))
		return false;
	created = change_made(change)->action == ACTION_CREATE;
	if (created)
		put_location(response, &w, change);
	put_etag(response, &w, change);
	write_applied(response, prefer);
	put_row(response, &w, shown, created ? 201 : 200);
	return true;
}

void
write_applied(struct response *response, const struct preferences *prefer)
{
	if (prefer->minimal || prefer->representation)
		response_header(response, HTTP_HEADER_PREFERENCE_APPLIED,
		    prefer->minimal ? "return=minimal" : "return=representation");
}
