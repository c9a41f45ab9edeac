/* SPDX-License-Identifier: BSD-2-Clause */
/* contest.c - scripts for pgbench and wrk, and reading what they say */
#include "bench/contest.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/consumption.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/world.h"

enum {
	ARGUMENTS = 2048,
	SLACK_MS = 30000,
	PARAMETERS = 64,
	LEARNING = 16,
	LOG_MS = 20000,
	LOG_REQUESTS = 16
};

struct contest {
	struct world *world;
	struct contest_options options;
	const char *lua;
	const char *arguments[ARGUMENTS]; /* of pgbench: scripts and variables */
	size_t argument_count;
};

/* --- tools ------------------------------------------------------------------------------------ */

static const char *
find_program(const char *name)
{
	const char *binaries = cluster_binaries();
	const char *path =
	    keep_printf("%s:/usr/sbin:%s", getenv("PATH"), binaries != NULL ? binaries : "");

	while (*path != '\0') {
		size_t len = strcspn(path, ":");
		const char *file = keep_printf("%.*s/%s", (int)len, path, name);

		if (access(file, X_OK) == 0)
			return file;
		path += len + (path[len] == ':');
	}
	return NULL;
}

bool
contest_tools(void)
{
	static const struct {
		const char *program, *package;
	} needed[] = { { "pgbench", "postgresql" }, { "wrk", "wrk" } };
	bool found = true;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (find_program(needed[i].program) == NULL) {
			fprintf(stderr, "bench: %s was not found; on Debian: apt-get install %s\n",
			    needed[i].program, needed[i].package);
			found = false;
		}
	return found;
}

struct logging {
	struct world *world;
	const char *token;
	bool all;
};

/* A server process hears of a new setting between two statements: ask until all have. */
static bool
logs_as_wanted(void *argument)
{
	const struct logging *l = argument;
	long mark = cluster_log_mark(l->world->cluster);
	struct json_object *said;
	size_t count;

	for (int i = 0; i < LOG_REQUESTS; i++)
		client_send(l->world->client, "GET", "/api/posts?limit=1", l->token, NULL);
	cluster_log_mark(l->world->cluster);
	said = cluster_log_statements(l->world->cluster, mark);
	count = json_object_array_length(said);
	json_object_put(said);
	return l->all ? count >= LOG_REQUESTS : count == 0;
}

bool
contest_log(struct world *w, const char *token, bool all)
{
	PGconn *superuser = world_superuser(w);
	bool set =
	    sql_run(superuser,
		keep_printf("ALTER SYSTEM SET log_statement = '%s'", all ? "all" : "none")) &&
	    sql_run(superuser, "SELECT pg_reload_conf()");

	PQfinish(superuser);
	return set && wait_until(logs_as_wanted, &(struct logging){ w, token, all }, LOG_MS);
}

/* --- statements for pgbench ------------------------------------------------------------------- */

/* The value of parameter n in "parameters: $1 = 'a', $2 = NULL"; NULL for a NULL. */
static const char *
parameter_of(const char *detail, unsigned n)
{
	const char *at = strstr(detail, keep_printf("$%u = ", n));
	char *value, *out;

	if (at == NULL || (at = strchr(at, '\'')) == NULL)
		return NULL;
	value = out = keep_copy(at + 1, strlen(at + 1));
	for (at++; *at != '\'' || at[1] == '\''; at++) {
		*out++ = *at;
		at += *at == '\'';
	}
	*out = '\0';
	return value;
}

static void
add_argument(struct contest *c, const char *argument)
{
	if (c->argument_count + 1 >= ARGUMENTS)
		abort();
	c->arguments[c->argument_count++] = argument;
}

/* A literal with its quotes. pgbench takes a colon for the start of a variable everywhere: within
 * a literal it is written as an escape, which the parser turns back into the same constant. */
static const char *
put_literal(FILE *out, const char *at)
{
	const char *end = at + 1;

	while (*end != '\'' || end[1] == '\'')
		end += *end == '\'' ? 2 : 1;
	if (memchr(at, ':', (size_t)(end - at)) != NULL)
		fputc('E', out);
	for (; at <= end; at++)
		if (*at == ':')
			fputs("\\072", out);
		else
			fputc(*at, out);
	return at;
}

