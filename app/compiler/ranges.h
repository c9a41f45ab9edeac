/* SPDX-License-Identifier: BSD-2-Clause */
/* ranges.h - the rows of a list by their number: all, or a page; for the files that emit
 *
 * With distinct columns a list has only the first of the rows that are equal there: a sub-select
 * then stands in the table's place, under its alias, so that whatever is beside it is written as
 * over the table. */
#ifndef COMPILER_RANGES_H
#define COMPILER_RANGES_H

struct query;
struct sqltext;

/*	t0."author_id", t0."published" */
void ranges_distinct(struct sqltext *, const struct query *);

/*	 FROM ... WHERE ... */
void ranges_all(struct sqltext *, const struct query *);

/* The same with the fields of each row beside it, as r. */
void ranges_all_with_fields(struct sqltext *, const struct query *);

/*	 FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m */
void ranges_page(struct sqltext *, const struct query *);

/*	 FROM (SELECT t0.* FROM ... WHERE ... ORDER BY ... LIMIT $n OFFSET $m) AS t0
 *
 * The page in the table's place: what is shown of its rows is made of them alone, and not of those
 * that are passed over as well. */
void ranges_page_as_table(struct sqltext *, const struct query *);

#endif
