/* SPDX-License-Identifier: BSD-2-Clause */
/* authentication.h - who asks, and for which tenant */
#ifndef SERVE_AUTHENTICATION_H
#define SERVE_AUTHENTICATION_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct request;

/* Set request->tenant and request->principal as its route needs. A bearer credential that is not
 * good is PROBLEM_UNAUTHENTICATED on every route that looks at credentials, even where nobody in
 * particular would be served: a client must not believe it is signed in. */
bool authentication_apply(struct request *, struct problem *) MUST_CHECK;

/* The same with other needs (enum need), for a handler whose need a setting decides. */
bool authentication_need(struct request *, unsigned needs, struct problem *) MUST_CHECK;

#endif
