/* SPDX-License-Identifier: BSD-2-Clause */
/* fields.h - what of a row is shown, and in which order rows are; for the files that emit */
#ifndef COMPILER_FIELDS_H
#define COMPILER_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct query;
struct sqltext;

/* The columns, includes, counts and link of a row, separated by commas. */
void fields_put(struct sqltext *, const struct query *);

/*	 CROSS JOIN LATERAL (SELECT fields) AS r
 *
 * The fields as one row r beside the table. The sub-select has no table of its own, so the planner
 * folds it in. */
void fields_lateral(struct sqltext *, const struct query *);

/* Whether a column of the model, by its index, is shown. */
bool fields_is_shown(const struct query *, size_t column);

/* Whether some of them are sub-selects. */
bool fields_has_nested(const struct query *);

/*	 ORDER BY t0."created_at" DESC, t0."id" DESC */
void fields_order(struct sqltext *, const struct query *);

/*	t0."created_at" DESC, t0."id" DESC */
void fields_sort_keys(struct sqltext *, const struct query *);

#endif
