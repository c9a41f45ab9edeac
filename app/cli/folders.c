/* SPDX-License-Identifier: BSD-2-Clause */
/* folders.c - a list of folders, from options or from the setting "migrations" */
#include "cli/folders.h"

#include <string.h>

#include "base/arena.h"
#include "base/problem.h"

bool
folders_add(struct folders *f, const char *path, struct problem *p)
{
	if (f->count == FOLDERS_MAX)
		return problem_raise(
		    p, PROBLEM_SETTING, "more than %d folders of migrations", FOLDERS_MAX);
	f->list[f->count++] = path;
	return true;
}

bool
folders_split(struct folders *f, struct arena *arena, const char *setting, struct problem *p)
{
	while (*setting != '\0') {
		size_t n = strcspn(setting, ":");

		if (n > 0 && !folders_add(f, arena_copy(arena, setting, n), p))
			return false;
		setting += n + (setting[n] == ':');
	}
	return true;
}
