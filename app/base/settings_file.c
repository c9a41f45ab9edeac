/* SPDX-License-Identifier: BSD-2-Clause */
/* settings_file.c - rowhouse.conf and the environment, one setting after the other */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"

static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return s;
}

/* A value without its quotes or its trailing comment; NULL when a quote is not closed. */
static char *
unquote(char *value)
{
	char *end;

	value = trim(value);
	if (*value != '"') {
		if ((end = strchr(value, '#')) != NULL)
			*end = '\0';
		return trim(value);
	}
	if ((end = strchr(++value, '"')) == NULL)
		return NULL;
	*end++ = '\0';
	end = trim(end);
	return *end == '\0' || *end == '#' ? value : NULL;
}

/* A file while it is read. */
struct reading {
	struct settings *settings;
	struct arena *arena;
	const char *path;
	int number; /* of the line */
	int *lines; /* where each setting of the table stands; 0: not yet */
};

/* Refuse the second line that sets the same: one of the two was forgotten, and which counts would
 * depend on their order. An unknown name is for settings_set to refuse. */
static bool
note_line(struct reading *r, const char *name, const char *where, struct problem *p)
{
	size_t count;
	const struct setting *table = settings_table(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].name, name) != 0)
			continue;
		if (r->lines[i] != 0)
			return problem_raise(p, PROBLEM_SETTING,
			    "%s: setting \"%s\" stands in line %d already", where, name,
			    r->lines[i]);
		r->lines[i] = r->number;
	}
	return true;
}

static bool
read_line(struct reading *r, char *line, struct problem *p)
{
	const char *where = arena_printf(r->arena, "%s:%d", r->path, r->number);
	char *name = trim(line), *equals, *value;

	if (*name == '\0' || *name == '#')
		return true;
	if ((equals = strchr(name, '=')) == NULL)
		return problem_raise(p, PROBLEM_SETTING, "%s: a line reads name = value", where);
	*equals = '\0';
	name = trim(name);
	if ((value = unquote(equals + 1)) == NULL)
		return problem_raise(
		    p, PROBLEM_SETTING, "%s: the value of \"%s\" has a stray quote", where, name);
	return note_line(r, name, where, p) &&
	    settings_set(r->settings, name, value, where, r->arena, p);
}

bool
settings_read(struct settings *s, const char *path, struct arena *arena, struct problem *p)
{
	struct reading r = { .settings = s, .arena = arena, .path = path };
	char line[4096];
	size_t count;
	FILE *file;
	bool ok = true;

	settings_table(&count);
	r.lines = arena_array(arena, count, sizeof(*r.lines));
	if ((file = fopen(path, "re")) == NULL)
		return problem_raise(
		    p, PROBLEM_SETTING, "%s: could not open: %s", path, strerror(errno));
	while (ok && fgets(line, sizeof(line), file) != NULL) {
		r.number++;
		if (strchr(line, '\n') == NULL && !feof(file))
			ok = problem_raise(
			    p, PROBLEM_SETTING, "%s:%d: the line is too long", path, r.number);
		else
			ok = read_line(&r, line, p);
	}
	if (ok && ferror(file))
		ok = problem_raise(
		    p, PROBLEM_SETTING, "%s: could not read: %s", path, strerror(errno));
	fclose(file);
	return ok;
}

bool
settings_environment(
    struct settings *s, char *const *environment, struct arena *arena, struct problem *p)
{
	static const char prefix[] = "ROWHOUSE_SET_";

	for (; *environment != NULL; environment++) {
		const char *entry = *environment, *equals;
		char *name;

		if (strncmp(entry, prefix, sizeof(prefix) - 1) != 0 ||
		    (equals = strchr(entry, '=')) == NULL)
			continue;
		entry += sizeof(prefix) - 1;
		name = arena_copy(arena, entry, (size_t)(equals - entry));
		for (char *c = name; *c != '\0'; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		if (!settings_set(s, name, equals + 1, "environment", arena, p))
			return false;
	}
	return true;
}
