/* SPDX-License-Identifier: BSD-2-Clause */
/* token.c - header, key, signature, claims, times: in this order, and the first fault ends it */
#include "formats/token.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "formats/base64url.h"
#include "formats/document.h"
#include "formats/jsonread.h"
#include "formats/jsontext.h"

/* Claims that are strings. aud, which may be an array, is a row for the sake of signing only. */
static const struct claim_row {
	const char *name;
	size_t offset; /* of the string in struct token_claims */
	bool required;
} strings[] = {
	{ "iss", offsetof(struct token_claims, issuer), true },
	{ "aud", offsetof(struct token_claims, audience), true },
	{ "sub", offsetof(struct token_claims, subject), true },
	{ "tid", offsetof(struct token_claims, tenant), false },
	{ "sid", offsetof(struct token_claims, session), false },
	{ "act", offsetof(struct token_claims, operator), false },
	{ "jti", offsetof(struct token_claims, token_id), false },
	{ "knd", offsetof(struct token_claims, kind), false },
};

static const struct {
	const char *name;
	size_t offset; /* of the seconds */
	bool required;
} times[] = {
	{ "iat", offsetof(struct token_claims, issued_at), true },
	{ "nbf", offsetof(struct token_claims, not_before), false },
	{ "exp", offsetof(struct token_claims, expires_at), true },
};

/* One part of a token. */
struct part {
	const char *bytes;
	size_t len;
};

/* --- base64url ------------------------------------------------------------------------------ */

static bool
decode(struct part *out, const struct part *encoded, struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, encoded->len + 1);

	out->bytes = (const char *)bytes;
	return base64url_decode(bytes, encoded->len, &out->len, encoded->bytes, encoded->len);
}

/* --- signing -------------------------------------------------------------------------------- */

void
token_make_id(char out[TOKEN_ID_BYTES])
{
	unsigned char random[16];

	randombytes_buf(random, sizeof(random));
	base64url_encode(out, TOKEN_ID_BYTES, random, sizeof(random));
}

static const char *
string_claim(const struct token_claims *claims, const struct claim_row *row)
{
	const char *value;

	memcpy(&value, (const char *)claims + row->offset, sizeof(value));
	return value;
}

static void
put_header(struct text *out, const struct token_key *key)
{
	struct jsontext j;

	jsontext_init(&j, out);
	jsontext_begin_object(&j);
	jsontext_key(&j, "alg");
	jsontext_string(&j, token_algorithm_name(key->algorithm));
	jsontext_key(&j, "kid");
	jsontext_string(&j, key->kid);
	jsontext_key(&j, "typ");
	jsontext_string(&j, "JWT");
	jsontext_end_object(&j);
}

static void
put_payload(struct text *out, const struct token_claims *claims)
{
	struct jsontext j;
	int64_t time_s;

	jsontext_init(&j, out);
	jsontext_begin_object(&j);
	for (size_t i = 0; i < COUNT_OF(strings); i++) {
		const char *value = string_claim(claims, &strings[i]);

		assert(value != NULL || !strings[i].required);
		if (value == NULL)
			continue;
		jsontext_key(&j, strings[i].name);
		jsontext_string(&j, value);
	}
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		memcpy(&time_s, (const char *)claims + times[i].offset, sizeof(time_s));
		jsontext_key(&j, times[i].name);
		jsontext_int(&j, time_s);
	}
	jsontext_end_object(&j);
}

/* base64url(header) "." base64url(payload) "." base64url(signature of what stands before) */
bool
token_sign(struct text *out, const struct token_claims *claims, const struct token_key *key)
{
	unsigned char signature[TOKEN_SIGNATURE_MAX_BYTES];
	struct text json, token;

	assert(key->algorithm == TOKEN_EDDSA);
	text_init(&json, out->arena, LIMIT_TOKEN_BYTES);
	text_init(&token, out->arena, LIMIT_TOKEN_BYTES);
	put_header(&json, key);
	base64url_put(&token, json.bytes, json.len);
	text_byte(&token, '.');
	text_clear(&json);
	put_payload(&json, claims);
	base64url_put(&token, json.bytes, json.len);
	if (json.failed || token.failed)
		return false;
	token_signature(key, token.bytes, token.len, signature);
	text_byte(&token, '.');
	base64url_put(&token, signature, crypto_sign_BYTES);
	if (token.failed)
		return false;
	text_put(out, token.bytes, token.len);
	return !out->failed;
}

/* --- verifying ------------------------------------------------------------------------------ */

