/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster.c - initdb, postgres, and reading its JSON log */
#include "support/cluster.h"

#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"

enum { START_MS = 30000, STOP_MS = 30000, LOG_MS = 5000, ORPHANS = 128 };

struct cluster {
	const char *folder; /* holds data/ and the socket */
	const char *binaries;
	const char *user; /* NULL: ourselves */
	const char *log;
	pid_t pid;
	int mark;
	bool single_role; /* its role was made */
};

/* Who may not be root: initdb and postgres refuse it. */
static const char *
unprivileged(void)
{
	return geteuid() == 0 ? "postgres" : NULL;
}

const char *
cluster_binaries(void)
{
	const char *const ask[] = { "pg_config", "--bindir", NULL };
	const struct outcome *o = process_run(&(struct process_options){ .argv = ask }, 5000);
	const char *newest = NULL, *path;
	const struct dirent *entry;
	DIR *versions;
	long best = 0;

	if (o->exit_code == 0) {
		path = keep_copy(o->output, strcspn(o->output, "\n"));
		if (access(keep_printf("%s/initdb", path), X_OK) == 0)
			return path;
	}
	if ((versions = opendir("/usr/lib/postgresql")) == NULL)
		return NULL;
	while ((entry = readdir(versions)) != NULL) {
		path = keep_printf("/usr/lib/postgresql/%s/bin", entry->d_name);
		if (strtol(entry->d_name, NULL, 10) > best &&
		    access(keep_printf("%s/initdb", path), X_OK) == 0) {
			best = strtol(entry->d_name, NULL, 10);
			newest = path;
		}
	}
	closedir(versions);
	return newest;
}

static bool
make_folder(const struct cluster *c)
{
	const struct passwd *pw;

	if (mkdir(c->folder, 0755) != 0)
		return false;
	if (c->user == NULL)
		return true;
	return (pw = getpwnam(c->user)) != NULL && chown(c->folder, pw->pw_uid, pw->pw_gid) == 0;
}

static bool
make_data(const struct cluster *c)
{
	const char *const argv[] = { keep_printf("%s/initdb", c->binaries), "--pgdata",
		keep_printf("%s/data", c->folder), "--username", CLUSTER_SUPERUSER, "--encoding",
		"UTF8", "--locale", "C.UTF-8", "--auth", "trust", "--no-sync", "--no-instructions",
		NULL };
	const struct outcome *o =
	    process_run(&(struct process_options){ .argv = argv, .user = c->user }, 120000);

	if (o->exit_code != 0)
		fprintf(stderr, "tests: initdb failed: %s\n", o->output);
	return o->exit_code == 0;
}

static bool
configure(const struct cluster *c, const struct cluster_options *options)
{
	FILE *conf = fopen(keep_printf("%s/data/postgresql.conf", c->folder), "ae");

	if (conf == NULL)
		return false;
	fprintf(conf,
	    "\nlisten_addresses = ''\nunix_socket_directories = '%s'\nmax_connections = 60\n"
	    "shared_buffers = 32MB\nfsync = %s\nsynchronous_commit = on\nfull_page_writes = %s\n"
	    "autovacuum_naptime = 5min\nlogging_collector = on\nlog_destination = jsonlog\n"
	    "log_directory = '%s/log'\nlog_filename = 'server.log'\nlog_file_mode = 0644\n"
	    "log_rotation_size = 0\nlog_rotation_age = 0\nlog_statement = %s\n%s\n",
	    c->folder, options->fsync ? "on" : "off", options->fsync ? "on" : "off", c->folder,
	    options->log_statements ? "'all'" : "'none'",
	    options->settings != NULL ? options->settings : "");
	return fclose(conf) == 0;
}

struct cluster *
cluster_start(const char *folder, const struct cluster_options *options)
{
	static const struct cluster_options plain;
	struct cluster *c = keep_alloc(sizeof(*c));

	c->folder = keep_printf("%s/pg", folder);
	c->log = keep_printf("%s/log/server.json", c->folder);
	c->user = unprivileged();
	if ((c->binaries = cluster_binaries()) == NULL) {
		fputs(
		    "tests: initdb was not found; on Debian: apt-get install postgresql\n", stderr);
		return NULL;
	}
	if (!make_folder(c) || !make_data(c) || !configure(c, options != NULL ? options : &plain)) {
		fprintf(stderr, "tests: could not make a cluster in %s: %s\n", c->folder,
		    strerror(errno));
		return NULL;
	}
	return cluster_resume(c) ? c : NULL;
}

