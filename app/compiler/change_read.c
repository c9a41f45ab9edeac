/* SPDX-License-Identifier: BSD-2-Clause */
/* change_read.c - members of a body, one by one */
#include "compiler/change_read.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "compiler/change.h"
#include "compiler/kinds.h"
#include "compiler/reading.h"
#include "compiler/validators.h"
#include "compiler/values.h"
#include "database/sqltext.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "formats/uuid.h"

static struct jsonpointer
place_of(const struct reading *r, const char *name)
{
	return jsonpointer_member(r->where, name);
}

static void
fault(struct reading *r, const char *name, const char *code, const char *detail)
{
	struct jsonpointer here = place_of(r, name);

	problem_fault(
	    r->problem, jsonpointer_text(&here, r->change->arena), code, "%s %s", name, detail);
}

/* --- who may write a column ---------------------------------------------------------------- */

static bool
may_write(const struct column *column, const struct principal *who)
{
	if (column->writers == NULL)
		return true;
	for (const struct rule *rule = column->writers; rule != NULL; rule = rule->next)
		if (who->member && who->role != NULL && rule->kind == RULE_ROLE &&
		    strcmp(rule->role, who->role) == 0)
			return true;
	return false;
}

/* Not the platform's, nor the database's, nor declared read-only. A new row's id is a client's to
 * choose only where the model says so. */
bool
change_takes(const struct model *model, const struct column *column, enum action action)
{
	if (column->role == ROLE_ID)
		return action == ACTION_CREATE && model->client_ids;
	return column->role == ROLE_NONE && !column->read_only && !column->generated &&
	    !column->identity_always;
}

/* Neither the server nor the database has a value for it. */
bool
change_needs(const struct column *column)
{
	if (column->role == ROLE_ID)
		return column->kind != KIND_UUID && !column->has_default;
	return column->role == ROLE_NONE && column->not_null && !column->has_default &&
	    !column->generated;
}

/* Where a key says which row is meant, no other column does. */
static bool
is_read_only(const struct change *change, const struct column *column)
{
	if (column->role == ROLE_ID && change->within != NULL && !change->within->key->primary)
		return true;
	return !change_takes(change->model, column, change->action);
}

/* --- owners -------------------------------------------------------------------------------- */

/* Where rows belong to somebody other than themselves: a user's own row has no owner to fill in. */
static bool
has_owner(const struct model *model)
{
	return model->owner != NULL && model->owner != model->id;
}

static bool
owns_by_itself(const struct principal *who)
{
	return who->type == PRINCIPAL_USER && who->member && who->id != NULL;
}

/* value NULL: somebody who is not known yet. */
static bool
may_name_owner(const struct reading *r, const struct value *value)
{
	const struct principal *who = r->reader->who;

	if (access_reach(r->change->model, ACTION_UPDATE, who) == REACH_ALL_ROWS)
		return true;
	return owns_by_itself(who) && value != NULL && value->bytes != NULL &&
	    strcmp(value->bytes, who->id) == 0;
}

static bool
is_owner(const struct reading *r, const struct column *column)
{
	return has_owner(r->change->model) && column == r->change->model->owner;
}

static bool
is_given(const struct change *change, const struct column *column)
{
	return assignments_find(&change->assignments, column) != NULL ||
	    change_link(change, column) != NULL;
}

static void
fill_owner(struct reading *r)
{
	struct change *change = r->change;
	const struct column *owner = change->model->owner;

	if (has_owner(change->model) && owns_by_itself(r->reader->who) && !is_given(change, owner))
		assignments_add(&change->assignments, change->arena, owner, ASSIGN_VALUE,
		    value_typed(change->arena, owner->type, r->reader->who->id));
}

/* --- members ------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum assign how;
} words[] = {
	{ "set", ASSIGN_VALUE },
	{ "increment", ASSIGN_INCREMENT },
	{ "decrement", ASSIGN_DECREMENT },
	{ "multiply", ASSIGN_MULTIPLY },
	{ "divide", ASSIGN_DIVIDE },
};

static bool
is_zero(const char *number)
{
	return strspn(number, "+-0.") == strcspn(number, "eE");
}

/* {"increment": 1}: exactly one member, by one of the words. */
static const struct value *
read_arithmetic(
    struct reading *r, const struct column *column, struct json_object *json, enum assign *how)
{
	struct jsonpointer here = place_of(r, column->json), inner;
	struct jsonread_member member = { 0 };
	const struct value *value;
	size_t i = 0;

