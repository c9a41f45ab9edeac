/* SPDX-License-Identifier: BSD-2-Clause */
/* world.h - a whole Rowhouse for a test program: PostgreSQL, the sample, serve, nginx */
#ifndef SUPPORT_WORLD_H
#define SUPPORT_WORLD_H

#include <stdbool.h>

#include "support/client.h"
#include "support/cluster.h"
#include "support/program.h"
#include "support/webserver.h"

#define WORLD_ACME   "11111111-1111-7111-8111-111111111111"
#define WORLD_GLOBEX "22222222-2222-7222-8222-222222222222"

/* The sample's people: admin@, mod@ and user@ of acme.test and globex.test. */
#define WORLD_PASSWORD "rowhouse-demo"

struct world_options {
	enum cluster_roles roles;
	int workers; /* 0: 4 */
	bool log_statements;
	bool no_serve;                /* stop after the sample is loaded: no serve, no nginx */
	bool no_migrate;              /* an empty database, and no serve */
	bool real_hashing;            /* Argon2id as shipped instead of the cheapest */
	const char *settings;         /* NULL, or more lines of rowhouse.conf */
	const char *cluster_settings; /* NULL, or more lines of postgresql.conf */
};

struct world {
	const char *folder, *database, *secret_file;
	enum cluster_roles roles;
	struct cluster *cluster;
	struct program *program;
	struct webserver *webserver;
	struct client *client;
};

/* Build one; NULL when a part failed, which was said on standard error. What was built by then is
 * taken down. */
struct world *world_new(const struct world_options *);
void world_free(struct world *);

/* Connections of a test to the world's database. */
PGconn *world_superuser(const struct world *);
PGconn *world_app(const struct world *);

/* A connection with the owner's rights, as a sysadmin would have them. */
PGconn *world_owner(const struct world *);

/* One value, asked as superuser; see sql_value. */
const char *world_value(const struct world *, const char *sql);

/* "acme" or "globex", by its id. */
const char *world_slug(const char *tenant) __attribute__((returns_nonnull));

/* Sign in as "admin", "mod" or "user" of both tenants, with the world's client. */
bool world_sign_in(const struct world *, const char *who);

/* Stop, add settings, serve again. */
bool world_restart(struct world *, const char *settings);

/* GET through nginx. */
const struct answer *world_get(const struct world *, const char *tenant, const char *path);

#endif
