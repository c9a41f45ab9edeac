/* SPDX-License-Identifier: BSD-2-Clause */
/* test_exports.c - whole lists as CSV and NDJSON: what is in them, what they cost, and how they
 * break */
#include <json-c/json.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/document.h"
#include "support/fastcgi.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"
#include "support/world.h"

enum { FLAT_ROWS = 200000, FLAT_KIB = 8 << 10, WORKERS = 3, STALL_MS = 1500 };

static struct world *world;
static PGconn *superuser;

/* sheets: every kind of cell. flats: many rows. bulks: 150 MB on the wire, which PostgreSQL keeps
 * in next to nothing. */
static const char tables[] =
    "CREATE TYPE mood AS ENUM ('GOOD', 'BAD');"
    "CREATE TABLE sheets (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    " n int NOT NULL, word text, amount numeric, yes boolean, tags text[], data jsonb, mood mood,"
    " at timestamptz, day date, secret text, PRIMARY KEY (tenant_id, id));"
    "SELECT rowhouse.model('sheets', soft_delete => true, hidden => '{secret}',"
    " sortable => '{n}', default_sort => '{n:ASC}', filterable => '{\"n\": [\"$lte\"]}');"
    "CREATE TABLE flats (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    " n int NOT NULL, word text NOT NULL, PRIMARY KEY (tenant_id, id));"
    "SELECT rowhouse.model('flats', sortable => '{n}', default_sort => '{n:ASC}');"
    "CREATE TABLE bulks (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    " word text NOT NULL, PRIMARY KEY (tenant_id, id));"
    "SELECT rowhouse.model('bulks')";

static const char rows[] =
    "INSERT INTO sheets (tenant_id, n, word, amount, yes, tags, data, mood, at, day, secret) VALUES"
    " ('" WORLD_ACME "', 1, 'a, \"b\"', 1.50, true, '{x,\"y z\"}', '{\"k\": [1, \"=2\"]}', 'GOOD',"
    "  '2026-03-29 01:04:05.0671Z', '2026-03-29', 'hush'),"
    " ('" WORLD_ACME "', 2, E'two\\nlines', -2, false, '{}', 'null', 'BAD', NULL, NULL, 'hush'),"
    " ('" WORLD_ACME "', 3, '=1+1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'hush'),"
    " ('" WORLD_GLOBEX "', 4, 'foreign', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'hush');"
    "INSERT INTO sheets (tenant_id, n, deleted_at) VALUES ('" WORLD_ACME "', 5, now());"
    "INSERT INTO flats (tenant_id, n, word) SELECT '" WORLD_ACME "', i, md5(i::text)"
    " FROM generate_series(1, 200000) AS i;"
    "INSERT INTO bulks (tenant_id, word) SELECT '" WORLD_ACME "', repeat('x', 100000)"
    " FROM generate_series(1, 1500); ANALYZE";

static bool
begin(void)
{
	PGconn *owner;
	bool ok;

	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
	    .workers = WORKERS,
	    .settings = "export_workers = 1\nexport_stall_timeout = 1500ms\n" });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	owner = world_owner(world);
	ok = sql_run(owner, tables) && sql_run(superuser, rows) && world_sign_in(world, "user");
	PQfinish(owner);
	return ok;
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

static const struct answer *
export_by(struct client *client, const char *path, const char *accept)
{
	const char *const headers[] = { bearer_header(client_token(world->client, WORLD_ACME)),
		keep_printf("Accept: %s", accept), NULL };

	return client_request(client, "GET", path, headers, NULL);
}

static const struct answer *export(const char *path, const char *accept)
{
	return export_by(world->client, path, accept);
}

