/* SPDX-License-Identifier: BSD-2-Clause */
/* action.h - commands that have actions: rowhouse tenant suspend, rowhouse key create
 *
 * A command's options are one table and an action says which of them it takes and needs, by bits in
 * the order of that table. action_run reads the line, checks it against the row of the action,
 * reads the settings, and runs it. An option may be given several times; an action that wants one
 * takes the last. An argument too many is not quoted back: it may be a password that was put in the
 * wrong place. */
#ifndef CLI_ACTION_H
#define CLI_ACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/problem.h"
#include "cli/command.h"

struct settings;

enum { ACTION_OPTIONS_MAX = 16 };

struct action_line {
	struct command_line *line;
	struct arena *arena; /* the line's */
	const struct settings *settings;
	const char *const *given[ACTION_OPTIONS_MAX]; /* NULL-terminated; NULL: not given */
	const char *operand;                          /* behind the action, or NULL */
	struct problem problem;                       /* for the action's use */
};

typedef enum command_exit action_fn(struct action_line *);

struct command_action {
	const char *name; /* NULL: the command has this one only, and no word for it */
	action_fn *run;
	const char *operand; /* what the one that it needs is called; NULL: none is taken */
	unsigned takes, needs;
};

/* The bit of an option, whose value in the command's table is OPTION_OWN and its place. */
#define ACTION_BIT(place) (1U << (place))

enum command_exit action_run(struct command_line *, const struct command_action *actions,
    size_t count, int argc, char **argv) MUST_CHECK;

/* The last value of an option; NULL when it was not given. */
const char *action_value(const struct action_line *, unsigned place);

static inline bool
action_given(const struct action_line *l, unsigned place)
{
	return l->given[place] != NULL;
}

#endif
