/* SPDX-License-Identifier: BSD-2-Clause */
/* door.h - the inside of handler.h
 *
 * A handler's unit is the unit of database/unit.h, which keeps a struct door: the request it works
 * for, and the plan of its writes. */
#ifndef SERVE_DOOR_H
#define SERVE_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "database/action.h"
#include "serve/handler.h"
#include "serve/listing.h"
#include "serve/writing.h"

enum { DOOR_AUTHORITIES = 8 /* that one unit takes */ };

struct door {
	struct request *request;
	struct problem *problem; /* of the attempt */
	struct unit *unit;
	struct writing writing; /* of a unit that writes */
	const struct authority *taken[DOOR_AUTHORITIES];
	size_t taken_count;
	bool over; /* committed, or rolled back */
};

struct rows {
	struct door *door;
	const struct model *model;
	const struct result *cells; /* a column for each that is chosen */
	const bool *chosen;
	struct row *rows;
};

struct row {
	struct door *door;
	const struct model *model;
	const struct rows *found; /* NULL: it was made by this unit */
	size_t at;                /* in the cells */
	const struct change *made;
};

struct table {
	const struct result *cells;
};

struct shown {
	struct door *door;
	size_t statement;
	const struct model *model;
	struct where where;
	struct listing listing; /* of a page */
};

/* Read what the route's schemas ask for, and run its handler. */
bool door_handle(struct request *, struct response *, struct problem *) MUST_CHECK;

/* The door of a unit. */
struct door *door_of(const struct unit *) __attribute__((returns_nonnull));

/* Whether another step may be taken. */
bool door_is_open(struct door *);

/* A mistake of the handler's: a 500 with the cause in the log. */
void door_mistake(struct door *, const char *format, ...) PRINTF_LIKE(2, 3);

/* The reason of the authority that the unit took for this; NULL: it took none. */
const char *door_authority(const struct door *, const struct model *, enum action);

/* What handles stand for; NULL and a mistake when the catalogue has it not, or the column is
 * another model's. */
const struct model *door_model(struct door *, struct model_ref);
const struct column *door_column(struct door *, const struct model *, struct column_ref);

/* Add a condition to a query for the model. */
bool door_compare(struct door *, struct query *, const struct where *) MUST_CHECK;

#endif