/* Written by hand from RFC 4180 and DESIGN 4: numbers keep their sign, a formula does not run. */
static void
csv_is_what_is_stored(void)
{
	const struct answer *a =
	    export("/api/sheets?select=id,n,word,amount,yes,tags,data,mood,at,day", "text/csv");
	const char *head = "id,n,word,amount,yes,tags,data,mood,at,day\r\n", *at;
	static const char *const none[] = { NULL };
	static const char *const cells[] = {
		(",1,\"a, \"\"b\"\"\",1.50,true,\"[\"\"x\"\",\"\"y z\"\"]\","
		 "\"{\"\"k\"\": [1, \"\"=2\"\"]}\",GOOD,2026-03-29T01:04:05.067Z,2026-03-29\r\n"),
		",2,\"two\nlines\",-2,false,[],null,BAD,,\r\n",
		",3,'=1+1,,,,,,,\r\n",
	};

	CHECK_INT(a->error, CURLE_OK, "%s", a->body);
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_TEXT(
	    answer_header(a, "Content-Type"), "text/csv; charset=utf-8; header=present", "type");
	CHECK(strstr(answer_headers_but(a, none), "Vary: Accept\n") != NULL, "Vary");
	CHECK_TEXT(answer_header(a, "Cache-Control"), "no-store", "Cache-Control");
	CHECK(answer_header(a, "X-Request-Id") != NULL, "X-Request-Id");
	if (!CHECK(strncmp(a->body, head, strlen(head)) == 0, "%s", a->body))
		return;
	at = a->body + strlen(head);
	for (size_t i = 0; i < SUITE_COUNT(cells); i++) {
		CHECK(strncmp(at + 36, cells[i], strlen(cells[i])) == 0, "row %zu: %s", i, at);
		at += 36 + strlen(cells[i]);
	}
	CHECK_TEXT(at, "", "and nothing else");
	a = client_request(world->client, "HEAD", "/api/sheets",
	    (const char *const[]){
		bearer_header(client_token(world->client, WORLD_ACME)), "Accept: text/csv", NULL },
	    NULL);
	CHECK_INT(a->status, 200, "HEAD");
	CHECK_TEXT(
	    answer_header(a, "Content-Type"), "text/csv; charset=utf-8; header=present", "HEAD");
	CHECK_TEXT(answer_header(a, "Content-Length"), NULL, "HEAD");
	/* Of no row there is the header line. */
	a = export("/api/sheets?filter.n=$lte:0&select=n,word", "text/csv");
	CHECK_TEXT(a->body, "n,word\r\n", "%s", a->body);
}

/* What the SQL says, a line for each row of it. */
static const char *
lines_of(const char *head, const char *sql)
{
	return keep_printf("%s\r\n%s", head,
	    sql_value(superuser,
		keep_printf(
		    "SELECT string_agg(line || E'\\r\\n', '' ORDER BY n) FROM (%s) AS r", sql)));
}

#define LIVE(a) a ".tenant_id = '" WORLD_ACME "' AND " a ".deleted_at IS NULL"

/* One related row has its columns beside the row's own, and many are counted; the cells of who is
 * not there are empty. */
static void
csv_has_one_related_row(void)
{
	static const char from[] = " FROM posts p LEFT JOIN users u ON " LIVE(
	    "u") " AND u.id = p.author_id"
		 " LEFT JOIN profiles f ON " LIVE("f") " AND f.user_id = u.id WHERE " LIVE("p");
	static const char line[] =
	    "concat_ws(',', p.slug, coalesce(u.email, ''), coalesce(f.website, ''),"
	    " (SELECT count(*) FROM comments c WHERE " LIVE("c") " AND c.post_id = p.id)::text)";
	static const char head[] = "slug,author.email,author.profile.website,_count.comments";
	static const char select[] =
	    "select=slug,author.email,author.profile.website,_count.comments";
	const struct answer *a =
	    export(keep_printf("/api/posts?sortBy=slug&%s", select), "text/csv");

	CHECK_INT(a->status, 200, "%.300s", a->body);
	CHECK_TEXT(a->body,
	    lines_of(head,
		keep_printf("SELECT %s AS line, row_number() OVER (ORDER BY p.slug, p.id) AS n%s",
		    line, from)),
	    "related cells");
	/* The first post of each author, of both formats. */
	a = export(keep_printf("/api/posts?distinct=authorId&sortBy=slug&%s", select), "text/csv");
	CHECK_TEXT(a->body,
	    lines_of(head,
		keep_printf("SELECT DISTINCT ON (p.author_id) %s AS line, p.slug AS n%s "
			    "ORDER BY p.author_id, p.slug",
		    line, from)),
	    "distinct");
	a = export("/api/posts?distinct=authorId&sortBy=slug&select=slug", "application/x-ndjson");
	CHECK_TEXT(a->body,
	    sql_value(superuser,
		"SELECT string_agg('{\"slug\":\"' || slug || E'\"}\\n', '' ORDER BY slug)"
		" || '{\"_complete\":{\"rows\":' || count(*) || E'}}\\n' FROM (SELECT DISTINCT ON"
		" (author_id) slug FROM posts p WHERE " LIVE(
		    "p") " ORDER BY author_id, slug) AS p"),
	    "distinct");
}

