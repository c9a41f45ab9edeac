/* SPDX-License-Identifier: BSD-2-Clause */
/* batch_read.c - operations, references, changes */
#include "handlers/batch_read.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "compiler/access.h"
#include "compiler/change.h"
#include "compiler/values.h"
#include "formats/document.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "handlers/batch_refs.h"
#include "handlers/write_request.h"
#include "serve/body.h"
#include "serve/platform.h"

#define BIT(member) (1U << (member))

/* What an operation is made of. */
struct batch_kind {
	const char *name;
	enum action action;
	unsigned needs, takes; /* members, beside op and model */
};

static const struct batch_kind kinds[] = {
	{ "create", ACTION_CREATE, BIT(BATCH_DATA), 0 },
	{ "update", ACTION_UPDATE, BIT(BATCH_ID) | BIT(BATCH_DATA), BIT(BATCH_VERSION) },
	{ "upsert", ACTION_UPDATE, BIT(BATCH_DATA),
	    BIT(BATCH_ID) | BIT(BATCH_BY) | BIT(BATCH_VERSION) },
	{ "delete", ACTION_DELETE, BIT(BATCH_ID), BIT(BATCH_VERSION) | BIT(BATCH_FORCE) },
	{ "restore", ACTION_RESTORE, BIT(BATCH_ID), BIT(BATCH_VERSION) },
};

enum { UPSERT = 2 };

static const char *const member_names[] = {
	[BATCH_OP] = "op",
	[BATCH_MODEL] = "model",
	[BATCH_ID] = "id",
	[BATCH_BY] = "by",
	[BATCH_DATA] = "data",
	[BATCH_VERSION] = "version",
	[BATCH_FORCE] = "force",
};
static_assert(COUNT_OF(member_names) == BATCH_MEMBER__MAX, "a name per member");

/* One operation on its way. */
struct reading {
	struct batch *batch;
	struct operation *operation;
	size_t index;
	struct jsonpointer here;
	struct problem *problem;
};

static const char *
pointer_to(const struct reading *r, enum batch_member member)
{
	struct jsonpointer at = jsonpointer_member(&r->here, member_names[member]);

	return jsonpointer_text(&at, r->batch->request->arena);
}

static bool
fault(struct reading *r, enum batch_member member, const char *code, const char *detail)
{
	return problem_fault(r->problem, pointer_to(r, member), code, "%s", detail);
}

/* --- members ------------------------------------------------------------------------------- */

/* A member that is a string; NULL and a fault for anything else. */
static const char *
read_word(struct reading *r, enum batch_member member)
{
	struct json_object *value = r->operation->members[member];
	size_t len;

	if (value != NULL && jsonread_kind(value) == JSONREAD_STRING)
		return jsonread_string(value, &len);
	fault(r, member, r->operation->given[member] ? "type" : "required", "a string is wanted");
	return NULL;
}

static void
take_members(struct reading *r, struct json_object *object)
{
	struct jsonread_member member = { 0 };

	while (jsonread_next(object, &member)) {
		struct jsonpointer at = jsonpointer_member(&r->here, member.key);
		size_t i = 0;

		while (i < BATCH_MEMBER__MAX && strcmp(member_names[i], member.key) != 0)
			i++;
		if (i == BATCH_MEMBER__MAX) {
			problem_fault(r->problem, jsonpointer_text(&at, r->batch->request->arena),
			    "unknown",
			    "an operation has op, model, id, by, data, version and force");
			continue;
		}
		r->operation->members[i] = member.value;
		r->operation->given[i] = true;
	}
}

