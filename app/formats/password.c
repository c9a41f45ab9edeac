/* SPDX-License-Identifier: BSD-2-Clause */
/* password.c - libsodium's crypto_pwhash, never asked for anything but Argon2id */
#include "formats/password.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>

#include "base/limits.h"

static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_argon2id_STRBYTES, "libsodium's");
enum { NOBODY_BYTES = 32 };

/* --- out of the way of the others ---------------------------------------------------------------
 *
 * A hash is milliseconds of pure computing, and a worker that reads would wait a whole time slice
 * for the core. So it runs in a thread of its own, whose priority goes down for good with it:
 * nobody may raise his own again. tests/bench/bench_logins measures what reads feel of it.
 * SCHED_IDLE is better still for the reads, but may starve. */

struct work {
	char *out;        /* hash into it, or */
	const char *hash; /* compare with it */
	const char *password;
	size_t len;
	const struct password_cost *cost;
	bool ok;
};

static void
compute(struct work *w)
{
	w->ok = w->out != NULL
	    ? crypto_pwhash_argon2id_str(
		  w->out, w->password, w->len, w->cost->passes, w->cost->memory_bytes) == 0
	    : crypto_pwhash_argon2id_str_verify(w->hash, w->password, w->len) == 0;
}

static void *
compute_politely(void *work)
{
	/* On Linux both are of the calling thread. Without them it is merely less polite. */
	(void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
	(void)setpriority(PRIO_PROCESS, 0, 19);
	compute(work);
	return NULL;
}

static bool
run(struct work *w)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, compute_politely, w) != 0)
		compute(w);
	else
		(void)pthread_join(thread, NULL);
	return w->ok;
}

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
	return run(
	    &(struct work){ .out = out, .password = password, .len = len, .cost = &policy->cost });
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
	equal = run(&(struct work){
	    .hash = known ? hash : policy->nobody, .password = password, .len = len });
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