/* The lines of NDJSON are the rows of the JSON list, then the line that says it is whole. */
static void
ndjson_is_the_list(void)
{
	static const char path[] =
	    "/api/posts?sortBy=title&include=author,comments(limit:2),_count";
	const struct answer *whole = export(path, "application/x-ndjson"), *page = NULL;
	const char *at = whole->body;
	size_t n = 0;

	CHECK_INT(whole->status, 200, "%.300s", whole->body);
	CHECK_TEXT(answer_header(whole, "Content-Type"), "application/x-ndjson", "type");
	for (int number = 1; number < 100; number++) {
		page = client_getf(world->client, WORLD_ACME, "%s&limit=100&page=%d", path, number);
		if (!CHECK_INT(page->status, 200, "%.300s", page->body))
			return;
		for (size_t i = 0; i < document_count(page->json, "data"); i++, n++) {
			size_t len = strcspn(at, "\n");
			struct json_object *row = json_tokener_parse(keep_copy(at, len));

			CHECK_TEXT(row != NULL
				? json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN)
				: "no JSON",
			    document_text(page->json, keep_printf("data.%zu", i)), "row %zu", n);
			json_object_put(row);
			at += len + (at[len] == '\n');
		}
		if (document_at(page->json, "links.next") == NULL)
			break;
	}
	CHECK(n > 100, "%zu rows are more than a page", n);
	CHECK_TEXT(at, keep_printf("{\"_complete\":{\"rows\":%zu}}\n", n), "the last line");
}

static void
accept_is_negotiated(void)
{
	static const struct {
		const char *accept, *type;
		int status;
	} asked[] = {
		{ "*/*", "application/json", 200 },
		{ "text/csv", "text/csv; charset=utf-8; header=present", 200 },
		{ "TEXT/CSV;q=0.5, application/x-ndjson;q=0.7", "application/x-ndjson", 200 },
		{ "text/*, application/json;q=0.2", "text/csv; charset=utf-8; header=present",
		    200 },
		{ "text/csv, application/json", "application/json", 200 },
		{ "text/csv;q=0, */*", "application/json", 200 },
		{ "text/html, */*;q=0.1", "application/json", 200 },
		{ "text/html", "application/problem+json", 406 },
		{ "application/json;q=0", "application/problem+json", 406 },
	};

	for (size_t i = 0; i < SUITE_COUNT(asked); i++) {
		const struct answer *a = export("/api/sheets", asked[i].accept);

		CHECK_INT(a->status, asked[i].status, "%s: %.200s", asked[i].accept, a->body);
		CHECK_TEXT(answer_header(a, "Content-Type"), asked[i].type, "%s", asked[i].accept);
	}
}

