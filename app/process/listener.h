/* SPDX-License-Identifier: BSD-2-Clause */
/* listener.h - the socket on which the web server asks
 *
 * It is made by the supervisor, or given by systemd (LISTEN_FDS), and shared by all workers.
 * Whoever can connect to it speaks for the web server (FastCGI has no authentication), so a unix
 * socket has its mode and group before anybody can connect, and TCP is loopback unless an address
 * is named.
 *
 * Stopping without loss: listener_close_door lets no new connection in, while those that wait can
 * still be accepted; a worker accepts until nothing waits, and only then does the socket go. */
#ifndef PROCESS_LISTENER_H
#define PROCESS_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compiler.h"

struct arena;
struct problem;
struct settings;

struct listener {
	int fd; /* non-blocking, close-on-exec */
	bool is_unix;
	bool given; /* by systemd, which keeps it: what waits is for the process after us */
	const char *address; /* for people: a path or host:port */
	const char *path;    /* of a unix socket that we made; NULL otherwise */
	dev_t device; /* which socket lies at path: ours, or that of a process that replaced us */
	ino_t inode;
};

/* Open it, or take systemd's. PROBLEM_SETTING tells what is wrong and what would be right. Texts
 * live in arena. */
bool listener_open(
    struct listener *, const struct settings *, struct arena *, struct problem *) MUST_CHECK;

/* Accept one connection: blocking, close-on-exec, giving up after timeout_ms without a byte. -1
 * with errno EAGAIN when none waits; any other errno is worth a pause, not an end. */
int listener_accept(const struct listener *, long timeout_ms);

/* No new connection from now on; those that wait stay. Any process that holds the socket may call
 * it, and more than once. Nothing is done to a socket that was given. */
void listener_close_door(const struct listener *);

/* Close the descriptor, and remove the path when our socket is still what lies there. */
void listener_close(struct listener *);

#endif
