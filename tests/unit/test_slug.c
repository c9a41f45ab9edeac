/* SPDX-License-Identifier: BSD-2-Clause */
/* test_slug.c - titles as parts of URLs, by hand */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "formats/utf8.h"
#include "handlers/slug.h"
#include "unit.h"

static const struct {
	const char *title, *slug;
} rows[] = {
	{ "Hello, World", "hello-world" },
	{ "  --a  b--  ", "a-b" },
	{ "100% of uptime", "100-of-uptime" },
	{ "Één café, twee terrassen: naïef ontwerp", "een-cafe-twee-terrassen-naief-ontwerp" },
	{ "E\u0301e\u0301n cafe\u0301", "een-cafe" }, /* decomposed */
	{ "Straße, STRASSE, \u1E9E", "strasse-strasse-ss" },
	{ "Łódź Ærø Þórr œuvre Đorđe", "lodz-aero-thorr-oeuvre-dorde" },
	{ "Tiếng Việt", "tieng-viet" },
	{ "It's only a restart", "its-only-a-restart" },
	{ "It\u2019s", "its" },
	{ "Ελληνικά ΆΛΦΑ", "ελληνικά-άλφα" },
	{ "Привет, МИР Ёж", "привет-мир-ёж" },
	{ "日本語の見出し", "日本語の見出し" },
	{ "日本語、の「見出し」", "日本語-の-見出し" },
	{ "مرحبا means hello", "مرحبا-means-hello" },
	{ "Ｆｕｌｌ　ｗｉｄｔｈ１", "full-width1" },
	{ "Shipping on a Friday 🚀🙈", "shipping-on-a-friday" },
	{ "🚀🙈", "" },
	{ "3 × 4 ÷ 2", "3-4-2" },
	{ "", "" },
	{ "<b>Bold</b> & <script>", "b-bold-b-script" },
};

static void
titles(void)
{
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *slug = slug_of(rows[i].title, arena);

		CU_ASSERT_STRING_EQUAL(slug, rows[i].slug);
		if (strcmp(slug, rows[i].slug) != 0)
			printf("\nrow %zu \"%s\": \"%s\"\n", i, rows[i].title, slug);
	}
	arena_free(arena);
}

/* A long title ends within the bound, and never in a part of a character. */
static void
long_titles(void)
{
	struct arena *arena = arena_new(1 << 20);
	char title[3 * 400 + 1] = "";
	const char *slug;

	for (int i = 0; i < 400; i++)
		strcat(title, "日");
	slug = slug_of(title, arena);
	CU_ASSERT_EQUAL(utf8_characters(slug), SLUG_CHARACTERS);
	CU_ASSERT(utf8_ok(slug, strlen(slug)));
	CU_ASSERT_EQUAL(utf8_characters(slug_suffixed(slug, arena)), SLUG_CHARACTERS + 6);
	arena_free(arena);
}

/* Each letter that is several has them: no character makes the search run off its table. */
static void
every_character(void)
{
	struct arena *arena = arena_new(64 << 20);

	for (uint32_t c = 1; c < 0x30000; c++) {
		char title[UTF8_BYTES + 1] = "";
		const char *slug;

		if (c >= 0xD800 && c < 0xE000)
			continue;
		utf8_encode(c, title);
		slug = slug_of(title, arena);
		CU_ASSERT_FATAL(utf8_ok(slug, strlen(slug)) && strchr(slug, ' ') == NULL);
		arena_reset(arena);
	}
	arena_free(arena);
}

void
suite_slug(void)
{
	static const struct test_row tests[] = {
		{ "titles", titles },
		{ "long titles", long_titles },
		{ "every character", every_character },
	};

	unit_suite("slug", tests, COUNT_OF(tests));
}
