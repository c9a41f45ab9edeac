/* SPDX-License-Identifier: BSD-2-Clause */
/* schema_names.c - what models are called in a description */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "compiler/schema.h"

enum { NAME_BYTES = 256 /* an identifier has 63, and may be followed by a number */ };

struct schema_names {
	const struct catalogue *catalogue;
	const char **names; /* in the order of the models */
	const char *const *suffixes, *const *reserved;
};

static bool
ends_in(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(text + len - n, end, n) == 0;
}

/* How much of a table's name is left in the singular, and what is put behind; the rules of
 * rowhouse.singular(), which names relations to one row. */
static size_t
singular(const char *table, const char **end)
{
	static const struct {
		const char *plural;
		size_t dropped;
		const char *end;
	} rules[] = {
		{ "ss", 0, "" },
		{ "us", 0, "" },
		{ "is", 0, "" },
		{ "ies", 3, "y" },
		{ "sses", 2, "" },
		{ "xes", 2, "" },
		{ "zes", 2, "" },
		{ "ches", 2, "" },
		{ "shes", 2, "" },
		{ "s", 1, "" },
	};
	size_t len = strlen(table);

	*end = "";
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		if (len > rules[i].dropped && ends_in(table, len, rules[i].plural)) {
			*end = rules[i].end;
			return len - rules[i].dropped;
		}
	return len;
}

/* order_items: OrderItem. Names of OpenAPI's components are letters, digits and "._-"; what else
 * PostgreSQL takes for a table's name becomes "_". */
static const char *
pascal(struct arena *arena, const char *table)
{
	const char *end;
	size_t len = singular(table, &end);
	bool capital = true;
	struct text name;

	text_init(&name, arena, NAME_BYTES);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)table[i];

		if (c == '_') {
			capital = true;
			continue;
		}
		if (c >= 0x80 || !isalnum(c))
			c = '_';
		text_byte(&name, (char)(capital ? toupper(c) : c));
		capital = false;
	}
	text_string(&name, end);
	return isalpha((unsigned char)name.bytes[0]) ? name.bytes
						     : arena_printf(arena, "T%s", name.bytes);
}

/* Equal, or one of them with a suffix. */
static bool
clashes(const char *a, const char *b, const char *const *suffixes)
{
	size_t a_len = strlen(a), b_len = strlen(b), least = a_len < b_len ? a_len : b_len;
	const char *rest = a_len < b_len ? b + least : a + least;

	if (strncmp(a, b, least) != 0)
		return false;
	for (size_t i = 0; suffixes[i] != NULL; i++)
		if (strcmp(rest, suffixes[i]) == 0)
			return true;
	return rest[0] == '\0';
}

static bool
is_taken(const struct schema_names *n, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (clashes(n->names[i], name, n->suffixes))
			return true;
	for (size_t i = 0; n->reserved[i] != NULL; i++)
		if (clashes(n->reserved[i], name, n->suffixes))
			return true;
	return false;
}

const struct schema_names *
schema_names_new(struct arena *arena, const struct catalogue *catalogue,
    const char *const *suffixes, const char *const *reserved)
{
	struct schema_names *n = ARENA_NEW(arena, struct schema_names);

	n->catalogue = catalogue;
	n->suffixes = suffixes;
	n->reserved = reserved;
	n->names = arena_array(arena, catalogue->model_count + 1, sizeof(*n->names));
	for (size_t i = 0; i < catalogue->model_count; i++) {
		const char *wanted = pascal(arena, catalogue->models[i].table), *name = wanted;

		for (unsigned k = 2; is_taken(n, i, name); k++)
			name = arena_printf(arena, "%s%u", wanted, k);
		n->names[i] = name;
	}
	return n;
}

const char *
schema_name(const struct schema_names *n, const struct model *model)
{
	size_t i = (size_t)(model - n->catalogue->models);

	assert(i < n->catalogue->model_count);
	return n->names[i];
}
