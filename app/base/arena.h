/* SPDX-License-Identifier: BSD-2-Clause */
/* arena.h - memory with a lifetime instead of an owner
 *
 * There are three lifetimes: process, connection, request (STYLE 4). Whatever is made for a request
 * lives in the request's arena and goes when it is reset after the answer, so no function frees and
 * none tests for NULL. Foreign objects (PGresult, json_object) are tied to the arena at birth with
 * arena_defer.
 *
 * Invariants: used <= ceiling; every pointer handed out is aligned for any type and zeroed. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;

/* A new arena that may hold at most ceiling bytes. Passing the ceiling, or having no memory, is our
 * own mistake (inputs are bounded by limits.h first) and aborts the process. */
struct arena *arena_new(size_t ceiling) __attribute__((returns_nonnull));

/* Run the deferred calls, last first, and forget every allocation; the first chunk is kept. */
void arena_reset(struct arena *);

/* As arena_reset, and give the memory back. NULL is allowed. */
void arena_free(struct arena *);

/* size zeroed bytes; never NULL. */
void *
arena_alloc(struct arena *, size_t size) __attribute__((returns_nonnull, malloc, alloc_size(2)));

/* count x size zeroed bytes; an overflowing product aborts. */
void *arena_array(struct arena *, size_t count, size_t size)
    __attribute__((returns_nonnull, malloc, alloc_size(2, 3)));

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* A NUL-terminated copy of len bytes. */
char *arena_copy(struct arena *, const char *bytes, size_t len) __attribute__((returns_nonnull));

/* A NUL-terminated copy of a string. */
char *arena_string(struct arena *, const char *string) __attribute__((returns_nonnull));

/* Formatted text; for messages, never for SQL. */
char *arena_printf(struct arena *, const char *format, ...) PRINTF_LIKE(2, 3)
    __attribute__((returns_nonnull));

/* Call release(object) at reset or free. */
void arena_defer(struct arena *, void (*release)(void *), void *object);

/* Bytes in use now, and the most there ever were (both with bookkeeping). */
size_t arena_used(const struct arena *);
size_t arena_peak(const struct arena *);

#endif