/* Three parts, and the bytes that are signed: the first two and the point between them. */
static bool
split(struct part parts[3], struct part *signed_bytes, const char *token)
{
	const char *first = strchr(token, '.');
	const char *second = first != NULL ? strchr(first + 1, '.') : NULL;

	if (second == NULL || strchr(second + 1, '.') != NULL)
		return false;
	parts[0] = (struct part){ token, (size_t)(first - token) };
	parts[1] = (struct part){ first + 1, (size_t)(second - first - 1) };
	parts[2] = (struct part){ second + 1, strlen(second + 1) };
	*signed_bytes = (struct part){ token, (size_t)(second - token) };
	return true;
}

/* A part as a JSON object, read as strictly as a body: a claim that is there twice is no claim. */
static bool
read_object(struct json_object **object, const struct part *encoded, struct arena *arena)
{
	struct problem ignored; /* the verdict says as much as the log may know */
	struct part json;

	problem_init(&ignored, arena);
	return decode(&json, encoded, arena) &&
	    jsonread_parse(object, json.bytes, json.len, arena, &ignored) &&
	    jsonread_kind(*object) == JSONREAD_OBJECT;
}

/* A string member. False when it is of another kind; *string is NULL when it is absent. */
static bool
find_string(const char **string, struct json_object *object, const char *name)
{
	struct json_object *value;
	size_t len;

	*string = NULL;
	if (!jsonread_find(object, name, &value))
		return true;
	if (jsonread_kind(value) != JSONREAD_STRING)
		return false;
	*string = jsonread_string(value, &len);
	return true;
}

/* Which key the header names; NULL and why when there is none or the header is not to be trusted.
 */
static const struct token_key *
choose_key(
    struct json_object *header, const struct token_policy *policy, enum token_verdict *verdict)
{
	/* RFC 7515, 4.1: extensions we would have to understand, keys we do not take from a token,
	 * payloads which are not the JSON that is signed. */
	static const char *const refused[] = { "crit", "jku", "jwk", "x5u", "x5c", "b64", "zip",
		"cty" };
	const char *algorithm, *kid, *type;
	struct json_object *value;

	*verdict = TOKEN_EXTENSION;
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		if (jsonread_find(header, refused[i], &value))
			return NULL;
	*verdict = TOKEN_HEADER;
	if (!find_string(&algorithm, header, "alg") || !find_string(&kid, header, "kid") ||
	    !find_string(&type, header, "typ") || (type != NULL && strcasecmp(type, "JWT") != 0))
		return NULL;
	*verdict = TOKEN_UNKNOWN_KEY;
	for (size_t i = 0; kid != NULL && i < policy->key_count; i++) {
		const struct token_key *key = &policy->keys[i];

		if (strcmp(kid, key->kid) != 0)
			continue;
		*verdict = TOKEN_ALGORITHM;
		return algorithm != NULL &&
			strcmp(algorithm, token_algorithm_name(key->algorithm)) == 0
		    ? key
		    : NULL;
	}
	return NULL;
}

/* RFC 7519, 4.1.3: a string, or an array of strings with ours among them. */
static enum token_verdict
check_audience(struct json_object *value, const char *ours)
{
	enum token_verdict verdict = TOKEN_AUDIENCE;
	size_t count = 1, len;
	bool array = jsonread_kind(value) == JSONREAD_ARRAY;

	if (array)
		count = document_length(value);
	for (size_t i = 0; i < count; i++) {
		struct json_object *one = array ? document_element(value, i) : value;

		if (jsonread_kind(one) != JSONREAD_STRING)
			return TOKEN_CLAIM;
		if (strcmp(jsonread_string(one, &len), ours) == 0)
			verdict = TOKEN_OK;
	}
	return verdict;
}

/* RFC 7519, 2, NumericDate, but whole seconds: up to 15 digits, which no sum of ours overflows. */
static bool
read_seconds(int64_t *seconds, struct json_object *value)
{
	const char *source;
	size_t len;

	if (jsonread_kind(value) != JSONREAD_NUMBER)
		return false;
	source = jsonread_number(value);
	len = strlen(source);
	if (len > 15 || strspn(source, "0123456789") != len)
		return false;
	*seconds = 0;
	for (size_t i = 0; i < len; i++)
		*seconds = *seconds * 10 + (source[i] - '0');
	return true;
}

