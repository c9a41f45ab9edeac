/* SPDX-License-Identifier: BSD-2-Clause */
/* consumption.c - /proc/PID/schedstat, and the memory that support/process.h reads */
#include "bench/consumption.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/process.h"
#include "support/world.h"

enum { PROCESSES = 128 };

/* All processes here have one thread. */
static bool
add_processor_ns(pid_t pid, int64_t *sum)
{
	char path[64];
	long long ns = 0;
	FILE *file;
	bool read;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	if ((file = fopen(path, "re")) == NULL)
		return false;
	read = fscanf(file, "%lld", &ns) == 1;
	fclose(file);
	*sum += ns;
	return read;
}

static bool
add_children(pid_t parent, int64_t *sum)
{
	pid_t children[PROCESSES];
	size_t count = process_children(parent, children, PROCESSES);

	for (size_t i = 0; i < count; i++)
		if (!add_processor_ns(children[i], sum))
			return false;
	return count > 0;
}

bool
consumption_read(const struct world *w, struct consumption *c)
{
	*c = (struct consumption){ 0 };
	return add_children(webserver_pid(w->webserver), &c->nginx_ns) &&
	    add_children(program_pid(w->program), &c->worker_ns) &&
	    add_children(cluster_pid(w->cluster), &c->postgres_ns);
}

long
consumption_worker_kib(const struct world *w)
{
	pid_t workers[PROCESSES];
	size_t count = program_workers(w->program, workers, PROCESSES);
	long largest = -1;

	for (size_t i = 0; i < count; i++) {
		long kib = process_private_kib(workers[i]);

		if (kib > largest)
			largest = kib;
	}
	return largest;
}
