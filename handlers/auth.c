/* SPDX-License-Identifier: BSD-2-Clause */
/* auth.c - signing in and out
 *
 * Unknown tenant, suspended tenant, unknown login, deleted account, account without a password and
 * wrong password take the same way through here: the same statements, one Argon2id, the same
 * answer. */
#include "handlers/auth.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "compiler/kinds.h"
#include "compiler/validators.h"
#include "formats/credential.h"
#include "formats/jsontext.h"
#include "formats/password.h"
#include "serve/accounts.h"
#include "serve/apikeys.h"
#include "serve/body.h"
#include "serve/environment.h"
#include "serve/guesses.h"
#include "serve/hashing.h"
#include "serve/keyring.h"
#include "serve/memory.h"
#include "serve/platform.h"
#include "serve/sessions.h"
#include "serve/tenants.h"

enum { LOGIN_MAX = 320 /* an address: 64 @ 255 (RFC 5321, 4.5.3.1) */ };

struct login_body {
	const char *tenant, *login, *password;
};

static const struct body_field login_fields[] = {
	{ "tenant", BODY_TEXT, BODY_OPTIONAL, 63, .offset = offsetof(struct login_body, tenant) },
	{ "login", BODY_TEXT, BODY_REQUIRED, LOGIN_MAX,
	    .offset = offsetof(struct login_body, login) },
	{ "password", BODY_TEXT, BODY_REQUIRED, LIMIT_PASSWORD_BYTES,
	    .offset = offsetof(struct login_body, password) },
};

static bool
can_sign_in(const struct request *r, struct problem *p)
{
	if (r->environment->secret != NULL)
		return true;
	problem_cause(p, "setting secret_file is empty: nobody can sign in");
	return problem_raise(p, PROBLEM_NO_ROUTE, "nobody can sign in here");
}

/* --- login --------------------------------------------------------------------------------- */

/* The tenant of a sign-in. One that does not exist becomes nobody's, whose rows nobody has, so that
 * what follows is the same; what cannot be a tenant is a fault. */
static bool
login_tenant(struct request *r, const struct login_body *body, const struct tenant **tenant,
    struct problem *p)
{
	static const struct tenant nobodys = { "00000000-0000-0000-0000-000000000000" };

	*tenant =
	    body->tenant != NULL ? tenants_find(r, body->tenant, p) : tenants_resolve(r, NULL, p);
	if (*tenant != NULL)
		return true;
	if (p->code == PROBLEM_TENANT_FORMAT && body->tenant != NULL) {
		problem_init(p, r->arena);
		return problem_fault(
		    p, "#/tenant", "format", "a tenant is named by its uuid or its slug");
	}
	if (p->code == PROBLEM_TENANT_REQUIRED) {
		problem_init(p, r->arena);
		return problem_fault(
		    p, "#/tenant", "required", "it is missing, and nothing else names the tenant");
	}
	if (p->code != PROBLEM_TENANT_UNKNOWN)
		return false;
	problem_init(p, r->arena);
	*tenant = &nobodys;
	return true;
}

static bool
wrong(struct request *r, const struct guesses *guesses, struct problem *p)
{
	counters_add(r->environment->counters, COUNTER_LOGIN_FAILURES, 1);
	return guesses_note(r, guesses, p) &&
	    problem_raise(p, PROBLEM_CREDENTIALS, "the tenant, the login or the password is wrong");
}

/* A new hash where the cost in the settings has changed since. */
static bool
add_rehash(struct unit *unit, struct request *r, const struct tenant *tenant,
    const struct account *account, const char *password, struct problem *p)
{
	const char *fresh;

	if (!password_needs_rehash(r->environment->passwords, account->password_hash))
		return true;
	return (fresh = hashing_make(r, password, p)) != NULL &&
	    accounts_add_password(unit, r, tenant, account->id, fresh, "rehash", p);
}

static bool
put_tokens(struct request *r, struct response *response, const struct session_tokens *tokens)
{
	struct jsontext j;

	(void)r;
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "accessToken");
	jsontext_string(&j, tokens->access);
	jsontext_key(&j, "tokenType");
	jsontext_string(&j, "Bearer");
	jsontext_key(&j, "expiresIn");
	jsontext_int(&j, tokens->expires_in_s);
	jsontext_key(&j, "refreshToken");
	jsontext_string(&j, tokens->refresh);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 200);
	return true;
}

