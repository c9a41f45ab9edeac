/* SPDX-License-Identifier: BSD-2-Clause */
/* test_entries.c - the log says what is stored, for every type of column
 *
 * PostgreSQL throws values for a table with a column of every type and modifier, many of them
 * finer or wider than the column; they are created and changed through the program, and after each
 * request the entry is compared with the row as PostgreSQL writes it. 60 rows; with ROWHOUSE_LONG=1
 * 3,000. A new seed for each run, which is printed; ROWHOUSE_SEED=n throws the same again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oracle/dice.h"
#include "oracle/judge.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { SHORT = 60, LONG = 3000, PATCHES = 3, COLUMNS_MAX = 64 };

#define R           "random()"
#define TEXT(sql)   "to_json((" sql ")::text)"
#define NUMBER(sql) "(" sql ")::text"
#define WORD(len)   "left(md5(" R "::text), (" R " * " len ")::int)"
#define INSTANT     "(timestamptz '2001-02-03 04:05:06.789012Z' + " R " * interval '9000 days')"
#define SECONDS     "(" R " * 1e6 * interval '1 second')"
#define ISO(sql, z) "to_char(" sql " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US" z "')"
#define LIST(one)                                                                                  \
	"(SELECT concat('[', string_agg((" one ")::text, ','), ']') FROM generate_series(1, 3))"

/* A column, and SQL that throws a JSON value for it. Not every value fits. Types that take none
 * from outside (name, "char", tsvector) are not among them. */
static const struct {
	const char *name, *type, *json;
	bool number; /* takes increment and the like */
} columns[] = {
	{ "i2", "smallint", NUMBER("(" R " * 9000 - 4500)::int"), true },
	{ "i4", "integer", NUMBER("(" R " * 2e6 - 1e6)::int"), true },
	{ "i8", "bigint", NUMBER("(" R " * 1e15)::bigint"), true },
	{ "n", "numeric", NUMBER("(" R " * 1e6)::numeric"), true },
	{ "n52", "numeric(5,2)", NUMBER("round((" R " * 900 - 450)::numeric, 5)"), true },
	{ "n6", "numeric(6,-2)", NUMBER("round((" R " * 1e6)::numeric, 1)"), true },
	{ "n35", "numeric(3,5)", NUMBER("round((" R " * 0.009)::numeric, 9)"), false },
	{ "f4", "real", NUMBER("(" R " * 1000)::numeric"), true },
	{ "f8", "double precision", NUMBER("(" R " * 1000)::numeric"), true },
	{ "t", "text", TEXT(WORD("30")), false },
	{ "v", "varchar(10)", TEXT(WORD("10") " || repeat(' ', (" R " * 2)::int)"), false },
	{ "c", "char(5)", TEXT(WORD("5")), false },
	{ "ci", "citext", TEXT("upper(" WORD("9") ")"), false },
	{ "b", "boolean", NUMBER(R " < 0.5"), false },
	{ "d", "date", TEXT("date '2000-01-01' + (" R " * 20000)::int"), false },
	{ "ts", "timestamp", TEXT(ISO(INSTANT, "")), false },
	{ "ts0", "timestamp(0)", TEXT(ISO(INSTANT, "")), false },
	{ "tz", "timestamptz", TEXT(ISO(INSTANT, "Z")), false },
	{ "tz2", "timestamptz(2)", TEXT(ISO(INSTANT, "Z")), false },
	{ "tm", "time(1)", TEXT("time '00:00' + " SECONDS), false },
	{ "tmz", "timetz(4)", TEXT("(time '00:00' + " SECONDS ")::text || '+02'"), false },
	{ "iv", "interval", TEXT(SECONDS), false },
	{ "iv0", "interval(0)", TEXT(SECONDS), false },
	{ "ivm", "interval year to month", TEXT(SECONDS " * 100"), false },
	{ "ivs", "interval day to second(3)", TEXT(SECONDS), false },
	{ "by", "bytea", TEXT("'\\x' || md5(" R "::text)"), false },
	{ "bt", "bit(7)", TEXT("((" R " * 127)::int)::bit(7)"), false },
	{ "vb", "varbit(9)", TEXT("((" R " * 255)::int)::bit(8)"), false },
	{ "ip", "inet", TEXT("concat_ws('.', 10, (" R " * 255)::int, 0, 1) || '/16'"), false },
	{ "cd", "cidr", TEXT("concat_ws('.', 10, (" R " * 255)::int, 0, 0) || '/16'"), false },
	{ "mac", "macaddr", TEXT("left(md5(" R "::text), 12)"), false },
	{ "u", "uuid", TEXT("upper(gen_random_uuid()::text)"), false },
	{ "js", "json",
	    "concat('{\"a\":', round((" R " * 9)::numeric, 3), ',\"b\":[1.10,null,1e2]}')", false },
	{ "jb", "jsonb",
	    "concat('{\"z\":\"x\",\"a\":', round((" R " * 9)::numeric, 3), ',\"b\":[1.10,true]}')",
	    false },
	{ "e", "proof_enum", TEXT("(ARRAY['one','two words','THREE'])[1 + (" R " * 2)::int]"),
	    false },
	{ "dv", "proof_word", TEXT(WORD("8")), false },
	{ "dn", "proof_number", NUMBER("round((" R " * 900)::numeric, 7)"), true },
	{ "mo", "money", TEXT("'$' || round((" R " * 900)::numeric, 3)"), false },
	{ "r4", "int4range", TEXT("int4range((" R " * 9)::int, 10 + (" R " * 9)::int, '[]')"),
	    false },
	{ "rn", "numrange", TEXT("numrange(1.50, 2 + (" R " * 9)::numeric)"), false },
	{ "rd", "daterange", TEXT("daterange('2001-01-01', date '2002-01-01' + (" R " * 9)::int)"),
	    false },
	{ "rz", "tstzrange", TEXT("tstzrange(" INSTANT ", NULL)"), false },
	{ "pt", "point", TEXT("point(" R ", 1)"), false },
	{ "lsn", "pg_lsn", TEXT("'16/' || upper(left(md5(" R "::text), 6))"), false },
	{ "at", "text[]", LIST(TEXT("'a \"b\" {,}\\' || " WORD("5"))), false },
	{ "ai", "integer[]", LIST(NUMBER("(" R " * 99)::int")), false },
	{ "an", "numeric(6,2)[]", LIST(NUMBER("round((" R " * 99)::numeric, 5)")), false },
	{ "av", "varchar(4)[]", LIST(TEXT(WORD("4"))), false },
	{ "az", "timestamptz(1)[]", LIST(TEXT(ISO(INSTANT, "Z"))), false },
	/* names that stand for something else in the statements of a careless program */
	{ "s", "text", TEXT(WORD("9")), false },
	{ "k", "text", TEXT(WORD("9")), false },
	{ "t0", "text", TEXT(WORD("9")), false },
	{ "before", "text", TEXT(WORD("9")), false },
	{ "ae", "proof_enum[]", LIST(TEXT("'THREE'")), false },
};

