/* SPDX-License-Identifier: BSD-2-Clause */
/* test_signing.c - the keys that tokens are signed with: shared, rotated, published */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/asking.h"
#include "support/document.h"
#include "support/jwt.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"

#define SHARED_KEY "a shared secret of more than 32 bytes"

static void
shared_secrets_when_configured(void)
{
	static const char hs[] = "{\"alg\":\"HS256\",\"kid\":\"shared\",\"typ\":\"JWT\"}";
	struct jwt_key key = jwt_key_of(world, superuser);
	struct jwt_claims claims = jwt_claims_of(sign_in(ACME_USER).access);
	const char *payload, *ours = keep_printf("{\"alg\":\"HS256\",\"kid\":\"%s\"}", key.kid);

	remember(SHARED_KEY);
	claims.session = NULL; /* of somebody else's making: no session of ours */
	payload = jwt_payload(&claims);
	if (!CHECK(world_restart(world, "shared_token_secret = \"" SHARED_KEY "\""), "restart"))
		return;
	all_answer(
	    remember(jwt_hs256(hs, payload, SHARED_KEY, strlen(SHARED_KEY))), 200, "HS256, shared");
	CHECK_INT(
	    get_as(jwt_hs256(hs, payload, SHARED_KEY "x", strlen(SHARED_KEY) + 1), ASKING_PATH)
		->status,
	    401, "another secret");
	CHECK_INT(get_as(jwt_hs256(hs, payload, key.public_bytes, 32), ASKING_PATH)->status, 401,
	    "the public key");
	CHECK_INT(
	    get_as(jwt_hs256(ours, payload, SHARED_KEY, strlen(SHARED_KEY)), ASKING_PATH)->status,
	    401, "under the kid of an Ed25519 key");
	CHECK_INT(
	    get_as(jwt_eddsa("{\"alg\":\"EdDSA\",\"kid\":\"shared\"}", payload, &key), ASKING_PATH)
		->status,
	    401, "EdDSA under the shared kid");
	claims.expires_at = claims.issued_at - 60;
	claims.issued_at = claims.not_before = claims.expires_at - 600;
	CHECK_INT(
	    get_as(jwt_hs256(hs, jwt_payload(&claims), SHARED_KEY, strlen(SHARED_KEY)), ASKING_PATH)
		->status,
	    401, "expired");
	CHECK(
	    strstr(client_request(world->client, "GET", "/.well-known/jwks.json", NULL, NULL)->body,
		"shared") == NULL,
	    "it is not published");
	CHECK(world_restart(world, "shared_token_secret = \"\""), "restart");
	CHECK_INT(
	    get_as(jwt_hs256(hs, payload, SHARED_KEY, strlen(SHARED_KEY)), ASKING_PATH)->status,
	    401, "not configured any more");
}

static const char *
published(size_t i, const char *member)
{
	const struct answer *a =
	    client_request(world->client, "GET", "/.well-known/jwks.json", NULL, NULL);

	CHECK_INT(a->status, 200, "%.300s", a->body);
	return keep_printf("%s", document_text(a->json, keep_printf("keys.%zu.%s", i, member)));
}

static void
keys_are_rotated(void)
{
	struct jwt_key before = jwt_key_of(world, superuser), after;
	struct session old = sign_in(ACME_USER), new;
	const struct outcome *o;

	CHECK_TEXT(published(0, "kid"), before.kid, "kid");
	CHECK_TEXT(published(0, "x"), jwt_encode(before.public_bytes, 32), "x");
	CHECK_TEXT(published(0, "kty"), "OKP", "kty");
	CHECK_TEXT(published(0, "crv"), "Ed25519", "crv");
	CHECK_TEXT(published(0, "d"), "", "nothing secret");
	CHECK_TEXT(published(1, "kid"), "", "one key");
	o = program_run(world->program, "key", "rotate", "--now", NULL);
	if (!CHECK_INT(o->exit_code, 0, "rowhouse key rotate --now: %s", o->output))
		return;
	all_answer(old.access, 200, "a token of the former key");
	new = sign_in(ACME_USER);
	after = jwt_key_of(world, superuser);
	CHECK(strcmp(after.kid, before.kid) != 0, "another kid: %s", after.kid);
	CHECK_TEXT(jwt_part(new.access, 0), jwt_header(&after), "the new one signs");
	CHECK_TEXT(jwt_part(session_of(refresh(old.refresh), "refresh").access, 0),
	    jwt_header(&after), "refreshed tokens too");
	all_answer(new.access, 200, "a token of the new key");
	CHECK(strcmp(published(1, "kid"), "") != 0 && strcmp(published(2, "kid"), "") == 0,
	    "two keys");
	raise_epoch_after(
	    keep_printf("UPDATE rowhouse.signing_keys SET retired_at = now() - interval '2 days' "
			"WHERE kid = '%s'",
		before.kid));
	all_answer(old.access, 401, "two days after its retirement");
	CHECK_TEXT(published(0, "kid"), after.kid, "the new one alone");
	CHECK_TEXT(published(1, "kid"), "", "the new one alone");
	all_answer(new.access, 200, "which goes on");
}

