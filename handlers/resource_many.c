/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_many.c - writing several rows of one model */
#include "handlers/resource_many.h"

#include "formats/document.h"
#include "formats/jsonpointer.h"
#include "handlers/write_request.h"
#include "handlers/write_row.h"
#include "serve/platform.h"
#include "serve/preferences.h"
#include "serve/writing.h"

/* --- an array of new rows ------------------------------------------------------------------ */

/* New rows, and where their unit reads them. */
struct creation {
	struct change **changes;
	size_t *shown; /* statements, or WRITING_HIDDEN */
	size_t count;
};

/* A change for each element; the faults of all of them. */
static bool
read_elements(struct creation *all, struct request *r, const struct model *model,
    struct json_object *array, struct problem *p)
{
	struct change_reader reader = write_reader(r);

	all->count = document_length(array);
	if (all->count == 0)
		return problem_fault(p, "#", "empty", "an array has one row at least");
	if (all->count > LIMIT_ROWS_CREATED)
		return problem_raise(p, PROBLEM_TOO_LARGE,
		    "an array makes %d rows at most, not %zu", LIMIT_ROWS_CREATED, all->count);
	all->changes = arena_array(r->arena, all->count, sizeof(struct change *));
	all->shown = arena_array(r->arena, all->count, sizeof(*all->shown));
	for (size_t i = 0; i < all->count; i++) {
		struct jsonpointer here = jsonpointer_element(NULL, i);

		all->changes[i] = change_new(r->arena, ACTION_CREATE, model);
		change_read(all->changes[i], &reader, document_element(array, i), &here, p);
	}
	return change_read_end(&reader, p);
}

static bool
show_all(struct writing *w, struct creation *all, struct problem *p)
{
	bool ok = true;

	for (size_t i = 0; ok && i < all->count; i++)
		ok = writing_show(w, all->changes[i], &all->shown[i], p);
	return ok;
}

/* [row, ...] in the order of the request. A row that its writer may not read is null, so that the
 * others keep their places. */
static void
put_rows(struct response *response, const struct writing *w, const struct creation *all)
{
	text_byte(&response->body, '[');
	for (size_t i = 0; i < all->count; i++) {
		size_t len;
		const char *json = writing_row(w, all->shown[i], &len);

		if (i > 0)
			text_byte(&response->body, ',');
		if (json != NULL)
			text_put(&response->body, json, len);
		else
			text_literal(&response->body, "null");
	}
	text_byte(&response->body, ']');
	response_json(response, 201);
}

bool
resource_create_all(struct request *r, struct response *response, const struct model *model,
    struct json_object *array, const struct preferences *prefer, struct problem *p)
{
	struct creation all;
	struct writing w;

	if (!read_elements(&all, r, model, array, p) || !writing_begin(&w, r, p) ||
	    !writing_add_all(&w, all.changes, all.count, NULL, p) ||
	    (!prefer->minimal && !show_all(&w, &all, p)) || !writing_commit(&w, p))
		return false;
	response->status = 201;
	write_applied(response, prefer);
	if (!prefer->minimal && all.shown[0] != WRITING_HIDDEN)
		put_rows(response, &w, &all);
	return true;
}
