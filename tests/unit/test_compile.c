/* SPDX-License-Identifier: BSD-2-Clause */
/* test_compile.c - golden files: a request and a principal become a tree, statements and parameters
 *
 * A file of tests/golden/ holds requests, each with its `as` line, a `behind` line (the values of
 * the cursor that stands for @ in the request, joined by |) and an `accept` line (csv or ndjson:
 * the whole list), then a line `--`, then the tree that it was understood as and the statements
 * and parameters that the compiler made of it, up to the next request. read/ is about
 * catalogue.json, query/ about blog.json. GOLDEN_REWRITE=1 (make golden) writes the second halves
 * anew; the diff is for a person
 * to read. Beside them stand the properties that no golden file may lose. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "base/text.h"
#include "compiler/query.h"
#include "compiler/stages.h"
#include "compiler/values.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "formats/cursor.h"
#include "golden.h"
#include "serve/environment.h"
#include "serve/listing.h"
#include "serve/request.h"
#include "tree.h"
#include "unit.h"

/* A list as it is read from a target that is right. */
static void
read_list(
    struct arena *a, const struct catalogue *catalogue, const char *target, struct listing *listing)
{
	struct settings settings;
	struct request request = { .arena = a, .settings = &settings, .tenant = &golden_tenant };
	struct problem p;
	bool ok;

	problem_init(&p, a);
	settings_init(&settings, a);
	CU_ASSERT_FATAL(uri_parse(&request.uri, target, a, &p));
	ok = listing_read(listing, &request,
	    query_new(
		a, ACTION_READ, SHAPE_PAGE, catalogue_model(catalogue, request.uri.segments[0])),
	    &p);
	CU_ASSERT_FATAL(ok);
}

/* The target with the cursor of these values in place of its @. */
static const char *
put_cursor(struct arena *a, const struct catalogue *catalogue, const char *target, char *behind)
{
	size_t at = strcspn(target, "@"), count = 0;
	const char *start = arena_copy(a, target, at), *values[LIMIT_SORT_KEYS + 1];
	struct listing listing;
	struct text cursor;

	for (char *value = strtok_r(behind, "|", &behind); value != NULL;
	     value = strtok_r(NULL, "|", &behind))
		values[count++] = strcmp(value, "NULL") == 0 ? NULL : value;
	read_list(a, catalogue, start, &listing);
	text_init(&cursor, a, 1 << 16);
	cursor_seal(&cursor, golden_cursor_key, listing.binding, values, count);
	return arena_printf(a, "%s%s%s", start, cursor.bytes, target + at + 1);
}

static struct unit *
compile(struct arena *a, const char *target, const struct principal *who,
    const struct tenant *tenant, struct problem *p)
{
	return golden_compile(a, golden_catalogue(a), target, who, tenant, p);
}

static void
print_statement(struct text *out, const struct statement *s)
{
	text_printf(out, "%s\n", s->text);
	for (size_t i = 0; i < s->param_count; i++)
		text_printf(
		    out, "  $%zu = %s\n", i + 1, s->params[i] != NULL ? s->params[i] : "NULL");
}

static void
print_outcome(struct text *out, const struct unit *unit, const struct problem *p)
{
	if (unit == NULL) {
		text_printf(out, "%d %s: %s\n", problem_kind(p->code)->status,
		    problem_kind(p->code)->name, p->detail != NULL ? p->detail : "");
		for (const struct problem_fault *f = p->faults; f != NULL; f = f->next)
			text_printf(out, "  %s %s: %s\n", f->pointer, f->code, f->detail);
		return;
	}
	for (size_t i = 0; i < unit_count(unit); i++)
		print_statement(out, unit_statement(unit, i));
}

/* What stands behind the word of a line of a request; NULL when it has no such line. */
static char *
read_line(struct arena *a, const char *request, const char *end, const char *word)
{
	const char *line = request;

	while ((line = strchr(line, '\n')) != NULL && line < end)
		if (strncmp(++line, word, strlen(word)) == 0)
			return arena_copy(
			    a, line + strlen(word), strcspn(line, "\n") - strlen(word));
	return NULL;
}

/* One request, "GET /posts" and "as admin" lines up to "--": it is copied, its outcome put behind
 * it. Returns where the next one begins, or the end. */
