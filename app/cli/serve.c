/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.c - rowhouse serve: settings, the log, then the supervisor */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"
#include "cli/command.h"
#include "formats/cursor.h"
#include "formats/http.h"
#include "formats/password.h"
#include "handlers/routes.h"
#include "process/identity.h"
#include "process/supervisor.h"
#include "serve/router.h"
#include "serve/secret.h"
#include "serve/tenants.h"

enum { OPTION_READY_FD = OPTION_OWN };

static const struct option options[] = {
	{ "test", no_argument, NULL, 't' },
	{ "ready-fd", required_argument, NULL, OPTION_READY_FD },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_serve;

const struct command command_serve = {
	.name = "serve",
	.run = run_serve,
	.help = "answer requests for the web server",
	.usage =
	    "usage: rowhouse serve [-t] [--ready-fd N]\n"
	    "\n"
	    "Opens the socket of the setting \"listen\", starts the workers and stays in the\n"
	    "foreground until SIGTERM or SIGINT. rowhouse(8) tells more.\n"
	    "\n"
	    "  -t, --test      only test the configuration; exit status 78 when it is wrong\n"
	    "  --ready-fd N    write \"ready\" to descriptor N when the first worker is ready\n",
	.options = options,
	.letters = "t",
};

struct request {
	bool test;
	int ready_fd;
};

static bool
read_ready_fd(const char *text, int *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || n < 0 || n > INT_MAX)
		return false;
	*out = (int)n;
	return true;
}

/* False when the command is over; line->exit_code says how. */
static bool
read_options(struct request *r, struct command_line *line, int argc, char **argv)
{
	int option;

	while ((option = command_option(line, argc, argv)) != OPTION_END) {
		if (option == OPTION_STOP)
			return false;
		if (option == 't') {
			r->test = true;
		} else if (!read_ready_fd(optarg, &r->ready_fd)) {
			line->exit_code = command_misused(line, "\"%s\" is no descriptor", optarg);
			return false;
		}
	}
	if (optind < argc) {
		line->exit_code = command_misused(line, "it takes no \"%s\"", argv[optind]);
		return false;
	}
	return true;
}

/* The log, opened before privileges go: workers write to the descriptor, whoever owns the file. */
static bool
open_log(const struct settings *s, bool verbose, struct problem *p)
{
	enum log_level level = verbose ? LOG_LEVEL_DEBUG : (enum log_level)s->log_level;
	int fd = STDERR_FILENO;

	if (*s->log_file != '\0')
		fd = open(s->log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	if (fd < 0)
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"log_file\": could not open %s: %s", s->log_file, strerror(errno));
	log_open(fd, (enum log_format)s->log_format, level);
	return true;
}

/* The secret is read while we may, and nobody's hash is made once for all workers. */
static bool
prepare_sign_in(struct supervisor_options *o, struct arena *arena, struct problem *p)
{
	const struct settings *s = o->settings;
	struct password_policy *passwords = ARENA_NEW(arena, struct password_policy);
	struct password_cost cost = { (unsigned long long)s->password_passes,
		(size_t)s->password_bytes };

	if (!tenants_check_settings(s, p))
		return false;
	if (s->secret_file[0] == '\0')
		return true;
	if ((o->secret = secret_read(arena, s->secret_file, p)) == NULL)
		return false;
	o->passwords = passwords;
	return password_init(passwords, cost) ||
	    problem_raise(p, PROBLEM_SETTING,
		"settings \"password_passes\" and \"password_memory\" are out of libsodium's "
		"bounds");
}

/* Cursors are good on every host that has the secret; without one, until this supervisor ends. */
static void
prepare_cursors(struct supervisor_options *o, struct arena *arena)
{
	unsigned char *key = arena_alloc(arena, CURSOR_KEY_BYTES);

	if (o->secret != NULL)
		secret_derive(o->secret, SECRET_CURSOR, key);
	else
		randombytes_buf(key, CURSOR_KEY_BYTES);
	o->cursor_key = key;
}

/* Whether it would start, as far as that can be told without a socket or a database. */
static bool
test(struct supervisor_options *o, struct problem *p)
{
	struct identity identity;

	return identity_find(&identity, o->settings, p) && prepare_sign_in(o, o->arena, p);
}

/* What will be missing from the audit log is said where it is read. */
static void
tell_unaudited(const struct route_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct route *route = &table->routes[i];

		if (route->unaudited != NULL)
			log_say(LOG_LEVEL_WARN, "unaudited",
			    "what %s %s changes leaves no entries in the audit log: %s",
			    http_method_name(route->method), route->path, route->unaudited);
	}
}

static enum command_exit
run_serve(struct command_line *line, int argc, char **argv)
{
	struct request r = { .ready_fd = -1 };
	struct supervisor_options supervisor = { .arena = line->arena };
	const char *path;
	struct problem p;

	if (!read_options(&r, line, argc, argv))
		return line->exit_code;
	if ((supervisor.settings = command_settings(line, &path)) == NULL)
		return line->exit_code;
	problem_init(&p, line->arena);
	if (r.test) {
		if (!test(&supervisor, &p))
			return command_fail(&p);
		printf(
		    "%s: ok\n", path != NULL ? path : "no configuration file, built-in defaults");
		return COMMAND_OK;
	}
	if (!open_log(supervisor.settings, line->verbose, &p) ||
	    !prepare_sign_in(&supervisor, line->arena, &p))
		return command_fail(&p);
	prepare_cursors(&supervisor, line->arena);
	if ((supervisor.routes = handlers_routes(line->arena, supervisor.settings, &p)) == NULL)
		return command_fail(&p);
	tell_unaudited(supervisor.routes);
	supervisor.ready_fd = r.ready_fd;
	return (enum command_exit)supervisor_run(&supervisor);
}
