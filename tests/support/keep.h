/* SPDX-License-Identifier: BSD-2-Clause */
/* keep.h - memory and time of a test program
 *
 * A test program is short: what the harness allocates is kept until it exits and stays reachable,
 * so that neither a test nor a leak checker has to think about it. */
#ifndef SUPPORT_KEEP_H
#define SUPPORT_KEEP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory for the life of the program; ends the program when there is none. */
void *keep_alloc(size_t size) __attribute__((returns_nonnull, warn_unused_result));
char *keep_copy(const char *bytes, size_t len) __attribute__((returns_nonnull));
char *keep_printf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);

/* True as soon as condition(argument) is, asked every few milliseconds; false when timeout_ms
 * passed. */
bool wait_until(bool (*condition)(void *), void *argument, int timeout_ms);

/* Let so many milliseconds pass; for the time between two looks, never instead of a look. */
void pause_ms(int ms);

/* The whole file with a NUL behind it, *len (may be NULL) without; NULL when it cannot be read. The
 * caller frees it. */
char *file_read(const char *path, size_t *len);
bool file_write(const char *path, const char *text);

#endif
