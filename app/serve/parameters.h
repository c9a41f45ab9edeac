/* SPDX-License-Identifier: BSD-2-Clause */
/* parameters.h - the parameters of a list, sent in a body (QUERY, RFC 10008)
 *
 * A URL has room for some 8 KiB, which a long list of ids passes. In a body the same parameters are
 * members of one JSON object: text, numbers and booleans, or an array of these for a parameter that
 * is given several times. */
#ifndef SERVE_PARAMETERS_H
#define SERVE_PARAMETERS_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct request;

/* Put the members of the body where the parameters of a query string are. The request's own query
 * string must be empty. */
bool parameters_from_body(struct request *, struct problem *) MUST_CHECK;

/* Faults of parameters that came in the body point there: /query/limit becomes #/limit. */
void parameters_point_into_body(const struct request *, struct problem *);

#endif
