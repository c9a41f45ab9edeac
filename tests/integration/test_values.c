/* SPDX-License-Identifier: BSD-2-Clause */
/* test_values.c - what values.h says of a value, and what PostgreSQL says
 *
 * The one integration suite that is linked with our code: it asks PostgreSQL about functions of
 * ours, through columns that the catalogue has loaded. What is accepted must be what a person
 * listed, and PostgreSQL must read it as the same value; whether a value fits a column is
 * PostgreSQL's to say. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "compiler/values.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "formats/jsonpointer.h"
#include "formats/jsonread.h"
#include "formats/textformat.h"
#include "integration/value_texts.h"
#include "integration/values_probe.h"
#include "support/cluster.h"
#include "support/suite.h"

static const struct value *
read_text(const struct column *column, const char *text, struct problem *p)
{
	problem_init(p, probe_arena);
	return value_read(column, text, "/query/c", probe_arena, p);
}

static const struct value *
read_member(const struct column *column, const char *json, struct problem *p)
{
	const struct jsonpointer pointer = jsonpointer_member(NULL, "c");
	struct json_object *member;

	problem_init(p, probe_arena);
	if (!CHECK(jsonread_parse(&member, json, strlen(json), probe_arena, p), "JSON %s", json))
		return NULL;
	return value_from_json(column, member, &pointer, probe_arena, p);
}

static const struct {
	const char *name;
	enum kind kind, element; /* element: KIND__MAX when it is no array */
	long max_length;
	int precision, scale;
	bool not_null;
} columns[] = {
	{ "n", KIND_NUMERIC, KIND__MAX, 0, 0, 0, false },
	{ "p", KIND_NUMERIC, KIND__MAX, 0, 5, 2, false },
	{ "n4", KIND_NUMERIC, KIND__MAX, 0, 2, 4, false },
	{ "n3", KIND_NUMERIC, KIND__MAX, 0, 2, -3, false },
	{ "v", KIND_TEXT, KIND__MAX, 3, 0, 0, false },
	{ "c", KIND_TEXT, KIND__MAX, 3, 0, 0, false },
	{ "x", KIND_TEXT, KIND__MAX, 0, 0, 0, false },
	{ "dc", KIND_TEXT, KIND__MAX, 7, 0, 0, false },
	{ "dd", KIND_TEXT, KIND__MAX, 7, 0, 0, true },
	{ "dw", KIND_NUMERIC, KIND__MAX, 0, 6, 3, false },
	{ "dws", KIND_ARRAY, KIND_TEXT, 4, 0, 0, false },
	{ "at", KIND_ARRAY, KIND_TEXT, 0, 0, 0, false },
	{ "av", KIND_ARRAY, KIND_TEXT, 5, 0, 0, false },
	{ "ac", KIND_ARRAY, KIND_TEXT, 3, 0, 0, false },
	{ "ai", KIND_ARRAY, KIND_INT, 0, 0, 0, false },
	{ "an", KIND_ARRAY, KIND_NUMERIC, 0, 4, 1, false },
	{ "ae", KIND_ARRAY, KIND_ENUM, 0, 0, 0, false },
	{ "ad", KIND_ARRAY, KIND_TEXT, 7, 0, 0, false },
	{ "aj", KIND_ARRAY, KIND_JSON, 0, 0, 0, false },
	{ "e", KIND_ENUM, KIND__MAX, 0, 0, 0, false },
	{ "o10", KIND_OTHER, KIND__MAX, 0, 0, 0, false },
	{ "z10", KIND_OPAQUE, KIND__MAX, 0, 0, 0, false },
	{ "z11", KIND_OPAQUE, KIND__MAX, 0, 0, 0, false },
};

static void
the_catalogue_knows_bounds(void)
{
	for (size_t i = 0; i < COUNT_OF(columns); i++) {
		const char *name = columns[i].name;
		const struct column *c = probe_column(name),
				    *leaf = c->element == NULL ? c : c->element;

		CHECK_INT(c->kind, columns[i].kind, "kind of %s", name);
		CHECK_INT(c->element == NULL ? KIND__MAX : leaf->kind, columns[i].element,
		    "kind of the elements of %s", name);
		CHECK_INT(leaf->max_length, columns[i].max_length, "length of %s", name);
		CHECK_INT(leaf->precision, columns[i].precision, "precision of %s", name);
		CHECK_INT(leaf->scale, columns[i].scale, "scale of %s", name);
		CHECK_INT(c->not_null, columns[i].not_null, "NOT NULL of %s", name);
	}
}

