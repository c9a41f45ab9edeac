/* SPDX-License-Identifier: BSD-2-Clause */
/* comparing.h - one value against another, and against a comparator's operands */
#ifndef ORACLE_COMPARING_H
#define ORACLE_COMPARING_H

#include "oracle/reach.h"

/* As cell_compare, with the faults of an evaluation. */
int compare_values(const struct evaluation *, enum type, const struct cell *, const struct cell *);

/* Whether text has a part, whatever the case or not. */
bool text_contains(const struct evaluation *, const char *text, const char *part, bool folded);

/* Whether the condition's comparator holds for the value and the condition's operands. */
bool
value_matches(const struct evaluation *, enum type, const struct cell *, const struct condition *);

/* The same for what lies in a jsonb value at the condition's path. */
bool json_matches(const struct evaluation *, const struct cell *, const struct condition *);

/* NULL at the path, or altogether. */
bool json_is_null(const struct evaluation *, const struct cell *, const char *path);

#endif
