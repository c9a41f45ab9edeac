/* SPDX-License-Identifier: BSD-2-Clause */
/* test_broken_answers.c - what a client of the shipped nginx sees when a worker dies amid an answer
 *
 * The worker is a thread of ours, so that it breaks off at a byte of our choice and not where a
 * signal happens to fall. The real one cannot do that with an answer that its socket takes at once
 * (test_processes.c); larger ones are what nginx must not take for whole. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/client.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/webserver.h"

enum { BODY_BYTES = 300000, RECORD_BYTES = 30000, PROMPT_MS = 2000, ASKED_MS = 10000 };

#define HEAD        "Status: 200 OK\r\nContent-Type: application/json\r\n"
#define HEAD_LENGTH HEAD "Content-Length: 300000\r\n\r\n"
#define HEAD_OPEN   HEAD "\r\n"

static const char *folder, *path;
static int listener = -1;

static bool
begin(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	folder = sandbox_new("rowhouse");
	path = keep_printf("%s/worker.sock", folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chmod(path, 0666) == 0 && listen(listener, 16) == 0;
}

static void
end(void)
{
	if (listener >= 0)
		close(listener);
	sandbox_remove(folder);
}

/* --- the worker ---------------------------------------------------------------------------- */

/* An answer in records, as FastCGI 1.0 has them. */
struct records {
	unsigned char bytes[BODY_BYTES + 1024];
	size_t len;
};

static void
put_record(struct records *r, int type, const void *content, size_t len)
{
	const unsigned char head[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(len >> 8),
		(unsigned char)len };

	memcpy(r->bytes + r->len, head, sizeof(head));
	if (len > 0)
		memcpy(r->bytes + r->len + sizeof(head), content, len);
	r->len += sizeof(head) + len;
}

static struct records *
records_new(const char *head)
{
	static const unsigned char complete[8];
	struct records *r = keep_alloc(sizeof(*r));
	char body[RECORD_BYTES];

	memset(body, 'x', sizeof(body));
	put_record(r, 6, head, strlen(head));
	for (size_t i = 0; i < BODY_BYTES / RECORD_BYTES; i++)
		put_record(r, 6, body, sizeof(body));
	put_record(r, 6, NULL, 0);
	put_record(r, 3, complete, sizeof(complete));
	return r;
}

struct worker {
	const struct records *records;
	size_t send; /* so many bytes of them, then the connection is closed */
};

/* Read a request up to its last record, the empty STDIN. */
static bool
read_request(int fd)
{
	static const unsigned char last[8] = { 1, 5, 0, 1 };
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	unsigned char bytes[8192];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && poll(&readable, 1, ASKED_MS) == 1 &&
	    (n = read(fd, bytes + len, sizeof(bytes) - len)) > 0) {
		len += (size_t)n;
		if (len >= sizeof(last) &&
		    memcmp(bytes + len - sizeof(last), last, sizeof(last)) == 0)
			return true;
	}
	return false;
}

static void *
serve_one(void *argument)
{
	const struct worker *w = argument;
	struct pollfd readable = { .fd = listener, .events = POLLIN };
	ssize_t n = 0;
	int fd;

	if (poll(&readable, 1, ASKED_MS) != 1 || (fd = accept(listener, NULL, NULL)) < 0)
		return NULL;
	if (read_request(fd))
		for (size_t sent = 0; sent < w->send && n >= 0; sent += (size_t)n)
			n = send(fd, w->records->bytes + sent, w->send - sent, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

/* A GET that such a worker answers. */
static const struct answer *
get(const struct webserver *nginx, struct worker *worker, const char *header)
{
	struct client *client = client_new(webserver_url(nginx));
	const char *const headers[] = { header, NULL };
	const struct answer *a;
	pthread_t thread;

	if (pthread_create(&thread, NULL, serve_one, worker) != 0)
		abort();
	a = client_request(client, "GET", "/api/posts", headers, NULL);
	pthread_join(thread, NULL);
	client_free(client);
	return a;
}

/* --- tests --------------------------------------------------------------------------------- */

static void
half_an_answer_is_told(void)
{
	static const struct {
		const char *name, *head, *header;
	} rows[] = {
		{ "with Content-Length", HEAD_LENGTH, NULL },
		{ "without", HEAD_OPEN, NULL },
		{ "compressed", HEAD_LENGTH, "Accept-Encoding: gzip" },
		{ "HTTP/1.1 without a kept connection", HEAD_OPEN, "Connection: close" },
	};
	const size_t head_record = 8 + strlen(HEAD_LENGTH);
	const size_t cuts[] = { head_record, head_record + 4, head_record + 8, head_record + 20000,
		head_record + 2 * (8 + RECORD_BYTES), head_record + 250000 };
	struct webserver *nginx = webserver_start(folder, path);

	if (!CHECK(nginx != NULL, "nginx"))
		return;
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		struct worker worker = { .records = records_new(rows[i].head) };
		const struct answer *a;

		worker.send = worker.records->len;
		a = get(nginx, &worker, rows[i].header);
		CHECK_INT(a->error, CURLE_OK, "%s: a whole one", rows[i].name);
		CHECK_INT(a->status, 200, "%s: a whole one", rows[i].name);
		for (size_t k = 0; k < SUITE_COUNT(cuts); k++) {
			worker.send = cuts[k];
			a = get(nginx, &worker, rows[i].header);
			CHECK(a->error != CURLE_OK, "%s: cut after %zu bytes: %zu taken for all",
			    rows[i].name, cuts[k], a->body_len);
			CHECK(a->took_ms < PROMPT_MS, "%s: cut after %zu bytes: %d ms",
			    rows[i].name, cuts[k], (int)a->took_ms);
		}
	}
	webserver_stop(nginx);
}

static void
less_than_a_head_is_503(void)
{
	struct worker worker = { .records = records_new(HEAD_LENGTH) };
	const size_t cuts[] = { 0, 5, 8, 8 + 30 };
	struct webserver *nginx = webserver_start(folder, path);

	if (!CHECK(nginx != NULL, "nginx"))
		return;
	for (size_t i = 0; i < SUITE_COUNT(cuts); i++) {
		const struct answer *a;

		worker.send = cuts[i];
		a = get(nginx, &worker, NULL);
		CHECK_INT(a->status, 503, "cut after %zu bytes", cuts[i]);
		CHECK_TEXT(
		    document_text(a->json, "code"), "unavailable", "cut after %zu bytes", cuts[i]);
	}
	webserver_stop(nginx);
}

/* The control: without the directive half an answer is an answer. */
static void
control_without_keep_conn(void)
{
	static const struct webserver_edit off[] = {
		{ "fastcgi_keep_conn on;", "fastcgi_keep_conn off;" },
		{ NULL, NULL },
	};
	struct worker worker = { .records = records_new(HEAD_OPEN) };
	struct webserver *nginx = webserver_start_edited(keep_printf("%s/off", folder), path, off);
	const struct answer *a;

	if (!CHECK(nginx != NULL, "nginx"))
		return;
	worker.send = 8 + strlen(HEAD_OPEN) + 8 + RECORD_BYTES;
	a = get(nginx, &worker, NULL);
	CHECK_INT(a->error, CURLE_OK, "it ends like a whole one");
	CHECK_INT(a->body_len, RECORD_BYTES, "after a tenth of it");
	webserver_stop(nginx);
}

static const struct suite_test tests[] = {
	{ "half an answer is told", half_an_answer_is_told },
	{ "less than a head is 503", less_than_a_head_is_503 },
	{ "control: without keep_conn", control_without_keep_conn },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "broken_answers", begin, end, tests, SUITE_COUNT(tests) });
}
