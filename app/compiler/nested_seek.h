/* SPDX-License-Identifier: BSD-2-Clause */
/* nested_seek.h - which rows nested operations are upon, and which of their changes come true
 *
 * Rows are read as their reader may read them, live, and are locked until COMMIT, so that what was
 * found is there still when it is written. */
#ifndef COMPILER_NESTED_SEEK_H
#define COMPILER_NESTED_SEEK_H

#include <stdbool.h>

#include "base/compiler.h"
#include "compiler/stages.h"

struct change_actor;
struct nested;
struct plan;
struct problem;

/* Whether an operation is upon the row with this id. */
bool nested_is_id(const struct nested *, const char *id);

/* Whether anything must be read to settle it. */
bool nested_is_sought(const struct nested *);

/* Settle an operation, or ask for what that needs: then the unit must be held and the call made
 * again. Once it is settled, make or row is left, the other one is NULL, and the id is known. */
enum emission nested_settle(
    struct nested *, const struct change_actor *, struct plan *, struct problem *) MUST_CHECK;

#endif