/* One statement, $n as a variable of pgbench. */
static void
put_statement(struct contest *c, FILE *out, const char *statement, const char *detail)
{
	const char *names[PARAMETERS] = { NULL };

	for (const char *at = statement; *at != '\0';) {
		char *end;
		unsigned n;

		if (*at == '\'') {
			at = put_literal(out, at);
			continue;
		}
		if (*at != '$' || !isdigit((unsigned char)at[1])) {
			fputc(*at++, out);
			continue;
		}
		n = (unsigned)strtoul(at + 1, &end, 10);
		at = end;
		if (n >= PARAMETERS || parameter_of(detail, n) == NULL) {
			fputs("NULL", out);
			continue;
		}
		if (names[n] == NULL) {
			names[n] = keep_printf("v%zu", c->argument_count);
			add_argument(c, keep_printf("-D%s=%s", names[n], parameter_of(detail, n)));
		}
		fprintf(out, ":%s", names[n]);
	}
	fputs(";\n", out);
}

/* What `rowhouse explain` prints of the URL is among what was said. */
static bool
is_explained(struct contest *c, struct json_object *said, const char *url)
{
	const struct outcome *o =
	    program_run(c->world->program, "explain", keep_printf("GET %s", url), "--tenant",
		c->options.tenant, "--as", c->options.login, "--json", NULL);
	struct json_object *explained = json_tokener_parse(o->output);
	const char *statement = document_text(explained, "0.statement");

	for (size_t k = 0; o->exit_code == 0 && k < json_object_array_length(said); k++)
		if (strcmp(document_text(said, keep_printf("%zu.statement", k)), statement) == 0)
			return true;
	fprintf(stderr, "bench: rowhouse explain: exit %d, not what the log has: %.500s\n",
	    o->exit_code, o->output);
	return false;
}

/* The statements since mark as a script of one pipeline. */
static bool
write_script(struct contest *c, long mark, size_t i)
{
	struct json_object *said = cluster_log_statements(c->world->cluster, mark);
	const char *path = keep_printf("%s/%s-%zu.sql", c->world->folder, c->options.name, i);
	size_t count = json_object_array_length(said);
	FILE *out = fopen(path, "we");

	if (out == NULL || count < 3) {
		fprintf(
		    stderr, "bench: %zu statements of %s in the log\n", count, c->options.urls[i]);
		return false;
	}
	if (i == 0 && c->options.method == NULL && !is_explained(c, said, c->options.urls[i]))
		return false;
	fputs("\\startpipeline\n", out);
	for (size_t k = 0; k < count; k++) {
		struct json_object *one = json_object_array_get_idx(said, k);

		put_statement(
		    c, out, document_text(one, "statement"), document_text(one, "detail"));
	}
	fputs("\\endpipeline\n", out);
	json_object_put(said);
	add_argument(c, "-f");
	add_argument(c, path);
	return fclose(out) == 0;
}

static const char *
method_of(const struct contest *c)
{
	return c->options.method != NULL ? c->options.method : "GET";
}

static const struct answer *
ask(struct contest *c, size_t i)
{
	return client_send(
	    c->world->client, method_of(c), c->options.urls[i], c->options.token, c->options.body);
}

/* What a request says once every worker knows the token: at its first use there is more. */
static bool
learn(struct contest *c, size_t i)
{
	const struct answer *a;
	long mark;

	for (int k = 0; i == 0 && k < LEARNING * c->options.connections; k++)
		ask(c, i);
	mark = cluster_log_mark(c->world->cluster);
	a = ask(c, i);
	if (a->status != 200) {
		fprintf(stderr, "bench: %s: status %d: %.300s\n", c->options.urls[i], a->status,
		    a->body);
		return false;
	}
	cluster_log_mark(c->world->cluster); /* what was said by now is in the file */
	return write_script(c, mark, i);
}

/* --- wrk -------------------------------------------------------------------------------------- */

static const char lua_head[] = "local paths = {\n";
static const char lua_tail[] =
    "}\nlocal i = 0\n"
    "request = function()\n"
    "  i = i % #paths + 1\n"
    "  return wrk.format(nil, paths[i])\n"
    "end\n"
    "done = function(summary, latency, requests)\n"
    "  local e = summary.errors\n"
    "  io.write(string.format('BENCH %d %d %d %d %d\\n', summary.requests, summary.duration,\n"
    "    latency:percentile(50), latency:percentile(99),\n"
    "    e.connect + e.read + e.write + e.status + e.timeout))\n"
    "end\n";