static bool
is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL; at++)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

/* Every text against every column: 13 lists by hand, and PostgreSQL's own reading of the text. */
static void
texts_are_what_postgresql_reads(void)
{
	static const char *const names[] = { "u", "b", "i2", "i4", "i8", "n", "p", "f4", "f8", "e",
		"tz", "ts", "d", "t", "v", "c", "x" };
	const char *all = "t v c x";
	size_t accepted = 0;

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		for (size_t j = 0; j < COUNT_OF(names); j++) {
			const struct column *column = probe_column(names[j]);
			const struct value *value;
			struct problem p;
			bool listed =
			    is_listed(texts[i].columns, names[j]) || is_listed(all, names[j]);

			value = read_text(column, texts[i].text, &p);
			CHECK((value != NULL) == listed, "\"%s\" for %s", texts[i].text, names[j]);
			if (value == NULL)
				continue;
			accepted++;
			CHECK_TEXT(probe_same(column, value, texts[i].text).value, "t",
			    "\"%s\" for %s", texts[i].text, names[j]);
		}
	printf("(%zu texts, %zu accepted) ", COUNT_OF(texts), accepted);
}

/* What goes on in another form because PostgreSQL would refuse it or read it as another value. */
static const struct {
	const char *column, *text, *equals;
} rewritten[] = {
	{ "tz", "2024-05-17T09:30:00+16:00", "2024-05-16 17:30:00+00" },
	{ "tz", "2024-05-17T09:30:00-23:59", "2024-05-18 09:29:00+00" },
	{ "tz", "2024-05-17T09:30:00.1234565Z", "2024-05-17 09:30:00.123457+00" },
};

static void
some_are_rewritten(void)
{
	for (size_t i = 0; i < COUNT_OF(rewritten); i++) {
		const struct column *column = probe_column(rewritten[i].column);
		struct problem p;
		const struct value *value = read_text(column, rewritten[i].text, &p);

		if (CHECK(value != NULL, "\"%s\"", rewritten[i].text))
			CHECK_TEXT(probe_same(column, value, rewritten[i].equals).value, "t",
			    "\"%s\"", rewritten[i].text);
	}
}

/* Types that PostgreSQL alone reads refuse with class 22, whatever they are given. Those that do
 * otherwise are never read; that there are such is the control. */
static void
postgresql_refuses_with_class_22(void)
{
	size_t refused = 0, otherwise = 0;

	for (size_t c = 0; c < probe_model()->column_count; c++)
		for (size_t i = 0; i < COUNT_OF(texts); i++) {
			const struct column *column = &probe_model()->columns[c];
			const char *state, *text = texts[i].text;
			struct problem p;

			if (column->kind != KIND_OTHER && column->kind != KIND_OPAQUE)
				break;
			CHECK((read_text(column, text, &p) != NULL) == (column->kind == KIND_OTHER),
			    "\"%s\" for %s", text, column->name);
			state = probe_stored(column, value_typed(probe_arena, column->type, text))
				    .sqlstate;
			if (column->kind == KIND_OPAQUE)
				otherwise += state[0] != '\0' && strncmp(state, "22", 2) != 0;
			else if (state[0] != '\0')
				refused += CHECK(strncmp(state, "22", 2) == 0, "%s: \"%s\" for %s",
				    state, text, column->name);
		}
	CHECK(refused > 5000 && otherwise > 500, "%zu refused, %zu otherwise", refused, otherwise);
}

