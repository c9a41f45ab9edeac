/* SPDX-License-Identifier: BSD-2-Clause */
/* test_processes.c - stopping, crashing and losing the database, each under load */
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/document.h"
#include "support/fastcgi.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

enum { WORKERS = 4, CLIENTS = 4, STOP_MS = 15000, LOAD_MS = 20000, QUEUED = 24 };

static const char path[] = "/api/posts?limit=20";
static struct world *world;
static size_t whole_bytes; /* of the answer at path */

static bool
begin(void)
{
	world =
	    world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = WORKERS });
	if (world == NULL || !world_sign_in(world, "user"))
		return false;
	whole_bytes = world_get(world, WORLD_ACME, path)->body_len;
	return whole_bytes > 2000;
}

static void
end(void)
{
	world_free(world);
}

static struct load *
load_of(const struct webserver *nginx, const char *uri, bool new_connections)
{
	return load_start(&(struct load_options){ .base_url = webserver_url(nginx),
	    .header = bearer_header(client_token(world->client, WORLD_ACME)),
	    .path = uri,
	    .clients = CLIENTS,
	    .new_connections = new_connections });
}

static struct load *
load(void)
{
	return load_of(world->webserver, path, false);
}

static bool
has_all(const struct load_sample *s, size_t bytes)
{
	return s->error == CURLE_OK && s->status == 200 && s->body_len == bytes;
}

static bool
is_whole(const struct load_sample *s)
{
	return has_all(s, whole_bytes);
}

/* --- SIGTERM ----------------------------------------------------------------------------- */

/* nginx's own words for an upstream that took a connection and did not answer on it. A connection
 * that was refused, because the socket was closed already, is another matter. */
static size_t
broken_connections(const char *errors)
{
	static const char *const words[] = { "prematurely closed", "Connection reset by peer",
		"invalid FastCGI", "unexpected FastCGI", "Broken pipe" };
	size_t n = 0;

	for (size_t i = 0; i < SUITE_COUNT(words); i++)
		for (const char *p = errors; (p = strstr(p, words[i])) != NULL; p++)
			n++;
	return n;
}

static void
sigterm_under_load_answers_all(void)
{
	struct load *l = load();
	const struct load_sample *samples;
	size_t count, whole = 0, broken = broken_connections(webserver_errors(world->webserver));
	int code;

	CHECK(load_wait(l, 200, LOAD_MS), "load");
	code = program_stop(world->program, SIGTERM, STOP_MS);
	CHECK_INT(code, 0, "exit code of the supervisor");
	samples = load_stop(l, &count);
	for (size_t i = 0; i < count; i++) {
		whole += is_whole(&samples[i]);
		/* Afterwards nobody listens, and nginx says so. */
		CHECK(is_whole(&samples[i]) ||
			(samples[i].error == CURLE_OK && samples[i].status == 503),
		    "sample %zu: status %d, curl %d, %zu bytes", i, samples[i].status,
		    (int)samples[i].error, samples[i].body_len);
	}
	CHECK(whole >= 200, "%zu of %zu", whole, count);
	CHECK_INT(broken_connections(webserver_errors(world->webserver)), broken,
	    "connections that were accepted and not answered: %.3000s",
	    webserver_errors(world->webserver));
	CHECK(program_serve(world->program), "serve again");
}

/* Connections that lie in the backlog when the signal comes are answered too. The table is locked,
 * so that all workers are busy with a request and the other connections wait. */