bool
cluster_launch(struct cluster *c)
{
	const char *const argv[] = { keep_printf("%s/postgres", c->binaries), "-D",
		keep_printf("%s/data", c->folder), NULL };
	FILE *err = fopen(keep_printf("%s/../postgres.err", c->folder), "ae");

	if (err == NULL)
		return false;
	c->pid = process_start(&(struct process_options){
	    .argv = argv, .user = c->user, .output = fileno(err), .stop_signal = SIGQUIT });
	fclose(err);
	return c->pid > 0;
}

bool
cluster_accepts(struct cluster *c)
{
	return PQping(cluster_conninfo(c, "postgres", CLUSTER_SUPERUSER)) == PQPING_OK;
}

static bool
accepts_or_died(void *argument)
{
	return cluster_accepts(argument) || !process_alive(((struct cluster *)argument)->pid);
}

bool
cluster_resume(struct cluster *c)
{
	char *said;

	if (c->pid == 0 && !cluster_launch(c))
		return false;
	if (wait_until(accepts_or_died, c, START_MS) && cluster_accepts(c))
		return true;
	said = file_read(keep_printf("%s/../postgres.err", c->folder), NULL);
	fprintf(stderr, "tests: PostgreSQL did not start: %s\n", said != NULL ? said : "");
	free(said);
	return false;
}

struct orphans {
	pid_t pids[ORPHANS];
	size_t count;
};

static bool
all_gone(void *argument)
{
	const struct orphans *o = argument;

	for (size_t i = 0; i < o->count; i++)
		if (process_alive(o->pids[i]))
			return false;
	return true;
}

bool
cluster_stop(struct cluster *c, enum cluster_end how)
{
	static const int signals[] = {
		[CLUSTER_FAST] = SIGINT,
		[CLUSTER_IMMEDIATE] = SIGQUIT,
		[CLUSTER_KILL] = SIGKILL,
	};
	struct orphans orphans;
	int code;

	if (c->pid <= 0)
		return true;
	orphans.count = process_children(c->pid, orphans.pids, ORPHANS);
	code = process_stop(c->pid, signals[how], STOP_MS);
	c->pid = 0;
	/* What a killed postmaster leaves notices it soon, and ends; until then the data is in use.
	 */
	return wait_until(all_gone, &orphans, STOP_MS) && (code == 0 || how != CLUSTER_FAST);
}

pid_t
cluster_pid(const struct cluster *c)
{
	return c->pid;
}

const char *
cluster_conninfo(const struct cluster *c, const char *database, const char *user)
{
	return keep_printf("host=%s port=5432 dbname=%s user=%s", c->folder, database, user);
}

PGconn *
cluster_connect(const struct cluster *c, const char *database, const char *user)
{
	PGconn *connection = PQconnectdb(cluster_conninfo(c, database, user));

	if (PQstatus(connection) != CONNECTION_OK) {
		fprintf(stderr, "tests: %s as %s: %s", database, user, PQerrorMessage(connection));
		exit(2);
	}
	return connection;
}

bool
sql_run(PGconn *connection, const char *sql)
{
	PGresult *r = PQexec(connection, sql);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;

	if (!ok)
		fprintf(stderr, "tests: %.200s: %s", sql, PQresultErrorMessage(r));
	PQclear(r);
	return ok;
}

const char **
sql_column(PGconn *connection, const char *sql, size_t *count)
{
	PGresult *r = PQexec(connection, sql);
	const char **column;

	*count = PQresultStatus(r) == PGRES_TUPLES_OK ? (size_t)PQntuples(r) : 0;
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fprintf(stderr, "tests: %.200s: %s", sql, PQresultErrorMessage(r));
	column = keep_alloc((*count + 1) * sizeof(*column));
	for (size_t i = 0; i < *count; i++)
		if (!PQgetisnull(r, (int)i, 0))
			column[i] = keep_printf("%s", PQgetvalue(r, (int)i, 0));
	PQclear(r);
	return column;
}

const char *
sql_value(PGconn *connection, const char *sql)
{
	size_t count;
	const char **column = sql_column(connection, sql, &count);

	return count > 0 ? column[0] : NULL;
}

/* The file that a DBA runs: it makes the roles, once per cluster, and the database. */
static bool
run_roles_sql(const struct cluster *c, const char *name)
{
	const char *const argv[] = { "psql", "--no-psqlrc", "--quiet", "--set",
		keep_printf("database=%s", name), "--file", sandbox_source("sql/roles.sql"),
		"--dbname", cluster_conninfo(c, "postgres", CLUSTER_SUPERUSER), NULL };
	const struct outcome *o = process_run(&(struct process_options){ .argv = argv }, START_MS);

	if (o->exit_code != 0)
		fprintf(stderr, "tests: sql/roles.sql: %s\n", o->output);
	return o->exit_code == 0;
}

