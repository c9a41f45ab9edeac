/* SPDX-License-Identifier: BSD-2-Clause */
/* paging.h - cursors of a list; for listing.c and envelope.c */
#ifndef SERVE_PAGING_H
#define SERVE_PAGING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct listing;
struct problem;
struct request;
struct result;

/* The list has its order and begins at listing->cursor: its query gets the place to begin behind,
 * and one row more than is shown, which tells whether more follow. A fault when the cursor is not
 * one of ours for the same model, order, filters and tenant. */
bool paging_start(struct listing *, struct request *, struct problem *) MUST_CHECK;

/* The cursor of a row of the result. */
const char *paging_cursor(const struct listing *, const struct request *, const struct result *,
    size_t row) __attribute__((returns_nonnull));

#endif
