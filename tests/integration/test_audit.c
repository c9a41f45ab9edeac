/* SPDX-License-Identifier: BSD-2-Clause */
/* test_audit.c - the audit log: its months, its order, who may do what with it
 *
 * Entries are made with plain SQL as the application role, as units do. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

static struct world *world;
static PGconn *superuser, *app;

static bool
begin(void)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	app = world_app(world);
	return true;
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	if (app != NULL)
		PQfinish(app);
	world_free(world);
}

/* --- making entries -------------------------------------------------------------------------- */

static bool
start(PGconn *c, const char *tenant)
{
	return sql_run(c, keep_printf("BEGIN; SET LOCAL app.current_tenant = '%s'", tenant));
}

/* columns and values beyond what every entry has. */
static bool
add(PGconn *c, const char *tenant, const char *action, const char *columns, const char *values)
{
	return sql_run(c,
	    keep_printf(
		"INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, action%s) "
		"VALUES ('%s', 1, 'system', '%s'%s)",
		columns, tenant, action, values));
}

static bool
entry(PGconn *c, const char *tenant, const char *action, const char *columns, const char *values)
{
	return start(c, tenant) && add(c, tenant, action, columns, values) && sql_run(c, "COMMIT");
}

/* One at a time of its own. */
static bool
entry_at(const char *tenant, const char *action, const char *at)
{
	return entry(app, tenant, action, ", at", keep_printf(", '%s'", at));
}

static long
count(const char *where)
{
	return strtol(sql_value(superuser,
			  keep_printf("SELECT count(*) FROM rowhouse.audit_log WHERE %s", where)),
	    NULL, 10);
}

static const char *
run(const char *action, const char *a, const char *b, const char *c, const char *d, int wanted)
{
	const struct outcome *o = program_run(world->program, "audit", action, a, b, c, d, NULL);

	CHECK_INT(o->exit_code, wanted, "audit %s: %s", action, o->output);
	return o->output;
}

/* --- months ---------------------------------------------------------------------------------- */

static const char *
checksum(void)
{
	return sql_value(superuser,
	    "SELECT count(*) || ' ' || md5(string_agg(a::text, E'\\n' ORDER BY a.id)) "
	    "FROM rowhouse.audit_log AS a");
}

static void
maintain_changes_nothing(void)
{
	const char *before;

	entry_at(WORLD_ACME, "test.kept", "2031-05-05 10:00+00");
	entry_at(WORLD_GLOBEX, "test.kept", "2031-05-31 23:59:59.999+00");
	entry_at(WORLD_ACME, "test.kept", "2031-06-01 00:00+00");
	entry_at(WORLD_ACME, "test.kept", "2019-01-01 00:00+00");
	CHECK_TEXT(sql_value(superuser, "SELECT count(*) FROM rowhouse.audit_log_default"), "4",
	    "what has no month lands in the default partition");
	before = checksum();
	run("maintain", "--months", "5", NULL, NULL, 0);
	CHECK_TEXT(checksum(), before, "no column of any entry");
	CHECK_TEXT(sql_value(superuser, "SELECT count(*) FROM rowhouse.audit_log_default"), "0",
	    "the default partition is empty");
	CHECK_TEXT(
	    sql_value(superuser, "SELECT count(*) FROM rowhouse.audit_log_2031_05"), "2", "May");
	CHECK_TEXT(
	    sql_value(superuser, "SELECT count(*) FROM rowhouse.audit_log_2031_06"), "1", "June");
	CHECK_TEXT(run("maintain", "--months", "5", NULL, NULL, 0), "0 months made\n",
	    "the second time there is nothing to do");
	CHECK(strstr(program_run(world->program, "check", NULL)->output, "audit_log") == NULL,
	    "the lint has nothing to say");
}

/* Reading a partition by itself is no way round. */
static void
each_partition_has_row_security(void)
{
	size_t n;
	const char **names = sql_column(superuser,
	    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
	    "WHERE i.inhparent = 'rowhouse.audit_log'::regclass",
	    &n);

	CHECK(n >= 8, "%zu partitions", n);
	for (size_t i = 0; i < n; i++) {
		CHECK_TEXT(
		    sql_value(superuser,
			keep_printf("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class "
				    "WHERE oid = 'rowhouse.%s'::regclass",
			    names[i])),
		    "t", "%s", names[i]);
		CHECK_TEXT(
		    sql_value(superuser,
			keep_printf("SELECT count(*) FROM pg_policy WHERE polrelid = "
				    "'rowhouse.%s'::regclass AND polname = 'rowhouse_tenant'",
			    names[i])),
		    "1", "%s", names[i]);
	}
}

