/* SPDX-License-Identifier: BSD-2-Clause */
/* test_uri.c - targets as web servers really pass them (reference/reliability.md 2.4) */
#include "formats/uri.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "unit.h"

static const struct {
	const char *target;
	const char *segments;   /* joined by | ; NULL: refused */
	const char *parameters; /* name>value joined by | */
} targets[] = {
	{ "/", "", "" },
	{ "", "", "" },
	{ "/api/posts", "api|posts", "" },
	{ "/api/posts/", "api|posts|", "" },
	{ "/api//posts", "api||posts", "" },
	{ "/api/a%2Fb", "api|a/b", "" },
	{ "/api/us%20ers/a%2Fb//c?filter%5Ba%5D=b%20c", "api|us ers|a/b||c", "filter[a]>b c" },
	{ "/x?a=1&b=2&a=3", "x", "a>1|b>2|a>3" },
	{ "/x?a", "x", "a>" },
	{ "/x?a=", "x", "a>" },
	{ "/x?=b", "x", ">b" },
	{ "/x?a=b=c", "x", "a>b=c" },
	{ "/x?&&a=1&", "x", "a>1" },
	{ "/x?a=b+c%2Bd", "x", "a>b c+d" },
	{ "/a+b", "a+b", "" },
	{ "/x?a=/b/c?d", "x", "a>/b/c?d" },
	{ "/caf%C3%A9?n=%F0%9F%8F%A0", "caf\xc3\xa9", "n>\xf0\x9f\x8f\xa0" },
	{ "http://h:80/api/posts?x=1", "api|posts", "x>1" },
	{ "/x#frag", "x", "" },
	{ "/..%2fadmin", "../admin", "" },
	{ "/a/../b", "a|..|b", "" },
	{ "/%", NULL, NULL },
	{ "/%4", NULL, NULL },
	{ "/%zz", NULL, NULL },
	{ "/a%00b", NULL, NULL },
	{ "/x?a=%00", NULL, NULL },
	{ "/x?a=%ff", NULL, NULL },
	{ "/bad%ff%fe", NULL, NULL },
	{ "/%C0%AF", NULL, NULL },       /* overlong */
	{ "/%ED%A0%80", NULL, NULL },    /* surrogate */
	{ "/%F4%90%80%80", NULL, NULL }, /* above U+10FFFF */
	{ "/%E2%82", NULL, NULL },       /* cut short */
	{ "posts", NULL, NULL },
};

static void
join(struct text *out, const struct uri *uri, bool parameters)
{
	size_t count = parameters ? uri->parameter_count : uri->segment_count;

	text_clear(out);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_byte(out, '|');
		if (parameters)
			text_printf(
			    out, "%s>%s", uri->parameters[i].name, uri->parameters[i].value);
		else
			text_string(out, uri->segments[i]);
	}
}

static void
targets_are_split_then_decoded(void)
{
	struct arena *a = arena_new(8 << 20);
	struct text joined;

	text_init(&joined, a, 10000);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct uri uri;
		struct problem p;
		bool ok;

		problem_init(&p, a);
		ok = uri_parse(&uri, targets[i].target, a, &p);
		ASSERT_ROW(targets[i].target, ok == (targets[i].segments != NULL));
		if (!ok) {
			ASSERT_ROW(targets[i].target, p.code == PROBLEM_MALFORMED);
			continue;
		}
		join(&joined, &uri, false);
		ASSERT_ROW(targets[i].target, strcmp(joined.bytes, targets[i].segments) == 0);
		join(&joined, &uri, true);
		ASSERT_ROW(targets[i].target, strcmp(joined.bytes, targets[i].parameters) == 0);
	}
	arena_free(a);
}

static void
too_much_is_refused(void)
{
	struct arena *a = arena_new(8 << 20);
	struct text t;
	struct uri uri;
	struct problem p;

	text_init(&t, a, 1 << 20);
	problem_init(&p, a);
	for (int i = 0; i < LIMIT_PATH_SEGMENTS; i++)
		text_string(&t, "/a");
	CU_ASSERT(uri_parse(&uri, t.bytes, a, &p));
	text_string(&t, "/a");
	CU_ASSERT(!uri_parse(&uri, t.bytes, a, &p));
	CU_ASSERT_EQUAL(p.code, PROBLEM_MALFORMED);

	text_clear(&t);
	problem_init(&p, a);
	text_string(&t, "/x?");
	for (int i = 0; i < LIMIT_QUERY_PARAMETERS; i++)
		text_string(&t, "a&");
	CU_ASSERT(uri_parse(&uri, t.bytes, a, &p));
	text_string(&t, "a");
	CU_ASSERT(!uri_parse(&uri, t.bytes, a, &p));

	text_clear(&t);
	problem_init(&p, a);
	text_string(&t, "/x?");
	while (t.len <= LIMIT_URI_BYTES)
		text_byte(&t, 'a');
	CU_ASSERT(!uri_parse(&uri, t.bytes, a, &p));
	CU_ASSERT_EQUAL(p.code, PROBLEM_TOO_LARGE);
	arena_free(a);
}

static void
form_encoding_is_that_of_urlsearchparams(void)
{
	struct arena *a = arena_new(1 << 16);
	struct text t;

	text_init(&t, a, 1000);
	uri_put_form(&t, "created At:DESC $eq,*-._~/\xc3\xa9");
	/* node: new URLSearchParams({a: 'created At:DESC $eq,*-._~/é'}).toString() */
	CU_ASSERT_STRING_EQUAL(t.bytes, "created+At%3ADESC+%24eq%2C*-._%7E%2F%C3%A9");
	arena_free(a);
}

static void
paths_fit_into_headers(void)
{
	struct arena *a = arena_new(1 << 20);
	struct text t;

	text_init(&t, a, 1000);
	uri_put_path(&t, "/t/\xc3\xa9\">\r\n<\x7f/api/a%20b/it's~(1),2;x=@:$!*+&_.-");
	CU_ASSERT_STRING_EQUAL(
	    t.bytes, "/t/%C3%A9%22%3E%0D%0A%3C%7F/api/a%20b/it's~(1),2;x=@:$!*+&_.-");
	arena_free(a);
}

void
suite_uri(void)
{
	static const struct test_row tests[] = {
		{ "targets are split, then decoded", targets_are_split_then_decoded },
		{ "too much is refused", too_much_is_refused },
		{ "form encoding is that of URLSearchParams",
		    form_encoding_is_that_of_urlsearchparams },
		{ "paths fit into headers", paths_fit_into_headers },
	};

	unit_suite("uri", tests, sizeof(tests) / sizeof(tests[0]));
}
