/* SPDX-License-Identifier: BSD-2-Clause */
/* prepared.h - which statements are prepared on a connection
 *
 * Bounded by count and by bytes of text (limits.h), since a backend spends some 150 bytes per byte
 * of SQL; the oldest goes first. Names are never used again (limits.md 10.5), so a DEALLOCATE and a
 * new statement may leave in one flush. Who sends is pg.c; nothing here does I/O. */
#ifndef DATABASE_PREPARED_H
#define DATABASE_PREPARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/limits.h"
#include "base/text.h"

struct statement;

/* A statement's text, known by a hash: 128 bits of BLAKE2b do not collide by accident, and texts
 * are ours. */
struct prepared_text {
	unsigned char hash[16];
	size_t len;
};

struct prepared {
	struct prepared_text text;  /* len 0: the entry is free */
	char name[1 + TEXT_DIGITS]; /* "s" and a number */
	uint64_t used;              /* the last run that used it */
	bool confirmed; /* PostgreSQL said so; before that only later statements of the same run may
			   use it */
};

/* All zero is an empty one. */
struct prepared_cache {
	struct prepared entries[LIMIT_PREPARED_COUNT];
	size_t bytes;
	int64_t next_name;
	uint64_t run;
};

/* Once per statement and run; the rest takes what it says. */
struct prepared_text prepared_text_of(const struct statement *);

/* Forget all entries; names and runs go on. */
void prepared_forget(struct prepared_cache *);

/* Begin a run: what it does not use may go. */
void prepared_begin(struct prepared_cache *);

/* The entry of a text, used by this run from now on; NULL when it is not prepared. */
struct prepared *prepared_find(struct prepared_cache *, const struct prepared_text *);

/* A new entry, to be confirmed; NULL when there is no place. */
struct prepared *prepared_add(struct prepared_cache *, const struct prepared_text *);

/* PostgreSQL has refused or deallocated it. */
void prepared_drop(struct prepared_cache *, struct prepared *);

/* Whom this run's texts push out, the oldest first; a long one may cost several short ones. victims
 * has LIMIT_PREPARED_COUNT places. They count as gone for this run and are dropped when PostgreSQL
 * says so. */
size_t prepared_make_room(struct prepared_cache *, const struct prepared_text *texts, size_t count,
    struct prepared **victims) MUST_CHECK;

#endif