/* What is wrong before the first row is an answer like any other. */
static void
faults_are_problems(void)
{
	static const struct {
		const char *path, *pointer;
		int status;
	} asked[] = {
		{ "/api/sheets?limit=5", "/query/limit", 400 },
		{ "/api/sheets?page=1", "/query/page", 400 },
		{ "/api/sheets?after=", "/query/after", 400 },
		{ "/api/sheets?count=none", "/query/count", 400 },
		{ "/api/sheets?sortBy=secret", "/query/sortBy/0", 400 },
		{ "/api/posts?include=comments", "/query/include", 400 },
		{ "/api/posts?select=id,author.posts.id", "/query/include", 400 },
		{ "/api/nothing", "", 404 },
	};

	for (size_t i = 0; i < SUITE_COUNT(asked); i++) {
		const struct answer *a = export(asked[i].path, "text/csv");

		CHECK_INT(a->status, asked[i].status, "%s: %.200s", asked[i].path, a->body);
		CHECK_TEXT(document_text(a->json, "errors.0.pointer"), asked[i].pointer, "%s",
		    asked[i].path);
	}
	CHECK_INT(
	    client_request(world->client, "GET", "/api/posts",
		(const char *const[]){ "Accept: text/csv", "X-Tenant-Id: " WORLD_ACME, NULL }, NULL)
		->status,
	    403, "nobody says for whom");
	/* A model that was registered a moment ago: the worker learns of it and asks again. */
	{
		PGconn *owner = world_owner(world);

		sql_run(owner,
		    "CREATE TABLE freshes (tenant_id uuid NOT NULL, id uuid NOT NULL,"
		    " PRIMARY KEY (tenant_id, id)); SELECT rowhouse.model('freshes')");
		PQfinish(owner);
		CHECK_INT(export("/api/freshes", "text/csv")->status, 200, "a new epoch");
	}
}

/* --- cost ------------------------------------------------------------------------------------- */

/* The most memory a process ever had, in KiB. */
static long
peak_kib(pid_t pid)
{
	FILE *file = fopen(keep_printf("/proc/%d/status", (int)pid), "r");
	char line[256];
	long kib = -1;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmHWM: %ld kB", &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return kib;
}

static long
peak_of_all(void)
{
	pid_t pids[WORKERS];
	size_t count = program_workers(world->program, pids, WORKERS);
	long most = 0;

	for (size_t i = 0; i < count; i++)
		if (peak_kib(pids[i]) > most)
			most = peak_kib(pids[i]);
	return most;
}

static void
memory_stays_flat(void)
{
	static const char *const types[] = { "text/csv", "application/x-ndjson" };
	long before;

	for (int i = 0; i < 4 * WORKERS; i++)
		export("/api/posts", "text/csv");
	before = peak_of_all();
	for (size_t i = 0; i < SUITE_COUNT(types); i++) {
		const struct answer *a = export("/api/flats", types[i]);
		size_t lines = 0;

		for (const char *at = a->body; (at = strchr(at, '\n')) != NULL; at++)
			lines++;
		CHECK_INT(a->error, CURLE_OK, "%s", types[i]);
		CHECK_INT(lines, FLAT_ROWS + 1, "%s", types[i]);
		CHECK(a->body_len > FLAT_ROWS * 60, "%zu bytes", a->body_len);
	}
	CHECK(peak_of_all() - before <= FLAT_KIB, "from %ld to %ld KiB", before, peak_of_all());
}

/* --- breaking --------------------------------------------------------------------------------- */

/* A client that reads so slowly that nginx cannot buffer it all. */
struct slow {
	const char *url, *bearer;
	curl_off_t bytes_per_s;
	CURLcode error;
	long status;
	size_t got;
	char tail[64]; /* the last bytes */
};

static size_t
take(char *bytes, size_t size, size_t count, void *context)
{
	struct slow *slow = context;
	size_t len = size * count, kept = sizeof(slow->tail) - 1;

	slow->got += len;
	if (len >= kept)
		memcpy(slow->tail, bytes + len - kept, kept);
	else {
		memmove(slow->tail, slow->tail + len, kept - len);
		memcpy(slow->tail + kept - len, bytes, len);
	}
	return len;
}

