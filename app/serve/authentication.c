/* SPDX-License-Identifier: BSD-2-Clause */
/* authentication.c - the tenant from its header, where that is trusted
 *
 * A header proves nothing: it is believed only where trust_tenant_header says so. */
#include "serve/authentication.h"

#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "serve/memory.h"
#include "serve/request.h"
#include "serve/router.h"

/* A dashed uuid in lower case, or false. PostgreSQL takes more forms; one tenant has one here. */
static bool
parse_tenant_id(const char *text, char out[TENANT_ID_BYTES])
{
	if (strlen(text) != TENANT_ID_BYTES - 1)
		return false;
	for (size_t i = 0; i < TENANT_ID_BYTES - 1; i++) {
		char c = text[i];
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		out[i] = c;
	}
	out[TENANT_ID_BYTES - 1] = '\0';
	return true;
}

static bool
find_tenant(struct request *r, struct memory *memory, struct pg *pg, struct problem *p)
{
	const char *given = request_param(r, "HTTP_X_TENANT_ID");
	char id[TENANT_ID_BYTES];

	if (given == NULL || given[0] == '\0')
		return problem_raise(
		    p, PROBLEM_TENANT_REQUIRED, "send the tenant's id in X-Tenant-Id");
	if (!r->settings->trust_tenant_header)
		return problem_raise(
		    p, PROBLEM_TENANT_REQUIRED, "X-Tenant-Id alone does not choose a tenant here");
	if (!parse_tenant_id(given, id))
		return problem_raise(p, PROBLEM_TENANT_FORMAT, "a tenant's id is a uuid");
	return (r->tenant = memory_tenant(memory, id, pg, r->deadline_ns, p)) != NULL;
}

bool
authentication_apply(struct request *r, struct memory *memory, struct pg *pg, struct problem *p)
{
	r->tenant = NULL;
	r->principal = (struct principal){ .type = PRINCIPAL_ANONYMOUS };
	if ((r->route->needs & NEED_TENANT) == 0)
		return true;
	if (!find_tenant(r, memory, pg, p))
		return false;
	r->principal.member = r->settings->demo_principal;
	return true;
}
