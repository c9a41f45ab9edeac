/* SPDX-License-Identifier: BSD-2-Clause */
/* remembered.c - two direct-mapped tables */
#include "serve/remembered.h"

#include <assert.h>
#include <sodium.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

enum { HASH_BYTES = 32, KEY_BYTES = 64 };

struct tenant_place {
	char key[KEY_BYTES]; /* "" is a free place */
	struct tenant tenant;
};

struct bearer_place {
	bool taken;
	unsigned char hash[HASH_BYTES]; /* keyed; equal hashes are equal texts */
	struct bearer bearer;
};

struct remembered {
	unsigned char key[crypto_generichash_KEYBYTES];
	unsigned char short_key[crypto_shorthash_KEYBYTES];
	struct tenant_place tenants[LIMIT_TENANTS_REMEMBERED];
	struct bearer_place bearers[LIMIT_CREDENTIALS_REMEMBERED];
};

struct remembered *
remembered_new(struct arena *arena)
{
	struct remembered *r = ARENA_NEW(arena, struct remembered);

	randombytes_buf(r->key, sizeof(r->key));
	randombytes_buf(r->short_key, sizeof(r->short_key));
	return r;
}

void
remembered_forget(struct remembered *r)
{
	/* Place by place: pages that were never used stay unused. */
	for (size_t i = 0; i < COUNT_OF(r->tenants); i++)
		if (r->tenants[i].key[0] != '\0')
			r->tenants[i].key[0] = '\0';
	for (size_t i = 0; i < COUNT_OF(r->bearers); i++)
		if (r->bearers[i].taken)
			sodium_memzero(&r->bearers[i], sizeof(r->bearers[i]));
}

/* The keyed hash of a text, and a number made of it. */
static uint64_t
hash_of(const struct remembered *r, const char *text, unsigned char hash[HASH_BYTES])
{
	uint64_t number;

	crypto_generichash(
	    hash, HASH_BYTES, (const unsigned char *)text, strlen(text), r->key, sizeof(r->key));
	memcpy(&number, hash, sizeof(number));
	return number;
}

/* Of a tenant the place keeps the text itself, so the hash only has to spread what clients send. */
static size_t
place_of_tenant(const struct remembered *r, const char *id_or_slug)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t number;

	crypto_shorthash(hash, (const unsigned char *)id_or_slug, strlen(id_or_slug), r->short_key);
	static_assert(sizeof(number) == sizeof(hash), "a hash of 64 bits");
	memcpy(&number, hash, sizeof(number));
	return number % COUNT_OF(r->tenants);
}

const struct tenant *
remembered_tenant(const struct remembered *r, const char *id_or_slug)
{
	const struct tenant_place *place = &r->tenants[place_of_tenant(r, id_or_slug)];

	return strcmp(place->key, id_or_slug) == 0 && place->key[0] != '\0' ? &place->tenant : NULL;
}

void
remembered_put_tenant(struct remembered *r, const char *id_or_slug, const struct tenant *tenant)
{
	struct tenant_place *place = &r->tenants[place_of_tenant(r, id_or_slug)];

	if (strlen(id_or_slug) >= KEY_BYTES)
		return;
	memcpy(place->key, id_or_slug, strlen(id_or_slug) + 1);
	place->tenant = *tenant;
}

const struct bearer *
remembered_bearer(const struct remembered *r, const char *credential, int64_t now_s)
{
	unsigned char hash[HASH_BYTES];
	const struct bearer_place *place =
	    &r->bearers[hash_of(r, credential, hash) % COUNT_OF(r->bearers)];

	if (!place->taken || sodium_memcmp(place->hash, hash, HASH_BYTES) != 0 ||
	    place->bearer.expires_s <= now_s)
		return NULL;
	return &place->bearer;
}

void
remembered_put_bearer(struct remembered *r, const char *credential, const struct bearer *bearer)
{
	unsigned char hash[HASH_BYTES];
	struct bearer_place *place =
	    &r->bearers[hash_of(r, credential, hash) % COUNT_OF(r->bearers)];

	memcpy(place->hash, hash, HASH_BYTES);
	place->bearer = *bearer;
	place->taken = true;
}
