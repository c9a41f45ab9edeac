/* SPDX-License-Identifier: BSD-2-Clause */
/* peer.c - records (FastCGI 1.0, sections 3.3, 3.4, 5 and 8) */
#include "peer.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "formats/fcgi.h"

int
peer_open(struct peer *p)
{
	signal(SIGPIPE, SIG_IGN);
	if (!fcgi_init())
		return 1;
	signal(SIGPIPE, SIG_IGN);
	p->arena = arena_new(1 << 20);
	p->fcgi = fcgi_new(p->arena);
	return 0;
}

void
peer_close(struct peer *p)
{
	arena_free(p->arena);
}

void
peer_connect(struct peer *p, int type)
{
	const struct timeval timeout = { 0, PEER_TIMEOUT_MS * 1000 };
	int pair[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), 0);
	p->fd = pair[0];
	p->ours = pair[1];
	setsockopt(p->ours, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(p->ours, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

void
peer_send(const struct peer *p, const void *bytes, size_t len)
{
	CU_ASSERT_EQUAL(send(p->fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

void
peer_record(const struct peer *p, int type, int id, const void *content, size_t len)
{
	const unsigned char header[8] = { 1, (unsigned char)type, (unsigned char)(id >> 8),
		(unsigned char)id, (unsigned char)(len >> 8), (unsigned char)len, 0, 0 };

	peer_send(p, header, sizeof(header));
	if (len > 0)
		peer_send(p, content, len);
}

void
peer_begin(const struct peer *p, int role, int flags)
{
	const unsigned char body[8] = { 0, (unsigned char)role, (unsigned char)flags };

	peer_record(p, BEGIN_REQUEST, 1, body, sizeof(body));
}

void
peer_param(const struct peer *p, const char *name, const char *value)
{
	unsigned char pair[512];
	size_t n = strlen(name), v = strlen(value);

	CU_ASSERT_FATAL(n < 128 && v < 128);
	pair[0] = (unsigned char)n;
	pair[1] = (unsigned char)v;
	memcpy(pair + 2, name, n);
	memcpy(pair + 2 + n, value, v);
	peer_record(p, PARAMS, 1, pair, 2 + n + v);
}

void
peer_head(const struct peer *p, const char *content_length)
{
	peer_begin(p, RESPONDER, 0);
	peer_param(p, "REQUEST_URI", "/api/posts");
	peer_param(p, "CONTENT_LENGTH", content_length);
	peer_record(p, PARAMS, 1, NULL, 0);
}

bool
peer_answer(const struct peer *p, const char *head, char *body, size_t body_len)
{
	struct text text;

	text_init(&text, p->arena, 1024);
	text_string(&text, head);
	return fcgi_answer(p->fcgi, &text, &(struct text){ .bytes = body, .len = body_len });
}

size_t
peer_receive(const struct peer *p, void *out, size_t size, bool *closed)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < size && n > 0 && (n = recv(p->fd, (char *)out + got, size - got, 0)) > 0)
		got += (size_t)n;
	*closed = got < size && n == 0;
	return got;
}

struct peer_output
peer_unwrap(void *data, size_t len, int id)
{
	unsigned char *bytes = data;
	struct peer_output out = { .len = 0 };
	bool stream_ended = false;
	size_t at = 0;

	while (at < len && !out.ended) {
		const unsigned char *h = bytes + at;
		size_t content, padding;

		CU_ASSERT_FATAL(len - at >= 8);
		content = (size_t)h[4] << 8 | h[5];
		padding = h[6];
		at += 8;
		CU_ASSERT(h[0] == 1 && (h[2] << 8 | h[3]) == id);
		CU_ASSERT_EQUAL(h[1], stream_ended ? END_REQUEST : STDOUT);
		CU_ASSERT_FATAL(len - at >= content + padding);
		if (stream_ended) { /* with application status 0 and "request complete" */
			CU_ASSERT_EQUAL_FATAL(content, 8);
			CU_ASSERT_EQUAL(memcmp(bytes + at, "\0\0\0\0\0\0\0\0", 8), 0);
			out.ended = true;
		} else {
			stream_ended = content == 0;
			memmove(bytes + out.len, bytes + at, content);
			out.len += content;
		}
		at += content + padding;
	}
	out.behind = len - at;
	return out;
}
