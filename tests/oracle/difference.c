/* SPDX-License-Identifier: BSD-2-Clause */
/* difference.c - two documents, walked side by side */
#include "oracle/difference.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "oracle/pool.h"

enum { SHOWN_BYTES = 200 };

static const char *
difference(struct json_object *expected, struct json_object *got, struct pool *, const char *path);

static const char *
differ(struct json_object *expected, struct json_object *got, struct pool *p, const char *path)
{
	return pool_printf(p, "%s: expected %.*s, got %.*s", *path != '\0' ? path + 1 : "all",
	    SHOWN_BYTES, json_object_to_json_string_ext(expected, JSON_C_TO_STRING_PLAIN),
	    SHOWN_BYTES, json_object_to_json_string_ext(got, JSON_C_TO_STRING_PLAIN));
}

static const char *
array_difference(
    struct json_object *expected, struct json_object *got, struct pool *p, const char *path)
{
	size_t count = json_object_array_length(expected), others = json_object_array_length(got);

	for (size_t i = 0; i < count && i < others; i++) {
		const char *found = difference(json_object_array_get_idx(expected, i),
		    json_object_array_get_idx(got, i), p, pool_printf(p, "%s.%zu", path, i));

		if (found != NULL)
			return found;
	}
	if (count == others)
		return NULL;
	return pool_printf(p, "%s: expected %zu elements, got %zu",
	    *path != '\0' ? path + 1 : "all", count, others);
}

static const char *
object_difference(
    struct json_object *expected, struct json_object *got, struct pool *p, const char *path)
{
	json_object_object_foreach(expected, name, value)
	{
		struct json_object *other = NULL;
		const char *place = pool_printf(p, "%s.%s", path, name), *found;

		if (!json_object_object_get_ex(got, name, &other))
			return pool_printf(p, "%s: missing", place + 1);
		if ((found = difference(value, other, p, place)) != NULL)
			return found;
	}
	if (json_object_object_length(expected) == json_object_object_length(got))
		return NULL;
	return pool_printf(p, "%s: members that nobody expected: %.*s",
	    *path != '\0' ? path + 1 : "all", SHOWN_BYTES,
	    json_object_to_json_string_ext(got, JSON_C_TO_STRING_PLAIN));
}

static bool
scalars_are_equal(struct json_object *a, struct json_object *b)
{
	switch (json_object_get_type(a)) {
	case json_type_null: return true;
	case json_type_boolean: return json_object_get_boolean(a) == json_object_get_boolean(b);
	case json_type_int: return json_object_get_int64(a) == json_object_get_int64(b);
	case json_type_double:
	case json_type_string:
	case json_type_object:
	case json_type_array: break;
	}
	return strcmp(json_object_get_string(a), json_object_get_string(b)) == 0;
}

static const char *
difference(struct json_object *expected, struct json_object *got, struct pool *p, const char *path)
{
	enum json_type type = json_object_get_type(expected);

	if (type != json_object_get_type(got))
		return differ(expected, got, p, path);
	if (type == json_type_array)
		return array_difference(expected, got, p, path);
	if (type == json_type_object)
		return object_difference(expected, got, p, path);
	return scalars_are_equal(expected, got) ? NULL : differ(expected, got, p, path);
}

const char *
json_difference(struct json_object *expected, struct json_object *got, struct pool *p)
{
	return difference(expected, got, p, "");
}
