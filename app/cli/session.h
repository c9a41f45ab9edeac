/* SPDX-License-Identifier: BSD-2-Clause */
/* session.h - a connection for a command that a person waits for
 *
 * Statements go one at a time, unnamed and without a deadline; every failure carries PostgreSQL's
 * own text, since who reads it is the operator. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct pg;
struct problem;
struct result;
struct settings;
struct sqltext;

struct session {
	struct arena *arena; /* results live in it */
	struct pg *pg;
};

/* Connect; false and a problem when the database is away or does not let us in. */
bool session_open(struct session *, struct arena *, const struct settings *, const char *conninfo,
    struct problem *) MUST_CHECK;

/* The same as who migrates: the setting migrate_database. */
bool session_open_migrator(
    struct session *, struct arena *, const struct settings *, struct problem *) MUST_CHECK;

/* SET ROLE to the owner of everything; nothing to do in single-role mode. */
bool session_become_owner(struct session *, const struct settings *, struct problem *) MUST_CHECK;

/* Run a statement; result may be NULL. */
bool session_run(
    struct session *, struct sqltext *, const struct result **, struct problem *) MUST_CHECK;

/* The same for a statement that has no parameters: a literal. */
#define session_do(session, literal, result, p)                                                    \
	session_do_((session), "" literal "", sizeof(literal) - 1, (result), (p))
bool session_do_(
    struct session *, const char *, size_t, const struct result **, struct problem *) MUST_CHECK;

/* A query for one boolean. */
bool session_is(struct session *, struct sqltext *, bool *, struct problem *) MUST_CHECK;

/* COMMIT; false also when it was answered ROLLBACK, without an error, for a failed transaction. */
bool session_commit(struct session *, struct problem *) MUST_CHECK;

/* After a failure, for what comes next on the connection; a lost one rolls back by itself. */
void session_roll_back(struct session *);

#endif
