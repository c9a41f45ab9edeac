/* SPDX-License-Identifier: BSD-2-Clause */
/* purging.h - rows that go for good, batch by batch
 *
 * Each batch is a transaction of its own (sql/platform/0019_purge.sql), so a run that is stopped
 * goes on where it was. A row goes when nothing refers to it any more; models are gone through
 * until nothing goes. */
#ifndef CLI_PURGING_H
#define CLI_PURGING_H

#include "base/compiler.h"
#include "cli/session.h"

struct problem;
struct result;

struct purging {
	struct session *session; /* of the owner, outside of a transaction */
	const char *tenant;      /* its id */
	const char *slug;        /* for the lines that are printed */
	long batch;
};

/* Models are rows of (oid, name, bound as an instant or NULL: all rows). *gone is how many rows
 * went; what went of each model is printed. */
bool purging_run(
    struct purging *, const struct result *models, long long *gone, struct problem *) MUST_CHECK;

/* BEGIN, the statement, COMMIT. */
bool purging_step(
    struct session *, struct sqltext *, const struct result **, struct problem *) MUST_CHECK;

#endif
