/* SPDX-License-Identifier: BSD-2-Clause */
/* password.c - libsodium's crypto_pwhash, never asked for anything but Argon2id */
#include "formats/password.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/limits.h"

static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_argon2id_STRBYTES, "libsodium's");
enum { NOBODY_BYTES = 32 };

bool
password_length_ok(size_t len)
{
	return len >= 1 && len <= LIMIT_PASSWORD_BYTES;
}

bool
password_init(struct password_policy *policy, struct password_cost cost)
{
	char password[NOBODY_BYTES];
	bool ok;

	*policy = (struct password_policy){ .cost = cost };
	if (cost.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN ||
	    cost.passes > crypto_pwhash_argon2id_OPSLIMIT_MAX ||
	    cost.memory_bytes < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
	    cost.memory_bytes > crypto_pwhash_argon2id_MEMLIMIT_MAX)
		return false;
	randombytes_buf(password, sizeof(password));
	ok = password_hash(policy, password, sizeof(password), policy->nobody);
	sodium_memzero(password, sizeof(password));
	return ok;
}

bool
password_hash(const struct password_policy *policy, const char *password, size_t len,
    char out[PASSWORD_HASH_BYTES])
{
	assert(password_length_ok(len));
	return crypto_pwhash_argon2id_str(
		   out, password, len, policy->cost.passes, policy->cost.memory_bytes) == 0;
}

/* libsodium wants the whole array; a text that is longer, or of another function, is no hash here.
 */
static bool
copy_hash(char out[PASSWORD_HASH_BYTES], const char *stored)
{
	static const char prefix[] = crypto_pwhash_argon2id_STRPREFIX;
	size_t len = strnlen(stored, PASSWORD_HASH_BYTES);

	if (len == PASSWORD_HASH_BYTES || strncmp(stored, prefix, sizeof(prefix) - 1) != 0)
		return false;
	memset(out, 0, PASSWORD_HASH_BYTES);
	memcpy(out, stored, len);
	return true;
}

bool
password_verify(
    const struct password_policy *policy, const char *stored, const char *password, size_t len)
{
	char hash[PASSWORD_HASH_BYTES];
	bool known, equal;

	assert(password_length_ok(len) && policy->nobody[0] != '\0');
	/* Its parameters can be read exactly when libsodium can compare them with ours. */
	known = stored != NULL && copy_hash(hash, stored) &&
	    crypto_pwhash_argon2id_str_needs_rehash(
		hash, policy->cost.passes, policy->cost.memory_bytes) >= 0;
	equal =
	    crypto_pwhash_argon2id_str_verify(known ? hash : policy->nobody, password, len) == 0;
	return known && equal;
}

bool
password_needs_rehash(const struct password_policy *policy, const char *stored)
{
	char hash[PASSWORD_HASH_BYTES];

	return !copy_hash(hash, stored) ||
	    crypto_pwhash_argon2id_str_needs_rehash(
		hash, policy->cost.passes, policy->cost.memory_bytes) != 0;
}
