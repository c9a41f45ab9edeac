/* SPDX-License-Identifier: BSD-2-Clause */
/* prompt.h - passwords, which are never arguments
 *
 * A command line is seen by every user of the host and kept in the history of the shell, so a
 * password comes from the terminal, without echo, or from standard input. It lives in the arena and
 * is wiped when that goes. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>

#include "base/compiler.h"

struct arena;
struct problem;

/* Whether somebody sits there who can be asked. */
bool prompt_is_possible(void);

/* Ask for a new password, twice; "" is an answer. False and a problem when the two differ. */
bool prompt_new_password(
    struct arena *, const char *question, const char **password, struct problem *) MUST_CHECK;

/* The first line of standard input, without its end. */
bool prompt_standard_input(struct arena *, const char **password, struct problem *) MUST_CHECK;

#endif
