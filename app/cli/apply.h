/* SPDX-License-Identifier: BSD-2-Clause */
/* apply.h - migrations against a database
 *
 * One at a time may change a database: all of this happens under a session's advisory lock, which
 * goes with the connection however the process ends. Every file runs as the owner role, in a
 * transaction that also records it, so that a file has happened and is recorded, or neither. A file
 * marked no-transaction is recorded as begun before and as finished after; between the two only a
 * person can tell what it did. */
#ifndef CLI_APPLY_H
#define CLI_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "cli/session.h"

struct migration;
struct migrations;
struct problem;
struct settings;

struct apply {
	struct session session;
	const struct settings *settings;
	struct migrations *migrations;
};

/* Connect as who migrates, and read the records: for looking only. */
bool apply_look(struct apply *, struct problem *) MUST_CHECK;

/* The same for changing: wait for the lock, become the owner, run the bootstrap, read the records.
 */
bool apply_open(struct apply *, struct problem *) MUST_CHECK;

/* Run a pending migration; *duration_ms is what was recorded. */
bool
apply_up(struct apply *, const struct migration *, long *duration_ms, struct problem *) MUST_CHECK;

/* Undo an applied one by its down file. */
bool apply_down(
    struct apply *, const struct migration *, long *duration_ms, struct problem *) MUST_CHECK;

/* Record an unfinished one as finished, with its file as it is now; or forget that it was begun. */
bool
apply_repair(struct apply *, const struct migration *, bool applied, struct problem *) MUST_CHECK;

#endif
