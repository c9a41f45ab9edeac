/* SPDX-License-Identifier: BSD-2-Clause */
/* description.c - GET /openapi.json */
#include "handlers/description.h"

#include "base/settings.h"
#include "handlers/operations.h"
#include "serve/authentication.h"
#include "serve/environment.h"
#include "serve/etag.h"
#include "serve/openapi.h"
#include "serve/platform.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "(built without configure)"
#endif

void
description_put(struct text *out, const struct catalogue *catalogue,
    const struct route_table *routes, const struct settings *settings)
{
	openapi_put(out,
	    &(struct openapi_options){ .catalogue = catalogue,
		.routes = routes,
		.operations = handlers_operations(),
		.settings = settings,
		.version = PACKAGE_VERSION });
}

/* Which models there are is the same for all tenants, so it takes none to ask. */
bool
description_get(struct request *r, struct response *response, struct problem *p)
{
	r->used_memory = true;
	switch ((enum openapi_access)r->settings->openapi_access) {
	case OPENAPI_ANYONE: break;
	case OPENAPI_MEMBER:
		if (!authentication_need(r, NEED_PRINCIPAL, p))
			return false;
		break;
	case OPENAPI_NOBODY:
	case OPENAPI__MAX:
		return problem_raise(p, PROBLEM_NO_ROUTE, "there is nothing at this path");
	}
	description_put(&response->body, r->catalogue, r->environment->routes, r->settings);
	response_json(response, 200);
	etag_body(response, r);
	return true;
}
