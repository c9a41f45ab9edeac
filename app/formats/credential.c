/* SPDX-License-Identifier: BSD-2-Clause */
/* credential.c - fixed columns, since '_' is also a digit of base64url */
#include "formats/credential.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "formats/base64url.h"

enum {
	TENANT_AT = 4,
	TENANT_DIGITS = 32,
	ID_AT = TENANT_AT + TENANT_DIGITS + 1,
	ID_DIGITS = 22,
	ID_RANDOM_BYTES = 16,
	SECRET_AT = ID_AT + ID_DIGITS + 1,
	SECRET_DIGITS = 43,
	SECRET_BYTES = 32,
};
static_assert(SECRET_AT + SECRET_DIGITS + 1 == CREDENTIAL_TEXT_BYTES, "the columns fill the text");
static_assert(ID_DIGITS + 1 == CREDENTIAL_ID_BYTES, "the id is kept as it is written");

static const char prefixes[][TENANT_AT + 1] = {
	[CREDENTIAL_NONE] = "",
	[CREDENTIAL_REFRESH] = "rhr_",
	[CREDENTIAL_API_KEY] = "rhk_",
};
static_assert(COUNT_OF(prefixes) == CREDENTIAL__MAX, "a prefix per kind");

static void
put_hash(char out[CREDENTIAL_HASH_BYTES], const unsigned char secret[SECRET_BYTES])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, secret, SECRET_BYTES);
	sodium_bin2hex(out, CREDENTIAL_HASH_BYTES, hash, sizeof(hash));
}

/* The id of a tenant without its dashes. */
static void
put_tenant(char *out, const struct tenant *tenant)
{
	for (const char *c = tenant->id; *c != '\0'; c++)
		if (*c != '-')
			*out++ = *c;
}

/* 32 lower case digits as PostgreSQL writes a uuid: dashes behind 8, 12, 16 and 20 of them. */
static bool
read_tenant(struct tenant *tenant, const char *digits)
{
	char *out = tenant->id;

	for (int i = 0; i < TENANT_DIGITS; i++) {
		if (digits[i] == '\0' || strchr("0123456789abcdef", digits[i]) == NULL)
			return false;
		if (i >= 8 && i <= 20 && i % 4 == 0)
			*out++ = '-';
		*out++ = digits[i];
	}
	*out = '\0';
	return true;
}

void
credential_make(struct credential *credential, enum credential_kind kind,
    const struct tenant *tenant, char text[CREDENTIAL_TEXT_BYTES])
{
	unsigned char id[ID_RANDOM_BYTES], secret[SECRET_BYTES];

	assert(kind != CREDENTIAL_NONE && strlen(tenant->id) == sizeof(tenant->id) - 1);
	*credential = (struct credential){ .kind = kind, .tenant = *tenant };
	randombytes_buf(id, sizeof(id));
	randombytes_buf(secret, sizeof(secret));
	base64url_encode(credential->id, sizeof(credential->id), id, sizeof(id));
	put_hash(credential->hash, secret);
	memcpy(text, prefixes[kind], TENANT_AT);
	put_tenant(text + TENANT_AT, tenant);
	text[ID_AT - 1] = '_';
	memcpy(text + ID_AT, credential->id, ID_DIGITS);
	text[SECRET_AT - 1] = '_';
	base64url_encode(text + SECRET_AT, SECRET_DIGITS + 1, secret, sizeof(secret));
	sodium_memzero(secret, sizeof(secret));
}

enum credential_kind
credential_kind(const char *text)
{
	for (size_t kind = CREDENTIAL_NONE + 1; kind < CREDENTIAL__MAX; kind++)
		if (strncmp(text, prefixes[kind], TENANT_AT) == 0)
			return (enum credential_kind)kind;
	return CREDENTIAL_NONE;
}

/* digits are base64url of exactly want bytes: no other character, no stray bits at the end. */
static bool
read_base64(unsigned char *bytes, size_t want, const char *digits, size_t len)
{
	size_t got;

	return base64url_decode(bytes, want, &got, digits, len) && got == want;
}

bool
credential_parse(struct credential *credential, const char *text)
{
	unsigned char id[ID_RANDOM_BYTES], secret[SECRET_BYTES];
	bool ok;

	*credential = (struct credential){ .kind = credential_kind(text) };
	if (credential->kind == CREDENTIAL_NONE ||
	    strnlen(text, CREDENTIAL_TEXT_BYTES) != CREDENTIAL_TEXT_BYTES - 1 ||
	    text[ID_AT - 1] != '_' || text[SECRET_AT - 1] != '_' ||
	    !read_tenant(&credential->tenant, text + TENANT_AT) ||
	    !read_base64(id, sizeof(id), text + ID_AT, ID_DIGITS))
		return false;
	memcpy(credential->id, text + ID_AT, ID_DIGITS);
	ok = read_base64(secret, sizeof(secret), text + SECRET_AT, SECRET_DIGITS);
	if (ok)
		put_hash(credential->hash, secret);
	sodium_memzero(secret, sizeof(secret));
	return ok;
}

bool
credential_matches(const struct credential *credential, const char *stored_hash)
{
	return strlen(stored_hash) == CREDENTIAL_HASH_BYTES - 1 && credential->hash[0] != '\0' &&
	    sodium_memcmp(credential->hash, stored_hash, CREDENTIAL_HASH_BYTES - 1) == 0;
}
