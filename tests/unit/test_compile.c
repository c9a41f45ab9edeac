/* SPDX-License-Identifier: BSD-2-Clause */
/* test_compile.c - golden files: a request and a principal become statements and parameters
 *
 * Each file of tests/golden/read/ begins with the request (and `as`, `tenant` lines), then a line
 * `--`, then what the compiler must make of it. GOLDEN_REWRITE=1 (make golden) writes the second
 * half anew; the diff is for a person to read. Beside them stand the properties that no golden file
 * may lose. */
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
#include "golden.h"
#include "serve/listing.h"
#include "serve/request.h"
#include "unit.h"

const char *
golden_folder(struct arena *a)
{
	const char *srcdir = getenv("srcdir");

	return arena_printf(a, "%s/tests/golden", srcdir != NULL ? srcdir : ".");
}

char *
golden_file(struct arena *a, const char *path)
{
	FILE *file = fopen(path, "r");
	char *bytes;
	long len;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) != 0 || (len = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET) != 0)
		abort();
	bytes = arena_alloc(a, (size_t)len + 1);
	if (fread(bytes, 1, (size_t)len, file) != (size_t)len)
		abort();
	fclose(file);
	return bytes;
}

const struct catalogue *
golden_catalogue(struct arena *a)
{
	struct problem p;
	char *json = golden_file(a, arena_printf(a, "%s/catalogue.json", golden_folder(a)));
	const struct catalogue *c;

	problem_init(&p, a);
	if (json == NULL || (c = catalogue_load(a, json, strlen(json), &p)) == NULL) {
		fprintf(stderr, "cannot load tests/golden/catalogue.json; is srcdir set?\n");
		abort();
	}
	return c;
}

static const struct {
	const char *name;
	struct principal principal;
} principals[] = {
	{ "anonymous", { .type = PRINCIPAL_ANONYMOUS, .member = false, .id = NULL, .role = NULL } },
	{ "member", { .type = PRINCIPAL_USER, .member = true, .id = NULL, .role = NULL } },
	{ "user",
	    { .type = PRINCIPAL_USER,
		.member = true,
		.id = "0199a000-0000-7000-8000-000000000001",
		.role = "USER" } },
	{ "admin",
	    { .type = PRINCIPAL_USER,
		.member = true,
		.id = "0199a000-0000-7000-8000-000000000002",
		.role = "ADMIN" } },
	{ "key",
	    { .type = PRINCIPAL_API_KEY,
		.member = true,
		.id = "k",
		.role = "ADMIN",
		.scopes = "order-items:read countries:write" } },
	{ "machine",
	    { .type = PRINCIPAL_API_KEY,
		.member = true,
		.id = "zxonoSxa7YoYbQvOAKuQhQ",
		.scopes = "*:read" } },
	{ "foreigner",
	    { .type = PRINCIPAL_USER,
		.member = false,
		.id = "0199a000-0000-7000-8000-000000000003",
		.role = "ADMIN" } },
};

static const struct tenant acme = { "11111111-1111-7111-8111-111111111111" };

