/* SPDX-License-Identifier: BSD-2-Clause */
/* test_fcgi.c - requests as bytes, from peers good and bad */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "formats/fcgi.h"
#include "peer.h"

static struct peer t;

static int
set_up(void)
{
	return peer_open(&t);
}

static int
tear_down(void)
{
	peer_close(&t);
	return 0;
}

static const char *
param(const char *name)
{
	size_t count;
	const struct fcgi_param *params = fcgi_params(t.fcgi, &count);

	for (size_t i = 0; params != NULL && i < count; i++)
		if (strcmp(params[i].name, name) == 0)
			return params[i].value;
	return NULL;
}

static void
test_answer(void)
{
	char bytes[256], body[] = "hello";
	bool cut, closed;
	size_t count, len;
	struct peer_output out;

	peer_connect(&t, SOCK_STREAM);
	peer_begin(&t, RESPONDER, KEEP_CONN); /* asked for, never granted */
	peer_param(&t, "REQUEST_URI", "/api/posts?a=b=c");
	peer_param(&t, "HTTP_X_TENANT_ID", "one");
	peer_param(&t, "HTTP_X_TENANT_ID", "two");
	peer_param(&t, "EMPTY", "");
	peer_record(&t, PARAMS, 1, NULL, 0);
	peer_record(&t, STDIN, 1, NULL, 0);
	CU_ASSERT_EQUAL(fcgi_descriptor(t.fcgi), -1);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	CU_ASSERT_EQUAL(fcgi_descriptor(t.fcgi), t.ours);
	CU_ASSERT_PTR_NOT_NULL(fcgi_params(t.fcgi, &count));
	CU_ASSERT_EQUAL(count, 4); /* the duplicate is kept, libfcgi's own FCGI_ROLE is not */
	CU_ASSERT_STRING_EQUAL(param("REQUEST_URI"), "/api/posts?a=b=c");
	CU_ASSERT_STRING_EQUAL(param("EMPTY"), "");
	CU_ASSERT_PTR_NULL(param("FCGI_ROLE"));
	CU_ASSERT_EQUAL(fcgi_body(t.fcgi, bytes, sizeof(bytes), &cut), 0);
	CU_ASSERT_FALSE(cut);
	CU_ASSERT_TRUE(peer_answer(&t, "Status: 200\r\n\r\n", body, 5));
	fcgi_finish(t.fcgi);
	CU_ASSERT_EQUAL(fcgi_descriptor(t.fcgi), -1);
	len = peer_receive(&t, bytes, sizeof(bytes), &closed);
	CU_ASSERT_TRUE(closed);
	out = peer_unwrap(bytes, len, 1);
	CU_ASSERT_TRUE(out.ended);
	CU_ASSERT_EQUAL_FATAL(out.len, 20);
	CU_ASSERT_EQUAL(memcmp(bytes, "Status: 200\r\n\r\nhello", 20), 0);
	CU_ASSERT_EQUAL(out.behind, 8); /* which tells whoever asked to keep the connection */
	close(t.fd);
}

static void
test_body_in_pieces(void)
{
	enum { PIECES = 200, PIECE = 997 };
	static char body[PIECES * PIECE + 1];
	char piece[PIECE];
	bool cut;
	size_t got = 0, n;
	pid_t pid;

	peer_connect(&t, SOCK_STREAM);
	if ((pid = fork()) == 0) { /* more than a socket holds: somebody must write while we read */
		close(t.ours);
		peer_head(&t, "199400");
		for (int i = 0; i < PIECES; i++) {
			memset(piece, 'a' + i % 26, sizeof(piece));
			peer_record(&t, STDIN, 1, piece, sizeof(piece));
		}
		peer_record(&t, STDIN, 1, NULL, 0);
		_exit(0);
	}
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	while ((n = fcgi_body(t.fcgi, body + got, 1000, &cut)) > 0 && !cut &&
	    got + 1000 < sizeof(body))
		got += n;
	CU_ASSERT_FALSE(cut);
	CU_ASSERT_EQUAL(got + n, PIECES * PIECE);
	for (size_t i = 0; i < PIECES; i++)
		CU_ASSERT_EQUAL(body[i * PIECE + PIECE / 2], (char)('a' + i % 26));
	fcgi_finish(t.fcgi);
	waitpid(pid, NULL, 0);
	close(t.fd);
}