	if (jsonread_count(json) != 1 || !jsonread_next(json, &member)) {
		fault(r, column->json, "type",
		    "is a number, or an object of one member: set, increment, decrement, multiply "
		    "or divide");
		return NULL;
	}
	while (i < COUNT_OF(words) && strcmp(words[i].word, member.key) != 0)
		i++;
	inner = jsonpointer_member(&here, member.key);
	if (i == COUNT_OF(words)) {
		problem_fault(r->problem, jsonpointer_text(&inner, r->change->arena), "unknown",
		    "use set, increment, decrement, multiply or divide");
		return NULL;
	}
	*how = words[i].how;
	value = value_from_json(column, member.value, &inner, r->change->arena, r->problem);
	if (value != NULL && *how != ASSIGN_VALUE &&
	    (value->bytes == NULL || (*how == ASSIGN_DIVIDE && is_zero(value->bytes)))) {
		problem_fault(r->problem, jsonpointer_text(&inner, r->change->arena), "range",
		    value->bytes == NULL ? "a number is wanted, not null"
					 : "nothing is divided by zero");
		return NULL;
	}
	return value;
}

static const struct value *
read_value(
    struct reading *r, const struct column *column, struct json_object *json, enum assign *how)
{
	struct jsonpointer here = place_of(r, column->json);

	*how = ASSIGN_VALUE;
	if (r->change->action == ACTION_UPDATE && column_is_number(column) &&
	    jsonread_kind(json) == JSONREAD_OBJECT)
		return read_arithmetic(r, column, json, how);
	return value_from_json(column, json, &here, r->change->arena, r->problem);
}

/* The id that a client chose. One that a path gave stays, and the body may only repeat it. */
static void
read_id(struct reading *r, const struct value *value)
{
	struct change *change = r->change;
	const char *name = change->model->id->json;

	if (strcmp(value->bytes, "aggregate") == 0)
		fault(r, name, "reserved", "is a word of the interface's own");
	else if (change->id != NULL && strcmp(change->id->bytes, value->bytes) != 0)
		fault(r, name, "conflict", "is not the one of the path");
	else
		change->id = value;
}

static void
read_column(struct reading *r, const struct column *column, struct json_object *json)
{
	struct change *change = r->change;
	const struct value *value;
	enum assign how;

	if (is_read_only(change, column)) {
		fault(r, column->json, "read_only", "is not written by clients");
		return;
	}
	if (is_given(change, column)) {
		fault(r, column->json, "conflict", "is given by a relation already");
		return;
	}
	if (!may_write(column, r->reader->who)) {
		r->reader->forbidden++;
		fault(r, column->json, "restricted", "is not yours to write");
	}
	if ((value = read_value(r, column, json, &how)) == NULL)
		return;
	if (is_owner(r, column) && !may_name_owner(r, value)) {
		r->reader->forbidden++;
		fault(r, column->json, "owner",
		    "is you; others are named by who may update every row");
	}
	if (column->role == ROLE_ID)
		read_id(r, value);
	else
		assignments_add(&change->assignments, change->arena, column, how, value);
}

/* --- foreign keys by relation ------------------------------------------------------------ */

struct link *
reading_link(struct reading *r, const struct column *column, const struct link *wanted)
{
	struct change *change = r->change;
	const struct value *id = wanted->source != NULL ? wanted->source->id : wanted->value;
	bool given = is_given(change, column);
	struct link *link = change_tie(change, wanted);

	link->column = column;
	if (given) {
		problem_fault(
		    r->problem, link->place, "conflict", "%s is given already", column->json);
		return link;
	}
	if (is_read_only(change, column))
		problem_fault(r->problem, link->place, "read_only", "%s is not written by clients",
		    column->json);
	if (!may_write(column, r->reader->who)) {
		r->reader->forbidden++;
		problem_fault(r->problem, link->place, "restricted", "%s is not yours to write",
		    column->json);
	}
	if (is_owner(r, column) && !may_name_owner(r, id)) {
		r->reader->forbidden++;
		problem_fault(r->problem, link->place, "owner",
		    "%s is you; others are named by who may update every row", column->json);
	}
	return link;
}

void
reading_may(struct reading *r, const struct model *model, enum action action, const char *pointer)
{
	struct problem refused;

	problem_init(&refused, r->change->arena);
	if (access_may_begin(model, action, r->reader->who, &refused))
		return;
	r->reader->forbidden++;
	r->reader->anonymous = refused.code == PROBLEM_UNAUTHENTICATED;
	problem_fault(r->problem, pointer, "forbidden", "%s", refused.detail);
}

/* --- passwords ----------------------------------------------------------------------------- */

/* The member that is written and never read; a column that can be seen and has its name comes
 * first. */
static bool
is_password(const struct model *model, const char *key)
{
	return model->principals != NULL && strcmp(key, model->principals->input->json) == 0;
}

/* Only a new row takes one: whoever may update a row shall not sign in as it, nor a stolen token
 * become a stolen account. Null is none. */