/* The application adds and reads. */
static void
the_application_cannot_change_the_log(void)
{
	static const char *const forbidden[] = {
		"UPDATE rowhouse.audit_log SET action = 'x'",
		"DELETE FROM rowhouse.audit_log",
		"TRUNCATE rowhouse.audit_log",
		"UPDATE rowhouse.audit_log_2031_05 SET action = 'x'",
		"DELETE FROM rowhouse.audit_log_2031_05",
		"TRUNCATE rowhouse.audit_log_2031_05",
		"INSERT INTO rowhouse.audit_log_2031_05 SELECT * FROM rowhouse.audit_log",
		"SELECT * FROM rowhouse.audit_log_2031_05",
		"DROP TABLE rowhouse.audit_log_2031_05",
		"ALTER TABLE rowhouse.audit_log NO FORCE ROW LEVEL SECURITY",
		"SELECT rowhouse.audit_prune('audit_log_2031_05', '2026-01-01')",
		"SELECT rowhouse.audit_maintain(3)",
		"SELECT rowhouse.audit_note('" WORLD_ACME "', 'x', 'x', 'x', '{}')",
	};
	const char *before = checksum();

	for (size_t i = 0; i < SUITE_COUNT(forbidden); i++) {
		PGresult *result;

		start(app, WORLD_ACME);
		result = PQexec(app, forbidden[i]);
		CHECK_TEXT(
		    PQresultErrorField(result, PG_DIAG_SQLSTATE), "42501", "%s", forbidden[i]);
		PQclear(result);
		sql_run(app, "ROLLBACK");
	}
	CHECK_TEXT(checksum(), before, "nothing changed");
	/* Nor may it write for another tenant. */
	start(app, WORLD_ACME);
	CHECK(!add(app, WORLD_GLOBEX, "test.forged", "", ""), "an entry of another tenant");
	sql_run(app, "ROLLBACK");
}

/* --- prune ----------------------------------------------------------------------------------- */

static void
prune_has_a_bound_and_is_logged(void)
{
	entry_at(WORLD_ACME, "test.old", "2020-02-10 00:00+00");
	entry_at(WORLD_ACME, "test.old", "2020-02-20 00:00+00");
	entry_at(WORLD_GLOBEX, "test.old", "2020-02-20 00:00+00");
	entry_at(WORLD_ACME, "test.old", "2020-03-10 00:00+00");
	entry_at(WORLD_ACME, "test.old", "2020-03-20 00:00+00");
	run("maintain", NULL, NULL, NULL, NULL, 0);

	run("prune", NULL, NULL, NULL, NULL, 2);
	CHECK(strstr(run("prune", "--before", "2999-01-01", NULL, NULL, 1), "in the past") != NULL,
	    "a bound in the future");
	CHECK_INT(count("action = 'test.old'"), 5, "nothing went");

	CHECK(strstr(run("prune", "--before", "2020-02-15", "--tenant", "acme", 0),
		  "2 entries pruned") != NULL,
	    "2019 and the tenth of February");
	CHECK_INT(count("action = 'test.old'"), 4, "one of acme went");
	CHECK_INT(count("action = 'audit.pruned' AND tenant_id = '" WORLD_ACME
			"' AND metadata ->> 'entries' = '1'"),
	    2, "told, one entry per month");
	CHECK_INT(count("action = 'audit.pruned' AND tenant_id = '" WORLD_GLOBEX "'"), 0,
	    "globex lost nothing");

	run("prune", "--before", "2020-03-15", NULL, NULL, 0);
	CHECK_INT(count("action = 'test.old'"), 1, "the twentieth of March is left");
	CHECK_TEXT(sql_value(superuser, "SELECT to_regclass('rowhouse.audit_log_2020_02') IS NULL"),
	    "t", "a month that is over is dropped");
	CHECK_INT(count("action = 'audit.pruned' AND tenant_id = '" WORLD_GLOBEX
			"' AND metadata ->> 'partition' = 'audit_log_2020_02'"),
	    1, "globex is told");
	CHECK_INT(program_run(world->program, "check", NULL)->exit_code, 0, "the lint agrees");
}

/* --- export, tail ---------------------------------------------------------------------------- */

