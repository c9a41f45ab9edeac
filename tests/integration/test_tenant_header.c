/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tenant_header.c - which tenant a request is for, and the answers when that cannot be told */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/refusal.h"
#include "support/suite.h"
#include "support/world.h"

enum { REPEATS = 24 };

static struct world *world;
static const char *fifth_products[2]; /* of acme and of globex: the fifth by id */

static bool
begin(void)
{
	PGconn *superuser;

	world = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .settings = "trust_tenant_header = on\n" });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	for (size_t i = 0; i < 2; i++)
		fifth_products[i] = sql_value(superuser,
		    keep_printf(
			"SELECT name FROM products WHERE tenant_id = '%s' AND deleted_at IS NULL "
			"ORDER BY id LIMIT 1 OFFSET 4",
			i == 0 ? WORLD_ACME : WORLD_GLOBEX));
	PQfinish(superuser);
	return strcmp(fifth_products[0], fifth_products[1]) != 0;
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

	return client_request(world->client, "GET", "/api/products?limit=1", headers, NULL);
}

static void
missing_is_403(void)
{
	const struct answer *a = world_get(world, NULL, "/api/products");

	check_problem(a, 403, "tenant_required", "no header");
	CHECK_TEXT(document_text(a->json, "title"), "Tenant ID is required", "%s", a->body);
	check_problem(get_with("X-Tenant-Id;", NULL), 403, "tenant_required", "an empty header");
}

/* Neither a slug nor a uuid. */
static const char *const malformed[] = { "acme ltd", "Acme", "acme-", "-acme", "acme.", "acme_",
	"{11111111-1111-7111-8111-111111111111}",
	/* a uuid that lost or gained something */
	"11111111-1111-7111-8111-11111111111", "1111111-1111-7111-8111-111111111111",
	"11111111-1111-7111-8111-1111111111111", "11111111-1111-7111-8111111111111111",
	"11111111111171118111111111111111", "11111111-1111-7111-8111-1",
	"11111111-1111-7111-8111-111111111111, 22222222-2222-7222-8222-222222222222",
	"' OR true --", "%31", "-" };

static void
malformed_is_400(void)
{
	for (size_t i = 0; i < SUITE_COUNT(malformed); i++) {
		const struct answer *a = world_get(world, malformed[i], "/api/products");

		check_problem(a, 400, "tenant_format", malformed[i]);
		CHECK_TEXT(
		    document_text(a->json, "title"), "Invalid tenant ID format", "%s", a->body);
	}
}

/* Nobody has a slug by which nobody could be found. */
static void
malformed_slugs_cannot_be_made(void)
{
	PGconn *owner = world_owner(world);

	for (size_t i = 0; i < SUITE_COUNT(malformed); i++)
		CHECK(
		    sql_run(owner,
			keep_printf("DO $do$ BEGIN PERFORM rowhouse.tenant_create($slug$%s$slug$, "
				    "'X'); RAISE 'it was made'; EXCEPTION WHEN check_violation "
				    "THEN NULL; END $do$",
			    malformed[i])),
		    "%s", malformed[i]);
	PQfinish(owner);
}

static void
unknown_is_403(void)
{
	static const char *const slugs[] = { "acm", "acme2", "nobody", "1111", "dead-beef",
		"11111111-1111-7111-8111-11111111111g" };

	check_problem(world_get(world, "33333333-3333-7333-8333-333333333333", "/api/products"),
	    403, "tenant_unknown", "unknown");
	check_problem(world_get(world, "00000000-0000-0000-0000-000000000000", "/api/products"),
	    403, "tenant_unknown", "the nil uuid");
	/* What does not read as an id may be a slug, of somebody. */
	for (size_t i = 0; i < SUITE_COUNT(slugs); i++)
		check_problem(
		    world_get(world, slugs[i], "/api/products"), 403, "tenant_unknown", slugs[i]);
	CHECK_INT(world_get(world, "acme", "/api/products")->status, 200, "a slug");
}

static void
twice_is_400(void)
{
	check_problem(get_with("X-Tenant-Id: " WORLD_ACME, "X-Tenant-Id: " WORLD_GLOBEX), 400,
	    "duplicate_header", "two tenants");
	check_problem(get_with("X-Tenant-Id: " WORLD_ACME, "X-Tenant-Id: " WORLD_ACME), 400,
	    "duplicate_header", "the same tenant twice");
	check_problem(get_with("X-Tenant-Id: " WORLD_ACME, "x-tenant-id: " WORLD_GLOBEX), 400,
	    "duplicate_header", "in another case");
}

