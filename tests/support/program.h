/* SPDX-License-Identifier: BSD-2-Clause */
/* program.h - the built `rowhouse`, its configuration and its processes */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct outcome;
struct program;

/* A rowhouse.conf in the folder with these lines. As root the workers get an unprivileged user. */
struct program *program_new(const char *folder, const char *settings);

/* Add lines; the last one that names a setting counts. Takes effect at the next start. */
bool program_configure(struct program *, const char *settings);

/* `rowhouse COMMAND ARGUMENTS... ` with our configuration, to its end. Arguments end with NULL. */
const struct outcome *
program_run(struct program *, const char *command, ...) __attribute__((returns_nonnull, sentinel));

/* `rowhouse serve`, up to the moment it says that it is ready; false when it ended instead or said
 * nothing in time, with what it wrote on standard error. */
bool program_serve(struct program *);

/* The same without waiting: the supervisor's id. */
pid_t program_launch(struct program *);

pid_t program_pid(const struct program *);

/* Workers now; their number, at most max. */
size_t program_workers(const struct program *, pid_t *out, size_t max);

/* Wait until so many workers run, none of them being `not_this`. */
bool program_wait_workers(struct program *, size_t count, pid_t not_this, int timeout_ms);

/* Signal the supervisor and wait for its end: its exit code, or -1. */
int program_stop(struct program *, int signal, int timeout_ms);

/* The configuration file. */
const char *program_conf(const struct program *) __attribute__((returns_nonnull));

/* The socket that the web server connects to, and the log of the workers (kept memory). */
const char *program_socket(const struct program *) __attribute__((returns_nonnull));
const char *program_log(const struct program *) __attribute__((returns_nonnull));

#endif
