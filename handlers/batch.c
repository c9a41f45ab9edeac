/* SPDX-License-Identifier: BSD-2-Clause */
/* batch.c - operations into one unit, and their results into one answer */
#include "handlers/batch.h"

#include "compiler/change.h"
#include "compiler/stages.h"
#include "formats/jsonpointer.h"
#include "formats/jsontext.h"
#include "handlers/batch_read.h"
#include "handlers/write_request.h"
#include "handlers/write_row.h"
#include "serve/platform.h"
#include "serve/preferences.h"
#include "serve/writing.h"

static const struct expectation one_row = { 1 };

/* --- failures ------------------------------------------------------------------------------ */

/* Whose change it is; the count of operations when it is nobody's. */
static size_t
operation_of(const struct batch *b, const struct change *change)
{
	size_t i = 0;

	if (change != NULL && change->within != NULL)
		change = NULL; /* its faults have their places */
	while (i < b->count && (change == NULL || b->operations[i].change != change))
		i++;
	return i;
}

/* What is refused without a place in the body is told at the operation. */
static bool
refuse(const struct batch *b, size_t index, struct problem *p)
{
	struct jsonpointer at = jsonpointer_element(NULL, index);
	int status = problem_kind(p->code)->status;

	if (index < b->count && p->faults == NULL && status >= 400 && status < 500)
		problem_locate(p, jsonpointer_text(&at, b->request->arena), "refused");
	return false;
}

/* --- the unit ------------------------------------------------------------------------------ */

/* The change of an operation that waits for the rows of earlier ones. */
static bool
wait_for_rows(struct batch *b, struct writing *w, size_t index, struct problem *p)
{
	if (!writing_hold(w, p))
		return refuse(b, operation_of(b, writing_failed(w)), p);
	b->writing = w;
	if (batch_read_late(b, index, p))
		return true;
	request_drop(b->request, w->unit);
	return false;
}

static bool
add(struct batch *b, struct writing *w, size_t index, const struct preferences *prefer,
    struct problem *p)
{
	struct operation *o = &b->operations[index];
	bool removes, creates;

	if (o->change == NULL && !wait_for_rows(b, w, index, p))
		return false;
	removes = o->change->action == ACTION_DELETE || o->change->action == ACTION_FORCE;
	creates = o->change->action == ACTION_CREATE;
	o->shown = WRITING_HIDDEN;
	if (!writing_add(w, o->change, creates ? NULL : &one_row, p))
		return refuse(
		    b, p->sqlstate[0] != '\0' ? operation_of(b, writing_failed(w)) : index, p);
	return removes || (prefer->minimal && !o->wanted) ||
	    writing_show(w, o->change, &o->shown, p);
}

static bool
add_all(struct batch *b, struct writing *w, const struct preferences *prefer, struct problem *p)
{
	for (size_t i = 0; i < b->count; i++)
		if (!add(b, w, i, prefer, p))
			return false;
	return true;
}

/* --- the answer ---------------------------------------------------------------------------- */

/* {"status": 201, "body": {...}}; without a body where there is none, or none is preferred. */
static void
put_result(struct jsontext *j, const struct writing *w, const struct operation *o, bool minimal)
{
	const struct change *made = change_made(o->change);
	size_t len;
	const char *row = minimal ? NULL : writing_row(w, o->shown, &len);

	jsontext_begin_object(j);
	jsontext_key(j, "status");
	if (made->action == ACTION_CREATE)
		jsontext_int(j, 201);
	else
		jsontext_int(j, row != NULL ? 200 : 204);
	if (row != NULL) {
		jsontext_key(j, "body");
		jsontext_raw(j, row, len);
	}
	jsontext_end_object(j);
}

static void
answer(struct response *response, const struct batch *b, const struct writing *w,
    const struct preferences *prefer)
{
	struct jsontext j;

	jsontext_init(&j, &response->body);
	jsontext_begin_array(&j);
	for (size_t i = 0; i < b->count; i++)
		put_result(&j, w, &b->operations[i], prefer->minimal);
	jsontext_end_array(&j);
	jsontext_done(&j);
	write_applied(response, prefer);
	response_json(response, 200);
}

bool
batch_run(struct request *r, struct response *response, struct problem *p)
{
	struct preferences prefer;
	struct writing w;
	struct batch b;

	if (!preferences_read(&prefer, r, p) || !write_flags(r, NULL, 0, p) ||
	    !batch_read(&b, r, p) || !writing_begin(&w, r, p) || !add_all(&b, &w, &prefer, p))
		return false;
	if (!writing_commit(&w, p))
		return refuse(&b, operation_of(&b, writing_failed(&w)), p);
	answer(response, &b, &w, &prefer);
	return true;
}
