/* SPDX-License-Identifier: BSD-2-Clause */
/* test_migrate.c - rowhouse migrate and rowhouse check, as a sysadmin uses them, in both role modes
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sample.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

enum { RUNS = 4, RUN_MS = 120000 };

static struct world *worlds[2]; /* by enum cluster_roles; empty databases at first */
static const char *const mode_names[] = { "two roles", "single role" };

static bool
begin(void)
{
	for (size_t mode = 0; mode < 2; mode++)
		if ((worlds[mode] = world_new(&(struct world_options){
			 .roles = (enum cluster_roles)mode, .no_migrate = true })) == NULL)
			return false;
	return true;
}

static void
end(void)
{
	for (size_t mode = 0; mode < 2; mode++)
		world_free(worlds[mode]);
}

/* How many SQL files there are to apply; 0000 is the table that records the others. */
static long
file_count(void)
{
	const char *const argv[] = { "sh", "-c",
		keep_printf(
		    "find %s %s -name '[0-9]*.sql' ! -name '*.down.sql' ! -name '0000_*' | wc -l",
		    sandbox_source("sql/platform"), sandbox_source("sql/sample")),
		NULL };

	return strtol(
	    process_run(&(struct process_options){ .argv = argv }, 5000)->output, NULL, 10);
}

/* Four at once on an empty database: one works, the others wait and find nothing to do. */
static void
concurrent_runs_are_safe(void)
{
	for (size_t mode = 0; mode < 2; mode++) {
		const char *const argv[] = { sandbox_program(), "migrate", "--config",
			program_conf(worlds[mode]->program), NULL };
		pid_t pids[RUNS];
		const char *applied;
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		for (size_t i = 0; i < RUNS; i++)
			pids[i] = process_start(
			    &(struct process_options){ .argv = argv, .output = null });
		close(null);
		for (size_t i = 0; i < RUNS; i++) {
			int status = -1;

			CHECK(process_wait(pids[i], RUN_MS, &status), "%s: run %zu ends",
			    mode_names[mode], i);
			CHECK_INT(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0, "%s: run %zu",
			    mode_names[mode], i);
		}
		applied = world_value(worlds[mode], "SELECT count(*) FROM rowhouse.migrations");
		CHECK_TEXT(applied, keep_printf("%ld", file_count()), "%s: each file once",
		    mode_names[mode]);
		CHECK_TEXT(world_value(worlds[mode], "SELECT count(*) FROM rowhouse.tenants"), "2",
		    "%s", mode_names[mode]);
	}
}

static void
again_is_nothing_to_do(void)
{
	for (size_t mode = 0; mode < 2; mode++) {
		const char *before = world_value(worlds[mode],
		    "SELECT md5(string_agg(m::text, ',' ORDER BY m::text)) "
		    "FROM rowhouse.migrations m");
		const struct outcome *o = program_run(worlds[mode]->program, "migrate", NULL);

		CHECK_INT(o->exit_code, 0, "%s: %s", mode_names[mode], o->output);
		CHECK_TEXT(world_value(worlds[mode],
			       "SELECT md5(string_agg(m::text, ',' ORDER BY m::text)) "
			       "FROM rowhouse.migrations m"),
		    before, "%s: nothing was done", mode_names[mode]);
		CHECK_INT(program_run(worlds[mode]->program, "migrate", "verify", NULL)->exit_code,
		    0, "%s: verify", mode_names[mode]);
		CHECK_INT(program_run(worlds[mode]->program, "migrate", "status", NULL)->exit_code,
		    0, "%s: status", mode_names[mode]);
	}
}

static void
owner_is_who_it_should_be(void)
{
	static const char *const owners[] = { CLUSTER_OWNER, CLUSTER_SINGLE };

	for (size_t mode = 0; mode < 2; mode++)
		CHECK_TEXT(world_value(worlds[mode],
			       "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables "
			       "WHERE schemaname IN ('public', 'rowhouse')"),
		    owners[mode], "%s", mode_names[mode]);
}

/* --- changed files ----------------------------------------------------------------------- */

static void
run_shell(const char *command)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	const struct outcome *o = process_run(&(struct process_options){ .argv = argv }, 10000);

	CHECK_INT(o->exit_code, 0, "%s: %s", command, o->output);
}

