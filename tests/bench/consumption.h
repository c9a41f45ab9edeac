/* SPDX-License-Identifier: BSD-2-Clause */
/* consumption.h - processor time and memory of the processes under test, as /proc tells */
#ifndef BENCH_CONSUMPTION_H
#define BENCH_CONSUMPTION_H

#include <stdbool.h>
#include <stdint.h>

struct world;

/* Nanoseconds on a processor since each group of processes began. */
struct consumption {
	int64_t nginx_ns, worker_ns, postgres_ns;
};

/* False when a process could not be read. */
bool consumption_read(const struct world *, struct consumption *);

/* Memory of the largest worker that it shares with nobody, in KiB; -1: it could not be read. */
long consumption_worker_kib(const struct world *);

#endif
