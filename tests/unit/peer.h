/* SPDX-License-Identifier: BSD-2-Clause */
/* peer.h - the web server's side of FastCGI, byte by byte
 *
 * Written by hand from the FastCGI specification 1.0, into one end of a socketpair; the other end
 * is what a worker would have accepted. Unlike support/fastcgi.h it also sends what no web server
 * would. */
#ifndef TESTS_UNIT_PEER_H
#define TESTS_UNIT_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct fcgi;

/* Section 8: types of records. */
enum {
	BEGIN_REQUEST = 1,
	ABORT_REQUEST = 2,
	END_REQUEST = 3,
	PARAMS = 4,
	STDIN = 5,
	STDOUT = 6,
	DATA = 8,
	GET_VALUES = 9
};
enum { RESPONDER = 1, AUTHORIZER = 2, KEEP_CONN = 1 };
enum { PEER_TIMEOUT_MS = 150 /* of both ends */ };

struct peer {
	struct arena *arena;
	struct fcgi *fcgi; /* what is tested */
	int fd, ours;      /* the web server's end, and the one for fcgi_read */
};

/* 0, as CUnit wants it, unless libfcgi could not be initialised. */
int peer_open(struct peer *);
void peer_close(struct peer *);

/* A new pair of ends: SOCK_STREAM, or SOCK_SEQPACKET, which keeps the borders between writes. */
void peer_connect(struct peer *, int type);

void peer_send(const struct peer *, const void *bytes, size_t len);
void peer_record(const struct peer *, int type, int id, const void *content, size_t len);
void peer_begin(const struct peer *, int role, int flags);
void peer_param(const struct peer *, const char *name, const char *value);

/* A responder's head, to its end. */
void peer_head(const struct peer *, const char *content_length);

/* What a service does: fcgi_answer with these. */
bool peer_answer(const struct peer *, const char *head, char *body, size_t body_len);

/* All bytes until we close, and whether that was in order. */
size_t peer_receive(const struct peer *, void *out, size_t size, bool *closed);

/* What a web server makes of records: the bytes of STDOUT, whether the request was ended, and how
 * many bytes lie behind its end. */
struct peer_output {
	size_t len, behind;
	bool ended;
};

/* bytes are overwritten with the content of the STDOUT records among them. Asserts that each record
 * is sound and of this request. */
struct peer_output peer_unwrap(void *bytes, size_t len, int id);

#endif