static bool
read_strings(struct token_claims *claims, struct json_object *payload)
{
	for (size_t i = 0; i < COUNT_OF(strings); i++) {
		const char *string;

		if (strings[i].offset == offsetof(struct token_claims, audience))
			continue;
		if (!find_string(&string, payload, strings[i].name))
			return false;
		if (strings[i].required && (string == NULL || string[0] == '\0'))
			return false;
		memcpy((char *)claims + strings[i].offset, &string, sizeof(string));
	}
	return true;
}

static bool
read_times(struct token_claims *claims, struct json_object *payload)
{
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		struct json_object *value;
		int64_t seconds = claims->issued_at; /* for nbf, which comes behind it */

		if (!jsonread_find(payload, times[i].name, &value) ? times[i].required
								   : !read_seconds(&seconds, value))
			return false;
		memcpy((char *)claims + times[i].offset, &seconds, sizeof(seconds));
	}
	return true;
}

static enum token_verdict
check_times(const struct token_claims *claims, const struct token_policy *policy, int64_t now_s)
{
	if (claims->expires_at <= claims->issued_at ||
	    claims->expires_at - claims->issued_at > policy->life_max_s)
		return TOKEN_LIFE;
	if (claims->issued_at > now_s + LIMIT_TOKEN_SKEW_S ||
	    claims->not_before > now_s + LIMIT_TOKEN_SKEW_S)
		return TOKEN_EARLY;
	return claims->expires_at <= now_s - LIMIT_TOKEN_SKEW_S ? TOKEN_EXPIRED : TOKEN_OK;
}

static enum token_verdict
check_claims(struct token_claims *claims, struct json_object *payload,
    const struct token_policy *policy, int64_t now_s)
{
	enum token_verdict verdict;
	struct json_object *audience;

	if (!read_strings(claims, payload) || !read_times(claims, payload) ||
	    !jsonread_find(payload, "aud", &audience))
		return TOKEN_CLAIM;
	if (strcmp(claims->issuer, policy->issuer) != 0)
		return TOKEN_ISSUER;
	if ((verdict = check_audience(audience, policy->audience)) != TOKEN_OK)
		return verdict;
	claims->audience = policy->audience;
	return check_times(claims, policy, now_s);
}

enum token_verdict
token_verify(struct token_claims *claims, const char *token, const struct token_policy *policy,
    int64_t now_s, struct arena *arena)
{
	struct part parts[3], signed_bytes, signature;
	struct token_claims read = { 0 };
	const struct token_key *key;
	struct json_object *object;
	enum token_verdict verdict;

	if (strnlen(token, LIMIT_TOKEN_BYTES + 1) > LIMIT_TOKEN_BYTES)
		return TOKEN_TOO_LONG;
	if (!split(parts, &signed_bytes, token))
		return TOKEN_SHAPE;
	if (!read_object(&object, &parts[0], arena))
		return TOKEN_HEADER;
	if ((key = choose_key(object, policy, &verdict)) == NULL)
		return verdict;
	if (!decode(&signature, &parts[2], arena) ||
	    !token_signature_ok(key, signed_bytes.bytes, signed_bytes.len,
		(const unsigned char *)signature.bytes, signature.len))
		return TOKEN_SIGNATURE;
	if (!read_object(&object, &parts[1], arena))
		return TOKEN_PAYLOAD;
	if ((verdict = check_claims(&read, object, policy, now_s)) == TOKEN_OK)
		*claims = read;
	return verdict;
}

const char *
token_verdict_word(enum token_verdict verdict)
{
	static const char *const words[] = {
		[TOKEN_OK] = "ok",
		[TOKEN_TOO_LONG] = "too long",
		[TOKEN_SHAPE] = "not three parts",
		[TOKEN_HEADER] = "header not readable",
		[TOKEN_EXTENSION] = "header parameter refused",
		[TOKEN_UNKNOWN_KEY] = "unknown key",
		[TOKEN_ALGORITHM] = "algorithm is not the key's",
		[TOKEN_SIGNATURE] = "signature does not hold",
		[TOKEN_PAYLOAD] = "payload not readable",
		[TOKEN_CLAIM] = "claim missing or of a wrong type",
		[TOKEN_ISSUER] = "other issuer",
		[TOKEN_AUDIENCE] = "other audience",
		[TOKEN_LIFE] = "claims too long a life",
		[TOKEN_EARLY] = "not valid yet",
		[TOKEN_EXPIRED] = "expired",
	};
	static_assert(COUNT_OF(words) == TOKEN_VERDICT__MAX, "a word per verdict");

	assert(verdict < TOKEN_VERDICT__MAX);
	return words[verdict];
}
