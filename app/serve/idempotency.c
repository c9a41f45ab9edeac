/* SPDX-License-Identifier: BSD-2-Clause */
/* idempotency.c - the key's row, from INSERT to replay */
#include "serve/idempotency.h"

#include <assert.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/counters.h"
#include "base/problem.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "formats/jsontext.h"
#include "serve/environment.h"
#include "serve/platform.h"
#include "serve/secret.h"

enum {
	KEY_MAX = 255, /* visible ASCII; a UUID has 36 */
	HASH_BYTES = crypto_generichash_BYTES,
	HASH_TEXT_BYTES = 2 * HASH_BYTES + 1,
	HEADERS_MAX = 16 << 10,
};

#define POINTER "/header/Idempotency-Key"

/* The key of one attempt. */
struct keyed {
	const char *key, *principal;
	char scope[HASH_TEXT_BYTES];
	struct unit *unit; /* held, or NULL */
	bool taken;        /* somebody has had this key */
};

/* --- the header ------------------------------------------------------------------------------ */

static bool
key_ok(const char *key)
{
	size_t len = strlen(key);

	if (len == 0 || len > KEY_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (key[i] <= ' ' || key[i] > '~')
			return false;
	return true;
}

/* Texts with their lengths, so that no two lists of them hash alike; with a key (NULL: none) that
 * is not in the database. */
static void
hash(const unsigned char *key, const char *const *texts, const size_t *lengths, size_t count,
    char out[HASH_TEXT_BYTES])
{
	unsigned char bytes[HASH_BYTES];
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, key != NULL ? SECRET_KEY_BYTES : 0, sizeof(bytes));
	for (size_t i = 0; i < count; i++) {
		crypto_generichash_update(
		    &state, (const unsigned char *)&lengths[i], sizeof(lengths[i]));
		crypto_generichash_update(&state, (const unsigned char *)texts[i], lengths[i]);
	}
	crypto_generichash_final(&state, bytes, sizeof(bytes));
	sodium_bin2hex(out, HASH_TEXT_BYTES, bytes, sizeof(bytes));
}

static void
hash_scope(const struct request *r, struct keyed *keyed)
{
	const char *texts[] = { keyed->principal, r->method_name, r->uri.path, keyed->key };
	size_t lengths[COUNT_OF(texts)];

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		lengths[i] = strlen(texts[i]);
	hash(NULL, texts, lengths, COUNT_OF(texts), keyed->scope);
}

/* What must be equal in a request that is sent again: the query string and the body. A body may
 * hold a new account's password, which whoever reads the table shall not guess by a hash as fast as
 * this one; where there is no secret there are no passwords. */
static const char *
hash_request(const struct request *r)
{
	const struct secret *secret = r->environment->secret;
	unsigned char key[SECRET_KEY_BYTES];
	char *out = arena_alloc(r->arena, HASH_TEXT_BYTES);
	const char *target = request_param(r, "REQUEST_URI");
	const char *query = target != NULL ? strchr(target, '?') : NULL;
	const char *texts[] = { query != NULL ? query : "", r->body != NULL ? r->body : "" };
	const size_t lengths[] = { strlen(texts[0]), r->body_len };

	if (secret != NULL)
		secret_derive(secret, SECRET_BODIES, key);
	hash(secret != NULL ? key : NULL, texts, lengths, COUNT_OF(texts), out);
	return out;
}

static bool
changes_something(enum http_method method)
{
	return method == HTTP_POST || method == HTTP_PUT || method == HTTP_PATCH ||
	    method == HTTP_DELETE;
}

bool
idempotency_begin(struct request *r, struct problem *p)
{
	const char *key = request_param(r, "HTTP_IDEMPOTENCY_KEY");
	struct keyed *keyed;

	if (key == NULL || !changes_something(r->method))
		return true;
	if ((r->route->needs & NEED_NO_KEY) != 0)
		return problem_fault(p, POINTER, "unknown",
		    "the answer of this path is secret, so it is not stored to be given again");
	if (!key_ok(key))
		return problem_fault(
		    p, POINTER, "format", "a key is 1 to %d visible ASCII characters", KEY_MAX);
	if (r->tenant == NULL || r->principal.id == NULL)
		return problem_raise(
		    p, PROBLEM_UNAUTHENTICATED, "sign in to send an Idempotency-Key");
	keyed = ARENA_NEW(r->arena, struct keyed);
	keyed->key = key;
	keyed->principal = arena_printf(
	    r->arena, "%s %s", principal_type_word(r->principal.type), r->principal.id);
	hash_scope(r, keyed);
	r->keyed = keyed;
	return true;
}

/* --- its row --------------------------------------------------------------------------------- */

static void
put_text(struct sqltext *t, const struct request *r, const char *text)
{
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, text));
}

/*	WHERE k.tenant_id = $1 AND k.scope = $2 */
static void
put_key(struct sqltext *t, const struct request *r)
{
	sqltext_literal(t, " WHERE k.tenant_id = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	sqltext_literal(t, " AND k.scope = ");
	put_text(t, r, r->keyed->scope);
}

/*	INSERT INTO rowhouse.idempotency_keys (tenant_id, scope, principal, method, path, key,
 *	request_hash) VALUES ($1, ...)
 *
 * Without ON CONFLICT: who waited for a twin must see it, not pass it. */
static const struct statement *
insert_key(const struct request *r, struct problem *p)
{
	const struct keyed *keyed = r->keyed;
	const char *texts[] = { keyed->scope, keyed->principal, r->method_name, r->uri.path,
		keyed->key, hash_request(r) };
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t,
	    "INSERT INTO rowhouse.idempotency_keys (tenant_id, scope, principal, method, path, "
	    "key, request_hash) VALUES (");
	sqltext_param(t, value_new(r->arena, SQLTYPE_UUID, r->tenant->id));
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		sqltext_literal(t, ", ");
		put_text(t, r, texts[i]);
	}
	sqltext_literal(t, ")");
	return sqltext_statement(t, p);
}

