/* SPDX-License-Identifier: BSD-2-Clause */
/* test_remembered.c - what is kept, for how long, and that its size is fixed */
#include "serve/remembered.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "unit.h"

static const struct tenant acme = { "11111111-1111-7111-8111-111111111111" };
static const struct tenant globex = { "22222222-2222-7222-8222-222222222222" };

static void
tenants_are_known_by_both_names(void)
{
	struct arena *a = arena_new(8 << 20);
	struct remembered *r = remembered_new(a);
	const struct tenant *found;

	CU_ASSERT(remembered_tenant(r, acme.id) == NULL);
	CU_ASSERT(remembered_tenant(r, "") == NULL);
	remembered_put_tenant(r, acme.id, &acme);
	remembered_put_tenant(r, "globex", &globex);
	found = remembered_tenant(r, acme.id);
	CU_ASSERT_FATAL(found != NULL);
	CU_ASSERT_STRING_EQUAL(found->id, acme.id);
	found = remembered_tenant(r, "globex");
	CU_ASSERT_FATAL(found != NULL);
	CU_ASSERT_STRING_EQUAL(found->id, globex.id);
	CU_ASSERT(remembered_tenant(r, "acme") == NULL);
	remembered_forget(r);
	CU_ASSERT(remembered_tenant(r, acme.id) == NULL && remembered_tenant(r, "globex") == NULL);
	arena_free(a);
}

static void
bearers_expire(void)
{
	struct arena *a = arena_new(8 << 20);
	struct remembered *r = remembered_new(a);
	struct bearer bearer = {
		.tenant = acme, .type = PRINCIPAL_USER, .id = "7", .expires_s = 1000
	};

	CU_ASSERT(remembered_bearer(r, "token", 0) == NULL);
	remembered_put_bearer(r, "token", &bearer);
	CU_ASSERT_FATAL(remembered_bearer(r, "token", 999) != NULL);
	CU_ASSERT_STRING_EQUAL(remembered_bearer(r, "token", 999)->id, "7");
	CU_ASSERT(remembered_bearer(r, "token", 1000) == NULL);
	CU_ASSERT(remembered_bearer(r, "Token", 999) == NULL);
	remembered_forget(r);
	CU_ASSERT(remembered_bearer(r, "token", 999) == NULL);
	arena_free(a);
}

/* However many there are, no one is taken for another, and the memory does not grow. */
static void
a_flood_mixes_nobody_up(void)
{
	struct arena *a = arena_new(8 << 20);
	struct remembered *r = remembered_new(a);
	size_t before = arena_used(a);
	unsigned known = 0;

	for (int i = 0; i < 5000; i++) {
		struct bearer bearer = { .type = PRINCIPAL_USER, .expires_s = 1000 };
		char token[32];

		snprintf(token, sizeof(token), "token-%d", i);
		snprintf(bearer.id, sizeof(bearer.id), "id-%d", i);
		remembered_put_bearer(r, token, &bearer);
	}
	for (int i = 0; i < 5000; i++) {
		char token[32], id[32];
		const struct bearer *found;

		snprintf(token, sizeof(token), "token-%d", i);
		snprintf(id, sizeof(id), "id-%d", i);
		if ((found = remembered_bearer(r, token, 0)) == NULL)
			continue;
		known++;
		CU_ASSERT_STRING_EQUAL(found->id, id);
	}
	CU_ASSERT(known > 0 && known <= LIMIT_CREDENTIALS_REMEMBERED);
	CU_ASSERT_EQUAL(arena_used(a), before);
	arena_free(a);
}

void
suite_remembered(void)
{
	static const struct test_row tests[] = {
		{ "tenants are known by both names", tenants_are_known_by_both_names },
		{ "bearers expire", bearers_expire },
		{ "a flood mixes nobody up", a_flood_mixes_nobody_up },
	};

	unit_suite("remembered", tests, sizeof(tests) / sizeof(tests[0]));
}
