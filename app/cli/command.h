/* SPDX-License-Identifier: BSD-2-Clause */
/* command.h - what every subcommand is and shares
 *
 * One file per subcommand defines a struct command; main.c holds the table of them. A command reads
 * its options with command_option, which knows the global ones too, so that they may stand on
 * either side of the command's name. Settings are read only when a command asks for them: `rowhouse
 * help` works with a broken configuration. Answers go to standard output, everything else to
 * standard error. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct json_object;
struct problem;
struct settings;

/* Exit status; documented in rowhouse(1). The high ones are those of sysexits.h. */
enum command_exit {
	COMMAND_OK = 0,
	COMMAND_FAILED = 1, /* it failed, or it found what it looks for */
	COMMAND_USAGE = 2,
	COMMAND_UNAVAILABLE = 69, /* the database is away */
	COMMAND_TRY_AGAIN = 75,   /* a lock or a conflict that may be gone the next time */
	COMMAND_CONFIG = 78,
};

/* What command_option returns beside the values of the command's own options. */
enum {
	OPTION_END = -1,
	OPTION_STOP = '?', /* answered (--help) or refused: return line->exit_code */
	OPTION_HELP = 'h',
	OPTION_VERSION = 1000,
	OPTION_OWN, /* values of a command's options without a letter begin here */
};

/* A run of a command. */
struct command_line {
	const struct command *command; /* NULL before its name is known */
	struct arena *arena;           /* lives as long as the process */
	const char *config;            /* --config, or NULL */
	bool verbose;
	enum command_exit exit_code; /* what a function that stopped the command wants returned */
};

typedef enum command_exit command_fn(struct command_line *, int argc, char **argv);

struct command {
	const char *name;
	command_fn *run;
	const char *help;             /* one line of `rowhouse help` */
	const char *usage;            /* all of `rowhouse COMMAND --help` but the global options */
	const struct option *options; /* its own, ended by a zero row, or NULL */
	const char *letters;          /* its own short ones, as getopt takes them; "" for none */
};

extern const struct command command_audit, command_check, command_config, command_explain,
    command_key, command_migrate, command_openapi, command_purge, command_routes, command_serve,
    command_tenant, command_token, command_types, command_user;

/* The next option in argv, from argv[1] on; afterwards optind is the first operand. */
int command_option(struct command_line *, int argc, char **argv);

/* The same for the options before a command's name: it stops at the first operand. */
int command_global_option(struct command_line *, int argc, char **argv);

/* Complain about how the command was called; COMMAND_USAGE. */
enum command_exit
command_misused(const struct command_line *, const char *format, ...) PRINTF_LIKE(2, 3);

/* Tell a problem, each of its faults on a line; the exit status that its code means. */
enum command_exit command_fail(const struct problem *);

/* The configuration as the command line, the environment and the file give it; NULL when it is
 * wrong, which has been told then, and exit_code is set. *path, when not NULL, becomes the file's,
 * or NULL without one. */
const struct settings *command_settings(struct command_line *, const char **path) MUST_CHECK;

/* The file that would be read; NULL when there is none. */
const char *command_config_path(const struct command_line *);

/* Of `rowhouse version`, and of --version everywhere. */
void command_print_version(void);

/* Print and release a JSON value. */
void command_print_json(struct json_object *);

#endif
