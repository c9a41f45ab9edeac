/* SPDX-License-Identifier: BSD-2-Clause */
/* response.h - an answer, whole before its first byte leaves
 *
 * Headers come from a closed list and their values are checked, so that nothing a client sent can
 * split the answer. The body's length is always known. */
#ifndef SERVE_RESPONSE_H
#define SERVE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/text.h"
#include "formats/http.h"

struct arena;
struct fcgi;
struct problem;
struct request;

struct response {
	int status;
	struct text body;
	bool
	    streamed; /* the head has left already (response_stream), and the rest with it or not */
	bool no_length; /* of the body is known: it would be streamed */
	bool head;      /* HEAD: the length of the body is told, the body is not sent */
	const char *headers[HTTP_HEADER__MAX]; /* NULL: not sent */
};

/* No answer yet: its status is 0 until somebody says one. */
void response_init(struct response *, struct arena *);

/* A value that cannot stand in a header is our own mistake and aborts. */
void response_header(struct response *, enum http_header, const char *value);

/* A JSON body that was put into response->body. */
void response_json(struct response *, int status);

/* The problem as application/problem+json (RFC 9457); replaces what was there. */
void response_problem(struct response *, const struct request *, const struct problem *);

/* Send the head of an answer whose body follows by fcgi_stream; from then on no other answer is
 * possible. False when the web server has gone. */
bool
response_stream(struct response *, struct fcgi *, const struct request *, long stall_ms) MUST_CHECK;

/* Send; false when the web server has gone. */
bool response_write(struct response *, struct fcgi *, struct arena *) MUST_CHECK;

#endif
