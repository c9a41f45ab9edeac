/* SPDX-License-Identifier: BSD-2-Clause */
/* matching.h - of which rows a condition is true
 *
 * A condition is true of a row or it is not; there is no third way. NULL is a value like others for
 * $ne and $nin, and no comparison but these and $null is true of it. */
#ifndef ORACLE_MATCHING_H
#define ORACLE_MATCHING_H

#include "oracle/reach.h"

/* condition may be NULL: true. */
bool row_matches(
    const struct evaluation *, const struct model *, const struct row *, const struct condition *);

/* A searchable column has the text in it, whatever the case. text may be NULL: true. */
bool
row_is_found(const struct evaluation *, const struct model *, const struct row *, const char *text);

#endif
