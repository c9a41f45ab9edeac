/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tenant_header.c - which tenant a request is for, and the answers when that cannot be told */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"
#include "support/world.h"

enum { STOP_MS = 10000, REPEATS = 24 };

static struct world *world;

static bool
begin(void)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
	return world != NULL;
}

static void
end(void)
{
	world_free(world);
}

static const struct answer *
get_with(const char *first, const char *second)
{
	const char *const headers[] = { first, second, NULL };

	return client_request(world->client, "GET", "/api/posts?limit=1", headers, NULL);
}

static void
check_refused(const struct answer *a, int status, const char *code, const char *what)
{
	CHECK_INT(a->status, status, "%s: %.200s", what, a->body);
	CHECK_TEXT(document_text(a->json, "code"), code, "%s", what);
	CHECK(document_at(a->json, "data") == NULL, "%s", what);
	CHECK_TEXT(answer_header(a, "Content-Type"), "application/problem+json", "%s", what);
}

static void
missing_is_403(void)
{
	const struct answer *a = world_get(world, NULL, "/api/posts");

	check_refused(a, 403, "tenant_required", "no header");
	CHECK_TEXT(document_text(a->json, "title"), "Tenant ID is required", "%s", a->body);
	check_refused(get_with("X-Tenant-Id;", NULL), 403, "tenant_required", "an empty header");
}

static void
malformed_is_400(void)
{
	static const char *const bad[] = { "acme", "11111111-1111-7111-8111-11111111111",
		"11111111-1111-7111-8111-1111111111111", "11111111111171118111111111111111",
		"{11111111-1111-7111-8111-111111111111}", "11111111-1111-7111-8111-11111111111g",
		"11111111-1111-7111-8111-111111111111, 22222222-2222-7222-8222-222222222222",
		"' OR true --", "%31", "-" };

	for (size_t i = 0; i < SUITE_COUNT(bad); i++) {
		const struct answer *a = world_get(world, bad[i], "/api/posts");

		check_refused(a, 400, "tenant_format", bad[i]);
		CHECK_TEXT(
		    document_text(a->json, "title"), "Invalid tenant ID format", "%s", a->body);
	}
}

static void
unknown_is_403(void)
{
	check_refused(world_get(world, "33333333-3333-7333-8333-333333333333", "/api/posts"), 403,
	    "tenant_unknown", "unknown");
	check_refused(world_get(world, "00000000-0000-0000-0000-000000000000", "/api/posts"), 403,
	    "tenant_unknown", "the nil uuid");
}

static void
twice_is_400(void)
{
	check_refused(get_with("X-Tenant-Id: " WORLD_ACME, "X-Tenant-Id: " WORLD_GLOBEX), 400,
	    "duplicate_header", "two tenants");
	check_refused(get_with("X-Tenant-Id: " WORLD_ACME, "X-Tenant-Id: " WORLD_ACME), 400,
	    "duplicate_header", "the same tenant twice");
	check_refused(get_with("X-Tenant-Id: " WORLD_ACME, "x-tenant-id: " WORLD_GLOBEX), 400,
	    "duplicate_header", "in another case");
}

/* An underscore is another spelling of the same FastCGI parameter: it must not win, nor count. */
static void
underscore_is_not_the_header(void)
{
	const struct answer *a = get_with("X_Tenant_Id: " WORLD_GLOBEX, "X-Tenant-Id: " WORLD_ACME);
	const struct answer *own = world_get(world, WORLD_ACME, "/api/posts?limit=1");

	if (a->status == 200)
		CHECK_TEXT(a->body, own->body, "acme's rows");
	else
		CHECK_INT(a->status, 400, "%s", a->body);
	check_refused(get_with("X_Tenant_Id: " WORLD_ACME, NULL), 403, "tenant_required",
	    "the underscore alone");
}

static void
upper_case_is_the_same(void)
{
	static const char id[] = "abcdefab-cdef-7abc-8def-abcdefabcdef";
	PGconn *owner = world_owner(world);
	char upper[sizeof(id)];
	const struct answer *a, *b;

	CHECK(sql_run(owner,
		  keep_printf("SELECT rowhouse.tenant_create('letters', 'Letters', '%s')", id)),
	    "a tenant whose id has letters");
	for (size_t i = 0; i < sizeof(id); i++)
		upper[i] = (char)toupper((unsigned char)id[i]);
	a = world_get(world, id, "/api/posts");
	b = world_get(world, upper, "/api/posts");
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_INT(b->status, 200, "%s", b->body);
	CHECK_TEXT(a->body, b->body, "the same answer");
	PQfinish(owner);
}