/* JSON, and what the column shows after it was written there; stored NULL: a fault instead. */
static const struct {
	const char *column, *json, *stored;
} members[] = {
	{ "u", "\"0199A000-0000-7000-8000-00000000000F\"", "0199a000-0000-7000-8000-00000000000f" },
	{ "u", "null", "NULL" },
	{ "b", "true", "true" },
	{ "b", "false", "false" },
	{ "i2", "-32768", "-32768" },
	{ "i2", "3.2767e4", "32767" },
	{ "i2", "32768", NULL },
	{ "i4", "1e9", "1000000000" },
	{ "i4", "1e10", NULL },
	{ "i8", "9223372036854775807", "9223372036854775807" },
	{ "i8", "\"-9223372036854775808\"", "-9223372036854775808" },
	{ "i8", "9007199254740993", "9007199254740993" },
	{ "n", "123456789012345678901234567890.123456789",
	    "123456789012345678901234567890.123456789" },
	{ "n", "1e-30", "0.000000000000000000000000000001" },
	{ "n", "\"0.10\"", "0.10" },
	{ "n", "1e3", "1000" },
	{ "p", "12.345", "12.35" },
	{ "p", "-12.345", "-12.35" },
	{ "p", "999.994", "999.99" },
	{ "p", "999.995", NULL },
	{ "dw", "999.9994", "999.999" },
	{ "dw", "999.9995", NULL },
	{ "n3", "12345", "12000" },
	{ "f8", "0.1", "0.1" },
	{ "f8", "1e-400", NULL },
	{ "f4", "0.1", "0.1" },
	{ "f4", "16777217", "1.6777216e+07" },
	{ "t", "\"\"", "" },
	{ "t", "\"'; DROP TABLE probe; --\"", "'; DROP TABLE probe; --" },
	{ "t", "\"\\u00e9\\ud83c\\udfe0\\t\"", "\xc3\xa9\xf0\x9f\x8f\xa0\t" },
	{ "v", "\"\\u00e9\\u00e9\\u00e9\"", "\xc3\xa9\xc3\xa9\xc3\xa9" },
	{ "v", "\"abcd\"", NULL },
	{ "v", "\"ab  \"", NULL },
	{ "c", "\"ab\"", "ab" }, /* padded, and a cast to text takes the blanks away again */
	{ "dc", "\"1234567\"", "1234567" },
	{ "dc", "\"12345678\"", NULL },
	{ "dd", "null", NULL },
	{ "x", "\"Mixed\"", "Mixed" },
	{ "e", "\"two words\"", "two words" },
	{ "e", "\"Two Words\"", NULL },
	{ "tz", "\"2024-05-17T09:30:00.123456+23:00\"", "2024-05-16 10:30:00.123456+00" },
	{ "tz", "\"2024-05-17\"", "2024-05-17 00:00:00+00" },
	{ "tz", "\"0001-01-01T00:00:00Z\"", "0001-01-01 00:00:00+00" },
	{ "ts", "\"2024-05-17T09:30:00\"", "2024-05-17 09:30:00" },
	{ "d", "\"9999-12-31\"", "9999-12-31" },
	{ "js", "{\"b\":1.50,\"a\":[1,null]}", "{\"b\":1.50,\"a\":[1,null]}" },
	{ "jb", "{\"b\":1.50,\"a\":[1,null]}", "{\"a\": [1, null], \"b\": 1.50}" },
	{ "jb", "\"x\"", "\"x\"" },
	{ "jb", "18446744073709551617", "18446744073709551617" },
	{ "jb", "null", "NULL" },
	{ "at", "[]", "{}" },
	{ "at", "[\"a\",\"\",null,\"NULL\",\"a,b\",\"{}\",\"\\\"\",\"\\\\\"]",
	    "{a,\"\",NULL,\"NULL\",\"a,b\",\"{}\",\"\\\"\",\"\\\\\"}" },
	{ "at", "[[\"a\"]]", NULL },
	{ "at", "null", "NULL" },
	{ "av", "[\"12345\"]", "{12345}" },
	{ "av", "[\"123456\"]", NULL },
	{ "ac", "[\"a\",\"abc\"]", "{\"a  \",abc}" },
	{ "ac", "[\"abcd\"]", NULL },
	{ "dws", "[\"1234\",null]", "{1234,NULL}" },
	{ "dws", "[\"12345\"]", NULL },
	{ "ad", "[\"1234567\"]", "{1234567}" },
	{ "ad", "[\"12345678\"]", NULL },
	{ "ai", "[1,2.0,3e0]", "{1,2,3}" },
	{ "ai", "[1,2147483648]", NULL },
	{ "an", "[999.94]", "{999.9}" },
	{ "an", "[999.95]", NULL },
	{ "ae", "[\"two words\",\"USER\"]", "{\"two words\",USER}" },
	{ "ae", "[\"user\"]", NULL },
	{ "aj", "[{\"a\":1},[1],null]", "{\"{\\\"a\\\": 1}\",[1],NULL}" },
	{ "atz", "[\"2024-05-17T09:30:00+02:00\"]", "{\"2024-05-17 07:30:00+00\"}" },
	{ "o1", "\"\\\\x00ff\"", "\\x00ff" },
	{ "o2", "\"10.1.2.3/8\"", "10.1.2.3/8" },
	{ "o6", "\"1 day 2:03\"", "1 day 02:03:00" },
	{ "o20", "\"[1,5]\"", "[1,6)" },
	{ "z1", "\"pg_class\"", NULL },
	{ "re", "\"mia@example.org\"", "mia@example.org" },
	{ "re", "\"mia\"", NULL },
	{ "re", "null", "NULL" },
	{ "ru", "\"https://example.org/\"", "https://example.org/" },
	{ "ru", "\"javascript:alert(1)\"", NULL },
	{ "ru", "\"https://example.org/0123456789a\"", NULL }, /* 31 characters */
	{ "ri", "\"0199a000-0000-7000-8000-000000000001\"",
	    "0199a000-0000-7000-8000-000000000001" },
	{ "ri", "\"0199a000\"", NULL },
	{ "rs", "\"a-slug\"", "a-slug" },
	{ "rs", "\"A-Slug\"", NULL },
	{ "rd", "\"2024-02-29\"", "2024-02-29" },
	{ "rd", "\"2023-02-29\"", NULL },
	{ "rp", "\"2001:db8::1\"", "2001:db8::1" },
	{ "rp", "\"2001:db8::g\"", NULL },
	{ "rl", "\"ab\"", "ab" },
	{ "rl", "\"a\"", NULL },
	{ "rl", "\"abcdef\"", NULL },
	{ "rn", "-0.1", "-0.1" },
	{ "rn", "-0.1000000000000000000001", NULL },
	{ "rn", "9007199254740993", "9007199254740993" },
	{ "rn", "9007199254740994", NULL }, /* as doubles these two are equal */
	{ "ra", "[\"a\"]", "{a}" },
	{ "ra", "[]", NULL },
	{ "rw", "0.001", "0.001" },
	{ "rw", "0.0009", NULL },
	{ "z4", "\"a b\"", NULL },
};

