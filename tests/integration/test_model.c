/* SPDX-License-Identifier: BSD-2-Clause */
/* test_model.c - what a registration refuses, and what the lint finds: one fault after the other
 *
 * The faults stand in model_refusals.txt and lint_findings.txt, whose heads say how a block is run.
 * Each runs in both role modes, on the platform and fixture.sql, and is rolled back. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

enum { BLOCKS_MAX = 512 };

struct block {
	const char *name, *sql, *expected;
	bool two_role_only;
};

struct blocks {
	struct block all[BLOCKS_MAX];
	size_t count;
};

static struct world *worlds[2]; /* by enum cluster_roles */
static const char *const mode_names[] = { "two roles", "single role" };
static const char *const owners[] = { CLUSTER_OWNER, CLUSTER_SINGLE };
static const char *const apps[] = { CLUSTER_APP, CLUSTER_SINGLE };
static struct blocks refusals, findings;

/* --- the files --------------------------------------------------------------------------- */

static bool
begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* One line of a file: the name of a block, its SQL, or what is expected of it. */
static void
read_line(struct blocks *blocks, const char *line)
{
	struct block *b = &blocks->all[blocks->count];

	if (b->name == NULL) {
		if (begins(line, "-- "))
			*b = (struct block){ .name = line + 3, .sql = "" };
		return;
	}
	if (!begins(line, "-- expect")) {
		b->sql = keep_printf("%s%s\n", b->sql, line);
		return;
	}
	b->two_role_only = begins(line, "-- expect two-role:");
	b->expected = strchr(line, ':') + 1;
	b->expected += strspn(b->expected, " ");
	if (blocks->count < BLOCKS_MAX - 1)
		blocks->count++;
}

static bool
read_blocks(const char *file, struct blocks *blocks)
{
	char *text = file_read(sandbox_source(file), NULL);
	bool inside = false;

	if (text == NULL)
		return false;
	for (char *line = text, *next; line != NULL; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if (inside)
			read_line(blocks, keep_printf("%s", line));
		else
			inside = begins(line, "-- ---");
	}
	free(text);
	if (blocks->all[blocks->count].name != NULL)
		printf("%s: the block \"%s\" has no end\n", file, blocks->all[blocks->count].name);
	return blocks->count > 0 && blocks->all[blocks->count].name == NULL;
}

static const char *
replace(const char *text, const char *name, const char *value)
{
	const char *at;

	while ((at = strstr(text, name)) != NULL)
		text = keep_printf("%.*s%s%s", (int)(at - text), text, value, at + strlen(name));
	return text;
}

/* --- the databases ----------------------------------------------------------------------- */

/* The fixture is applied as what it is for the program: a migration behind those of the platform.
 */
static bool
make_world(size_t mode)
{
	struct world_options options = { .roles = (enum cluster_roles)mode, .no_migrate = true };
	const struct outcome *o;
	const char *folder;
	char *fixture;
	bool ok;

	if ((worlds[mode] = world_new(&options)) == NULL)
		return false;
	folder = keep_printf("%s/fixture", worlds[mode]->folder);
	fixture = file_read(sandbox_source("tests/integration/fixture.sql"), NULL);
	ok = fixture != NULL && mkdir(folder, 0755) == 0 &&
	    file_write(keep_printf("%s/0001_fixture.sql", folder), fixture);
	free(fixture);
	if (!ok)
		return false;
	o = program_run(worlds[mode]->program, "migrate", "--dir", sandbox_source("sql/platform"),
	    "--dir", folder, NULL);
	if (o->exit_code != 0)
		printf("%s: rowhouse migrate: %s\n", mode_names[mode], o->output);
	return o->exit_code == 0;
}

static bool
begin(void)
{
	return make_world(CLUSTER_TWO_ROLES) && make_world(CLUSTER_SINGLE_ROLE) &&
	    read_blocks("tests/integration/model_refusals.txt", &refusals) &&
	    read_blocks("tests/integration/lint_findings.txt", &findings);
}

static void
end(void)
{
	world_free(worlds[0]);
	world_free(worlds[1]);
}

/* --- refusals ---------------------------------------------------------------------------- */

