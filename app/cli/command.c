/* SPDX-License-Identifier: BSD-2-Clause */
/* command.c - options, the search for the configuration, and how failures are told */
#include "cli/command.h"

#include <assert.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/problem.h"
#include "base/settings.h"

enum {
	OPTIONS_MAX = 24, /* own and global ones of a command */
	LETTERS_MAX = 32,
	WORD_MAX = 32, /* longer words are not looked for a likeness */
};

static const struct option global_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
};
#define GLOBAL_LETTERS "c:vh"

/* What a problem means to whoever started the command; the others are COMMAND_FAILED. */
static const struct {
	enum problem_code code;
	enum command_exit exit_code;
} exits[] = {
	{ PROBLEM_SETTING, COMMAND_CONFIG },
	{ PROBLEM_UNAVAILABLE, COMMAND_UNAVAILABLE },
	{ PROBLEM_BUSY, COMMAND_TRY_AGAIN },
	{ PROBLEM_RETRY, COMMAND_TRY_AGAIN },
	{ PROBLEM_EPOCH, COMMAND_TRY_AGAIN },
};

/* --- failures --------------------------------------------------------------------------------- */

enum command_exit
command_misused(const struct command_line *line, const char *format, ...)
{
	const char *name = line->command == NULL ? "" : line->command->name;
	const char *space = line->command == NULL ? "" : " ";
	va_list ap;

	fprintf(stderr, "rowhouse%s%s: ", space, name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\ntry `rowhouse%s%s --help`\n", space, name);
	return COMMAND_USAGE;
}

enum command_exit
command_fail(const struct problem *p)
{
	/* The cause is for the log, and here the terminal is the log: it says more than the detail.
	 */
	const char *text = p->cause != NULL ? p->cause : p->detail;
	size_t len;

	if (text == NULL)
		text = problem_kind(p->code)->title;
	for (len = strlen(text); len > 0 && text[len - 1] == '\n'; len--)
		; /* libpq's messages end their line */
	fflush(stdout);
	for (const struct problem_fault *f = p->faults; f != NULL; f = f->next)
		fprintf(
		    stderr, "rowhouse: %s: %s\n", f->pointer + strspn(f->pointer, "#/"), f->detail);
	if (p->faults == NULL)
		fprintf(stderr, "rowhouse: %.*s\n", (int)len, text);
	for (size_t i = 0; i < COUNT_OF(exits); i++)
		if (exits[i].code == p->code)
			return exits[i].exit_code;
	return COMMAND_FAILED;
}

/* --- options ---------------------------------------------------------------------------------- */

/* getopt has refused what stands in argv: say so, with the option that may be meant. */
static void
refuse_option(struct command_line *line, const struct option *options, size_t count, char **argv,
    bool lacks_value)
{
	const char *word = argv[optind - 1], *nearest;
	char name[WORD_MAX + 1];

	line->exit_code = COMMAND_USAGE;
	if (lacks_value) {
		command_misused(line, "option \"%s\" takes a value", word);
		return;
	}
	/* glibc: 0 for an unknown word, else the option's value; in -xyz argv[optind - 1] is not
	 * yet it. */
	if (optopt != 0 && strncmp(word, "--", 2) == 0 && strchr(word, '=') != NULL) {
		command_misused(
		    line, "option \"%.*s\" takes no value", (int)strcspn(word, "="), word);
		return;
	}
	if (optopt != 0) {
		command_misused(line, "there is no option \"-%c\"", optopt);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	nearest = nearest_word(name, options, count, sizeof(*options));
	command_misused(line, "there is no option \"--%s\"%s%s%s", name,
	    nearest != NULL ? "; did you mean --" : "", nearest != NULL ? nearest : "",
	    nearest != NULL ? "?" : "");
}

/* A command's own options with the global ones behind them. */
static size_t
join_options(const struct command *command, struct option *out)
{
	size_t n = 0;

	if (command != NULL && command->options != NULL)
		for (; command->options[n].name != NULL; n++)
			out[n] = command->options[n];
	assert(n + COUNT_OF(global_options) < OPTIONS_MAX);
	memcpy(out + n, global_options, sizeof(global_options));
	n += COUNT_OF(global_options);
	memset(&out[n], 0, sizeof(out[n]));
	return n;
}

static int
next_option(struct command_line *line, const char *order, int argc, char **argv)
{
	struct option options[OPTIONS_MAX];
	char letters[LETTERS_MAX];
	size_t count = join_options(line->command, options);
	int option;

	snprintf(letters, sizeof(letters), "%s:%s%s", order, GLOBAL_LETTERS,
	    line->command == NULL ? "" : line->command->letters);
	opterr = 0;
	for (;;) {
		option = getopt_long(argc, argv, letters, options, NULL);
		switch (option) {
		case 'c': line->config = optarg; continue;
		case 'v':
			line->verbose = true;
			log_open(STDERR_FILENO, LOG_FORMAT_TEXT, LOG_LEVEL_DEBUG);
			continue;
		case ':':
		case '?':
			refuse_option(line, options, count, argv, option == ':');
			return OPTION_STOP;
		default: return option;
		}
	}
}

int
command_global_option(struct command_line *line, int argc, char **argv)
{
	return next_option(line, "+", argc, argv);
}

int
command_option(struct command_line *line, int argc, char **argv)
{
	int option = next_option(line, "", argc, argv);

	switch (option) {
	case OPTION_HELP:
		printf("%s\nGlobal options: --config FILE, --verbose, --help, --version\n",
		    line->command->usage);
		line->exit_code = COMMAND_OK;
		return OPTION_STOP;
	case OPTION_VERSION:
		command_print_version();
		line->exit_code = COMMAND_OK;
		return OPTION_STOP;
	default: return option;
	}
}

/* --- configuration ---------------------------------------------------------------------------- */

/* The folder that the program itself lies in; NULL when it cannot be told. */
static const char *
binary_folder(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) == NULL)
		return NULL;
	*slash = '\0';
	return arena_string(arena, path);
}