static void
test_cut_body(void)
{
	char body[64];
	bool cut = false;

	peer_connect(&t, SOCK_STREAM);
	peer_head(&t, "50");
	peer_record(&t, STDIN, 1, "hello", 5);
	shutdown(t.fd, SHUT_WR);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	CU_ASSERT_EQUAL(fcgi_body(t.fcgi, body, sizeof(body), &cut), 5);
	CU_ASSERT_TRUE(cut);
	fcgi_finish(t.fcgi);
	close(t.fd);
}

/* How each of these heads ends: it never waits longer than the timeout, and is never taken for a
 * request. */
static void
test_stalled_heads(void)
{
	static const unsigned char half_param[] = { 1, PARAMS, 0, 1, 0, 20, 0, 0, 10, 8, 'R', 'E' };

	for (int row = 0; row < 6; row++) {
		int64_t before = clock_now_ns(), took_ms;

		peer_connect(&t, SOCK_STREAM);
		if (row > 0)
			peer_begin(&t, RESPONDER, 0);
		if (row == 2)
			peer_send(&t, half_param, sizeof(half_param));
		if (row == 3)
			peer_param(&t, "REQUEST_URI",
			    "/api"); /* a whole parameter, but not the end of them */
		if (row >= 4)
			peer_send(&t, half_param, (size_t)row);
		if (row == 5)
			shutdown(t.fd, SHUT_WR);
		if (fcgi_read(t.fcgi, t.ours)) {
			fprintf(stderr, "row %d was taken for a request\n", row);
			CU_FAIL("an unfinished head was taken for a request");
			fcgi_finish(t.fcgi);
		}
		took_ms = (clock_now_ns() - before) / 1000000;
		if (took_ms > PEER_TIMEOUT_MS + 250)
			fprintf(stderr, "row %d took %d ms\n", row, (int)took_ms);
		CU_ASSERT(took_ms <= PEER_TIMEOUT_MS + 250);
		close(t.fd);
	}
}

static void
test_stalled_body(void)
{
	char body[64];
	bool cut = false;
	int64_t before;

	peer_connect(&t, SOCK_STREAM);
	peer_head(&t, "50");
	peer_record(&t, STDIN, 1, "hello", 5);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	before = clock_now_ns();
	CU_ASSERT_EQUAL(fcgi_body(t.fcgi, body, sizeof(body), &cut), 5);
	CU_ASSERT_TRUE(cut);
	CU_ASSERT(clock_now_ns() - before < (PEER_TIMEOUT_MS + 100) * INT64_C(1000000));
	fcgi_finish(t.fcgi);
	close(t.fd);
}

static void
test_too_many_params(void)
{
	static const int counts[] = { LIMIT_PARAMS, LIMIT_PARAMS + 1, 1000 };

	for (size_t row = 0; row < COUNT_OF(counts); row++) {
		size_t count = 0;
		bool told;
		pid_t pid;

		peer_connect(&t, SOCK_STREAM);
		if ((pid = fork()) == 0) {
			close(t.ours);
			peer_begin(&t, RESPONDER, 0);
			for (int i = 0; i < counts[row]; i++)
				peer_param(&t, "HTTP_X", "y");
			peer_record(&t, PARAMS, 1, NULL, 0);
			peer_record(&t, STDIN, 1, NULL, 0);
			_exit(0);
		}
		CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
		told = fcgi_params(t.fcgi, &count) == NULL && count == SIZE_MAX;
		CU_ASSERT_EQUAL(told, counts[row] > LIMIT_PARAMS);
		CU_ASSERT_TRUE(peer_answer(&t, "Status: 400\r\n\r\n", NULL, 0));
		fcgi_finish(t.fcgi);
		waitpid(pid, NULL, 0);
		close(t.fd);
	}
}