static uint64_t seed;
static unsigned tried[COLUMNS_MAX];  /* values of a column that were sent */
static unsigned taken[COLUMNS_MAX];  /* values of a column that were stored */
static unsigned unlike[COLUMNS_MAX]; /* and are not what was sent, letter for letter */
static size_t requests, refused;

static bool
make_table(void)
{
	const char *sql = "CREATE EXTENSION citext; "
			  "CREATE TYPE proof_enum AS ENUM ('one', 'two words', 'THREE'); "
			  "CREATE DOMAIN proof_word AS varchar(8); "
			  "CREATE DOMAIN proof_number AS numeric(7,3) CHECK (VALUE >= 0); "
			  "CREATE TABLE wide (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT "
			  "rowhouse.uuid_v7(), PRIMARY KEY (tenant_id, id)";
	PGconn *owner = world_owner(world);
	bool ok;

	for (size_t i = 0; i < SUITE_COUNT(columns); i++)
		sql = keep_printf("%s, %s %s", sql, columns[i].name, columns[i].type);
	ok =
	    sql_run(superuser, keep_printf("%s); ALTER TABLE wide OWNER TO " CLUSTER_OWNER, sql)) &&
	    sql_run(owner,
		"SELECT rowhouse.model('wide', soft_delete => true, audit => true, access => "
		"'{\"update\": \"member\"}')");
	PQfinish(owner);
	return ok;
}

static bool
begin(void)
{
	const char *given = getenv("ROWHOUSE_SEED");

	seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("  ROWHOUSE_SEED=%" PRIu64 "\n", seed);
	return writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
		   .workers = 2,
		   .settings = "access_token_ttl = 2h\n" }) &&
	    judge_prepare(superuser) && make_table() &&
	    sql_run(superuser, keep_printf("SELECT setseed(%f)", (double)(seed % 1000) / 1000));
}

/* One member of a body, thrown by PostgreSQL. */
static const char *
thrown(size_t column, struct dice *dice)
{
	static const char *const words[] = { "increment", "decrement", "multiply", "set" };
	const char *value = look("SELECT %s", columns[column].json);

	if (columns[column].number && dice_percent(dice, 40))
		value = keep_printf("{\"%s\":%s}", words[dice_below(dice, 4)], value);
	else if (dice_percent(dice, 5))
		value = "null";
	return keep_printf("\"%s\":%s", columns[column].name, value);
}

/* Which of the columns a request was about, and what it sent for them. */
struct sent {
	size_t columns[COLUMNS_MAX], count;
	const char *body;
};

static struct sent
throw_body(struct dice *dice, bool is_new)
{
	struct sent sent = { .body = "" };
	static size_t bodies; /* each begins with the next column, so that none is left out */
	size_t first = bodies++ % SUITE_COUNT(columns);
	size_t count = 1 + dice_below(dice, 6);

	for (size_t i = 0; i < count; i++) {
		size_t column = (first + i * 7) % SUITE_COUNT(columns);
		const char *member = thrown(column, dice);

		/* A new row has nothing to count from. */
		if (is_new && strchr(member, '{') != NULL && columns[column].number)
			continue;
		sent.columns[sent.count++] = column;
		sent.body =
		    keep_printf("%s%s%s", sent.body, sent.body[0] != '\0' ? "," : "", member);
	}
	sent.body = keep_printf("{%s}", sent.body);
	return sent;
}

