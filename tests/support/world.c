/* SPDX-License-Identifier: BSD-2-Clause */
/* world.c - the parts of a Rowhouse in the order they need each other */
#include "support/world.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"

enum { STOP_MS = 15000 };

static const char *
settings_of(const struct world *w, const struct world_options *o)
{
	bool two = w->roles == CLUSTER_TWO_ROLES;
	const char *app = two ? CLUSTER_APP : CLUSTER_SINGLE;
	const char *migrator = two ? CLUSTER_MIGRATOR : CLUSTER_SINGLE;

	return keep_printf("workers = %d\n"
			   "database = \"%s\"\nmigrate_database = \"%s\"\n"
			   "owner_role = \"%s\"\napp_role = %s\n"
			   "migrations = %s:%s\n"
			   "secret_file = %s\n%s"
			   "login_guesses = 100000\naddress_guesses = 100000\n%s",
	    o->workers > 0 ? o->workers : 4, cluster_conninfo(w->cluster, w->database, app),
	    cluster_conninfo(w->cluster, w->database, migrator), two ? CLUSTER_OWNER : "", app,
	    sandbox_source("sql/platform"), sandbox_source("sql/sample"), w->secret_file,
	    o->real_hashing ? "" : "password_passes = 1\npassword_memory = 64k\n",
	    o->settings != NULL ? o->settings : "");
}

static bool
succeeded(const struct outcome *o, const char *what)
{
	if (o->exit_code != 0)
		fprintf(stderr, "tests: rowhouse %s: exit %d\n%s\n", what, o->exit_code, o->output);
	return o->exit_code == 0;
}

/* Tables, the sample, the secret and the first signing key. */
static bool
fill(struct world *w)
{
	return succeeded(program_run(w->program, "migrate", NULL), "migrate") &&
	    succeeded(program_run(w->program, "key", "init", NULL), "key init");
}

static bool
build(struct world *w, const struct world_options *o)
{
	const struct cluster_options cluster = { .log_statements = o->log_statements,
		.settings = o->cluster_settings };

	if ((w->cluster = cluster_start(w->folder, &cluster)) == NULL ||
	    !cluster_create_database(w->cluster, w->database, w->roles))
		return false;
	w->program = program_new(w->folder, settings_of(w, o));
	if (o->no_migrate)
		return true;
	if (!fill(w))
		return false;
	if (o->no_serve)
		return true;
	if (!program_serve(w->program) ||
	    (w->webserver = webserver_start(w->folder, program_socket(w->program))) == NULL)
		return false;
	w->client = client_new(webserver_url(w->webserver));
	return true;
}

struct world *
world_new(const struct world_options *options)
{
	struct world *w = keep_alloc(sizeof(*w));

	w->folder = sandbox_new("rowhouse");
	w->database = "rowhouse";
	w->secret_file = keep_printf("%s/secret", w->folder);
	w->roles = options->roles;
	if (build(w, options))
		return w;
	world_free(w);
	return NULL;
}

void
world_free(struct world *w)
{
	if (w == NULL)
		return;
	client_free(w->client);
	webserver_stop(w->webserver);
	if (w->program != NULL)
		program_stop(w->program, SIGTERM, STOP_MS);
	if (w->cluster != NULL)
		cluster_stop(w->cluster, CLUSTER_IMMEDIATE);
	sandbox_remove(w->folder);
}

PGconn *
world_superuser(const struct world *w)
{
	return cluster_connect(w->cluster, w->database, CLUSTER_SUPERUSER);
}

PGconn *
world_app(const struct world *w)
{
	return cluster_connect(
	    w->cluster, w->database, w->roles == CLUSTER_TWO_ROLES ? CLUSTER_APP : CLUSTER_SINGLE);
}

PGconn *
world_owner(const struct world *w)
{
	PGconn *c;

	if (w->roles == CLUSTER_SINGLE_ROLE)
		return world_app(w);
	c = cluster_connect(w->cluster, w->database, CLUSTER_MIGRATOR);
	sql_run(c, "SET ROLE " CLUSTER_OWNER);
	return c;
}

const char *
world_value(const struct world *w, const char *sql)
{
	PGconn *superuser = world_superuser(w);
	const char *value = sql_value(superuser, sql);

	PQfinish(superuser);
	return value;
}

const char *
world_slug(const char *tenant)
{
	return strcmp(tenant, WORLD_ACME) == 0 ? "acme" : "globex";
}

bool
world_sign_in(const struct world *w, const char *who)
{
	static const char *const tenants[] = { WORLD_ACME, WORLD_GLOBEX };

	for (size_t i = 0; i < 2; i++)
		if (!client_sign_in(w->client, tenants[i],
			keep_printf("%s@%s.test", who, world_slug(tenants[i])), WORLD_PASSWORD))
			return false;
	return true;
}

bool
world_restart(struct world *w, const char *settings)
{
	program_stop(w->program, SIGTERM, STOP_MS);
	return program_configure(w->program, settings) && program_serve(w->program);
}

const struct answer *
world_get(const struct world *w, const char *tenant, const char *path)
{
	return client_get(w->client, tenant, path);
}