static void
test_params_too_large(void)
{
	static unsigned char pair[40000];
	size_t count = 0;

	peer_connect(&t, SOCK_STREAM);
	peer_begin(&t, RESPONDER, 0);
	pair[0] = 1; /* a name of one byte, a value of 39,994 (length in four bytes) */
	pair[1] = 0x80;
	pair[3] = 39994 >> 8;
	pair[4] = 39994 & 0xff;
	memset(pair + 5, 'A', sizeof(pair) - 5);
	peer_record(&t, PARAMS, 1, pair, sizeof(pair));
	peer_record(&t, PARAMS, 1, pair, sizeof(pair));
	peer_record(&t, PARAMS, 1, NULL, 0);
	peer_record(&t, STDIN, 1, NULL, 0);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	CU_ASSERT_PTR_NULL(fcgi_params(t.fcgi, &count));
	CU_ASSERT_EQUAL(count, SIZE_MAX);
	fcgi_finish(t.fcgi);
	close(t.fd);
}

/* What is not a request, or not for us. */
static void
test_refused(void)
{
	static const unsigned char nul_name[] = { 1, PARAMS, 0, 1, 0, 5, 0, 0, 2, 1, 0, 'A', 'v' };

	for (int row = 0; row < 6; row++) {
		peer_connect(&t, SOCK_STREAM);
		switch (row) {
		case 0: peer_send(&t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 26); break;
		case 1: break;
		case 2: peer_begin(&t, AUTHORIZER, 0); break;
		case 3: peer_begin(&t, 77, 0); break;
		case 4: peer_record(&t, STDIN, 1, NULL, 0); break;
		case 5:
			peer_begin(&t, RESPONDER, 0);
			peer_send(&t, nul_name, sizeof(nul_name));
			break;
		default: break;
		}
		if (row == 2 || row == 5)
			peer_record(&t, PARAMS, 1, NULL, 0);
		shutdown(t.fd, SHUT_WR);
		if (fcgi_read(t.fcgi, t.ours)) {
			fprintf(stderr, "row %d was taken for a request\n", row);
			CU_FAIL("taken for a request");
			fcgi_finish(t.fcgi);
		}
		CU_ASSERT_EQUAL(fcgi_descriptor(t.fcgi), -1);
		close(t.fd);
	}
}

/* A body that nobody read, with a request inside it: the answer leaves before the drain, and what
 * the body says is never a request (reliability.md 2.2). */
static void
test_smuggling(void)
{
	char bytes[256];
	bool closed;
	size_t len;

	peer_connect(&t, SOCK_STREAM);
	peer_begin(&t, RESPONDER, KEEP_CONN);
	peer_param(&t, "REQUEST_URI", "/legit");
	peer_record(&t, PARAMS, 1, NULL, 0);
	peer_record(&t, STDIN, 1, "unread", 6);
	peer_begin(&t, RESPONDER, KEEP_CONN);
	peer_param(&t, "REQUEST_URI", "/smuggled");
	peer_record(&t, PARAMS, 1, NULL, 0);
	peer_record(&t, STDIN, 1, NULL, 0);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	CU_ASSERT_STRING_EQUAL(param("REQUEST_URI"), "/legit");
	CU_ASSERT_TRUE(peer_answer(&t, "Status: 413\r\n\r\n", NULL, 0));
	fcgi_finish(t.fcgi);
	len = peer_receive(&t, bytes, sizeof(bytes), &closed);
	CU_ASSERT(len >= 8 + 15);
	CU_ASSERT_EQUAL(write(t.fd, "x", 1), -1); /* closed, whatever was asked */
	close(t.fd);
}