/* The settings of a world, but with the migrations of its own copy of sql/. */
static struct program *
program_with_copy(const struct world *w, const char *folder)
{
	char *settings = file_read(program_conf(w->program), NULL);
	struct program *p;

	run_shell(keep_printf("mkdir %s && cp -R %s %s %s", folder, sandbox_source("sql/platform"),
	    sandbox_source("sql/sample"), folder));
	p = program_new(folder,
	    keep_printf("%s\nmigrations = \"%s/platform:%s/sample\"\n", settings, folder, folder));
	free(settings);
	return p;
}

static void
changed_files_are_errors(void)
{
	const char *folder = keep_printf("%s/changed", worlds[0]->folder);
	struct program *p = program_with_copy(worlds[0], folder);
	const struct outcome *o = program_run(p, "migrate", "verify", NULL);

	CHECK_INT(o->exit_code, 0, "an equal copy: %s", o->output);
	run_shell(keep_printf("echo '-- one more line' >> %s/sample/0002_shop.sql", folder));
	o = program_run(p, "migrate", "verify", NULL);
	CHECK_INT(o->exit_code, 1, "a changed file: %s", o->output);
	CHECK(strstr(o->output, "0002_shop") != NULL, "it is named: %s", o->output);
	CHECK(program_run(p, "migrate", NULL)->exit_code != 0, "up refuses, too");
	run_shell(
	    keep_printf("cp %s/0002_shop.sql %s/sample/", sandbox_source("sql/sample"), folder));
	CHECK_INT(program_run(p, "migrate", "verify", NULL)->exit_code, 0, "changed back");
	run_shell(keep_printf("rm %s/sample/0001_blog.sql", folder));
	o = program_run(p, "migrate", "verify", NULL);
	CHECK_INT(o->exit_code, 1, "a missing file: %s", o->output);
	CHECK(strstr(o->output, "0001_blog") != NULL, "it is named: %s", o->output);
}

/* A file that fails leaves nothing behind and is not recorded; the next run takes it up again. */
static void
failed_file_is_rolled_back(void)
{
	const char *folder = keep_printf("%s/failing", worlds[0]->folder);
	struct program *p = program_with_copy(worlds[0], folder);
	const char *file = keep_printf("%s/sample/0900_fails.sql", folder);
	const struct outcome *o;

	CHECK(file_write(file, "CREATE TABLE half (id int);\nSELECT 1 / 0;\n"), "%s", file);
	o = program_run(p, "migrate", NULL);
	CHECK(o->exit_code != 0, "%s", o->output);
	CHECK(strstr(o->output, "0900") != NULL, "the file is named: %s", o->output);
	CHECK_TEXT(
	    world_value(worlds[0], "SELECT to_regclass('half') IS NULL"), "t", "nothing is left");
	CHECK_TEXT(world_value(worlds[0],
		       "SELECT count(*) FROM rowhouse.migrations WHERE version = '0900'"),
	    "0", "not recorded");
	CHECK(file_write(file, "CREATE TABLE half (id int);\n"), "%s", file);
	CHECK_INT(program_run(p, "migrate", NULL)->exit_code, 0, "mended");
	CHECK_TEXT(world_value(worlds[0], "SELECT to_regclass('half') IS NULL"), "f", "done");
	CHECK(
	    file_write(keep_printf("%s/sample/0900_fails.down.sql", folder), "DROP TABLE half;\n"),
	    "a way back");
	o = program_run(p, "migrate", "down", NULL);
	CHECK_INT(o->exit_code, 0, "down: %s", o->output);
	CHECK_TEXT(world_value(worlds[0], "SELECT to_regclass('half') IS NULL"), "t", "undone");
}

