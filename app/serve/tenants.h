/* SPDX-License-Identifier: BSD-2-Clause */
/* tenants.h - which tenant a request is about, and whether there is one
 *
 * The sources, and their order, are a setting; each is a row of a table. A signed claim always
 * wins. All sources that speak must agree: a second one that names another tenant is refused
 * (DESIGN 5). */
#ifndef SERVE_TENANTS_H
#define SERVE_TENANTS_H

#include <stdbool.h>

#include "base/compiler.h"

struct problem;
struct request;
struct settings;
struct tenant;

/* The active tenant with this id or slug. PROBLEM_TENANT_FORMAT for what is neither,
 * PROBLEM_TENANT_UNKNOWN when there is none or it is not active. Asks the database once per active
 * tenant and epoch. */
const struct tenant *
tenants_find(struct request *, const char *id_or_slug, struct problem *) MUST_CHECK;

/* The tenant of a request: claimed is the one of its verified credential, or NULL. NULL with
 * PROBLEM_TENANT_REQUIRED when no source speaks, PROBLEM_TENANT_MISMATCH when two disagree. */
const struct tenant *
tenants_resolve(struct request *, const struct tenant *claimed, struct problem *) MUST_CHECK;

/* Whether the setting tenant_sources names known sources only; PROBLEM_SETTING otherwise. */
bool tenants_check_settings(const struct settings *, struct problem *) MUST_CHECK;

#endif
