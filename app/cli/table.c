/* SPDX-License-Identifier: BSD-2-Clause */
/* table.c - columns as wide as what stands in them */
#include "cli/table.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

enum { CELL_MAX = 1 << 16 };

static void
put_value(struct text *t, struct json_object *value)
{
	size_t count =
	    json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_byte(t, ',');
		text_string(t, json_object_get_string(json_object_array_get_idx(value, i)));
	}
	if (value == NULL)
		text_byte(t, '-');
	else if (!json_object_is_type(value, json_type_array))
		text_string(t, json_object_get_string(value));
}

/* A name may hold what a terminal would obey. */
static const char *
cell(struct arena *arena, struct json_object *row, const char *key)
{
	struct json_object *value = NULL;
	struct text t;

	text_init(&t, arena, CELL_MAX);
	json_object_object_get_ex(row, key, &value);
	put_value(&t, value);
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.bytes[i] < 0x20 || t.bytes[i] == 0x7f)
			t.bytes[i] = '?';
	return t.bytes;
}

/* Characters of a UTF-8 text. */
static int
width(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void
print_cell(const char *text, int wide, bool last)
{
	if (last)
		puts(text);
	else
		printf("%s%*s", text, wide - width(text) + 2, "");
}

static void
print_rows(struct arena *arena, struct json_object *rows, const struct table_column *columns,
    size_t column_count)
{
	size_t count = json_object_array_length(rows);
	const char **cells = arena_array(arena, (count + 1) * column_count, sizeof(*cells));
	int *wide = arena_array(arena, column_count, sizeof(*wide));

	for (size_t c = 0; c < column_count; c++)
		for (size_t r = 0; r <= count; r++) {
			const char *text = r == 0
			    ? columns[c].heading
			    : cell(arena, json_object_array_get_idx(rows, r - 1), columns[c].key);

			cells[r * column_count + c] = text;
			if (width(text) > wide[c])
				wide[c] = width(text);
		}
	for (size_t i = 0; i < (count + 1) * column_count; i++)
		print_cell(cells[i], wide[i % column_count], i % column_count == column_count - 1);
}

enum command_exit
table_print(struct arena *arena, const char *json, const struct table_column *columns,
    size_t column_count, bool for_programs)
{
	struct json_object *rows = json_tokener_parse(json);
	struct problem p;

	problem_init(&p, arena);
	if (!json_object_is_type(rows, json_type_array)) {
		json_object_put(rows);
		problem_raise(&p, PROBLEM_INTERNAL, "the database's answer is no JSON array");
		return command_fail(&p);
	}
	if (for_programs) {
		command_print_json(rows);
		return COMMAND_OK;
	}
	print_rows(arena, rows, columns, column_count);
	json_object_put(rows);
	return COMMAND_OK;
}
