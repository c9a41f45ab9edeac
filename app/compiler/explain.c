/* SPDX-License-Identifier: BSD-2-Clause */
/* explain.c - from SQLSTATE and constraint to pointer and detail */
#include "compiler/explain.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/plan.h"
#include "database/pg.h"
#include "database/sqltext.h"

/* What failed, on its way into the problem. */
struct failing {
	const struct step *step;
	const struct pg_failure *failure;
	const char *constraint; /* bare; "" when there is none */
	struct problem *problem;
};

/* --- names --------------------------------------------------------------------------------- */

/* The name behind `word "`; "" when it is not there. On Citus the diagnostic fields are empty, and
 * the name in the message ends in the number of the shard (scaling.md 3). */
static const char *
name_in_message(const char *message, const char *word, struct arena *arena)
{
	const char *at = message != NULL ? strstr(message, word) : NULL;
	size_t len, digits = 0;

	if (at == NULL)
		return "";
	at += strlen(word);
	len = strcspn(at, "\"");
	while (digits < len && isdigit((unsigned char)at[len - digits - 1]))
		digits++;
	if (digits >= 6 && digits < len && at[len - digits - 1] == '_')
		len -= digits + 1;
	return arena_copy(arena, at, len);
}

static const char *
constraint_of(const struct pg_failure *failure, struct arena *arena)
{
	if (failure->constraint != NULL)
		return failure->constraint;
	return name_in_message(failure->message, "constraint \"", arena);
}

/* --- pointers ------------------------------------------------------------------------------ */

/* A foreign key that the body gives by a relation is told there. */
static const char *
pointer_to(const struct failing *f, const struct column *column)
{
	const struct change *c = f->step->change;
	const struct link *link;

	if (column == NULL)
		return c->place;
	if ((link = change_link(c, column)) != NULL)
		return link->place;
	return arena_printf(c->arena, "%s/%s", c->place, column->json);
}

/* Of the columns that a constraint looks at, the first that the client gave; else the first that it
 * may see. */
static const struct column *
blamed(const struct failing *f, const struct column *const *columns, size_t count)
{
	const struct column *seen = NULL;

	for (size_t i = 0; i < count; i++) {
		if (columns[i]->hidden || columns[i]->role == ROLE_DELETED_AT)
			continue;
		if (assignments_find(&f->step->change->assignments, columns[i]) != NULL)
			return columns[i];
		if (seen == NULL)
			seen = columns[i];
	}
	return seen;
}

/* Start anew; what the log knows stays. */
static void
restate(struct problem *p)
{
	p->code = PROBLEM_NONE;
	p->detail = NULL;
}

/* Of a row as a whole: at its place, unless it is what the request is about. */
static void
tell(const struct failing *f, enum problem_code code, const char *word, const char *detail)
{
	const struct change *c = f->step->change;

	if (c->part_of != NULL)
		problem_fault_as(f->problem, code, c->named, word, "%s", detail);
	else
		problem_raise(f->problem, code, "%s", detail);
}

/* --- constraints --------------------------------------------------------------------------- */

static void
tell_taken(const struct failing *f, const struct unique_key *key)
{
	problem_fault_as(f->problem, PROBLEM_CONFLICT,
	    pointer_to(f, blamed(f, key->touched, key->touched_count)), "unique",
	    "another row of %s has this value", f->step->model->name);
}

static void
tell_unique(const struct failing *f)
{
	const struct model *model = f->step->model;

	for (size_t i = 0; i < model->key_count; i++) {
		if (strcmp(model->keys[i].name, f->constraint) != 0)
			continue;
		restate(f->problem);
		tell_taken(f, &model->keys[i]);
		/* Somebody may have made just now what was looked for and not found. */
		if (f->step->change->sought) {
			f->problem->retried = f->problem->code;
			f->problem->code = PROBLEM_RETRY;
		}
		return;
	}
}

static void
tell_check(const struct failing *f)
{
	const struct model *model = f->step->model;

	for (size_t i = 0; i < model->check_count; i++) {
		const struct check *check = &model->checks[i];

		if (strcmp(check->name, f->constraint) != 0)
			continue;
		restate(f->problem);
		problem_fault_as(f->problem, PROBLEM_INVALID,
		    pointer_to(f, blamed(f, check->columns, check->column_count)), "check",
		    "the rule %s does not hold", check->name);
		return;
	}
}

static void
tell_exclusion(const struct failing *f)
{
	const struct model *model = f->step->model;

	for (size_t i = 0; i < model->check_count; i++) {
		const struct check *check = &model->checks[i];

		if (strcmp(check->name, f->constraint) != 0)
			continue;
		restate(f->problem);
		problem_fault_as(f->problem, PROBLEM_CONFLICT,
		    pointer_to(f, blamed(f, check->columns, check->column_count)), "exclusion",
		    "another row of %s excludes this value", model->name);
		return;
	}
}

static void
tell_relation(const struct failing *f, const struct relation *relation)
{
	const struct column **own =
	    arena_array(f->step->change->arena, relation->pair_count, sizeof(struct column *));

	for (size_t i = 0; i < relation->pair_count; i++)
		own[i] = relation->pairs[i].own;
	restate(f->problem);
	problem_fault_as(f->problem, PROBLEM_CONFLICT,
	    pointer_to(f, blamed(f, own, relation->pair_count)), "reference", "%s has no such row",
	    relation->target->name);
}

