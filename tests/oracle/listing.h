/* SPDX-License-Identifier: BSD-2-Clause */
/* listing.h - rows of a list in order, and rows as JSON */
#ifndef ORACLE_LISTING_H
#define ORACLE_LISTING_H

#include "oracle/reach.h"

struct json_object;

/* Those of the rows for which the conditions hold, in the order that was asked for or else the
 * model's; behind it the id, in the direction of the last key, so that no two rows are equal (W39).
 */
struct row_list rows_listed(
    const struct evaluation *, const struct model *, struct row_list, const struct listed *);

/* Whether only the id decides between two rows, and whether a sort key of the row is NULL. */
bool rows_tie(const struct evaluation *, const struct model *, const struct listed *,
    const struct row *, const struct row *);
bool row_has_null_key(const struct model *, const struct listed *, const struct row *);

/* Whether two rows are equal in these columns (bits), NULLs being equal; whether one of the columns
 * is NULL. */
bool rows_equal_in(const struct model *, unsigned columns, const struct row *, const struct row *);
bool row_has_null_in(const struct model *, unsigned columns, const struct row *);

struct json_object *cell_shown(struct pool *, enum type, const struct cell *);

/* A row with what is shown of it. link: of the join table on the way to it, or NULL. */
struct json_object *row_shown(const struct evaluation *, const struct model *, const struct row *,
    const struct view *, const struct row *link);

#endif