static bool
write_lua(struct contest *c)
{
	FILE *out;

	c->lua = keep_printf("%s/%s.lua", c->world->folder, c->options.name);
	if ((out = fopen(c->lua, "we")) == NULL)
		return false;
	fprintf(out, "wrk.method = '%s'\n", method_of(c));
	if (c->options.body != NULL)
		fprintf(out, "wrk.body = '%s'\nwrk.headers['Content-Type'] = 'application/json'\n",
		    c->options.body);
	fputs(lua_head, out);
	for (size_t i = 0; i < c->options.url_count; i++)
		fprintf(out, "  '%s',\n", c->options.urls[i]);
	fputs(lua_tail, out);
	return fclose(out) == 0;
}

struct contest *
contest_new(struct world *world, const struct contest_options *options)
{
	struct contest *c = keep_alloc(sizeof(*c));

	c->world = world;
	c->options = *options;
	c->options.urls = memcpy(keep_alloc(options->url_count * sizeof(*options->urls)),
	    options->urls, options->url_count * sizeof(*options->urls));
	for (size_t i = 0; i < options->url_count && options->connections > 0; i++)
		if (!learn(c, i))
			return NULL;
	return write_lua(c) ? c : NULL;
}

bool
contest_wrk(struct contest *c, int seconds, struct contest_run *run)
{
	const char *const argv[] = { find_program("wrk"), "-t2", "-c",
		keep_printf("%d", c->options.clients), "-d", keep_printf("%ds", seconds), "-s",
		c->lua, "-H", bearer_header(c->options.token), webserver_url(c->world->webserver),
		NULL };
	struct consumption before, after;
	const struct outcome *o;
	long requests = 0, duration_us = 0, p50 = 0, p99 = 0, errors = 0;
	const char *said;

	if (!consumption_read(c->world, &before))
		return false;
	o = process_run(&(struct process_options){ .argv = argv }, seconds * 1000 + SLACK_MS);
	if (!consumption_read(c->world, &after) || (said = strstr(o->output, "BENCH ")) == NULL ||
	    sscanf(said, "BENCH %ld %ld %ld %ld %ld", &requests, &duration_us, &p50, &p99,
		&errors) != 5 ||
	    requests == 0 || errors > 0) {
		fprintf(stderr, "bench: wrk: exit %d, %ld requests, %ld failed\n%s\n", o->exit_code,
		    requests, errors, o->output);
		return false;
	}
	*run = (struct contest_run){ (double)requests * 1e6 / (double)duration_us, (double)p50,
		(double)p99, (double)(after.nginx_ns - before.nginx_ns) / 1e3 / (double)requests,
		(double)(after.worker_ns - before.worker_ns) / 1e3 / (double)requests,
		(double)(after.postgres_ns - before.postgres_ns) / 1e3 / (double)requests,
		requests };
	return true;
}

/* --- pgbench ---------------------------------------------------------------------------------- */

bool
contest_pgbench(struct contest *c, int seconds, struct contest_run *run)
{
	const char *argv[ARGUMENTS + 16] = { find_program("pgbench"), "-n", "-M", "prepared", "-j2",
		"-c", keep_printf("%d", c->options.connections), "-T", keep_printf("%d", seconds) };
	const struct outcome *o;
	const char *tps;
	size_t count = 9;

	memcpy(argv + count, c->arguments, c->argument_count * sizeof(*argv));
	argv[count + c->argument_count] =
	    cluster_conninfo(c->world->cluster, c->world->database, CLUSTER_APP);
	o = process_run(&(struct process_options){ .argv = argv }, seconds * 1000 + SLACK_MS);
	if (o->exit_code != 0 || (tps = strstr(o->output, "tps = ")) == NULL) {
		fprintf(stderr, "bench: pgbench: exit %d\n%.2000s\n", o->exit_code, o->output);
		return false;
	}
	*run = (struct contest_run){ .per_s = strtod(tps + 6, NULL) };
	return true;
}