static void
no_transaction_runs_alone(void)
{
	const char *folder = keep_printf("%s/alone", worlds[0]->folder);
	struct program *p = program_with_copy(worlds[0], folder);
	const struct outcome *o;
	PGconn *superuser;

	CHECK(file_write(keep_printf("%s/sample/0901_index.sql", folder),
		  "-- rowhouse: no-transaction\n"
		  "CREATE INDEX CONCURRENTLY posts_test_idx ON posts (tenant_id, excerpt);\n"),
	    "the file");
	o = program_run(p, "migrate", NULL);
	CHECK_INT(o->exit_code, 0, "%s", o->output);
	CHECK_TEXT(
	    world_value(worlds[0], "SELECT to_regclass('posts_test_idx') IS NULL"), "f", "done");
	CHECK_INT(program_run(p, "migrate", NULL)->exit_code, 0, "once");
	superuser = world_superuser(worlds[0]);
	CHECK(sql_run(superuser,
		  "DROP INDEX posts_test_idx; "
		  "DELETE FROM rowhouse.migrations WHERE version = '0901'"),
	    "as it was");
	PQfinish(superuser);
}

/* --- check ------------------------------------------------------------------------------- */

static void
check_finds_faults(void)
{
	static const struct {
		const char *name, *plant, *mend, *said;
	} faults[] = {
		{ "FORCE is missing", "ALTER TABLE posts NO FORCE ROW LEVEL SECURITY",
		    "ALTER TABLE posts FORCE ROW LEVEL SECURITY", "posts" },
		{ "a unique index without tenant_id",
		    "CREATE UNIQUE INDEX planted ON comments (content, id)", "DROP INDEX planted",
		    "planted" },
		{ "a function that runs as its owner",
		    "CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER "
		    "AS 'SELECT 1'",
		    "DROP FUNCTION planted()", "planted" },
		{ "a view around the policy",
		    "CREATE VIEW planted AS SELECT * FROM posts; GRANT SELECT ON planted TO PUBLIC",
		    "DROP VIEW planted", "planted" },
	};

	for (size_t mode = 0; mode < 2; mode++) {
		PGconn *superuser = world_superuser(worlds[mode]);
		const struct outcome *o = program_run(worlds[mode]->program, "check", NULL);

		CHECK_INT(o->exit_code, 0, "%s, clean: %s", mode_names[mode], o->output);
		for (size_t i = 0; i < SUITE_COUNT(faults); i++) {
			CHECK(sql_run(superuser, faults[i].plant), "%s", faults[i].name);
			o = program_run(worlds[mode]->program, "check", NULL);
			CHECK_INT(o->exit_code, 1, "%s, %s: %s", mode_names[mode], faults[i].name,
			    o->output);
			CHECK(strstr(o->output, faults[i].said) != NULL, "%s, %s: it is named: %s",
			    mode_names[mode], faults[i].name, o->output);
			o = program_run(worlds[mode]->program, "check", "--json", NULL);
			CHECK_INT(
			    o->exit_code, 1, "%s, %s, --json", mode_names[mode], faults[i].name);
			CHECK(sql_run(superuser, faults[i].mend), "%s", faults[i].name);
		}
		CHECK_INT(program_run(worlds[mode]->program, "check", NULL)->exit_code, 0,
		    "%s: mended", mode_names[mode]);
		PQfinish(superuser);
	}
}

/* `rowhouse check` with one setting from the environment: "ROWHOUSE_SET_NAME=value". */
static const struct outcome *
check_with(const struct world *w, const char *setting)
{
	const char *const argv[] = { "env", setting, sandbox_program(), "check", "--config",
		program_conf(w->program), NULL };

	return process_run(&(struct process_options){ .argv = argv }, RUN_MS);
}

/* Workers would connect as somebody whom the checks of the application role say nothing of. */
static void
check_finds_other_roles(void)
{
	for (size_t mode = 0; mode < 2; mode++) {
		const struct world *w = worlds[mode];
		const struct {
			const char *setting, *code;
		} rows[] = {
			{ keep_printf("ROWHOUSE_SET_DATABASE=%s",
			      cluster_conninfo(w->cluster, w->database, CLUSTER_SUPERUSER)),
			    "[session-role]" },
			{ "ROWHOUSE_SET_APP_ROLE=somebody", "[deployment-roles]" },
			{ "ROWHOUSE_SET_OWNER_ROLE=somebody", "[deployment-roles]" },
		};

		for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
			const struct outcome *o = check_with(w, rows[i].setting);

			CHECK_INT(o->exit_code, 1, "%s, %s: %s", mode_names[mode], rows[i].setting,
			    o->output);
			CHECK(strstr(o->output, rows[i].code) != NULL, "%s, %s: %s",
			    mode_names[mode], rows[i].setting, o->output);
		}
		CHECK_INT(check_with(w, "X=")->exit_code, 0, "%s: as it is", mode_names[mode]);
	}
}

