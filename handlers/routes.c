/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.c - every route: method, path below base_path, handler, what it needs
 *
 * Fixed paths stand before variables. tests/oracle and the reference list each row. */
#include "handlers/routes.h"

#include "base/compiler.h"
#include "handlers/resource.h"
#include "serve/router.h"

static const struct route routes[] = {
	{ HTTP_GET, "/{model}", resource_list, NEED_TENANT, "a page of rows" },
	{ HTTP_GET, "/{model}/{id}", resource_get, NEED_TENANT, "one row" },
};

static const struct route_table table = { routes, COUNT_OF(routes) };

const struct route_table *
handlers_routes(void)
{
	return &table;
}
