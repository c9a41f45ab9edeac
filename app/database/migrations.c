/* SPDX-License-Identifier: BSD-2-Clause */
/* migrations.c - reading folders of migrations and comparing them with the records */
#include "database/migrations.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/pg.h"
#include "database/script.h"
#include "database/sqltext.h"

enum {
	VERSION_DIGITS_MIN = 4,
	VERSION_DIGITS_MAX = 9, /* a long holds them on every machine */
	FILES_MAX = 100000,     /* of one folder; ends a list that a mistaken --dir / would make */
	FIRST_FILES = 64,
};

static const struct {
	const char *word, *fault, *remedy;
} states[] = {
	[MIGRATION_PENDING] = { "pending", NULL, "run `rowhouse migrate`" },
	[MIGRATION_APPLIED] = { "applied", NULL, NULL },
	[MIGRATION_CHANGED] = { "changed", "was applied and its file has been changed since",
	    "put the file back as it was and write what shall be different into a new one" },
	[MIGRATION_UNFINISHED] = { "unfinished",
	    "was begun outside a transaction and did not finish",
	    "see what it has done, then say `rowhouse migrate repair` with --applied or --retry" },
	[MIGRATION_MISSING] = { "missing", "was applied and its file is missing",
	    "put the file back" },
	[MIGRATION_ELSEWHERE] = { "elsewhere", NULL,
	    "name its folder in the setting \"migrations\"" },
};
static_assert(COUNT_OF(states) == MIGRATION__MAX, "a row per state");

const char *
migration_state_word(enum migration_state state)
{
	assert(state < MIGRATION__MAX);
	return states[state].word;
}

const char *
migration_state_fault(enum migration_state state)
{
	assert(state < MIGRATION__MAX);
	return states[state].fault;
}

const char *
migration_state_remedy(enum migration_state state)
{
	assert(state < MIGRATION__MAX);
	return states[state].remedy;
}

size_t
migrations_count(const struct migrations *m, enum migration_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += m->list[i].state == state;
	return n;
}

/* --- names ------------------------------------------------------------------------------------ */

/* The length of s without an ending, or 0 when it does not end so. */
static size_t
without_ending(const char *s, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return len > n && memcmp(s + len - n, ending, n) == 0 ? len - n : 0;
}

bool
migration_file_parse(struct arena *arena, const char *file_name, struct migration_file *out)
{
	static const char digits[] = "0123456789";
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t len = without_ending(file_name, strlen(file_name), ".sql"), n, shorter;
	const char *name;

	if (len == 0)
		return false;
	shorter = without_ending(file_name, len, ".down");
	out->down = shorter > 0;
	if (out->down)
		len = shorter;
	n = strspn(file_name, digits);
	if (n < VERSION_DIGITS_MIN || n > VERSION_DIGITS_MAX || file_name[n] != '_')
		return false;
	name = file_name + n + 1;
	if (len <= n + 1 || strspn(name, letters) < len - n - 1)
		return false;
	out->version = arena_copy(arena, file_name, n);
	out->number = strtol(out->version, NULL, 10);
	out->name = arena_copy(arena, name, len - n - 1);
	return true;
}

/* The last part of a folder's path; of "." and ".." what they stand for. */
static const char *
set_name(struct arena *arena, const char *path)
{
	size_t len = strlen(path), start;
	char *real, *copy;

	while (len > 1 && path[len - 1] == '/')
		len--;
	for (start = len; start > 0 && path[start - 1] != '/'; start--)
		;
	copy = arena_copy(arena, path + start, len - start);
	if (*copy != '\0' && strcmp(copy, ".") != 0 && strcmp(copy, "..") != 0)
		return copy;
	if ((real = realpath(path, NULL)) == NULL)
		return copy;
	copy = arena_string(arena, strrchr(real, '/') + 1);
	free(real);
	return copy;
}

/* --- folders ---------------------------------------------------------------------------------- */

/* One .sql file of a folder. */
struct found {
	struct migration_file file;
	const char *path;
};

struct founds {
	struct arena *arena;
	struct found *items;
	size_t count, size;
};

static struct found *
add_found(struct founds *f)
{
	if (f->count == f->size) {
		struct found *grown = arena_array(f->arena, f->size * 2, sizeof(*grown));

		memcpy(grown, f->items, f->size * sizeof(*grown));
		f->items = grown;
		f->size *= 2;
	}
	return &f->items[f->count++];
}

/* By number, a file before its down file, and names last, so that messages are the same on every
 * run. */
static int
compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->file.number != y->file.number)
		return x->file.number < y->file.number ? -1 : 1;
	if (x->file.down != y->file.down)
		return x->file.down ? 1 : -1;
	return strcmp(x->path, y->path);
}