static const char *
run_request(struct arena *a, const struct catalogue *catalogue, const char *bytes, struct text *out)
{
	const char *separator = strstr(bytes, "\n--\n"), *asked, *accept, *as, *next;
	char target[1024] = "", *behind;
	struct problem p;
	struct unit *unit = NULL;
	struct query *query;

	CU_ASSERT_FATAL(separator != NULL);
	CU_ASSERT_FATAL(sscanf(bytes, "GET %1023s", target) == 1);
	as = read_line(a, bytes, separator, "as ");
	behind = read_line(a, bytes, separator, "behind ");
	accept = read_line(a, bytes, separator, "accept ");
	asked = behind != NULL ? put_cursor(a, catalogue, target, behind) : target;
	text_put(out, bytes, (size_t)(separator + 4 - bytes));
	problem_init(&p, a);
	query = accept == NULL ? golden_read(a, catalogue, asked, &p)
			       : golden_read_export(a, catalogue, asked,
				     strcmp(accept, "csv") == 0 ? SHAPE_CELLS : SHAPE_OBJECTS, &p);
	if (query != NULL) {
		tree_print(out, query);
		unit = golden_compile_query(
		    query, golden_principal(as != NULL ? as : "member"), &golden_tenant, &p);
	}
	print_outcome(out, unit, &p);
	next = strstr(separator, "\nGET ");
	return next != NULL ? next + 1 : separator + strlen(separator);
}

static void
run_file(struct arena *a, const struct catalogue *catalogue, const char *path)
{
	const char *bytes = golden_file(a, path), *at = bytes;
	bool rewrite = getenv("GOLDEN_REWRITE") != NULL;
	struct text out;
	FILE *file;

	text_init(&out, a, 1 << 20);
	while (*at != '\0')
		at = run_request(a, catalogue, at, &out);
	if (rewrite) {
		file = fopen(path, "w");
		CU_ASSERT_FATAL(file != NULL);
		fputs(out.bytes, file);
		fclose(file);
	} else if (strcmp(bytes, out.bytes) != 0) {
		fprintf(stderr, "\n%s:\n%s", path, out.bytes);
	}
	ASSERT_ROW(path, rewrite || strcmp(bytes, out.bytes) == 0);
}

/* All files of a folder; how many there are. */
static unsigned
run_folder(const char *name, const char *catalogue)
{
	struct arena *a = arena_new(64 << 20);
	const char *folder = arena_printf(a, "%s/%s", golden_folder(a), name);
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned files = 0;

	CU_ASSERT_FATAL(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".txt") == NULL)
			continue;
		files++;
		run_file(a, golden_catalogue_of(a, catalogue),
		    arena_printf(a, "%s/%s", folder, entry->d_name));
	}
	closedir(dir);
	arena_free(a);
	return files;
}

static void
golden_files_agree(void)
{
	CU_ASSERT(run_folder("read", "catalogue") >= 12);
	CU_ASSERT(run_folder("query", "blog") >= 5);
}

/* How often needle stands in text. */
static unsigned
occurrences(const char *text, const char *needle)
{
	unsigned n = 0;

	while ((text = strstr(text, needle)) != NULL) {
		n++;
		text += strlen(needle);
	}
	return n;
}

/* Each alias that names a table ("public"."x" AS t3) has its own t3."tenant_id" = $1 as often as it
 * names one; the alias of a sub-select is not counted. */
static void
check_tenants(struct arena *a, const char *request, const char *sql)
{
	unsigned tables = 0;

	for (unsigned i = 0; i < 32; i++) {
		const char *predicate = arena_printf(a, "(t%u.\"tenant_id\" = $1::uuid)", i);
		const char *alias = arena_printf(a, "\" AS t%u ", i);
		const char *comma = arena_printf(a, "\" AS t%u,", i);
		unsigned named = occurrences(sql, alias) + occurrences(sql, comma);

		tables += named;
		ASSERT_ROW(request, named == occurrences(sql, predicate));
	}
	ASSERT_ROW(request, tables > 0 && tables == occurrences(sql, "\"public\".\""));
}

