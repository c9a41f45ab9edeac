/* SPDX-License-Identifier: BSD-2-Clause */
/* findings.c - collecting findings and printing them */
#include "cli/findings.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "database/migrations.h"

enum { FIRST_FINDINGS = 32 };

static const struct {
	const char *severity, *colour; /* SGR: ECMA-48 */
} colours[] = {
	{ "error", "\033[31m" },
	{ "warning", "\033[33m" },
};

void
findings_init(struct findings *f, struct arena *arena)
{
	f->arena = arena;
	f->count = 0;
	f->size = FIRST_FINDINGS;
	f->list = arena_array(arena, f->size, sizeof(*f->list));
}

void
findings_add(struct findings *f, const struct finding *finding)
{
	struct finding *grown;

	if (f->count == f->size) {
		grown = arena_array(f->arena, f->size * 2, sizeof(*grown));
		memcpy(grown, f->list, f->count * sizeof(*grown));
		f->list = grown;
		f->size *= 2;
	}
	f->list[f->count++] = *finding;
}

static void
add_migration(struct findings *f, const struct migration *m, const char *severity, const char *text)
{
	struct finding finding = { .severity = severity, .finding = text };

	finding.code = arena_printf(f->arena, "migration-%s", migration_state_word(m->state));
	finding.object = arena_printf(f->arena, "%s/%s_%s", m->set, m->version, m->name);
	finding.remedy = migration_state_remedy(m->state);
	findings_add(f, &finding);
}

void
findings_add_faults(struct findings *f, const struct migrations *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (migration_state_fault(m->list[i].state) != NULL)
			add_migration(
			    f, &m->list[i], "error", migration_state_fault(m->list[i].state));
}

void
findings_add_pending(struct findings *f, const struct migrations *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i].state == MIGRATION_PENDING)
			add_migration(f, &m->list[i], "warning", "has not been applied");
}

size_t
findings_count(const struct findings *f, const char *severity)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += strcmp(f->list[i].severity, severity) == 0;
	return n;
}

static const char *
colour_of(const char *severity, bool wanted)
{
	for (size_t i = 0; wanted && i < COUNT_OF(colours); i++)
		if (strcmp(colours[i].severity, severity) == 0)
			return colours[i].colour;
	return "";
}

static bool
wants_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	return (no_color == NULL || *no_color == '\0') && isatty(fileno(out)) == 1;
}

void
findings_print(const struct findings *f, FILE *out)
{
	bool coloured = wants_colour(out);

	for (size_t i = 0; i < f->count; i++) {
		const struct finding *it = &f->list[i];
		const char *colour = colour_of(it->severity, coloured);

		fprintf(out, "%s%-8s%s %s: %s [%s]\n", colour, it->severity,
		    *colour != '\0' ? "\033[m" : "", it->object, it->finding, it->code);
		if (it->remedy != NULL && *it->remedy != '\0')
			fprintf(out, "         %s\n", it->remedy);
	}
}

static void
put(struct json_object *row, const char *key, const char *value)
{
	json_object_object_add(row, key, value == NULL ? NULL : json_object_new_string(value));
}

struct json_object *
findings_json(const struct findings *f)
{
	struct json_object *all = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < f->count; i++) {
		struct json_object *row = json_object_new_object();

		put(row, "severity", f->list[i].severity);
		put(row, "code", f->list[i].code);
		put(row, "object", f->list[i].object);
		put(row, "finding", f->list[i].finding);
		put(row, "remedy", f->list[i].remedy);
		json_object_array_add(list, row);
	}
	json_object_object_add(all, "findings", list);
	json_object_object_add(
	    all, "errors", json_object_new_int64((int64_t)findings_count(f, "error")));
	json_object_object_add(
	    all, "warnings", json_object_new_int64((int64_t)findings_count(f, "warning")));
	return all;
}