static void
check_refusal(PGconn *owner, size_t mode, const struct block *b)
{
	const char *sql = replace(replace(b->sql, "@owner@", owners[mode]), "@app@", apps[mode]);
	const char *state, *hint, *message;
	PGresult *r;

	CHECK(sql_run(owner,
		  "BEGIN; SET LOCAL rowhouse.migrating = 'on'; "
		  "SELECT rowhouse.force_lift()"),
	    "%s: %s", mode_names[mode], b->name);
	r = PQexec(owner, sql);
	state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	hint = PQresultErrorField(r, PG_DIAG_MESSAGE_HINT);
	message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	if (CHECK(message != NULL, "%s: \"%s\" is not refused", mode_names[mode], b->name)) {
		CHECK_TEXT(state, "RHREG", "%s: \"%s\": %s", mode_names[mode], b->name, message);
		CHECK(strstr(message, b->expected) != NULL, "%s: \"%s\": wanted \"%s\", got \"%s\"",
		    mode_names[mode], b->name, b->expected, message);
		CHECK(hint != NULL && *hint != '\0', "%s: \"%s\" has no hint", mode_names[mode],
		    b->name);
	}
	PQclear(r);
	sql_run(owner, "ROLLBACK");
}

static void
check_refusals(size_t mode)
{
	PGconn *owner = world_owner(worlds[mode]);

	CHECK(sql_run(owner,
		  keep_printf("SET rowhouse.owner_role = '%s'; SET rowhouse.app_role = '%s'",
		      owners[mode], apps[mode])),
	    "the session of rowhouse migrate");
	for (size_t i = 0; i < refusals.count; i++)
		check_refusal(owner, mode, &refusals.all[i]);
	PQfinish(owner);
}

static void
refusals_in_two_role_mode(void)
{
	check_refusals(CLUSTER_TWO_ROLES);
}

static void
refusals_in_single_role_mode(void)
{
	check_refusals(CLUSTER_SINGLE_ROLE);
}

/* --- the lint ---------------------------------------------------------------------------- */

static void
clean_databases_have_no_error(void)
{
	for (size_t mode = 0; mode < 2; mode++) {
		PGconn *app = world_app(worlds[mode]);
		size_t count;
		const char **errors = sql_column(app,
		    "SELECT concat_ws(': ', code, object, finding) FROM rowhouse.lint() "
		    "WHERE severity = 'error'",
		    &count);

		CHECK_INT(count, 0, "%s: %s", mode_names[mode], count > 0 ? errors[0] : "");
		CHECK(sql_value(app, "SELECT count(*) FROM rowhouse.lint()") != NULL, "%s: it runs",
		    mode_names[mode]);
		PQfinish(app);
	}
}

static void
check_finding(PGconn *superuser, size_t mode, const struct block *b)
{
	const char *sql = replace(replace(b->sql, "@owner@", owners[mode]), "@app@", apps[mode]);
	const char *codes;

	CHECK(sql_run(superuser,
		  "BEGIN; SELECT set_config(name, array_to_string(setting, ', '), true) "
		  "FROM rowhouse.role_settings()"),
	    "the settings of the application role");
	if (CHECK(sql_run(superuser, sql), "%s: \"%s\" cannot be planted", mode_names[mode],
		b->name) &&
	    CHECK(sql_run(superuser, keep_printf("SET LOCAL ROLE %s", apps[mode])), "the role")) {
		codes = sql_value(superuser,
		    "SELECT coalesce(string_agg(DISTINCT code, ' '), '') FROM rowhouse.lint()");
		CHECK(codes != NULL &&
			strstr(keep_printf(" %s ", codes), keep_printf(" %s ", b->expected)) !=
			    NULL,
		    "%s: \"%s\": wanted %s, the lint finds: %s", mode_names[mode], b->name,
		    b->expected, codes != NULL ? codes : "(error)");
	}
	sql_run(superuser, "ROLLBACK");
}

static void
check_findings(size_t mode)
{
	PGconn *superuser = world_superuser(worlds[mode]);

	for (size_t i = 0; i < findings.count; i++)
		if (mode == CLUSTER_TWO_ROLES || !findings.all[i].two_role_only)
			check_finding(superuser, mode, &findings.all[i]);
	PQfinish(superuser);
}

static void
findings_in_two_role_mode(void)
{
	check_findings(CLUSTER_TWO_ROLES);
}

static void
findings_in_single_role_mode(void)
{
	check_findings(CLUSTER_SINGLE_ROLE);
}

/* --- the principals, by plain SQL --------------------------------------------------------- */

