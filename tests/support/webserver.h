/* SPDX-License-Identifier: BSD-2-Clause */
/* webserver.h - a real nginx, with the configuration of this tree */
#ifndef SUPPORT_WEBSERVER_H
#define SUPPORT_WEBSERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct webserver;

/* nginx/quickstart.conf.in filled in, on a free port of 127.0.0.1, in front of a FastCGI socket.
 * Ready when it accepts; NULL when it did not start, with what it said on standard error. */
struct webserver *webserver_start(const char *folder, const char *socket);

/* The same with a configuration given as text; @PORT@, @DIR@ and @SOCKET@ are filled in. */
struct webserver *webserver_start_text(const char *folder, const char *socket, const char *conf);

void webserver_stop(struct webserver *);

const char *webserver_url(const struct webserver *) __attribute__((returns_nonnull));
int webserver_port(const struct webserver *);

/* What nginx wrote into its error log. Kept memory. */
const char *webserver_errors(const struct webserver *) __attribute__((returns_nonnull));

#endif
