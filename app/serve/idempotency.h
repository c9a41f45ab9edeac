/* SPDX-License-Identifier: BSD-2-Clause */
/* idempotency.h - Idempotency-Key: one effect and one answer, however often it is sent
 *
 * After draft-ietf-httpapi-idempotency-key-header-07. A key belongs to tenant, principal, method
 * and path. It is a plain INSERT in front of the request's write unit, whose COMMIT is held back
 * until status, headers and body are stored in the same unit; so the table holds a key exactly when
 * its effect was committed. A duplicate rolls back and a second unit replays the stored answer.
 *
 *	idempotency_begin(r, p) && idempotency_end(r, response, handler(r, response, p), p)
 *
 * In between, request_run hands write units to idempotency_run. */
#ifndef SERVE_IDEMPOTENCY_H
#define SERVE_IDEMPOTENCY_H

#include <stdbool.h>

#include "base/compiler.h"

struct context;
struct problem;
struct request;
struct response;
struct unit;

/* Read the header of a request that is routed and authenticated. Methods that change nothing ignore
 * it; a malformed one, or one on a route whose answer is a secret, is a fault. */
bool idempotency_begin(struct request *, struct problem *) MUST_CHECK;

/* Run a unit of the request: a write of a keyed request with its key in front, its COMMIT held. A
 * keyed request has one write unit, and nothing but parts of it may run after its first. */
bool idempotency_run(
    struct request *, struct unit *, const struct context *, struct problem *) MUST_CHECK;

/* The handler is done: store its answer and commit; or roll back, and replay what the key has
 * stored: then the problem is gone and this is true. */
bool
idempotency_end(struct request *, struct response *, bool handled, struct problem *) MUST_CHECK;

#endif
