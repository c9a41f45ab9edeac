/* SPDX-License-Identifier: BSD-2-Clause */
/* wal.c - reading the lines of test_decoding
 *
 *	BEGIN 812
 *	table public.posts: UPDATE: tenant_id[uuid]:'...' id[uuid]:'...' ...
 *	table rowhouse.audit_log_2026_11: INSERT: tenant_id[uuid]:'...' ...
 *	COMMIT 812 */
#include "support/wal.h"

#include <stdlib.h>
#include <string.h>

#include "support/cluster.h"
#include "support/keep.h"

/* The tables of the sample by what its registration says of them. */
static const struct {
	const char *name;
	bool audited;
} tables[] = {
	{ "users", true },
	{ "profiles", true },
	{ "posts", true },
	{ "comments", true },
	{ "categories", true },
	{ "post_categories", false },
	{ "products", true },
	{ "orders", true },
	{ "order_items", true },
};

/* "posts 0199...": rows of a transaction, each as often as it was changed or told of. */
struct names {
	const char **items;
	size_t count, size;
};

struct transaction {
	struct names changed, told;
	const char *strange; /* a line that is neither; NULL: none */
};

bool
wal_begin(PGconn *superuser)
{
	return sql_value(superuser,
		   "SELECT pg_create_logical_replication_slot('proof', 'test_decoding')") != NULL;
}

static void
add(struct names *names, const char *name)
{
	if (names->count == names->size) {
		const char **more;

		names->size = 2 * names->size + 64;
		more = keep_alloc(names->size * sizeof(*more));
		if (names->count > 0)
			memcpy(more, names->items, names->count * sizeof(*more));
		names->items = more;
	}
	names->items[names->count++] = name;
}

/* The value of a column in a line: 'text' or 12. The names looked for stand in front of every
 * column that a client fills. */
static const char *
value_of(const char *line, const char *column)
{
	const char *at = strstr(line, column);

	if (at == NULL || (at = strstr(at, "]:")) == NULL)
		return "?";
	at += 2;
	if (*at == '\'')
		return keep_copy(at + 1, strcspn(at + 1, "'"));
	return keep_copy(at, strcspn(at, " "));
}

static void
read_change(struct transaction *t, const char *line)
{
	const char *table = line + strlen("table public.");
	size_t len = strcspn(table, ":"), i = 0;

	while (i < sizeof(tables) / sizeof(tables[0]) &&
	    (strlen(tables[i].name) != len || strncmp(tables[i].name, table, len) != 0))
		i++;
	if (i == sizeof(tables) / sizeof(tables[0]))
		t->strange = line;
	else if (tables[i].audited)
		add(&t->changed, keep_printf("%s %s", tables[i].name, value_of(line, " id[")));
}

static void
read_line(struct transaction *t, const char *line)
{
	static const char log[] = "table rowhouse.audit_log";

	if (strncmp(line, "table public.", strlen("table public.")) == 0)
		read_change(t, line);
	else if (strncmp(line, log, strlen(log)) == 0 && strstr(line, ": INSERT: ") != NULL)
		add(&t->told,
		    keep_printf(
			"%s %s", value_of(line, " target_type["), value_of(line, " target_id[")));
	else if (strncmp(line, log, strlen(log)) == 0)
		t->strange = line;
}

static int
compare(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The first name of a that b has less often; NULL: none. Both are sorted. */
static const char *
missing(const struct names *a, const struct names *b)
{
	size_t j = 0;

	for (size_t i = 0; i < a->count; i++) {
		while (j < b->count && strcmp(b->items[j], a->items[i]) < 0)
			j++;
		if (j == b->count || strcmp(b->items[j], a->items[i]) != 0)
			return a->items[i];
		j++;
	}
	return NULL;
}

static const char *
fault_of(struct transaction *t, const char *xid)
{
	const char *name;

	if (t->strange != NULL)
		return keep_printf("transaction %s: %.200s", xid, t->strange);
	if (t->changed.count > 0)
		qsort(t->changed.items, t->changed.count, sizeof(char *), compare);
	if (t->told.count > 0)
		qsort(t->told.items, t->told.count, sizeof(char *), compare);
	if ((name = missing(&t->changed, &t->told)) != NULL)
		return keep_printf(
		    "transaction %s: %s was changed and no entry says so", xid, name);
	if ((name = missing(&t->told, &t->changed)) != NULL)
		return keep_printf(
		    "transaction %s: an entry of %s, which was not changed", xid, name);
	return NULL;
}

static void
end_transaction(struct wal_tally *tally, struct transaction *t, const char *xid)
{
	const char *fault = fault_of(t, xid);

	tally->transactions += t->changed.count > 0;
	tally->changes += t->changed.count;
	tally->entries += t->told.count;
	tally->faults += fault != NULL;
	if (tally->fault == NULL)
		tally->fault = fault;
	t->changed.count = t->told.count = 0;
	t->strange = NULL;
}

struct wal_tally
wal_look(PGconn *superuser)
{
	struct wal_tally tally = { 0 };
	struct transaction t = { 0 };
	PGresult *r = PQexec(superuser,
	    "SELECT xid, data FROM pg_logical_slot_get_changes('proof', NULL, NULL, "
	    "'skip-empty-xacts', '1')");

	if (PQresultStatus(r) != PGRES_TUPLES_OK) {
		tally.faults = 1;
		tally.fault = keep_printf("the slot cannot be read: %s", PQresultErrorMessage(r));
	}
	for (int i = 0; i < PQntuples(r); i++) {
		const char *line = PQgetvalue(r, i, 1);

		if (strncmp(line, "COMMIT", 6) == 0)
			end_transaction(&tally, &t, PQgetvalue(r, i, 0));
		else if (strncmp(line, "BEGIN", 5) != 0)
			read_line(&t, line);
	}
	PQclear(r);
	return tally;
}
