/* SPDX-License-Identifier: BSD-2-Clause */
/* test_script.c - where statements of an SQL file begin and end
 *
 * What is expected is written by hand from PostgreSQL's manual, 4.1 (lexical structure). The oracle
 * that cannot share our mistakes is PostgreSQL itself, which runs what the splitter made in the
 * integration tests. */
#include "database/script.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "unit.h"

enum { STATEMENTS = 8 };

static const struct {
	const char *name, *text;
	const char *statements[STATEMENTS]; /* ended by NULL */
	unsigned lines[STATEMENTS];         /* of the first bytes */
} splits[] = {
	{ "empty", "", { NULL }, { 0 } },
	{ "only space", " \n\t\n", { NULL }, { 0 } },
	{ "only comments", "-- a;\n/* b; */\n", { NULL }, { 0 } },
	{ "empty statements", ";;\n ; ;", { NULL }, { 0 } },
	{ "one", "SELECT 1;", { "SELECT 1" }, { 1 } },
	{ "one without an end", "SELECT 1", { "SELECT 1" }, { 1 } },
	{ "space behind", "SELECT 1 \n\n;\n", { "SELECT 1" }, { 1 } },
	{ "two on a line", "SELECT 1;SELECT 2;", { "SELECT 1", "SELECT 2" }, { 1, 1 } },
	{ "lines", "\n-- one\nSELECT 1;\n\n  SELECT\n2;\n", { "SELECT 1", "SELECT\n2" }, { 3, 5 } },
	{ "carriage returns", "SELECT 1;\r\nSELECT 2;\r\n", { "SELECT 1", "SELECT 2" }, { 1, 2 } },
	{ "a byte order mark", "\xef\xbb\xbfSELECT 1;", { "SELECT 1" }, { 1 } },
	{ "a comment within", "SELECT 1 -- ;\n, 2;", { "SELECT 1 -- ;\n, 2" }, { 1 } },
	{ "a comment behind", "SELECT 1 -- ;\n; SELECT 2", { "SELECT 1", "SELECT 2" }, { 1, 2 } },
	{ "a comment at the end of all", "SELECT 1 -- ;", { "SELECT 1" }, { 1 } },
	{ "a minus is no comment", "SELECT 1 - - 1; SELECT 2", { "SELECT 1 - - 1", "SELECT 2" },
	    { 1, 1 } },
	{ "a quote in a comment", "-- it's\nSELECT 1; /* don't */ SELECT 2",
	    { "SELECT 1", "SELECT 2" }, { 2, 2 } },
	{ "nested comments", "/* a /* b; */ c; */ SELECT 1; SELECT 2", { "SELECT 1", "SELECT 2" },
	    { 1, 1 } },
	{ "stars and slashes", "SELECT 4/2*3; /**/ SELECT /***/ 2",
	    { "SELECT 4/2*3", "SELECT /***/ 2" }, { 1, 1 } },
	{ "a string", "SELECT ';'; SELECT 2", { "SELECT ';'", "SELECT 2" }, { 1, 1 } },
	{ "a doubled quote", "SELECT 'it''s; '; SELECT 2", { "SELECT 'it''s; '", "SELECT 2" },
	    { 1, 1 } },
	{ "a backslash is a letter", "SELECT '\\'; SELECT 2", { "SELECT '\\'", "SELECT 2" },
	    { 1, 1 } },
	{ "a string of lines", "SELECT 'a\nb;\n'; SELECT 2", { "SELECT 'a\nb;\n'", "SELECT 2" },
	    { 1, 3 } },
	{ "a comment in a string", "SELECT '/*'; SELECT '--'; SELECT 3",
	    { "SELECT '/*'", "SELECT '--'", "SELECT 3" }, { 1, 1, 1 } },
	{ "an escape string", "SELECT E'a\\'; b'; SELECT 2", { "SELECT E'a\\'; b'", "SELECT 2" },
	    { 1, 1 } },
	{ "an escape string, small", "SELECT e'\\\\'; SELECT 2", { "SELECT e'\\\\'", "SELECT 2" },
	    { 1, 1 } },
	{ "an escape string goes on", "SELECT E'a'\n 'b\\'; c'; SELECT 2",
	    { "SELECT E'a'\n 'b\\'; c'", "SELECT 2" }, { 1, 2 } },
	{ "no escape after a word", "SELECT date'\\'; SELECT 2", { "SELECT date'\\'", "SELECT 2" },
	    { 1, 1 } },
	{ "no escape in U&", "SELECT U&'\\'; SELECT 2", { "SELECT U&'\\'", "SELECT 2" }, { 1, 1 } },
	{ "a quoted name", "SELECT \"a;\"\"b;'\"; SELECT 2", { "SELECT \"a;\"\"b;'\"", "SELECT 2" },
	    { 1, 1 } },
	{ "dollar quotes", "DO $$ x; ' $$; SELECT 2", { "DO $$ x; ' $$", "SELECT 2" }, { 1, 1 } },
	{ "tagged dollar quotes", "DO $a$ $$; $b$; $A$; $a$; SELECT 2",
	    { "DO $a$ $$; $b$; $A$; $a$", "SELECT 2" }, { 1, 1 } },
	{ "a tag beyond ASCII", "DO $\xc3\xa9$ ; $\xc3\xa9$; SELECT 2",
	    { "DO $\xc3\xa9$ ; $\xc3\xa9$", "SELECT 2" }, { 1, 1 } },
	{ "dollars in a name", "SELECT a$b$; SELECT c$b$", { "SELECT a$b$", "SELECT c$b$" },
	    { 1, 1 } },
	{ "parameters", "SELECT $1; SELECT $2$ ;", { "SELECT $1", "SELECT $2$" }, { 1, 1 } },
	{ "parentheses", "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
	    { "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3" }, { 1, 1 } },
	{ "BEGIN ATOMIC",
	    "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END;\n"
	    "SELECT 2;",
	    { "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END",
		"SELECT 2" },
	    { 1, 2 } },
	{ "BEGIN ATOMIC, replaced",
	    "create or replace procedure f() begin atomic select 1; end; select 2",
	    { "create or replace procedure f() begin atomic select 1; end", "select 2" },
	    { 1, 1 } },
	{ "a column called begin", "CREATE TABLE t (\"begin\" int, begin int); SELECT 2",
	    { "CREATE TABLE t (\"begin\" int, begin int)", "SELECT 2" }, { 1, 1 } },
};

