/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cache.c - answers that are kept: as new as the last acknowledged write, whoever dies
 *
 * A change made by hand in SQL says nothing to anybody, so an answer that does not show it came
 * from the cache, and one that does was computed. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/program.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/webserver.h"
#include "support/writing.h"

enum { WORKERS = 8, READERS = 8, WRITES = 40, COME_MS = 10000 };

#define POPULAR "/api/posts/popular"

static const char *subject; /* the one with the most comments of acme */

/* A second host: its own supervisor and web server, the same database. */
static struct program *other;
static struct webserver *other_web;
static struct client *other_client;

static bool
begin_other(void)
{
	const char *folder = keep_printf("%s/other", world->folder), *socket;

	if (mkdir(folder, 0755) != 0)
		return false;
	other = program_new(folder,
	    keep_printf("workers = 2\ndatabase = \"%s\"\napp_role = %s\nsecret_file = %s\n"
			"handlers = on\n",
		cluster_conninfo(world->cluster, world->database, CLUSTER_APP), CLUSTER_APP,
		world->secret_file));
	socket = program_socket(other);
	return program_serve(other) && (other_web = webserver_start(folder, socket)) != NULL &&
	    (other_client = client_new(webserver_url(other_web))) != NULL;
}

static void
end(void)
{
	if (other_client != NULL)
		client_free(other_client);
	webserver_stop(other_web);
	if (other != NULL)
		program_stop(other, SIGTERM, COME_MS);
	writing_end();
}

/* --- looking ------------------------------------------------------------------------------- */

static const struct answer *
popular_at(struct client *client, const char *token)
{
	return client_request(
	    client, "GET", POPULAR, (const char *const[]){ bearer_header(token), NULL }, NULL);
}

/* A text of the post in an answer; "(none)" when it is not there. */
static const char *
told_of(const struct answer *a, const char *what)
{
	for (size_t i = 0; a->status == 200 && i < document_count(a->json, "data"); i++)
		if (strcmp(document_text(a->json, keep_printf("data.%zu.id", i)), subject) == 0)
			return keep_printf(
			    "%s", document_text(a->json, keep_printf("data.%zu.%s", i, what)));
	return "(none)";
}

static const char *
shown_at(struct client *client)
{
	return told_of(popular_at(client, as_user), "title");
}

static void
set_by_hand(const char *title)
{
	sql_run(superuser,
	    keep_printf("UPDATE posts SET title = '%s' WHERE id = '%s' AND tenant_id = '" WORLD_ACME
			"'",
		title, subject));
}

static const struct answer *
set_by_api(const char *title)
{
	return ask("PATCH", keep_printf("/api/posts/%s", subject), as_admin, NULL,
	    keep_printf("{\"title\":\"%s\"}", title));
}

static void
name_author(const char *name)
{
	sql_run(superuser,
	    keep_printf("UPDATE users SET name = '%s' WHERE tenant_id = '" WORLD_ACME
			"' AND id = (SELECT author_id FROM posts WHERE tenant_id = '" WORLD_ACME
			"' AND id = '%s')",
		name, subject));
}

/* Whether a host answers from its cache: the author's name that was changed by hand is not seen. */
static bool
is_kept_at(struct client *client)
{
	static int number;
	const char *before = told_of(popular_at(client, as_user), "author.name");
	const char *now = keep_printf("Author %d", ++number);

	name_author(now);
	return strcmp(told_of(popular_at(client, as_user), "author.name"), before) == 0 &&
	    strcmp(before, now) != 0;
}

static bool
keeps(void *client)
{
	return is_kept_at(client);
}

static bool
comes_to_keep(struct client *client)
{
	return wait_until(keeps, client, COME_MS);
}

struct expected {
	struct client *client;
	const char *title;
};

static bool
is_shown(void *expected)
{
	const struct expected *e = expected;

	return strcmp(shown_at(e->client), e->title) == 0;
}

static bool
comes_to_show(struct client *client, const char *title)
{
	return wait_until(is_shown, &(struct expected){ client, title }, COME_MS);
}

/* Processes of a supervisor that hear what other hosts write, or that do not. */
static size_t
children_of(struct program *program, bool subscriber, pid_t *out, size_t max)
{
	pid_t all[64];
	size_t count = process_children(program_pid(program), all, 64), found = 0;

	for (size_t i = 0; i < count && found < max; i++) {
		char *comm = file_read(keep_printf("/proc/%d/comm", (int)all[i]), NULL);

		if (comm != NULL && (strcmp(comm, "rowhouse-cache\n") == 0) == subscriber)
			out[found++] = all[i];
		free(comm);
	}
	return found;
}