static void *
read_slowly(void *context)
{
	struct slow *slow = context;
	CURL *curl = curl_easy_init();
	struct curl_slist *list = curl_slist_append(NULL, slow->bearer);

	list = curl_slist_append(list, "Accept: application/x-ndjson");
	curl_easy_setopt(curl, CURLOPT_URL, slow->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, slow);
	curl_easy_setopt(curl, CURLOPT_MAX_RECV_SPEED_LARGE, slow->bytes_per_s);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	slow->error = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &slow->status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(list);
	return NULL;
}

static bool
export_is_running(void)
{
	return strcmp(sql_value(superuser,
			  "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
			  "AND usename = '" CLUSTER_APP "' AND query LIKE '%bulks%'"),
		   "0") != 0;
}

static bool
export_began(void *context)
{
	(void)context;
	return export_is_running();
}

/* The lines of the log about exports in this state. */
static size_t
told(const char *state)
{
	const char *wanted = keep_printf("\"state\":\"%s\"", state);
	size_t count = 0;

	for (const char *at = program_log(world->program); (at = strstr(at, wanted)) != NULL; at++)
		count++;
	return count;
}

struct waiting {
	size_t told_before;
};

/* It is long enough on its way to have been told in the log. */
static bool
is_under_way(void *context)
{
	const struct waiting *waiting = context;

	return told("running") > waiting->told_before && export_is_running();
}

static void
stop_at_once(void)
{
	cluster_stop(world->cluster, CLUSTER_IMMEDIATE);
	CHECK(cluster_resume(world->cluster), "PostgreSQL again");
}

static pid_t
exporting_backend(void)
{
	const char *pid = sql_value(superuser,
	    "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND usename = '" CLUSTER_APP
	    "' AND query LIKE '%bulks%'");

	return pid != NULL ? (pid_t)atoi(pid) : -1;
}

static bool
accepts_again(void *context)
{
	(void)context;
	return cluster_accepts(world->cluster);
}

/* PostgreSQL ends every connection and recovers, as after any crash. */
static void
kill_backend(void)
{
	pid_t pid = exporting_backend();

	if (!CHECK(pid > 1, "a backend"))
		return;
	CHECK_INT(kill(pid, SIGKILL), 0, "kill -9");
	/* It has noticed when our own connection is lost. */
	while (sql_value(superuser, "SELECT 1") != NULL)
		;
	CHECK(wait_until(accepts_again, NULL, 20000), "PostgreSQL again");
}

static void
kill_postmaster(void)
{
	pid_t pid = exporting_backend();

	cluster_stop(world->cluster, CLUSTER_KILL);
	if (CHECK(pid > 1, "a backend"))
		CHECK_INT(kill(pid, SIGKILL), 0, "kill -9");
	CHECK(cluster_resume(world->cluster), "PostgreSQL again");
}

static void
end_query(void)
{
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT pg_cancel_backend(%d)", (int)exporting_backend())),
	    "t", "cancelled");
}

static void
kill_workers(void)
{
	pid_t pids[WORKERS];
	size_t count = program_workers(world->program, pids, WORKERS);

	for (size_t i = 0; i < count; i++)
		CHECK_INT(kill(pids[i], SIGKILL), 0, "kill -9");
}

static bool
export_is_free(void *context)
{
	const struct answer *a = export("/api/sheets", "text/csv");

	(void)context;
	return a->status == 200;
}

/* An export that something happens to while its reader reads. */
static struct slow
strike(void (*blow)(void))
{
	struct slow slow = { .url = keep_printf("%s/api/bulks", webserver_url(world->webserver)),
		.bearer = bearer_header(client_token(world->client, WORLD_ACME)),
		.bytes_per_s = 20 << 20 };
	struct waiting waiting;
	pthread_t thread;

	CHECK(wait_until(export_is_free, NULL, 20000), "a place is free");
	waiting.told_before = told("running");
	CHECK_INT(pthread_create(&thread, NULL, read_slowly, &slow), 0, "a thread");
	CHECK(wait_until(is_under_way, &waiting, 20000), "the export runs");
	blow();
	pthread_join(thread, NULL);
	CHECK_INT(slow.status, 200, "it had begun");
	PQfinish(superuser);
	superuser = world_superuser(world);
	return slow;
}

