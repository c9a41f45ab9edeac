/* SPDX-License-Identifier: BSD-2-Clause */
/* test_password.c - right and wrong passwords, and that nobody's takes as long as anybody's */
#include "formats/password.h"

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "unit.h"

static const struct password_cost cheap = { 1, 8192 }, dearer = { 2, 64 << 10 };

static struct password_policy
policy_at(struct password_cost cost)
{
	struct password_policy policy;

	CU_ASSERT_FATAL(sodium_init() >= 0);
	CU_ASSERT_FATAL(password_init(&policy, cost));
	return policy;
}

static void
right_and_wrong_passwords(void)
{
	static const struct {
		const char *password;
		size_t len;
	} wrong[] = {
		{ "correct horse", 12 }, { "correct horse ", 14 }, { "Correct horse", 13 },
		{ "c", 1 }, { "correct\0horse", 13 }, { "correct horse", 14 }, /* with its NUL */
	};
	struct password_policy policy = policy_at(cheap);
	char hash[PASSWORD_HASH_BYTES], again[PASSWORD_HASH_BYTES];

	CU_ASSERT_FATAL(password_hash(&policy, "correct horse", 13, hash));
	CU_ASSERT(strncmp(hash, "$argon2id$v=19$m=8,t=1,p=1$", 27) == 0);
	CU_ASSERT(password_verify(&policy, hash, "correct horse", 13));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		ASSERT_ROW(wrong[i].password,
		    !password_verify(&policy, hash, wrong[i].password, wrong[i].len));
	CU_ASSERT_FATAL(password_hash(&policy, "correct horse", 13, again));
	CU_ASSERT(strcmp(hash, again) != 0); /* the salt */
	CU_ASSERT_FATAL(password_hash(&policy, "a\0b", 3, hash));
	CU_ASSERT(password_verify(&policy, hash, "a\0b", 3));
	CU_ASSERT(!password_verify(&policy, hash, "a\0c", 3));
}

static void
lengths_are_bounded(void)
{
	struct password_policy policy = policy_at(cheap);
	char longest[LIMIT_PASSWORD_BYTES], hash[PASSWORD_HASH_BYTES];

	CU_ASSERT(!password_length_ok(0));
	CU_ASSERT(password_length_ok(1));
	CU_ASSERT(password_length_ok(LIMIT_PASSWORD_BYTES));
	CU_ASSERT(!password_length_ok(LIMIT_PASSWORD_BYTES + 1));
	memset(longest, 'p', sizeof(longest));
	CU_ASSERT_FATAL(password_hash(&policy, longest, sizeof(longest), hash));
	CU_ASSERT(password_verify(&policy, hash, longest, sizeof(longest)));
	CU_ASSERT(!password_verify(&policy, hash, longest, sizeof(longest) - 1));
}

static void
costs_out_of_bounds_are_refused(void)
{
	static const struct password_cost rows[] = { { 0, 8192 }, { 1, 8191 }, { 1, 0 },
		{ 1ULL << 40, 8192 } };
	struct password_policy policy;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CU_ASSERT(!password_init(&policy, rows[i]));
}

/* No stored text makes the answer true, not even when nobody's password is guessed. */
static void
what_is_no_hash_is_nobodys(void)
{
	struct password_policy policy = policy_at(cheap);
	char hash[PASSWORD_HASH_BYTES], argon2i[PASSWORD_HASH_BYTES], cut[PASSWORD_HASH_BYTES];
	const char *rows[] = { NULL, "", "*", "secret", "$2b$12$abcdefghijklmnopqrstuv",
		"$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$", argon2i, cut };

	CU_ASSERT_FATAL(password_hash(&policy, "secret", 6, hash));
	CU_ASSERT_FATAL(crypto_pwhash_argon2i_str(argon2i, "secret", 6, 3, 8192) == 0);
	memcpy(cut, hash, sizeof(cut));
	/* 41 digits of base64 stand for no bytes; 42 are, one time in 16, a shorter hash. */
	cut[strlen(cut) - 2] = '\0';
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *name = rows[i] != NULL ? rows[i] : "NULL";

		ASSERT_ROW(name, !password_verify(&policy, rows[i], "secret", 6));
		ASSERT_ROW(name, rows[i] == NULL || password_needs_rehash(&policy, rows[i]));
	}
	memcpy(policy.nobody, hash, sizeof(hash));
	CU_ASSERT(!password_verify(&policy, NULL, "secret", 6));
}

static void
another_cost_asks_for_another_hash(void)
{
	struct password_policy old = policy_at(cheap), new = policy_at(dearer);
	char hash[PASSWORD_HASH_BYTES];

	CU_ASSERT_FATAL(password_hash(&old, "secret", 6, hash));
	CU_ASSERT(!password_needs_rehash(&old, hash));
	CU_ASSERT(password_needs_rehash(&new, hash));
	CU_ASSERT(password_verify(&new, hash, "secret", 6)); /* the old one is good until then */
	CU_ASSERT_FATAL(password_hash(&new, "secret", 6, hash));
	CU_ASSERT(!password_needs_rehash(&new, hash));
}

static int
compare(const void *a, const void *b)
{
	int64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* What all threads of this process have worked: the same however busy the machine is. */
static int64_t
worked_ns(void)
{
	struct timespec t;

	CU_ASSERT_FATAL(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* The median of an odd number of comparisons. */
static int64_t
median_ns(const struct password_policy *policy, const char *stored)
{
	int64_t took[11];

	for (size_t i = 0; i < COUNT_OF(took); i++) {
		int64_t began = worked_ns();

		CU_ASSERT(!password_verify(policy, stored, "guess", 5));
		took[i] = worked_ns() - began;
	}
	qsort(took, COUNT_OF(took), sizeof(took[0]), compare);
	return took[COUNT_OF(took) / 2];
}

/* Within a factor of two of work; the control, answering at once, is off by thousands. */
static void
nobody_takes_as_long_as_anybody(void)
{
	struct password_policy policy = policy_at((struct password_cost){ 2, 19 << 20 });
	char hash[PASSWORD_HASH_BYTES];
	int64_t wrong, unknown, unusable;

	CU_ASSERT_FATAL(password_hash(&policy, "secret", 6, hash));
	wrong = median_ns(&policy, hash);
	unknown = median_ns(&policy, NULL);
	unusable = median_ns(&policy, "*");
	CU_ASSERT(wrong > 1000000);
	CU_ASSERT(unknown < 2 * wrong && wrong < 2 * unknown);
	CU_ASSERT(unusable < 2 * wrong && wrong < 2 * unusable);
}

void
suite_password(void)
{
	static const struct test_row tests[] = {
		{ "right and wrong passwords", right_and_wrong_passwords },
		{ "lengths are bounded", lengths_are_bounded },
		{ "costs out of bounds are refused", costs_out_of_bounds_are_refused },
		{ "what is no hash is nobody's", what_is_no_hash_is_nobodys },
		{ "another cost asks for another hash", another_cost_asks_for_another_hash },
		{ "nobody takes as long as anybody", nobody_takes_as_long_as_anybody },
	};

	unit_suite("password", tests, COUNT_OF(tests));
}
