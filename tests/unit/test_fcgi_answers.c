/* SPDX-License-Identifier: BSD-2-Clause */
/* test_fcgi_answers.c - what leaves, in how many pieces, and what happens when nobody reads */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/text.h"
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

/* A body whose every byte tells its place, so that a piece lost, repeated or swapped shows. */
static void
fill(char *body, size_t len)
{
	for (size_t i = 0; i < len; i++)
		body[i] = (char)(i * 2654435761u >> 13);
}

/* The request of a peer whose socket keeps the borders of writes. */
static void
accept_packets(int id)
{
	static const unsigned char responder[8] = { 0, RESPONDER };

	peer_connect(&t, SOCK_SEQPACKET);
	peer_record(&t, BEGIN_REQUEST, id, responder, sizeof(responder));
	peer_record(&t, PARAMS, id, NULL, 0);
	peer_record(&t, STDIN, id, NULL, 0);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
}

/* The bytes of all packets, one after the other, and how many those were. */
static size_t
receive_packets(unsigned char *out, size_t size, size_t *packets)
{
	size_t got = 0;
	ssize_t n;

	for (*packets = 0; (n = recv(t.fd, out + got, size - got, 0)) > 0; ++*packets)
		got += (size_t)n;
	CU_ASSERT_EQUAL(n, 0);
	return got;
}

/* kill -9 falls between system calls: an answer that leaves in one is never half an answer. Nobody
 * reads here before all has been sent. */
static void
test_one_write(void)
{
	static const size_t rows[] = { 0, 1, 8192, 60 << 10, 65535, 65536, 200 << 10, 400 << 10 };
	static char body[400 << 10];
	static unsigned char bytes[sizeof(body) + 4096];

	fill(body, sizeof(body));
	for (size_t row = 0; row < COUNT_OF(rows); row++) {
		size_t packets, len;
		struct peer_output out;

		accept_packets(0x0102);
		CU_ASSERT_TRUE(peer_answer(&t, "Status: 200\r\n\r\n", body, rows[row]));
		fcgi_finish(t.fcgi);
		len = receive_packets(bytes, sizeof(bytes), &packets);
		if (packets != 1)
			fprintf(stderr, "%zu bytes left in %zu writes\n", rows[row], packets);
		CU_ASSERT_EQUAL(packets, 1);
		out = peer_unwrap(bytes, len, 0x0102);
		CU_ASSERT_TRUE(out.ended && out.behind == 0);
		CU_ASSERT_EQUAL(out.len, 15 + rows[row]);
		CU_ASSERT_EQUAL(memcmp(bytes, "Status: 200\r\n\r\n", 15), 0);
		CU_ASSERT_EQUAL(memcmp(bytes + 15, body, rows[row]), 0);
		close(t.fd);
	}
}

/* The control: libfcgi's way, a buffer of 8 KiB at a time, is seen as what it is. */
static void
test_one_write_control(void)
{
	static char body[60 << 10];
	static unsigned char bytes[sizeof(body)];
	size_t packets;

	accept_packets(1);
	for (size_t at = 0, n; at < sizeof(body); at += n) {
		n = sizeof(body) - at < 8192 ? sizeof(body) - at : 8192;
		CU_ASSERT_EQUAL(send(t.ours, body + at, n, 0), (ssize_t)n);
	}
	fcgi_finish(t.fcgi);
	CU_ASSERT_EQUAL(receive_packets(bytes, sizeof(bytes), &packets), sizeof(body));
	CU_ASSERT_EQUAL(packets, 8);
	close(t.fd);
}

/* More than a socket holds: it leaves in parts, and arrives in order. */
static void
test_large_answer(void)
{
	static char body[3 << 20];
	static unsigned char bytes[sizeof(body) + 4096];
	struct peer_output out;
	bool closed;
	size_t len;
	pid_t pid;

	fill(body, sizeof(body));
	peer_connect(&t, SOCK_STREAM);
	peer_head(&t, "0");
	peer_record(&t, STDIN, 1, NULL, 0);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	if ((pid = fork()) == 0) {
		close(t.fd);
		if (!peer_answer(&t, "Status: 200\r\n\r\n", body, sizeof(body)))
			_exit(1);
		fcgi_finish(t.fcgi);
		_exit(0);
	}
	fcgi_finish(t.fcgi);
	len = peer_receive(&t, bytes, sizeof(bytes), &closed);
	CU_ASSERT_TRUE(closed);
	out = peer_unwrap(bytes, len, 1);
	CU_ASSERT_TRUE(out.ended);
	CU_ASSERT_EQUAL_FATAL(out.len, 15 + sizeof(body));
	CU_ASSERT_EQUAL(memcmp(bytes + 15, body, sizeof(body)), 0);
	waitpid(pid, NULL, 0);
	close(t.fd);
}

