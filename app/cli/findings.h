/* SPDX-License-Identifier: BSD-2-Clause */
/* findings.h - what a check has found, with what to do about it
 *
 * Findings come from rowhouse.lint() and from comparing migrations with their records; they are
 * printed the same way wherever they come from. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <stddef.h>
#include <stdio.h>

struct arena;
struct json_object;
struct migrations;

/* Texts live as long as what they were taken from. */
struct finding {
	const char *severity; /* "error", "warning", or another word of lint's */
	const char *code;     /* stable: force-missing, migration-changed ... */
	const char *object;   /* what it is about */
	const char *finding;  /* what is wrong with it */
	const char *remedy;   /* what to do; NULL: nothing is known */
};

struct findings {
	struct arena *arena;
	struct finding *list;
	size_t count, size;
};

void findings_init(struct findings *, struct arena *);
void findings_add(struct findings *, const struct finding *);

/* Migrations that are not as they were applied: each is an error. */
void findings_add_faults(struct findings *, const struct migrations *);

/* Migrations that have not run: each is a warning. */
void findings_add_pending(struct findings *, const struct migrations *);

size_t findings_count(const struct findings *, const char *severity);

/* For people; coloured when out is a terminal and NO_COLOR is not set (no-color.org). */
void findings_print(const struct findings *, FILE *out);

/* {"findings": [...], "errors": n, "warnings": n}; the caller prints it. */
struct json_object *findings_json(const struct findings *);

#endif
