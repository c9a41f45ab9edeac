/* SPDX-License-Identifier: BSD-2-Clause */
/* subscriber.h - the process that hears what other hosts write
 *
 * It has a connection to PostgreSQL of its own, past any pooler (setting cache_database), and
 * listens to the channel of serve/caching.h. As long as it is sure to hear everything it extends a
 * lease (base/freshness.h); the supervisor ends the lease of one that has died, and that of one
 * that hangs runs out. Without a lease nobody uses or fills the cache, and a new one begins with an
 * empty cache: rather none than an old answer. */
#ifndef PROCESS_SUBSCRIBER_H
#define PROCESS_SUBSCRIBER_H

#include <sys/types.h>

struct freshness;
struct identity;
struct settings;

struct subscriber_options {
	const struct settings *settings;
	struct freshness *freshness;
	const struct identity *identity;
	pid_t supervisor;
};

/* Run until SIGTERM or the supervisor's death. Called in a child with the signals of the supervisor
 * still blocked; the answer is the exit status. */
int subscriber_run(const struct subscriber_options *);

#endif
