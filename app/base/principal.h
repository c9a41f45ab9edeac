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
	bool member;          /* of the request's tenant */
	const char *id;       /* NULL: nobody in particular */
	const char *role;     /* a label of the principal model's enum, or NULL */
	const char *scopes;   /* "posts:read *:write"; NULL: no bounds but the role's */
	const char *session;  /* the family of the token, or NULL */
	const char *operator; /* who acts as the principal, or NULL */
	const char *ip;       /* of the client, through trusted proxies; NULL: not known */
};

/* The word of a type, for answers and the log: anonymous, user, api_key, system. */
const char *principal_type_word(enum principal_type) __attribute__((returns_nonnull));

/* Whether the scopes reach a model (its name in URLs); writing implies reading. No scopes at all
 * are no bounds. */
bool principal_in_scope(const struct principal *, const char *model, bool writing);

#endif
