/* SPDX-License-Identifier: BSD-2-Clause */
/* folders.h - the folders that migrations are looked for in */
#ifndef CLI_FOLDERS_H
#define CLI_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct problem;

enum { FOLDERS_MAX = 64 };

struct folders {
	const char *list[FOLDERS_MAX]; /* in the order in which they apply */
	size_t count;
};

/* One more; false and a problem when there are too many. The path is not copied. */
bool folders_add(struct folders *, const char *path, struct problem *) MUST_CHECK;

/* All that a setting names, divided by colons. */
bool
folders_split(struct folders *, struct arena *, const char *setting, struct problem *) MUST_CHECK;

#endif
