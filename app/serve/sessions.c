/* SPDX-License-Identifier: BSD-2-Clause */
/* sessions.c - statements on rowhouse.sessions and rowhouse.refresh_tokens, and signing */
#include "serve/sessions.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "base/text.h"
#include "formats/token.h"
#include "serve/accounts.h"
#include "serve/entries.h"
#include "serve/environment.h"
#include "serve/keyring.h"
#include "serve/memory.h"
#include "serve/platform.h"

static const char *const ends[] = {
	[SESSION_LOGOUT] = "logout",
	[SESSION_REUSE] = "reuse",
	[SESSION_PASSWORD] = "password",
	[SESSION_OPERATOR] = "operator",
};
static_assert(COUNT_OF(ends) == SESSION_END__MAX, "a word per end");

static const char sessions_table[] = "rowhouse.sessions"; /* in the log */

static const struct value *
text_value(struct request *r, const char *text)
{
	return value_new(r->arena, SQLTYPE_TEXT, text);
}

static const struct value *
tenant_value(struct request *r, const struct tenant *tenant)
{
	return value_new(r->arena, SQLTYPE_UUID, tenant->id);
}

/* An access token for an account of a session. */
static bool
sign(struct request *r, const struct tenant *tenant, const char *account_id, const char *session,
    struct session_tokens *tokens, struct problem *p)
{
	int64_t now_s = clock_wall_ms() / 1000;
	const struct token_key *key =
	    keyring_signing(memory_keyring(r->environment->memory), now_s);
	char id[TOKEN_ID_BYTES];
	struct token_claims claims = {
		.issuer = r->settings->token_issuer,
		.audience = r->settings->token_audience,
		.subject = account_id,
		.issued_at = now_s,
		.not_before = now_s,
		.expires_at = now_s + r->settings->access_token_ms / 1000,
		.tenant = tenant->id,
		.session = session,
		.token_id = id,
		.kind = "user",
	};
	struct text text;

	token_make_id(id);
	text_init(&text, r->arena, LIMIT_TOKEN_BYTES);
	if (key == NULL) {
		problem_cause(p, "there is no signing key: run `rowhouse key init`");
		return problem_raise(p, PROBLEM_UNAVAILABLE, "nobody can sign in here yet");
	}
	if (!token_sign(&text, &claims, key))
		return problem_raise(p, PROBLEM_INTERNAL, "an error of the server");
	tokens->access = text.bytes;
	tokens->expires_in_s = r->settings->access_token_ms / 1000;
	return true;
}

/*	INSERT INTO rowhouse.refresh_tokens (tenant_id, id, session_id, secret_hash) VALUES ($1, $2,
 * $3, $4) */
static bool
add_refresh(struct unit *unit, struct request *r, const struct tenant *tenant, const char *session,
    struct session_tokens *tokens, struct problem *p)
{
	struct credential *fresh = ARENA_NEW(r->arena, struct credential);
	char *text = arena_alloc(r->arena, CREDENTIAL_TEXT_BYTES);
	struct sqltext *t = sqltext_new(r->arena);

	credential_make(fresh, CREDENTIAL_REFRESH, tenant, text);
	tokens->refresh = text;
	sqltext_literal(t,
	    "INSERT INTO rowhouse.refresh_tokens (tenant_id, id, session_id, secret_hash) "
	    "VALUES (");
	sqltext_param(t, tenant_value(r, tenant));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, fresh->id));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, session));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, fresh->hash));
	sqltext_literal(t, ")");
	return unit_add_text(unit, t, p);
}

/*	INSERT INTO rowhouse.sessions (tenant_id, id, principal_id, expires_at) VALUES ($1, $2, $3,
 * now() + $4) */
bool
sessions_add_open(struct unit *unit, struct request *r, const struct tenant *tenant,
    const char *account_id, struct session_tokens *tokens, struct problem *p)
{
	unsigned char random[16];
	char *session = arena_alloc(r->arena, 2 * sizeof(random) + 1);
	struct sqltext *t = sqltext_new(r->arena);

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(session, 2 * sizeof(random) + 1, random, sizeof(random));
	sqltext_literal(
	    t, "INSERT INTO rowhouse.sessions (tenant_id, id, principal_id, expires_at) VALUES (");
	sqltext_param(t, tenant_value(r, tenant));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, session));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(r, account_id));
	sqltext_literal(t, ", now() + ");
	sqltext_param(t, value_int(r->arena, r->settings->refresh_token_ms));
	sqltext_literal(t, " * interval '1 millisecond')");
	return unit_add_text(unit, t, p) && add_refresh(unit, r, tenant, session, tokens, p) &&
	    sign(r, tenant, account_id, session, tokens, p);
}