static const char *
home_folder(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home != NULL && *home != '\0')
		return home;
	user = getpwuid(getuid());
	return user == NULL ? NULL : user->pw_dir;
}

const char *
command_config_path(const struct command_line *line)
{
	struct arena *arena = line->arena;
	const char *named = getenv("ROWHOUSE_CONFIG"), *binary = binary_folder(arena),
		   *home = home_folder();
	const char *candidates[5];
	size_t n = 0;

	if (line->config != NULL)
		return line->config;
	if (named != NULL && *named != '\0')
		return named;
	if (binary != NULL) {
		candidates[n++] = arena_printf(arena, "%s/rowhouse.conf", binary);
		candidates[n++] = arena_printf(arena, "%s/../rowhouse/rowhouse.conf", binary);
	}
	if (home != NULL)
		candidates[n++] = arena_printf(arena, "%s/.config/rowhouse/rowhouse.conf", home);
	candidates[n++] = SYSCONFDIR "/rowhouse/rowhouse.conf"; /* where make install puts it */
	candidates[n++] = "/etc/rowhouse/rowhouse.conf";
	/* One that exists and cannot be read is an error, not a reason to go on looking. */
	for (size_t i = 0; i < n; i++)
		if (access(candidates[i], F_OK) == 0)
			return candidates[i];
	return NULL;
}

const struct settings *
command_settings(struct command_line *line, const char **path)
{
	struct settings *settings = ARENA_NEW(line->arena, struct settings);
	const char *file = command_config_path(line);
	struct problem p;

	problem_init(&p, line->arena);
	settings_init(settings, line->arena);
	if (path != NULL)
		*path = file;
	if (line->verbose)
		fprintf(stderr, "rowhouse: configuration: %s\n",
		    file != NULL ? file : "built-in defaults");
	if ((file == NULL || settings_read(settings, file, line->arena, &p)) &&
	    settings_environment(settings, environ, line->arena, &p) &&
	    settings_check(settings, &p))
		return settings;
	line->exit_code = command_fail(&p);
	return NULL;
}

void
command_print_json(struct json_object *value)
{
	puts(json_object_to_json_string_ext(value,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(value);
}
