/* SPDX-License-Identifier: BSD-2-Clause */
/* fcgi.h - one FastCGI request at a time
 *
 * fcgi.c is the only file that includes libfcgi, fenced as reference/reliability.md 2 found
 * necessary: the connection is accepted by us and handed over; it is never kept for a second
 * request, because a body that nobody read would be taken for records (request smuggling); what is
 * unread is drained within LIMIT_DRAIN_BYTES or the connection is cut. Parameters are the web
 * server's word: bounded here, believed by nobody.
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

/* Write a whole answer (CGI header, blank line, body). Up to 8 KiB leave only with fcgi_finish, in
 * one write. False when the web server was seen to have gone; true is no proof that it is there. */
bool fcgi_write(struct fcgi *, const char *bytes, size_t len);

/* End the request: send what is left of the answer, then drain or cut, close. */
void fcgi_finish(struct fcgi *);

/* The connection, to see whether the web server is still there: readable before the answer is
 * written means that it has gone, unless the body was not read to its end. -1 outside a request. */
int fcgi_descriptor(const struct fcgi *);

#endif
