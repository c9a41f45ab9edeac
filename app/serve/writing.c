/* SPDX-License-Identifier: BSD-2-Clause */
/* writing.c - changes into a unit, failures into words */
#include "serve/writing.h"

#include <string.h>

#include "base/settings.h"
#include "compiler/change_tree.h"
#include "compiler/explain.h"
#include "compiler/stages.h"
#include "formats/jsontext.h"
#include "formats/utf8.h"
#include "serve/caching.h"
#include "serve/environment.h"
#include "serve/hashing.h"
#include "serve/platform.h"

enum { REASON_MAX = 500, METADATA_MAX = 4096, TRACE_DIGITS = 32, STEPS_UP = 64 };

/* --- what the log says of the request ------------------------------------------------------ */

/* The trace of a well-formed traceparent (W3C Trace Context, 3.2): 00-TRACE-PARENT-FLAGS; else
 * NULL.
 */
static const char *
trace_id(const struct request *r)
{
	static const char digits[] = "0123456789abcdef";
	const char *parent = request_param(r, "HTTP_TRACEPARENT");

	if (parent == NULL || strlen(parent) != 55 || strncmp(parent, "00-", 3) != 0 ||
	    strspn(parent + 3, digits) != TRACE_DIGITS || parent[35] != '-')
		return NULL;
	return arena_copy(r->arena, parent + 3, TRACE_DIGITS);
}

/* Why, in the client's own words; NULL: it gives no reason. */
static bool
read_reason(const struct request *r, const char **reason, struct problem *p)
{
	*reason = request_param(r, "HTTP_X_AUDIT_REASON");
	if (*reason != NULL && (strlen(*reason) > REASON_MAX || !utf8_ok(*reason, strlen(*reason))))
		return problem_fault(p, "/header/X-Audit-Reason", "value",
		    "a reason is UTF-8 of at most %d bytes", REASON_MAX);
	return true;
}

static void
put_member(struct jsontext *j, const char *key, const char *value)
{
	if (value == NULL)
		return;
	jsontext_key(j, key);
	jsontext_string(j, value);
}

static bool
make_metadata(struct writing *w, struct problem *p)
{
	struct request *r = w->request;
	struct jsontext j;
	struct text out;
	const char *reason;

	if (!read_reason(r, &reason, p))
		return false;
	text_init(&out, r->arena, METADATA_MAX);
	jsontext_init(&j, &out);
	jsontext_begin_object(&j);
	put_member(&j, "requestId", r->id);
	put_member(&j, "traceId", trace_id(r));
	put_member(&j, "route", arena_printf(r->arena, "%s %s", r->method_name, r->route->path));
	put_member(&j, "reason", reason);
	if (r->keyed != NULL) /* then it was checked */
		put_member(&j, "idempotencyKey", request_param(r, "HTTP_IDEMPOTENCY_KEY"));
	jsontext_end_object(&j);
	jsontext_done(&j);
	w->intent = (struct audit_intent){
		.who = &r->principal, .metadata = out.bytes, .waived = r->route->unaudited != NULL
	};
	return true;
}

/* --- the unit ------------------------------------------------------------------------------ */

bool
writing_begin(struct writing *w, struct request *r, struct problem *p)
{
	w->request = r;
	w->hashes = 0;
	w->unit = unit_new(r->arena, UNIT_WRITE);
	plan_init(&w->plan, r->arena, w->unit);
	return make_metadata(w, p);
}

/* A run of the unit failed. */
static bool
explain(struct writing *w, struct problem *p)
{
	const struct pg_failure *failure = unit_failure(w->unit);

	if (failure != NULL && p->code != PROBLEM_EPOCH)
		explain_failure(&w->plan, unit_failed(w->unit), failure, p);
	return false;
}

/* --- members of a group -------------------------------------------------------------------- */

/* Go one row up; false where there is none, or none that the principal may read. */
static bool
step_up(struct request *r, struct change *row, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct plan plan;

	plan_init(&plan, r->arena, unit);
	if (!emit_deleted_with(&plan, row, p) || unit_count(unit) == 0 || !request_run(r, unit, p))
		return false;
	for (size_t i = 0; i < unit_count(unit); i++) {
		const struct result *rows = unit_result(unit, i);
		const struct model *above = plan_step(&plan, i)->relation->target;

		if (result_rows(rows) == 0)
			continue;
		row->model = above;
		row->id = value_typed(r->arena, above->id->type, result_value(rows, 0, 0, NULL));
		return true;
	}
	return false;
}

/* A row that is no group by itself was to be brought back: name the one that is. It stands some
 * levels up; this is no way that a request in good order takes. */
static void
name_root(struct request *r, const struct change *change, struct problem *p)
{
	struct change row = *change;
	struct problem lost; /* then it is not named */

	problem_init(&lost, r->arena);
	for (int i = 0; i < STEPS_UP && step_up(r, &row, &lost); i++)
		continue;
	if (row.model == change->model && row.id == change->id)
		return;
	if (access_reach(row.model, ACTION_READ, &r->principal) != REACH_ALL_ROWS)
		return;
	p->detail = arena_printf(r->arena,
	    "this row of %s was deleted along with %s %s; POST %s/%s/%s/restore brings all of "
	    "it back",
	    change->model->name, row.model->name, row.id->bytes, r->settings->base_path,
	    row.model->name, row.id->bytes);
}

