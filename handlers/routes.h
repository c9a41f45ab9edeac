/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.h - the table of routes, for who runs it */
#ifndef HANDLERS_ROUTES_H
#define HANDLERS_ROUTES_H

struct arena;
struct route_table;
struct settings;

/* All routes that these settings serve; lives in the arena, or as long as the program. */
const struct route_table *
handlers_routes(struct arena *, const struct settings *) __attribute__((returns_nonnull));

#endif
