/* SPDX-License-Identifier: BSD-2-Clause */
/* principal.h - who asks */
#ifndef BASE_PRINCIPAL_H
#define BASE_PRINCIPAL_H

#include <stdbool.h>

enum principal_type {
	PRINCIPAL_ANONYMOUS,
	PRINCIPAL_USER,
	PRINCIPAL_API_KEY,
	PRINCIPAL_SYSTEM,
	PRINCIPAL__MAX,
};

struct principal {
	enum principal_type type;
	bool member;      /* of the request's tenant */
	const char *id;   /* NULL: nobody in particular */
	const char *role; /* a label of the principal model's enum, or NULL */
};

#endif
