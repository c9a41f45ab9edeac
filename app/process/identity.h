/* SPDX-License-Identifier: BSD-2-Clause */
/* identity.h - the user that workers become
 *
 * The supervisor opens socket, log and secret with the rights it was started with; who answers
 * requests has none of them. */
#ifndef PROCESS_IDENTITY_H
#define PROCESS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compiler.h"

struct problem;
struct settings;

/* Who a worker becomes. Resolved before the first fork, so that a wrong name stops the start. */
struct identity {
	bool change; /* false: stay who we are */
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	size_t group_count;
};

/* From the settings user and group. PROBLEM_SETTING when root has no user to become, or a name is
 * unknown. */
bool identity_find(struct identity *, const struct settings *, struct problem *) MUST_CHECK;

/* Become it for good, in a child. False, and logged, when that was not possible. */
bool identity_become(const struct identity *) MUST_CHECK;

#endif
