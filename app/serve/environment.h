/* SPDX-License-Identifier: BSD-2-Clause */
/* environment.h - what all requests of a worker share */
#ifndef SERVE_ENVIRONMENT_H
#define SERVE_ENVIRONMENT_H

#include <stdatomic.h>
#include <stdint.h>

struct cache;
struct counters;
struct freshness;
struct gate;
struct memory;
struct password_policy;
struct pg;
struct route_table;
struct secret;
struct settings;

struct environment {
	const struct settings *settings;
	struct counters *counters;
	struct pg *pg;
	struct memory *memory;
	struct cache *cache;              /* NULL: nothing is kept */
	struct freshness *freshness;      /* NULL: there is no worker that could have kept it */
	const struct route_table *routes; /* NULL: none keeps anything */
	const unsigned char *cursor_key;  /* CURSOR_KEY_BYTES */
	const struct secret *secret;      /* NULL: nobody can sign in */
	const struct password_policy *passwords; /* NULL as well then */
	struct gate *logins;                     /* who may hash passwords now */
	struct gate *exports;                    /* who may stream now */
	_Atomic int64_t *worker_deadline_ns;     /* after which the worker is taken for hung */
	unsigned slot;                           /* of this worker, in gates */
};

#endif
