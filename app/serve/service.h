/* SPDX-License-Identifier: BSD-2-Clause */
/* service.h - what one worker does with a request
 *
 * The process layer accepts, the service answers. It holds the worker's connection to PostgreSQL
 * and what the worker remembers (catalogue, epoch, tenants). */
#ifndef SERVE_SERVICE_H
#define SERVE_SERVICE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct cache;
struct counters;
struct fcgi;
struct freshness;
struct gate;
struct password_policy;
struct pg;
struct route_table;
struct secret;
struct settings;
struct service;

/* What a service is given; all of it outlives the service. */
struct service_options {
	const struct settings *settings;
	const struct route_table *routes;
	struct counters *counters;
	struct cache *cache;                     /* NULL: nothing is kept */
	struct freshness *freshness;             /* of what is kept, here and by other workers */
	const unsigned char *cursor_key;         /* CURSOR_KEY_BYTES; seals where pages start */
	const struct secret *secret;             /* NULL: nobody can sign in */
	const struct password_policy *passwords; /* NULL as well then */
	struct gate *logins;                     /* who may hash passwords */
	struct gate *exports;                    /* who may stream */
	_Atomic int64_t *deadline_ns;            /* after which the worker is taken for hung */
	unsigned slot;                           /* of this worker, in gates */
};

enum service_state {
	SERVICE_DOWN,   /* no connection, or the catalogue could not be loaded: 503 */
	SERVICE_UNSAFE, /* the lint found errors, which are logged: 503 */
	SERVICE_READY,
	SERVICE__MAX,
};

/* arena lives as long as the process. */
struct service *
service_new(struct arena *, const struct service_options *) __attribute__((returns_nonnull));

/* The worker's connection, for the process layer to make and to watch. */
struct pg *service_pg(struct service *);

/* The connection has just come up: load the catalogue, run the lint. Blocks within the connect
 * timeout. */
enum service_state service_refresh(struct service *);

enum service_state service_state(const struct service *);

/* Answer the request that was read; never fails: every failure is an answer. Does not finish it. */
void service_answer(struct service *, struct fcgi *);

#endif
