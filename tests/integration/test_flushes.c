/* SPDX-License-Identifier: BSD-2-Clause */
/* test_flushes.c - how often the program waits for PostgreSQL, counted on the line between them
 *
 * The worker connects to a tap of ours, which passes every byte on and counts the Sync messages
 * (PostgreSQL manual, 55.2.3 and 55.7): one for each time that somebody waits for an answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

/* --- the tap ------------------------------------------------------------------------------- */

enum { CHUNK = 65536, HEAD = 5 };

static struct {
	int listener;
	struct sockaddr_un server; /* PostgreSQL's own socket */
	atomic_size_t syncs;
} tap;

/* What the client has sent so far: the first message has no type. */
struct reader {
	unsigned char head[HEAD];
	size_t head_len;
	uint32_t left; /* of the message's body */
	bool started;
};

static void
take(struct reader *r, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t typed = r->started ? 1 : 0;
		uint32_t size;

		if (r->left > 0) {
			uint32_t skipped = r->left < len - i ? r->left : (uint32_t)(len - i);

			r->left -= skipped;
			i += skipped - 1;
			continue;
		}
		r->head[r->head_len++] = bytes[i];
		if (r->head_len < typed + sizeof(size))
			continue;
		memcpy(&size, r->head + typed, sizeof(size));
		r->left = ntohl(size) - (uint32_t)sizeof(size);
		tap.syncs += r->started && r->head[0] == 'S';
		r->started = true;
		r->head_len = 0;
	}
}

static bool
pass(int from, int to, struct reader *reader)
{
	unsigned char bytes[CHUNK];
	ssize_t n = read(from, bytes, sizeof(bytes));

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (reader != NULL)
		take(reader, bytes, (size_t)n);
	for (ssize_t at = 0, sent; at < n; at += sent)
		if ((sent = write(to, bytes + at, (size_t)(n - at))) <= 0)
			return false;
	return true;
}

static void *
serve_connection(void *argument)
{
	int client = *(int *)argument, server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct reader reader = { .started = false };
	bool open = connect(server, (const struct sockaddr *)&tap.server, sizeof(tap.server)) == 0;

	while (open) {
		struct pollfd ready[] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };

		if (poll(ready, 2, -1) < 0)
			continue;
		if (ready[0].revents != 0)
			open = pass(client, server, &reader);
		if (open && ready[1].revents != 0)
			open = pass(server, client, NULL);
	}
	close(client);
	close(server);
	return NULL;
}

