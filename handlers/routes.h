/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.h - the table of routes, for who runs it */
#ifndef HANDLERS_ROUTES_H
#define HANDLERS_ROUTES_H

#include "base/compiler.h"

struct arena;
struct problem;
struct route_table;
struct settings;

/* All routes that these settings serve, those of the shared objects of handler_dir among them; NULL
 * and PROBLEM_SETTING when one cannot be loaded. Lives in the arena. */
const struct route_table *
handlers_routes(struct arena *, const struct settings *, struct problem *) MUST_CHECK;

#endif