static void
sigterm_answers_the_backlog(void)
{
	PGconn *superuser = world_superuser(world);
	const char *token = client_token(world->client, WORLD_ACME);
	int fds[QUEUED], late, code, status;
	pid_t pid = program_pid(world->program);

	CHECK(sql_run(superuser, "BEGIN; LOCK TABLE posts IN ACCESS EXCLUSIVE MODE"), "lock");
	for (size_t i = 0; i < QUEUED; i++) {
		fds[i] = fastcgi_connect(program_socket(world->program));
		CHECK(fds[i] >= 0 && fastcgi_send(fds[i], path, token), "connection %zu", i);
	}
	late = fastcgi_connect(program_socket(world->program));
	CHECK(late >= 0, "a connection that asks only after the signal");
	pause_ms(100); /* for the workers to take theirs: what is tested holds either way */
	kill(pid, SIGTERM);
	pause_ms(100);
	CHECK(fastcgi_send(late, path, token), "the late request");
	CHECK(sql_run(superuser, "ROLLBACK"), "unlock");
	for (size_t i = 0; i < QUEUED; i++) {
		struct fastcgi_answer a = fastcgi_receive(fds[i], STOP_MS);

		CHECK(a.whole, "connection %zu is answered to its end: %.200s", i, a.text);
		CHECK_INT(a.status, 200, "connection %zu: %.300s", i, a.text);
	}
	CHECK(fastcgi_receive(late, STOP_MS).whole, "the late request is answered to its end");
	CHECK(process_wait(pid, STOP_MS, &status), "the supervisor ends");
	code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	CHECK_INT(code, 0, "exit code");
	CHECK_INT(fastcgi_connect(program_socket(world->program)), -1, "nobody listens any more");
	PQfinish(superuser);
	CHECK(program_serve(world->program), "serve again");
}

/* --- kill -9 of a worker ----------------------------------------------------------------- */

/* Kill one worker after the other while clients get uri, which has so many bytes; each kill may
 * cost one request, and its client is told 503. */
static void
kill_under_load(const char *uri, size_t bytes, int kills)
{
	struct load *l;
	const struct load_sample *samples;
	size_t count, lost = 0;

	CHECK(program_wait_workers(world->program, WORKERS, 0, STOP_MS), "all workers are there");
	l = load_of(world->webserver, uri, true);
	for (int i = 0; i < kills; i++) {
		pid_t workers[WORKERS];
		size_t n;

		CHECK(load_wait(l, load_done(l) + 100, LOAD_MS), "load");
		n = program_workers(world->program, workers, WORKERS);
		if (!CHECK_INT(n, WORKERS, "before kill %d", i))
			break;
		kill(workers[(size_t)i % n], SIGKILL);
		CHECK(
		    program_wait_workers(world->program, WORKERS, workers[(size_t)i % n], STOP_MS),
		    "worker %d is replaced", (int)workers[(size_t)i % n]);
	}
	CHECK(load_wait(l, load_done(l) + 100, LOAD_MS), "load");
	samples = load_stop(l, &count);
	for (size_t i = 0; i < count; i++)
		if (!has_all(&samples[i], bytes)) {
			lost++;
			CHECK(samples[i].error == CURLE_OK && samples[i].status == 503,
			    "a lost request is told: status %d, curl %d, %zu bytes",
			    samples[i].status, (int)samples[i].error, samples[i].body_len);
		}
	CHECK(lost <= (size_t)kills, "%d kills cost %zu of %zu requests", kills, lost, count);
}

static void
killed_worker_costs_its_request(void)
{
	kill_under_load(path, whole_bytes, 5);
}

#define LONG_POST "0199aaaa-0000-7000-8000-00000000000f"

/* An answer that takes longer to write than to find, so that kills fall into the writing. */
static void
killed_worker_leaves_no_half_answer(void)
{
	PGconn *superuser = world_superuser(world);
	size_t bytes;

	CHECK(sql_run(superuser,
		  "INSERT INTO posts (tenant_id, id, author_id, title, slug, content, published) "
		  "SELECT tenant_id, '" LONG_POST "', author_id, 'Long', 'long', "
		  "repeat('long ', 40000), true FROM posts WHERE tenant_id = '" WORLD_ACME
		  "' LIMIT 1"),
	    "a long post");
	bytes = world_get(world, WORLD_ACME, "/api/posts/" LONG_POST)->body_len;
	CHECK(bytes > 200000, "%zu bytes", bytes);
	kill_under_load("/api/posts/" LONG_POST, bytes, 40);
	CHECK(sql_run(superuser, "DELETE FROM posts WHERE id = '" LONG_POST "'"), "as before");
	PQfinish(superuser);
}

/* --- memory ------------------------------------------------------------------------------ */

/* DESIGN 9: less than 1 MiB of private memory for a worker. Where all memory is watched
 * (AddressSanitizer) there is nothing to be measured. */