static bool
signs(void *kid)
{
	return strstr(jwt_part(sign_in(ACME_USER).access, 0), kid) != NULL;
}

/* Others keep the published keys for as long as we say: so long a new one waits. Its time comes by
 * the clock; here the times are moved instead. */
static void
a_new_key_is_published_before_it_signs(void)
{
	static const char move[] =
	    "UPDATE rowhouse.signing_keys SET signs_from = signs_from - interval '%s', "
	    "retired_at = retired_at - interval '%s' WHERE signs_from > now() OR retired_at > "
	    "now()";
	static const char wait[] =
	    "SELECT extract(epoch FROM signs_from - now())::int8 FROM rowhouse.signing_keys "
	    "ORDER BY signs_from DESC LIMIT 1";
	struct jwt_key before = jwt_key_of(world, superuser);
	struct session old = sign_in(ACME_USER);
	const struct answer *jwks;
	const struct outcome *o;
	char *next;
	long max_age, waits;

	o = program_run(world->program, "key", "rotate", NULL);
	if (!CHECK_INT(o->exit_code, 0, "rowhouse key rotate: %s", o->output))
		return;
	jwks = client_request(world->client, "GET", "/.well-known/jwks.json", NULL, NULL);
	next = keep_printf("%s", published(document_count(jwks->json, "keys") - 1, "kid"));
	CHECK(strstr(o->output, next) != NULL && strcmp(next, before.kid) != 0,
	    "the new one is published: %s", jwks->body);
	max_age = strtol(strstr(answer_header(jwks, "Cache-Control"), "max-age=") + 8, NULL, 10);
	waits = strtol(sql_value(superuser, wait), NULL, 10);
	CHECK(max_age > 0 && waits >= max_age && waits <= 600, "%ld s to %ld s", max_age, waits);
	CHECK(signs(keep_printf("%s", before.kid)), "the former one signs meanwhile");
	o = program_run(world->program, "key", "init", NULL);
	CHECK(o->exit_code == 0 && strstr(o->output, before.kid) != NULL, "%s", o->output);

	/* In two seconds it is its time, and workers look at the clock. */
	raise_epoch_after(keep_printf(move, "328 s", "328 s"));
	CHECK(wait_until(signs, next, 10000), "its time has come");
	all_answer(old.access, 200, "tokens of the former one live out their time");
	for (int i = 0; i < 2; i++) {
		o = program_run(world->program, "key", "rotate", NULL);
		CHECK_INT(o->exit_code, 0, "again, before its time: %s", o->output);
		CHECK(signs(next), "one signs at any time");
	}
	/* Whoever cannot wait. */
	o = program_run(world->program, "key", "rotate", "--now", NULL);
	CHECK_INT(o->exit_code, 0, "rowhouse key rotate --now: %s", o->output);
	next = keep_printf("%s", jwt_key_of(world, superuser).kid);
	CHECK(strstr(o->output, next) != NULL && signs(next), "%s: %s", next, o->output);
	CHECK_TEXT(sql_value(superuser,
		       "SELECT count(*) FROM rowhouse.signing_keys WHERE retired_at IS NULL OR "
		       "retired_at > now()"),
	    "1", "and no other ever again");
	all_answer(old.access, 200, "whose tokens live out their time");
}

static bool
begin(void)
{
	return asking_begin("");
}

static const struct suite_test tests[] = {
	{ "shared secrets, when configured", shared_secrets_when_configured },
	{ "signing keys are rotated", keys_are_rotated },
	{ "a new key is published before it signs", a_new_key_is_published_before_it_signs },
	{ "no secret is kept", no_secret_is_kept },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "signing", begin, asking_end, tests, SUITE_COUNT(tests) });
}
