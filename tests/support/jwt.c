/* SPDX-License-Identifier: BSD-2-Clause */
/* jwt.c - three parts with dots between (RFC 7515, 7.1), signed by hand */
#include "support/jwt.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/cluster.h"
#include "support/document.h"
#include "support/keep.h"
#include "support/world.h"

static void
give_up(const char *what)
{
	fprintf(stderr, "tests: %s\n", what);
	exit(1);
}

/* --- base64url -------------------------------------------------------------------------------- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const char *
jwt_encode(const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	char *out = keep_alloc(len * 4 / 3 + 4), *at = out;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i < 3 ? len - i : 3;
		unsigned long n = (unsigned long)in[i] << 16;

		n |= left > 1 ? (unsigned long)in[i + 1] << 8 : 0;
		n |= left > 2 ? (unsigned long)in[i + 2] : 0;
		for (size_t k = 0; k <= left; k++)
			*at++ = alphabet[n >> (18 - 6 * k) & 63];
	}
	return out;
}

static char *
decode(const char *text, size_t len)
{
	unsigned char *out = keep_alloc(len + 1);
	size_t made = 0;
	unsigned long n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *place = strchr(alphabet, text[i]);

		if (text[i] == '\0' || place == NULL)
			give_up("a token is no base64url");
		n = (n << 6 | (unsigned long)(place - alphabet)) & 0xffffff;
		if (i % 4 == 0)
			continue;
		out[made++] = (unsigned char)(n >> (6 - 2 * (i % 4)));
	}
	return (char *)out;
}

const char *
jwt_part(const char *token, size_t i)
{
	for (; i > 0; i--) {
		if ((token = strchr(token, '.')) == NULL)
			give_up("a token has too few parts");
		token++;
	}
	return decode(token, strcspn(token, "."));
}

/* --- keys ------------------------------------------------------------------------------------- */

/* The master is BLAKE2b of the file's text; the key that seals is number 1 of context "rowhouse"; a
 * sealed seed is nonce and box, one behind the other. */
struct jwt_key
jwt_key_of(const struct world *w, PGconn *superuser)
{
	static const char newest[] =
	    " FROM rowhouse.signing_keys WHERE signs_from <= now() AND "
	    "coalesce(retired_at > now(), true) ORDER BY signs_from DESC LIMIT 1";
	unsigned char master[32], seal[32], box[72], secret_key[64];
	char *text = file_read(w->secret_file, NULL);
	const char *sealed =
	    sql_value(superuser, keep_printf("SELECT encode(sealed_seed, 'hex')%s", newest));
	struct jwt_key key = { .kid = sql_value(superuser, keep_printf("SELECT kid%s", newest)) };
	size_t len;

	if (sodium_init() < 0 || text == NULL || sealed == NULL || key.kid == NULL)
		give_up("there is no secret or no signing key");
	len = strcspn(text, " \t\r\n");
	crypto_generichash(master, sizeof(master), (unsigned char *)text, len, NULL, 0);
	crypto_kdf_derive_from_key(seal, sizeof(seal), 1, "rowhouse", master);
	free(text);
	if (sodium_hex2bin(box, sizeof(box), sealed, strlen(sealed), NULL, &len, NULL) != 0 ||
	    len != sizeof(box) ||
	    crypto_secretbox_open_easy(key.seed, box + 24, sizeof(box) - 24, box, seal) != 0)
		give_up("the signing key was not sealed as this file thinks");
	crypto_sign_seed_keypair(key.public_bytes, secret_key, key.seed);
	return key;
}

struct jwt_key
jwt_key_new(void)
{
	struct jwt_key key = { .kid = "forged" };
	unsigned char secret_key[64];

	if (sodium_init() < 0)
		give_up("libsodium does not start");
	randombytes_buf(key.seed, sizeof(key.seed));
	crypto_sign_seed_keypair(key.public_bytes, secret_key, key.seed);
	return key;
}

/* --- tokens ----------------------------------------------------------------------------------- */

const char *
jwt_unsigned(const char *header, const char *payload)
{
	return keep_printf(
	    "%s.%s.", jwt_encode(header, strlen(header)), jwt_encode(payload, strlen(payload)));
}

const char *
jwt_eddsa(const char *header, const char *payload, const struct jwt_key *key)
{
	const char *all = jwt_unsigned(header, payload);
	unsigned char public_bytes[32], secret_key[64], signature[64];

	crypto_sign_seed_keypair(public_bytes, secret_key, key->seed);
	crypto_sign_detached(
	    signature, NULL, (const unsigned char *)all, strlen(all) - 1, secret_key);
	return keep_printf("%s%s", all, jwt_encode(signature, sizeof(signature)));
}

const char *
jwt_hs256(const char *header, const char *payload, const void *secret, size_t len)
{
	const char *all = jwt_unsigned(header, payload);
	crypto_auth_hmacsha256_state state;
	unsigned char signature[32];

	crypto_auth_hmacsha256_init(&state, secret, len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)all, strlen(all) - 1);
	crypto_auth_hmacsha256_final(&state, signature);
	return keep_printf("%s%s", all, jwt_encode(signature, sizeof(signature)));
}

const char *
jwt_header(const struct jwt_key *key)
{
	return keep_printf("{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"typ\":\"JWT\"}", key->kid);
}

/* --- claims ----------------------------------------------------------------------------------- */

struct jwt_claims
jwt_claims_of(const char *token)
{
	struct json_object *payload = json_tokener_parse(jwt_part(token, 1));
	struct jwt_claims claims = {
		.issuer = keep_printf("%s", document_text(payload, "iss")),
		.audience = keep_printf("%s", document_text(payload, "aud")),
		.subject = keep_printf("%s", document_text(payload, "sub")),
		.tenant = keep_printf("%s", document_text(payload, "tid")),
		.session = keep_printf("%s", document_text(payload, "sid")),
		.issued_at = time(NULL),
		.not_before = time(NULL),
		.expires_at = time(NULL) + 600,
	};

	json_object_put(payload);
	return claims;
}

static const char *
add_text(const char *all, const char *name, const char *value)
{
	return value == NULL
	    ? all
	    : keep_printf("%s%s\"%s\":\"%s\"", all, all[1] != '\0' ? "," : "", name, value);
}

static const char *
add_number(const char *all, const char *name, int64_t value)
{
	return value == INT64_MIN ? all
				  : keep_printf("%s%s\"%s\":%lld", all, all[1] != '\0' ? "," : "",
					name, (long long)value);
}

const char *
jwt_payload(const struct jwt_claims *c)
{
	const char *all = add_text("{", "iss", c->issuer);

	all = add_text(all, "aud", c->audience);
	all = add_text(all, "sub", c->subject);
	all = add_text(all, "tid", c->tenant);
	all = add_text(all, "sid", c->session);
	all = add_number(all, "iat", c->issued_at);
	all = add_number(all, "nbf", c->not_before);
	all = add_number(all, "exp", c->expires_at);
	return keep_printf("%s%s}", all, c->more != NULL ? c->more : "");
}
