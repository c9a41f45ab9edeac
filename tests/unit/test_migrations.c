/* SPDX-License-Identifier: BSD-2-Clause */
/* test_migrations.c - names of files, their order, and what the records say of them */
#include "database/migrations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/script.h"
#include "unit.h"

static const struct {
	const char *file_name;
	bool valid;
	const char *version, *name;
	long number;
	bool down;
} names[] = {
	{ "0001_schema.sql", true, "0001", "schema", 1, false },
	{ "0001_schema.down.sql", true, "0001", "schema", 1, true },
	{ "0000_migrations.sql", true, "0000", "migrations", 0, false },
	{ "9999_a-b_C2.sql", true, "9999", "a-b_C2", 9999, false },
	{ "00012_x.sql", true, "00012", "x", 12, false },
	{ "123456789_x.sql", true, "123456789", "x", 123456789, false },
	{ "1234567890_x.sql", false, NULL, NULL, 0, false },
	{ "001_x.sql", false, NULL, NULL, 0, false },
	{ "0001x.sql", false, NULL, NULL, 0, false },
	{ "0001-x.sql", false, NULL, NULL, 0, false },
	{ "0001_.sql", false, NULL, NULL, 0, false },
	{ "0001_.down.sql", false, NULL, NULL, 0, false },
	{ "0001.sql", false, NULL, NULL, 0, false },
	{ "0001_a b.sql", false, NULL, NULL, 0, false },
	{ "0001_a.up.sql", false, NULL, NULL, 0, false },
	{ "0001_\xc3\xa9.sql", false, NULL, NULL, 0, false },
	{ "schema.sql", false, NULL, NULL, 0, false },
	{ "0001_x.SQL", false, NULL, NULL, 0, false },
	{ "0001_x.sql~", false, NULL, NULL, 0, false },
	{ ".sql", false, NULL, NULL, 0, false },
	{ "", false, NULL, NULL, 0, false },
};

static void
names_are_taken_apart(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct arena *a = arena_new(1 << 20);
		struct migration_file file;
		bool valid = migration_file_parse(a, names[i].file_name, &file);

		ASSERT_ROW(names[i].file_name, valid == names[i].valid);
		if (valid && names[i].valid) {
			ASSERT_ROW(names[i].file_name, strcmp(file.version, names[i].version) == 0);
			ASSERT_ROW(names[i].file_name, strcmp(file.name, names[i].name) == 0);
			ASSERT_ROW(names[i].file_name, file.number == names[i].number);
			ASSERT_ROW(names[i].file_name, file.down == names[i].down);
		}
		arena_free(a);
	}
}

/* --- folders ------------------------------------------------------------------------------------
 */

/* Two folders in a place of our own: base/ and blog/. */
struct place {
	char root[64];
	const char *folders[2];
	struct arena *arena;
	struct problem problem;
};

static void
put_file(const struct place *place, const char *name, const char *text)
{
	FILE *file = fopen(arena_printf(place->arena, "%s/%s", place->root, name), "we");

	CU_ASSERT_FATAL(file != NULL);
	fputs(text, file);
	fclose(file);
}

static void
make_place(struct place *place)
{
	place->arena = arena_new(8 << 20);
	problem_init(&place->problem, place->arena);
	snprintf(place->root, sizeof(place->root), "/tmp/rowhouse-migrations-XXXXXX");
	CU_ASSERT_FATAL(mkdtemp(place->root) != NULL);
	place->folders[0] = arena_printf(place->arena, "%s/base", place->root);
	place->folders[1] = arena_printf(place->arena, "%s/blog/", place->root);
	CU_ASSERT_FATAL(mkdir(place->folders[0], 0700) == 0 && mkdir(place->folders[1], 0700) == 0);
	put_file(place, "base/0000_records.sql", "SELECT 0;");
	put_file(place, "base/0002_b.sql", "SELECT 2;");
	put_file(place, "base/0001_a.sql", "SELECT 1;");
	put_file(place, "base/0010_c.sql", "SELECT 10;");
	put_file(place, "blog/0001_a.sql", "SELECT 1;");
	put_file(place, "blog/0001_a.down.sql", "SELECT -1;");
	put_file(place, "blog/00003_z.sql", "SELECT 3;");
	put_file(place, "blog/README.md", "not SQL");
	put_file(place, "blog/.0004_hidden.sql", "an editor's");
}

