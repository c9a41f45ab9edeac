/* SPDX-License-Identifier: BSD-2-Clause */
/* auth.h - signing in and out, who one is, keys for machines */
#ifndef HANDLERS_AUTH_H
#define HANDLERS_AUTH_H

#include <stdbool.h>

struct problem;
struct request;
struct response;

/* POST /auth/login {tenant?, login, password} */
bool auth_login(struct request *, struct response *, struct problem *);

/* POST /auth/refresh {refreshToken} */
bool auth_refresh(struct request *, struct response *, struct problem *);

/* POST /auth/logout {refreshToken} */
bool auth_logout(struct request *, struct response *, struct problem *);

/* POST /auth/password {current, new} */
bool auth_password(struct request *, struct response *, struct problem *);

/* GET /auth/me */
bool auth_me(struct request *, struct response *, struct problem *);

/* GET, POST /auth/keys; DELETE /auth/keys/{id} */
bool auth_keys_list(struct request *, struct response *, struct problem *);
bool auth_keys_create(struct request *, struct response *, struct problem *);
bool auth_keys_revoke(struct request *, struct response *, struct problem *);

/* GET /.well-known/jwks.json */
bool auth_jwks(struct request *, struct response *, struct problem *);

#endif