#define USER_ONE                                                                                   \
	"WHERE tenant_id = '" WORLD_ACME "' AND id = 'aaaaaaaa-0000-7000-8000-000000000001'"

/* What workers remember of principals is their role, and that they live. */
static const struct {
	const char *sql;
	bool raised;
} plain_sql[] = {
	{ "UPDATE public.users SET role = 'USER' " USER_ONE, true },
	{ "UPDATE public.users SET role = 'ADMIN'", true }, /* one of many */
	{ "UPDATE public.users SET role = role", false },
	{ "UPDATE public.users SET role = 'USER' WHERE false", false },
	{ "UPDATE public.users SET name = 'Somebody', version = version + 1", false },
	/* Sign-ins renew hashes, and nobody remembers one. */
	{ "UPDATE public.users SET password_hash = 'y'", false },
	{ "UPDATE public.users SET deleted_at = now(), deletion_id = id " USER_ONE, true },
	{ "UPDATE public.users SET id = 'aaaaaaaa-0000-7000-8000-000000000009' "
	  "WHERE id = 'aaaaaaaa-0000-7000-8000-000000000002'",
	    true },
	{ "UPDATE public.users SET role = CASE role WHEN 'USER' THEN 'ADMIN' ELSE 'USER' "
	  "END::public.user_role " /* changed places: as many of each as before */
	  "WHERE tenant_id = '" WORLD_ACME "'",
	    true },
	{ "DELETE FROM public.users WHERE id = 'aaaaaaaa-0000-7000-8000-000000000002'", true },
	{ "DELETE FROM public.users WHERE false", false },
	{ "TRUNCATE public.users CASCADE", true },
	{ "INSERT INTO public.users (tenant_id, email, password_hash) VALUES ('" WORLD_ACME
	  "', 'new@example.test', 'x')",
	    false },
	{ "INSERT INTO public.users (tenant_id, id, email, password_hash) VALUES ('" WORLD_ACME
	  "', 'aaaaaaaa-0000-7000-8000-000000000001', 'x@example.test', 'x') ON CONFLICT "
	  "(tenant_id, id) DO UPDATE SET role = 'USER'",
	    true },
	{ "UPDATE public.posts SET title = title || '!'", false },
};

static const char *
epoch_of(PGconn *connection)
{
	return sql_value(connection, "SELECT number FROM rowhouse.epoch");
}

/* The epoch moves once per transaction. What moved it before was somebody else, for this one: a
 * subtransaction has an id of its own. */
static void
check_epoch(PGconn *connection, const char *sql, bool raised, const char *mode)
{
	const char *before = epoch_of(connection);

	CHECK(sql_run(connection,
		  "SAVEPOINT apart; UPDATE rowhouse.epoch SET number = number; RELEASE apart"),
	    "%s", mode);
	CHECK(sql_run(connection, sql), "%s: %s", mode, sql);
	CHECK_TEXT(
	    sql_value(connection, keep_printf("SELECT number - %s FROM rowhouse.epoch", before)),
	    raised ? "1" : "0", "%s: %s", mode, sql);
}

static void
a_changed_principal_moves_the_epoch(void)
{
	for (size_t mode = 0; mode < 2; mode++) {
		PGconn *superuser = world_superuser(worlds[mode]), *app = world_app(worlds[mode]);

		for (size_t i = 0; i < SUITE_COUNT(plain_sql); i++) {
			sql_run(superuser, "BEGIN; SET LOCAL client_min_messages = warning");
			check_epoch(
			    superuser, plain_sql[i].sql, plain_sql[i].raised, mode_names[mode]);
			sql_run(superuser, "ROLLBACK");
		}
		/* As the application, which sees one tenant only. */
		sql_run(app, "BEGIN; SET LOCAL app.current_tenant = '" WORLD_ACME "'");
		check_epoch(
		    app, "UPDATE public.users SET role = 'MODERATOR'", true, mode_names[mode]);
		sql_run(app, "ROLLBACK");
		PQfinish(superuser);
		PQfinish(app);
	}
}

