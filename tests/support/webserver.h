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

/* A text of the shipped files (quickstart.conf.in, rowhouse.conf), and what is put there instead.
 */
struct webserver_edit {
	const char *from, *to;
};

/* The same with copies of the shipped files, in which each edit of the list, ended by a NULL, was
 * made wherever its text stands. NULL as well when it stands nowhere. The folder is made. */
struct webserver *
webserver_start_edited(const char *folder, const char *socket, const struct webserver_edit *);

void webserver_stop(struct webserver *);

const char *webserver_url(const struct webserver *) __attribute__((returns_nonnull));
int webserver_port(const struct webserver *);
pid_t webserver_pid(const struct webserver *);

/* What nginx wrote into its error log. Kept memory. */
const char *webserver_errors(const struct webserver *) __attribute__((returns_nonnull));

#endif
