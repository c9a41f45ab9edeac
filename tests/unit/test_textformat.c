/* SPDX-License-Identifier: BSD-2-Clause */
/* test_textformat.c - texts of each format, and what is nearly one */
#include "formats/textformat.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define TEN     "abcdefghij"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define LABEL63 SIXTY "abc"
#define HUNDRED SIXTY TEN TEN TEN TEN

static const struct {
	const char *word, *text;
	bool ok;
} rows[] = {
	{ "email", "mia@example.org", true },
	{ "email", "Mia.Nopper+shop@Mail.Example.co.uk", true },
	{ "email", "!#$%&'*+-/=?^_`{|}~@example.org", true },
	{ "email", "x@1.example", true },
	{ "email", "x@xn--bcher-kva.example", true },
	{ "email", SIXTY "abcd@example.org", true },
	{ "email", SIXTY "abcde@example.org", false },
	{ "email", "x@" LABEL63 ".example", true },
	{ "email", "x@" LABEL63 "d.example", false },
	{ "email", "x@" LABEL63 "." LABEL63 "." LABEL63 "." TEN TEN TEN TEN TEN TEN, true },
	{ "email", "x@" LABEL63 "." LABEL63 "." LABEL63 "." TEN TEN TEN TEN TEN TEN "a", false },
	{ "email", "", false },
	{ "email", "mia", false },
	{ "email", "@example.org", false },
	{ "email", "mia@", false },
	{ "email", "mia@example", false },
	{ "email", "mia@localhost", false },
	{ "email", "mia@@example.org", false },
	{ "email", "mia@exa@mple.org", false },
	{ "email", "mia example@example.org", false },
	{ "email", " mia@example.org", false },
	{ "email", "mia@example.org ", false },
	{ "email", "mia@example.org\n", false },
	{ "email", ".mia@example.org", false },
	{ "email", "mia.@example.org", false },
	{ "email", "mi..a@example.org", false },
	{ "email", "mia@.example.org", false },
	{ "email", "mia@example..org", false },
	{ "email", "mia@example.org.", false },
	{ "email", "mia@-example.org", false },
	{ "email", "mia@example-.org", false },
	{ "email", "mia@exam_ple.org", false },
	{ "email", "mia@192.0.2.1", false },
	{ "email", "mia@[192.0.2.1]", false },
	{ "email", "\"mia\"@example.org", false },
	{ "email", "Mia <mia@example.org>", false },
	{ "email", "mia@example.org,x@example.org", false },
	{ "email",
	    "m\xc3\xad"
	    "a@example.org",
	    false },
	{ "email",
	    "mia@ex\xc3\xa1"
	    "mple.org",
	    false },

	{ "url", "https://example.org", true },
	{ "url", "http://example.org/", true },
	{ "url", "https://example.org/a/b.html?q=1&r=%20#top", true },
	{ "url", "https://example.org?q=1", true },
	{ "url", "https://example.org#top", true },
	{ "url", "https://localhost:3000/x", true },
	{ "url", "https://192.0.2.1/x", true },
	{ "url", "https://[2001:db8::1]/x", true },
	{ "url", "https://[2001:db8::1]:8443/x", true },
	{ "url", "https://example.org:65535", true },
	{ "url", "https://example.org/~mia/(a);b=c,d!$&'*+=:@", true },
	{ "url", "https://example.org/" SIXTY HUNDRED, true },
	{ "url", "https://" LABEL63 "." LABEL63 "." LABEL63 "." SIXTY "a", true },
	{ "url", "https://" LABEL63 "." LABEL63 "." LABEL63 "." SIXTY "ab", false },
	{ "url", "", false },
	{ "url", "example.org", false },
	{ "url", "//example.org", false },
	{ "url", "/path", false },
	{ "url", "javascript:alert(1)", false },
	{ "url", "javascript://example.org/%0aalert(1)", false },
	{ "url", "data:text/html,x", false },
	{ "url", "ftp://example.org/", false },
	{ "url", "HTTPS//example.org", false },
	{ "url", "https:/example.org", false },
	{ "url", "https://", false },
	{ "url", "https:///path", false },
	{ "url", "https://?q", false },
	{ "url", "https://example.org:/", false },
	{ "url", "https://example.org:x/", false },
	{ "url", "https://example.org:123456/", false },
	{ "url", "https://example.org:80x/", false },
	{ "url", "https://user@example.org/", false },
	{ "url", "https://user:secret@example.org/", false },
	{ "url", "https://example.org@evil.example/", false },
	{ "url", "https://example..org/", false },
	{ "url", "https://-example.org/", false },
	{ "url", "https://exa_mple.org/", false },
	{ "url", "https://1.2.3/", false },
	{ "url", "https://256.0.0.1/", false },
	{ "url", "https://[2001:db8::1/x", false },
	{ "url", "https://[2001:db8::g]/", false },
	{ "url", "https://[192.0.2.1]/", false },
	{ "url", "https://[]/", false },
	{ "url", "https://[::1]x/", false },
	{ "url", "https://example.org/a b", false },
	{ "url", "https://example.org/\"", false },
	{ "url", "https://example.org/<x>", false },
	{ "url", "https://example.org/%2", false },
	{ "url", "https://example.org/%2/", false },
	{ "url", "https://example.org/%zz", false },
	{ "url", "https://example.org/#a#b", false },
	{ "url", "https://example.org/\\", false },
	{ "url", "https://example.org/\n", false },
	{ "url", " https://example.org/", false },
	{ "url", "https://example.org/caf\xc3\xa9", false },
	{ "url",
	    "https://ex\xc3\xa1"
	    "mple.org/",
	    false },

	{ "uuid", "0199a000-0000-7000-8000-000000000001", true },
	{ "uuid", "0199A000-0000-7000-8000-00000000000F", true },
	{ "uuid", "0199a000000070008000000000000001", false },
	{ "uuid", "0199a000-0000-7000-8000-00000000000", false },
	{ "uuid", "0199a000-0000-7000-8000-0000000000011", false },
	{ "uuid", "{0199a000-0000-7000-8000-000000000001}", false },
	{ "uuid", "", false },

	{ "slug", "a-first-post", true },
	{ "slug", "a", true },
	{ "slug", "2024", true },
	{ "slug", "a-1", true },
	{ "slug", "", false },
	{ "slug", "-", false },
	{ "slug", "-a", false },
	{ "slug", "a-", false },
	{ "slug", "a--b", false },
	{ "slug", "A-b", false },
	{ "slug", "a_b", false },
	{ "slug", "a b", false },
	{ "slug", "a/b", false },
	{ "slug", "caf\xc3\xa9", false },

	{ "date", "2024-02-29", true },
	{ "date", "2023-02-29", false },
	{ "date", "2024-02-29T00:00:00Z", false },
	{ "date", "29-02-2024", false },
	{ "date", "", false },

	{ "ip", "192.0.2.1", true },
	{ "ip", "0.0.0.0", true },
	{ "ip", "2001:db8::1", true },
	{ "ip", "::", true },
	{ "ip", "::ffff:192.0.2.1", true },
	{ "ip", "192.0.2", false },
	{ "ip", "192.0.2.256", false },
	{ "ip", "192.0.2.01", false },
	{ "ip", "192.0.2.1/24", false },
	{ "ip", "2001:db8::1::2", false },
	{ "ip", "2001:db8::1%eth0", false },
	{ "ip", "[2001:db8::1]", false },
	{ "ip", "::ffff:192.0.2.1" SIXTY, false },
	{ "ip", "", false },
};