static bool
begin(void)
{
	if (!writing_begin(&(struct world_options){
		.roles = CLUSTER_TWO_ROLES, .workers = WORKERS, .settings = "handlers = on\n" }))
		return false;
	subject =
	    keep_printf("%s", document_text(popular_at(world->client, as_user)->json, "data.0.id"));
	set_by_api("first");
	return comes_to_keep(world->client) && begin_other() && comes_to_keep(other_client);
}

/* --- what is kept -------------------------------------------------------------------------- */

static void
an_answer_is_kept_until_a_write(void)
{
	const struct answer *first, *second;

	CHECK(is_kept_at(world->client), "nothing was written");
	first = popular_at(world->client, as_user);
	second = popular_at(world->client, as_user);
	CHECK_TEXT(second->body, first->body, "the same bytes");
	CHECK_TEXT(answer_header(second, "ETag"), answer_header(first, "ETag"), "and tag");
	CHECK_TEXT(answer_header(second, "Content-Type"), answer_header(first, "Content-Type"),
	    "and headers");
	second = client_request(world->client, "GET", POPULAR,
	    (const char *const[]){ bearer_header(as_user),
		keep_printf("If-None-Match: %s", answer_header(first, "ETag")), NULL },
	    NULL);
	CHECK_INT(second->status, 304, "a tag that was kept");
	CHECK_INT(set_by_api("by the API")->status, 200, "a write");
	CHECK_TEXT(shown_at(world->client), "by the API", "is seen at once");
	CHECK(comes_to_keep(world->client), "and kept again");
	ask_for(201, "POST", keep_printf("/api/posts/%s/comments", subject), as_user,
	    "{\"content\":\"one more\"}");
	CHECK_INT(strtol(told_of(popular_at(world->client, as_user), "_count.comments"), NULL, 10),
	    strtol(told_of(first, "_count.comments"), NULL, 10) + 1, "a comment counts");
}

static void
another_tenant_has_its_own(void)
{
	CHECK(comes_to_keep(world->client), "kept");
	CHECK_TEXT(told_of(popular_at(world->client, as_stranger), "title"), "(none)",
	    "nothing of acme's for globex");
	CHECK(
	    strstr(popular_at(world->client, as_stranger)->body, "by the API") == NULL, "no title");
	CHECK(!document_has(
		  ask("GET", POPULAR "?select=id", as_user, NULL, NULL)->json, "data.0.title"),
	    "who asks for less gets less");
}

/* Another role may see other rows, so it has answers of its own. */
static void
another_class_has_its_own(void)
{
	const char *before;

	CHECK(comes_to_keep(world->client), "kept for a user");
	before = shown_at(world->client);
	set_by_hand("for an admin");
	CHECK_TEXT(told_of(popular_at(world->client, as_admin), "title"), "for an admin",
	    "computed for an admin");
	CHECK_TEXT(shown_at(world->client), before, "kept for a user");
}

/* What is kept is shown to nobody who was shut out a moment ago. */
static void
who_is_shut_out_sees_nothing(void)
{
	CHECK_INT(popular_at(world->client, as_stranger)->status, 200, "before");
	CHECK_INT(popular_at(world->client, as_stranger)->status, 200, "kept");
	sql_run(superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'suspended')");
	for (int i = 0; i < WORKERS; i++)
		CHECK_INT(popular_at(world->client, as_stranger)->status, 403, "suspended");
	sql_run(superuser, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'active')");
	CHECK_INT(popular_at(world->client, as_stranger)->status, 200, "behind");
}

/* With a key COMMIT is sent in a flush of its own. */
static void
a_write_with_a_key_is_seen(void)
{
	CHECK(comes_to_keep(world->client), "kept");
	CHECK_INT(ask("PATCH", keep_printf("/api/posts/%s", subject), as_admin,
		      "Idempotency-Key: cache-1", "{\"title\":\"with a key\"}")
		      ->status,
	    200, "a write");
	CHECK_TEXT(shown_at(world->client), "with a key", "is seen at once");
}

/* POST publish of a published post changes nothing, but forgets by name (row D16). */
static void
a_name_is_forgotten(void)
{
	const char *before;

	CHECK(comes_to_keep(world->client), "kept");
	before = shown_at(world->client);
	set_by_hand("nobody told");
	CHECK_TEXT(shown_at(world->client), before, "still kept");
	ask_for(200, "POST", keep_printf("/api/posts/%s/publish", subject), as_admin, NULL);
	CHECK_TEXT(shown_at(world->client), "nobody told", "forgotten here");
	CHECK(comes_to_show(other_client, "nobody told"), "and there");
}

/* --- readers and a writer ------------------------------------------------------------------ */

