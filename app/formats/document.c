/* SPDX-License-Identifier: BSD-2-Clause */
/* document.c - json-c behind typed getters */
#include "formats/document.h"

#include <assert.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"

/* Registries of hundreds of models are deep only in their options. */
enum { DEPTH = 64 };

static void
release(void *object)
{
	json_object_put(object);
}

struct json_object *
document_parse(struct arena *arena, const char *json, size_t len, struct problem *p)
{
	struct json_tokener *tokener;
	struct json_object *tree;

	assert(len < INT_MAX);
	if ((tokener = json_tokener_new_ex(DEPTH)) == NULL)
		return problem_null(p, PROBLEM_INTERNAL, "out of memory");
	tree = json_tokener_parse_ex(tokener, json, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		problem_cause(
		    p, "json: %s", json_tokener_error_desc(json_tokener_get_error(tokener)));
		json_object_put(tree);
		tree = NULL;
		problem_raise(p, PROBLEM_INTERNAL, "an error of the server");
	}
	json_tokener_free(tokener);
	if (tree != NULL)
		arena_defer(arena, release, tree);
	return tree;
}

struct json_object *
document_member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert(object == NULL || json_object_is_type(object, json_type_object));
	return object != NULL && json_object_object_get_ex(object, key, &value) ? value : NULL;
}

const char *
document_string(struct json_object *object, const char *key, const char *standard)
{
	struct json_object *value = document_member(object, key);

	assert(value == NULL || json_object_is_type(value, json_type_string));
	return value == NULL ? standard : json_object_get_string(value);
}

int64_t
document_int(struct json_object *object, const char *key, int64_t standard)
{
	struct json_object *value = document_member(object, key);

	assert(value == NULL || json_object_is_type(value, json_type_int));
	return value == NULL ? standard : json_object_get_int64(value);
}

bool
document_bool(struct json_object *object, const char *key, bool standard)
{
	struct json_object *value = document_member(object, key);

	assert(value == NULL || json_object_is_type(value, json_type_boolean));
	return value == NULL ? standard : json_object_get_boolean(value);
}

size_t
document_length(struct json_object *array)
{
	assert(array == NULL || json_object_is_type(array, json_type_array));
	return array == NULL ? 0 : json_object_array_length(array);
}

struct json_object *
document_element(struct json_object *array, size_t index)
{
	assert(index < document_length(array));
	return json_object_array_get_idx(array, index);
}

const char *
document_text(struct json_object *array, size_t index)
{
	struct json_object *value = document_element(array, index);

	assert(value == NULL || json_object_is_type(value, json_type_string));
	return value == NULL ? NULL : json_object_get_string(value);
}

bool
document_contains(struct json_object *array, const char *string)
{
	for (size_t i = 0; i < document_length(array); i++) {
		const char *text = document_text(array, i);

		if (text != NULL && strcmp(text, string) == 0)
			return true;
	}
	return false;
}

void
document_each(struct json_object *object,
    void (*visit)(void *, const char *key, struct json_object *), void *context)
{
	if (object == NULL)
		return;
	assert(json_object_is_type(object, json_type_object));
	json_object_object_foreach(object, key, value) visit(context, key, value);
}