static void
texts_have_their_format(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct textformat *format = textformat_find(rows[i].word);

		CU_ASSERT_FATAL(format != NULL);
		CU_ASSERT_STRING_EQUAL(format->word, rows[i].word);
		ASSERT_ROW(rows[i].text, format->ok(rows[i].text) == rows[i].ok);
	}
}

static void
an_unknown_word_is_none(void)
{
	CU_ASSERT(textformat_find("shiny") == NULL);
	CU_ASSERT(textformat_find("") == NULL);
	CU_ASSERT(textformat_find("Email") == NULL);
}

/* What an address may be is short: a long text is not searched. */
static void
a_long_url_is_refused(void)
{
	static char url[4096];

	memset(url, 'a', sizeof(url) - 1);
	memcpy(url, "https://example.org/", 20);
	CU_ASSERT(!textformat_find("url")->ok(url));
	url[2049] = '\0';
	CU_ASSERT(!textformat_find("url")->ok(url));
	url[2048] = '\0';
	CU_ASSERT(textformat_find("url")->ok(url));
}

void
suite_textformat(void)
{
	static const struct test_row tests[] = {
		{ "texts have their format", texts_have_their_format },
		{ "an unknown word is none", an_unknown_word_is_none },
		{ "a long url is refused", a_long_url_is_refused },
	};

	unit_suite("textformat", tests, COUNT_OF(tests));
}
