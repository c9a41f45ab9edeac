/* SPDX-License-Identifier: BSD-2-Clause */
/* golden.c - the catalogues, who asks, and compiling a target as a handler does */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "compiler/query.h"
#include "compiler/stages.h"
#include "compiler/values.h"
#include "database/catalogue.h"
#include "database/unit.h"
#include "serve/environment.h"
#include "serve/listing.h"
#include "serve/request.h"

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
golden_catalogue_of(struct arena *a, const char *name)
{
	struct problem p;
	char *json = golden_file(a, arena_printf(a, "%s/%s.json", golden_folder(a), name));
	const struct catalogue *c;

	problem_init(&p, a);
	if (json == NULL || (c = catalogue_load(a, json, strlen(json), &p)) == NULL) {
		fprintf(stderr, "cannot load tests/golden/%s.json; is srcdir set?\n", name);
		abort();
	}
	return c;
}

const struct catalogue *
golden_catalogue(struct arena *a)
{
	return golden_catalogue_of(a, "catalogue");
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

const struct tenant golden_tenant = { "11111111-1111-7111-8111-111111111111" };

const unsigned char golden_cursor_key[CURSOR_KEY_BYTES];
static const struct environment environment = { .cursor_key = golden_cursor_key };

const struct principal *
golden_principal(const char *name)
{
	for (size_t i = 0; i < sizeof(principals) / sizeof(principals[0]); i++)
		if (strcmp(principals[i].name, name) == 0)
			return &principals[i].principal;
	return NULL;
}

struct query *
golden_read(
    struct arena *a, const struct catalogue *catalogue, const char *target, struct problem *p)
{
	struct settings settings;
	struct request request = { .arena = a,
		.environment = &environment,
		.settings = &settings,
		.tenant = &golden_tenant };
	struct listing listing;
	const struct model *model;
	const struct value *id;
	struct query *query;

	settings_init(&settings, a);
	if (!uri_parse(&request.uri, target, a, p))
		return NULL;
	model = request.uri.segment_count == 0
	    ? NULL
	    : catalogue_model(catalogue, request.uri.segments[0]);
	if (model == NULL)
		return problem_null(p, PROBLEM_NO_MODEL, "no model");
	if (request.uri.segment_count == 2 && strcmp(request.uri.segments[1], "aggregate") == 0) {
		query = query_new(a, ACTION_READ, SHAPE_GROUPS, model);
		return listing_read_groups(&listing, &request, query, p) ? query : NULL;
	}
	if (request.uri.segment_count < 2) {
		query = query_new(a, ACTION_READ, SHAPE_PAGE, model);
		return listing_read(&listing, &request, query, p) ? query : NULL;
	}
	query = query_new(a, ACTION_READ, SHAPE_ROW, model);
	id = value_read_key(model->id, request.uri.segments[1], "/path/id", a, p);
	if (!listing_read_row(&request, query, p) || id == NULL)
		return NULL;
	query_compare(query, model->id, OPERATOR_EQ, id);
	return query;
}

struct query *
golden_read_export(struct arena *a, const struct catalogue *catalogue, const char *target,
    enum shape shape, struct problem *p)
{
	struct settings settings;
	struct request request = { .arena = a, .settings = &settings, .tenant = &golden_tenant };
	struct query *query;

	settings_init(&settings, a);
	if (!uri_parse(&request.uri, target, a, p))
		return NULL;
	query =
	    query_new(a, ACTION_READ, shape, catalogue_model(catalogue, request.uri.segments[0]));
	return listing_read_export(&request, query, p) ? query : NULL;
}

struct unit *
golden_compile_query(struct query *query, const struct principal *who, const struct tenant *tenant,
    struct problem *p)
{
	struct unit *unit = unit_new(query->arena, UNIT_READ);

	return compile_query(unit, query, who, tenant, NULL, NULL, p) ? unit : NULL;
}

struct unit *
golden_compile(struct arena *a, const struct catalogue *catalogue, const char *target,
    const struct principal *who, const struct tenant *tenant, struct problem *p)
{
	struct query *query = golden_read(a, catalogue, target, p);

	return query == NULL ? NULL : golden_compile_query(query, who, tenant, p);
}