/* Every worker must know at its next request, so ask more often than there are workers. */
static void
check_all(int status, const char *what)
{
	for (int i = 0; i < REPEATS; i++)
		if (!CHECK_INT(world_get(world, WORLD_GLOBEX, "/api/posts?limit=1")->status, status,
			"%s: request %d", what, i))
			return;
}

static void
suspended_is_403_at_once(void)
{
	PGconn *owner = world_owner(world);
	const struct answer *suspended, *unknown;
	const char *other = "44444444-4444-7444-8444-444444444444";

	check_all(200, "active");
	for (int round = 0; round < 3; round++) {
		CHECK(sql_run(owner,
			  "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'suspended')"),
		    "suspend");
		check_all(403, "suspended");
		CHECK(sql_run(
			  owner, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'active')"),
		    "resume");
		check_all(200, "resumed");
	}
	CHECK(sql_run(owner, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'suspended')"),
	    "suspend");
	CHECK_INT(world_get(world, WORLD_ACME, "/api/posts?limit=1")->status, 200, "acme goes on");
	suspended = world_get(world, WORLD_GLOBEX, "/api/posts");
	unknown = world_get(world, other, "/api/posts");
	check_refused(suspended, 403, "tenant_unknown", "suspended");
	CHECK_INT(suspended->body_len, unknown->body_len, "alike: %s | %s", suspended->body,
	    unknown->body);
	CHECK_TEXT(document_text(suspended->json, "detail"), document_text(unknown->json, "detail"),
	    "alike");
	CHECK(sql_run(owner, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'deleting')"),
	    "being deleted");
	check_all(403, "being deleted");
	CHECK(sql_run(owner, "SELECT rowhouse.tenant_set_status('" WORLD_GLOBEX "', 'active')"),
	    "resume");
	PQfinish(owner);
}

static bool
restart_with(const char *settings)
{
	program_stop(world->program, SIGTERM, STOP_MS);
	return program_configure(world->program, settings) && program_serve(world->program);
}

static void
header_is_not_trusted_by_default(void)
{
	if (!CHECK(restart_with("demo_principal = off\ntrust_tenant_header = off"), "restart"))
		return;
	CHECK_INT(world_get(world, WORLD_ACME, "/api/posts")->status, 403, "nobody vouches for it");
	if (!CHECK(restart_with("trust_tenant_header = on"), "restart"))
		return;
	/* Trusted, but nobody in particular: what anyone may read, and nothing else. */
	CHECK_INT(world_get(world, WORLD_ACME, "/api/products")->status, 200, "read by anyone");
	CHECK_INT(world_get(world, WORLD_ACME, "/api/posts")->status, 401, "read by members");
	CHECK(restart_with("demo_principal = on"), "restart");
}

/* demo_principal is refused where the sample data is not: last, since it ends the world's server.
 */
static void
demo_is_refused_elsewhere(void)
{
	PGconn *superuser = world_superuser(world);
	int status = 0;
	pid_t pid;

	program_stop(world->program, SIGTERM, STOP_MS);
	CHECK(sql_run(superuser, "UPDATE rowhouse.deployment SET demo = false"), "no demo");
	pid = program_launch(world->program);
	CHECK(process_wait(pid, STOP_MS, &status), "serve ends by itself");
	CHECK_INT(status >> 8, 78, "exit code; its log: %.2000s", program_log(world->program));
	CHECK(sql_run(superuser, "UPDATE rowhouse.deployment SET demo = true"), "the demo again");
	CHECK(program_serve(world->program), "serve again");
	PQfinish(superuser);
}

static const struct suite_test tests[] = {
	{ "missing is 403", missing_is_403 },
	{ "malformed is 400", malformed_is_400 },
	{ "unknown is 403", unknown_is_403 },
	{ "twice is 400", twice_is_400 },
	{ "an underscore is not the header", underscore_is_not_the_header },
	{ "upper case is the same", upper_case_is_the_same },
	{ "suspended is 403 at once", suspended_is_403_at_once },
	{ "the header is not trusted by default", header_is_not_trusted_by_default },
	{ "the demo is refused elsewhere", demo_is_refused_elsewhere },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "tenant_header", begin, end, tests, SUITE_COUNT(tests) });
}
