/* SPDX-License-Identifier: BSD-2-Clause */
/* config.c - rowhouse config: what the settings are, and the sample file, both from the settings'
 * table */
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/settings.h"
#include "cli/command.h"

enum { OPTION_JSON = OPTION_OWN, OPTION_SAMPLE, SAMPLE_COLUMNS = 90 };

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "sample", no_argument, NULL, OPTION_SAMPLE },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_config;

const struct command command_config = {
	.name = "config",
	.run = run_config,
	.help = "show the settings, or a sample configuration file",
	.usage =
	    "usage: rowhouse config [--json | --sample]\n"
	    "\n"
	    "Lists every setting with the value that the configuration file and the environment\n"
	    "give it; # marks those at their default. Passwords are not shown.\n"
	    "\n"
	    "  --json     for programs\n"
	    "  --sample   print a configuration file that explains every setting\n",
	.options = options,
	.letters = "",
};

/* --- the sample ------------------------------------------------------------------------------- */

/* A comment, broken at spaces. */
static void
print_comment(const char *text)
{
	while (*text != '\0') {
		size_t n = strlen(text);

		if (n > SAMPLE_COLUMNS - 2)
			for (n = SAMPLE_COLUMNS - 2; n > 0 && text[n] != ' '; n--)
				;
		if (n == 0)
			n = strcspn(text, " ");
		printf("# %.*s\n", (int)n, text);
		text += n + strspn(text + n, " ");
	}
}

/* A bound as it would stand in the file. */
static const char *
bound(const struct setting *row, long value, struct arena *arena)
{
	struct settings s;

	settings_init(&s, arena);
	*(long *)(void *)((char *)&s + row->offset) = value;
	return settings_format(&s, row, arena);
}

/* "A time with its unit; 100ms to 1h." */
static const char *
domain(const struct setting *row, const char *what, struct arena *arena)
{
	if (row->max == LONG_MAX)
		return arena_printf(arena, "%s, %s or more.", what, bound(row, row->min, arena));
	return arena_printf(
	    arena, "%s, %s to %s.", what, bound(row, row->min, arena), bound(row, row->max, arena));
}

static const char *
choices(const struct setting *row, struct arena *arena)
{
	const char *list = row->choices[0];

	for (size_t i = 1; row->choices[i] != NULL; i++)
		list = arena_printf(arena, "%s%s%s", list,
		    row->choices[i + 1] == NULL ? " or " : ", ", row->choices[i]);
	return arena_printf(arena, "One of %s.", list);
}

/* What may stand behind the =; NULL where the text says it all. */
static const char *
accepted(const struct setting *row, struct arena *arena)
{
	switch (row->type) {
	case SETTING_BOOL: return "On or off.";
	case SETTING_INT: return domain(row, "A number", arena);
	case SETTING_SIZE: return domain(row, "Bytes (k, m, g)", arena);
	case SETTING_DURATION: return domain(row, "A time (ms, s, m, h)", arena);
	case SETTING_MODE: return domain(row, "Octal", arena);
	case SETTING_CHOICE: return choices(row, arena);
	case SETTING_TEXT:
	case SETTING_SECRET:
	case SETTING__MAX: break;
	}
	return NULL;
}

static enum command_exit
print_sample(struct arena *arena)
{
	const struct setting *table;
	size_t count;

	table = settings_table(&count);
	fputs(
	    "# SPDX-License-Identifier: BSD-2-Clause\n"
	    "# rowhouse.conf - settings of Rowhouse, each at its default; see rowhouse.conf(5)\n"
	    "#\n"
	    "# A line reads name = value. A value with a # or a space at its end is quoted, \"\".\n"
	    "# ROWHOUSE_SET_<NAME> in the environment goes before it: ROWHOUSE_SET_WORKERS=8.\n"
	    "# `rowhouse serve -t` checks it; `rowhouse config --sample` printed it.\n",
	    stdout);
	for (size_t i = 0; i < count; i++) {
		const char *domain_text = accepted(&table[i], arena);
		const char *standard = *table[i].standard == '\0' ? "\"\"" : table[i].standard;

		putchar('\n');
		print_comment(table[i].text);
		if (domain_text != NULL)
			print_comment(domain_text);
		printf("#%s = %s\n", table[i].name, standard);
	}
	return COMMAND_OK;
}

/* --- the settings in force -------------------------------------------------------------------- */

static bool
is_standard(const struct settings *s, const struct setting *row, struct arena *arena)
{
	const void *at = (const char *)s + row->offset;
	struct settings standard;

	if (row->type == SETTING_SECRET) /* which settings_format does not show */
		return strcmp(*(const char *const *)at, row->standard) == 0;
	settings_init(&standard, arena);
	return strcmp(settings_format(s, row, arena), settings_format(&standard, row, arena)) == 0;
}

static void
print_settings(const struct settings *s, struct arena *arena)
{
	const struct setting *table;
	size_t count;

	table = settings_table(&count);
	for (size_t i = 0; i < count; i++) {
		const char *value = settings_format(s, &table[i], arena);
		bool quoted = *value == '\0' || strpbrk(value, "# ") != NULL;

		printf("%s%s = %s%s%s\n", is_standard(s, &table[i], arena) ? "#" : "",
		    table[i].name, quoted ? "\"" : "", value, quoted ? "\"" : "");
	}
}

static void
print_settings_json(const struct settings *s, struct arena *arena)
{
	struct json_object *all = json_object_new_object();
	const struct setting *table;
	size_t count;

	table = settings_table(&count);
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_new_object();

		json_object_object_add(
		    row, "value", json_object_new_string(settings_format(s, &table[i], arena)));
		json_object_object_add(row, "default", json_object_new_string(table[i].standard));
		json_object_object_add(
		    row, "isDefault", json_object_new_boolean(is_standard(s, &table[i], arena)));
		json_object_object_add(all, table[i].name, row);
	}
	command_print_json(all);
}

static enum command_exit
run_config(struct command_line *line, int argc, char **argv)
{
	const struct settings *settings;
	bool json = false, sample = false;
	const char *path;
	int option;

	while ((option = command_option(line, argc, argv)) != OPTION_END) {
		if (option == OPTION_STOP)
			return line->exit_code;
		json = json || option == OPTION_JSON;
		sample = sample || option == OPTION_SAMPLE;
	}
	if (optind < argc)
		return command_misused(line, "it takes no \"%s\"", argv[optind]);
	if (json && sample)
		return command_misused(line, "--json or --sample, not both");
	if (sample)
		return print_sample(line->arena);
	if ((settings = command_settings(line, &path)) == NULL)
		return line->exit_code;
	if (json) {
		print_settings_json(settings, line->arena);
	} else {
		printf("# %s\n", path != NULL ? path : "no configuration file was found");
		print_settings(settings, line->arena);
	}
	return COMMAND_OK;
}