bool
sessions_not_good(struct problem *p)
{
	return problem_raise(p, PROBLEM_UNAUTHENTICATED, "the refresh token is not good any more");
}

/* Whose session a refresh token belongs to, whatever its state.
 *
 *	SELECT s.id, s.principal_id FROM rowhouse.refresh_tokens AS k JOIN rowhouse.sessions AS s ON
 *	... */
static bool
find_session(struct request *r, const struct credential *c, const char **session,
    const char **account, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	const struct value *tenant = tenant_value(r, &c->tenant);
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "SELECT s.id, s.principal_id FROM rowhouse.refresh_tokens AS k JOIN "
	    "rowhouse.sessions AS s ON s.tenant_id = ");
	sqltext_param(t, tenant);
	sqltext_literal(t, " AND s.id = k.session_id WHERE k.tenant_id = ");
	sqltext_param(t, tenant);
	sqltext_literal(t, " AND k.id = ");
	sqltext_param(t, text_value(r, c->id));
	sqltext_literal(t, " AND k.secret_hash = ");
	sqltext_param(t, text_value(r, c->hash));
	if (!unit_add_text(unit, t, p) || !request_run_for(r, &c->tenant, unit, p))
		return false;
	if (result_rows(unit_result(unit, 0)) == 0)
		return sessions_not_good(p);
	*session = result_value(unit_result(unit, 0), 0, 0, NULL);
	*account = result_value(unit_result(unit, 0), 0, 1, NULL);
	return true;
}

/* Use the token up; refuses unless this is its first use and its session is live.
 *
 *	WITH w AS (UPDATE rowhouse.refresh_tokens AS k SET used_at = now() WHERE ... AND k.used_at
 *	IS NULL AND EXISTS (SELECT 1 FROM rowhouse.sessions AS s WHERE ... live) RETURNING 1)
 *	SELECT CASE WHEN count(*) = 1 THEN true ELSE rowhouse.refuse('401') END FROM w */
static bool
add_use(struct unit *unit, struct request *r, const struct credential *c, struct problem *p)
{
	const struct value *tenant = tenant_value(r, &c->tenant);
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "WITH w AS (UPDATE rowhouse.refresh_tokens AS k SET used_at = now() WHERE "
	    "k.tenant_id = ");
	sqltext_param(t, tenant);
	sqltext_literal(t, " AND k.id = ");
	sqltext_param(t, text_value(r, c->id));
	sqltext_literal(t, " AND k.secret_hash = ");
	sqltext_param(t, text_value(r, c->hash));
	sqltext_literal(t,
	    " AND k.used_at IS NULL AND EXISTS (SELECT 1 FROM rowhouse.sessions AS s WHERE "
	    "s.tenant_id = ");
	sqltext_param(t, tenant);
	sqltext_literal(t,
	    " AND s.id = k.session_id AND s.revoked_at IS NULL AND s.expires_at > now()) "
	    "RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN true "
	    "ELSE rowhouse.refuse('401') END FROM w");
	return unit_add_text(unit, t, p);
}

/*	UPDATE rowhouse.sessions AS s SET revoked_at = now(), revoked_why = $1
 *	WHERE s.tenant_id = $2 AND s.revoked_at IS NULL
 *
 * The caller adds whose, or which. */
static void
put_end(struct sqltext *t, struct request *r, const struct tenant *tenant, enum session_end why)
{
	sqltext_literal(t, "UPDATE rowhouse.sessions AS s SET revoked_at = now(), revoked_why = ");
	sqltext_param(t, text_value(r, ends[why]));
	sqltext_literal(t, " WHERE s.tenant_id = ");
	sqltext_param(t, tenant_value(r, tenant));
	sqltext_literal(t, " AND s.revoked_at IS NULL");
}

static void
put_session(struct sqltext *t, struct request *r, const char *session)
{
	sqltext_literal(t, " AND s.id = ");
	sqltext_param(t, text_value(r, session));
}

static void
put_account(struct sqltext *t, struct request *r, const char *account)
{
	sqltext_literal(t, " AND s.principal_id = ");
	sqltext_param(t, text_value(r, account));
}

static bool
add_epoch(struct unit *unit, struct request *r, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "SELECT rowhouse.raise_epoch()");
	return unit_add_text(unit, t, p);
}

