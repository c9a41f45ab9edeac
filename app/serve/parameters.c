/* SPDX-License-Identifier: BSD-2-Clause */
/* parameters.c - members of a JSON object as parameters */
#include "serve/parameters.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "formats/document.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "serve/body.h"
#include "serve/request.h"

struct reading {
	struct request *request;
	struct uri_parameter *parameters;
	size_t count;
	struct problem *problem;
};

/* A value as it would be written in a URL; NULL for null, objects and arrays. */
static const char *
text_of(struct json_object *value)
{
	size_t len;

	switch (jsonread_kind(value)) {
	case JSONREAD_STRING: return jsonread_string(value, &len);
	case JSONREAD_NUMBER: return jsonread_number(value);
	case JSONREAD_BOOL: return jsonread_bool(value) ? "true" : "false";
	case JSONREAD_NULL:
	case JSONREAD_OBJECT:
	case JSONREAD_ARRAY:
	case JSONREAD__MAX: break;
	}
	return NULL;
}

static void
read_value(
    struct reading *r, const char *name, struct json_object *value, const struct jsonpointer *where)
{
	const char *text = text_of(value);

	if (text == NULL)
		problem_fault(r->problem, jsonpointer_text(where, r->request->arena), "type",
		    "a parameter is text, a number, true or false, or an array of these");
	else if (r->count == LIMIT_QUERY_PARAMETERS)
		problem_fault(r->problem, jsonpointer_text(where, r->request->arena), "too_many",
		    "at most %d parameters are taken", LIMIT_QUERY_PARAMETERS);
	else
		r->parameters[r->count++] = (struct uri_parameter){ name, text };
}

static void
read_member(struct reading *r, const struct jsonread_member *member)
{
	struct jsonpointer where = jsonpointer_member(NULL, member->key);

	if (jsonread_kind(member->value) != JSONREAD_ARRAY) {
		read_value(r, member->key, member->value, &where);
		return;
	}
	for (size_t i = 0; i < document_length(member->value); i++) {
		struct jsonpointer here = jsonpointer_element(&where, i);

		read_value(r, member->key, document_element(member->value, i), &here);
	}
}

bool
parameters_from_body(struct request *request, struct problem *p)
{
	struct reading r = { .request = request, .problem = p };
	struct jsonread_member member = { 0 };
	struct json_object *body;

	if (request->asked_in_body)
		return true; /* of an attempt before */
	for (size_t i = 0; i < request->uri.parameter_count; i++)
		problem_fault(p, "/query", "conflict", "QUERY has its parameters in the body");
	if (problem_raised(p) || !body_json(request, &body, p))
		return false;
	if (jsonread_kind(body) != JSONREAD_OBJECT)
		return problem_fault(p, "#", "type", "an object of parameters is wanted");
	r.parameters = arena_array(request->arena, LIMIT_QUERY_PARAMETERS, sizeof(*r.parameters));
	while (jsonread_next(body, &member))
		read_member(&r, &member);
	if (problem_raised(p))
		return false;
	request->uri.parameters = r.parameters;
	request->uri.parameter_count = r.count;
	request->asked_in_body = true;
	return true;
}

void
parameters_point_into_body(const struct request *request, struct problem *p)
{
	static const char prefix[] = "/query/";

	for (struct problem_fault *f = p->faults; f != NULL; f = f->next)
		if (strncmp(f->pointer, prefix, sizeof(prefix) - 1) == 0)
			f->pointer =
			    arena_printf(request->arena, "#/%s", f->pointer + sizeof(prefix) - 1);
}