static void
statements_are_found(void)
{
	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		struct arena *a = arena_new(1 << 20);
		const struct script *script;
		struct problem p;
		size_t n = 0;

		problem_init(&p, a);
		script = script_parse(a, "x.sql", splits[i].text, strlen(splits[i].text), &p);
		CU_ASSERT_FATAL(script != NULL);
		while (n < STATEMENTS && splits[i].statements[n] != NULL)
			n++;
		ASSERT_ROW(splits[i].name, script->count == n);
		for (size_t j = 0; j < n && j < script->count; j++) {
			const char *expected = splits[i].statements[j];

			ASSERT_ROW(splits[i].name, script->statements[j].len == strlen(expected));
			ASSERT_ROW(splits[i].name,
			    strncmp(script->statements[j].text, expected, strlen(expected)) == 0);
			ASSERT_ROW(
			    splits[i].name, script->statements[j].line == splits[i].lines[j]);
		}
		arena_free(a);
	}
}

static const struct {
	const char *name, *text, *problem;
} broken[] = {
	{ "a string", "SELECT 1;\nSELECT 'a", "x.sql:2: a string begins here and does not end" },
	{ "an escape string", "SELECT E'a\\'", "x.sql:1: a string begins here and does not end" },
	{ "a name", "\n\nSELECT \"a", "x.sql:3: a quoted name begins here and does not end" },
	{ "a comment", "/* /* */", "x.sql:1: a comment begins here and does not end" },
	{ "a dollar quote", "DO $$\n;\n$a$",
	    "x.sql:1: a dollar-quoted string begins here and does not end" },
};

static void
what_does_not_end_is_told(void)
{
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct arena *a = arena_new(1 << 20);
		struct problem p;

		problem_init(&p, a);
		ASSERT_ROW(broken[i].name,
		    script_parse(a, "x.sql", broken[i].text, strlen(broken[i].text), &p) == NULL);
		ASSERT_ROW(
		    broken[i].name, p.detail != NULL && strcmp(p.detail, broken[i].problem) == 0);
		arena_free(a);
	}
}

static const struct {
	const char *text;
	const char *refused; /* the beginning of what is told, or NULL: it is allowed */
} commands[] = {
	{ "SELECT 1; BEGIN", "x.sql:1: BEGIN " },
	{ "begin transaction isolation level serializable", "x.sql:1: BEGIN " },
	{ "\nStart  /* x */ Transaction", "x.sql:2: START TRANSACTION " },
	{ "COMMIT", "x.sql:1: COMMIT " },
	{ "commit and chain", "x.sql:1: COMMIT " },
	{ "COMMIT PREPARED 'x'", "x.sql:1: COMMIT " },
	{ "END", "x.sql:1: END " },
	{ "SELECT 1;\n-- x\nROLLBACK", "x.sql:3: ROLLBACK " },
	{ "ABORT", "x.sql:1: ABORT " },
	{ "PREPARE TRANSACTION 'x'", "x.sql:1: PREPARE TRANSACTION " },
	{ "COPY t (a, b, c) FROM stdin", "x.sql:1: COPY " },
	{ "copy (select 1) to stdout", "x.sql:1: COPY " },
	{ "COPY t FROM '/tmp/stdin'", NULL },
	{ "PREPARE p AS SELECT 1", NULL },
	{ "SAVEPOINT s; ROLLBACK TO s; RELEASE s", NULL },
	{ "ROLLBACK TO SAVEPOINT s", NULL },
	{ "DO $$ BEGIN COMMIT; END $$", NULL },
	{ "SELECT 'COMMIT'; SELECT \"BEGIN\"", NULL },
	{ "-- COMMIT;\n/* BEGIN; */", NULL },
	{ "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END", NULL },
	{ "SELECT CASE WHEN true THEN 1 END", NULL },
	{ "COMMENT ON TABLE t IS 'x'", NULL },
	{ "SELECT stdin FROM t", NULL },
};

