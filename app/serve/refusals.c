/* SPDX-License-Identifier: BSD-2-Clause */
/* refusals.c - the entry of a write that did not happen */
#include "serve/refusals.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"
#include "compiler/values.h"
#include "serve/entries.h"
#include "serve/platform.h"

enum { PATIENCE_MS = 1000 /* the request's own deadline may have been the reason */ };

/* What a write would have been; the first row that fits. */
static const struct {
	enum http_method method;
	const char *path;
	const char *word;
} writes[] = {
	{ HTTP_POST, "/{model}/{id}/restore", "restored" },
	{ HTTP_POST, "/{model}", "created" },
	{ HTTP_PUT, "/{model}/{id}", "updated" },
	{ HTTP_PATCH, "/{model}/{id}", "updated" },
	{ HTTP_PATCH, "/{model}", "updated" },
	{ HTTP_DELETE, "/{model}/{id}", "deleted" },
	{ HTTP_DELETE, "/{model}", "deleted" },
};

static const char *
word_of(const struct route *route)
{
	for (size_t i = 0; i < COUNT_OF(writes); i++)
		if (writes[i].method == route->method && strcmp(writes[i].path, route->path) == 0)
			return writes[i].word;
	return NULL;
}

/* The id of the path where it can be one: other bytes of a client do not get into the log. */
static const char *
target_of(struct request *r, const struct model *model)
{
	const struct value *id;
	struct problem ignored; /* what is no id is no target */

	if (strstr(r->route->path, "{id}") == NULL)
		return NULL;
	problem_init(&ignored, r->arena);
	id = value_read_key(model->id, r->variables[1], "", r->arena, &ignored);
	return id != NULL ? id->bytes : NULL;
}

static bool
write_entry(struct request *r, const struct model *model, const char *word,
    const struct problem *why, struct problem *p)
{
	const struct problem_kind *kind = problem_kind(why->code);
	const struct entry entry = {
		.action = arena_printf(r->arena, "%s.%s", model->table, word),
		.target_type = model->table,
		.target_id = target_of(r, model),
		.result = kind->status < 500 ? "refused" : "failed",
		.reason = kind->name,
	};
	const struct entry_fact route = { "route",
		value_new(r->arena, SQLTYPE_TEXT, r->route->path) };
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	struct sqltext *t = entries_begin(r, r->tenant, &entry);

	sqltext_literal(t, "NULL");
	return entries_add(unit, r, t, &route, 1, p) && request_run(r, unit, p);
}

void
refusals_note(struct request *r, const struct problem *why)
{
	const struct model *model;
	const char *word;
	struct problem p;

	if (!r->settings->audit_refused || !problem_raised(why) || r->route == NULL ||
	    r->tenant == NULL || r->catalogue == NULL || (word = word_of(r->route)) == NULL)
		return;
	model = catalogue_model(r->catalogue, r->variables[0]);
	if (model == NULL || !model->audit)
		return;
	problem_init(&p, r->arena);
	r->keyed = NULL; /* a refusal is nobody's stored answer */
	r->deadline_ns = clock_now_ns() + PATIENCE_MS * INT64_C(1000000);
	if (!write_entry(r, model, word, why, &p))
		log_say(LOG_LEVEL_ERROR, "refused",
		    "could not log that request %s was answered %s: %s", r->id,
		    problem_kind(why->code)->name, p.cause != NULL ? p.cause : p.detail);
}
