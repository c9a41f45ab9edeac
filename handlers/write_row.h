/* SPDX-License-Identifier: BSD-2-Clause */
/* write_row.h - one row written, and the answer that says what it has become; for the handlers that
 * write */
#ifndef HANDLERS_WRITE_ROW_H
#define HANDLERS_WRITE_ROW_H

#include <stdbool.h>

#include "base/compiler.h"

struct change;
struct preferences;
struct problem;
struct request;
struct response;

/* Write one row in a unit of its own: 201 with Location where it was made, else 200, or 204 where
 * no body is preferred or the row may not be read. */
bool write_row(struct request *, struct response *, struct change *, const struct preferences *,
    struct problem *) MUST_CHECK;

/* Preference-Applied: what was done of return=. */
void write_applied(struct response *, const struct preferences *);

#endif
