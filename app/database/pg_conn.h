/* SPDX-License-Identifier: BSD-2-Clause */
/* pg_conn.h - a connection, as pg_connect.c makes it and pg.c uses it
 *
 * The only file that includes libpq, and only those two include it (tests/check/layers.sh). */
#ifndef DATABASE_PG_CONN_H
#define DATABASE_PG_CONN_H

#include <libpq-fe.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/counters.h"
#include "database/pg.h"
#include "database/prepared.h"

/* Functions that take SQL or quote it by hand; text comes from sqltext only (STYLE 6). */
#undef PQexec
#define PQexec(...)             BANNED(PQexec)
#define PQexecParams(...)       BANNED(PQexecParams)
#define PQescapeString(...)     BANNED(PQescapeString)
#define PQescapeLiteral(...)    BANNED(PQescapeLiteral)
#define PQescapeIdentifier(...) BANNED(PQescapeIdentifier)

struct pg {
	struct pg_options options;
	PGconn *conn;
	enum pg_state state;
	PostgresPollingStatusType polling;
	int64_t connect_deadline_ns;
	bool named;           /* prepared statements are possible on this connection */
	bool forget_prepared; /* DEALLOCATE ALL before the next run */
	struct prepared_cache cache;
	const struct pg_failure *failure;
};

/* Where somebody counts. */
void pg_count(struct pg *, enum counter);

#endif