static void
find_kind(struct reading *r)
{
	const char *name = read_word(r, BATCH_OP);

	for (size_t i = 0; name != NULL && i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			r->operation->kind = &kinds[i];
	if (name != NULL && r->operation->kind == NULL)
		fault(r, BATCH_OP, "value", "op is create, update, upsert, delete or restore");
}

static void
find_model(struct reading *r)
{
	struct request *request = r->batch->request;
	const char *name = read_word(r, BATCH_MODEL);

	request->used_memory = true;
	if (name != NULL &&
	    (r->operation->model = catalogue_model(request->catalogue, name)) == NULL)
		fault(r, BATCH_MODEL, "unknown", "there is no such model");
}

static void
check_members(struct reading *r)
{
	const struct batch_kind *kind = r->operation->kind;

	for (unsigned i = BATCH_ID; i < BATCH_MEMBER__MAX; i++) {
		bool given = r->operation->given[i];

		if (given && ((kind->needs | kind->takes) & BIT(i)) == 0)
			fault(r, (enum batch_member)i, "unknown", "this operation has none");
		if (!given && (kind->needs & BIT(i)) != 0)
			fault(r, (enum batch_member)i, "required", "this operation needs it");
	}
	if (kind == &kinds[UPSERT] &&
	    r->operation->given[BATCH_ID] == r->operation->given[BATCH_BY])
		fault(r, BATCH_BY, "required",
		    "an upsert has either an id, or by: the columns of a unique key");
}

/* Whether the row is to go for good. */
static bool
is_forced(struct reading *r)
{
	struct json_object *force = r->operation->members[BATCH_FORCE];

	if (!r->operation->given[BATCH_FORCE])
		return false;
	if (force != NULL && jsonread_kind(force) == JSONREAD_BOOL)
		return jsonread_bool(force);
	return fault(r, BATCH_FORCE, "type", "true or false is wanted");
}

/* --- rights -------------------------------------------------------------------------------- */

static void
check_action(struct reading *r, enum action action)
{
	struct batch *b = r->batch;
	struct problem refused;

	problem_init(&refused, b->request->arena);
	if (access_may_begin(r->operation->model, action, &b->request->principal, &refused))
		return;
	b->reader.forbidden++;
	b->reader.anonymous |= refused.code == PROBLEM_UNAUTHENTICATED;
	fault(r, BATCH_MODEL, "forbidden", refused.detail);
}

static void
check_rights(struct reading *r)
{
	const struct batch_kind *kind = r->operation->kind;

	check_action(r, is_forced(r) ? ACTION_FORCE : kind->action);
	if (kind == &kinds[UPSERT])
		check_action(r, ACTION_CREATE);
	if (kind->action == ACTION_RESTORE && !r->operation->model->soft_delete)
		fault(r, BATCH_MODEL, "not_deletable", "it keeps no deleted rows");
}

/* --- changes ------------------------------------------------------------------------------- */

static const struct value *
read_id(struct reading *r)
{
	struct json_object *id = r->operation->members[BATCH_ID];
	enum jsonread_kind kind = jsonread_kind(id);
	const char *text = NULL;
	size_t len;

	if (kind == JSONREAD_STRING)
		text = jsonread_string(id, &len);
	else if (kind == JSONREAD_NUMBER)
		text = jsonread_number(id);
	else
		fault(r, BATCH_ID, "type", "an id is a string or a number");
	return text == NULL ? NULL
			    : value_read_key(r->operation->model->id, text, pointer_to(r, BATCH_ID),
				  r->batch->request->arena, r->problem);
}

/* The version that the row must have. */
static void
read_version(struct reading *r, struct change *change)
{
	struct json_object *version = r->operation->members[BATCH_VERSION];
	struct arena *arena = r->batch->request->arena;
	const char *number;

	if (!r->operation->given[BATCH_VERSION]) {
		if (change->model->require_match)
			fault(r, BATCH_VERSION, "required",
			    "this model is changed with the version that was read");
		return;
	}
	number = jsonread_kind(version) == JSONREAD_NUMBER ? jsonread_number(version) : "";
	if (number[0] == '\0' || strlen(number) > 18 ||
	    strspn(number, "0123456789") != strlen(number)) {
		fault(r, BATCH_VERSION, "type", "a version is a whole number");
		return;
	}
	change->versions =
	    value_new(arena, SQLTYPE_INT8_ARRAY, arena_printf(arena, "{%s}", number));
}

static void
read_upsert(struct reading *r)
{
	struct operation *o = r->operation;
	struct arena *arena = r->batch->request->arena;
	struct jsonpointer data = jsonpointer_member(&r->here, member_names[BATCH_DATA]);
	const struct unique_key *key = NULL;
	const struct value *id = NULL;
	const char *by;

	if (o->given[BATCH_ID]) {
		if (write_key_id(o->model, pointer_to(r, BATCH_ID), &key, r->problem))
			id = read_id(r);
	} else if ((by = read_word(r, BATCH_BY)) != NULL) {
		key = write_key(o->model, by, pointer_to(r, BATCH_BY), arena, r->problem);
	}
	if (key == NULL)
		return;
	o->change = change_new_upsert(arena, o->model, key);
	o->change->upsert->create->id = id;
	if (o->given[BATCH_VERSION] || o->model->require_match)
		read_version(r, o->change);
	o->change->upsert->must_exist = o->given[BATCH_VERSION];
	change_read_upsert(o->change, &r->batch->reader, o->members[BATCH_DATA], &data, r->problem);
}

static void
read_change(struct reading *r)
{
	struct operation *o = r->operation;
	enum action action = is_forced(r) ? ACTION_FORCE : o->kind->action;
	struct jsonpointer data = jsonpointer_member(&r->here, member_names[BATCH_DATA]);

	if (o->kind == &kinds[UPSERT]) {
		read_upsert(r);
		return;
	}
	o->change = change_new(r->batch->request->arena, action, o->model);
	o->change->place = jsonpointer_text(&r->here, r->batch->request->arena);
	if (o->given[BATCH_ID])
		o->change->id = read_id(r);
	if (action != ACTION_CREATE)
		read_version(r, o->change);
	if (o->given[BATCH_DATA])
		change_read(
		    o->change, &r->batch->reader, o->members[BATCH_DATA], &data, r->problem);
}

/* --- all of them --------------------------------------------------------------------------- */

static struct reading
reading_of(struct batch *b, size_t index, struct problem *p)
{
	return (
	    struct reading){ b, &b->operations[index], index, jsonpointer_element(NULL, index), p };
}

/* The members of an operation; whether it can become a change. */
static bool
read_operation(struct reading *r, struct json_object *object)
{
	unsigned before = r->problem->fault_count;

	if (jsonread_kind(object) != JSONREAD_OBJECT)
		return problem_fault(r->problem,
		    jsonpointer_text(&r->here, r->batch->request->arena), "type",
		    "an operation is an object, not %s", jsonread_kind_name(jsonread_kind(object)));
	take_members(r, object);
	find_kind(r);
	find_model(r);
	if (r->operation->kind != NULL)
		check_members(r);
	if (r->operation->kind != NULL && r->operation->model != NULL)
		check_rights(r);
	return r->problem->fault_count == before;
}

/* What refers to known ids is replaced; false when something refers to what is not known yet. */
static bool
resolve(struct reading *r)
{
	struct operation *o = r->operation;
	struct refs refs = { r->batch, r->index, o->model, r->problem, true };

	for (enum batch_member m = BATCH_ID; m <= BATCH_DATA; m++) {
		struct jsonpointer at = jsonpointer_member(&r->here, member_names[m]);

		if (o->members[m] != NULL)
			o->members[m] = refs_resolve(&refs, o->members[m], &at);
	}
	return refs.known;
}

bool
batch_read(struct batch *b, struct request *r, struct problem *p)
{
	struct json_object *array;

	memset(b, 0, sizeof(*b));
	b->request = r;
	b->reader = write_reader(r);
	if (!body_json(r, &array, p))
		return false;
	if (jsonread_kind(array) != JSONREAD_ARRAY)
		return problem_fault(p, "#", "type", "an array of operations is wanted, not %s",
		    jsonread_kind_name(jsonread_kind(array)));
	if ((b->count = document_length(array)) == 0)
		return problem_fault(p, "#", "empty", "a batch has one operation at least");
	if (b->count > LIMIT_OPERATIONS)
		return problem_raise(p, PROBLEM_TOO_LARGE,
		    "a batch has %d operations at most, not %zu", LIMIT_OPERATIONS, b->count);
	b->operations = arena_array(r->arena, b->count, sizeof(*b->operations));
	for (size_t i = 0; i < b->count; i++) {
		struct reading reading = reading_of(b, i, p);

		if (read_operation(&reading, document_element(array, i)) && resolve(&reading))
			read_change(&reading);
	}
	return change_read_end(&b->reader, p);
}

bool
batch_read_late(struct batch *b, size_t index, struct problem *p)
{
	struct reading reading = reading_of(b, index, p);

	if (resolve(&reading) && !problem_raised(p))
		read_change(&reading);
	return change_read_end(&b->reader, p);
}
