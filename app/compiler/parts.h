/* SPDX-License-Identifier: BSD-2-Clause */
/* parts.h - what every statement is put together from
 *
 * One canonical form: predicates parenthesised, every name quoted, every table qualified and with
 * its own alias and its own tenant predicate (reference/scaling.md 3). For the files that emit. */
#ifndef COMPILER_PARTS_H
#define COMPILER_PARTS_H

struct column;
struct query;
struct sqltext;

/* t0."title" */
void parts_column(struct sqltext *, const struct query *, const struct column *);

/* A column as JSON will show it, under its name there. row_to_json writes numbers, booleans, json
 * and arrays as such and the rest as strings. */
void parts_shown(struct sqltext *, const struct query *, const struct column *);

/* The table; its tenant and all conditions of the query; both. Who writes the one writes the other
 * behind it, with joins between them at most. */
void parts_from(struct sqltext *, const struct query *);
void parts_where(struct sqltext *, const struct query *);
void parts_from_where(struct sqltext *, const struct query *);

#endif
