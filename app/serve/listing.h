/* SPDX-License-Identifier: BSD-2-Clause */
/* listing.h - pages of rows: their parameters and their envelope
 *
 * The grammar and the envelope are those of the nestarc pagination package
 * (reference/nestarc-features.md P1 to P21); what that package clamps, ignores or guesses is a
 * fault here (DESIGN 4).
 *
 * There are two ways through a list. page= counts rows from the start. after= and before= begin
 * behind a row that was shown, whatever was inserted or deleted since, and cost the same at any
 * depth; empty, they begin at the first and at the last row. */
#ifndef SERVE_LISTING_H
#define SERVE_LISTING_H

#include <stdbool.h>

#include "base/compiler.h"
#include "compiler/query.h"
#include "formats/cursor.h"

struct problem;
struct request;
struct response;
struct unit;

enum paging {
	PAGING_PAGE,
	PAGING_AFTER,
	PAGING_BEFORE,
};

struct listing {
	struct query *query;
	long page, limit; /* page from 1 */
	enum paging paging;
	const char *cursor; /* of after= or before=, "" at either end of the list */
	unsigned char binding[CURSOR_BINDING_BYTES]; /* of the cursors of this list */
	enum counting counting;
	const char *preferred; /* the word of Prefer that counting came from, or NULL */
};

/* The request's query string into a query for the model: which rows, in which order, and what of
 * them (rowhouse-query(7)). All faults at once. */
bool listing_read(struct listing *, struct request *, struct query *, struct problem *) MUST_CHECK;

/* The same for groups of rows and their values (SHAPE_GROUPS, SHAPE_TOTALS). */
bool listing_read_groups(
    struct listing *, struct request *, struct query *, struct problem *) MUST_CHECK;

/* What a query for one row may be asked: include, select. All faults at once. */
bool listing_read_row(struct request *, struct query *, struct problem *) MUST_CHECK;

/* What a query for all rows may be asked: everything but a place and a count. */
bool listing_read_export(struct request *, struct query *, struct problem *) MUST_CHECK;

/* What a query for the rows of a change may be asked (SHAPE_KEYS, locking is set): conditions, of
 * which there must be one; of a deletion also force=, which the caller reads, and deleted rows. */
bool listing_read_targets(struct request *, struct query *, struct problem *) MUST_CHECK;

/* {data, meta, links} from the unit of the query, which has run; Link and ETag (envelope.c). */
void listing_respond(
    const struct listing *, const struct request *, const struct unit *, struct response *);

#endif
