/* SPDX-License-Identifier: BSD-2-Clause */
/* test_handlers.c - handlers outside the tree: what they may do, and what becomes of their mistakes
 *
 * Each object is compiled here, with nothing but the headers that are installed for it. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/writing.h"

enum { BUILD_MS = 60000, CALLERS = 8, ROUNDS = 4 };

static const char *folder; /* of the installed headers, and of each test's objects */

/* --- building ------------------------------------------------------------------------------ */

/* Also before the first test, so a failure is said and not checked. */
static bool
run(const char *script)
{
	const char *argv[] = { "/bin/sh", "-euc", script, NULL };
	const struct outcome *o = process_run(&(struct process_options){ .argv = argv }, BUILD_MS);

	if (o->exit_code != 0)
		fprintf(stderr, "tests: %s: %s\n", script, o->output);
	return o->exit_code == 0;
}

/* The headers and the example, as `make install` puts them. */
static bool
install(void)
{
	return run(keep_printf("cd \"$(dirname '%s')\" && make -s DESTDIR='%s/root' "
			       "install-nobase_handlerincludeHEADERS install-pkgconfigDATA "
			       "install-dist_exampleDATA",
	    sandbox_program(), folder));
}

/* tests/handlers/NAME.c into NAME/NAME.so below the folder, which is given back. */
static const char *
built(const char *name)
{
	const char *into = keep_printf("%s/%s", folder, name);

	run(keep_printf(
	    "mkdir -p '%s' && gcc -std=c17 -Wall -Wextra -Werror -O1 "
	    "-I\"$(find '%s/root' -path '*/rowhouse/app')\" -fPIC -shared -o '%s/%s.so' '%s'",
	    into, folder, into, name, sandbox_source(keep_printf("tests/handlers/%s.c", name))));
	return into;
}

static bool
serve_with(const char *objects)
{
	return world_restart(world, keep_printf("handler_dir = %s\n", objects));
}

static bool
begin(void)
{
	if (!writing_begin(
		&(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = CALLERS }))
		return false;
	folder = keep_printf("%s/handlers", world->folder);
	return mkdir(folder, 0755) == 0 && install() && serve_with(built("mistakes"));
}

/* --- mistakes ------------------------------------------------------------------------------ */

static const char *
post_of_user(void)
{
	return look("SELECT id FROM posts WHERE tenant_id = '" WORLD_ACME
		    "' AND author_id = '%s' AND deleted_at IS NULL ORDER BY id LIMIT 1",
	    person_id("user"));
}

static const char *
product(void)
{
	return keep_printf("%s",
	    document_text(ask_for(201, "POST", "/api/products", as_admin,
			      "{\"name\":\"p\",\"price\":1,\"stock\":0}")
			      ->json,
		"id"));
}

static const char *
stock_of(const char *id)
{
	return look(
	    "SELECT stock FROM products WHERE tenant_id = '" WORLD_ACME "' AND id = %s", id);
}

/* A 500 that says nothing of the inside, a log line that names the handler, and nothing done. */
static void
mistakes_are_told_by_name(void)
{
	static const struct {
		const char *handler, *told;
	} rows[] = {
		{ "answers_nothing", "answered nothing" },
		{ "fails_silently", "failed without a problem" },
		{ "leaves_open", "left a unit open" },
		{ "begins_twice", "a unit begins while another is open" },
		{ "goes_on_behind_commit", "a step behind the end of its unit" },
		{ "writes_while_reading", "it writes in a unit that only reads" },
		{ "takes_unlisted", "does not list the authority" },
		{ "mixes_columns", "posts has no column" },
		{ "logs_undeclared", "does not say that it logs" },
		{ "sql_while_writing", "SQL of its own in a unit that may write" },
	};
	const char *id = keep_printf("%s", post_of_user());
	const char *before = keep_printf("%s",
	    look("SELECT md5(p::text) FROM posts p WHERE id = '%s' "
		 "AND tenant_id = '" WORLD_ACME "'",
		id));

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a = ask_for(500, "POST",
		    keep_printf("/api/posts/%s/%s", id, rows[i].handler), as_user, NULL);
		const char *log = program_log(world->program);
		const char *line = strstr(log, keep_printf("handler %s", rows[i].handler));

		CHECK(strstr(a->body, "handler") == NULL, "%s", a->body);
		CHECK(line != NULL &&
			strstr(keep_copy(line, strcspn(line, "\n")), rows[i].told) != NULL,
		    "%s is not in the log", rows[i].handler);
		ask_for(200, "GET", keep_printf("/api/posts/%s", id), as_user, NULL);
	}
	CHECK_TEXT(look("SELECT md5(p::text) FROM posts p WHERE id = '%s' AND tenant_id = "
			"'" WORLD_ACME "'",
		       id),
	    before, "nothing was changed");
	CHECK_TEXT(look("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%%'"), "0",
	    "no transaction is open");
}

