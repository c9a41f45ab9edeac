/* SPDX-License-Identifier: BSD-2-Clause */
/* body.c - bytes, then JSON, then fields */
#include "serve/body.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/text.h"
#include "formats/document.h"
#include "formats/fcgi.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "serve/request.h"

enum { BODY_ELEMENTS = 100, BODY_PIECE = 16 << 10 };

/* A media type, with or without parameters (RFC 9110, 8.3.1). */
static bool
is_type(const char *type, const char *wanted)
{
	size_t len = strlen(wanted);

	return type != NULL && strncasecmp(type, wanted, len) == 0 &&
	    (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

/* The stream can be read once, but an attempt may be made again. */
static bool
read_bytes(struct request *r, struct problem *p)
{
	size_t limit = (size_t)r->settings->body_bytes, n;
	char *piece = arena_alloc(r->arena, BODY_PIECE);
	struct text body;
	bool cut = false;

	if (r->body != NULL)
		return true;
	text_init(&body, r->arena, limit);
	do {
		n = fcgi_body(r->fcgi, piece, BODY_PIECE, &cut);
		text_put(&body, piece, n);
	} while (n == BODY_PIECE && !body.failed);
	if (body.failed)
		return problem_raise(
		    p, PROBLEM_TOO_LARGE, "the body is longer than %zu bytes", limit);
	if (cut)
		return problem_raise(p, PROBLEM_MALFORMED, "the body was cut short");
	r->body = body.bytes;
	r->body_len = body.len;
	return true;
}

static bool
wrong_kind(const struct jsonpointer *where, const char *wanted, struct json_object *value,
    struct arena *arena, struct problem *p)
{
	return problem_fault(p, jsonpointer_text(where, arena), "type", "%s is wanted, not %s",
	    wanted, jsonread_kind_name(jsonread_kind(value)));
}

static const char *
read_text(const struct body_field *field, const struct jsonpointer *where,
    struct json_object *value, struct arena *arena, struct problem *p)
{
	const char *text;
	size_t len;

	if (jsonread_kind(value) != JSONREAD_STRING) {
		wrong_kind(where, "a string", value, arena, p);
		return NULL;
	}
	text = jsonread_string(value, &len);
	if (len == 0 && field->need == BODY_REQUIRED)
		problem_fault(p, jsonpointer_text(where, arena), "empty", "it must not be empty");
	if (len > field->max)
		problem_fault(p, jsonpointer_text(where, arena), "length",
		    "it is longer than %zu bytes", field->max);
	return text;
}

static const char *const *
read_texts(const struct body_field *field, const struct jsonpointer *where,
    struct json_object *value, struct arena *arena, struct problem *p)
{
	const char **texts;
	size_t count;

	if (jsonread_kind(value) != JSONREAD_ARRAY) {
		wrong_kind(where, "an array of strings", value, arena, p);
		return NULL;
	}
	if ((count = document_length(value)) > BODY_ELEMENTS || count == 0) {
		problem_fault(p, jsonpointer_text(where, arena), "length",
		    "it takes 1 to %d elements", BODY_ELEMENTS);
		return NULL;
	}
	texts = arena_array(arena, count + 1, sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		struct jsonpointer here = jsonpointer_element(where, i);

		texts[i] = read_text(field, &here, document_element(value, i), arena, p);
	}
	return texts;
}

static void
read_field(const struct body_field *field, struct json_object *value, void *out,
    struct arena *arena, struct problem *p)
{
	struct jsonpointer where = jsonpointer_member(NULL, field->name);
	void *member = (char *)out + field->offset;

	switch (field->kind) {
	case BODY_TEXT: *(const char **)member = read_text(field, &where, value, arena, p); return;
	case BODY_TEXTS:
		*(const char *const **)member = read_texts(field, &where, value, arena, p);
		return;
	case BODY__MAX: break;
	}
	assert(0 && "a field without a kind");
}

/* Members that no field names. */
static void
find_unknown(struct json_object *object, const struct body_field *fields, size_t count,
    struct arena *arena, struct problem *p)
{
	struct jsonread_member member = { 0 };

	while (jsonread_next(object, &member)) {
		struct jsonpointer where = jsonpointer_member(NULL, member.key);
		size_t i = 0;

		while (i < count && strcmp(fields[i].name, member.key) != 0)
			i++;
		if (i == count)
			problem_fault(p, jsonpointer_text(&where, arena), "unknown",
			    "there is no such field");
	}
}

static void
read_fields(struct json_object *object, const struct body_field *fields, size_t count, void *out,
    struct arena *arena, struct problem *p)
{
	for (size_t i = 0; i < count; i++) {
		struct jsonpointer where = jsonpointer_member(NULL, fields[i].name);
		struct json_object *value = NULL;

		if (jsonread_find(object, fields[i].name, &value) && value != NULL)
			read_field(&fields[i], value, out, arena, p);
		else if (fields[i].need == BODY_REQUIRED)
			problem_fault(
			    p, jsonpointer_text(&where, arena), "required", "it is missing");
	}
	find_unknown(object, fields, count, arena, p);
}

bool
body_json(struct request *r, struct json_object **value, struct problem *p)
{
	const char *type = request_param(r, "CONTENT_TYPE");

	if (!is_type(type, "application/json") && !is_type(type, "application/merge-patch+json"))
		return problem_raise(p, PROBLEM_MEDIA_TYPE, "send the body as application/json");
	return read_bytes(r, p) && jsonread_parse(value, r->body, r->body_len, r->arena, p);
}

bool
body_read(
    struct request *r, const struct body_field *fields, size_t count, void *out, struct problem *p)
{
	struct json_object *object;

	if (!body_json(r, &object, p))
		return false;
	if (jsonread_kind(object) != JSONREAD_OBJECT)
		return wrong_kind(NULL, "an object", object, r->arena, p);
	read_fields(object, fields, count, out, r->arena, p);
	return !problem_raised(p);
}
