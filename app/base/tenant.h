/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant.h - whose rows */
#ifndef BASE_TENANT_H
#define BASE_TENANT_H

enum { TENANT_ID_BYTES = sizeof("11111111-1111-7111-8111-111111111111") };

struct tenant {
	char id[TENANT_ID_BYTES]; /* lower case, as PostgreSQL writes it */
};

#endif
