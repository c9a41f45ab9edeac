/* SPDX-License-Identifier: BSD-2-Clause */
/* modules.h - handlers that were built outside the tree: the shared objects of handler_dir */
#ifndef HANDLERS_MODULES_H
#define HANDLERS_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct handler_module;
struct problem;

struct modules {
	const struct handler_module *const *modules; /* in the order of their files' names */
	size_t count;
};

/* Load every *.so of a folder, for as long as the process lives; "" is none. A folder that cannot
 * be read, an object that is none of ours, or one that was built for other headers, is
 * PROBLEM_SETTING. */
bool
modules_load(struct modules *, const char *folder, struct arena *, struct problem *) MUST_CHECK;

#endif