static void
every_table_has_its_own_tenant_predicate(void)
{
	static const struct {
		const char *catalogue, *request;
	} rows[] = {
		{ "catalogue", "/order-items" },
		{ "catalogue", "/notes" },
		{ "catalogue", "/notes/7" },
		{ "catalogue", "/order-items/0199a000-0000-7000-8000-000000000001" },
		{ "catalogue", "/order-items?sortBy=title:DESC" },
		{ "blog",
		    "/posts?include=author,comments.author,categories,_count,editor"
		    "&filter.author.name=x&filter.comments.$every.content=y"
		    "&sortBy=comments._count&sortBy=author.name" },
		{ "blog",
		    "/posts/0199a000-0000-7000-8000-000000000001?include=comments.author.profile,"
		    "categories._count,_count.drafts" },
		{ "blog",
		    "/users?or.1.filter.postsByAuthor.$some.categories.$none.name=x"
		    "&or.1.filter.drafts._count=3&filter.profile=$null" },
	};
	struct arena *a = arena_new(16 << 20);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct catalogue *catalogue = golden_catalogue_of(a, rows[i].catalogue);
		struct problem p;
		struct unit *unit;

		problem_init(&p, a);
		unit = golden_compile(
		    a, catalogue, rows[i].request, golden_principal("admin"), &golden_tenant, &p);
		ASSERT_ROW(rows[i].request, unit != NULL);
		if (unit == NULL)
			continue;
		check_tenants(a, rows[i].request, unit_statement(unit, 0)->text);
		ASSERT_ROW(rows[i].request,
		    strcmp(unit_statement(unit, 0)->params[0], golden_tenant.id) == 0);
	}
	arena_free(a);
}

static void
a_tenant_model_without_a_tenant_is_refused(void)
{
	struct arena *a = arena_new(8 << 20);
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT(compile(a, "/order-items", golden_principal("member"), NULL, &p) == NULL);
	CU_ASSERT_EQUAL(p.code, PROBLEM_TENANT_REQUIRED);
	problem_init(&p, a);
	CU_ASSERT(compile(a, "/countries", golden_principal("member"), NULL, &p) != NULL);
	arena_free(a);
}

static void
equal_requests_give_equal_text(void)
{
	static const struct {
		const char *one, *two;
	} pairs[] = {
		{ "/posts?page=1&limit=5", "/posts?limit=7&page=9" },
		{ "/posts?filter.rank=$in:1", "/posts?filter.rank=$in:1,2,3,4,5" },
		{ "/posts?filter.rank=5", "/posts?filter.rank=$eq:-7" },
		{ "/posts?filter.title=$ilike:a", "/posts?filter.title=$ilike:%25%25b" },
		{ "/posts?filter.tags=$hasSome:a", "/posts?filter.tags=$hasSome:a,b" },
		{ "/posts?filter.meta.a=1", "/posts?filter.meta.b.c.d=x" },
		{ "/posts?search=a", "/posts?search=b%25" },
		{ "/posts?include=comments", "/posts?include=comments(limit:3)" },
		{ "/posts?or.1.filter.rank=1&or.1.filter.title=x",
		    "/posts?or.other.filter.rank=2&or.other.filter.title=y" },
	};
	struct arena *a = arena_new(16 << 20);
	const struct catalogue *blog = golden_catalogue_of(a, "blog");

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct principal *who = golden_principal("member");
		struct problem p;
		struct unit *one, *two;

		problem_init(&p, a);
		one = golden_compile(a, blog, pairs[i].one, who, &golden_tenant, &p);
		two = golden_compile(a, blog, pairs[i].two, who, &golden_tenant, &p);
		CU_ASSERT_FATAL(one != NULL && two != NULL);
		CU_ASSERT_STRING_EQUAL(unit_statement(one, 0)->text, unit_statement(two, 0)->text);
	}
	arena_free(a);
}

void
suite_compile(void)
{
	static const struct test_row tests[] = {
		{ "golden files agree", golden_files_agree },
		{ "every table has its own tenant predicate",
		    every_table_has_its_own_tenant_predicate },
		{ "a tenant model without a tenant is refused",
		    a_tenant_model_without_a_tenant_is_refused },
		{ "equal requests give equal text", equal_requests_give_equal_text },
	};

	unit_suite("compile", tests, sizeof(tests) / sizeof(tests[0]));
}