static void
transaction_commands_are_refused(void)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct arena *a = arena_new(1 << 20);
		const char *refused = commands[i].refused;
		const struct script *script;
		struct problem p;

		problem_init(&p, a);
		script = script_parse(a, "x.sql", commands[i].text, strlen(commands[i].text), &p);
		CU_ASSERT_FATAL(script != NULL);
		ASSERT_ROW(commands[i].text, script_check_plain(script, &p) == (refused == NULL));
		if (refused != NULL)
			ASSERT_ROW(commands[i].text,
			    p.detail != NULL && strncmp(p.detail, refused, strlen(refused)) == 0);
		arena_free(a);
	}
}

static const struct {
	const char *text;
	bool marked;
} marks[] = {
	{ "-- rowhouse: no-transaction", true },
	{ "-- rowhouse: no-transaction\nSELECT 1", true },
	{ "-- rowhouse: no-transaction \t\r\nSELECT 1", true },
	{ "-- rowhouse: no-transactions\n", false },
	{ "-- rowhouse: no-transaction please\n", false },
	{ "--rowhouse: no-transaction\n", false },
	{ "\n-- rowhouse: no-transaction\n", false },
	{ "SELECT 1;\n-- rowhouse: no-transaction\n", false },
	{ "-- rowhouse:", false },
	{ "", false },
};

static void
the_first_line_marks(void)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct arena *a = arena_new(1 << 20);
		const struct script *script;
		struct problem p;

		problem_init(&p, a);
		script = script_parse(a, "x.sql", marks[i].text, strlen(marks[i].text), &p);
		CU_ASSERT_FATAL(script != NULL);
		ASSERT_ROW(marks[i].text, script->no_transaction == marks[i].marked);
		arena_free(a);
	}
}

/* FIPS 180-2, appendix B, and the empty message. */
static void
the_checksum_is_sha256(void)
{
	struct arena *a = arena_new(1 << 20);
	const struct script *script;
	struct problem p;

	problem_init(&p, a);
	script = script_parse(a, "x.sql", "abc", 3, &p);
	CU_ASSERT_FATAL(script != NULL);
	CU_ASSERT_STRING_EQUAL(
	    script->checksum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	script = script_parse(a, "x.sql", "", 0, &p);
	CU_ASSERT_FATAL(script != NULL);
	CU_ASSERT_STRING_EQUAL(
	    script->checksum, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	arena_free(a);
}

static void
bytes_that_are_not_sql_are_refused(void)
{
	struct arena *a = arena_new(1 << 20);
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT(script_parse(a, "x.sql", "SELECT\0 1", 9, &p) == NULL);
	CU_ASSERT(p.detail != NULL && strstr(p.detail, "zero byte") != NULL);
	problem_init(&p, a);
	CU_ASSERT(script_read(a, "/nonexistent/x.sql", &p) == NULL);
	CU_ASSERT(p.detail != NULL && strstr(p.detail, "could not open") != NULL);
	problem_init(&p, a);
	CU_ASSERT(script_read(a, "/", &p) == NULL); /* opens, and does not read */
	CU_ASSERT(problem_raised(&p));
	arena_free(a);
}

/* Every prefix of every text, which cuts quotes, tags and comments in each place; for the
 * sanitizers. */
static void
no_prefix_is_read_beyond(void)
{
	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++)
		for (size_t len = 0; len <= strlen(splits[i].text); len++) {
			struct arena *a = arena_new(1 << 20);
			struct problem p;
			char *cut = arena_alloc(a, len == 0 ? 1 : len); /* no NUL behind it */

			problem_init(&p, a);
			memcpy(cut, splits[i].text, len);
			CU_ASSERT(
			    (script_parse(a, "x.sql", cut, len, &p) == NULL) == problem_raised(&p));
			arena_free(a);
		}
}

void
suite_script(void)
{
	static const struct test_row tests[] = {
		{ "statements are found", statements_are_found },
		{ "what does not end is told", what_does_not_end_is_told },
		{ "transaction commands are refused", transaction_commands_are_refused },
		{ "the first line marks a file", the_first_line_marks },
		{ "the checksum is SHA-256", the_checksum_is_sha256 },
		{ "bytes that are not SQL are refused", bytes_that_are_not_sql_are_refused },
		{ "no prefix is read beyond its end", no_prefix_is_read_beyond },
	};

	unit_suite("script", tests, sizeof(tests) / sizeof(tests[0]));
}