/* --- what units may do --------------------------------------------------------------------- */

static void
an_authority_stands_for_the_row_rules(void)
{
	const char *id = product();

	ask_for(403, "POST", keep_printf("/api/products/%s/without_authority", id), as_user, NULL);
	CHECK_TEXT(stock_of(id), "0", "refused");
	ask_for(200, "POST", keep_printf("/api/products/%s/with_authority", id), as_user, NULL);
	CHECK_TEXT(stock_of(id), "1", "done");
	CHECK_TEXT(
	    look("SELECT string_agg(coalesce(metadata->>'authority', '-'), ' ' ORDER BY xid) "
		 "FROM rowhouse.audit_log WHERE target_type = 'products' AND target_id = '%s' "
		 "AND tenant_id = '" WORLD_ACME "'",
		id),
	    "- the test may", "in the log");
	/* Tenancy is never waived. */
	ask_for(404, "POST", keep_printf("/api/products/%s/with_authority", id), as_stranger, NULL);
	CHECK_TEXT(stock_of(id), "1", "still");
}

struct caller {
	pthread_t thread;
	const char *path;
	size_t done;
};

static void *
call(void *context)
{
	struct caller *c = context;
	struct client *client = client_new(webserver_url(world->webserver));

	for (int i = 0; i < ROUNDS; i++)
		c->done += client_send(client, "POST", c->path, as_user, NULL)->status == 200;
	client_free(client);
	return NULL;
}