static bool
signed_in(struct request *r, struct response *response, const struct tenant *tenant,
    const struct account *account, const char *password, const struct guesses *guesses,
    struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	struct session_tokens tokens;

	counters_add(r->environment->counters, COUNTER_LOGINS, 1);
	return accounts_add_check(unit, r, tenant, account->id, p) &&
	    add_rehash(unit, r, tenant, account, password, p) &&
	    guesses_add_clear(unit, r, guesses, p) &&
	    sessions_add_open(unit, r, tenant, account->id, &tokens, p) &&
	    request_run_for(r, tenant, unit, p) && put_tokens(r, response, &tokens);
}

bool
auth_login(struct request *r, struct response *response, struct problem *p)
{
	struct login_body body = { NULL, NULL, NULL };
	const struct tenant *tenant;
	struct guesses guesses;
	struct account account;
	bool good;

	if (!can_sign_in(r, p) || !body_read(r, login_fields, COUNT_OF(login_fields), &body, p) ||
	    !login_tenant(r, &body, &tenant, p))
		return false;
	guesses_name(&guesses, r, tenant, body.login);
	if (!guesses_check(r, &guesses, p) || !accounts_find(r, tenant, body.login, &account, p) ||
	    !hashing_verify(r, account.password_hash, body.password, &good, p))
		return false;
	if (!good)
		return wrong(r, &guesses, p);
	return signed_in(r, response, tenant, &account, body.password, &guesses, p);
}

/* --- refresh and logout -------------------------------------------------------------------- */

struct refresh_body {
	const char *refresh_token;
};

static const struct body_field refresh_fields[] = {
	/* An access token sent by mistake is answered as any other that is no refresh token. */
	{ "refreshToken", BODY_TEXT, BODY_REQUIRED, LIMIT_TOKEN_BYTES,
	    .offset = offsetof(struct refresh_body, refresh_token) },
};

static bool
read_refresh(struct request *r, struct credential *credential, struct problem *p)
{
	struct refresh_body body = { NULL };

	if (!can_sign_in(r, p) || !body_read(r, refresh_fields, COUNT_OF(refresh_fields), &body, p))
		return false;
	return (credential_parse(credential, body.refresh_token) &&
		   credential->kind == CREDENTIAL_REFRESH) ||
	    sessions_not_good(p);
}

bool
auth_refresh(struct request *r, struct response *response, struct problem *p)
{
	struct session_tokens tokens;
	struct credential credential;

	/* Of a tenant that was suspended no token is renewed. */
	if (!read_refresh(r, &credential, p))
		return false;
	if (tenants_find(r, credential.tenant.id, p) == NULL) {
		if (p->code != PROBLEM_TENANT_UNKNOWN)
			return false;
		problem_init(p, r->arena);
		return sessions_not_good(p);
	}
	return sessions_refresh(r, &credential, &tokens, p) && put_tokens(r, response, &tokens);
}

bool
auth_logout(struct request *r, struct response *response, struct problem *p)
{
	struct credential credential;

	if (!read_refresh(r, &credential, p) || !sessions_logout(r, &credential, p))
		return false;
	response->status = 204;
	return true;
}

/* --- password ------------------------------------------------------------------------------ */

struct password_body {
	const char *current, *wanted;
};

static const struct body_field password_fields[] = {
	{ "current", BODY_TEXT, BODY_REQUIRED, LIMIT_PASSWORD_BYTES,
	    .offset = offsetof(struct password_body, current) },
	{ "new", BODY_TEXT, BODY_REQUIRED, LIMIT_PASSWORD_BYTES,
	    .offset = offsetof(struct password_body, wanted) },
};

static bool
password_ok(const struct request *r, const struct password_body *body, struct problem *p)
{
	const struct principals *who = r->catalogue->principals;
	struct objection wrong;

	if (who != NULL && !validators_accept_password(who, body->wanted, r->arena, &wrong))
		return problem_fault(p, "#/new", wrong.code, "a password is %s", wrong.expected);
	if (strcmp(body->wanted, body->current) == 0)
		return problem_fault(p, "#/new", "same", "it is the current password");
	return true;
}