static void
read_password(struct reading *r, struct json_object *json)
{
	const struct principals *who = r->change->model->principals;
	struct jsonpointer here = place_of(r, who->input->json);
	const struct value *value;
	struct objection wrong;

	if (r->change->action != ACTION_CREATE) {
		fault(r, who->input->json, "read_only",
		    "is changed by POST /auth/password, which asks for the one that was");
		return;
	}
	if (r->change->within != NULL) {
		fault(r, who->input->json, "read_only",
		    "is for POST, since a row that is there keeps its own");
		return;
	}
	value = value_from_json(who->input, json, &here, r->change->arena, r->problem);
	if (value == NULL || value->bytes == NULL)
		return;
	r->change->password = value->bytes;
	if (!validators_accept_password(who, value->bytes, r->change->arena, &wrong))
		fault(r, who->input->json, wrong.code,
		    arena_printf(r->change->arena, "is %s", wrong.expected));
}

/* --- all of them --------------------------------------------------------------------------- */

/* The pointer names it; a key is as long as a client likes. */
static void
refuse_unknown(struct reading *r, const char *key)
{
	struct jsonpointer here = place_of(r, key);

	problem_fault(r->problem, jsonpointer_text(&here, r->change->arena), "unknown",
	    "%s has no such field", r->change->model->name);
}

static void
read_members(struct reading *r, struct json_object *body)
{
	struct jsonread_member member = { 0 };

	while (jsonread_next(body, &member)) {
		const struct model *model = r->change->model;
		const struct column *column = model_column(model, member.key);
		const struct relation *relation = model_relation(model, member.key);

		if (column != NULL)
			read_column(r, column, member.value);
		else if (is_password(model, member.key))
			read_password(r, member.value);
		else if (relation != NULL)
			nested_read(r, relation, member.value);
		else if (r->aside != NULL && strcmp(member.key, r->aside) == 0)
			continue;
		else if (!r->reader->strip)
			refuse_unknown(r, member.key);
	}
}

/* --- new rows ------------------------------------------------------------------------------ */

/* uuid ids are made here, so that children and log share the parameter; other kinds come from the
 * client or the database. */
static void
make_id(struct reading *r)
{
	struct change *change = r->change;
	const struct column *id = change->model->id;

	if (change->id != NULL)
		return;
	if (id->kind == KIND_UUID)
		change->id = value_typed(change->arena, id->type, uuid_v7(change->arena));
	else if (change_needs(id))
		fault(r, id->json, "required", "is missing");
}

/* What a client calls it. */
static const char *
given_as(const struct model *model, const struct column *column)
{
	return model->principals != NULL && column == model->principals->password
	    ? model->principals->input->json
	    : column->json;
}

/* What must be given and was not; a member that was found wrong is not missing as well. body NULL:
 * it has no members. */
static void
find_missing(struct reading *r, struct json_object *body)
{
	const struct model *model = r->change->model;
	struct json_object *given;

	for (size_t i = 0; i < model->column_count; i++) {
		const struct column *c = &model->columns[i];
		const char *name = given_as(model, c);

		if (c->role == ROLE_ID || !change_needs(c) || is_given(r->change, c) ||
		    (body != NULL && jsonread_find(body, name, &given)))
			continue;
		fault(r, name, "required", "is missing");
	}
}

bool
reading_members(struct reading *r, struct json_object *body)
{
	enum jsonread_kind kind = jsonread_kind(body);

	if (kind != JSONREAD_OBJECT)
		return problem_fault(r->problem, jsonpointer_text(r->where, r->change->arena),
		    "type", "an object is wanted, not %s", jsonread_kind_name(kind));
	read_members(r, body);
	return true;
}

void
reading_finish(struct reading *r, struct json_object *body)
{
	if (r->change->action != ACTION_CREATE)
		return;
	fill_owner(r);
	make_id(r);
	find_missing(r, body);
}

void
reading_object(struct reading *r, struct json_object *body)
{
	if (reading_members(r, body))
		reading_finish(r, body);
}

void
reading_nothing(struct reading *r)
{
	reading_finish(r, NULL);
}

void
change_read(struct change *change, struct change_reader *reader, struct json_object *body,
    const struct jsonpointer *where, struct problem *p)
{
	struct reading r = { change, reader, where, p, 0, NULL };

	assert(change->action == ACTION_CREATE || change->action == ACTION_UPDATE);
	change->place = jsonpointer_text(where, change->arena);
	reading_object(&r, body);
}

bool
change_read_end(const struct change_reader *reader, struct problem *p)
{
	if (p->code == PROBLEM_INVALID && reader->forbidden == p->fault_count)
		p->code = reader->anonymous ? PROBLEM_UNAUTHENTICATED : PROBLEM_FORBIDDEN;
	return !problem_raised(p);
}
