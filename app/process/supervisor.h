/* SPDX-License-Identifier: BSD-2-Clause */
/* supervisor.h - the process that is always there
 *
 * It opens the socket, makes the scoreboard, forks the workers and replaces those that end. It
 * never touches a request or a database, so nothing that a stranger sends can bring it down.
 *
 * Signals: SIGTERM, SIGINT: answer what is in flight and what waits, then end; a second one, or
 * SIGQUIT: end at once. */
#ifndef PROCESS_SUPERVISOR_H
#define PROCESS_SUPERVISOR_H

#include "base/compiler.h"

struct arena;
struct password_policy;
struct route_table;
struct secret;
struct settings;

enum supervisor_exit {
	SUPERVISOR_EXIT_DONE = 0,    /* was asked to stop */
	SUPERVISOR_EXIT_SYSTEM = 71, /* EX_OSERR: no memory, no process */
	SUPERVISOR_EXIT_CONFIG = 78, /* EX_CONFIG: settings, or a database that may not be served */
};

struct supervisor_options {
	const struct settings *settings;
	const struct route_table *routes;
	const unsigned char *cursor_key;         /* seals where pages start */
	const struct secret *secret;             /* NULL: nobody can sign in */
	const struct password_policy *passwords; /* NULL as well then */
	struct arena *arena;                     /* process lifetime */
	int ready_fd; /* "ready\n" is written to it, and it is closed, when the first worker is
		       * ready; -1: nobody waits. systemd is told through NOTIFY_SOCKET */
};

/* Serve until told to stop. The answer (enum supervisor_exit) is the exit status. */
int supervisor_run(const struct supervisor_options *);

#endif