static void *
accept_connections(void *unused)
{
	(void)unused;
	for (;;) {
		int *client = keep_alloc(sizeof(*client));
		pthread_t thread;

		if ((*client = accept4(tap.listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
			return NULL;
		if (pthread_create(&thread, NULL, serve_connection, client) != 0)
			abort();
		pthread_detach(thread);
	}
}

static bool
open_tap(const char *folder)
{
	struct sockaddr_un here = { .sun_family = AF_UNIX };
	pthread_t thread;

	tap.server.sun_family = AF_UNIX;
	snprintf(tap.server.sun_path, sizeof(tap.server.sun_path), "%s/.s.PGSQL.5432",
	    PQhost(superuser));
	snprintf(here.sun_path, sizeof(here.sun_path), "%s/.s.PGSQL.5432", folder);
	tap.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return mkdir(folder, 0755) == 0 &&
	    bind(tap.listener, (const struct sockaddr *)&here, sizeof(here)) == 0 &&
	    chmod(here.sun_path, 0777) == 0 && listen(tap.listener, 16) == 0 &&
	    pthread_create(&thread, NULL, accept_connections, NULL) == 0;
}

static bool
begin(void)
{
	const char *folder;

	if (!writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = 1 }))
		return false;
	folder = keep_printf("%s/tap", world->folder);
	return open_tap(folder) &&
	    world_restart(world,
		keep_printf("database = \"host=%s port=5432 dbname=%s user=%s\"\n", folder,
		    world->database, CLUSTER_APP));
}

/* --- counting ------------------------------------------------------------------------------ */

/* Until the worker knows the token and the catalogue: then a read is one flush. */
static bool
worker_is_warm(void *unused)
{
	size_t before = tap.syncs;

	(void)unused;
	return ask("GET", "/api/posts?limit=1", as_admin, NULL, NULL)->status == 200 &&
	    tap.syncs == before + 1;
}

static size_t
syncs_of(const char *method, const char *path, const char *header, const char *body)
{
	const struct answer *a;
	size_t before;

	CHECK(wait_until(worker_is_warm, NULL, 10000), "the worker is warm");
	before = tap.syncs;
	a = ask(method, path, as_admin, header, body);
	CHECK(a->status >= 200 && a->status < 300, "%s %s: %d %.300s", method, path, a->status,
	    a->body);
	return tap.syncs - before;
}

static const char *
made(const char *path, const char *body)
{
	return keep_printf(
	    "%s", document_text(ask_for(201, "POST", path, as_admin, body)->json, "id"));
}

static const char *
new_post(const char *slug)
{
	return made(
	    "/api/posts", keep_printf("{\"title\":\"t\",\"slug\":\"%s\",\"content\":\"c\"}", slug));
}

/* A user with ten posts, of three comments each. */
static const char *
new_family(void)
{
	const char *user = made("/api/users", "{\"email\":\"flush@x.test\",\"name\":\"n\"}");

	sql_run(superuser,
	    keep_printf("INSERT INTO posts (tenant_id, author_id, title, slug, content) SELECT "
			"'" WORLD_ACME "', '%s', 't', 'family-' || n, 'c' FROM generate_series(1, "
			"10) n; INSERT INTO comments (tenant_id, post_id, author_id, content) "
			"SELECT '" WORLD_ACME "', p.id, '%s', 'c' FROM posts p, generate_series(1, "
			"3) WHERE p.author_id = '%s'",
		user, person_id("mod"), user));
	return user;
}

static void
each_kind_of_write_has_its_flushes(void)
{
	const char *post = keep_printf("/api/posts/%s", new_post("flush-0"));
	const char *user = keep_printf("/api/users/%s", new_family());
	const struct {
		const char *what, *method, *path, *header, *body;
		size_t flushes;
	} rows[] = {
		{ "a read", "GET", post, NULL, NULL, 1 },
		{ "an update", "PATCH", post, NULL, "{\"title\":\"u\"}", 1 },
		{ "a create", "POST", "/api/posts", NULL,
		    "{\"title\":\"t\",\"slug\":\"flush-1\",\"content\":\"c\"}", 1 },
		{ "three creates", "POST", "/api/posts", NULL,
		    "[{\"title\":\"t\",\"slug\":\"flush-2\",\"content\":\"c\"},"
		    "{\"title\":\"t\",\"slug\":\"flush-3\",\"content\":\"c\"},"
		    "{\"title\":\"t\",\"slug\":\"flush-4\",\"content\":\"c\"}]",
		    1 },
		{ "a nested create", "POST", "/api/posts", NULL,
		    "{\"title\":\"t\",\"slug\":\"flush-5\",\"content\":\"c\","
		    "\"comments\":{\"create\":[{\"content\":\"a\"},{\"content\":\"b\"}]}}",
		    1 },
		{ "a create whose id PostgreSQL makes", "POST", "/api/products", NULL,
		    "{\"name\":\"n\",\"price\":1}", 2 },
		{ "a deletion of 41 rows", "DELETE", user, NULL, NULL, 1 },
		{ "a restoration of 41 rows", "POST", keep_printf("%s/restore", user), NULL, NULL,
		    2 },
		{ "an update by filter", "PATCH", "/api/posts?filter.slug=$in:flush-2,flush-3",
		    NULL, "{\"excerpt\":\"e\"}", 2 },
		{ "a deletion by filter", "DELETE", "/api/posts?filter.slug=$in:flush-2,flush-3",
		    NULL, NULL, 2 },
		{ "an update with a key", "PATCH", post, "Idempotency-Key: flush-6",
		    "{\"title\":\"v\"}", 2 },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++)
		CHECK_INT(syncs_of(rows[i].method, rows[i].path, rows[i].header, rows[i].body),
		    rows[i].flushes, "%s", rows[i].what);
}

/* The control: a request that has to go again is counted as often as it goes. */
static void
what_goes_again_is_counted(void)
{
	const char *post = keep_printf("/api/posts/%s", new_post("flush-9"));
	size_t before;

	CHECK(wait_until(worker_is_warm, NULL, 10000), "the worker is warm");
	sql_run(superuser, "SELECT rowhouse.raise_epoch()");
	before = tap.syncs;
	ask_for(200, "PATCH", post, as_admin, "{\"title\":\"again\"}");
	CHECK(tap.syncs > before + 2, "%zu flushes", tap.syncs - before);
}

static const struct suite_test tests[] = {
	{ "each kind of write has its flushes", each_kind_of_write_has_its_flushes },
	{ "what goes again is counted", what_goes_again_is_counted },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "flushes", begin, writing_end, tests, SUITE_COUNT(tests) });
}
