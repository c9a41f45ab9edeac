/* SPDX-License-Identifier: BSD-2-Clause */
/* validators.c - a value against its bounds and its format */
#include "compiler/validators.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "compiler/kinds.h"
#include "database/catalogue.h"
#include "formats/decimal.h"
#include "formats/password.h"
#include "formats/textformat.h"
#include "formats/utf8.h"

/* What is bounded, in words around the bound: "text of at most 200 characters". */
struct bounded {
	const char *code, *subject, *unit;
};

static bool
accept_number(const struct validation *v, const char *number, const struct bounded *words,
    struct arena *arena, struct objection *wrong)
{
	struct decimal d;
	bool read = decimal_read(&d, number), low, high;

	assert(read); /* kinds.h has read it before */
	low = v->min != NULL && decimal_compare(&d, &v->min->value) < 0;
	high = v->max != NULL && decimal_compare(&d, &v->max->value) > 0;
	if (!low && !high)
		return true;
	wrong->code = words->code;
	wrong->expected = arena_printf(arena, "%s at %s %s%s", words->subject,
	    low ? "least" : "most", low ? v->min->text : v->max->text, words->unit);
	return false;
}

static bool
accept_count(const struct validation *v, size_t count, const struct bounded *words,
    struct arena *arena, struct objection *wrong)
{
	char number[sizeof("18446744073709551615")];

	snprintf(number, sizeof(number), "%zu", count);
	return accept_number(v, number, words, arena, wrong);
}

bool
validators_accept(
    const struct column *column, const char *bytes, struct arena *arena, struct objection *wrong)
{
	static const struct bounded text = { "length", "text of", " characters" },
				    number = { "range", "a number of", "" };
	const struct validation *v = column->validation;

	if (v == NULL)
		return true;
	if (column->kind != KIND_TEXT)
		return accept_number(v, bytes, &number, arena, wrong);
	if (v->format != NULL && !v->format->ok(bytes)) {
		*wrong = (struct objection){ v->format->word, v->format->expected };
		return false;
	}
	return accept_count(v, utf8_characters(bytes), &text, arena, wrong);
}

bool
validators_accept_elements(
    const struct column *column, size_t count, struct arena *arena, struct objection *wrong)
{
	static const struct bounded array = { "length", "an array of", " elements" };

	return column->validation == NULL ||
	    accept_count(column->validation, count, &array, arena, wrong);
}

bool
validators_accept_password(const struct principals *who, const char *password, struct arena *arena,
    struct objection *wrong)
{
	size_t len = strlen(password);

	if (!validators_accept(who->input, password, arena, wrong))
		return false;
	if (len >= PASSWORD_MIN_BYTES && len <= LIMIT_PASSWORD_BYTES)
		return true;
	wrong->code = "length";
	wrong->expected =
	    arena_printf(arena, "text of %d to %d bytes", PASSWORD_MIN_BYTES, LIMIT_PASSWORD_BYTES);
	return false;
}
