/* SPDX-License-Identifier: BSD-2-Clause */
/* identity.c - names to numbers, before the first fork */
#include "process/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"

/* The names in the settings, whoever we are: a wrong one is wrong for a test as well. */
static bool
look_up(struct identity *identity, const struct settings *s, struct problem *p)
{
	const struct passwd *user = NULL;
	const struct group *group;

	if (s->user[0] != '\0' && (user = getpwnam(s->user)) == NULL)
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"user\" cannot be \"%s\": there is no such user", s->user);
	if (user != NULL && user->pw_uid == 0)
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"user\" cannot be \"%s\": workers never run as root", s->user);
	if (user != NULL) {
		identity->uid = user->pw_uid;
		identity->gid = user->pw_gid;
	}
	if (s->group[0] == '\0')
		return true;
	if ((group = getgrnam(s->group)) == NULL)
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"group\" cannot be \"%s\": there is no such group", s->group);
	identity->gid = group->gr_gid;
	return true;
}

bool
identity_find(struct identity *identity, const struct settings *s, struct problem *p)
{
	int count = COUNT_OF(identity->groups);

	memset(identity, 0, sizeof(*identity));
	if (!look_up(identity, s, p))
		return false;
	if (s->user[0] == '\0') {
		if (geteuid() != 0)
			return true;
		return problem_raise(p, PROBLEM_SETTING,
		    "started as root: setting \"user\" must name the user that workers become");
	}
	if (geteuid() != 0) {
		if (geteuid() == identity->uid)
			return true;
		return problem_raise(p, PROBLEM_SETTING,
		    "only root can become \"%s\": start as root or as that user, or clear \"user\"",
		    s->user);
	}
	if (getgrouplist(s->user, identity->gid, identity->groups, &count) < 0)
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"user\" cannot be \"%s\": it is in more than %zu groups", s->user,
		    COUNT_OF(identity->groups));
	identity->group_count = (size_t)count;
	identity->change = true;
	return true;
}

bool
identity_become(const struct identity *who)
{
	if (who->change &&
	    (setgroups(who->group_count, who->groups) != 0 ||
		setresgid(who->gid, who->gid, who->gid) != 0 ||
		setresuid(who->uid, who->uid, who->uid) != 0 || setuid(0) == 0 || geteuid() == 0)) {
		log_say(LOG_LEVEL_ERROR, "start", "could not change user: %s", strerror(errno));
		return false;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		log_say(
		    LOG_LEVEL_ERROR, "start", "could not set no_new_privs: %s", strerror(errno));
		return false;
	}
	return true;
}