static void
worker_stays_small(void)
{
	enum { REQUESTS = 1000, PRIVATE_KIB = 1024 };
	static const char *const paths[] = { "/api/products/7", "/api/posts?limit=100" };
	pid_t workers[WORKERS];
	size_t n, count;

	CHECK(program_wait_workers(world->program, WORKERS, 0, STOP_MS), "all workers are there");
	for (size_t i = 0; i < SUITE_COUNT(paths); i++) {
		struct load *l = load_of(world->webserver, paths[i], false);

		CHECK(load_wait(l, REQUESTS, LOAD_MS), "load");
		load_stop(l, &count);
		n = program_workers(world->program, workers, WORKERS);
		CHECK_INT(n, WORKERS, "workers");
		for (size_t k = 0; k < n; k++) {
			long kib = process_private_kib(workers[k]);

			if (process_maps(workers[k], "libasan"))
				printf("(under AddressSanitizer: %ld KiB) ", kib);
			else
				CHECK(kib > 0 && kib < PRIVATE_KIB, "%s: %ld KiB", paths[i], kib);
		}
	}
}

/* --- a web server that keeps connections --------------------------------------------------- */

/* The last record tells it that there is nothing to keep; otherwise it finds out with a later
 * request, which is lost (some 2 in 100 were). */
static void
pooling_web_server_loses_nothing(void)
{
	static const struct webserver_edit pooling[] = {
		{ "server @SOCKET@;", "server @SOCKET@; keepalive 32;" },
		{ NULL, NULL },
	};
	struct webserver *nginx = webserver_start_edited(
	    keep_printf("%s/pooling", world->folder), program_socket(world->program), pooling);
	const struct load_sample *samples;
	struct load *l;
	size_t count;

	if (!CHECK(nginx != NULL, "nginx"))
		return;
	l = load_of(nginx, path, false);
	CHECK(load_wait(l, 2000, LOAD_MS), "load");
	samples = load_stop(l, &count);
	for (size_t i = 0; i < count; i++)
		CHECK(is_whole(&samples[i]), "status %d, curl %d, %zu bytes", samples[i].status,
		    (int)samples[i].error, samples[i].body_len);
	CHECK_INT(
	    broken_connections(webserver_errors(nginx)), 0, "%.3000s", webserver_errors(nginx));
	webserver_stop(nginx);
}

/* --- PostgreSQL away --------------------------------------------------------------------- */

static void
check_unavailable(const char *what)
{
	for (int i = 0; i < 3 * WORKERS; i++) {
		const struct answer *a = world_get(world, WORLD_ACME, path);

		CHECK_INT(a->status, 503, "%s: %.200s", what, a->body);
		CHECK_TEXT(
		    answer_header(a, "Content-Type"), "application/problem+json", "%s", what);
		CHECK(answer_header(a, "Retry-After") != NULL, "%s", what);
		CHECK_TEXT(document_text(a->json, "code"), "unavailable", "%s", what);
		CHECK(a->took_ms < 1000, "%s: %d ms", what, (int)a->took_ms);
		/* Rowhouse itself says so: nginx's own answer for a missing upstream has no detail.
		 */
		CHECK(document_has(a->json, "instance"), "%s: %s", what, a->body);
	}
}

static bool
serves(void *argument)
{
	(void)argument;
	return world_get(world, WORLD_ACME, path)->status == 200;
}

static void
stopped_database_is_503_at_once(void)
{
	static const enum cluster_end ends[] = { CLUSTER_FAST, CLUSTER_IMMEDIATE, CLUSTER_KILL };
	pid_t supervisor = program_pid(world->program);

	for (size_t i = 0; i < SUITE_COUNT(ends); i++) {
		CHECK(cluster_stop(world->cluster, ends[i]), "stop %zu", i);
		check_unavailable("PostgreSQL is stopped");
		CHECK(cluster_resume(world->cluster), "start %zu", i);
		CHECK(
		    wait_until(serves, NULL, 1000), "it serves within a second, without a restart");
	}
	CHECK(process_alive(supervisor), "the same supervisor");
}

/* Every request that begins later than a second after PostgreSQL accepts connections succeeds;
 * before, each is answered, well or with 503. */