static void
members_are_stored_as_they_are(void)
{
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		const struct column *column = probe_column(members[i].column);
		const char *json = members[i].json;
		struct problem p;
		const struct value *value = read_member(column, json, &p);

		CHECK((value != NULL) == (members[i].stored != NULL), "%s for %s", json,
		    members[i].column);
		if (value != NULL)
			CHECK_TEXT(probe_stored(column, value).value, members[i].stored,
			    "%s for %s", json, members[i].column);
	}
}

/* Deterministic: a failure shows the text, and comes again. */
static uint32_t
roll(uint32_t sides)
{
	static uint64_t state = 20241120;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % sides;
}

/* Digits that are often 9 and 5, where rounding decides. */
static const char *
any_number(void)
{
	static const char digits[] = "0123456789999995";
	char text[64];
	size_t n = 0, before = 1 + roll(6), behind = roll(7);

	if (roll(2) == 0)
		text[n++] = '-';
	text[n++] = digits[1 + roll(15)];
	for (size_t i = 1; i < before; i++)
		text[n++] = digits[roll(16)];
	if (behind > 0)
		text[n++] = '.';
	for (size_t i = 0; i < behind; i++)
		text[n++] = digits[roll(16)];
	text[n] = '\0';
	return arena_printf(probe_arena, roll(3) == 0 ? "%se-%u" : "%se%u", text, roll(7));
}

static const char *
any_string(void)
{
	static const char *const characters[] = { "a", "\xc3\xa9", "\xf0\x9f\x8f\xa0", " b",
		"e\xcc\x81" };
	const char *text = "";

	for (uint32_t left = roll(8); left > 0; left--)
		text =
		    arena_printf(probe_arena, "%s%s", text, characters[roll(COUNT_OF(characters))]);
	return arena_printf(probe_arena, "\"%s\"", text);
}

