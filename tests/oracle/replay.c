/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.c - a row made from its entries */
#include "oracle/replay.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char redacted[] = "\"[REDACTED]\"";

static void
complain(struct replay *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
complain(struct replay *r, const char *format, ...)
{
	char said[400];
	va_list ap;

	if (r->fault[0] != '\0')
		return;
	va_start(ap, format);
	vsnprintf(said, sizeof(said), format, ap);
	va_end(ap);
	snprintf(r->fault, sizeof(r->fault), "entry %zu, %s: %s", r->entries, r->verb, said);
}

static struct replay_field *
find(struct replay *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->fields[i].name, name) == 0)
			return &r->fields[i];
	return NULL;
}

static bool
agree(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || strcmp(a, redacted) == 0 || strcmp(b, redacted) == 0;
}

static bool
is_live(struct replay *r)
{
	const struct replay_field *deleted = find(r, "deletedAt");

	return deleted == NULL || strcmp(deleted->value, "null") == 0;
}

/* What the last entry did, now that it is complete. */
static void
finish_entry(struct replay *r)
{
	if (r->entries == 0)
		return;
	if (strcmp(r->verb, "purged") == 0 && r->told != r->count)
		complain(r, "it tells of %zu fields, the row had %zu", r->told, r->count);
	if (strcmp(r->verb, "deleted") == 0 && is_live(r))
		complain(r, "it leaves the row live");
	if (strcmp(r->verb, "restored") == 0 && !is_live(r))
		complain(r, "it leaves the row deleted");
}

void
replay_begin(struct replay *r)
{
	memset(r, 0, sizeof(*r));
}

void
replay_entry(struct replay *r, const char *verb)
{
	bool live;

	finish_entry(r);
	live = is_live(r);
	if (strcmp(r->verb, "purged") == 0)
		complain(r, "%s follows", verb);
	r->entries++;
	r->told = 0;
	snprintf(r->verb, sizeof(r->verb), "%s", verb);
	if ((strcmp(verb, "created") == 0) != (r->entries == 1))
		complain(r, "the first entry, and no other, is created");
	if (strcmp(verb, "restored") == 0 ? live : (!live && strcmp(verb, "purged") != 0))
		complain(r, "the row was %s", live ? "live" : "deleted");
}

void
replay_change(struct replay *r, const char *name, const char *before, const char *after)
{
	struct replay_field *field = find(r, name);

	r->told++;
	if (field == NULL && strcmp(r->verb, "created") == 0 && r->count < REPLAY_FIELDS) {
		field = &r->fields[r->count++];
		snprintf(field->name, sizeof(field->name), "%s", name);
		field->value = "null";
	}
	if (field == NULL) {
		complain(r, "%s is new", name);
		return;
	}
	if (!agree(field->value, before))
		complain(r, "%s was %s, and not %s", name, field->value, before);
	if (strcmp(r->verb, "created") != 0 && strcmp(r->verb, "purged") != 0 &&
	    strcmp(before, after) == 0 && strcmp(before, redacted) != 0)
		complain(r, "%s stays %s", name, before);
	field->value = after;
}

/* deleted_at is deletedAt. */
static void
json_name(char *out, size_t size, const char *column)
{
	size_t n = 0;

	for (; *column != '\0' && n + 1 < size; column++) {
		if (*column == '_' && column[1] != '\0')
			out[n++] = (char)toupper((unsigned char)*++column);
		else
			out[n++] = *column;
	}
	out[n] = '\0';
}

void
replay_column(struct replay *r, const char *column, const char *value)
{
	const struct replay_field *field;
	char name[64];

	json_name(name, sizeof(name), column);
	if ((field = find(r, name)) == NULL)
		complain(r, "the row has %s, and no entry tells of it", name);
	else if (!agree(field->value, value))
		complain(r, "the row has %s in %s, the log %s", value, name, field->value);
}

bool
replay_end(struct replay *r, bool is_there, size_t columns)
{
	bool purged;

	finish_entry(r);
	purged = strcmp(r->verb, "purged") == 0;
	if (r->entries == 0)
		complain(r, "no entry");
	else if (is_there == purged)
		complain(r, "the row is %s", is_there ? "there" : "not there");
	else if (is_there && columns != r->count)
		complain(r, "the row has %zu columns, the log %zu", columns, r->count);
	return r->fault[0] == '\0';
}