/* Their sign-ins take another time than nobody's, until they are hashed anew. */
static void
check_counts_hashes_of_other_cost(void)
{
	static const char sample[] =
	    "SELECT count(*) FROM users WHERE deleted_at IS NULL AND password_hash LIKE "
	    "'$argon2id$v=19$m=19456,t=2,p=1$%'";

	for (size_t mode = 0; mode < 2; mode++) {
		const struct outcome *o = check_with(worlds[mode], "X=");
		const char *count = world_value(worlds[mode], sample);

		CHECK(
		    strtol(count, NULL, 10) > 5, "%s: the sample has %s", mode_names[mode], count);
		CHECK_INT(o->exit_code, 0, "%s: a warning", mode_names[mode]);
		CHECK(strstr(o->output, "[password-cost]") != NULL &&
			strstr(o->output, keep_printf(" %s accounts ", count)) != NULL,
		    "%s: %s: %s", mode_names[mode], count, o->output);
		o = check_with(worlds[mode], "ROWHOUSE_SET_PASSWORD_MEMORY=19m");
		CHECK(strstr(o->output, "[password-cost]") != NULL, "%s: other passes: %s",
		    mode_names[mode], o->output);
	}
}

static void
unreachable_database_is_told(void)
{
	struct world *w = worlds[1];
	const struct outcome *o;

	CHECK(cluster_stop(w->cluster, CLUSTER_FAST), "stop");
	o = program_run(w->program, "migrate", NULL);
	CHECK_INT(o->exit_code, 69, "migrate: %s", o->output);
	o = program_run(w->program, "check", NULL);
	CHECK_INT(o->exit_code, 69, "check: %s", o->output);
	CHECK(cluster_resume(w->cluster), "start");
}

/* --- a single role serves, and isolates -------------------------------------------------- */

static void
single_role_serves(void)
{
	struct world *w = worlds[1];
	PGconn *superuser = world_superuser(w);

	CHECK_INT(program_run(w->program, "key", "init", NULL)->exit_code, 0, "key init");
	if (!CHECK(program_serve(w->program), "serve"))
		return;
	w->webserver = webserver_start(w->folder, program_socket(w->program));
	if (!CHECK(w->webserver != NULL, "nginx"))
		return;
	w->client = client_new(webserver_url(w->webserver));
	if (!CHECK(world_sign_in(w, "admin"), "sign in"))
		return;
	for (size_t m = 0; m < sample_model_count; m++) {
		const struct sample_model *model = &sample_models[m];
		size_t wanted_count, count;
		const char **wanted, **got;

		wanted = sample_ids(superuser, model, WORLD_GLOBEX, &wanted_count);
		got = sample_walk(w->client, WORLD_GLOBEX, model->name, "", 100, &count);
		if (!CHECK(got != NULL && wanted_count > 0, "%s", model->name))
			continue;
		sample_sort(got, count);
		CHECK_INT(count, wanted_count, "%s", model->name);
		for (size_t i = 0; i < count && i < wanted_count; i++)
			if (!CHECK_TEXT(got[i], wanted[i], "%s", model->name))
				break;
	}
	PQfinish(superuser);
}

static const struct suite_test tests[] = {
	{ "concurrent runs are safe", concurrent_runs_are_safe },
	{ "again is nothing to do", again_is_nothing_to_do },
	{ "the owner is who it should be", owner_is_who_it_should_be },
	{ "changed files are errors", changed_files_are_errors },
	{ "a failed file is rolled back", failed_file_is_rolled_back },
	{ "a no-transaction file runs alone", no_transaction_runs_alone },
	{ "check finds faults", check_finds_faults },
	{ "check finds other roles", check_finds_other_roles },
	{ "check counts hashes of other cost", check_counts_hashes_of_other_cost },
	{ "an unreachable database is told", unreachable_database_is_told },
	{ "a single role serves and isolates", single_role_serves },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "migrate", begin, end, tests, SUITE_COUNT(tests) });
}