/* We say that it fits exactly when PostgreSQL takes it. */
static void
what_fits_is_what_postgresql_takes(void)
{
	static const struct {
		const char *column;
		const char *(*any)(void);
	} bounded[] = { { "p", any_number }, { "n1", any_number }, { "n4", any_number },
		{ "n3", any_number }, { "n9", any_number }, { "dw", any_number },
		{ "v", any_string }, { "c", any_string }, { "dc", any_string } };

	for (size_t i = 0; i < COUNT_OF(bounded); i++) {
		const struct column *column = probe_column(bounded[i].column);
		size_t fit = 0;

		for (size_t n = 0; n < 500; n++) {
			const char *json = bounded[i].any(), *raw = json;
			struct problem p;
			bool ours = read_member(column, json, &p) != NULL, theirs;

			if (json[0] == '"')
				raw = arena_copy(probe_arena, json + 1, strlen(json) - 2);
			theirs = probe_stored(column, value_typed(probe_arena, column->type, raw))
				     .sqlstate[0] == '\0';
			CHECK(ours == theirs, "%s for %s: %d, %d", json, bounded[i].column, ours,
			    theirs);
			fit += theirs;
		}
		CHECK(fit > 20 && fit < 480, "%zu of 500 fit %s: too few of one sort", fit,
		    bounded[i].column);
	}
}

/* One parameter for all texts is the array that PostgreSQL makes of them one by one. */
static void
lists_are_arrays(void)
{
	const char *all[COUNT_OF(texts) + 1] = { 0 };
	const struct column *column = probe_column("t");
	struct sqltext *sql;
	struct problem p;

	CHECK(sql_run(probe_pg, "CREATE TABLE one_by_one (n serial, t text)"), "a table");
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		sql = sqltext_new(probe_arena);
		all[i] = texts[i].text;
		sqltext_literal(sql, "INSERT INTO one_by_one (t) VALUES (");
		sqltext_param(sql, value_new(probe_arena, SQLTYPE_TEXT, all[i]));
		sqltext_literal(sql, ") RETURNING n");
		CHECK_TEXT(probe_ask(sql).sqlstate, "", "\"%s\"", all[i]);
	}
	problem_init(&p, probe_arena);
	sql = sqltext_new(probe_arena);
	sqltext_literal(sql, "SELECT array_agg(t ORDER BY n) = ");
	sqltext_param(sql, value_list(column, all, "/query/c", probe_arena, &p));
	sqltext_literal(sql, " FROM one_by_one");
	CHECK_TEXT(probe_ask(sql).value, "t", "the array of all texts");
}

/* Elements of char(3) are not cut to one character, which `character[]` would do. */
static void
lists_keep_their_elements_whole(void)
{
	static const char *const keys[] = { "abc", "de", NULL };
	struct sqltext *sql = sqltext_new(probe_arena);
	struct problem p;

	problem_init(&p, probe_arena);
	sqltext_literal(sql, "SELECT 'abc'::char(3) = ANY (");
	sqltext_param(sql, value_list(probe_column("c"), keys, "/query/c", probe_arena, &p));
	sqltext_literal(sql, ")");
	CHECK_TEXT(probe_ask(sql).value, "t", "abc among abc, de");
}

/* A word that the registration lets pass stops the workers when they do not know it. */
static void
every_format_is_known(void)
{
	size_t count = 0;
	const char **words =
	    sql_column(probe_pg, "SELECT unnest(rowhouse.validate_formats())", &count);

	CHECK(count >= 6, "%zu formats", count);
	for (size_t i = 0; i < count; i++)
		CHECK(textformat_find(words[i]) != NULL, "format %s", words[i]);
}

static const struct suite_test tests[] = {
	{ "the catalogue knows bounds", the_catalogue_knows_bounds },
	{ "texts are what PostgreSQL reads", texts_are_what_postgresql_reads },
	{ "some are rewritten", some_are_rewritten },
	{ "PostgreSQL refuses with class 22", postgresql_refuses_with_class_22 },
	{ "members are stored as they are", members_are_stored_as_they_are },
	{ "what fits is what PostgreSQL takes", what_fits_is_what_postgresql_takes },
	{ "lists are arrays", lists_are_arrays },
	{ "lists keep their elements whole", lists_keep_their_elements_whole },
	{ "every format is known", every_format_is_known },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "values", probe_begin, probe_end, tests, SUITE_COUNT(tests) });
}
