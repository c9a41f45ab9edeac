/* SPDX-License-Identifier: BSD-2-Clause */
/* sqlstate.c - the table from SQLSTATE to problem: full states first, then classes; first match
 * wins */
#include "database/sqlstate.h"

#include <string.h>

static const struct {
	char prefix[6];
	enum problem_code code;
} sqlstates[] = {
	/* rowhouse.refuse(code) raises RH and the code */
	{ "RHEPO", PROBLEM_EPOCH },
	{ "RH401", PROBLEM_UNAUTHENTICATED },
	{ "RH403", PROBLEM_FORBIDDEN },
	{ "RH404", PROBLEM_NO_ROW },
	{ "RH409", PROBLEM_CONFLICT },
	{ "RH412", PROBLEM_PRECONDITION },
	{ "RHDEL", PROBLEM_CONFLICT }, /* the row is deleted */
	{ "RHREF", PROBLEM_CONFLICT }, /* what it would point to is not there */
	{ "RHRST", PROBLEM_CONFLICT }, /* a row that stays points to it */
	{ "RHLIV", PROBLEM_CONFLICT }, /* the row is not deleted */
	{ "RHMEM", PROBLEM_CONFLICT }, /* the row was deleted along with another */
	{ "RHPAR", PROBLEM_CONFLICT }, /* what the row points to is deleted */
	{ "RHRUN", PROBLEM_RETRY },    /* a locked row was not written: run again */

	{ "40001", PROBLEM_RETRY }, /* serialization_failure */
	{ "40P01", PROBLEM_RETRY }, /* deadlock_detected */
	{ "26000", PROBLEM_RETRY }, /* invalid_sql_statement_name: a pooler or DISCARD took it */
	{ "0A000",
	    PROBLEM_RETRY }, /* feature_not_supported: cached plan must not change result type */
	{ "55P03", PROBLEM_BUSY },        /* lock_not_available */
	{ "57014", PROBLEM_BUSY },        /* query_canceled: statement_timeout */
	{ "25P03", PROBLEM_BUSY },        /* idle_in_transaction_session_timeout */
	{ "25006", PROBLEM_UNAVAILABLE }, /* read_only_sql_transaction: a standby, or a full disk's
					     remedy */
	{ "23502", PROBLEM_VALUE },       /* not_null_violation */
	{ "23514", PROBLEM_VALUE },       /* check_violation */
	{ "23", PROBLEM_CONFLICT },       /* class: integrity constraint violation */
	{ "22", PROBLEM_VALUE },          /* class: data exception */
	{ "54", PROBLEM_VALUE },          /* class: program limit: too long for its index */
	{ "08", PROBLEM_UNAVAILABLE },    /* class: connection exception */
	{ "53", PROBLEM_UNAVAILABLE },    /* class: insufficient resources */
	{ "57P", PROBLEM_UNAVAILABLE },   /* admin_shutdown, crash_shutdown, cannot_connect_now */
	{ "", PROBLEM_INTERNAL },
};

enum problem_code
sqlstate_problem(const char *sqlstate)
{
	size_t i = 0;

	while (strncmp(sqlstates[i].prefix, sqlstate, strlen(sqlstates[i].prefix)) != 0)
		i++; /* the last row matches everything */
	return sqlstates[i].code;
}