/* Of the last entry of a row: fields whose after is not what the row has, and columns that the
 * entry should tell of and does not. */
static const char *
untrue(const char *id)
{
	return look(
	    "SELECT coalesce(string_agg(concat_ws(' ', f.key, 'is', r.value, 'and not', "
	    "f.value -> 'after'), '; '), '') FROM (SELECT changes FROM rowhouse.audit_log WHERE "
	    "target_id = '%s' ORDER BY timeline, xid DESC, ordinal DESC LIMIT 1) l CROSS JOIN "
	    "LATERAL jsonb_each(l.changes) f LEFT JOIN (SELECT c.key, c.value FROM wide t, "
	    "jsonb_each(to_jsonb(t.*)) c WHERE t.id = '%s') r ON r.key = CASE f.key WHEN "
	    "'updatedAt' THEN 'updated_at' WHEN 'createdAt' THEN 'created_at' WHEN 'deletedAt' "
	    "THEN 'deleted_at' WHEN 'deletedBy' THEN 'deleted_by' WHEN 'deletionId' THEN "
	    "'deletion_id' ELSE f.key END WHERE r.value::text IS DISTINCT FROM (f.value -> "
	    "'after')::text",
	    id, id);
}

/* How a naive log would have been: the row before with what was sent put over it. */
static void
count_unlike(const struct sent *sent, const char *id)
{
	for (size_t i = 0; i < sent->count; i++) {
		const char *name = columns[sent->columns[i]].name;

		taken[sent->columns[i]]++;
		unlike[sent->columns[i]] +=
		    strcmp(look("SELECT (to_jsonb(t.*) -> '%s')::text IS DISTINCT FROM "
				"($sent$%s$sent$::jsonb -> '%s')::text FROM wide t WHERE id = '%s'",
			       name, sent->body, name, id),
			"t") == 0;
	}
}

/* Send and compare; the row's id, or NULL when the value did not fit. */
static const char *
try_once(const char *method, const char *path, const struct sent *sent, const char *id)
{
	const struct answer *a = ask(method, path, as_admin, NULL, sent->body);

	requests++;
	for (size_t i = 0; i < sent->count; i++)
		tried[sent->columns[i]]++;
	refused += a->status == 400;
	if (a->status == 400)
		return NULL;
	CHECK(
	    a->status == 200 || a->status == 201, "%s: %d %.500s", sent->body, a->status, a->body);
	if (id == NULL)
		id = keep_printf("%s", document_text(a->json, "id"));
	CHECK_TEXT(untrue(id), "", "%s", sent->body);
	count_unlike(sent, id);
	return id;
}

static void
entries_are_true(void)
{
	static const char *const tables[] = { "wide", NULL };
	const char *since = look("SELECT now()");
	int rows = getenv("ROWHOUSE_LONG") != NULL ? LONG : SHORT;
	struct verdict v;

	for (int i = 0; i < rows; i++) {
		struct dice dice = dice_of(seed, (uint64_t)i);
		struct sent sent = throw_body(&dice, true);
		const char *id = try_once("POST", "/api/wide", &sent, NULL);

		for (int n = 0; id != NULL && n < PATCHES; n++) {
			sent = throw_body(&dice, false);
			try_once("PATCH", keep_printf("/api/wide/%s", id), &sent, id);
		}
	}
	printf("(%zu requests, %zu refused) ", requests, refused);
	CHECK(refused * 3 < requests, "most are refused");
	for (size_t i = 0; i < SUITE_COUNT(columns); i++)
		CHECK(taken[i] > 0, "no value of %s was stored, %u were sent", columns[i].name,
		    tried[i]);
	v = judge_survivors(superuser, tables, since);
	CHECK_INT(v.faults, 0, "%s", v.first);
	CHECK(v.rows * 2 > (size_t)rows, "%zu rows", v.rows);
}

/* The control: a log of what was sent would have been false for these. */
static void
what_was_sent_is_not_what_is_stored(void)
{
	static const char *const rounded[] = { "n52", "n6", "n35", "ts0", "tz2", "tm", "c", "u",
		"an" };

	for (size_t r = 0; r < SUITE_COUNT(rounded); r++)
		for (size_t i = 0; i < SUITE_COUNT(columns); i++)
			CHECK(strcmp(columns[i].name, rounded[r]) != 0 || unlike[i] > 0,
			    "%s is always stored as it was sent", rounded[r]);
}

static const struct suite_test tests[] = {
	{ "entries are true", entries_are_true },
	{ "what was sent is not what is stored", what_was_sent_is_not_what_is_stored },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "entries", begin, writing_end, tests, SUITE_COUNT(tests) });
}