/* The peer reads nothing: the answer does not fit, and is given up. */
static void
test_stalled_reader(void)
{
	static char body[2 << 20];
	int64_t before;

	peer_connect(&t, SOCK_STREAM);
	peer_head(&t, "0");
	peer_record(&t, STDIN, 1, NULL, 0);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	before = clock_now_ns();
	CU_ASSERT_FALSE(peer_answer(&t, "Status: 200\r\n\r\n", body, sizeof(body)));
	fcgi_finish(t.fcgi);
	CU_ASSERT(clock_now_ns() - before < (2 * PEER_TIMEOUT_MS + 200) * INT64_C(1000000));
	close(t.fd);
}

static struct text
text_of(char *bytes, size_t len)
{
	return (struct text){ .bytes = bytes, .len = len };
}

static void
begin_stream(void)
{
	static char head[] = "Status: 200\r\n\r\n";
	const struct text text = text_of(head, sizeof(head) - 1);

	peer_connect(&t, SOCK_STREAM);
	peer_head(&t, "0");
	peer_record(&t, STDIN, 1, NULL, 0);
	CU_ASSERT_TRUE_FATAL(fcgi_read(t.fcgi, t.ours));
	CU_ASSERT_TRUE(fcgi_stream_begin(t.fcgi, &text, PEER_TIMEOUT_MS));
}

/* In pieces, to its end. */
static void
test_stream(void)
{
	static char piece[3000];
	static unsigned char bytes[16 << 10];
	const struct text text = text_of(piece, sizeof(piece));
	struct peer_output out;
	bool closed;
	size_t len;

	fill(piece, sizeof(piece));
	begin_stream();
	CU_ASSERT_TRUE(fcgi_stream(t.fcgi, &text));
	CU_ASSERT_TRUE(fcgi_stream(t.fcgi, &text));
	CU_ASSERT_TRUE(fcgi_stream_end(t.fcgi));
	fcgi_finish(t.fcgi);
	len = peer_receive(&t, bytes, sizeof(bytes), &closed);
	out = peer_unwrap(bytes, len, 1);
	CU_ASSERT_TRUE(out.ended);
	CU_ASSERT_EQUAL(out.len, 15 + 2 * sizeof(piece));
	CU_ASSERT_EQUAL(memcmp(bytes + 15, piece, sizeof(piece)), 0);
	CU_ASSERT_EQUAL(memcmp(bytes + 15 + sizeof(piece), piece, sizeof(piece)), 0);
	close(t.fd);
}

/* Broken off: the last record has a type that there is none of, and nothing ends the request
 * (limits.md 10.4). */
static void
test_broken_stream(void)
{
	static const unsigned char record[8] = { 1, 99, 0, 1, 0, 0, 0, 0 };
	static char piece[] = "half";
	static unsigned char bytes[4096];
	const struct text text = text_of(piece, sizeof(piece) - 1);
	bool closed;
	size_t len;

	begin_stream();
	CU_ASSERT_TRUE(fcgi_stream(t.fcgi, &text));
	fcgi_stream_break(t.fcgi);
	fcgi_finish(t.fcgi);
	len = peer_receive(&t, bytes, sizeof(bytes), &closed);
	CU_ASSERT_TRUE_FATAL(len > sizeof(record));
	CU_ASSERT_EQUAL(memcmp(bytes + len - sizeof(record), record, sizeof(record)), 0);
	close(t.fd);
}

/* Nobody reads: the stall is told, once, after its time. */
static void
test_stalled_stream(void)
{
	static char piece[2 << 20];
	const struct text text = text_of(piece, sizeof(piece));
	int64_t before;

	begin_stream();
	before = clock_now_ns();
	CU_ASSERT_FALSE(fcgi_stream(t.fcgi, &text));
	CU_ASSERT(clock_now_ns() - before >= (PEER_TIMEOUT_MS - 50) * INT64_C(1000000));
	CU_ASSERT_FALSE(fcgi_stream(t.fcgi, &text));
	fcgi_stream_break(t.fcgi);
	fcgi_finish(t.fcgi);
	close(t.fd);
}

void
suite_fcgi_answers(void)
{
	CU_pSuite suite = CU_add_suite("fcgi_answers", set_up, tear_down);

	if (suite == NULL || CU_add_test(suite, "one write", test_one_write) == NULL ||
	    CU_add_test(suite, "one write: control", test_one_write_control) == NULL ||
	    CU_add_test(suite, "large answer", test_large_answer) == NULL ||
	    CU_add_test(suite, "stalled reader", test_stalled_reader) == NULL ||
	    CU_add_test(suite, "stream", test_stream) == NULL ||
	    CU_add_test(suite, "broken stream", test_broken_stream) == NULL ||
	    CU_add_test(suite, "stalled stream", test_stalled_stream) == NULL)
		abort();
}