static void
restart_under_load_recovers_in_a_second(void)
{
	static const enum cluster_end ends[] = { CLUSTER_FAST, CLUSTER_IMMEDIATE };

	for (size_t e = 0; e < SUITE_COUNT(ends); e++) {
		struct load *l = load();
		const struct load_sample *samples;
		size_t count, refused = 0, late = 0, after = 0;
		int64_t accepts, first = INT64_MAX;

		CHECK(load_wait(l, 100, LOAD_MS), "load");
		CHECK(cluster_stop(world->cluster, ends[e]), "stop");
		CHECK(load_wait(l, load_done(l) + 50, LOAD_MS), "load while it is away");
		CHECK(cluster_resume(world->cluster), "start");
		accepts = now_ms();
		wait_until(serves, NULL, 5000);
		pause_ms(1500);
		CHECK(load_wait(l, load_done(l) + 200, LOAD_MS), "load afterwards");
		samples = load_stop(l, &count);
		for (size_t i = 0; i < count; i++) {
			const struct load_sample *s = &samples[i];

			if (is_whole(s)) {
				if (s->begun_ms >= accepts && s->ended_ms < first)
					first = s->ended_ms;
				after += s->begun_ms > accepts + 1000;
				continue;
			}
			refused++;
			late += s->begun_ms > accepts + 1000;
			CHECK(s->error == CURLE_OK && s->status == 503 && s->retry_after &&
				s->ended_ms - s->begun_ms < 1000,
			    "status %d, curl %d, %d ms", s->status, (int)s->error,
			    (int)(s->ended_ms - s->begun_ms));
		}
		CHECK(refused > 0, "it was away");
		CHECK(after > 0, "and came back");
		CHECK(first <= accepts + 1000,
		    "the first answer came %d ms after PostgreSQL accepts", (int)(first - accepts));
		CHECK_INT(late, 0, "requests refused later than a second after PostgreSQL accepts");
	}
}

/* --- starting ---------------------------------------------------------------------------- */

static void
serve_refuses_an_unsafe_database(void)
{
	static const struct {
		const char *name, *plant, *mend;
	} faults[] = {
		{ "FORCE is missing", "ALTER TABLE posts NO FORCE ROW LEVEL SECURITY",
		    "ALTER TABLE posts FORCE ROW LEVEL SECURITY" },
		{ "row security is off", "ALTER TABLE comments DISABLE ROW LEVEL SECURITY",
		    "ALTER TABLE comments ENABLE ROW LEVEL SECURITY" },
		{ "the application may bypass it", "ALTER ROLE " CLUSTER_APP " BYPASSRLS",
		    "ALTER ROLE " CLUSTER_APP " NOBYPASSRLS" },
	};
	PGconn *superuser = world_superuser(world);

	program_stop(world->program, SIGTERM, STOP_MS);
	for (size_t i = 0; i < SUITE_COUNT(faults); i++) {
		int status = 0;
		pid_t pid;

		CHECK(sql_run(superuser, faults[i].plant), "%s", faults[i].name);
		pid = program_launch(world->program);
		if (CHECK(process_wait(pid, STOP_MS, &status), "%s: serve ends by itself",
			faults[i].name))
			CHECK_INT(
			    WIFEXITED(status) ? WEXITSTATUS(status) : -1, 78, "%s", faults[i].name);
		else
			program_stop(world->program, SIGKILL, STOP_MS);
		CHECK(sql_run(superuser, faults[i].mend), "%s", faults[i].name);
	}
	PQfinish(superuser);
	CHECK(program_serve(world->program), "once mended, it serves");
	CHECK(serves(NULL), "once mended, it answers");
}

/* Enough requests in a row for every worker: all are answered alike. The code is NULL for 200. */
static bool
all_answer(void *code)
{
	for (int i = 0; i < 4 * WORKERS; i++) {
		const struct answer *a = world_get(world, WORLD_ACME, path);

		if (code == NULL
			? a->status != 200
			: a->status != 503 || strcmp(document_text(a->json, "code"), code) != 0)
			return false;
	}
	return true;
}

/* The lint is part of loading what workers remember: it runs again when the epoch moves, and when a
 * worker connects anew, which is when a restored or replaced database comes. */
