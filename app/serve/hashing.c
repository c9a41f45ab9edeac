/* SPDX-License-Identifier: BSD-2-Clause */
/* hashing.c - a place, a hash, the place back */
#include "serve/hashing.h"

#include <string.h>

#include "base/arena.h"
#include "base/gate.h"
#include "base/problem.h"
#include "formats/password.h"
#include "serve/environment.h"
#include "serve/request.h"

static bool
enter(const struct environment *e, struct problem *p)
{
	return gate_enter(e->logins, e->slot) ||
	    problem_raise(
		p, PROBLEM_RATE_LIMITED, "too many passwords are being hashed at the moment");
}

bool
hashing_verify(const struct request *r, const char *stored, const char *password, bool *good,
    struct problem *p)
{
	const struct environment *e = r->environment;

	if (!enter(e, p))
		return false;
	*good = password_verify(e->passwords, stored, password, strlen(password));
	gate_leave(e->logins, e->slot);
	return true;
}

const char *
hashing_make(const struct request *r, const char *password, struct problem *p)
{
	const struct environment *e = r->environment;
	char *made = arena_alloc(r->arena, PASSWORD_HASH_BYTES);
	bool ok;

	if (!enter(e, p))
		return NULL;
	ok = password_hash(e->passwords, password, strlen(password), made);
	gate_leave(e->logins, e->slot);
	return ok ? made
		  : problem_null(p, PROBLEM_UNAVAILABLE, "there is no memory to hash a password");
}
