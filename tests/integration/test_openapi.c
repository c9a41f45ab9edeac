/* SPDX-License-Identifier: BSD-2-Clause */
/* test_openapi.c - the API's description: valid, complete, and true
 *
 * What is described is compared with tests/oracle/access.txt, which lists by hand what each route
 * answers for each model; what reads the description as its users do runs under Node (tests/node).
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

enum { INSTALL_MS = 300000, SCRIPT_MS = 300000 };

static struct world *world;
static const char *packages, *described;
static const struct answer *description;
static bool with_handlers; /* the setting handlers is on */

static bool
begin(void)
{
	const char *folder = sandbox_program();

	world = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .settings = "trust_tenant_header = on\n" });
	if (world == NULL || !world_sign_in(world, "admin"))
		return false;
	packages = keep_printf(
	    "%s/tests/node", keep_copy(folder, (size_t)(strrchr(folder, '/') - folder)));
	described = keep_printf("%s/openapi.json", world->folder);
	description = client_get(world->client, NULL, "/api/openapi.json");
	return description->status == 200 && file_write(described, description->body);
}

static void
end(void)
{
	world_free(world);
}

/* --- the document -------------------------------------------------------------------------- */

/* The server's, the program's, and its tag. */
static void
it_is_one_document(void)
{
	const struct outcome *o = program_run(world->program, "openapi", NULL);
	const char *tag = answer_header(description, "ETag");
	const char *headers[] = { NULL, NULL };
	const struct answer *again;

	CHECK_INT(o->exit_code, 0, "%.300s", o->output);
	CHECK_TEXT(o->output, keep_printf("%s\n", description->body), "rowhouse openapi");
	CHECK_TEXT(document_text(description->json, "openapi"), "3.1.1", "which OpenAPI");
	if (!CHECK(tag != NULL, "an ETag"))
		return;
	headers[0] = keep_printf("If-None-Match: %s", tag);
	again = client_request(world->client, "GET", "/api/openapi.json", headers, NULL);
	CHECK_INT(again->status, 304, "asked again");
	CHECK_INT(again->body_len, 0, "and sent no more");
}

/* Who may not read it is told as of any other route; who serves nobody has none. */
static void
who_may_read_it(void)
{
	const char *token = client_token(world->client, WORLD_ACME);
	const char *bearer[] = { bearer_header(token), NULL };

	CHECK(world_restart(world, "openapi_access = member\n"), "restart");
	CHECK_INT(client_get(world->client, NULL, "/api/openapi.json")->status, 401, "nobody");
	CHECK_INT(client_request(world->client, "GET", "/api/openapi.json", bearer, NULL)->status,
	    200, "a member");
	CHECK(world_restart(world, "openapi_access = nobody\n"), "restart");
	CHECK_INT(client_request(world->client, "GET", "/api/openapi.json", bearer, NULL)->status,
	    404, "a member of no use");
	CHECK_INT(program_run(world->program, "openapi", NULL)->exit_code, 0, "the operator");
}

/* A model registered a moment ago is described with the next request. */
static void
it_follows_the_database(void)
{
	PGconn *owner = world_owner(world);
	const struct answer *a;

	CHECK(sql_run(owner,
		  "CREATE TABLE tools (tenant_id uuid NOT NULL, id uuid NOT NULL, at_odds text, "
		  "PRIMARY KEY (tenant_id, id)); SELECT rowhouse.model('tools', sortable => "
		  "'{id}')"),
	    "a table");
	a = client_get(world->client, NULL, "/api/openapi.json");
	CHECK(document_at(a->json, "components.schemas.ToolCreate.properties.atOdds") != NULL,
	    "%.200s", a->body);
	CHECK(
	    sql_run(owner,
		"DELETE FROM rowhouse.models WHERE table_name = 'tools'; DROP TABLE tools; SELECT "
		"rowhouse.raise_epoch()"),
	    "gone");
	a = client_get(world->client, NULL, "/api/openapi.json");
	CHECK(document_at(a->json, "components.schemas.ToolCreate") == NULL, "it is gone");
	PQfinish(owner);
}

