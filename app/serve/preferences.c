/* SPDX-License-Identifier: BSD-2-Clause */
/* preferences.c - the words of the Prefer header */
#include "serve/preferences.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
#include "formats/fcgi.h"
#include "serve/request.h"

static bool
read_count(struct preferences *prefer, const char *value)
{
	prefer->count = value;
	return counting_find(value, &prefer->counting);
}

static bool
read_return(struct preferences *prefer, const char *value)
{
	prefer->minimal = strcmp(value, "minimal") == 0;
	prefer->representation = strcmp(value, "representation") == 0;
	return prefer->minimal || prefer->representation;
}

static bool
read_max_affected(struct preferences *prefer, const char *value)
{
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	prefer->max_affected = strtol(value, &end, 10);
	return errno == 0 && *end == '\0';
}

static const struct {
	const char *name, *expected;
	bool (*read)(struct preferences *, const char *value);
} ours[] = {
	{ "count", "exact, estimated or none", read_count },
	{ "return", "minimal or representation", read_return },
	{ "max-affected", "a whole number", read_max_affected },
};

/* name=value, or a name alone, whose value is then "". */
static void
read_one(struct preferences *prefer, const char *name, const char *value, struct problem *p)
{
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		if (strcasecmp(ours[i].name, name) == 0 && !ours[i].read(prefer, value))
			problem_fault(
			    p, "/header/Prefer", "value", "%s is %s", name, ours[i].expected);
}

/* Without the white space around it, and without quotes. */
static const char *
trimmed(struct arena *arena, const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\"", text[0]) != NULL) {
		text++;
		len--;
	}
	while (len > 0 && strchr(" \t\"", text[len - 1]) != NULL)
		len--;
	return arena_copy(arena, text, len);
}

/* Preferences are joined by commas, their parameters by semicolons. */
static void
read_header(struct preferences *prefer, const char *text, struct arena *arena, struct problem *p)
{
	while (*text != '\0') {
		size_t len = strcspn(text, ",;"), name = strcspn(text, "=,;");
		const char *value =
		    name < len ? trimmed(arena, text + name + 1, len - name - 1) : "";

		read_one(prefer, trimmed(arena, text, name), value, p);
		text += len;
		text += *text != '\0';
	}
}

bool
preferences_read(struct preferences *prefer, const struct request *r, struct problem *p)
{
	memset(prefer, 0, sizeof(*prefer));
	prefer->max_affected = -1;
	for (size_t i = 0; i < r->param_count; i++)
		if (strcmp(r->params[i].name, "HTTP_PREFER") == 0)
			read_header(prefer, r->params[i].value, r->arena, p);
	return !problem_raised(p);
}