/* Compile GET target as the principal; the unit, or NULL and a problem. */
static struct unit *
compile(struct arena *a, const char *target, const struct principal *who,
    const struct tenant *tenant, struct problem *p)
{
	struct unit *unit = unit_new(a, UNIT_READ);
	struct request request = { .arena = a };
	struct listing listing;
	const struct model *model;
	const struct value *id;
	struct query *query;

	if (!uri_parse(&request.uri, target, a, p))
		return NULL;
	model = catalogue_model(golden_catalogue(a), request.uri.segments[0]);
	if (model == NULL)
		return problem_null(p, PROBLEM_NO_MODEL, "no model");
	if (request.uri.segment_count == 2) {
		query = query_new(a, ACTION_READ, SHAPE_ROW, model);
		id = value_read(model->id, request.uri.segments[1], "/path/id", a, p);
		if (id == NULL)
			return NULL;
		query_compare(query, model->id, OPERATOR_EQ, id);
	} else {
		query = query_new(a, ACTION_READ, SHAPE_PAGE, model);
		if (!listing_read(&listing, &request, query, p))
			return NULL;
	}
	return compile_query(unit, query, who, tenant, NULL, NULL, p) ? unit : NULL;
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

/* "GET /posts" and "as admin" lines up to "--"; returns where the expectation begins. */
static const char *
run_file(struct arena *a, const char *bytes, struct text *out)
{
	const char *separator = strstr(bytes, "\n--\n");
	char target[1024] = "", as[32] = "member";
	struct problem p;
	struct unit *unit = NULL;

	CU_ASSERT_FATAL(separator != NULL);
	CU_ASSERT_FATAL(sscanf(bytes, "GET %1023s", target) == 1);
	if (strstr(bytes, "\nas ") != NULL && strstr(bytes, "\nas ") < separator)
		CU_ASSERT_FATAL(sscanf(strstr(bytes, "\nas "), "\nas %31s", as) == 1);
	problem_init(&p, a);
	for (size_t i = 0; i < sizeof(principals) / sizeof(principals[0]); i++)
		if (strcmp(principals[i].name, as) == 0)
			unit = compile(a, target, &principals[i].principal, &acme, &p);
	print_outcome(out, unit, &p);
	return separator + 4;
}

static void
rewrite(const char *path, const char *bytes, const char *expected, const char *actual)
{
	FILE *file = fopen(path, "w");

	CU_ASSERT_FATAL(file != NULL);
	fwrite(bytes, 1, (size_t)(expected - bytes), file);
	fputs(actual, file);
	fclose(file);
}

static void
golden_files_agree(void)
{
	struct arena *a = arena_new(32 << 20);
	const char *folder = arena_printf(a, "%s/read", golden_folder(a));
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned files = 0;

	CU_ASSERT_FATAL(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		const char *path = arena_printf(a, "%s/%s", folder, entry->d_name), *expected;
		char *bytes;
		struct text out;

		if (strstr(entry->d_name, ".txt") == NULL)
			continue;
		files++;
		bytes = golden_file(a, path);
		text_init(&out, a, 1 << 16);
		expected = run_file(a, bytes, &out);
		if (getenv("GOLDEN_REWRITE") != NULL)
			rewrite(path, bytes, expected, out.bytes);
		else if (strcmp(expected, out.bytes) != 0)
			fprintf(stderr, "\n%s:\n%s", entry->d_name, out.bytes);
		ASSERT_ROW(entry->d_name,
		    getenv("GOLDEN_REWRITE") != NULL || strcmp(expected, out.bytes) == 0);
	}
	closedir(dir);
	CU_ASSERT(files >= 12);
	arena_free(a);
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

static void
every_table_has_its_own_tenant_predicate(void)
{
	static const char *const requests[] = { "/order-items", "/notes", "/notes/7",
		"/order-items/0199a000-0000-7000-8000-000000000001",
		"/order-items?sortBy=title:DESC" };
	struct arena *a = arena_new(8 << 20);

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct problem p;
		struct unit *unit;
		const char *sql;

		problem_init(&p, a);
		unit = compile(a, requests[i], &principals[3].principal, &acme, &p);
		CU_ASSERT_FATAL(unit != NULL);
		sql = unit_statement(unit, 0)->text;
		ASSERT_ROW(requests[i], occurrences(sql, "FROM \"public\"") > 0);
		ASSERT_ROW(requests[i],
		    occurrences(sql, "FROM \"public\"") ==
			occurrences(sql, "WHERE (t0.\"tenant_id\" = $1::uuid)"));
		ASSERT_ROW(requests[i], strcmp(unit_statement(unit, 0)->params[0], acme.id) == 0);
	}
	arena_free(a);
}

static void
a_tenant_model_without_a_tenant_is_refused(void)
{
	struct arena *a = arena_new(8 << 20);
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT(compile(a, "/order-items", &principals[1].principal, NULL, &p) == NULL);
	CU_ASSERT_EQUAL(p.code, PROBLEM_TENANT_REQUIRED);
	problem_init(&p, a);
	CU_ASSERT(compile(a, "/countries", &principals[1].principal, NULL, &p) != NULL);
	arena_free(a);
}

static void
equal_requests_give_equal_text(void)
{
	struct arena *a = arena_new(8 << 20);
	struct problem p;
	struct unit *one, *two;

	problem_init(&p, a);
	one = compile(a, "/order-items?page=1&limit=5", &principals[1].principal, &acme, &p);
	two = compile(a, "/order-items?limit=7&page=9", &principals[1].principal, &acme, &p);
	CU_ASSERT_FATAL(one != NULL && two != NULL);
	CU_ASSERT_STRING_EQUAL(unit_statement(one, 0)->text, unit_statement(two, 0)->text);
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
