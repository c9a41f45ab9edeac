/* SPDX-License-Identifier: BSD-2-Clause */
/* agreement.h - is it the answer that the oracle gives? */
#ifndef ORACLE_AGREEMENT_H
#define ORACLE_AGREEMENT_H

#include "oracle/evaluate.h"

/* What the program answered. */
struct reply {
	int status;
	struct json_object *body; /* of a whole list an array of its rows; NULL: no JSON */
};

/* NULL when an evaluator with this fault says the same: status, rows in order, totals, and whether
 * there are further pages. Else what differs first. */
const char *disagreement(
    const struct rows *, enum fault, const struct asked *, const struct reply *, struct pool *);

#endif
