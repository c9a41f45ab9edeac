/* SPDX-License-Identifier: BSD-2-Clause */
/* action.c - reading the line of a command with actions */
#include "cli/action.h"
#include "base/nearest.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* Options and their values, each list as long as the line could make it. */
static bool
read_options(struct action_line *l, int argc, char **argv)
{
	const char **lists[ACTION_OPTIONS_MAX] = { NULL };
	size_t counts[ACTION_OPTIONS_MAX] = { 0 };
	int option;

	while ((option = command_option(l->line, argc, argv)) != OPTION_END) {
		size_t place = (size_t)(option - OPTION_OWN);

		if (option == OPTION_STOP)
			return false;
		assert(place < ACTION_OPTIONS_MAX);
		if (lists[place] == NULL)
			lists[place] =
			    arena_array(l->arena, (size_t)argc + 1, sizeof(*lists[place]));
		lists[place][counts[place]++] = optarg != NULL ? optarg : "";
		l->given[place] = lists[place];
	}
	return true;
}

/* "create, list or revoke" */
static const char *
list_names(struct arena *arena, const struct command_action *actions, size_t count)
{
	struct text t;

	text_init(&t, arena, 1 << 10);
	for (size_t i = 0; i < count; i++)
		text_printf(&t, "%s%s", actions[i].name,
		    i + 2 < count        ? ", "
			: i + 2 == count ? " or "
					 : "");
	return t.bytes;
}

static const struct command_action *
find_action(
    struct action_line *l, const struct command_action *actions, size_t count, const char *name)
{
	const char *nearest;

	for (size_t i = 0; i < count; i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	nearest = nearest_word(name, actions, count, sizeof(*actions));
	l->line->exit_code = nearest != NULL
	    ? command_misused(
		  l->line, "there is no action \"%s\"; did you mean \"%s\"?", name, nearest)
	    : command_misused(l->line, "there is no action \"%s\": say %s", name,
		  list_names(l->arena, actions, count));
	return NULL;
}

/* The action that the line names. */
static const struct command_action *
read_action(struct action_line *l, const struct command_action *actions, size_t count, int argc,
    char **argv)
{
	if (actions[0].name == NULL)
		return &actions[0];
	if (optind < argc)
		return find_action(l, actions, count, argv[optind++]);
	l->line->exit_code =
	    command_misused(l->line, "say what to do: %s", list_names(l->arena, actions, count));
	return NULL;
}

/* Whether its options and operand are those of the action. */
static bool
check_line(struct action_line *l, const struct command_action *action, int argc, char **argv)
{
	const struct option *options = l->line->command->options;
	const char *name = action->name != NULL ? action->name : "it";

	for (unsigned i = 0; options[i].name != NULL; i++) {
		bool given = action_given(l, i);

		if (given == ((action->takes & ACTION_BIT(i)) != 0) ||
		    (!given && (action->needs & ACTION_BIT(i)) == 0))
			continue;
		l->line->exit_code = command_misused(
		    l->line, "%s %s --%s", name, given ? "takes no" : "needs", options[i].name);
		return false;
	}
	if (action->operand != NULL && optind < argc)
		l->operand = argv[optind++];
	if (optind == argc && (l->operand != NULL || action->operand == NULL))
		return true;
	l->line->exit_code = optind < argc
	    ? command_misused(l->line, "%s takes no further argument", name)
	    : command_misused(l->line, "%s takes a %s", name, action->operand);
	return false;
}

enum command_exit
action_run(struct command_line *line, const struct command_action *actions, size_t count, int argc,
    char **argv)
{
	struct action_line l = { .line = line, .arena = line->arena };
	const struct command_action *action;

	if (!read_options(&l, argc, argv) ||
	    (action = read_action(&l, actions, count, argc, argv)) == NULL ||
	    !check_line(&l, action, argc, argv) ||
	    (l.settings = command_settings(line, NULL)) == NULL)
		return line->exit_code;
	problem_init(&l.problem, l.arena);
	return action->run(&l);
}

const char *
action_value(const struct action_line *l, unsigned place)
{
	const char *last = NULL;

	for (size_t i = 0; l->given[place] != NULL && l->given[place][i] != NULL; i++)
		last = l->given[place][i];
	return last;
}
