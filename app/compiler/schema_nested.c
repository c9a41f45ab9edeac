/* SPDX-License-Identifier: BSD-2-Clause */
/* schema_nested.c - what a body takes under the name of a relation */
#include <assert.h>
#include <string.h>

#include "compiler/change_read.h"
#include "compiler/nested.h"
#include "compiler/schema_values.h"
#include "formats/jsontext.h"

/* What stands under a verb, of one row. */
enum part {
	PART_NONE,
	PART_TRUE,
	PART_WHICH,  /* {"id": ...}, or the columns of a unique key */
	PART_CREATE, /* the bodies of the target */
	PART_UPDATE,
};

/* {"where": ..., "create": ..., ...}; or, where a verb has one part only, that itself. */
static const struct {
	enum part one, many; /* itself; PART_NONE: the members */
	bool where;          /* among the members, where the relation has many rows */
	const char *update;  /* what the member of PART_UPDATE is called; NULL: there is none */
	bool create;
} verbs[] = {
	[NESTED_DELETE] = { PART_TRUE, PART_WHICH, false, NULL, false },
	[NESTED_DISCONNECT] = { PART_TRUE, PART_WHICH, false, NULL, false },
	[NESTED_SET] = { PART_WHICH, PART_WHICH, false, NULL, false },
	[NESTED_UPDATE] = { PART_UPDATE, PART_NONE, true, "data", false },
	[NESTED_UPSERT] = { PART_NONE, PART_NONE, true, "update", true },
	[NESTED_CONNECT] = { PART_WHICH, PART_WHICH, false, NULL, false },
	[NESTED_CONNECT_OR_CREATE] = { PART_NONE, PART_NONE, true, NULL, true },
	[NESTED_CREATE] = { PART_CREATE, PART_CREATE, false, NULL, false },
};
static_assert(COUNT_OF(verbs) == NESTED__MAX, "a row per verb");

struct putting {
	struct jsontext *j;
	const struct relation *relation;
	const struct schema_names *names;
	enum nested_verb verb;
};

static void
put_part(const struct putting *p, enum part part)
{
	static const char yes[] = "{\"const\":true}",
			  which[] = "{\"type\":\"object\",\"minProperties\":1,"
				    "\"additionalProperties\":true}";

	switch (part) {
	case PART_NONE: break;
	case PART_TRUE: jsontext_raw(p->j, yes, strlen(yes)); return;
	case PART_WHICH: jsontext_raw(p->j, which, strlen(which)); return;
	case PART_CREATE:
	case PART_UPDATE:
		schema_reference(p->j, schema_name(p->names, p->relation->target),
		    part == PART_CREATE ? "Create" : "Update");
		return;
	}
	assert(0 && "a verb without a part");
}

static void
put_member(const struct putting *p, const char *name, enum part part)
{
	jsontext_key(p->j, name);
	put_part(p, part);
}

static void
put_members(const struct putting *p)
{
	jsontext_begin_object(p->j);
	jsontext_put_string(p->j, "type", "object");
	jsontext_key(p->j, "properties");
	jsontext_begin_object(p->j);
	/* The only row of a relation needs no name, but to be connected. */
	if (verbs[p->verb].where &&
	    (relation_is_many(p->relation) || p->verb == NESTED_CONNECT_OR_CREATE))
		put_member(p, "where", PART_WHICH);
	if (verbs[p->verb].update != NULL)
		put_member(p, verbs[p->verb].update, PART_UPDATE);
	if (verbs[p->verb].create)
		put_member(p, "create", PART_CREATE);
	jsontext_end_object(p->j);
	jsontext_put_bool(p->j, "additionalProperties", false);
	jsontext_end_object(p->j);
}

static void
put_one(const struct putting *p)
{
	enum part part = relation_is_many(p->relation) ? verbs[p->verb].many : verbs[p->verb].one;

	if (part == PART_NONE)
		put_members(p);
	else
		put_part(p, part);
}

/* Of one row, and where the relation has many, a list of them. */
static void
put_operation(const struct putting *p)
{
	if (!relation_is_many(p->relation)) {
		put_one(p);
		return;
	}
	jsontext_begin_object(p->j);
	jsontext_key(p->j, "anyOf");
	jsontext_begin_array(p->j);
	put_one(p);
	jsontext_begin_object(p->j);
	jsontext_put_string(p->j, "type", "array");
	jsontext_key(p->j, "items");
	put_one(p);
	jsontext_end_object(p->j);
	jsontext_end_array(p->j);
	jsontext_end_object(p->j);
}

static void
put_operations(struct jsontext *j, const struct relation *relation, enum schema_use use,
    const struct schema_names *names)
{
	struct putting p = { j, relation, names, 0 };

	jsontext_begin_object(j);
	jsontext_put_string(j, "type", "object");
	jsontext_key(j, "properties");
	jsontext_begin_object(j);
	for (unsigned verb = 0; verb < NESTED__MAX; verb++) {
		const char *word =
		    nested_word((enum nested_verb)verb, relation, use == SCHEMA_CREATE);

		if (word == NULL)
			continue;
		p.verb = (enum nested_verb)verb;
		jsontext_key(j, word);
		put_operation(&p);
	}
	jsontext_end_object(j);
	jsontext_put_bool(j, "additionalProperties", false);
	jsontext_end_object(j);
}

const struct relation *
schema_relation_of(const struct model *model, const struct column *column)
{
	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *relation = &model->relations[i];

		if (relation->kind == RELATION_ONE && relation->pair_count == 1 &&
		    relation->pairs[0].own == column &&
		    model_relation(model, relation->json) == relation)
			return relation;
	}
	return NULL;
}

void
schema_nested(struct jsontext *j, const struct model *model, enum schema_use use,
    const struct schema_names *names)
{
	enum action action = use == SCHEMA_CREATE ? ACTION_CREATE : ACTION_UPDATE;

	for (size_t i = 0; i < model->relation_count; i++) {
		const struct relation *relation = &model->relations[i];

		if (model_relation(model, relation->json) != relation ||
		    (relation->kind == RELATION_ONE &&
			!change_takes(model, relation->pairs[0].own, action)))
			continue;
		jsontext_key(j, relation->json);
		put_operations(j, relation, use, names);
	}
}
