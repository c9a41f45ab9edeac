/* SPDX-License-Identifier: BSD-2-Clause */
/* sqlname.c - quoting */
#include "database/sqlname.h"

#include <string.h>

#include "base/arena.h"

static const struct sqlname *
make(struct arena *arena, const char *text)
{
	struct sqlname *name = ARENA_NEW(arena, struct sqlname);

	name->text = text;
	name->len = strlen(text);
	return name;
}

/* A quote inside is doubled (PostgreSQL 4.1.1). */
static const char *
quote(struct arena *arena, const char *identifier)
{
	char *quoted = arena_alloc(arena, 2 * strlen(identifier) + 3), *out = quoted;

	*out++ = '"';
	for (; *identifier != '\0'; identifier++) {
		if (*identifier == '"')
			*out++ = '"';
		*out++ = *identifier;
	}
	*out++ = '"';
	return quoted;
}

const struct sqlname *
sqlname_quoted(struct arena *arena, const char *identifier)
{
	return make(arena, quote(arena, identifier));
}

const struct sqlname *
sqlname_qualified(struct arena *arena, const char *schema, const char *table)
{
	return make(arena, arena_printf(arena, "%s.%s", quote(arena, schema), quote(arena, table)));
}

const struct sqlname *
sqlname_type(struct arena *arena, const char *type)
{
	return make(arena, arena_string(arena, type));
}
