/* SPDX-License-Identifier: BSD-2-Clause */
/* body.c - bytes, then JSON, then fields */
#include "serve/body.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/text.h"
#include "compiler/values.h"
#include "database/sqltext.h"
#include "formats/document.h"
#include "formats/fcgi.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "serve/handles.h"
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

/* An object on its way into a struct. */
struct reading {
	struct request *request;
	struct arena *arena;
	struct problem *problem;
};

static void
wrong_kind(const struct reading *r, const struct jsonpointer *where, const char *wanted,
    struct json_object *value)
{
	problem_fault(r->problem, jsonpointer_text(where, r->arena), "type", "%s is wanted, not %s",
	    wanted, jsonread_kind_name(jsonread_kind(value)));
}

/* A fault when text is longer than the field takes. */
static void
check_text(const struct reading *r, const struct body_field *field, const char *pointer, size_t len)
{
	if (len == 0 && field->need == BODY_REQUIRED)
		problem_fault(r->problem, pointer, "empty", "it must not be empty");
	if (len > field->max)
		problem_fault(
		    r->problem, pointer, "length", "it is longer than %zu bytes", field->max);
}

static const char *
read_text(const struct reading *r, const struct body_field *field, const struct jsonpointer *where,
    struct json_object *value)
{
	const char *text;
	size_t len;

	if (jsonread_kind(value) != JSONREAD_STRING) {
		wrong_kind(r, where, "a string", value);
		return NULL;
	}
	text = jsonread_string(value, &len);
	check_text(r, field, jsonpointer_text(where, r->arena), len);
	return text;
}

/* What the column's type and rules take. No worker serves while a handle names no column. */
static const char *
read_column(const struct reading *r, const struct body_field *field,
    const struct jsonpointer *where, struct json_object *json)
{
	const struct column *column = handles_column(r->request->catalogue, field->column);
	const struct value *value;

	assert(column != NULL);
	value = value_from_json(column, json, where, r->arena, r->problem);
	return value != NULL ? value->bytes : NULL;
}

/* A fault when text is no whole number of the field's range. */
static int64_t
check_number(
    const struct reading *r, const struct body_field *field, const char *pointer, const char *text)
{
	long long n;
	char *end;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (*end != '\0' || end == text)
		problem_fault(r->problem, pointer, "type", "a whole number is wanted");
	else if (errno != 0 || n < field->min || n > (int64_t)field->max)
		problem_fault(r->problem, pointer, "range",
		    "it lies between %" PRId64 " and %" PRId64, field->min, (int64_t)field->max);
	return n;
}

static int64_t
read_number(const struct reading *r, const struct body_field *field,
    const struct jsonpointer *where, struct json_object *value)
{
	if (jsonread_kind(value) == JSONREAD_NUMBER)
		return check_number(
		    r, field, jsonpointer_text(where, r->arena), jsonread_number(value));
	wrong_kind(r, where, "a whole number", value);
	return 0;
}

/* How many elements; 0 and a fault when it is no array, or has none, or too many. */
static size_t
count_elements(
    const struct reading *r, const struct jsonpointer *where, size_t max, struct json_object *value)
{
	size_t count;

	if (jsonread_kind(value) != JSONREAD_ARRAY) {
		wrong_kind(r, where, "an array", value);
		return 0;
	}
	count = document_length(value);
	if (count > 0 && count <= max)
		return count;
	problem_fault(r->problem, jsonpointer_text(where, r->arena), "length",
	    "it takes 1 to %zu elements", max);
	return 0;
}

static const char *const *
read_texts(const struct reading *r, const struct body_field *field, const struct jsonpointer *where,
    struct json_object *value)
{
	bool of_column = field->kind == BODY_COLUMNS;
	size_t count = count_elements(r, where, of_column ? field->max : BODY_ELEMENTS, value);
	const char **texts = arena_array(r->arena, count + 1, sizeof(*texts));

	for (size_t i = 0; i < count; i++) {
		struct jsonpointer here = jsonpointer_element(where, i);
		struct json_object *element = document_element(value, i);

		texts[i] = of_column ? read_column(r, field, &here, element)
				     : read_text(r, field, &here, element);
	}
	return count > 0 ? texts : NULL;
}

static void read_object(const struct reading *, const struct body_schema *,
    const struct jsonpointer *where, struct json_object *, void *out);

static void
read_objects(const struct reading *r, const struct body_field *field,
    const struct jsonpointer *where, struct json_object *value, struct body_objects *out)
{
	const struct body_schema *schema = field->objects;
	char *objects;

	out->count = count_elements(r, where, field->max, value);
	out->objects = objects = arena_array(r->arena, out->count + 1, schema->bytes);
	for (size_t i = 0; i < out->count; i++) {
		struct jsonpointer here = jsonpointer_element(where, i);

		read_object(
		    r, schema, &here, document_element(value, i), objects + i * schema->bytes);
	}
}