/* --- passwords ----------------------------------------------------------------------------- */

/* One hash is enough to wait for. Every password behind the first is a fault. */
static bool
may_hash(void *writing, struct change *change, struct problem *p)
{
	struct writing *w = writing;

	if (change->password != NULL && w->hashes++ > 0)
		problem_fault(p, arena_printf(w->request->arena, "%s/password", change->place),
		    "limit", "a request may give one new row a password, no more");
	return true;
}

/* The hash of a new row's password into its column. Everything else of the request is known to be
 * valid by now, and permitted as far as that does not depend on stored rows. */
static bool
hash_password(void *writing, struct change *change, struct problem *p)
{
	struct request *r = ((struct writing *)writing)->request;
	const struct column *column;
	const char *hash;

	if (change->password == NULL)
		return true;
	if (r->environment->passwords == NULL) {
		problem_cause(p, "setting secret_file is empty: nobody can sign in");
		return problem_fault(p, arena_printf(r->arena, "%s/password", change->place),
		    "unavailable", "nobody can sign in here, so it has no use");
	}
	if ((hash = hashing_make(r, change->password, p)) == NULL)
		return false;
	column = change->model->principals->password;
	assignments_add(&change->assignments, r->arena, column, ASSIGN_VALUE,
	    value_typed(r->arena, column->type, hash));
	change->password = NULL;
	return true;
}

/* --- changes ------------------------------------------------------------------------------- */

bool
writing_hold(struct writing *w, struct problem *p)
{
	const struct step *step;

	if (request_hold(w->request, w->unit, p))
		return true;
	explain(w, p);
	step = plan_step(&w->plan, unit_failed(w->unit));
	if (strcmp(p->sqlstate, "RHMEM") == 0 && step->change != NULL)
		name_root(w->request, step->change, p);
	return false;
}

bool
writing_add_all(struct writing *w, struct change *const *changes, size_t count,
    const struct expectation *expectation, struct problem *p)
{
	struct request *r = w->request;
	struct change_actor actor = { &r->principal, r->tenant, &w->intent };
	struct change_tree *tree = change_tree_new(r->arena, &actor, expectation);
	enum emission emission = EMISSION_HOLD;

	for (size_t i = 0; i < count; i++)
		change_tree_add(tree, changes[i]);
	if (!change_tree_visit(tree, may_hash, w, p) || problem_raised(p) ||
	    !change_tree_visit(tree, hash_password, w, p))
		emission = EMISSION_FAILED;
	while (emission == EMISSION_HOLD)
		if ((emission = change_tree_emit(tree, &w->plan, p)) == EMISSION_HOLD &&
		    !writing_hold(w, p))
			return false;
	if (emission != EMISSION_DONE)
		request_drop(r, w->unit);
	return emission == EMISSION_DONE;
}

bool
writing_add(struct writing *w, struct change *change, const struct expectation *expectation,
    struct problem *p)
{
	return writing_add_all(w, &change, 1, expectation, p);
}

const struct change *
writing_failed(const struct writing *w)
{
	const struct change *change = plan_step(&w->plan, unit_failed(w->unit))->change;

	while (change != NULL && change->part_of != NULL)
		change = change->part_of;
	return change;
}

bool
writing_show(struct writing *w, const struct change *change, size_t *statement, struct problem *p)
{
	struct request *r = w->request;
	struct query *query = query_new(r->arena, ACTION_READ, SHAPE_ROW, change->model);

	*statement = WRITING_HIDDEN;
	if (access_reach(change->model, ACTION_READ, &r->principal) == REACH_NOTHING)
		return true;
	*statement = unit_count(w->unit);
	query_compare(query, change->model->id, OPERATOR_EQ, change_made(change)->id);
	if (compile_query(w->unit, query, &r->principal, r->tenant, NULL, NULL, p))
		return true;
	request_drop(r, w->unit);
	return false;
}

bool
writing_commit(struct writing *w, struct problem *p)
{
	if (caching_note_plan(w->request, &w->plan, p))
		return request_run(w->request, w->unit, p) || explain(w, p);
	request_drop(w->request, w->unit);
	return false;
}

const char *
writing_row(const struct writing *w, size_t statement, size_t *len)
{
	const struct result *rows;

	if (statement == WRITING_HIDDEN)
		return NULL;
	rows = unit_result(w->unit, statement);
	return result_rows(rows) > 0 ? result_value(rows, 0, 0, len) : NULL;
}

const char *
writing_id(const struct writing *w, const struct change *change)
{
	return result_value(unit_result(w->unit, change_made(change)->written), 0, 0, NULL);
}

const char *
writing_version(const struct writing *w, const struct change *change)
{
	return result_value(unit_result(w->unit, change_made(change)->written), 0, 1, NULL);
}
