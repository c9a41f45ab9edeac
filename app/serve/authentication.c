/* SPDX-License-Identifier: BSD-2-Clause */
/* authentication.c - bearer credentials: access tokens and API keys
 *
 * What a token claims of role and state is never believed: at its first use per worker and epoch
 * the database is asked, and the answer is remembered (DESIGN 2 and 5). */
#include "serve/authentication.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/problem.h"
#include "base/settings.h"
#include "compiler/values.h"
#include "formats/credential.h"
#include "formats/token.h"
#include "serve/accounts.h"
#include "serve/apikeys.h"
#include "serve/environment.h"
#include "serve/keyring.h"
#include "serve/memory.h"
#include "serve/platform.h"
#include "serve/remembered.h"
#include "serve/sessions.h"
#include "serve/tenants.h"

/* The one answer for every credential that is not good; why is for the log. */
static bool
not_good(struct problem *p, const char *why)
{
	problem_cause(p, "credential: %s", why);
	return problem_raise(
	    p, PROBLEM_UNAUTHENTICATED, "the credential is not good, or not any more");
}

/* Some web servers pass Authorization on under a redirect's name (reference/interface.md 3.4); two
 * that differ are an attack. */
static bool
find_bearer(struct request *r, const char **bearer, struct problem *p)
{
	static const char scheme[] = "Bearer ";
	const char *header = request_param(r, "HTTP_AUTHORIZATION");
	const char *redirected = request_param(r, "REDIRECT_HTTP_AUTHORIZATION");

	*bearer = NULL;
	if (header == NULL || header[0] == '\0')
		header = redirected;
	else if (redirected != NULL && strcmp(header, redirected) != 0)
		return problem_raise(p, PROBLEM_DUPLICATE_HEADER, "two Authorizations that differ");
	if (header == NULL || header[0] == '\0')
		return true;
	if (strncasecmp(header, scheme, sizeof(scheme) - 1) != 0)
		return not_good(p, "scheme is not Bearer");
	*bearer = header + sizeof(scheme) - 1 + strspn(header + sizeof(scheme) - 1, " ");
	return true;
}

static bool
fits(char *out, size_t size, const char *text)
{
	return snprintf(out, size, "%s", text != NULL ? text : "") < (int)size;
}

/* Ask the database about a verified token: its account is live, its session has not been revoked.
 */
static bool
ask_database(struct request *r, const struct token_claims *claims, const struct tenant *tenant,
    struct account *account, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);

	if (!accounts_get(r, tenant, claims->subject, account, p))
		return false;
	if (account->id == NULL)
		return not_good(p, "no such live account");
	if (claims->session == NULL)
		return true;
	if (!sessions_add_check(unit, r, tenant, claims->session, p) ||
	    !request_run_for(r, tenant, unit, p))
		return false;
	return result_rows(unit_result(unit, 0)) == 1 || not_good(p, "its session was revoked");
}

/* The subject as a key of the principal model; PostgreSQL shall not be the first to look at it. */
static bool
subject_ok(const struct request *r, const char *subject)
{
	struct problem unwanted;

	problem_init(&unwanted, r->arena);
	return r->catalogue->principals != NULL &&
	    value_read_key(r->catalogue->principals->model->id, subject, "", r->arena, &unwanted) !=
	    NULL;
}

static bool
read_token(struct request *r, const char *text, struct bearer *bearer, struct problem *p)
{
	const struct keyring *ring = memory_keyring(r->environment->memory);
	struct token_policy policy = { ring->keys, ring->count, r->settings->token_issuer,
		r->settings->token_audience, 86400 /* the bound of access_token_ttl */ };
	struct token_claims claims;
	struct account account;
	enum token_verdict verdict =
	    token_verify(&claims, text, &policy, clock_wall_ms() / 1000, r->arena);

	memset(bearer, 0, sizeof(*bearer));
	if (verdict != TOKEN_OK)
		return not_good(p, token_verdict_word(verdict));
	if (claims.tenant == NULL || strlen(claims.tenant) != TENANT_ID_BYTES - 1 ||
	    !subject_ok(r, claims.subject))
		return not_good(p, "claims");
	memcpy(bearer->tenant.id, claims.tenant, TENANT_ID_BYTES);
	if (!ask_database(r, &claims, &bearer->tenant, &account, p))
		return false;
	bearer->type = PRINCIPAL_USER;
	bearer->expires_s = claims.expires_at;
	return (fits(bearer->id, sizeof(bearer->id), account.id) &&
		   fits(bearer->role, sizeof(bearer->role), account.role) &&
		   fits(bearer->session, sizeof(bearer->session), claims.session) &&
		   fits(bearer->operator, sizeof(bearer->operator), claims.operator)) ||
	    not_good(p, "claims are too long");
}