bool
auth_password(struct request *r, struct response *response, struct problem *p)
{
	struct password_body body = { NULL, NULL };
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	struct guesses guesses;
	struct account account;
	const char *fresh;
	bool good;

	if (!can_sign_in(r, p) ||
	    !body_read(r, password_fields, COUNT_OF(password_fields), &body, p) ||
	    !password_ok(r, &body, p))
		return false;
	if (r->principal.type != PRINCIPAL_USER || r->principal.operator!= NULL)
		return problem_raise(
		    p, PROBLEM_FORBIDDEN, "only a user changes a password, and only their own");
	/* Who holds a token but not the password shall not guess it here. */
	guesses_name(&guesses, r, r->tenant, r->principal.id);
	if (!guesses_check(r, &guesses, p) ||
	    !accounts_get(r, r->tenant, r->principal.id, &account, p) ||
	    !hashing_verify(r, account.password_hash, body.current, &good, p))
		return false;
	if (!good)
		return wrong(r, &guesses, p);
	if ((fresh = hashing_make(r, body.wanted, p)) == NULL ||
	    !accounts_add_password(unit, r, r->tenant, account.id, fresh, "password", p) ||
	    !guesses_add_clear(unit, r, &guesses, p) ||
	    !sessions_add_end_others(unit, r, r->tenant, account.id, r->principal.session, p) ||
	    !request_run(r, unit, p))
		return false;
	response->status = 204;
	return true;
}

/* --- who one is, and keys ------------------------------------------------------------------ */

bool
auth_me(struct request *r, struct response *response, struct problem *p)
{
	const struct principal *who = &r->principal;
	struct jsontext j;

	(void)p;
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "type");
	jsontext_string(&j, principal_type_word(who->type));
	jsontext_key(&j, "id");
	jsontext_string(&j, who->id);
	jsontext_key(&j, "role");
	jsontext_string(&j, who->role);
	jsontext_key(&j, "tenantId");
	jsontext_string(&j, r->tenant->id);
	jsontext_key(&j, "scopes");
	jsontext_string(&j, who->scopes);
	jsontext_key(&j, "operator");
	jsontext_string(&j, who->operator);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 200);
	return true;
}

bool
auth_keys_list(struct request *r, struct response *response, struct problem *p)
{
	const struct result *rows = apikeys_list(r, p);
	struct jsontext j;
	const char *json;
	size_t len;

	if (rows == NULL)
		return false;
	json = result_value(rows, 0, 0, &len);
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "data");
	jsontext_raw(&j, json, len);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 200);
	return true;
}

static const struct body_field key_fields[] = {
	{ "name", BODY_TEXT, BODY_REQUIRED, 100, .offset = offsetof(struct apikey_request, name) },
	{ "scopes", BODY_TEXTS, BODY_REQUIRED, 120,
	    .offset = offsetof(struct apikey_request, scopes) },
	{ "role", BODY_TEXT, BODY_OPTIONAL, 63, .offset = offsetof(struct apikey_request, role) },
	{ "expiresAt", BODY_TEXT, BODY_OPTIONAL, 40,
	    .offset = offsetof(struct apikey_request, expires_at) },
};

bool
auth_keys_create(struct request *r, struct response *response, struct problem *p)
{
	struct apikey_request wanted = { NULL, NULL, NULL, NULL };
	const char *text, *id;
	struct jsontext j;

	if (!body_read(r, key_fields, COUNT_OF(key_fields), &wanted, p) ||
	    !apikeys_create(r, &wanted, &text, &id, p))
		return false;
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "id");
	jsontext_string(&j, id);
	jsontext_key(&j, "name");
	jsontext_string(&j, wanted.name);
	jsontext_key(&j, "key");
	jsontext_string(&j, text);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 201);
	return true;
}

bool
auth_keys_revoke(struct request *r, struct response *response, struct problem *p)
{
	if (!apikeys_revoke(r, r->variables[0], p))
		return false;
	response->status = 204;
	return true;
}

bool
auth_jwks(struct request *r, struct response *response, struct problem *p)
{
	const struct keyring *ring = memory_keyring(r->environment->memory);

	(void)p;
	r->used_memory = true;
	token_jwks(&response->body, ring->keys, ring->count);
	response_json(response, 200);
	response_header(response, HTTP_HEADER_CACHE_CONTROL,
	    arena_printf(r->arena, "public, max-age=%d", KEYRING_MAX_AGE_S));
	return true;
}