struct race {
	_Atomic long acknowledged;
	_Atomic bool over;
	_Atomic long reads, stale;
	bool by_hand;
};

static long
number_in(const char *title)
{
	return strncmp(title, "number ", 7) == 0 ? strtol(title + 7, NULL, 10) : -1;
}

static void *
read_on(void *context)
{
	struct race *race = context;
	struct client *client = client_new(webserver_url(world->webserver));

	while (!atomic_load(&race->over)) {
		long acknowledged = atomic_load(&race->acknowledged);
		long seen = number_in(shown_at(client));

		if (seen < 0)
			continue;
		atomic_fetch_add(&race->reads, 1);
		atomic_fetch_add(&race->stale, seen < acknowledged);
	}
	client_free(client);
	return NULL;
}

static void
write_numbers(struct race *race)
{
	for (long n = 1; n <= WRITES; n++) {
		const char *title = keep_printf("number %ld", n);

		if (race->by_hand)
			set_by_hand(title);
		if (race->by_hand || set_by_api(title)->status == 200)
			atomic_store(&race->acknowledged, n);
		/* Something is kept between two writes. */
		for (long until = atomic_load(&race->reads) + READERS;
		     atomic_load(&race->reads) < until;)
			pause_ms(1);
	}
}

static void
race(struct race *race)
{
	pthread_t readers[READERS];

	set_by_api("number 0");
	for (size_t i = 0; i < READERS; i++)
		if (pthread_create(&readers[i], NULL, read_on, race) != 0)
			abort();
	write_numbers(race);
	atomic_store(&race->over, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
}

static void
no_answer_is_older_than_a_write(void)
{
	struct race told = { 0 }, untold = { .by_hand = true };

	race(&told);
	CHECK_INT(told.acknowledged, WRITES, "all were acknowledged");
	CHECK_INT(told.stale, 0, "of %ld reads", (long)told.reads);
	race(&untold);
	CHECK(untold.stale > 0, "control: of %ld reads", (long)untold.reads);
	set_by_api("calm");
}

/* --- a COMMIT that takes long -------------------------------------------------------------- */

/* PostgreSQL waits in every COMMIT for a standby that is none; then that nobody can see what it
 * has committed. The superuser's own do not wait. */
static void
hold_commits(bool hold)
{
	sql_run(superuser, "SET synchronous_commit = local");
	sql_run(superuser,
	    hold ? "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
		 : "ALTER SYSTEM RESET synchronous_standby_names");
	sql_run(superuser, "SELECT pg_reload_conf()");
}

static bool
is_committing(void *unused)
{
	(void)unused;
	return strcmp(look("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
		   "0") != 0;
}

static bool
is_committed(void *title)
{
	return strcmp(
		   look("SELECT title FROM posts WHERE tenant_id = '" WORLD_ACME "' AND id = '%s'",
		       subject),
		   title) == 0;
}

struct write {
	pthread_t thread;
	const char *title;
	int status;
};

static void *
write_slowly(void *context)
{
	struct write *w = context;
	struct client *client = client_new(webserver_url(world->webserver));

	w->status = client_send(client, "PATCH", keep_printf("/api/posts/%s", subject), as_admin,
	    keep_printf("{\"title\":\"%s\"}", w->title))
			->status;
	client_free(client);
	return NULL;
}

/* A write that stands in its COMMIT. Whether the held setting has reached everybody is seen by
 * that: one that slipped through is made again. */
static bool
begin_write(struct write *w, const char *title)
{
	CHECK(comes_to_keep(world->client), "kept");
	hold_commits(true);
	for (int i = 0; i < 20; i++) {
		w->title = keep_printf("%s %d", title, i);
		if (pthread_create(&w->thread, NULL, write_slowly, w) != 0)
			abort();
		if (wait_until(is_committing, NULL, 1000))
			return true;
		pthread_join(w->thread, NULL);
	}
	hold_commits(false);
	return CHECK(false, "no COMMIT was held");
}

static void
signal_workers(int signal)
{
	pid_t workers[64];
	size_t count = children_of(world->program, false, workers, 64);

	CHECK_INT(count, WORKERS, "workers");
	for (size_t i = 0; i < count; i++)
		kill(workers[i], signal);
}

static bool
answers(void *unused)
{
	(void)unused;
	return popular_at(world->client, as_user)->status == 200;
}

/* Killed between COMMIT and the second raise: what was read before it is not kept, and what comes
 * behind is new. */
static void
a_worker_dies_behind_its_commit(void)
{
	struct write w;

	if (!begin_write(&w, "behind"))
		return;
	for (int i = 0; i < 5; i++)
		CHECK(!is_kept_at(world->client), "nobody can tell what is true");
	signal_workers(SIGSTOP);
	hold_commits(false);
	CHECK(wait_until(is_committed, (void *)(uintptr_t)w.title, COME_MS), "committed");
	signal_workers(SIGKILL);
	CHECK(wait_until(answers, NULL, COME_MS), "workers are back");
	pthread_join(w.thread, NULL);
	CHECK_TEXT(shown_at(world->client), w.title, "seen at once");
	CHECK(comes_to_keep(world->client), "kept again");
	CHECK_TEXT(shown_at(world->client), w.title, "what is true");
}

/* Killed while PostgreSQL is still at the COMMIT: the old row is read and kept by others, which is
 * right, until the COMMIT is done; its notification tells. */
static void
a_worker_dies_before_its_commit(void)
{
	struct write w;

	if (!begin_write(&w, "before"))
		return;
	signal_workers(SIGKILL);
	pthread_join(w.thread, NULL);
	CHECK(w.status != 200, "not acknowledged: %d", w.status);
	CHECK(comes_to_keep(world->client), "the old one is kept");
	CHECK(strcmp(shown_at(world->client), w.title) != 0, "not committed yet");
	hold_commits(false);
	CHECK(wait_until(is_committed, (void *)(uintptr_t)w.title, COME_MS), "committed");
	CHECK(comes_to_show(world->client, w.title), "and seen");
}

/* --- two hosts ----------------------------------------------------------------------------- */

static void
another_host_hears_of_a_write(void)
{
	for (int i = 0; i < 10; i++) {
		const char *title = keep_printf("heard %d", i);

		CHECK(comes_to_keep(other_client), "kept there");
		CHECK_INT(set_by_api(title)->status, 200, "a write here");
		CHECK(comes_to_show(other_client, title), "seen there");
	}
}

static pid_t
subscriber_there(void)
{
	pid_t pid = 0;

	CHECK_INT(children_of(other, true, &pid, 1), 1, "one subscriber");
	return pid;
}

static void
a_dead_subscriber_empties_the_cache(void)
{
	CHECK(comes_to_keep(other_client), "kept there");
	kill(subscriber_there(), SIGKILL);
	set_by_api("while nobody listened");
	CHECK(comes_to_show(other_client, "while nobody listened"), "seen there");
	CHECK(comes_to_keep(other_client), "kept again, with a new one");
	CHECK_TEXT(shown_at(other_client), "while nobody listened", "what is true");
}

static void
a_lost_connection_empties_the_cache(void)
{
	CHECK(comes_to_keep(other_client), "kept there");
	CHECK(strtol(look("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
			  "query IN ('LISTEN rowhouse_cache', 'SELECT 1')"),
		  NULL, 10) >= 2,
	    "both hosts' listeners");
	set_by_api("while none was connected");
	CHECK(comes_to_show(other_client, "while none was connected"), "seen there");
	CHECK(comes_to_keep(other_client) && comes_to_keep(world->client), "kept again");
	CHECK_TEXT(shown_at(other_client), "while none was connected", "what is true");
}

/* One that is there but does nothing keeps its lease for three seconds at most. */
static void
a_hung_subscriber_empties_the_cache(void)
{
	pid_t pid = subscriber_there();

	CHECK(comes_to_keep(other_client), "kept there");
	kill(pid, SIGSTOP);
	set_by_api("while it hung");
	CHECK(comes_to_show(other_client, "while it hung"), "seen there");
	CHECK(!is_kept_at(other_client), "off");
	kill(pid, SIGCONT);
	CHECK(comes_to_keep(other_client), "on again");
}

static const struct suite_test tests[] = {
	{ "an answer is kept until a write", an_answer_is_kept_until_a_write },
	{ "another tenant has its own", another_tenant_has_its_own },
	{ "another class has its own", another_class_has_its_own },
	{ "who is shut out sees nothing", who_is_shut_out_sees_nothing },
	{ "a write with a key is seen", a_write_with_a_key_is_seen },
	{ "a name is forgotten", a_name_is_forgotten },
	{ "no answer is older than a write", no_answer_is_older_than_a_write },
	{ "a worker dies behind its COMMIT", a_worker_dies_behind_its_commit },
	{ "a worker dies before its COMMIT", a_worker_dies_before_its_commit },
	{ "another host hears of a write", another_host_hears_of_a_write },
	{ "a dead subscriber empties the cache", a_dead_subscriber_empties_the_cache },
	{ "a lost connection empties the cache", a_lost_connection_empties_the_cache },
	{ "a hung subscriber empties the cache", a_hung_subscriber_empties_the_cache },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "cache", begin, end, tests, SUITE_COUNT(tests) });
}