static void
exports_are_whole_and_exact(void)
{
	static const char number[] = "123456789012345678901234567890.125";
	const char *out;

	entry(app, WORLD_ACME, "export.one", ", target_type, target_id, changes",
	    keep_printf(
		", 'posts', '=1+1', '{\"price\": {\"before\": null, \"after\": %s}}'", number));
	entry(app, WORLD_ACME, "export.two", ", target_type, reason",
	    ", 'posts', E'say \"no\",\\nor yes'");
	entry(app, WORLD_GLOBEX, "export.three", "", "");
	/* A tenant's own, in the order of the log. */
	out = run("export", "--tenant", "acme", "--action", "export.*", 0);
	CHECK(strstr(out, "export.one") != NULL && strstr(out, "export.two") != NULL &&
		strstr(out, "export.one") < strstr(out, "export.two"),
	    "%s", out);
	CHECK(strstr(out, "export.three") == NULL, "another tenant's: %s", out);
	CHECK(strstr(out, number) != NULL, "every digit: %s", out);
	CHECK_TEXT(
	    run("export", "--tenant", "acme", "--action", "e%port.*", 0), "", "no pattern but *");
	out = program_run(world->program, "audit", "export", "--tenant", "acme", "--action",
	    "export.*", "--format", "csv", NULL)
		  ->output;
	CHECK(strncmp(out, "id,at,timeline,xid,", 19) == 0, "a head: %.100s", out);
	CHECK(strstr(out, ",'=1+1,") != NULL, "no formula: %s", out);
	CHECK(strstr(out, ",\"say \"\"no\"\",\nor yes\",") != NULL, "quoted: %s", out);
	CHECK(strstr(out, number) != NULL, "every digit: %s", out);
}

/* How often words stand in a text. */
static size_t
times(const char *text, const char *words)
{
	size_t n = 0;

	while ((text = strstr(text, words)) != NULL) {
		text += strlen(words);
		n++;
	}
	return n;
}

/* Two transactions, stepped by hand: the first takes its place in the log and commits last. */
static void
a_late_commit_is_not_skipped(void)
{
	PGconn *late = world_app(world);
	const char *out, *last;

	start(late, WORLD_ACME);
	add(late, WORLD_ACME, "late.first", "", "");
	entry(app, WORLD_ACME, "late.second", "", "");
	last = sql_value(
	    superuser, "SELECT max(at) FROM rowhouse.audit_log WHERE action LIKE 'late.%' ");

	out = run("export", "--tenant", "acme", "--action", "late.*", 0);
	CHECK_TEXT(out, "", "neither is final while the first is open");
	CHECK(strstr(run("tail", "--tenant", "acme", NULL, NULL, 0), "late.") == NULL, "nor here");
	sql_run(late, "COMMIT");
	out = run("export", "--tenant", "acme", "--action", "late.*", 0);
	CHECK(times(out, "late.first") == 1 && times(out, "late.second") == 1, "%s", out);
	CHECK(strstr(out, "late.first") < strstr(out, "late.second"), "in the order of xids");
	/* The control: who had read up to the newest time, or id, never sees the late one. */
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT count(*) FROM rowhouse.audit_log WHERE action LIKE "
				   "'late.%%' AND at > '%s'",
			   last)),
	    "0", "the naive form skips it");
	PQfinish(late);
}

/* How often the file says so. */
static size_t
times_in(const char *path, const char *words)
{
	char *said = file_read(path, NULL);
	size_t found = said == NULL ? 0 : times(said, words);

	free(said);
	return found;
}

/* The ids of the targets that the lines about a type name, in the order of the lines. */
static const char *
targets_in(const char *path, const char *type)
{
	char *said = file_read(path, NULL), *ids = keep_copy("", 0);

	for (const char *at = said; at != NULL && (at = strstr(at, type)) != NULL;) {
		at += strlen(type);
		ids = keep_printf("%s%.*s ", ids, (int)strcspn(at, " \n"), at);
	}
	free(said);
	return ids;
}

/* Add entries until tail shows one: it begins at the end of the log, wherever that is by then. */
static bool
wait_for_tail(PGconn *writer, const char *path)
{
	int64_t until = now_ms() + 15000;

	while (now_ms() < until) {
		start(writer, WORLD_GLOBEX);
		add(writer, WORLD_GLOBEX, "tail.begun", "", "");
		sql_run(writer, "COMMIT");
		pause_ms(50);
		if (times_in(path, "tail.begun") > 0)
			return true;
	}
	return false;
}