/* An underscore is another spelling of the same FastCGI parameter: it must not win, nor count. */
static void
underscore_is_not_the_header(void)
{
	const struct answer *a = get_with("X_Tenant_Id: " WORLD_GLOBEX, "X-Tenant-Id: " WORLD_ACME);
	const struct answer *own = world_get(world, WORLD_ACME, "/api/products?limit=1");

	if (a->status == 200)
		CHECK_TEXT(a->body, own->body, "acme's rows");
	else
		CHECK_INT(a->status, 400, "%s", a->body);
	check_problem(get_with("X_Tenant_Id: " WORLD_ACME, NULL), 403, "tenant_required",
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
	a = world_get(world, id, "/api/products");
	b = world_get(world, upper, "/api/products");
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
		if (!CHECK_INT(world_get(world, WORLD_GLOBEX, "/api/products?limit=1")->status,
			status, "%s: request %d", what, i))
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
	CHECK_INT(
	    world_get(world, WORLD_ACME, "/api/products?limit=1")->status, 200, "acme goes on");
	suspended = world_get(world, WORLD_GLOBEX, "/api/products");
	unknown = world_get(world, other, "/api/products");
	check_problem(suspended, 403, "tenant_unknown", "suspended");
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

static void
header_is_not_trusted_by_default(void)
{
	const struct answer *a;

	if (!CHECK(world_restart(world, "trust_tenant_header = off"), "restart"))
		return;
	a = world_get(world, WORLD_ACME, "/api/products");
	check_problem(a, 403, "tenant_required", "nobody vouches for it");
	check_problem(world_get(world, "nonsense!", "/api/products"), 403, "tenant_required",
	    "it is not even read");
	if (!CHECK(world_restart(world, "trust_tenant_header = on"), "restart"))
		return;
	/* Trusted, but nobody in particular: what anyone may read, and nothing else. */
	CHECK_INT(world_get(world, WORLD_ACME, "/api/products")->status, 200, "read by anyone");
	CHECK_INT(world_get(world, WORLD_ACME, "/api/posts")->status, 401, "read by members");
}

/* --- a claim, and what stands beside it ---------------------------------------------------- */

static const struct answer *
get_as(const char *token, const char *other, const char *path)
{
	const char *const headers[] = { bearer_header(token), other, NULL };

	return client_request(world->client, "GET", path, headers, NULL);
}

static void
check_claim_wins(const char *settings)
{
	const char *token;

	if (!CHECK(world_restart(world, settings), "%s", settings) ||
	    !CHECK(world_sign_in(world, "user"), "%s", settings))
		return;
	token = client_token(world->client, WORLD_ACME);
	CHECK_INT(get_as(token, NULL, "/api/posts?limit=1")->status, 200, "%s: alone", settings);
	CHECK_INT(get_as(token, "X-Tenant-Id: " WORLD_ACME, "/api/posts?limit=1")->status, 200,
	    "%s: the same tenant", settings);
	CHECK_INT(get_as(token, "X-Tenant-Id: acme", "/api/posts?limit=1")->status, 200,
	    "%s: the same tenant by its slug", settings);
	check_problem(get_as(token, "X-Tenant-Id: " WORLD_GLOBEX, "/api/posts?limit=1"), 403,
	    "tenant_mismatch", settings);
	check_problem(
	    get_as(token, "X-Tenant-Id: globex", "/api/auth/me"), 403, "tenant_mismatch", settings);
	check_problem(get_as(token, "X-Tenant-Id: 33333333-3333-7333-8333-333333333333",
			  "/api/posts?limit=1"),
	    403, "tenant_unknown", settings);
	check_problem(get_as(token, "X-Tenant-Id: no/tenant", "/api/posts?limit=1"), 400,
	    "tenant_format", settings);
	client_forget(world->client);
}

static void
a_claim_wins_whatever_the_order(void)
{
	check_claim_wins("trust_tenant_header = off");
	check_claim_wins("trust_tenant_header = on\ntenant_sources = header,token");
	check_claim_wins("tenant_sources = header");
	CHECK(world_restart(world, "tenant_sources = token,server,header"), "as it was");
}

/* --- the other sources ---------------------------------------------------------------------- */

static const struct answer *
get_from(const char *host, const char *path)
{
	const char *const headers[] = { keep_printf("Host: %s", host), NULL };

	return client_request(world->client, "GET", path, headers, NULL);
}

/* Ids are equal in both tenants, names tell whose they are. */
static const char *
fifth_name(const struct answer *a)
{
	return document_text(a->json, "data.4.name");
}

static void
a_subdomain_names_a_tenant(void)
{
	static const struct {
		const char *host;
		int status;
		const char *code; /* or the tenant */
	} rows[] = {
		{ "acme.shop.test", 200, WORLD_ACME },
		{ "GLOBEX.Shop.Test", 200, WORLD_GLOBEX },
		{ "acme.shop.test:8080", 200, WORLD_ACME },
		{ "globex.example.org", 200, WORLD_GLOBEX },
		{ "www.shop.test", 403, "tenant_required" },
		{ "shop.test", 403, "tenant_required" },
		{ "acme.other.test", 403, "tenant_required" },
		{ "acme.evilshop.test", 403, "tenant_required" },
		{ "a.acme.shop.test", 403, "tenant_required" },
		{ "acme.a.shop.test", 403, "tenant_required" },
		{ "nobody.shop.test", 403, "tenant_unknown" },
		{ "127.0.0.1", 403, "tenant_required" },
	};

	if (!CHECK(world_restart(world,
		       "tenant_sources = token,subdomain\nown_domains = shop.test, example.org"),
		"restart"))
		return;
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a = get_from(rows[i].host, "/api/products?limit=5&sortBy=id");

		if (rows[i].status != 200)
			check_problem(a, rows[i].status, rows[i].code, rows[i].host);
		else if (CHECK_INT(a->status, 200, "%s: %s", rows[i].host, a->body))
			CHECK_TEXT(fifth_name(a),
			    fifth_products[strcmp(rows[i].code, WORLD_ACME) != 0], "%s",
			    rows[i].host);
	}
}

static void
the_path_names_a_tenant(void)
{
	const struct answer *a;

	if (!CHECK(world_restart(world, "tenant_sources = token,path"), "restart"))
		return;
	a = get_from("x", "/t/acme/api/products?limit=5&sortBy=id");
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_TEXT(fifth_name(a), fifth_products[0], "acme's");
	a = get_from("x", "/t/" WORLD_GLOBEX "/api/products?limit=5&sortBy=id");
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_TEXT(fifth_name(a), fifth_products[1], "globex's");
	check_problem(get_from("x", "/api/products"), 403, "tenant_required", "no path");
	check_problem(get_from("x", "/t/nobody/api/products"), 403, "tenant_unknown", "nobody's");
	check_problem(get_from("x", "/t/No%20body/api/products"), 400, "tenant_format", "no slug");
	if (CHECK(world_sign_in(world, "user"), "sign in")) {
		const char *token = client_token(world->client, WORLD_ACME);

		CHECK_INT(get_as(token, NULL, "/t/acme/api/posts?limit=1")->status, 200, "its own");
		check_problem(get_as(token, NULL, "/t/globex/api/posts?limit=1"), 403,
		    "tenant_mismatch", "another's path");
	}
	client_forget(world->client);
	/* Where the path is no source it is no place either. */
	if (CHECK(world_restart(world, "tenant_sources = token,header"), "restart"))
		CHECK(get_from("x", "/t/acme/api/products")->status >= 400, "not a source");
}

/* ROWHOUSE_TENANT of the web server, from a map of hosts, as the site's file shows it. */
static void
the_web_server_names_a_tenant(void)
{
	static const struct webserver_edit edits[] = {
		{ "# fastcgi_param ROWHOUSE_TENANT ", "fastcgi_param ROWHOUSE_TENANT " },
		{ "upstream rowhouse {",
		    "map $host $tenant_from_host { default \"\"; acme.test acme; "
		    "globex.test globex; wrong.test nobody; } upstream rowhouse {" },
		{ NULL, NULL },
	};
	const char *const evil[] = { "Host: acme.test", "Rowhouse-Tenant: globex",
		"ROWHOUSE_TENANT: globex", NULL };
	struct webserver *usual = world->webserver, *own;
	struct client *client;
	const struct answer *a;

	if (!CHECK(world_restart(world, "tenant_sources = token,server"), "restart") ||
	    !CHECK((own = webserver_start_edited(keep_printf("%s/own-nginx", world->folder),
			program_socket(world->program), edits)) != NULL,
		"nginx"))
		return;
	client = world->client;
	world->client = client_new(webserver_url(own));
	a = client_request(world->client, "GET", "/api/products?limit=5&sortBy=id", evil, NULL);
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_TEXT(fifth_name(a), fifth_products[0], "a client cannot set it");
	CHECK_TEXT(fifth_name(get_from("globex.test", "/api/products?limit=5&sortBy=id")),
	    fifth_products[1], "globex's");
	check_problem(get_from("else.test", "/api/products"), 403, "tenant_required", "not mapped");
	check_problem(
	    get_from("wrong.test", "/api/products"), 403, "tenant_unknown", "mapped wrongly");
	client_free(world->client);
	world->client = client;
	world->webserver = usual;
	webserver_stop(own);
}

static const struct suite_test tests[] = {
	{ "missing is 403", missing_is_403 },
	{ "malformed is 400", malformed_is_400 },
	{ "malformed slugs cannot be made", malformed_slugs_cannot_be_made },
	{ "unknown is 403", unknown_is_403 },
	{ "twice is 400", twice_is_400 },
	{ "an underscore is not the header", underscore_is_not_the_header },
	{ "upper case is the same", upper_case_is_the_same },
	{ "suspended is 403 at once", suspended_is_403_at_once },
	{ "the header is not trusted by default", header_is_not_trusted_by_default },
	{ "a claim wins, whatever the order", a_claim_wins_whatever_the_order },
	{ "a subdomain names a tenant", a_subdomain_names_a_tenant },
	{ "the path names a tenant", the_path_names_a_tenant },
	{ "the web server names a tenant", the_web_server_names_a_tenant },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "tenant_header", begin, end, tests, SUITE_COUNT(tests) });
}
