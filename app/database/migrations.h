/* SPDX-License-Identifier: BSD-2-Clause */
/* migrations.h - which SQL files there are, and which of them the database has had
 *
 * A folder of migrations is a set and is called by the folder's name: sql/platform is "platform".
 * Its files are NNNN_name.sql and may have an NNNN_name.down.sql beside them; they apply by number,
 * the sets in the order given. NNNN_ is 0000_ for one file only, the bootstrap, which makes the
 * table rowhouse.migrations that all others are recorded in. Files with other endings are not
 * looked at. */
#ifndef DATABASE_MIGRATIONS_H
#define DATABASE_MIGRATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct pg;
struct problem;
struct script;

enum migration_state {
	MIGRATION_PENDING, /* a file that has not run */
	MIGRATION_APPLIED,
	MIGRATION_CHANGED,    /* it ran, and the file reads otherwise now */
	MIGRATION_UNFINISHED, /* a no-transaction file that was begun and is not known to be done */
	MIGRATION_MISSING,    /* it ran, and its folder no longer has it */
	MIGRATION_ELSEWHERE,  /* it ran, and its set is not among the folders given */
	MIGRATION__MAX,
};

/* A row of rowhouse.migrations; text as PostgreSQL writes it. */
struct migration_record {
	const char *set, *version, *name, *checksum, *started_at;
	const char *finished_at, *duration_ms; /* NULL: not finished */
};

struct migration {
	const char *set, *version, *name; /* "platform", "0001", "deployment" */
	size_t set_index;                 /* in the order of folders */
	long number;                      /* of the version */
	enum migration_state state;
	const char *path;                      /* NULL: there is no file */
	const struct script *script;           /* what path holds, or NULL */
	const char *down_path;                 /* NULL: it cannot be undone */
	const struct migration_record *record; /* NULL: it has not run */
};

struct migration_folder {
	const char *path, *set;
};

struct migrations {
	const struct migration_folder *folders;
	size_t folder_count;
	const char *bootstrap_path; /* NULL: no folder has a 0000_ file */
	const struct script *bootstrap;
	struct migration *list; /* in the order in which they apply */
	size_t count;
	bool recorded; /* the table was there when last compared */
};

/* The parts of a file's name. */
struct migration_file {
	const char *version, *name;
	long number;
	bool down;
};

/* Take a file's name apart. False when it does not read NNNN_name.sql or NNNN_name.down.sql. */
bool
migration_file_parse(struct arena *, const char *file_name, struct migration_file *) MUST_CHECK;

/* Read all folders with their files. NULL and a problem when one cannot be read, a file is badly
 * named, a number is taken twice in a set, a set's name is taken twice, or a script cannot be
 * split. */
struct migrations *migrations_read(
    struct arena *, const char *const *folders, size_t count, struct problem *) MUST_CHECK;

/* Give each migration its state; records without a file join the list, in order. */
void migrations_compare(
    struct migrations *, struct arena *, const struct migration_record *, size_t count);

/* The same with the records of a database. No table of records is the same as no record. */
bool migrations_load(struct migrations *, struct pg *, struct arena *, struct problem *) MUST_CHECK;

/* The one that a person means by "0003" or "platform/0003"; NULL and a problem when there is none,
 * or when a bare number is in several sets. */
struct migration *
migrations_find(struct migrations *, const char *version, struct problem *) MUST_CHECK;

/* How many are in a state. */
size_t migrations_count(const struct migrations *, enum migration_state);

/* A word for lists, and what is wrong with a state (NULL: nothing is). */
const char *migration_state_word(enum migration_state) __attribute__((returns_nonnull));
const char *migration_state_fault(enum migration_state);

/* What an operator does about it. */
const char *migration_state_remedy(enum migration_state);

#endif
