/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant.h - whose rows */
#ifndef BASE_TENANT_H
#define BASE_TENANT_H

#include <stdbool.h>

#include "base/compiler.h"

enum { TENANT_ID_BYTES = sizeof("11111111-1111-7111-8111-111111111111") };

struct tenant {
	char id[TENANT_ID_BYTES]; /* lower case, as PostgreSQL writes it */
};

/* A tenant is named by its id or its slug, and no text is both. What is neither is malformed.
 *
 * An id: a uuid with its dashes, in either case. PostgreSQL takes more forms; here a tenant has
 * one, and out holds it in lower case. False when text is none; out is undefined then. */
bool tenant_read_id(const char *text, char out[TENANT_ID_BYTES]) MUST_CHECK;

/* A slug, as the constraints of rowhouse.tenants demand: 1 to 63 of a-z, 0-9 and '-', which stands
 * neither first nor last; and not 25 or more of 0-9, a-f and '-' alone. That is an id which was
 * cut short (8-4-4-4-1 has 25) or lost a digit, and its sender is told so. */
bool tenant_is_slug(const char *text) MUST_CHECK;

#endif