/* tail --follow while many transactions overlap: each entry once, in the order of the log. */
static void
tail_follows_in_order(void)
{
	enum { WRITERS = 6, ROUNDS = 40 };
	const char *path = keep_printf("%s/tail.out", world->folder);
	PGconn *writers[WRITERS];
	struct process_options options = { 0 };
	int fd;
	pid_t tail;
	size_t seen = 0;
	int64_t until;
	FILE *file = fopen(path, "w");

	if (!CHECK(file != NULL, "%s", path))
		return;
	fd = fileno(file);
	options.argv = (const char *const[]){ sandbox_program(), "--config",
		program_conf(world->program), "audit", "tail", "--tenant", "globex", "--lines", "0",
		"--follow", "--action", "tail.*", NULL };
	options.output = fd;
	tail = process_start(&options);
	for (size_t i = 0; i < WRITERS; i++)
		writers[i] = world_app(world);
	CHECK(wait_for_tail(writers[0], path), "tail has begun");
	/* Each round every writer begins, all write, and they commit in the opposite order. */
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < WRITERS; i++) {
			start(writers[i], WORLD_GLOBEX);
			add(writers[i], WORLD_GLOBEX, "tail.followed", ", target_type, target_id",
			    keep_printf(", 'round', '%d-%zu'", round, i));
		}
		for (size_t i = WRITERS; i-- > 0;)
			sql_run(writers[i], "COMMIT");
	}
	for (until = now_ms() + 15000; seen < WRITERS * ROUNDS && now_ms() < until; pause_ms(50))
		seen = times_in(path, "tail.followed");
	CHECK_INT(seen, WRITERS * ROUNDS, "entries");
	CHECK_TEXT(targets_in(path, " round/"),
	    sql_value(superuser,
		"SELECT string_agg(target_id || ' ', '' ORDER BY timeline, xid, ordinal) "
		"FROM rowhouse.audit_log WHERE action = 'tail.followed'"),
	    "in the order of the log");
	process_stop(tail, SIGTERM, 5000);
	fclose(file);
	for (size_t i = 0; i < WRITERS; i++)
		PQfinish(writers[i]);
}

/* --- single-role mode ------------------------------------------------------------------------ */

static void
upkeep_works_with_one_role(void)
{
	struct world *single =
	    world_new(&(struct world_options){ .roles = CLUSTER_SINGLE_ROLE, .no_serve = true });
	const struct outcome *o;
	PGconn *c;

	if (!CHECK(single != NULL, "a world of one role"))
		return;
	c = world_app(single);
	entry(c, WORLD_ACME, "test.single", ", at", ", '2020-02-10 00:00+00'");
	entry(c, WORLD_GLOBEX, "test.single", ", at", ", '2033-02-10 00:00+00'");
	o = program_run(single->program, "audit", "maintain", NULL);
	CHECK_INT(o->exit_code, 0, "maintain: %s", o->output);
	o = program_run(single->program, "audit", "prune", "--before", "2020-02-20", NULL);
	CHECK(o->exit_code == 0 && strstr(o->output, "1 entries pruned") != NULL, "prune: %s",
	    o->output);
	PQfinish(c);
	c = world_superuser(single);
	CHECK_TEXT(
	    sql_value(c,
		"SELECT string_agg(action || ' ' || tableoid::regclass, ', ' ORDER BY action) "
		"FROM rowhouse.audit_log"),
	    keep_printf("audit.pruned rowhouse.%s, test.single rowhouse.audit_log_2033_02",
		sql_value(c, "SELECT to_char(now() AT TIME ZONE 'UTC', '\"audit_log_\"YYYY_MM')")),
	    "what is left");
	CHECK_TEXT(
	    sql_value(
		c, "SELECT count(*) FROM rowhouse.guarded WHERE NOT is_forced OR NOT is_enabled"),
	    "0", "FORCE is back everywhere");
	PQfinish(c);
	world_free(single);
}

static const struct suite_test tests[] = {
	{ "maintain changes nothing", maintain_changes_nothing },
	{ "each partition has row security", each_partition_has_row_security },
	{ "the application cannot change the log", the_application_cannot_change_the_log },
	{ "prune has a bound and is logged", prune_has_a_bound_and_is_logged },
	{ "exports are whole and exact", exports_are_whole_and_exact },
	{ "a late commit is not skipped", a_late_commit_is_not_skipped },
	{ "tail follows in order", tail_follows_in_order },
	{ "upkeep works with one role", upkeep_works_with_one_role },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "audit", begin, end, tests, SUITE_COUNT(tests) });
}
