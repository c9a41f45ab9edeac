/* SPDX-License-Identifier: BSD-2-Clause */
/* acting.h - commands that act as the owner, or in a tenant
 *
 * What belongs to the installation (tenants, signing keys) is changed by the owner role, as a
 * migration would. What belongs to a tenant is changed as a request would: by the application role,
 * in units that carry the tenant's context, with the same statements and checks in serve/. Those
 * take a struct request, so there is one that no client sent: its principal is the system. */
#ifndef CLI_ACTING_H
#define CLI_ACTING_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/counters.h"
#include "base/tenant.h"
#include "cli/session.h"
#include "serve/environment.h"
#include "serve/request.h"

struct account;
struct arena;
struct problem;
struct settings;
struct sqltext;

/* Connect, become the owner, BEGIN. */
bool acting_as_owner(
    struct session *, struct arena *, const struct settings *, struct problem *) MUST_CHECK;

/* Raise the epoch and COMMIT: workers look again on their next request. */
bool acting_finish(struct session *, struct problem *) MUST_CHECK;

/* A tenant by its slug or its id. */
struct acting_tenant {
	struct tenant tenant;
	const char *slug, *status;
};
bool acting_find_tenant(
    struct session *, const char *slug_or_id, struct acting_tenant *, struct problem *) MUST_CHECK;

struct acting {
	struct session session;
	struct acting_tenant tenant;
	struct request request;
	struct environment environment;
	struct counters counters;
};

/* As the workers connect, with the catalogue, in no tenant. */
bool acting_connect(
    struct acting *, struct arena *, const struct settings *, struct problem *) MUST_CHECK;

/* In a tenant, whatever its status: an operator works on suspended ones too. */
bool acting_in_tenant(struct acting *, struct arena *, const struct settings *,
    const char *slug_or_id, struct problem *) MUST_CHECK;

/* The live account with a login; PROBLEM_NO_ROW when there is none. */
bool
acting_account(struct acting *, const char *login, struct account *, struct problem *) MUST_CHECK;

#endif
