/* SPDX-License-Identifier: BSD-2-Clause */
/* document.c - one walk, several ways to ask */
#include "support/document.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "support/keep.h"

/* True when the path exists; *out is what lies there, NULL for a JSON null. */
static bool
walk(struct json_object *at, const char *path, struct json_object **out)
{
	while (*path != '\0') {
		size_t len = strcspn(path, ".");
		const char *step = keep_copy(path, len);
		char *end;

		if (json_object_is_type(at, json_type_array)) {
			size_t i = strtoul(step, &end, 10);

			if (*end != '\0' || i >= json_object_array_length(at))
				return false;
			at = json_object_array_get_idx(at, i);
		} else if (!json_object_is_type(at, json_type_object) ||
		    !json_object_object_get_ex(at, step, &at)) {
			return false;
		}
		path += len + (path[len] == '.');
	}
	*out = at;
	return true;
}

struct json_object *
document_at(struct json_object *document, const char *path)
{
	struct json_object *found = NULL;

	return walk(document, path, &found) ? found : NULL;
}

bool
document_has(struct json_object *document, const char *path)
{
	struct json_object *found;

	return walk(document, path, &found);
}

const char *
document_text(struct json_object *document, const char *path)
{
	struct json_object *found = document_at(document, path);

	if (found == NULL)
		return document_has(document, path) ? "null" : "";
	return json_object_is_type(found, json_type_string)
	    ? json_object_get_string(found)
	    : json_object_to_json_string_ext(found, JSON_C_TO_STRING_PLAIN);
}

int64_t
document_int(struct json_object *document, const char *path)
{
	struct json_object *found = document_at(document, path);

	return json_object_is_type(found, json_type_int) ? json_object_get_int64(found) : INT64_MIN;
}

size_t
document_count(struct json_object *document, const char *path)
{
	struct json_object *found = document_at(document, path);

	if (json_object_is_type(found, json_type_array))
		return json_object_array_length(found);
	if (json_object_is_type(found, json_type_object))
		return (size_t)json_object_object_length(found);
	return 0;
}

const char **
document_column(struct json_object *document, const char *path, const char *member, size_t *count)
{
	struct json_object *array = document_at(document, path);
	const char **column;

	*count = json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
	column = keep_alloc((*count + 1) * sizeof(*column));
	for (size_t i = 0; i < *count; i++)
		column[i] = document_text(json_object_array_get_idx(array, i), member);
	return column;
}