/* A key of the model's own points nowhere; one of another model points to a row that goes. */
static void
tell_foreign_key(const struct failing *f)
{
	const struct model *model = f->step->model;

	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *relation = &model->relations[i];

		if (strcmp(relation->constraint, f->constraint) != 0)
			continue;
		if (relation->kind == RELATION_ONE) {
			tell_relation(f, relation);
			return;
		}
		restate(f->problem);
		tell(f, PROBLEM_CONFLICT, "needed",
		    arena_printf(f->step->change->arena, "%s has rows that need this one",
			relation->target->name));
		return;
	}
}

static void
tell_not_null(const struct failing *f)
{
	const char *name = f->failure->column != NULL
	    ? f->failure->column
	    : name_in_message(f->failure->message, "column \"", f->step->change->arena);
	const struct column *column = model_sql_column(f->step->model, name);

	if (column == NULL || column->hidden)
		return;
	restate(f->problem);
	problem_fault_as(f->problem, PROBLEM_INVALID, pointer_to(f, column), "required",
	    "%s must not be null", column->json);
}

/* A number left its range: the client gave an operand, so its field is told when there is one. */
static void
tell_range(const struct failing *f)
{
	const struct assignment *found = NULL;

	for (const struct assignment *a = f->step->change->assignments.first; a != NULL;
	     a = a->next) {
		if (a->how == ASSIGN_VALUE || a->how == ASSIGN_NOW || a->column->role != ROLE_NONE)
			continue;
		if (found != NULL)
			return;
		found = a;
	}
	if (found == NULL)
		return;
	restate(f->problem);
	problem_fault_as(f->problem, PROBLEM_INVALID, pointer_to(f, found->column), "range",
	    "the result is more than %s can hold", found->column->json);
}

/* --- our own codes ------------------------------------------------------------------------- */

/* A row that the request is not itself about is in conflict, as a foreign key to none is. An upsert
 * asks for no row that must be there: one that may not be seen has its key, which is what making it
 * anew would say. */
static void
tell_absent(const struct failing *f)
{
	restate(f->problem);
	if (f->step->change->upsert != NULL) {
		tell_taken(f, f->step->change->upsert->key);
		return;
	}
	if (f->step->change->part_of != NULL) {
		tell(f, PROBLEM_CONFLICT, "reference",
		    arena_printf(
			f->step->change->arena, "%s has no such row", f->step->model->name));
		return;
	}
	problem_raise(f->problem, PROBLEM_NO_ROW, "%s has no row with id %s", f->step->model->name,
	    f->step->change->id->bytes);
}

static void
tell_forbidden(const struct failing *f)
{
	restate(f->problem);
	tell(f, PROBLEM_FORBIDDEN, "forbidden",
	    arena_printf(f->step->change->arena, "this row of %s is not yours to change",
		f->step->model->name));
}

static void
tell_deleted(const struct failing *f)
{
	restate(f->problem);
	tell(f, PROBLEM_CONFLICT, "deleted",
	    arena_printf(f->step->change->arena,
		"this row of %s is deleted; POST to its /restore brings it back",
		f->step->model->name));
}

static void
tell_version(const struct failing *f)
{
	restate(f->problem);
	problem_raise(f->problem, PROBLEM_PRECONDITION,
	    "this row of %s is in another version than If-Match says", f->step->model->name);
}

static void
tell_parent(const struct failing *f)
{
	tell_relation(f, f->step->relation);
}

static void
tell_restrict(const struct failing *f)
{
	restate(f->problem);
	tell(f, PROBLEM_CONFLICT, "needed",
	    arena_printf(f->step->change->arena, "%s has rows that need this one",
		f->step->relation->target->name));
}

static void
tell_live(const struct failing *f)
{
	restate(f->problem);
	problem_raise(
	    f->problem, PROBLEM_CONFLICT, "this row of %s is not deleted", f->step->model->name);
}

static void
tell_member(const struct failing *f)
{
	restate(f->problem);
	problem_raise(f->problem, PROBLEM_CONFLICT,
	    "this row of %s was deleted along with another, which brings it back",
	    f->step->model->name);
}

static void
tell_parent_deleted(const struct failing *f)
{
	restate(f->problem);
	problem_raise(f->problem, PROBLEM_CONFLICT,
	    "the row of %s that a row of %s points to is deleted", f->step->relation->target->name,
	    f->step->model->name);
}

static const struct {
	char sqlstate[6];
	void (*tell)(const struct failing *);
} tellers[] = {
	{ "RH404", tell_absent }, { "RH403", tell_forbidden }, { "RHDEL", tell_deleted },
	{ "RH412", tell_version }, { "RHREF", tell_parent }, { "RHRST", tell_restrict },
	{ "RHLIV", tell_live }, { "RHMEM", tell_member }, { "RHPAR", tell_parent_deleted },
	{ "23505", tell_unique },      /* unique_violation */
	{ "23503", tell_foreign_key }, /* foreign_key_violation */
	{ "23514", tell_check },       /* check_violation */
	{ "23P01", tell_exclusion },   /* exclusion_violation */
	{ "23502", tell_not_null },    /* not_null_violation */
	{ "22003", tell_range },       /* numeric_value_out_of_range */
};

void
explain_failure(
    const struct plan *plan, size_t statement, const struct pg_failure *failure, struct problem *p)
{
	struct failing f = { plan_step(plan, statement), failure, "", p };

	if (f.step->purpose == PURPOSE_NONE)
		return;
	f.constraint = constraint_of(failure, plan->arena);
	for (size_t i = 0; i < COUNT_OF(tellers); i++)
		if (strcmp(tellers[i].sqlstate, failure->sqlstate) == 0)
			tellers[i].tell(&f);
}
