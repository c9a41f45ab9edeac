/* SPDX-License-Identifier: BSD-2-Clause */
/* schema_values.c - bounds, and examples within them */
#include "compiler/schema_values.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "formats/jsontext.h"
#include "formats/textformat.h"

enum { EXAMPLE_BYTES = 4096 };

const char *
schema_bound(const struct column *c, bool low)
{
	const struct bound *bound = NULL;

	if (c->validation != NULL)
		bound = low ? c->validation->min : c->validation->max;
	return bound != NULL ? bound->text : NULL;
}

long
schema_longest(const struct column *c, enum schema_use use)
{
	const char *declared = use != SCHEMA_READ ? schema_bound(c, false) : NULL;
	long most = declared != NULL ? strtol(declared, NULL, 10) : 0;

	return c->max_length > 0 && (most == 0 || c->max_length < most) ? c->max_length : most;
}

/* --- examples ------------------------------------------------------------------------------ */

/* JSON that does for every column of a kind; NULL: it is made, or there is none. */
static const char *const fixed[] = {
	[KIND_UUID] = "\"0199a000-0000-7000-8000-000000000001\"",
	[KIND_BOOL] = "true",
	[KIND_INT] = NULL,
	[KIND_NUMERIC] = NULL,
	[KIND_FLOAT] = NULL,
	[KIND_TEXT] = NULL,
	[KIND_ENUM] = NULL,
	[KIND_INSTANT] = "\"2024-05-17T09:30:00.000Z\"",
	[KIND_TIMESTAMP] = "\"2024-05-17T09:30:00.000\"",
	[KIND_DATE] = "\"2024-05-17\"",
	[KIND_JSON] = "{}",
	[KIND_ARRAY] = NULL,
	[KIND_OTHER] = NULL,
	[KIND_OPAQUE] = NULL,
};
static_assert(COUNT_OF(fixed) == KIND__MAX, "a row per kind");

/* A text of a length that is taken. */
static void
put_example_text(struct jsontext *j, const struct column *c)
{
	const struct textformat *format = c->validation != NULL ? c->validation->format : NULL;
	const char *word = format != NULL ? format->example : "text";
	const char *declared = schema_bound(c, true);
	size_t least = declared != NULL ? strtoul(declared, NULL, 10) : 0;
	long most = schema_longest(c, SCHEMA_CREATE);
	struct text text;

	text_init(&text, j->out->arena, EXAMPLE_BYTES);
	do
		text_string(&text, word);
	while (format == NULL && text.len < least && !text.failed);
	jsontext_string(j,
	    format == NULL && most > 0 && text.len > (size_t)most
		? arena_copy(j->out->arena, text.bytes, (size_t)most)
		: text.bytes);
}

static void
put_example_number(struct jsontext *j, const struct column *c)
{
	const char *low = schema_bound(c, true), *high = schema_bound(c, false);
	const char *number = low != NULL ? low : high;

	if (number == NULL && c->kind == KIND_INT)
		number = "1";
	else if (number == NULL)
		number = c->precision > 0 && c->precision == c->scale ? "0.1" : "1.5";
	jsontext_raw(j, number, strlen(number));
}

bool
schema_has_example(const struct column *c)
{
	if (c->kind == KIND_ARRAY)
		return schema_has_example(c->element) && schema_bound(c, true) == NULL;
	return column_is_number(c) || c->kind == KIND_TEXT ||
	    (c->kind == KIND_ENUM && c->labels != NULL) || fixed[c->kind] != NULL;
}

void
schema_example(struct jsontext *j, const struct column *c)
{
	const char *example = fixed[c->kind];

	if (example != NULL) {
		jsontext_raw(j, example, strlen(example));
	} else if (c->kind == KIND_ENUM) {
		jsontext_string(j, c->labels[0]);
	} else if (c->kind == KIND_TEXT) {
		put_example_text(j, c);
	} else if (column_is_number(c)) {
		put_example_number(j, c);
	} else {
		jsontext_begin_array(j);
		schema_example(j, c->element);
		jsontext_end_array(j);
	}
}