static size_t
call_at_once(const char *path)
{
	struct caller callers[CALLERS] = { 0 };
	size_t done = 0;

	for (size_t i = 0; i < CALLERS; i++) {
		callers[i].path = path;
		if (pthread_create(&callers[i].thread, NULL, call, &callers[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < CALLERS; i++) {
		pthread_join(callers[i].thread, NULL);
		done += callers[i].done;
	}
	return done;
}

/* Who reads without a lock and writes what it read plus one loses updates, unless the unit is
 * serializable and run again. */
static void
a_serializable_unit_is_run_again(void)
{
	const char *id = product(), *naive = product();
	size_t done = call_at_once(keep_printf("/api/products/%s/serializable", id));

	CHECK(done > 0, "none succeeded");
	CHECK_INT(atol(stock_of(id)), done, "as many as were told so");
	done = call_at_once(keep_printf("/api/products/%s/read_committed", naive));
	CHECK((size_t)atol(stock_of(naive)) < done, "%s of %zu: the control loses none",
	    stock_of(naive), done);
}

static void
deleted_rows_are_for_who_may_restore_them(void)
{
	const char *id = look("SELECT id FROM posts WHERE tenant_id = '" WORLD_ACME
			      "' AND deleted_at IS NOT NULL ORDER BY id LIMIT 1");
	const char *path = keep_printf("/api/posts/%s/only_deleted", id);

	CHECK_TEXT(document_text(ask_for(200, "POST", path, as_admin, NULL)->json, "found"), "1",
	    "by who may");
	CHECK_TEXT(document_text(ask_for(200, "POST",
				     keep_printf("/api/posts/%s/only_deleted", post_of_user()),
				     as_admin, NULL)
				     ->json,
		       "found"),
	    "0", "a live one");
	ask_for(404, "GET", keep_printf("/api/posts/%s", id), as_admin, NULL);
}

static void
sql_of_ones_own_stays_in_the_tenant(void)
{
	const char *id = post_of_user();
	const char *path = keep_printf("/api/posts/%s/counts_in_sql", id);
	const char *own = keep_printf("%s",
	    look("SELECT count(*) FROM posts WHERE tenant_id = '" WORLD_ACME
		 "' AND author_id = '%s'",
		person_id("user")));
	const struct answer *a = ask_for(200, "POST", path, as_user, NULL);

	CHECK_TEXT(document_text(a->json, "count"), own, "of the tenant");
	CHECK(atol(own) > 0, "%s", own);
	a = ask_for(200, "POST", path, as_stranger, NULL);
	CHECK_TEXT(document_text(a->json, "count"), "0", "of another tenant");
}

static void
a_key_may_be_demanded(void)
{
	const char *id = product(), *path = keep_printf("/api/products/%s/with_a_key", id);
	const struct answer *a;

	check_fault(ask("POST", path, as_user, NULL, NULL), 400, "/header/Idempotency-Key",
	    "required", "no key");
	a = ask("POST", path, as_user, "Idempotency-Key: once", NULL);
	CHECK_INT(a->status, 200, "%s", a->body);
	a = ask("POST", path, as_user, "Idempotency-Key: once", NULL);
	CHECK_TEXT(answer_header(a, "Idempotency-Replayed"), "true", "the second time");
	CHECK_TEXT(document_text(a->json, "added"), "1", "the same answer");
	CHECK_TEXT(stock_of(id), "1", "done once");
}

/* --- loading ------------------------------------------------------------------------------- */

static void
routes_are_listed(void)
{
	const struct outcome *o = program_run(world->program, "routes", NULL);

	CHECK_INT(o->exit_code, 0, "%s", o->output);
	CHECK(strstr(o->output, "POST    /products/{id}/with_authority") != NULL &&
		strstr(o->output, "authority: update of products: the test may") != NULL,
	    "%s", o->output);
	CHECK(strstr(o->output, "GET     /{model}/{id}\n") != NULL, "the generic ones too");
	o = program_run(world->program, "routes", "--json", NULL);
	CHECK(o->exit_code == 0 && o->output[0] == '[' &&
		strstr(o->output, "\"test may\"") == NULL &&
		strstr(o->output, "\"reason\":\"the test may\"") != NULL,
	    "%.300s", o->output);
}

static void
the_example_is_built_from_what_is_installed(void)
{
	const char *into = keep_printf("%s/example", folder), *id, *path;
	const char *script = keep_printf(
	    "cp -R \"$(find '%s/root' -path '*/examples/handlers')\" '%s' && cd '%s' && "
	    "PKG_CONFIG_SYSROOT_DIR='%s/root' PKG_CONFIG_PATH=\"$(dirname \"$(find "
	    "'%s/root' -name rowhouse.pc)\")\" make -s && test \"$(grep -cv '^#' "
	    "Makefile)\" -le 3",
	    folder, into, into, folder, folder);
	const struct answer *a;

	if (!CHECK(run(script) && serve_with(into), "the example"))
		return;
	a = ask_for(200, "GET", "/api/hello", NULL, NULL);
	CHECK_TEXT(document_text(a->json, "hello"), "world", "%s", a->body);
	id = keep_printf("%s",
	    document_text(ask_for(201, "POST", "/api/posts", as_user,
			      "{\"title\":\"a\",\"slug\":\"ex\",\"content\":\"c\"}")
			      ->json,
		"id"));
	path = keep_printf("/api/posts/%s/title", id);
	a = ask_for(200, "PUT", path, as_user, "{\"title\":\"b\"}");
	CHECK_TEXT(document_text(a->json, "title"), "b", "%s", a->body);
	check_fault(ask("PUT", path, as_user, NULL, "{\"title\":\"\"}"), 400, "#/title", "length",
	    "the column's rule");
	/* A row in front of the generic ones; their other paths are as before. */
	ask_for(200, "GET", keep_printf("/api/posts/%s", id), as_user, NULL);
}

/* The program text in the manual; NULL when there is none. */
static const char *
manual_example(void)
{
	char *manual = file_read(sandbox_source("man/rowhouse-handlers.3"), NULL);
	const char *begin_at = manual != NULL ? strstr(manual, ".Bd -literal\n#include") : NULL;
	const char *end_at = begin_at != NULL ? strstr(begin_at, "\n.Ed") : NULL;
	const char *example = NULL;

	if (end_at != NULL) {
		begin_at = strchr(begin_at, '\n') + 1;
		example = keep_printf("%s\n", keep_copy(begin_at, (size_t)(end_at - begin_at)));
	}
	free(manual);
	return example;
}

/* The example of rowhouse-handlers(3), as it is printed there, to the letter. */
static void
the_manual_has_an_example_that_works(void)
{
	const char *into = keep_printf("%s/manual", folder), *example = manual_example(), *id,
		   *path;

	if (!CHECK(example != NULL && mkdir(into, 0755) == 0 &&
		    file_write(keep_printf("%s/publish.c", into), example),
		"the manual has an example"))
		return;
	if (!CHECK(run(keep_printf("gcc -std=c17 -Wall -Wextra -Werror -I\"$(find '%s/root' -path "
				   "'*/rowhouse/app')\" -fPIC -shared -o '%s/publish.so' "
				   "'%s/publish.c'",
		       folder, into, into)) &&
		    serve_with(into),
		"the manual's example"))
		return;
	id = keep_printf("%s",
	    document_text(ask_for(201, "POST", "/api/posts", as_user,
			      "{\"title\":\"m\",\"slug\":\"manual\",\"content\":\"c\"}")
			      ->json,
		"id"));
	path = keep_printf("/api/posts/%s/publish", id);
	ask_for(200, "POST", path, as_user, NULL);
	ask_for(409, "POST", path, as_user, NULL);
	CHECK_TEXT(story("posts", id), "created updated published", "the log");
}

/* Each statement with its time, and never a value. */
static void
statements_are_logged_as_told(void)
{
	const char *path = keep_printf("/api/posts/%s", post_of_user());
	size_t slow = count_in_log("\"event\":\"slow\"");
	const struct answer *a;
	const char *line;

	if (!CHECK(world_restart(world, "log_statements = all\nslow_unit = 0ms\n"), "all"))
		return;
	a = ask_for(200, "GET", path, as_user, NULL);
	line = strstr(program_log(world->program), "\"event\":\"statement\"");
	while (line != NULL && strstr(keep_copy(line, strcspn(line, "\n")), "row_to_json") == NULL)
		line = strstr(line + 1, "\"event\":\"statement\"");
	if (!CHECK(line != NULL, "the statement of the row"))
		return;
	line = keep_copy(line, strcspn(line, "\n"));
	CHECK(strstr(line, "\"us\":") != NULL && strstr(line, "$1::uuid") != NULL, "%s", line);
	CHECK(strstr(line, document_text(a->json, "id")) == NULL, "a value: %s", line);
	CHECK_INT(count_in_log("\"event\":\"slow\""), slow, "told once");
	if (!CHECK(world_restart(world, "log_statements = none\n"), "none"))
		return;
	slow = count_in_log("\"statement\":");
	ask_for(200, "GET", path, as_user, NULL);
	CHECK_INT(count_in_log("\"statement\":"), slow, "none");
	/* The control: every unit is slow. */
	if (!CHECK(world_restart(world, "log_statements = slow\n"), "slow"))
		return;
	ask_for(200, "GET", path, as_user, NULL);
	CHECK(count_in_log("\"event\":\"slow\"") > 0, "the control");
}

/* What cannot be served is said, and nothing is served. */
static void
what_does_not_fit_stops_the_start(void)
{
	static const struct {
		const char *object, *told[2];
		bool in_log;
	} rows[] = {
		{ "misspelt",
		    { "there is no model \\\"oders\\\"; did you mean \\\"orders\\\"?",
			"posts has no column \\\"titel\\\"; did you mean \\\"title\\\"?" },
		    true },
		{ "outdated", { "built for handlers of version 0", "build it again" }, false },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *objects = built(rows[i].object), *said;
		const struct outcome *o;

		program_stop(world->program, SIGTERM, BUILD_MS);
		program_configure(world->program, keep_printf("handler_dir = %s\n", objects));
		o = program_run(world->program, "serve", NULL);
		CHECK(o->exit_code > 0, "%s: exit %d", rows[i].object, o->exit_code);
		said = rows[i].in_log ? program_log(world->program) : o->output;
		for (size_t k = 0; k < 2; k++)
			CHECK(said != NULL && strstr(said, rows[i].told[k]) != NULL,
			    "%s does not say: %s", rows[i].object, rows[i].told[k]);
		CHECK(strstr(said, rows[i].in_log ? "misspelt.c" : "outdated.so") != NULL,
		    "%s: the file", rows[i].object);
	}
}

static const struct suite_test tests[] = {
	{ "mistakes are told by name", mistakes_are_told_by_name },
	{ "an authority stands for the row rules", an_authority_stands_for_the_row_rules },
	{ "a serializable unit is run again", a_serializable_unit_is_run_again },
	{ "deleted rows are for who may restore them", deleted_rows_are_for_who_may_restore_them },
	{ "SQL of one's own stays in the tenant", sql_of_ones_own_stays_in_the_tenant },
	{ "a key may be demanded", a_key_may_be_demanded },
	{ "routes are listed", routes_are_listed },
	{ "the example is built from what is installed",
	    the_example_is_built_from_what_is_installed },
	{ "the manual has an example that works", the_manual_has_an_example_that_works },
	{ "statements are logged as told", statements_are_logged_as_told },
	{ "what does not fit stops the start", what_does_not_fit_stops_the_start },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "handlers", begin, writing_end, tests, SUITE_COUNT(tests) });
}