/* --- completeness -------------------------------------------------------------------------- */

/* The path of a row of access.txt as the description has it: /posts/@/restore, /auth/keys/@key. */
static const char *
template_of(const char *path)
{
	const char *at = strchr(path, '@'), *query = strchr(path, '?');

	if (query != NULL)
		return keep_copy(path, (size_t)(query - path));
	if (at == NULL)
		return path;
	return keep_printf(
	    "%.*s{id}%s", (int)(at - path), path, strncmp(at, "@key", 4) == 0 ? at + 4 : at + 1);
}

static bool
is_described(const char *method, const char *path)
{
	struct json_object *paths = document_at(description->json, "paths"), *item = NULL,
			   *operation = NULL;
	char *key = keep_printf("%s", strcmp(method, "QUERY") == 0 ? "x-query" : method);

	for (char *c = key; *c != '\0'; c++)
		*c = (char)(*c | 0x20);
	return json_object_object_get_ex(paths, path, &item) &&
	    json_object_object_get_ex(item, key, &operation);
}

/* Whether PUT of a path names its row by these columns. */
static bool
is_key(const char *path, const char *columns)
{
	struct json_object *parameters =
	    document_at(description->json, keep_printf("paths.%s.put.parameters", path));

	for (size_t i = 0; i < document_count(parameters, ""); i++) {
		const char *at = keep_printf("%zu", i);

		if (strcmp(document_text(parameters, keep_printf("%s.name", at)), "by") != 0)
			continue;
		for (size_t n = 0;
		     n < document_count(parameters, keep_printf("%s.schema.enum", at)); n++)
			if (strcmp(
				document_text(parameters, keep_printf("%s.schema.enum.%zu", at, n)),
				columns) == 0)
				return true;
	}
	return false;
}

/* Whether anybody at all is served in a row: a status below 404, or 409, which writes give. */
static bool
is_served(const char *method, const char *cells)
{
	/* PATCH of many rows with nothing to change is there, and a 400. */
	bool many = strcmp(method, "PATCH") == 0;

	for (const char *c = cells; *c != '\0'; c += strspn(c, " \t")) {
		size_t len = strcspn(c, " \t");
		int status = atoi(c);

		if ((status >= 200 && status < 300) || (many && status == 400) ||
		    strncmp(c, "wrong", 5) == 0)
			return true;
		c += len;
	}
	return false;
}