static bool
list_folder(struct founds *f, const char *folder, struct problem *p)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool ok = true;

	if (dir == NULL)
		return problem_raise(p, PROBLEM_INVALID,
		    "%s: could not open the folder of migrations: %s", folder, strerror(errno));
	while (ok && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		struct migration_file file;

		/* Hidden files are an editor's. */
		if (name[0] == '.' || without_ending(name, strlen(name), ".sql") == 0)
			continue;
		if (f->count == FILES_MAX)
			ok = problem_raise(
			    p, PROBLEM_INVALID, "%s: more than %d files", folder, FILES_MAX);
		else if (!migration_file_parse(f->arena, name, &file))
			ok = problem_raise(p, PROBLEM_INVALID,
			    "%s/%s: a migration's name reads NNNN_name.sql or NNNN_name.down.sql",
			    folder, name);
		else
			*add_found(f) =
			    (struct found){ file, arena_printf(f->arena, "%s/%s", folder, name) };
	}
	closedir(dir);
	if (f->count > 0)
		qsort(f->items, f->count, sizeof(*f->items), compare_found);
	return ok;
}

/* The file 0000_: of one folder, and without a down file. */
static bool
take_bootstrap(
    struct migrations *m, struct arena *arena, const struct found *found, struct problem *p)
{
	if (found->file.down || m->bootstrap != NULL)
		return problem_raise(p, PROBLEM_INVALID,
		    "%s: number 0000 belongs to the bootstrap%s%s alone; begin with 0001",
		    found->path, m->bootstrap != NULL ? " " : "",
		    m->bootstrap != NULL ? m->bootstrap_path : "");
	m->bootstrap_path = found->path;
	m->bootstrap = script_read(arena, found->path, p);
	return m->bootstrap != NULL;
}

/* A found file joins the list, or the migration that it undoes, which was found just before it. */
static bool
take_file(struct migrations *m, struct arena *arena, size_t folder, const struct found *found,
    struct problem *p)
{
	struct migration *last = m->count > 0 ? &m->list[m->count - 1] : NULL;
	bool same = last != NULL && last->set_index == folder && last->number == found->file.number;

	if (found->file.number == 0)
		return take_bootstrap(m, arena, found, p);
	if (found->file.down) {
		if (!same || strcmp(last->name, found->file.name) != 0)
			return problem_raise(p, PROBLEM_INVALID,
			    "%s: there is no %s_%s.sql that it undoes", found->path,
			    found->file.version, found->file.name);
		last->down_path = found->path;
		return true;
	}
	if (same)
		return problem_raise(p, PROBLEM_INVALID, "%s: number %s is taken by %s",
		    found->path, found->file.version, last->path);
	last = &m->list[m->count++];
	last->set = m->folders[folder].set;
	last->set_index = folder;
	last->version = found->file.version;
	last->number = found->file.number;
	last->name = found->file.name;
	last->path = found->path;
	last->script = script_read(arena, found->path, p);
	return last->script != NULL;
}

static bool
read_folder(struct migrations *m, struct arena *arena, size_t folder, struct problem *p)
{
	struct founds f = { arena, arena_array(arena, FIRST_FILES, sizeof(*f.items)), 0,
		FIRST_FILES };
	struct migration *grown;

	for (size_t i = 0; i < folder; i++)
		if (strcmp(m->folders[i].set, m->folders[folder].set) == 0)
			return problem_raise(p, PROBLEM_INVALID,
			    "%s and %s are both called \"%s\": a folder's name is its set's",
			    m->folders[i].path, m->folders[folder].path, m->folders[folder].set);
	if (!list_folder(&f, m->folders[folder].path, p))
		return false;
	grown = arena_array(arena, m->count + f.count, sizeof(*grown));
	if (m->count > 0)
		memcpy(grown, m->list, m->count * sizeof(*grown));
	m->list = grown;
	for (size_t i = 0; i < f.count; i++)
		if (!take_file(m, arena, folder, &f.items[i], p))
			return false;
	return true;
}

struct migrations *
migrations_read(struct arena *arena, const char *const *folders, size_t count, struct problem *p)
{
	struct migrations *m = ARENA_NEW(arena, struct migrations);
	struct migration_folder *list = arena_array(arena, count, sizeof(*list));

	m->folders = list;
	m->folder_count = count;
	for (size_t i = 0; i < count; i++) {
		list[i] = (struct migration_folder){ folders[i], set_name(arena, folders[i]) };
		if (!read_folder(m, arena, i, p))
			return NULL;
	}
	return m;
}

/* --- records ---------------------------------------------------------------------------------- */

static struct migration *
find_recorded(struct migrations *m, const struct migration_record *record)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->list[i].set, record->set) == 0 &&
		    strcmp(m->list[i].version, record->version) == 0)
			return &m->list[i];
	return NULL;
}

static enum migration_state
state_of(const struct migration *migration)
{
	if (migration->record == NULL)
		return MIGRATION_PENDING;
	if (migration->record->finished_at == NULL)
		return MIGRATION_UNFINISHED;
	if (strcmp(migration->record->checksum, migration->script->checksum) != 0)
		return MIGRATION_CHANGED;
	return MIGRATION_APPLIED;
}