static void
read_field(const struct reading *r, const struct body_field *field, const struct jsonpointer *where,
    struct json_object *value, void *member)
{
	switch (field->kind) {
	case BODY_TEXT: *(const char **)member = read_text(r, field, where, value); return;
	case BODY_TEXTS:
	case BODY_COLUMNS:
		*(const char *const **)member = read_texts(r, field, where, value);
		return;
	case BODY_INT: *(int64_t *)member = read_number(r, field, where, value); return;
	case BODY_COLUMN: *(const char **)member = read_column(r, field, where, value); return;
	case BODY_OBJECTS: read_objects(r, field, where, value, member); return;
	case BODY__MAX: break;
	}
	assert(0 && "a field without a kind");
}

static const struct body_field *
field_named(const struct body_schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (strcmp(schema->fields[i].name, name) == 0)
			return &schema->fields[i];
	return NULL;
}

/* Members that no field names. */
static void
find_unknown(const struct reading *r, const struct body_schema *schema,
    const struct jsonpointer *above, struct json_object *object)
{
	struct jsonread_member member = { 0 };

	while (jsonread_next(object, &member)) {
		struct jsonpointer where = jsonpointer_member(above, member.key);

		if (field_named(schema, member.key) == NULL)
			problem_fault(r->problem, jsonpointer_text(&where, r->arena), "unknown",
			    "there is no such field");
	}
}

static void
read_object(const struct reading *r, const struct body_schema *schema,
    const struct jsonpointer *above, struct json_object *object, void *out)
{
	if (jsonread_kind(object) != JSONREAD_OBJECT) {
		wrong_kind(r, above, "an object", object);
		return;
	}
	for (size_t i = 0; i < schema->count; i++) {
		const struct body_field *field = &schema->fields[i];
		struct jsonpointer where = jsonpointer_member(above, field->name);
		struct json_object *value = NULL;

		if (jsonread_find(object, field->name, &value) && value != NULL)
			read_field(r, field, &where, value, (char *)out + field->offset);
		else if (field->need == BODY_REQUIRED)
			problem_fault(r->problem, jsonpointer_text(&where, r->arena), "required",
			    "it is missing");
	}
	find_unknown(r, schema, above, object);
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
	const struct body_schema schema = { fields, count, 0 };
	const struct reading reading = { r, r->arena, p };
	struct json_object *object;

	if (!body_json(r, &object, p))
		return false;
	read_object(&reading, &schema, NULL, object, out);
	return !problem_raised(p);
}

const void *
body_read_schema(struct request *r, const struct body_schema *schema, struct problem *p)
{
	void *out = arena_alloc(r->arena, schema->bytes);

	return body_read(r, schema->fields, schema->count, out, p) ? out : NULL;
}

/* --- the query string ---------------------------------------------------------------------- */

static void
read_parameter(
    const struct reading *r, const struct body_field *field, const char *text, void *member)
{
	const char *pointer = arena_printf(r->arena, "/query/%s", field->name);
	const struct column *column;
	const struct value *value;

	switch (field->kind) {
	case BODY_TEXT:
		check_text(r, field, pointer, strlen(text));
		*(const char **)member = text;
		return;
	case BODY_INT: *(int64_t *)member = check_number(r, field, pointer, text); return;
	case BODY_COLUMN:
		column = handles_column(r->request->catalogue, field->column);
		assert(column != NULL);
		value = value_read(column, text, pointer, r->arena, r->problem);
		*(const char **)member = value != NULL ? value->bytes : NULL;
		return;
	case BODY_TEXTS:
	case BODY_COLUMNS:
	case BODY_OBJECTS:
	case BODY__MAX: break;
	}
	assert(0 && "a field that is no parameter");
}

const void *
body_read_query(struct request *r, const struct body_schema *schema,
    const struct uri_parameter **rest, size_t *rest_count, struct problem *p)
{
	const struct reading reading = { r, r->arena, p };
	struct uri_parameter *others =
	    arena_array(r->arena, r->uri.parameter_count + 1, sizeof(*others));
	bool *seen = arena_array(r->arena, schema->count + 1, sizeof(*seen));
	char *out = arena_alloc(r->arena, schema->bytes + 1);

	*rest = others;
	*rest_count = 0;
	for (size_t i = 0; i < r->uri.parameter_count; i++) {
		const struct uri_parameter *given = &r->uri.parameters[i];
		const struct body_field *field = field_named(schema, given->name);

		if (field == NULL) {
			others[(*rest_count)++] = *given;
			continue;
		}
		if (seen[field - schema->fields])
			problem_fault(p, arena_printf(r->arena, "/query/%s", field->name),
			    "duplicate", "the parameter was sent twice");
		seen[field - schema->fields] = true;
		read_parameter(&reading, field, given->value, out + field->offset);
	}
	for (size_t i = 0; i < schema->count; i++)
		if (schema->fields[i].need == BODY_REQUIRED && !seen[i])
			problem_fault(p,
			    arena_printf(r->arena, "/query/%s", schema->fields[i].name), "required",
			    "it is missing");
	return problem_raised(p) ? NULL : out;
}
