/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.h - what a worker remembers of the database, until the epoch moves
 *
 * The catalogue, and which tenants exist. Everything is of one epoch: the context call of each unit
 * refuses when the database's is another (DESIGN 2), so stale memory is never acted on. */
#ifndef SERVE_MEMORY_H
#define SERVE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/tenant.h"

struct arena;
struct catalogue;
struct memory;
struct pg;
struct problem;

/* Nothing is remembered yet. */
struct memory *memory_new(struct arena *) __attribute__((returns_nonnull));

/* Forget, and load epoch and catalogue anew; run the lint, whose errors are logged and counted.
 * False with a problem when the database cannot be read or *lint_errors is not 0; the old memory is
 * gone in any case. */
bool memory_refresh(struct memory *, struct pg *, int64_t deadline_ns, size_t *lint_errors,
    struct problem *) MUST_CHECK;

/* NULL while nothing is loaded. */
const struct catalogue *memory_catalogue(const struct memory *);
int64_t memory_epoch(const struct memory *);

/* The active tenant with this id; NULL with PROBLEM_TENANT_UNKNOWN when there is none or it is not
 * active. Asks the database once per active tenant and epoch. Others are asked for each time: no
 * unit runs for them, so no epoch would tell that they have become active. */
const struct tenant *memory_tenant(struct memory *, const char id[TENANT_ID_BYTES], struct pg *,
    int64_t deadline_ns, struct problem *) MUST_CHECK;

#endif