/* The triggers follow the registration, and are no reason to refuse a log. */
static void
the_watch_follows_the_registration(void)
{
	static const char watched[] =
	    "SELECT string_agg(DISTINCT tgrelid::regclass::text, ' ') FROM pg_trigger "
	    "WHERE tgname LIKE 'rowhouse_principals_%' AND tgenabled = 'O'";
	static const char oids[] = "SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_trigger "
				   "WHERE tgname LIKE 'rowhouse_principals_%'";
	static const char other_role[] =
	    "ALTER TABLE public.users ADD COLUMN grade public.user_role NOT NULL DEFAULT 'USER'; "
	    "SELECT rowhouse.model('users', soft_delete => true, cascade => '{posts,profiles}', "
	    "audit => true, restricted => '{\"role\": \"ADMIN\", \"grade\": \"ADMIN\"}'); "
	    "SELECT rowhouse.principals('users', login => 'email', password => 'password_hash', "
	    "role => 'grade')";
	static const char other_model[] =
	    "ALTER TABLE public.notes ADD COLUMN rank public.user_role; "
	    "SELECT rowhouse.model('notes', restricted => '{\"rank\": \"ADMIN\"}'); "
	    "CREATE UNIQUE INDEX ON public.notes (tenant_id, lower(title)); "
	    "SELECT rowhouse.principals('notes', login => 'title', password => 'secret', "
	    "role => 'rank')";
	static const char again[] =
	    "SELECT rowhouse.principals('users', login => 'email', password => 'password_hash', "
	    "role => 'role')";

	for (size_t mode = 0; mode < 2; mode++) {
		PGconn *superuser = world_superuser(worlds[mode]);
		const char *made, *name = mode_names[mode];

		sql_run(superuser,
		    keep_printf("BEGIN; SET LOCAL rowhouse.migrating = 'on'; SET LOCAL ROLE %s; "
				"SELECT rowhouse.force_lift()",
			owners[mode]));
		CHECK_TEXT(sql_value(superuser, watched), "users", "%s", name);
		made = sql_value(superuser, oids);
		CHECK(sql_run(superuser, again), "%s: again", name);
		CHECK_TEXT(sql_value(superuser, oids), made, "%s: that changes nothing", name);
		CHECK(
		    sql_run(superuser, "DROP TRIGGER rowhouse_principals_updated ON public.users"),
		    "%s: drop", name);
		CHECK(sql_run(superuser, again), "%s: again", name);
		check_epoch(superuser, "UPDATE public.users SET role = 'ADMIN'", true, name);
		CHECK(sql_run(superuser, other_role), "%s: another role column", name);
		check_epoch(superuser, "UPDATE public.users SET role = 'USER'", false, name);
		check_epoch(superuser, "UPDATE public.users SET grade = 'ADMIN'", true, name);
		CHECK(sql_run(superuser, other_model), "%s: another model", name);
		CHECK_TEXT(sql_value(superuser, watched), "notes", "%s: one is watched", name);
		CHECK_TEXT(sql_value(superuser,
			       "SELECT count(*) FROM rowhouse.lint() "
			       "WHERE code = 'principals-watch'"),
		    "0", "%s: whatever the names", name);
		sql_run(superuser, "ROLLBACK");
		PQfinish(superuser);
	}
}

/* Nothing was lost in reading: every block has SQL and an expectation. */
static void
files_are_read_whole(void)
{
	CHECK(refusals.count > 50, "%zu refusals", refusals.count);
	CHECK(findings.count > 50, "%zu findings", findings.count);
	for (size_t i = 0; i < refusals.count; i++)
		CHECK(refusals.all[i].expected[0] != '\0' && strlen(refusals.all[i].sql) > 10, "%s",
		    refusals.all[i].name);
	for (size_t i = 0; i < findings.count; i++)
		CHECK(islower((unsigned char)findings.all[i].expected[0]), "%s",
		    findings.all[i].name);
	printf("(%zu refusals, %zu findings) ", refusals.count, findings.count);
}

static const struct suite_test tests[] = {
	{ "the files are read whole", files_are_read_whole },
	{ "refusals in two-role mode", refusals_in_two_role_mode },
	{ "refusals in single-role mode", refusals_in_single_role_mode },
	{ "clean databases have no error", clean_databases_have_no_error },
	{ "a changed principal moves the epoch", a_changed_principal_moves_the_epoch },
	{ "the watch follows the registration", the_watch_follows_the_registration },
	{ "findings in two-role mode", findings_in_two_role_mode },
	{ "findings in single-role mode", findings_in_single_role_mode },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "model", begin, end, tests, SUITE_COUNT(tests) });
}