bool
cluster_create_database(struct cluster *c, const char *name, enum cluster_roles roles)
{
	PGconn *admin;
	bool ok = true;

	if (roles == CLUSTER_TWO_ROLES)
		return run_roles_sql(c, name);
	/* What a host gives: a login and a database that it owns, and nothing else. */
	admin = cluster_connect(c, "postgres", CLUSTER_SUPERUSER);
	if (!c->single_role)
		ok = c->single_role = sql_run(admin, "CREATE ROLE " CLUSTER_SINGLE " LOGIN");
	ok = ok && sql_run(admin, keep_printf("CREATE DATABASE %s OWNER " CLUSTER_SINGLE, name));
	PQfinish(admin);
	return ok;
}

/* The log from an offset to its end; NULL when it is not there. The caller frees it. */
static char *
log_from(const struct cluster *c, long offset)
{
	FILE *file = fopen(c->log, "re");
	char *text = NULL;
	long end;
	size_t n;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) >= offset &&
	    (text = calloc(1, (size_t)(end - offset) + 1)) != NULL &&
	    fseek(file, offset, SEEK_SET) == 0) {
		n = fread(text, 1, (size_t)(end - offset), file);
		text[n] = '\0';
	}
	fclose(file);
	return text;
}

struct marked {
	const struct cluster *cluster;
	const char *text;
	long from, at;
};

static bool
mark_is_there(void *argument)
{
	struct marked *m = argument;
	char *text = log_from(m->cluster, m->from);
	const char *found = text != NULL ? strstr(text, m->text) : NULL;

	if (found != NULL && (found = strchr(found, '\n')) != NULL)
		m->at = m->from + (found + 1 - text);
	free(text);
	return found != NULL;
}

const char *
cluster_log_path(const struct cluster *c)
{
	return c->log;
}

long
cluster_log_mark(struct cluster *c)
{
	struct marked m = { c, keep_printf("mark %d of process %d", ++c->mark, (int)getpid()), 0,
		0 };
	PGconn *admin = cluster_connect(c, "postgres", CLUSTER_SUPERUSER);

	/* A message of level LOG is written whatever log_statement says. It goes through the same
	 * pipe as every line before it, so what lies before it in the file is complete. */
	sql_run(admin, "SET log_min_messages = log");
	sql_run(admin, keep_printf("DO $$ BEGIN RAISE LOG '%s'; END $$", m.text));
	PQfinish(admin);
	if (!wait_until(mark_is_there, &m, LOG_MS))
		fprintf(stderr, "tests: the server's log %s does not grow\n", c->log);
	return m.at;
}

/* One line of the log as {user, pid, statement, detail}; NULL when it is no statement of a client.
 */
static struct json_object *
statement_of(const char *line)
{
	struct json_object *entry = json_tokener_parse(line), *out, *field;
	const char *message, *user, *text;

	if (entry == NULL)
		return NULL;
	message = json_object_get_string(json_object_object_get(entry, "message"));
	user = json_object_get_string(json_object_object_get(entry, "user"));
	out = NULL;
	if (message != NULL && user != NULL && strcmp(user, CLUSTER_SUPERUSER) != 0 &&
	    (strncmp(message, "execute ", 8) == 0 || strncmp(message, "statement: ", 11) == 0) &&
	    (text = strstr(message, ": ")) != NULL) {
		out = json_object_new_object();
		json_object_object_add(out, "user", json_object_new_string(user));
		json_object_object_add(out, "statement", json_object_new_string(text + 2));
		field = json_object_object_get(entry, "pid");
		json_object_object_add(out, "pid", json_object_get(field));
		field = json_object_object_get(entry, "detail");
		json_object_object_add(out, "detail", json_object_get(field));
	}
	json_object_put(entry);
	return out;
}

struct json_object *
cluster_log_statements(struct cluster *c, long mark)
{
	struct json_object *all = json_object_new_array(), *one;
	long end = cluster_log_mark(c);
	char *text = log_from(c, mark), *line, *next;

	if (text != NULL && end >= mark)
		text[end - mark] = '\0';
	for (line = text; line != NULL && *line != '\0'; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if ((one = statement_of(line)) != NULL)
			json_object_array_add(all, one);
	}
	free(text);
	return all;
}
