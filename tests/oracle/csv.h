/* SPDX-License-Identifier: BSD-2-Clause */
/* csv.h - a whole list as CSV: read, and predicted
 *
 * Both sides become arrays of flat objects, a member per cell under its name in the head
 * (author.name), without the cells that are empty: CSV knows no difference between NULL and the
 * empty text. The rules are RFC 4180 and those of rowhouse-query(7), "Whole lists". */
#ifndef ORACLE_CSV_H
#define ORACLE_CSV_H

#include "oracle/reach.h"

struct json_object;

/* The lines of a body by its head line; NULL when it is no CSV. Put by the caller. */
struct json_object *csv_read(struct pool *, const char *body);

/* The line of a row. Put by the caller. */
struct json_object *csv_shown(const struct evaluation *, const struct asked *, const struct row *);

/* Whether a view has nothing that a line has no place for. */
bool csv_fits(const struct view *);

#endif
