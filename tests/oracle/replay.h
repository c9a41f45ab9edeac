/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.h - what the entries of a row say that it must be
 *
 * The entries of one row are put in one after the other; the first thing that cannot be is the
 * fault: an entry that does not begin at what the one before left, a second `created`, a restored
 * row that was live. In the end the row of the table must be what is left. Values are texts as
 * jsonb writes them; a value that stays out of the log agrees with any. */
#ifndef ORACLE_REPLAY_H
#define ORACLE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

enum { REPLAY_FIELDS = 64 };

struct replay_field {
	char name[64];     /* as JSON has it */
	const char *value; /* lives as long as the caller keeps it */
};

struct replay {
	struct replay_field fields[REPLAY_FIELDS];
	size_t count;
	size_t entries, told; /* entries so far; fields of the last one */
	char verb[16];        /* of the last entry; "" before the first */
	char fault[512];      /* ""; else the first, in words */
};

void replay_begin(struct replay *);

/* An entry, by the word behind the dot of its action; then its fields. */
void replay_entry(struct replay *, const char *verb);
void replay_change(struct replay *, const char *name, const char *before, const char *after);

/* The row has this column now, by its name in SQL. */
void replay_column(struct replay *, const char *column, const char *value);

/* No more is to come; is_there: the table has the row, of so many columns. True: it agrees. */
bool replay_end(struct replay *, bool is_there, size_t columns);

#endif
