/* SPDX-License-Identifier: BSD-2-Clause */
/* uuid.h - ids of new rows
 *
 * Made here and not in the database, so that a row, its children and its log entry share one
 * parameter and none of them has to wait for another's answer. */
#ifndef FORMATS_UUID_H
#define FORMATS_UUID_H

struct arena;

/* A UUID of version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random bits; in lower
 * case, as PostgreSQL writes it. */
const char *uuid_v7(struct arena *) __attribute__((returns_nonnull));

#endif