/* A route of handlers/ names a model. */
static bool
is_of_handlers(const char *route)
{
	static const char *const begins[] = { "/{model=", "/users", "/posts", "/products",
		"/orders" };

	for (size_t i = 0; i < SUITE_COUNT(begins); i++)
		if (strncmp(route, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static size_t
compare_row(const char *line, size_t *rows)
{
	char method[16], route[64], path[96], body[16];
	int cells = 0;
	bool served, told;

	if (line[0] == '#' ||
	    sscanf(line, "%15s %63s %95s %15s %n", method, route, path, body, &cells) != 4 ||
	    cells == 0 || strcmp(method, "method") == 0 ||
	    (is_of_handlers(route) && !with_handlers))
		return 0;
	(*rows)++;
	served = is_served(method, line + cells);
	told = is_described(method, strncmp(route, "/{model", 7) == 0 ? template_of(path) : route);
	if (told && strstr(path, "?by=") != NULL)
		told = is_key(template_of(path), strstr(path, "?by=") + 4);
	if (served == told)
		return 0;
	printf(
	    "  %s %s is %s\n", method, path, told ? "described and not served" : "not described");
	return 1;
}

/* Every row of the oracle that serves anybody is described, and no other. */
static void
what_is_served_is_described(void)
{
	char *table = file_read(sandbox_source("tests/oracle/access.txt"), NULL);
	size_t rows = 0, wrong = 0;

	if (!CHECK(table != NULL, "tests/oracle/access.txt"))
		return;
	for (char *line = strtok(table, "\n"); line != NULL; line = strtok(NULL, "\n"))
		wrong += compare_row(line, &rows);
	CHECK_INT(wrong, 0, "rows that differ");
	CHECK(rows > 100, "only %zu rows", rows);
	/* The control: one that nobody serves, one that nobody described. */
	CHECK_INT(compare_row("PUT  /{model}  /nowhere  new  200 200", &rows), 1, "not described");
	CHECK_INT(compare_row("GET  /{model}  /posts  -  404 404", &rows), 1, "not served");
	free(table);
}

/* --- under Node ---------------------------------------------------------------------------- */

/* Run a script of tests/node with the description; what it says is shown when it fails. */
static void
run_script(const char *script, const char *word)
{
	const char *argv[] = { "node", keep_printf("%s/%s", packages, script), described, word,
		NULL };
	const char *environment[] = {
		keep_printf("BASE=%s/api", webserver_url(world->webserver)),
		keep_printf("TOKEN=%s", client_token(world->client, WORLD_ACME)),
		"PASSWORD=" WORLD_PASSWORD,
		NULL,
	};
	const struct outcome *o = process_run(
	    &(struct process_options){ .argv = argv, .environment = environment }, SCRIPT_MS);

	CHECK_INT(o->exit_code, 0, "%s:\n%s", script, o->output);
}

static void
packages_are_installed(void)
{
	const char *argv[] = { "bash", sandbox_source("tests/node/prepare.sh"), packages, NULL };
	const struct outcome *o =
	    process_run(&(struct process_options){ .argv = argv }, INSTALL_MS);

	CHECK_INT(o->exit_code, 0, "%s", o->output);
}

static void
it_is_valid(void)
{
	run_script("validate.mjs", NULL);
}

/* What a generated client says is type-checked, and runs against the server. */
static void
a_generated_client_works(void)
{
	run_script("prove.mjs", NULL);
}

static void
the_server_does_what_it_says(void)
{
	run_script("contract.mjs", NULL);
}

/* What `rowhouse types` prints passes the type checker, and refuses what is wrong. */
static void
its_types_are_types(void)
{
	const struct outcome *o = program_run(world->program, "types", NULL);
	const char *json = described;

	CHECK_INT(o->exit_code, 0, "%.300s", o->output);
	described = keep_printf("%s/types.ts", world->folder);
	CHECK(file_write(described, o->output), "%s", described);
	run_script("prove.mjs", NULL);
	described = json;
}

/* The control: what is false is found. */
static void
a_false_description_is_found(void)
{
	run_script("contract.mjs", "damaged");
}

/* Handlers of one's own by what their rows say: paths, bodies, queries. */
static void
handlers_are_described(void)
{
	struct json_object *schema;

	with_handlers = CHECK(world_restart(world, "handlers = on\n"), "restart");
	description = client_get(world->client, NULL, "/api/openapi.json");
	CHECK(file_write(described, description->body), "%s", described);
	what_is_served_is_described();
	run_script("validate.mjs", NULL);
	schema = document_at(description->json,
	    "paths./orders.post.requestBody.content.application/json.schema.properties.items");
	CHECK_TEXT(document_text(schema, "items.properties.quantity.minimum"), "1", "%s",
	    json_object_to_json_string(schema));
}

static const struct suite_test tests[] = {
	{ "it is one document", it_is_one_document },
	{ "what is served is described", what_is_served_is_described },
	{ "packages are installed", packages_are_installed },
	{ "it is valid", it_is_valid },
	{ "the server does what it says", the_server_does_what_it_says },
	{ "a generated client works", a_generated_client_works },
	{ "its types are types", its_types_are_types },
	{ "a false description is found", a_false_description_is_found },
	{ "it follows the database", it_follows_the_database },
	{ "handlers are described", handlers_are_described },
	{ "who may read it", who_may_read_it },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "openapi", begin, end, tests, SUITE_COUNT(tests) });
}
