/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.h - one process that answers one request at a time
 *
 * It accepts from the shared socket, hands the request to the service, and keeps the service's
 * connection to PostgreSQL alive; while there is none, every request is answered at once (with
 * 503). It knows the supervisor by three things only: the scoreboard, a pipe on which it says once
 * that it is ready, and SIGTERM. */
#ifndef PROCESS_WORKER_H
#define PROCESS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compiler.h"

struct cache;
struct identity;
struct listener;
struct problem;
struct password_policy;
struct route_table;
struct scoreboard;
struct secret;
struct settings;

/* What a worker ends with; the supervisor acts on it. */
enum worker_exit {
	WORKER_EXIT_DONE = 0,    /* asked to stop, or retired: replaced at once unless all stop */
	WORKER_EXIT_FAILED = 1,  /* could not start */
	WORKER_EXIT_UNSAFE = 78, /* EX_CONFIG: the database may not be served, and never was */
};

struct worker_options {
	const struct settings *settings;
	const struct route_table *routes;
	const unsigned char *cursor_key; /* seals where pages start */
	const struct secret *secret;     /* NULL: nobody can sign in */
	const struct password_policy *passwords;
	const struct listener *listener;
	struct scoreboard *scoreboard;
	struct cache *cache; /* NULL: nothing is kept */
	const struct identity *identity;
	unsigned slot;
	pid_t supervisor;
	int ready_fd; /* a byte is written to it when the database is first ready; never blocks */
};

/* Run until SIGTERM, retirement or the supervisor's death. Called in a child with the signals of
 * the supervisor still blocked; the answer (enum worker_exit) is the exit status. */
int worker_run(const struct worker_options *);

#endif
