/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.h - the table of routes, for who runs it */
#ifndef HANDLERS_ROUTES_H
#define HANDLERS_ROUTES_H

struct route_table;

const struct route_table *handlers_routes(void) __attribute__((returns_nonnull));

#endif
