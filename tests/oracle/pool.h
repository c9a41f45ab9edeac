/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.h - memory of one query and its answer, given back at once
 *
 * Twenty thousand queries would not fit into memory that a test keeps (support/keep.h). */
#ifndef ORACLE_POOL_H
#define ORACLE_POOL_H

#include <stddef.h>

struct pool;

struct pool *pool_new(void) __attribute__((returns_nonnull));

/* Zeroed; ends the program when there is none. */
void *pool_alloc(struct pool *, size_t size) __attribute__((returns_nonnull, warn_unused_result));

char *pool_printf(struct pool *, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

/* Everything that came from it is gone. */
void pool_reset(struct pool *);
void pool_free(struct pool *);

#endif