static void
remove_place(struct place *place)
{
	static const char *const files[] = { "base/0000_records.sql", "base/0002_b.sql",
		"base/0001_a.sql", "base/0010_c.sql", "blog/0001_a.sql", "blog/0001_a.down.sql",
		"blog/00003_z.sql", "blog/README.md", "blog/.0004_hidden.sql", "blog/extra.sql",
		"blog/0000_x.sql", "blog/0001_other.sql", "blog/0002_x.down.sql",
		"blog/0009_open.sql", "base", "blog", "" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		remove(arena_printf(place->arena, "%s/%s", place->root, files[i]));
	CU_ASSERT(access(place->root, F_OK) != 0);
	arena_free(place->arena);
}

static struct migrations *
read_place(struct place *place)
{
	problem_init(&place->problem, place->arena);
	return migrations_read(place->arena, place->folders, 2, &place->problem);
}

static void
files_are_in_order(void)
{
	static const char *const expected[] = { "base/0001", "base/0002", "base/0010", "blog/0001",
		"blog/00003" };
	struct place place;
	struct migrations *m;

	make_place(&place);
	m = read_place(&place);
	CU_ASSERT_FATAL(m != NULL);
	CU_ASSERT_FATAL(m->count == sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < m->count; i++) {
		const char *id =
		    arena_printf(place.arena, "%s/%s", m->list[i].set, m->list[i].version);

		ASSERT_ROW(expected[i], strcmp(id, expected[i]) == 0);
		ASSERT_ROW(expected[i], m->list[i].script != NULL && m->list[i].script->count == 1);
		ASSERT_ROW(expected[i], (m->list[i].down_path != NULL) == (i == 3));
	}
	CU_ASSERT(
	    m->bootstrap != NULL && strstr(m->bootstrap_path, "base/0000_records.sql") != NULL);
	remove_place(&place);
}

static const struct {
	const char *file, *text, *told;
} misplaced[] = {
	{ "blog/extra.sql", "", "reads NNNN_name.sql" },
	{ "blog/0000_x.sql", "", "belongs to the bootstrap" },
	{ "blog/0001_other.sql", "", "number 0001 is taken by" },
	{ "blog/0002_x.down.sql", "", "there is no 0002_x.sql that it undoes" },
	{ "blog/0009_open.sql", "SELECT '", "0009_open.sql:1: a string begins here" },
};

static void
misplaced_files_are_refused(void)
{
	for (size_t i = 0; i < sizeof(misplaced) / sizeof(misplaced[0]); i++) {
		struct place place;

		make_place(&place);
		put_file(&place, misplaced[i].file, misplaced[i].text);
		ASSERT_ROW(misplaced[i].file, read_place(&place) == NULL);
		ASSERT_ROW(misplaced[i].file,
		    place.problem.detail != NULL &&
			strstr(place.problem.detail, misplaced[i].told) != NULL);
		remove_place(&place);
	}
}

static void
sets_have_names_of_their_own(void)
{
	struct place place;

	make_place(&place);
	place.folders[1] = place.folders[0];
	CU_ASSERT(read_place(&place) == NULL);
	CU_ASSERT(
	    place.problem.detail != NULL && strstr(place.problem.detail, "both called") != NULL);
	place.folders[1] = "/nonexistent/blog";
	CU_ASSERT(read_place(&place) == NULL);
	remove_place(&place);
}

/* --- records ------------------------------------------------------------------------------------
 */

static const struct migration *
find(struct migrations *m, const char *version)
{
	struct arena *a = arena_new(1 << 20);
	const struct migration *found;
	struct problem p;

	problem_init(&p, a);
	found = migrations_find(m, version, &p);
	arena_free(a);
	return found;
}

static const struct {
	const char *version;
	enum migration_state state;
} states[] = {
	{ "base/0001", MIGRATION_APPLIED },
	{ "base/0002", MIGRATION_CHANGED },
	{ "base/0007", MIGRATION_MISSING },
	{ "base/0010", MIGRATION_PENDING },
	{ "blog/0001", MIGRATION_UNFINISHED },
	{ "blog/00003", MIGRATION_PENDING },
	{ "shop/0001", MIGRATION_ELSEWHERE },
};

static void
records_give_states(void)
{
	struct place place;
	struct migrations *m;

	make_place(&place);
	m = read_place(&place);
	CU_ASSERT_FATAL(m != NULL);
	{
		const char *same = m->list[0].script->checksum, *t = "2026-11-20T00:00:00.000Z";
		const struct migration_record records[] = {
			{ "base", "0001", "a", same, t, t, "1" },
			{ "base", "0002", "b", same, t, t, "1" },
			{ "base", "0007", "gone", same, t, t, "1" },
			{ "blog", "0001", "a", same, t, NULL, NULL },
			{ "shop", "0001", "a", same, t, t, "1" },
		};

		migrations_compare(m, place.arena, records, sizeof(records) / sizeof(records[0]));
		CU_ASSERT_EQUAL(m->count, sizeof(states) / sizeof(states[0]));
		for (size_t i = 0; i < m->count; i++) {
			const struct migration *it = find(m, states[i].version);

			ASSERT_ROW(states[i].version, it == &m->list[i]);
			ASSERT_ROW(states[i].version, it != NULL && it->state == states[i].state);
		}
		CU_ASSERT_EQUAL(migrations_count(m, MIGRATION_PENDING), 2);
	}
	migrations_compare(m, place.arena, NULL, 0);
	CU_ASSERT_EQUAL(m->count, 5);
	CU_ASSERT_EQUAL(migrations_count(m, MIGRATION_PENDING), 5);
	remove_place(&place);
}

static void
versions_are_found(void)
{
	struct place place;
	struct migrations *m;

	make_place(&place);
	m = read_place(&place);
	CU_ASSERT_FATAL(m != NULL);
	CU_ASSERT(find(m, "0010") == &m->list[2]);
	CU_ASSERT(find(m, "blog/0001") == &m->list[3]);
	CU_ASSERT(find(m, "0001") == NULL); /* of which set? */
	CU_ASSERT(find(m, "10") == NULL);
	CU_ASSERT(find(m, "blog/0002") == NULL);
	CU_ASSERT(find(m, "blo/0001") == NULL);
	CU_ASSERT(find(m, "") == NULL);
	remove_place(&place);
}

static void
every_state_is_explained(void)
{
	for (int i = 0; i < MIGRATION__MAX; i++) {
		enum migration_state state = (enum migration_state)i;

		CU_ASSERT(migration_state_word(state) != NULL);
		CU_ASSERT(
		    migration_state_fault(state) == NULL || migration_state_remedy(state) != NULL);
	}
}

void
suite_migrations(void)
{
	static const struct test_row tests[] = {
		{ "names are taken apart", names_are_taken_apart },
		{ "files are in order", files_are_in_order },
		{ "misplaced files are refused", misplaced_files_are_refused },
		{ "sets have names of their own", sets_have_names_of_their_own },
		{ "records give states", records_give_states },
		{ "versions are found", versions_are_found },
		{ "every state is explained", every_state_is_explained },
	};

	unit_suite("migrations", tests, sizeof(tests) / sizeof(tests[0]));
}
