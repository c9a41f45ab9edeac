/* SPDX-License-Identifier: BSD-2-Clause */
/* remembered.h - tenants and credentials that a worker has asked the database about
 *
 * Two tables of fixed size. Each key has one place, by a keyed hash, since clients choose the keys;
 * a newcomer takes the place of who was there. All of it is of one epoch: memory.c forgets it when
 * the epoch moves. Only what was found is kept: for what was not found no unit runs, so no epoch
 * would tell that it has come to be. */
#ifndef SERVE_REMEMBERED_H
#define SERVE_REMEMBERED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/principal.h"
#include "base/tenant.h"

struct arena;
struct remembered;

/* Whom a credential speaks for. Who has longer texts than these is asked for each time. */
struct bearer {
	struct tenant tenant;
	enum principal_type type;
	char id[64], role[64], session[40], operator[64]; /* "" is none */
	bool scoped;
	char scopes[256];  /* when scoped */
	int64_t expires_s; /* of the wall clock */
};

struct remembered *remembered_new(struct arena *) __attribute__((returns_nonnull));
void remembered_forget(struct remembered *);

/* An active tenant by its id or its slug, which never look alike; NULL when it is not remembered.
 */
const struct tenant *remembered_tenant(const struct remembered *, const char *id_or_slug);
void remembered_put_tenant(struct remembered *, const char *id_or_slug, const struct tenant *);

/* Whom a credential's text speaks for; NULL when it is not remembered or has expired. The text
 * itself is not kept. */
const struct bearer *
remembered_bearer(const struct remembered *, const char *credential, int64_t now_s);
void remembered_put_bearer(struct remembered *, const char *credential, const struct bearer *);

#endif