/* Revoke a family, unless somebody has: then the unit refuses, and neither log nor epoch move.
 *
 *	WITH w AS (UPDATE ... RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN true
 *	ELSE rowhouse.refuse('409') END FROM w */
static bool
add_revoke(struct unit *unit, struct request *r, const struct tenant *tenant, const char *session,
    struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "WITH w AS (");
	put_end(t, r, tenant, SESSION_REUSE);
	put_session(t, r, session);
	sqltext_literal(t,
	    " RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN true "
	    "ELSE rowhouse.refuse('409') END FROM w");
	return unit_add_text(unit, t, p);
}

static bool
add_reused(struct unit *unit, struct request *r, const struct tenant *tenant, const char *session,
    const char *account, struct problem *p)
{
	const struct entry entry = {
		.action = "sessions.reused", .target_type = sessions_table, .target_id = session
	};
	const struct entry_fact whose = { "principal", text_value(r, account) };
	struct sqltext *t = entries_begin(r, tenant, &entry);

	sqltext_literal(t,
	    "jsonb_build_object('revokedAt', jsonb_build_object('before', NULL, 'after', "
	    "now()::timestamptz(3)), 'revokedWhy', jsonb_build_object('before', NULL, 'after', ");
	sqltext_param(t, text_value(r, ends[SESSION_REUSE]));
	sqltext_literal(t, "))");
	return entries_add(unit, r, t, &whose, 1, p);
}

/* Whether a refresh token has been used.
 *
 *	SELECT 1 FROM rowhouse.refresh_tokens AS k WHERE k.used_at IS NOT NULL AND ... */
static bool
was_used(struct request *r, const struct credential *c, bool *used, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "SELECT 1 FROM rowhouse.refresh_tokens AS k WHERE k.used_at IS NOT NULL AND "
	    "k.tenant_id = ");
	sqltext_param(t, tenant_value(r, &c->tenant));
	sqltext_literal(t, " AND k.id = ");
	sqltext_param(t, text_value(r, c->id));
	if (!unit_add_text(unit, t, p) || !request_run_for(r, &c->tenant, unit, p))
		return false;
	*used = result_rows(unit_result(unit, 0)) > 0;
	return true;
}

/* A token was refused: when it was used before, end its family, and say so where it is read. False
 * when that could not be done, which matters more than the 401. */
static bool
punish_reuse(struct request *r, const struct credential *c, const char *session,
    const char *account, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	bool used;

	if (!was_used(r, c, &used, p))
		return false;
	if (!used)
		return true; /* ended or expired */
	if (!add_revoke(unit, r, &c->tenant, session, p) ||
	    !add_reused(unit, r, &c->tenant, session, account, p) || !add_epoch(unit, r, p))
		return false;
	if (!request_run_for(r, &c->tenant, unit, p))
		return p->code == PROBLEM_CONFLICT; /* it had ended */
	log_say(LOG_LEVEL_WARN, "refresh_reuse",
	    "a refresh token of session %s, tenant %s, was used twice: the session is revoked",
	    session, c->tenant.id);
	return true;
}

bool
sessions_refresh(
    struct request *r, const struct credential *c, struct session_tokens *tokens, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	const char *session, *account;

	if (!find_session(r, c, &session, &account, p) ||
	    !sign(r, &c->tenant, account, session, tokens, p) || !add_use(unit, r, c, p) ||
	    !accounts_add_check(unit, r, &c->tenant, account, p) ||
	    !add_refresh(unit, r, &c->tenant, session, tokens, p))
		return false;
	if (request_run_for(r, &c->tenant, unit, p))
		return true;
	if (p->code != PROBLEM_UNAUTHENTICATED)
		return false;
	problem_init(p, r->arena);
	if (!punish_reuse(r, c, session, account, p))
		return false;
	problem_init(p, r->arena);
	return sessions_not_good(p);
}

bool
sessions_logout(struct request *r, const struct credential *c, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	struct sqltext *t = sqltext_new(r->arena);
	const char *session, *account;

	if (!find_session(r, c, &session, &account, p)) {
		if (p->code != PROBLEM_UNAUTHENTICATED)
			return false;
		problem_init(p, r->arena); /* there is nothing to end: that is what was wanted */
		return true;
	}
	put_end(t, r, &c->tenant, SESSION_LOGOUT);
	put_session(t, r, session);
	return unit_add_text(unit, t, p) && request_run_for(r, &c->tenant, unit, p);
}

