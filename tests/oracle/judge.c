/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.c - the log as superuser, put into the replay */
#include "oracle/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/replay.h"
#include "support/cluster.h"
#include "support/keep.h"
#include "support/world.h"

static void
fault(struct verdict *v, const char *words)
{
	if (v->faults++ == 0)
		v->first = words;
}

/* The rows of a query; a failure is a fault. */
static PGresult *
rows_of(PGconn *superuser, struct verdict *v, const char *sql)
{
	PGresult *r = PQexec(superuser, sql);

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fault(v, keep_printf("%s", PQresultErrorMessage(r)));
	return r;
}

bool
judge_prepare(PGconn *superuser)
{
	return sql_run(superuser,
	    "CREATE SCHEMA proof; CREATE TABLE proof.acknowledged (request text, action text, "
	    "target text, entries integer)");
}

static const char *
quoted(const char *text)
{
	return text != NULL ? keep_printf("'%s'", text) : "NULL";
}

bool
judge_keep(PGconn *superuser, const struct acknowledged *list, size_t count)
{
	bool ok = sql_run(superuser, "BEGIN");

	for (size_t i = 0; ok && i < count; i++)
		ok = sql_run(superuser,
		    keep_printf("INSERT INTO proof.acknowledged VALUES ('%s', '%s', %s, %d)",
			list[i].request, list[i].action, quoted(list[i].target), list[i].entries));
	return sql_run(superuser, "COMMIT") && ok;
}

/* Put in the row as it stands. */
static void
compare_row(
    PGconn *superuser, struct verdict *v, struct replay *r, const char *table, const char *id)
{
	PGresult *row = rows_of(superuser, v,
	    keep_printf("SELECT f.key, f.value::text FROM %s t, jsonb_each(to_jsonb(t.*) - "
			"'tenant_id') f WHERE t.tenant_id = '" WORLD_ACME "' AND t.id = '%s'",
		table, id));
	int columns = PQntuples(row);

	for (int i = 0; i < columns; i++)
		replay_column(r, PQgetvalue(row, i, 0), PQgetvalue(row, i, 1));
	if (!replay_end(r, columns > 0, (size_t)columns))
		fault(v, keep_printf("%s %s: %s", table, id, r->fault));
	v->rows++;
	PQclear(row);
}

static bool
same(const PGresult *e, int i, int j, int column)
{
	return i >= 0 && j >= 0 && i < PQntuples(e) && j < PQntuples(e) &&
	    strcmp(PQgetvalue(e, i, column), PQgetvalue(e, j, column)) == 0;
}

/* Every row that has entries, from its first. */
static void
replay_all(PGconn *superuser, struct verdict *v, const char *since)
{
	enum { TABLE, ID, VERB, NUMBER, FIELD, BEFORE, AFTER };
	PGresult *e = rows_of(superuser, v,
	    keep_printf(
		"SELECT l.target_type, l.target_id, split_part(l.action, '.', 2), l.n, f.key, "
		"(f.value -> 'before')::text, (f.value -> 'after')::text FROM (SELECT *, "
		"row_number() OVER (ORDER BY timeline, xid, ordinal) AS n FROM rowhouse.audit_log "
		"WHERE tenant_id = '" WORLD_ACME "' AND source = 'auto' AND at >= '%s') l CROSS "
		"JOIN LATERAL jsonb_each(l.changes) f ORDER BY 1, 2, l.n, f.key",
		since));
	struct replay r;

	for (int i = 0; i < PQntuples(e); i++) {
		bool first = !same(e, i, i - 1, TABLE) || !same(e, i, i - 1, ID);

		if (first)
			replay_begin(&r);
		if (first || !same(e, i, i - 1, NUMBER))
			replay_entry(&r, PQgetvalue(e, i, VERB));
		replay_change(
		    &r, PQgetvalue(e, i, FIELD), PQgetvalue(e, i, BEFORE), PQgetvalue(e, i, AFTER));
		if (!same(e, i, i + 1, TABLE) || !same(e, i, i + 1, ID))
			compare_row(
			    superuser, v, &r, PQgetvalue(e, i, TABLE), PQgetvalue(e, i, ID));
	}
	PQclear(e);
}

/* Rows without any entry. */
static void
find_untold(PGconn *superuser, struct verdict *v, const char *table, const char *since)
{
	PGresult *r = rows_of(superuser, v,
	    keep_printf(
		"SELECT t.id FROM %s t WHERE t.tenant_id = '" WORLD_ACME
		"' AND t.created_at >= '%s' AND NOT EXISTS (SELECT FROM rowhouse.audit_log l "
		"WHERE l.tenant_id = t.tenant_id AND l.target_type = '%s' AND l.target_id = "
		"t.id::text)",
		table, since, table));

	for (int i = 0; i < PQntuples(r); i++)
		fault(v, keep_printf("%s %s has no entry", table, PQgetvalue(r, i, 0)));
	PQclear(r);
}

static void
find_requests(PGconn *superuser, struct verdict *v, const char *what, const char *sql)
{
	PGresult *r = rows_of(superuser, v, sql);

	for (int i = 0; i < PQntuples(r); i++)
		fault(v, keep_printf("request %s %s", PQgetvalue(r, i, 0), what));
	PQclear(r);
}

struct verdict
judge_survivors(PGconn *superuser, const char *const *tables, const char *since)
{
	struct verdict v = { 0, 0, "" };

	replay_all(superuser, &v, since);
	for (; *tables != NULL; tables++)
		find_untold(superuser, &v, *tables, since);
	find_requests(superuser, &v, "was acknowledged and has not its entries",
	    "SELECT a.request FROM proof.acknowledged a LEFT JOIN rowhouse.audit_log l "
	    "ON l.metadata ->> 'requestId' = a.request AND l.action = a.action "
	    "AND (a.target IS NULL OR l.target_id = a.target) WHERE a.entries >= 0 "
	    "GROUP BY a.request, a.entries HAVING count(l.id) <> a.entries");
	return v;
}

struct verdict
judge(PGconn *superuser, const char *const *tables, const char *since)
{
	struct verdict v = judge_survivors(superuser, tables, since);

	find_requests(superuser, &v, "was refused and has an entry",
	    "SELECT DISTINCT l.metadata ->> 'requestId' FROM rowhouse.audit_log l WHERE "
	    "l.metadata ->> 'requestId' LIKE 'r-%' AND NOT EXISTS (SELECT FROM proof.acknowledged "
	    "a WHERE a.request = l.metadata ->> 'requestId')");
	return v;
}