/* The key could not be inserted: it is there already, or a twin is still at work. */
static void
explain_lead(struct request *r, const struct unit *unit, struct problem *p)
{
	const struct pg_failure *failure = unit_failure(unit);

	if (strcmp(failure->sqlstate, "23505") == 0) {
		r->keyed->taken = true;
	} else if (strcmp(failure->sqlstate, "55P03") == 0) {
		problem_init(p, r->arena);
		problem_raise(p, PROBLEM_IN_PROGRESS,
		    "a request with this Idempotency-Key is still being answered");
	}
}

bool
idempotency_run(struct request *r, struct unit *unit, const struct context *c, struct problem *p)
{
	struct pg *pg = r->environment->pg;
	const struct statement *lead;

	/* The answer is stored in the unit that did the work, so there is one. */
	assert(r->keyed->unit == NULL || r->keyed->unit == unit);
	if (unit_mode(unit) == UNIT_READ)
		return unit_run(unit, pg, c, p);
	if (!unit_is_held(unit)) {
		if ((lead = insert_key(r, p)) == NULL)
			return false;
		unit_lead(unit, lead);
	}
	if (unit_hold(unit, pg, c, p)) {
		r->keyed->unit = unit;
		return true;
	}
	r->keyed->unit = NULL;
	if (unit_lead_failed(unit))
		explain_lead(r, unit, p);
	return false;
}

/* --- the answer ------------------------------------------------------------------------------ */

static const char *
headers_text(const struct request *r, const struct response *response)
{
	struct jsontext j;
	struct text out;

	text_init(&out, r->arena, HEADERS_MAX);
	jsontext_init(&j, &out);
	jsontext_begin_object(&j);
	for (enum http_header h = 0; h < HTTP_HEADER__MAX; h++) {
		if (response->headers[h] == NULL)
			continue;
		jsontext_key(&j, http_header_name(h));
		jsontext_string(&j, response->headers[h]);
	}
	jsontext_end_object(&j);
	jsontext_done(&j);
	return out.failed ? NULL : out.bytes;
}

/*	UPDATE rowhouse.idempotency_keys AS k SET status = $1::integer, headers = $2::jsonb,
 *	body = $3 WHERE ... */
static bool
store(struct request *r, const struct response *response, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);
	const char *headers = headers_text(r, response);

	if (headers == NULL || response->body.failed)
		return problem_raise(
		    p, PROBLEM_TOO_LARGE, "the answer would be too large; ask for less of it");
	sqltext_literal(t, "UPDATE rowhouse.idempotency_keys AS k SET status = ");
	sqltext_param(t, value_int(r->arena, response->status));
	sqltext_literal(t, "::integer, headers = ");
	put_text(t, r, headers);
	sqltext_literal(t, "::jsonb, body = ");
	put_text(t, r, response->body.bytes);
	put_key(t, r);
	return unit_add_text(r->keyed->unit, t, p);
}

static void
put_headers(struct response *response, const struct request *r, const char *text)
{
	struct json_object *headers = json_tokener_parse(text), *value;

	/* Ours: PostgreSQL has checked that it is an object. */
	assert(headers != NULL);
	for (enum http_header h = 0; h < HTTP_HEADER__MAX; h++)
		if (json_object_object_get_ex(headers, http_header_name(h), &value))
			response_header(
			    response, h, arena_string(r->arena, json_object_get_string(value)));
	json_object_put(headers);
	response_header(response, HTTP_HEADER_IDEMPOTENCY_REPLAYED, "true");
}

/*	SELECT k.status, k.headers, k.body, k.request_hash = $1 FROM rowhouse.idempotency_keys AS k
 *	WHERE ... */
static bool
replay(struct request *r, struct response *response, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct sqltext *t = sqltext_new(r->arena);
	const struct result *rows;
	const char *body;
	size_t len;

	sqltext_literal(t, "SELECT k.status, k.headers, k.body, k.request_hash = ");
	put_text(t, r, hash_request(r));
	sqltext_literal(t, " FROM rowhouse.idempotency_keys AS k");
	put_key(t, r);
	if (!unit_add_text(unit, t, p) || !request_run(r, unit, p))
		return false;
	rows = unit_result(unit, 0);
	if (result_rows(rows) == 0) /* it expired just now: do the work after all */
		return problem_raise(p, PROBLEM_RETRY, "the key is free again");
	if (strcmp(result_value(rows, 0, 3, NULL), "t") != 0)
		return problem_raise(p, PROBLEM_KEY_REUSED,
		    "the Idempotency-Key was sent before with another body or query");
	assert(result_value(rows, 0, 0, NULL) != NULL);
	response_init(response, r->arena);
	response->status = (int)strtol(result_value(rows, 0, 0, NULL), NULL, 10);
	put_headers(response, r, result_value(rows, 0, 1, NULL));
	body = result_value(rows, 0, 2, &len);
	text_put(&response->body, body, len);
	return true;
}

bool
idempotency_end(struct request *r, struct response *response, bool handled, struct problem *p)
{
	struct keyed *keyed = r->keyed;

	if (keyed == NULL || (handled && keyed->unit == NULL))
		return handled;
	if (handled && store(r, response, p))
		return request_commit(r, keyed->unit, p);
	if (keyed->unit != NULL)
		request_drop(r, keyed->unit);
	keyed->unit = NULL;
	if (!keyed->taken)
		return false;
	problem_init(p, r->arena);
	return replay(r, response, p);
}
