/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - the table of subcommands, and the two that are about the program itself */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/nearest.h"
#include "cli/command.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "(built without configure)"
#endif

enum { ARENA_CEILING = 1 << 30 }; /* of the process: every migration's text is held at once */

static command_fn run_help, run_version;

static const struct command command_help = {
	.name = "help",
	.run = run_help,
	.help = "explain the program, or one of its commands",
	.usage = "usage: rowhouse help [COMMAND]\n",
	.letters = "",
};

static const struct command command_version = {
	.name = "version",
	.run = run_version,
	.help = "print the version",
	.usage = "usage: rowhouse version\n",
	.letters = "",
};

/* In the order of `rowhouse help`. */
static const struct command *const commands[] = {
	&command_serve,
	&command_migrate,
	&command_check,
	&command_tenant,
	&command_user,
	&command_key,
	&command_token,
	&command_audit,
	&command_purge,
	&command_explain,
	&command_routes,
	&command_openapi,
	&command_types,
	&command_config,
	&command_help,
	&command_version,
};

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static enum command_exit
unknown_command(const struct command_line *line, const char *name)
{
	const char *names[COUNT_OF(commands)], *nearest;

	for (size_t i = 0; i < COUNT_OF(commands); i++)
		names[i] = commands[i]->name;
	nearest = nearest_word(name, names, COUNT_OF(names), sizeof(names[0]));
	if (nearest != NULL)
		return command_misused(
		    line, "there is no command \"%s\"; did you mean \"%s\"?", name, nearest);
	return command_misused(line, "there is no command \"%s\"", name);
}

static void
print_help(FILE *out)
{
	fputs("usage: rowhouse [--config FILE] [--verbose] COMMAND [OPTION]... [ARGUMENT]...\n\n"
	      "A multi-tenant, soft-deleting, audited JSON API over PostgreSQL.\n\n"
	      "Commands:\n",
	    out);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->help);
	fputs("\nGlobal options, before or after the command:\n"
	      "  -c, --config FILE   read settings from FILE (rowhouse.conf(5))\n"
	      "  -v, --verbose       say more on standard error\n"
	      "  -h, --help          explain the command\n"
	      "      --version       print the version\n"
	      "\nMore in rowhouse(1).\n",
	    out);
}

void
command_print_version(void)
{
	puts("rowhouse " PACKAGE_VERSION "\nLicence: BSD-2-Clause");
}

static enum command_exit
run_help(struct command_line *line, int argc, char **argv)
{
	const struct command *command;

	if (command_option(line, argc, argv) != OPTION_END)
		return line->exit_code;
	if (argc - optind > 1)
		return command_misused(line, "one command at a time");
	if (optind == argc) {
		print_help(stdout);
		return COMMAND_OK;
	}
	if ((command = find_command(argv[optind])) == NULL)
		return unknown_command(line, argv[optind]);
	fputs(command->usage, stdout);
	return COMMAND_OK;
}

static enum command_exit
run_version(struct command_line *line, int argc, char **argv)
{
	if (command_option(line, argc, argv) != OPTION_END)
		return line->exit_code;
	if (optind < argc)
		return command_misused(line, "it takes no argument");
	command_print_version();
	return COMMAND_OK;
}

/* The options before the command's name, then the command. */
static enum command_exit
dispatch(struct command_line *line, int argc, char **argv)
{
	int first;

	switch (command_global_option(line, argc, argv)) {
	case OPTION_END: break;
	case OPTION_HELP: print_help(stdout); return COMMAND_OK;
	case OPTION_VERSION: command_print_version(); return COMMAND_OK;
	default: return line->exit_code;
	}
	if (optind == argc) {
		print_help(stderr);
		return COMMAND_USAGE;
	}
	if ((line->command = find_command(argv[optind])) == NULL)
		return unknown_command(line, argv[optind]);
	first = optind;
	optind = 0; /* glibc: start over, with another set of options */
	return line->command->run(line, argc - first, argv + first);
}

int
main(int argc, char **argv)
{
	struct command_line line = { 0 };
	enum command_exit code;

	if (sodium_init() < 0) {
		fputs("rowhouse: libsodium could not be initialised\n", stderr);
		return COMMAND_FAILED;
	}
	line.arena = arena_new(ARENA_CEILING);
	code = dispatch(&line, argc, argv);
	arena_free(line.arena);
	/* A full disk or a closed pipe behind > is told here, once. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == COMMAND_OK) {
		fprintf(stderr, "rowhouse: could not write the output: %s\n", strerror(errno));
		return COMMAND_FAILED;
	}
	return (int)code;
}
