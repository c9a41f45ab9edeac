/* SPDX-License-Identifier: BSD-2-Clause */
/* authentication.h - whose request this is: the tenant, and the principal */
#ifndef SERVE_AUTHENTICATION_H
#define SERVE_AUTHENTICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct memory;
struct pg;
struct problem;
struct request;

/* Set request->tenant (when the route needs one) and request->principal. The answers are those of
 * DESIGN 5: missing 403, malformed 400, unknown or suspended 403. */
bool
authentication_apply(struct request *, struct memory *, struct pg *, struct problem *) MUST_CHECK;

#endif
