/* SPDX-License-Identifier: BSD-2-Clause */
/* fcgi.h - one FastCGI request at a time
 *
 * fcgi.c is the only file that includes libfcgi, fenced as reference/reliability.md 2 found
 * necessary: the connection is accepted by us and handed over; it is never kept for a second
 * request, because a body that nobody read would be taken for records (request smuggling); what is
 * unread is drained within LIMIT_DRAIN_BYTES or the connection is cut. Parameters are the web
 * server's word: bounded here, believed by nobody.
 *
 * libfcgi reads, we write. It sends an answer in pieces of 8 KiB, and a worker that is killed
 * between two of them leaves half an answer which a web server takes for the whole (limits.md
 * 10.4). Ours leaves in one system call, which no signal cuts short as long as the socket takes it
 * all: of a unix socket 400 KiB where net.core.wmem_max is 208 KiB, as it long was, and half a MiB
 * where it is more. A larger answer can still be cut; then only the web server can break off
 * towards its client, which nginx does with fastcgi_keep_conn on (nginx/rowhouse.conf).
 *
 * No HTTP input ends the process. Whoever can write to the socket itself can: libfcgi aborts on
 * some forged records (reliability.md 2.1). The socket's mode is the fence, the supervisor the
 * remedy. */
#ifndef FORMATS_FCGI_H
#define FORMATS_FCGI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct text;
struct fcgi; /* connection lifetime, used again for each request */

struct fcgi_param {
	const char *name, *value; /* NUL-terminated; live until fcgi_finish */
};

/* Called once per process, before any other. libfcgi installs handlers for SIGPIPE and SIGUSR1 (and
 * SIGTERM) where it finds none: a process that has its own opinion sets them after this call. */
bool fcgi_init(void) MUST_CHECK;

/* arena has process lifetime; what libfcgi still holds goes with it. */
struct fcgi *fcgi_new(struct arena *) __attribute__((returns_nonnull));

/* Read the head of a request from an accepted, blocking descriptor whose receive and send timeouts
 * are set (SO_RCVTIMEO, SO_SNDTIMEO). Takes the descriptor: it is closed here or in fcgi_finish.
 * False when no readable request of a responder came, or one with a parameter whose name holds a
 * NUL; then nothing else may be called. */
bool fcgi_read(struct fcgi *, int fd) MUST_CHECK;

/* All parameters in the order sent, duplicates too, *count of them; more than LIMIT_PARAMS or
 * LIMIT_PARAMS_BYTES of them is told by *count being SIZE_MAX, and then the answer is NULL. */
const struct fcgi_param *fcgi_params(struct fcgi *, size_t *count);

/* Up to size bytes of the body; fewer only at its end or when it was cut, which *cut tells. */
size_t fcgi_body(struct fcgi *, char *out, size_t size, bool *cut);

/* Send the whole answer with the record that ends the request; head is the CGI header with its
 * blank line. At most once in a request. False when the web server was seen to have gone; true is
 * no proof that it is there. */
bool fcgi_answer(struct fcgi *, const struct text *head, const struct text *body) MUST_CHECK;

/* An answer whose end is not known when it begins, instead of fcgi_answer: its head, pieces, its
 * end or its break. Whoever takes nothing for stall_ms has gone, which the first three tell.
 *
 * A connection that closes looks to many web servers like the end of an answer; a record of a type
 * that there is none of makes them break off towards their client (limits.md 10.4). */
bool fcgi_stream_begin(struct fcgi *, const struct text *head, long stall_ms) MUST_CHECK;
bool fcgi_stream(struct fcgi *, const struct text *piece) MUST_CHECK;
bool fcgi_stream_end(struct fcgi *) MUST_CHECK;
void fcgi_stream_break(struct fcgi *);

/* End the request: drain or cut, close. Without an answer the web server sees a connection that
 * closed before its time. */
void fcgi_finish(struct fcgi *);

/* The connection, to see whether the web server is still there: readable before the answer is
 * written means that it has gone, unless the body was not read to its end. -1 outside a request. */
int fcgi_descriptor(const struct fcgi *);

#endif
