/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.h - what a worker knows of the database, all of one epoch
 *
 * Catalogue, signing keys, and what requests have asked since (remembered.h). The context call of
 * each unit refuses when the database's epoch is another (DESIGN 2), so old memory is never acted
 * on. */
#ifndef SERVE_MEMORY_H
#define SERVE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct catalogue;
struct keyring;
struct memory;
struct pg;
struct problem;
struct remembered;
struct secret;
struct settings;

/* Nothing is known yet. secret may be NULL: then there are no signing keys. */
struct memory *memory_new(struct arena *, const struct settings *, const struct secret *)
    __attribute__((returns_nonnull));

/* Forget, and load epoch, catalogue and keys anew; run the lint, whose errors are logged and
 * counted. False with a problem when the database cannot be read or *lint_errors is not 0; the old
 * memory is gone in any case. */
bool memory_refresh(struct memory *, struct pg *, int64_t deadline_ns, size_t *lint_errors,
    struct problem *) MUST_CHECK;

/* NULL while nothing is loaded. */
const struct catalogue *memory_catalogue(const struct memory *);
const struct keyring *memory_keyring(const struct memory *);
int64_t memory_epoch(const struct memory *);

struct remembered *memory_remembered(struct memory *) __attribute__((returns_nonnull));

#endif
