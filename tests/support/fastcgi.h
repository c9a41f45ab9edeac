/* SPDX-License-Identifier: BSD-2-Clause */
/* fastcgi.h - the web server's side of FastCGI, by hand
 *
 * For what no web server does on request: to connect now and ask later, to see the last record, to
 * cut a request in the middle. */
#ifndef SUPPORT_FASTCGI_H
#define SUPPORT_FASTCGI_H

#include <stdbool.h>
#include <stddef.h>

/* Connect to a unix socket; -1 when that is refused. */
int fastcgi_connect(const char *path);

/* Send a GET without a body. uri is REQUEST_URI; token is the bearer's, or NULL. */
bool fastcgi_send(int fd, const char *uri, const char *token);

/* The same with more parameters, "NAME=value" each, NULL-terminated. They stand instead of the
 * usual ones, such as REQUEST_METHOD, and beside the token's HTTP_AUTHORIZATION. */
bool fastcgi_send_with(int fd, const char *uri, const char *token, const char *const *params);

struct fastcgi_answer {
	bool whole;       /* END_REQUEST came, with status "request complete" */
	int status;       /* of the Status header; 200 without one; 0: no head came */
	const char *text; /* head and body as sent; kept memory */
};

/* Read to the end of the connection, within timeout_ms between two reads. Closes it. */
struct fastcgi_answer fastcgi_receive(int fd, int timeout_ms);

#endif
