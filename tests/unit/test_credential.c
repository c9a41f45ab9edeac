/* SPDX-License-Identifier: BSD-2-Clause */
/* test_credential.c - refresh tokens and API keys have one spelling */
#include "formats/credential.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#define TENANT "018c0123456789abcdef0123456789ab"
#define ID     "AAECAwQFBgcICQoLDA0ODw"
#define SECRET "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static const struct tenant tenant = { "018c0123-4567-89ab-cdef-0123456789ab" };

static void
what_is_made_is_read_back(void)
{
	static const struct {
		enum credential_kind kind;
		const char *prefix;
	} rows[] = {
		{ CREDENTIAL_REFRESH, "rhr_" TENANT "_" },
		{ CREDENTIAL_API_KEY, "rhk_" TENANT "_" },
	};

	CU_ASSERT_FATAL(sodium_init() >= 0);
	for (size_t i = 0; i < 500; i++) { /* so that ids and secrets hold every digit, '_' too */
		struct credential made, read, other;
		char text[CREDENTIAL_TEXT_BYTES], other_text[CREDENTIAL_TEXT_BYTES];
		const char *prefix = rows[i % COUNT_OF(rows)].prefix;

		credential_make(&made, rows[i % COUNT_OF(rows)].kind, &tenant, text);
		credential_make(&other, rows[i % COUNT_OF(rows)].kind, &tenant, other_text);
		ASSERT_ROW(text, strlen(text) == CREDENTIAL_TEXT_BYTES - 1);
		ASSERT_ROW(text, strncmp(text, prefix, strlen(prefix)) == 0);
		ASSERT_ROW(text, credential_parse(&read, text));
		ASSERT_ROW(text, made.kind == read.kind && strcmp(made.id, read.id) == 0);
		ASSERT_ROW(text, memcmp(&made.tenant, &read.tenant, sizeof(made.tenant)) == 0);
		ASSERT_ROW(text, strcmp(made.hash, read.hash) == 0);
		ASSERT_ROW(text, credential_matches(&read, made.hash));
		ASSERT_ROW(text, !credential_matches(&read, other.hash));
		ASSERT_ROW(text, strcmp(made.id, other.id) != 0);
	}
}

static void
a_known_text_has_a_known_hash(void)
{
	struct credential c;

	CU_ASSERT_FATAL(credential_parse(&c, "rhk_" TENANT "_" ID "_" SECRET));
	CU_ASSERT_EQUAL(c.kind, CREDENTIAL_API_KEY);
	CU_ASSERT_STRING_EQUAL(c.tenant.id, tenant.id);
	CU_ASSERT_STRING_EQUAL(c.id, ID);
	/* python: hashlib.sha256(bytes(range(32))).hexdigest() */
	CU_ASSERT_STRING_EQUAL(
	    c.hash, "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
	CU_ASSERT(!credential_matches(&c, ""));
	CU_ASSERT(!credential_matches(&c, "630dcd29"));
	CU_ASSERT(!credential_matches(
	    &c, "630DCD2966C4336691125448BBB25B4FF412A49C732DB2C8ABC1B8581BD710DD"));
}

static void
other_spellings_are_refused(void)
{
	static const char *const rows[] = {
		"",
		"rhk_",
		"rhx_" TENANT "_" ID "_" SECRET,
		"RHK_" TENANT "_" ID "_" SECRET,
		"hk_" TENANT "_" ID "_" SECRET,
		" rhk_" TENANT "_" ID "_" SECRET,
		"rhk_" TENANT "_" ID "_" SECRET " ",
		"rhk_" TENANT "_" ID "_" SECRET "=",
		"rhk_" TENANT "_" ID "_",
		"rhk_" TENANT "_" ID,
		"rhk_" TENANT "-" ID "_" SECRET,
		"rhk_" TENANT "_" ID "." SECRET,
		"rhk_018C0123456789abcdef0123456789ab_" ID "_" SECRET,
		"rhk_018c0123456789abcdef0123456789ag_" ID "_" SECRET,
		"rhk_018c0123-4567-89ab-cdef-0123456789ab_" ID "_" SECRET,
		"rhk_018c0123456789abcdef0123456789a_" ID "_" SECRET "A",
		"rhk_" TENANT "_AAECAwQFBgcICQoLDA0ODx_" SECRET, /* stray bits */
		"rhk_" TENANT "_AAECAwQFBgcICQoLDA0OD+_" SECRET,
		"rhk_" TENANT "_AAECAwQFBgcICQoLDA0O==_" SECRET,
		"rhk_" TENANT "_" ID "_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
		"rhk_" TENANT "_" ID "_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh=",
		"rhk_" TENANT "_" ID "_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\nh8",
		"eyJhbGciOiJFZERTQSJ9.e30.AA",
	};
	struct credential c;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ASSERT_ROW(rows[i], !credential_parse(&c, rows[i]));
	CU_ASSERT_EQUAL(credential_kind("rhk_x"), CREDENTIAL_API_KEY);
	CU_ASSERT_EQUAL(credential_kind("rhr_"), CREDENTIAL_REFRESH);
	CU_ASSERT_EQUAL(credential_kind("rhr"), CREDENTIAL_NONE);
	CU_ASSERT_EQUAL(credential_kind("eyJ.e30.x"), CREDENTIAL_NONE);
}

/* A changed byte is refused, or is another tenant, id or secret. */
static void
no_byte_may_change(void)
{
	char text[] = "rhr_" TENANT "_" ID "_" SECRET;
	struct credential whole, c;

	CU_ASSERT_FATAL(credential_parse(&whole, text));
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ (1 << bit));
			if (credential_parse(&c, text))
				ASSERT_ROW(text, memcmp(&c, &whole, sizeof(c)) != 0);
			text[i] = (char)(text[i] ^ (1 << bit));
		}
	}
	CU_ASSERT(credential_parse(&c, text) && memcmp(&c, &whole, sizeof(c)) == 0);
}

void
suite_credential(void)
{
	static const struct test_row tests[] = {
		{ "what is made is read back", what_is_made_is_read_back },
		{ "a known text has a known hash", a_known_text_has_a_known_hash },
		{ "other spellings are refused", other_spellings_are_refused },
		{ "no byte may change", no_byte_may_change },
	};

	unit_suite("credential", tests, COUNT_OF(tests));
}
