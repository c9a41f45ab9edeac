/* SPDX-License-Identifier: BSD-2-Clause */
/* values_probe.h - a table with a column of every kind, as our catalogue has loaded it
 *
 * A private PostgreSQL with the platform's migrations. Parameters are put into statements by our
 * own sqltext.h, as in production; what PostgreSQL makes of them is the oracle. */
#ifndef INTEGRATION_VALUES_PROBE_H
#define INTEGRATION_VALUES_PROBE_H

#include <libpq-fe.h>
#include <stdbool.h>

struct arena;
struct column;
struct model;
struct sqltext;
struct value;

extern struct arena *probe_arena; /* of everything that is asked, until probe_end */
extern PGconn *probe_pg;          /* as superuser */

bool probe_begin(void);
void probe_end(void);

const struct model *probe_model(void);
const struct column *probe_column(const char *name);

/* An answer of one value. */
struct told {
	const char *sqlstate; /* "" when there was no error */
	const char *value;    /* NULL of SQL, and no row, is "NULL" */
};

struct told probe_ask(struct sqltext *);

/* "t" when a parameter of ours is the value that PostgreSQL makes of the text. */
struct told probe_same(const struct column *, const struct value *, const char *text);

/* What the column holds, as text, when a parameter of ours was written to it. */
struct told probe_stored(const struct column *, const struct value *);

#endif
