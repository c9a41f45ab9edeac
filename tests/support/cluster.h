/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster.h - a private PostgreSQL
 *
 * initdb in the sandbox, a unix socket and no TCP, trust authentication; as root it runs as user
 * postgres. Its log is JSON, so that a test can count what the server really saw. */
#ifndef SUPPORT_CLUSTER_H
#define SUPPORT_CLUSTER_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct json_object;
struct cluster;

enum cluster_roles {
	CLUSTER_TWO_ROLES,   /* rowhouse_owner (NOLOGIN), rowhouse_app, rowhouse_migrator */
	CLUSTER_SINGLE_ROLE, /* rowhouse_single owns the database and does everything */
};

/* Names that a test logs in as. */
#define CLUSTER_SUPERUSER "postgres"
#define CLUSTER_OWNER     "rowhouse_owner"
#define CLUSTER_APP       "rowhouse_app"
#define CLUSTER_MIGRATOR  "rowhouse_migrator"
#define CLUSTER_SINGLE    "rowhouse_single"

struct cluster_options {
	bool fsync;           /* off unless a test is about losing power */
	bool log_statements;  /* every statement as the server ran it, in the log */
	const char *settings; /* NULL, or lines added to postgresql.conf */
};

enum cluster_end { CLUSTER_FAST, CLUSTER_IMMEDIATE, CLUSTER_KILL };

/* The folder with initdb, postgres and pgbench, which Debian keeps out of PATH; NULL: none. */
const char *cluster_binaries(void);

/* Make and start one inside the folder; NULL when that failed, which was said on standard error. */
struct cluster *cluster_start(const char *folder, const struct cluster_options *);

/* Stop by the postmaster's id. CLUSTER_KILL is kill -9, of the postmaster alone. */
bool cluster_stop(struct cluster *, enum cluster_end);

/* Start again on the same data; cluster_launch returns at once, cluster_resume when it accepts. */
bool cluster_launch(struct cluster *);
bool cluster_resume(struct cluster *);
bool cluster_accepts(struct cluster *);
pid_t cluster_pid(const struct cluster *);

/* Connection string; what a login may do is said by who it is. */
const char *cluster_conninfo(const struct cluster *, const char *database, const char *user)
    __attribute__((returns_nonnull));

/* A database and, once per cluster, the roles. */
bool cluster_create_database(struct cluster *, const char *name, enum cluster_roles);

/* An open connection; the test ends it with PQfinish. Ends the program when it cannot be had. */
PGconn *cluster_connect(const struct cluster *, const char *database, const char *user);

/* Run SQL text (several statements) on a connection; false and the message on standard error. */
bool sql_run(PGconn *, const char *sql);

/* The first column of the first row, or NULL: no row, a NULL, or an error. Kept memory. */
const char *sql_value(PGconn *, const char *sql);

/* The first column of all rows; *count of them. Kept memory. */
const char **sql_column(PGconn *, const char *sql, size_t *count);

/* The server's log. */
const char *cluster_log_path(const struct cluster *) __attribute__((returns_nonnull));

/* A place in the server's log: everything said before the call lies before it. */
long cluster_log_mark(struct cluster *);

/* The statements that the server executed since mark: an array of objects {user, pid, statement,
 * detail}, in the order of the log, without those of the superuser. Put by the caller. */
struct json_object *cluster_log_statements(struct cluster *, long mark);

#endif
