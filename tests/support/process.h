/* SPDX-License-Identifier: BSD-2-Clause */
/* process.h - children: started, watched by the guardian, waited for with a deadline */
#ifndef SUPPORT_PROCESS_H
#define SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_options {
	const char *const *argv; /* NULL-terminated; argv[0] is a path or is looked up in PATH */
	const char *const *environment; /* NULL, or "NAME=value" added to ours, NULL-terminated */
	const char *user;               /* NULL, or who it runs as: needs root */
	int output;                     /* 0, or the descriptor of its standard output and error */
	int keep;                       /* 0, or a descriptor that stays open at its number */
	int stop_signal;                /* how the guardian asks it to end; 0 is SIGTERM */
};

/* What a finished program left behind. Kept memory. */
struct outcome {
	int exit_code;      /* -1: it did not exit by itself in time, or a signal ended it */
	int signal;         /* which, or 0 */
	const char *output; /* standard output and error, as they came */
};

/* Start; -1 when it could not be forked. A failed exec shows as exit code 127. */
pid_t process_start(const struct process_options *);

/* Wait for the end: true and *status as of waitpid(2), false when timeout_ms passed. */
bool process_wait(pid_t, int timeout_ms, int *status);

/* Signal, wait, and kill what did not listen. The exit code, or -1. */
int process_stop(pid_t, int signal, int timeout_ms);

/* Run to its end. */
const struct outcome *
process_run(const struct process_options *, int timeout_ms) __attribute__((returns_nonnull));

/* Children of a process that run the same program, as /proc tells; their number, at most max. */
size_t process_children(pid_t parent, pid_t *out, size_t max);

/* It exists and is no zombie. */
bool process_alive(pid_t);

/* Memory that it shares with no other process, in KiB; -1: it could not be read. */
long process_private_kib(pid_t);

/* Its program or a library that it loaded has this in its name. */
bool process_maps(pid_t, const char *name);

#endif
