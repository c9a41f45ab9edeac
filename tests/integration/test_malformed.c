/* SPDX-License-Identifier: BSD-2-Clause */
/* test_malformed.c - three hundred bodies that are wrong: each a 400 that says where
 *
 * The table is tests/integration/malformed.txt. What is stored is compared as a whole before and
 * after, rows and log; bodies that are right, thrown in between, show that the comparison sees. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/writing.h"

enum { BODIES_LEAST = 300, LINE_MAX_BYTES = 4096, BODY_MAX_BYTES = 16384 };

/* Where the kinds of the table send their bodies, and one that is right there. */
static struct {
	const char *kind, *method, *path, *right;
} targets[] = {
	{ "post", "POST", "/api/posts",
	    "{\"title\":\"t\",\"slug\":\"malformed\",\"content\":\"c\"}" },
	{ "comment", "POST", "/api/comments", "{\"content\":\"c\",\"postId\":\"%POST%\"}" },
	{ "product", "POST", "/api/products", "{\"name\":\"n\",\"price\":1}" },
	{ "user", "POST", "/api/users", "{\"email\":\"m@x.test\",\"name\":\"n\"}" },
	{ "product-patch", "PATCH", NULL, "{\"stock\":{\"increment\":1}}" },
	{ "order-patch", "PATCH", NULL, "{\"status\":\"PAID\"}" },
};

static const char *post_id;

static bool
begin(void)
{
	return writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = 1 });
}

/* Every row and every entry. */
static const char *
everything(void)
{
	return look(
	    "SELECT md5(string_agg(t, '|' ORDER BY t)) FROM ("
	    "SELECT 'u' || u::text FROM users u UNION ALL SELECT 'p' || p::text FROM posts p "
	    "UNION ALL SELECT 'c' || c::text FROM comments c UNION ALL "
	    "SELECT 'r' || r::text FROM products r UNION ALL SELECT 'o' || o::text FROM "
	    "orders o UNION ALL SELECT 'l' || l::text FROM rowhouse.audit_log l) AS x(t)");
}

static unsigned
hex(const char *digits)
{
	char two[3] = { digits[0], digits[1], '\0' };

	return (unsigned)strtoul(two, NULL, 16);
}

/* The bytes that a line means. */
static const char *
expand(const char *line)
{
	char *out = keep_alloc(BODY_MAX_BYTES), *at = out;
	char *end;

	while (*line != '\0') {
		if (strncmp(line, "\\x", 2) == 0) {
			*at++ = (char)hex(line + 2);
			line += 4;
		} else if (strncmp(line, "%POST%", 6) == 0) {
			at += sprintf(at, "%s", post_id);
			line += 6;
		} else if (strncmp(line, "%x", 2) == 0) {
			size_t count = strtoul(line + 2, &end, 10);

			if (count >= BODY_MAX_BYTES / 2 || *end != '%')
				abort();
			memset(at, 'x', count);
			at += count;
			line = end + 1;
		} else {
			*at++ = *line++;
		}
	}
	return out;
}

static bool
has_pointer(const struct answer *a, const char *pointer, size_t len)
{
	for (size_t i = 0; i < document_count(a->json, "errors"); i++) {
		const char *p = document_text(a->json, keep_printf("errors.%zu.pointer", i));

		if (strlen(p) == len && strncmp(p, pointer, len) == 0)
			return true;
	}
	return false;
}

/* Pointers stand side by side; "-": the byte. */
static void
check_pointers(const struct answer *a, const char *pointers, const char *line)
{
	if (strcmp(pointers, "-") == 0) {
		CHECK(strstr(document_text(a->json, "detail"), "at byte ") != NULL, "%s: %s", line,
		    a->body);
		return;
	}
	while (*pointers != '\0') {
		size_t len = strcspn(pointers, " ");

		CHECK(has_pointer(a, pointers, len), "%s: not at %.*s: %s", line, (int)len,
		    pointers, a->body);
		pointers += len;
		pointers += *pointers == ' ';
	}
}

static size_t
target_of(const char *kind)
{
	size_t i = 0;

	while (i < SUITE_COUNT(targets) && strcmp(targets[i].kind, kind) != 0)
		i++;
	CHECK(i < SUITE_COUNT(targets), "a kind %s", kind);
	return i;
}

/* kind, pointers and body between tabs. */
static void
check_line(const char *line)
{
	const char *tab = strchr(line, '\t'), *second = tab != NULL ? strchr(tab + 1, '\t') : NULL;
	const struct answer *a;
	size_t i;

	if (!CHECK(second != NULL, "a row of the table: %s", line))
		return;
	if ((i = target_of(keep_copy(line, (size_t)(tab - line)))) == SUITE_COUNT(targets))
		return;
	a = ask(targets[i].method, targets[i].path, as_admin, NULL, expand(second + 1));
	CHECK_INT(a->status, 400, "%.300s: %.300s", line, a->body);
	CHECK(strstr(a->body, "ERROR") == NULL && strstr(a->body, "violates") == NULL,
	    "PostgreSQL shows through: %s", a->body);
	check_pointers(a, keep_copy(tab + 1, (size_t)(second - tab - 1)), line);
}

static void
each_is_told_and_nothing_changes(void)
{
	FILE *file = fopen(sandbox_source("tests/integration/malformed.txt"), "re");
	char line[LINE_MAX_BYTES];
	const char *before;
	unsigned bodies = 0;

	if (!CHECK(file != NULL, "the table"))
		return;
	post_id = look("SELECT id FROM posts WHERE tenant_id = '" WORLD_ACME
		       "' AND deleted_at IS NULL LIMIT 1");
	targets[4].path = keep_printf("/api/products/%s",
	    look("SELECT id FROM products WHERE tenant_id = '" WORLD_ACME
		 "' AND deleted_at IS NULL AND price > 0 LIMIT 1"));
	targets[5].path = keep_printf("/api/orders/%s",
	    look("SELECT id FROM orders WHERE tenant_id = '" WORLD_ACME
		 "' AND deleted_at IS NULL LIMIT 1"));
	before = everything();
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		check_line(keep_printf("%s", line));
		bodies++;
	}
	fclose(file);
	CHECK(bodies >= BODIES_LEAST, "%u bodies", bodies);
	CHECK_TEXT(everything(), before, "rows and log after %u bodies", bodies);
	printf("(%u bodies) ", bodies);
}

/* The control: what is right is taken at the same places, and the comparison sees it. */
static void
what_is_right_is_seen(void)
{
	for (size_t i = 0; i < SUITE_COUNT(targets); i++) {
		const char *before = everything();
		const struct answer *a = ask(
		    targets[i].method, targets[i].path, as_admin, NULL, expand(targets[i].right));

		CHECK(a->status == 200 || a->status == 201, "%s: %d %s", targets[i].kind, a->status,
		    a->body);
		CHECK(
		    strcmp(everything(), before) != 0, "nobody notices a new %s", targets[i].kind);
	}
}

static const struct suite_test tests[] = {
	{ "each is told, and nothing changes", each_is_told_and_nothing_changes },
	{ "what is right is seen", what_is_right_is_seen },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "malformed", begin, writing_end, tests, SUITE_COUNT(tests) });
}