static bool
is_complete(const char *tail, size_t len)
{
	const char *line = memchr(tail, '{', len);

	return line != NULL && strstr(line, "{\"_complete\":{\"rows\":1500}}\n") != NULL;
}

static void
lost_database_breaks_the_transfer(void)
{
	static const struct {
		const char *name;
		void (*blow)(void);
	} blows[] = {
		{ "PostgreSQL stopped at once", stop_at_once },
		{ "kill -9 of the backend", kill_backend },
		{ "kill -9 of postmaster and backend", kill_postmaster },
		{ "the query cancelled", end_query },
	};
	const struct answer *a = export("/api/bulks", "application/x-ndjson");
	size_t broken = told("broken");

	/* The control: undisturbed it comes whole. */
	CHECK_INT(a->error, CURLE_OK, "undisturbed");
	CHECK(a->body_len > 150 * 1000 * 1000, "%zu bytes", a->body_len);
	CHECK(is_complete(a->body + a->body_len - 40, 40), "undisturbed");
	for (size_t i = 0; i < SUITE_COUNT(blows); i++) {
		struct slow slow = strike(blows[i].blow);

		CHECK(slow.error != CURLE_OK, "%s: curl took %zu bytes for the whole",
		    blows[i].name, slow.got);
		CHECK(slow.got < a->body_len, "%s: %zu of %zu bytes", blows[i].name, slow.got,
		    a->body_len);
		CHECK_INT(told("broken"), broken + i + 1, "%s: the log", blows[i].name);
	}
}

/* Nobody is left who could break the transfer off: nginx ends it as if it were whole, and only the
 * last line of NDJSON, which is missing, tells (limits.md 10.4). */
static void
lost_worker_leaves_no_last_line(void)
{
	struct slow slow = strike(kill_workers);

	CHECK(slow.got > 0 && !is_complete(slow.tail, sizeof(slow.tail)), "%s", slow.tail);
	CHECK(program_wait_workers(world->program, WORKERS, 0, 20000), "workers again");
}

/* Who asks and then reads nothing holds the one place until export_stall_timeout has passed. */
static void
stalled_reader_is_cut(void)
{
	int fd;
	static const char *const params[] = { "HTTP_ACCEPT=text/csv", NULL };
	const struct answer *a;
	int64_t begun = now_ms(), took;

	CHECK(wait_until(export_is_free, NULL, 20000), "a place is free");
	fd = fastcgi_connect(program_socket(world->program));
	CHECK(fastcgi_send_with(fd, "/api/bulks", client_token(world->client, WORLD_ACME), params),
	    "a request");
	begun = now_ms();
	CHECK(wait_until(export_began, NULL, 10000), "the export runs");
	a = export("/api/sheets", "text/csv");
	CHECK_INT(a->status, 503, "%.200s", a->body);
	CHECK_TEXT(answer_header(a, "Retry-After"), "10", "Retry-After");
	CHECK_INT(export("/api/sheets", "application/json")->status, 200, "pages go on");
	CHECK(wait_until(export_is_free, NULL, 20000), "a place is free again");
	took = now_ms() - begun;
	CHECK(took >= STALL_MS - 100 && took < STALL_MS + 8000, "after %ld ms", (long)took);
	CHECK(!fastcgi_receive(fd, 5000).whole, "what came is no whole answer");
}

static const struct suite_test tests[] = {
	{ "CSV is what is stored", csv_is_what_is_stored },
	{ "CSV has one related row", csv_has_one_related_row },
	{ "NDJSON is the list", ndjson_is_the_list },
	{ "Accept is negotiated", accept_is_negotiated },
	{ "faults are problems", faults_are_problems },
	{ "memory stays flat", memory_stays_flat },
	{ "a lost database breaks the transfer", lost_database_breaks_the_transfer },
	{ "a lost worker leaves no last line", lost_worker_leaves_no_last_line },
	{ "a stalled reader is cut", stalled_reader_is_cut },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "exports", begin, end, tests, SUITE_COUNT(tests) });
}