bool
sessions_add_end_others(struct unit *unit, struct request *r, const struct tenant *tenant,
    const char *account_id, const char *but_session, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	put_end(t, r, tenant, SESSION_PASSWORD);
	put_account(t, r, account_id);
	sqltext_literal(t, " AND s.id <> ");
	sqltext_param(t, text_value(r, but_session != NULL ? but_session : ""));
	return unit_add_text(unit, t, p) && add_epoch(unit, r, p);
}

/*	SELECT 1 FROM rowhouse.sessions AS s WHERE ... AND s.revoked_why IS NOT DISTINCT FROM NULL
 * or logout
 *
 * After a plain logout an access token lives out its minutes (DESIGN 2), so only other ends count.
 */
bool
sessions_add_check(struct unit *unit, struct request *r, const struct tenant *tenant,
    const char *session, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "SELECT 1 FROM rowhouse.sessions AS s WHERE s.tenant_id = ");
	sqltext_param(t, tenant_value(r, tenant));
	sqltext_literal(t, " AND s.id = ");
	sqltext_param(t, text_value(r, session));
	sqltext_literal(t, " AND coalesce(s.revoked_why, 'logout') = 'logout'");
	return unit_add_text(unit, t, p);
}

/* --- what an operator sees and ends ----------------------------------------------------------- */

/*	SELECT json_agg(...) FROM rowhouse.sessions AS s WHERE s.tenant_id = $1 AND s.revoked_at IS
 *	NULL AND s.expires_at > now() AND s.principal_id = $2 */
const struct result *
sessions_list(struct request *r, const char *account_id, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	const struct value *tenant = tenant_value(r, r->tenant);
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(
	    t, "SELECT coalesce(json_agg(json_build_object('id', s.id, 'operator', s.operator");
	sqltext_literal(t, ", 'createdAt', " SQLTEXT_INSTANT("s.created_at"));
	sqltext_literal(t, ", 'refreshedAt', (SELECT " SQLTEXT_INSTANT("max(k.used_at)"));
	sqltext_literal(t, " FROM rowhouse.refresh_tokens AS k WHERE k.tenant_id = ");
	sqltext_param(t, tenant);
	sqltext_literal(t, " AND k.session_id = s.id)");
	sqltext_literal(t, ", 'expiresAt', " SQLTEXT_INSTANT("s.expires_at"));
	sqltext_literal(t,
	    ") ORDER BY s.created_at, s.id), '[]'::json) FROM rowhouse.sessions AS s "
	    "WHERE s.tenant_id = ");
	sqltext_param(t, tenant);
	sqltext_literal(t, " AND s.revoked_at IS NULL AND s.expires_at > now()");
	put_account(t, r, account_id);
	return unit_add_text(unit, t, p) && request_run(r, unit, p) ? unit_result(unit, 0) : NULL;
}

/*	WITH w AS (UPDATE ... RETURNING 1) SELECT CASE WHEN count(*) > 0 THEN true
 *	ELSE rowhouse.refuse('404') END, count(*) FROM w */
static bool
add_sign_out(struct unit *unit, struct request *r, const char *account, const char *session,
    struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "WITH w AS (");
	put_end(t, r, r->tenant, SESSION_OPERATOR);
	put_account(t, r, account);
	if (session != NULL)
		put_session(t, r, session);
	sqltext_literal(t,
	    " RETURNING 1) SELECT CASE WHEN count(*) > 0 THEN true "
	    "ELSE rowhouse.refuse('404') END, count(*) FROM w");
	return unit_add_text(unit, t, p);
}

/* One session is the entry's target; all of them are told as a fact about the account. */
static bool
add_signed_out(struct unit *unit, struct request *r, const char *account, const char *session,
    struct problem *p)
{
	const struct entry entry = { .action = "sessions.revoked",
		.target_type =
		    session != NULL ? sessions_table : r->catalogue->principals->model->table,
		.target_id = session != NULL ? session : account,
		.manual = true };
	const struct entry_fact fact = session != NULL
	    ? (struct entry_fact){ "principal", text_value(r, account) }
	    : (struct entry_fact){ "sessions", text_value(r, "all") };
	struct sqltext *t = entries_begin(r, r->tenant, &entry);

	sqltext_literal(t, "NULL");
	return entries_add(unit, r, t, &fact, 1, p);
}

const char *
sessions_sign_out(struct request *r, const char *account_id, const char *session, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);

	if (!add_sign_out(unit, r, account_id, session, p) ||
	    !add_signed_out(unit, r, account_id, session, p) || !add_epoch(unit, r, p) ||
	    !request_run(r, unit, p))
		return NULL;
	return result_value(unit_result(unit, 0), 0, 1, NULL);
}