static void
a_database_that_turns_unsafe_is_left(void)
{
	static const char *const occasions[] = {
		"SELECT rowhouse.raise_epoch()",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
		"WHERE usename = '" CLUSTER_APP "'",
	};
	char unsafe[] = "unsafe";
	PGconn *superuser = world_superuser(world);

	for (size_t i = 0; i < SUITE_COUNT(occasions); i++) {
		CHECK(wait_until(all_answer, NULL, STOP_MS), "at first");
		CHECK(sql_run(superuser, "ALTER TABLE comments NO FORCE ROW LEVEL SECURITY"),
		    "plant");
		CHECK(all_answer(NULL), "nobody has looked");
		CHECK(sql_run(superuser, occasions[i]), "%s", occasions[i]);
		CHECK(wait_until(all_answer, unsafe, STOP_MS), "%s", occasions[i]);
		CHECK(sql_run(superuser, "ALTER TABLE comments FORCE ROW LEVEL SECURITY"), "mend");
		CHECK(wait_until(all_answer, NULL, STOP_MS), "mended: %s", occasions[i]);
	}
	PQfinish(superuser);
}

static void
bad_configuration_is_refused(void)
{
	static const struct {
		const char *lines, *said;
	} rows[] = {
		{ "backlog = none", "backlog" }, { "wrokers = 4", "wrokers" },
		{ "request_timeout = 5", "request_timeout" },
		{ "workers = 1", "workers" }, /* a second time */
	};

	program_stop(world->program, SIGTERM, STOP_MS);
	CHECK_INT(
	    program_run(world->program, "serve", "-t", NULL)->exit_code, 0, "a good one passes");
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *file = keep_printf("%s/bad%zu.conf", world->folder, i);
		char *good = file_read(program_conf(world->program), NULL);
		const struct outcome *o;

		CHECK(file_write(file, keep_printf("%s\n%s\n", good, rows[i].lines)), "%s", file);
		free(good);
		o = program_run(world->program, "serve", "-t", "--config", file, NULL);
		CHECK_INT(o->exit_code, 78, "%s: %s", rows[i].lines, o->output);
		CHECK(
		    strstr(o->output, rows[i].said) != NULL && strstr(o->output, ".conf:") != NULL,
		    "%s: the message names file, line and setting: %s", rows[i].lines, o->output);
	}
	CHECK(program_serve(world->program), "serve again");
}

/* -t says whether serve would start, as far as that can be told without a socket or a database. */
static void
a_tested_configuration_starts(void)
{
	static const char *const rows[][2] = {
		{ "ROWHOUSE_SET_USER=nobody-of-that-name", "\"user\"" },
		{ "ROWHOUSE_SET_USER=root", "\"user\"" },
		{ "ROWHOUSE_SET_GROUP=nobody-of-that-name", "\"group\"" },
		{ "ROWHOUSE_SET_TENANT_SOURCES=token,cookie", "\"tenant_sources\"" },
		{ "ROWHOUSE_SET_SECRET_FILE=/nonexistent", "\"secret_file\"" },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *const argv[] = { "env", rows[i][0], sandbox_program(), "serve", "-t",
			"--config", program_conf(world->program), NULL };
		const struct outcome *o =
		    process_run(&(struct process_options){ .argv = argv }, STOP_MS);

		CHECK_INT(o->exit_code, 78, "%s: %s", rows[i][0], o->output);
		CHECK(strstr(o->output, rows[i][1]) != NULL, "%s: %s", rows[i][0], o->output);
	}
}

static const struct suite_test tests[] = {
	{ "SIGTERM under load answers all", sigterm_under_load_answers_all },
	{ "SIGTERM answers the backlog", sigterm_answers_the_backlog },
	{ "a killed worker costs its own request", killed_worker_costs_its_request },
	{ "a killed worker leaves no half answer", killed_worker_leaves_no_half_answer },
	{ "a worker stays small", worker_stays_small },
	{ "a web server that pools connections loses nothing", pooling_web_server_loses_nothing },
	{ "a stopped database is 503 at once", stopped_database_is_503_at_once },
	{ "a restart under load recovers in a second", restart_under_load_recovers_in_a_second },
	{ "serve refuses an unsafe database", serve_refuses_an_unsafe_database },
	{ "a database that turns unsafe is left", a_database_that_turns_unsafe_is_left },
	{ "bad configuration is refused", bad_configuration_is_refused },
	{ "a tested configuration starts", a_tested_configuration_starts },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "processes", begin, end, tests, SUITE_COUNT(tests) });
}