/* A record whose file is not there. */
static struct migration
without_file(const struct migrations *m, const struct migration_record *record)
{
	struct migration lost = { .set = record->set,
		.version = record->version,
		.name = record->name,
		.set_index = SIZE_MAX,
		.state = MIGRATION_ELSEWHERE,
		.record = record };

	lost.number = strtol(record->version, NULL, 10);
	for (size_t i = 0; i < m->folder_count; i++)
		if (strcmp(m->folders[i].set, record->set) == 0) {
			lost.set_index = i;
			lost.state = MIGRATION_MISSING;
		}
	return lost;
}

static int
compare_migrations(const void *a, const void *b)
{
	const struct migration *x = a, *y = b;

	if (x->set_index != y->set_index)
		return x->set_index < y->set_index ? -1 : 1;
	if (strcmp(x->set, y->set) != 0)
		return strcmp(x->set, y->set);
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(x->version, y->version);
}

/* Forget an earlier comparison: what had no file goes, the rest is pending. */
static void
forget_records(struct migrations *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++)
		if (m->list[i].path != NULL) {
			m->list[kept] = m->list[i];
			m->list[kept++].record = NULL;
		}
	m->count = kept;
}

void
migrations_compare(
    struct migrations *m, struct arena *arena, const struct migration_record *records, size_t count)
{
	struct migration *list;

	forget_records(m);
	list = arena_array(arena, m->count + count, sizeof(*list));
	if (m->count > 0)
		memcpy(list, m->list, m->count * sizeof(*list));
	m->list = list;
	for (size_t i = 0; i < count; i++) {
		struct migration *migration = find_recorded(m, &records[i]);

		if (migration == NULL)
			m->list[m->count++] = without_file(m, &records[i]);
		else
			migration->record = &records[i];
	}
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i].path != NULL)
			m->list[i].state = state_of(&m->list[i]);
	if (m->count > 0)
		qsort(m->list, m->count, sizeof(*m->list), compare_migrations);
}

static bool
query(struct sqltext *t, struct pg *pg, struct arena *arena, const struct result **result,
    struct problem *p)
{
	const struct statement *statement = sqltext_statement(t, p);

	return statement != NULL && pg_run(pg, arena, &statement, 1, result, INT64_MAX, p);
}

/* SELECT to_regclass('rowhouse.migrations') IS NOT NULL */
static bool
has_table(struct pg *pg, struct arena *arena, bool *has, struct problem *p)
{
	struct sqltext *t = sqltext_new(arena);
	const struct result *result;

	sqltext_literal(t, "SELECT pg_catalog.to_regclass('rowhouse.migrations') IS NOT NULL");
	if (!query(t, pg, arena, &result, p))
		return false;
	*has = strcmp(result_value(result, 0, 0, NULL), "t") == 0;
	return true;
}

bool
migrations_load(struct migrations *m, struct pg *pg, struct arena *arena, struct problem *p)
{
	struct sqltext *t = sqltext_new(arena);
	struct migration_record *records;
	const struct result *result;

	if (!has_table(pg, arena, &m->recorded, p))
		return false;
	if (!m->recorded) {
		migrations_compare(m, arena, NULL, 0);
		return true;
	}
	/* Times as RFC 3339 in UTC, for people and for --json. */
	sqltext_literal(t,
	    "SELECT set, version, name, checksum, "
	    "to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
	    "to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
	    "duration_ms FROM rowhouse.migrations ORDER BY set, version");
	if (!query(t, pg, arena, &result, p))
		return false;
	records = arena_array(arena, result_rows(result), sizeof(*records));
	for (size_t i = 0; i < result_rows(result); i++)
		records[i] = (struct migration_record){ result_value(result, i, 0, NULL),
			result_value(result, i, 1, NULL), result_value(result, i, 2, NULL),
			result_value(result, i, 3, NULL), result_value(result, i, 4, NULL),
			result_value(result, i, 5, NULL), result_value(result, i, 6, NULL) };
	migrations_compare(m, arena, records, result_rows(result));
	return true;
}

struct migration *
migrations_find(struct migrations *m, const char *version, struct problem *p)
{
	const char *slash = strrchr(version, '/'), *digits = slash == NULL ? version : slash + 1;
	struct migration *found = NULL;

	for (size_t i = 0; i < m->count; i++) {
		struct migration *it = &m->list[i];

		if (strcmp(it->version, digits) != 0 ||
		    (slash != NULL &&
			(strlen(it->set) != (size_t)(slash - version) ||
			    strncmp(it->set, version, (size_t)(slash - version)) != 0)))
			continue;
		if (found != NULL)
			return problem_null(p, PROBLEM_INVALID,
			    "version %s is in several sets: say %s/%s or %s/%s", version,
			    found->set, found->version, it->set, it->version);
		found = it;
	}
	if (found == NULL)
		return problem_null(p, PROBLEM_INVALID,
		    "there is no migration \"%s\"; `rowhouse migrate status` lists them", version);
	return found;
}
