/* SPDX-License-Identifier: BSD-2-Clause */
/* trail.h - reading the audit log
 *
 * The order of the log is (timeline, xid, ordinal, id): neither ids nor times are in the order of
 * commit. An entry is final when no transaction that could still add one before it is running: its
 * timeline is past, or its xid lies below pg_snapshot_xmin. Who reads forwards is given final
 * entries only, so a late commit is never skipped; who reads backwards is told up to where it is
 * final. */
#ifndef SERVE_TRAIL_H
#define SERVE_TRAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct model;
struct problem;
struct request;
struct result;
struct unit;

/* What is asked for; NULL is whatever. Texts were checked: source, result and actor_type are words
 * of the log, from and to instants. */
struct trail_filter {
	const char *actor_id, *actor_type;
	const char *action; /* * stands for any run of characters */
	const char *target_type, *target_id;
	const char *source, *result;
	const char *from, *to; /* both inclusive */
};

/* What the reader may see of it. Columns are "table.column", by both their names. */
struct trail_sight {
	bool everything;                /* the operator: no bounds, and what follows is not read */
	bool platform;                  /* entries about no model */
	const char *tables;             /* whose entries are shown; an array's text, as all here */
	const char *models;             /* all of the catalogue */
	const char *hidden, *sensitive; /* columns that are left out, and that are starred out */
	const char *instants;           /* columns whose values are shown as instants are */
};

/* By the rule `history` of each model, for a principal of the request's tenant: a model is shown to
 * whom its rule gives all rows, and what is about no model to the role ADMIN. False and a problem
 * when that is nothing at all. */
bool trail_look(struct trail_sight *, struct request *, struct problem *) MUST_CHECK;

/* The entries of one model, for whom its rule was asked already. */
void trail_look_at(struct trail_sight *, struct request *, const struct model *);

enum { TRAIL_PLACE = 4 /* timeline, xid, ordinal, id */, TRAIL_ENTRY = TRAIL_PLACE };

/* The columns of a flat entry behind its place, and their names, which are those in JSON. */
enum trail_column {
	TRAIL_ID,
	TRAIL_AT,
	TRAIL_TIMELINE,
	TRAIL_XID,
	TRAIL_ORDINAL,
	TRAIL_ACTOR_TYPE,
	TRAIL_ACTOR_ID,
	TRAIL_ACTOR_IP,
	TRAIL_OPERATOR_ID,
	TRAIL_ACTION,
	TRAIL_TARGET_TYPE,
	TRAIL_TARGET_ID,
	TRAIL_SOURCE,
	TRAIL_RESULT,
	TRAIL_REASON,
	TRAIL_CHANGES,
	TRAIL_METADATA,
	TRAIL__MAX,
};
extern const char *const trail_columns[];

struct trail_query {
	const struct trail_filter *filter;
	const struct trail_sight *sight;
	bool ascending;
	bool final_only;          /* also when it is not ascending */
	bool flat;                /* columns in place of JSON */
	const char *const *after; /* the place of the entry to begin behind, or NULL */
	long limit;               /* 0: all */
};

/* The place from which on entries are not final: two texts, timeline and xid. To stand in front of
 * trail_add, whose snapshot is no older. */
bool trail_add_final(struct unit *, struct request *, struct problem *) MUST_CHECK;

/* Entries, one per row: TRAIL_PLACE columns that say where it is, then the entry as JSON; or, flat,
 * its columns. */
bool
trail_add(struct unit *, struct request *, const struct trail_query *, struct problem *) MUST_CHECK;

#endif