/* A body larger than what is drained: we stop reading and close. */
static void
test_drain_bound(void)
{
	char piece[16000];
	int64_t before;
	size_t sent = 0;
	int status;
	pid_t pid;

	peer_connect(&t, SOCK_STREAM);
	if ((pid = fork()) == 0) {
		const unsigned char header[8] = { 1, STDIN, 0, 1, sizeof(piece) >> 8,
			sizeof(piece) & 0xff };

		close(t.ours);
		peer_head(&t, "999999999");
		memset(piece, 'x', sizeof(piece));
		while (sent < 4u * LIMIT_DRAIN_BYTES &&
		    send(t.fd, header, sizeof(header), MSG_NOSIGNAL) == (ssize_t)sizeof(header) &&
		    send(t.fd, piece, sizeof(piece), MSG_NOSIGNAL) == (ssize_t)sizeof(piece))
			sent += sizeof(piece);
		_exit(sent >= LIMIT_DRAIN_BYTES && sent < 4u * LIMIT_DRAIN_BYTES ? 0 : 1);
	}
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	CU_ASSERT_TRUE(peer_answer(&t, "Status: 413\r\n\r\n", NULL, 0));
	before = clock_now_ns();
	fcgi_finish(t.fcgi);
	CU_ASSERT(clock_now_ns() - before < INT64_C(1000000000));
	close(t.fd);
	CU_ASSERT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Random bytes behind a good beginning, in a child, because libfcgi may abort on what it cannot
 * allocate (reliability.md 2.1): it ends by that or by going on, never by anything worse. */
static void
test_garbage(void)
{
	unsigned short seed[3] = { 1, 2, 3 };

	for (int round = 0; round < 60; round++) {
		unsigned char garbage[200];
		int status;
		pid_t pid;

		for (size_t i = 0; i < sizeof(garbage); i++)
			garbage[i] = (unsigned char)nrand48(seed);
		peer_connect(&t, SOCK_STREAM);
		if (round % 2 == 0)
			peer_begin(&t, RESPONDER, 0);
		if (round % 3 == 0) /* a good header, so that the garbage becomes parameters */
			peer_send(&t, "\1\4\0\1\0\310\0\0", 8);
		peer_send(&t, garbage, sizeof(garbage));
		shutdown(t.fd, SHUT_WR);
		if ((pid = fork()) == 0) {
			close(t.fd);
			if (freopen("/dev/null", "w", stderr) == NULL)
				_exit(1);
			if (fcgi_read(t.fcgi, t.ours))
				fcgi_finish(t.fcgi);
			_exit(0);
		}
		close(t.ours);
		CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
		if (!(WIFEXITED(status) || WTERMSIG(status) == SIGABRT))
			fprintf(stderr, "round %d: status %#x\n", round, (unsigned)status);
		CU_ASSERT(WIFEXITED(status) || WTERMSIG(status) == SIGABRT);
		close(t.fd);
	}
}

void
suite_fcgi(void)
{
	CU_pSuite suite = CU_add_suite("fcgi", set_up, tear_down);

	if (suite == NULL || CU_add_test(suite, "answer", test_answer) == NULL ||
	    CU_add_test(suite, "body in pieces", test_body_in_pieces) == NULL ||
	    CU_add_test(suite, "cut body", test_cut_body) == NULL ||
	    CU_add_test(suite, "stalled heads", test_stalled_heads) == NULL ||
	    CU_add_test(suite, "stalled body", test_stalled_body) == NULL ||
	    CU_add_test(suite, "too many params", test_too_many_params) == NULL ||
	    CU_add_test(suite, "params too large", test_params_too_large) == NULL ||
	    CU_add_test(suite, "refused", test_refused) == NULL ||
	    CU_add_test(suite, "smuggling", test_smuggling) == NULL ||
	    CU_add_test(suite, "drain bound", test_drain_bound) == NULL ||
	    CU_add_test(suite, "garbage", test_garbage) == NULL)
		abort();
}