static bool
read_credential(struct request *r, const char *text, struct bearer *bearer, struct problem *p)
{
	struct credential credential;

	switch (credential_kind(text)) {
	case CREDENTIAL_NONE: return read_token(r, text, bearer, p);
	case CREDENTIAL_API_KEY:
		if (!credential_parse(&credential, text))
			return not_good(p, "API key cannot be read");
		return apikeys_use(r, &credential, bearer, p);
	case CREDENTIAL_REFRESH:
	case CREDENTIAL__MAX: break;
	}
	return not_good(p, "a refresh token is for /auth/refresh only");
}

/* Whom the request's credential speaks for; *bearer is NULL when it brings none. */
static bool
identify(struct request *r, const struct bearer **bearer, struct problem *p)
{
	struct remembered *remembered = memory_remembered(r->environment->memory);
	struct bearer *fresh;
	const char *text;

	*bearer = NULL;
	if (!find_bearer(r, &text, p))
		return false;
	if (text == NULL)
		return true;
	r->used_memory = true;
	if ((*bearer = remembered_bearer(remembered, text, clock_wall_ms() / 1000)) != NULL)
		return true;
	fresh = ARENA_NEW(r->arena, struct bearer);
	if (!read_credential(r, text, fresh, p))
		return false;
	remembered_put_bearer(remembered, text, fresh);
	*bearer = fresh;
	return true;
}

static const char *
or_null(struct arena *arena, const char *text)
{
	return text[0] != '\0' ? arena_string(arena, text) : NULL;
}

/* Copied: a later request may take the place in memory. */
static void
take_bearer(struct request *r, const struct bearer *bearer)
{
	struct principal *who = &r->principal;

	who->type = bearer->type;
	who->member = true;
	who->id = or_null(r->arena, bearer->id);
	who->role = or_null(r->arena, bearer->role);
	who->session = or_null(r->arena, bearer->session);
	who->operator= or_null(r->arena, bearer->operator);
	who->scopes = bearer->scoped ? arena_string(r->arena, bearer->scopes) : NULL;
}

static bool
listed(const char *list, const char *word, size_t len)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ", ");

		if (n == len && memcmp(list, word, len) == 0)
			return true;
		list += n;
		list += strspn(list, ", ");
	}
	return false;
}

/* What is no address is nobody's; the audit log could not hold it. */
static bool
is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* The client's address: the last hop that is not one of our proxies. What stands further left in
 * X-Forwarded-For is a client's own writing. NULL when the web server knows none: behind a unix
 * socket nginx says "unix:". */
static const char *
client_address(const struct request *r)
{
	const char *hops = request_param(r, "HTTP_X_FORWARDED_FOR"), *address = r->remote;
	size_t end = hops != NULL ? strlen(hops) : 0;

	while (address != NULL && listed(r->settings->trusted_proxies, address, strlen(address)) &&
	    end > 0) {
		size_t begin = end;
		const char *hop;

		while (begin > 0 && hops[begin - 1] != ',')
			begin--;
		begin += strspn(hops + begin, " ");
		hop = arena_copy(r->arena, hops + begin, end > begin ? end - begin : 0);
		if (!is_address(hop))
			break;
		address = hop;
		while (begin > 0 && hops[begin - 1] != ',')
			begin--;
		end = begin > 0 ? begin - 1 : 0;
	}
	return address != NULL && is_address(address) ? address : NULL;
}

/* What the route's row says; the dispatcher asks once, so that no handler forgets. */
static bool
check_needs(const struct request *r, unsigned needs, struct problem *p)
{
	const struct principal *who = &r->principal;

	if ((needs & NEED_USER) != 0 && who->type != PRINCIPAL_USER)
		return problem_raise(p, PROBLEM_FORBIDDEN, "a user does this, not an API key");
	if (r->route->role != NULL && (who->role == NULL || strcmp(who->role, r->route->role) != 0))
		return problem_raise(
		    p, PROBLEM_FORBIDDEN, "this takes the role %s", r->route->role);
	return true;
}

bool
authentication_apply(struct request *r, struct problem *p)
{
	return authentication_need(r, r->route->needs, p);
}

bool
authentication_need(struct request *r, unsigned needs, struct problem *p)
{
	const struct bearer *bearer;

	r->tenant = NULL;
	r->principal = (struct principal){ .type = PRINCIPAL_ANONYMOUS, .ip = client_address(r) };
	if ((needs & (NEED_TENANT | NEED_PRINCIPAL)) == 0)
		return true;
	if (!identify(r, &bearer, p))
		return false;
	if (bearer != NULL)
		take_bearer(r, bearer);
	else if ((needs & NEED_PRINCIPAL) != 0)
		return problem_raise(p, PROBLEM_UNAUTHENTICATED, "sign in first");
	r->tenant = tenants_resolve(r, bearer != NULL ? &bearer->tenant : NULL, p);
	return r->tenant != NULL && check_needs(r, needs, p);
}
