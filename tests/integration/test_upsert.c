/* SPDX-License-Identifier: BSD-2-Clause */
/* test_upsert.c - PUT: the row of an id or of a unique key is changed, or made */
#include <json-c/json.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

/* Ids that clients choose; a version that must be named; a key over an expression, one of several
 * columns, one under another condition than being live. */
static const char tables_sql[] =
    "SELECT set_config('app.current_tenant', '" WORLD_ACME "', false);"
    "CREATE TABLE labels (tenant_id uuid NOT NULL, id text NOT NULL, name text NOT NULL,"
    "  colour text, rank integer NOT NULL DEFAULT 3, secret text,"
    "  CONSTRAINT labels_pk PRIMARY KEY (tenant_id, id));"
    "CREATE TABLE shelves (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  room text NOT NULL, place integer, title text, kept boolean NOT NULL DEFAULT true,"
    "  CONSTRAINT shelves_pk PRIMARY KEY (tenant_id, id));"
    "SELECT rowhouse.model('labels', soft_delete => true, audit => true, client_ids => true,"
    "  read_only => '{secret}',"
    "  access => '{\"create\": \"ADMIN|MODERATOR\", \"update\": \"member\"}');"
    "SELECT rowhouse.model('shelves', soft_delete => true, audit => true, client_ids => true,"
    "  require_match => true, access => '{\"update\": \"member\"}');"
    "CREATE UNIQUE INDEX shelves_place_key ON shelves (tenant_id, room, place)"
    "  WHERE deleted_at IS NULL;"
    "CREATE UNIQUE INDEX shelves_title_key ON shelves (tenant_id, lower(title))"
    "  WHERE deleted_at IS NULL;"
    "CREATE UNIQUE INDEX shelves_kept_key ON shelves (tenant_id, title)"
    "  WHERE deleted_at IS NULL AND kept;";

static bool
begin(void)
{
	PGconn *owner;
	bool ok;

	if (!writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = 1 }))
		return false;
	owner = world_owner(world);
	ok = sql_run(owner, tables_sql);
	PQfinish(owner);
	return ok;
}

/* --- by id --------------------------------------------------------------------------------- */

static void
an_id_is_made_then_changed(void)
{
	const struct answer *a = ask_for(
	    201, "PUT", "/api/labels/red", as_mod, "{\"name\":\"Red\",\"colour\":\"#f00\"}");

	CHECK_TEXT(answer_header(a, "Location"), "/api/labels/red", "Location");
	CHECK_TEXT(answer_header(a, "ETag"), "\"v1\"", "ETag");
	CHECK_TEXT(document_text(a->json, "id"), "red", "%s", a->body);
	sql_run(superuser, "UPDATE labels SET secret = 's' WHERE id = 'red'");
	a = ask_for(200, "PUT", "/api/labels/red", as_mod, "{\"id\":\"red\",\"name\":\"Rot\"}");
	CHECK(answer_header(a, "Location") == NULL, "no Location");
	CHECK_TEXT(answer_header(a, "ETag"), "\"v2\"", "ETag");
	CHECK_TEXT(look("SELECT concat_ws('|', name, colour, rank, secret, version) FROM labels "
			"WHERE id = 'red'"),
	    "Rot|#f00|3|s|2", "what is not given stays");
	CHECK_TEXT(story("labels", "red"), "created updated", "the log");
	a = ask("PUT", "/api/labels/red", as_mod, "Prefer: return=minimal", "{\"name\":\"Rouge\"}");
	CHECK_INT(a->status, 204, "%s", a->body);
	a = ask("PUT", "/api/labels/blue", as_mod, "Prefer: return=minimal", "{\"name\":\"Blue\"}");
	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_INT(a->body_len, 0, "%s", a->body);
	CHECK_TEXT(replayed("labels", "blue"), "", "replay");
}

static void
faults_of_an_id(void)
{
	const struct answer *a;

	check_fault(
	    ask("PUT", keep_printf("/api/posts/%s", person_id("user")), as_user, NULL, "{}"), 400,
	    "/path/id", "client_ids", "ids that the server makes");
	check_fault(ask("PUT", "/api/labels/aggregate", as_mod, NULL, "{\"name\":\"n\"}"), 400,
	    "/path/id", "reserved", "aggregate");
	check_fault(
	    ask("POST", "/api/labels", as_mod, NULL, "{\"id\":\"aggregate\",\"name\":\"n\"}"), 400,
	    "#/id", "reserved", "aggregate");
	check_fault(ask("PUT", "/api/labels/red", as_mod, NULL, "{\"id\":\"blue\",\"name\":\"n\"}"),
	    400, "#/id", "conflict", "two ids");
	check_fault(ask("PUT", "/api/labels/red", as_mod, NULL, "{\"colour\":\"c\"}"), 400,
	    "#/name", "required", "a new row would need it");
	check_fault(ask("PUT", "/api/labels/red?force=true", as_mod, NULL, "{\"name\":\"n\"}"), 400,
	    "/query/force", "unknown", "a parameter");
	check_fault(ask("PUT", "/api/labels/red", as_mod, NULL,
			"{\"name\":\"n\",\"rank\":{\"increment\":1},\"secret\":\"x\"}"),
	    400, "#/rank", "type", "a new row has nothing to add to");
	check_fault(
	    ask("PUT", "/api/labels/red", as_mod, NULL, "[]"), 400, "#", "type", "an array");
	/* Both rights are needed, whichever of the two it would become. */
	ask_for(403, "PUT", "/api/labels/red", as_user, "{\"name\":\"n\"}");
	ask_for(403, "PUT", "/api/labels/green", as_user, "{\"name\":\"n\"}");
	ask_for(405, "PUT", "/api/countries/DE", as_admin, "{\"name\":\"n\"}");
	a = ask("OPTIONS", "/api/labels/red", NULL, NULL, NULL);
	CHECK(strstr(answer_header(a, "Allow"), "PUT") != NULL, "%s", answer_header(a, "Allow"));
}

/* An id is taken for good; its deleted row is in the way, for whoever may see that. */
static void
a_deleted_id_is_a_conflict(void)
{
	const struct answer *a;

	ask_for(201, "PUT", "/api/labels/old", as_mod, "{\"name\":\"Old\"}");
	ask_for(204, "DELETE", "/api/labels/old", as_admin, NULL);
	a = ask_for(409, "PUT", "/api/labels/old", as_admin, "{\"name\":\"New\"}");
	CHECK(strstr(a->body, "restore") != NULL, "%s", a->body);
	check_fault(ask("PUT", "/api/labels/old", as_mod, NULL, "{\"name\":\"New\"}"), 409, "#/id",
	    "unique", "as a POST would say");
	check_fault(ask("POST", "/api/labels", as_mod, NULL, "{\"id\":\"old\",\"name\":\"New\"}"),
	    409, "#/id", "unique", "as a PUT says");
	CHECK_TEXT(look("SELECT name FROM labels WHERE id = 'old'"), "Old", "unchanged");
}

static void
conditions_are_kept(void)
{
	const char *path = "/api/labels/cond", *body = "{\"name\":\"n\"}";
	static const char absent[] = "/api/shelves/0199a000-0000-7000-8000-00000000dead";
	static const char shelf[] = "{\"room\":\"r\",\"place\":9}";

	CHECK_INT(ask("PUT", path, as_mod, "If-Match: \"v1\"", body)->status, 412, "absent");
	CHECK_INT(ask("PUT", path, as_mod, "If-Match: *", body)->status, 412, "absent");
	CHECK_TEXT(look("SELECT count(*) FROM labels WHERE id = 'cond'"), "0", "not made");
	CHECK_INT(ask("PUT", path, as_mod, "If-None-Match: *", body)->status, 201, "absent");
	CHECK_INT(ask("PUT", path, as_mod, "If-None-Match: *", body)->status, 412, "there");
	CHECK_INT(ask("PUT", path, as_mod, "If-Match: \"v2\"", body)->status, 412, "version");
	CHECK_INT(ask("PUT", path, as_mod, "If-Match: \"v1\"", body)->status, 200, "version");
	CHECK_INT(ask("PUT", path, as_mod, "If-Match: *", body)->status, 200, "any");
	check_fault(ask("PUT", path, as_mod, "If-None-Match: \"v1\"", body), 400,
	    "/header/If-None-Match", "value", "only * is of use");
	CHECK_TEXT(story("labels", "cond"), "created updated updated", "the log");
	CHECK_TEXT(replayed("labels", "cond"), "", "replay");
	/* A model that takes no blind change takes no blind upsert. */
	CHECK_INT(ask("PUT", absent, as_mod, NULL, shelf)->status, 428, "blind");
	CHECK_INT(ask("PUT", absent, as_mod, "If-None-Match: *", shelf)->status, 201, "new");
	CHECK_INT(ask("PUT", absent, as_mod, NULL, shelf)->status, 428, "blind");
	CHECK_INT(ask("PUT", absent, as_mod, "If-Match: \"v1\"", shelf)->status, 200, "changed");
}

/* --- by a unique key ------------------------------------------------------------------------ */

static void
a_key_is_made_then_changed(void)
{
	const char *path = "/api/posts?by=slug", *id;
	const struct answer *a = ask_for(
	    201, "PUT", path, as_user, "{\"slug\":\"u-1\",\"title\":\"t\",\"content\":\"c\"}");

	id = keep_printf("%s", document_text(a->json, "id"));
	CHECK_TEXT(answer_header(a, "Location"), keep_printf("/api/posts/%s", id), "Location");
	CHECK_TEXT(document_text(a->json, "authorId"), person_id("user"), "its owner");
	a = ask_for(
	    200, "PUT", path, as_mod, "{\"slug\":\"u-1\",\"title\":\"u\",\"content\":\"c\"}");
	CHECK_TEXT(document_text(a->json, "id"), id, "the same row");
	CHECK_TEXT(document_text(a->json, "authorId"), person_id("user"), "its owner stays");
	CHECK_TEXT(story("posts", id), "created updated", "the log");
	CHECK_TEXT(replayed("posts", id), "", "replay");
	/* Of somebody else, who may not be written over. */
	ask_for(201, "PUT", path, as_admin, "{\"slug\":\"u-2\",\"title\":\"t\",\"content\":\"c\"}");
	ask_for(403, "PUT", path, as_user, "{\"slug\":\"u-2\",\"title\":\"t\",\"content\":\"c\"}");
	/* A deleted row has given its value back. */
	ask_for(204, "DELETE", keep_printf("/api/posts/%s", id), as_user, NULL);
	a = ask_for(
	    201, "PUT", path, as_user, "{\"slug\":\"u-1\",\"title\":\"v\",\"content\":\"c\"}");
	CHECK(strcmp(document_text(a->json, "id"), id) != 0, "another row");
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE slug = 'u-1'"), "2", "beside it");
	/* Another key that is taken is the client's to hear of. */
	ask_for(201, "PUT", "/api/categories?by=slug", as_admin,
	    "{\"slug\":\"k-1\",\"name\":\"K one\"}");
	check_fault(ask("PUT", "/api/categories?by=slug", as_admin, NULL,
			"{\"slug\":\"k-2\",\"name\":\"K one\"}"),
	    409, "#/name", "unique", "a name that is taken, by a new row");
	ask_for(201, "PUT", "/api/categories?by=slug", as_admin,
	    "{\"slug\":\"k-2\",\"name\":\"K two\"}");
	check_fault(ask("PUT", "/api/categories?by=slug", as_admin, NULL,
			"{\"slug\":\"k-2\",\"name\":\"K one\"}"),
	    409, "#/name", "unique", "a name that is taken, by a changed row");
}

/* The key may be of several columns, in any order, and one of them the owner, who need not be
 * said. */
static void
keys_of_several_columns_and_of_owners(void)
{
	static const char one[] = "{\"room\":\"a\",\"place\":1,\"title\":\"T\"}";
	static const char two[] = "{\"room\":\"a\",\"place\":2}";
	const struct answer *a;

	a = ask("PUT", "/api/shelves?by=place,room", as_user, "If-None-Match: *", one);
	CHECK_INT(a->status, 201, "%s", a->body);
	a = ask("PUT", "/api/shelves?by=room,place", as_user, "If-None-Match: *", two);
	CHECK_INT(a->status, 201, "%s", a->body);
	a = ask("PUT", "/api/shelves?by=room,place", as_user, "If-Match: \"v1\"", one);
	CHECK_INT(a->status, 200, "%s", a->body);
	check_fault(ask("PUT", "/api/shelves?by=room,place", as_user, "If-None-Match: *",
			"{\"room\":\"a\"}"),
	    400, "#/place", "required", "half a key");
	check_fault(ask("PUT", "/api/shelves?by=room,place", as_user, "If-None-Match: *",
			"{\"room\":\"a\",\"place\":null}"),
	    400, "#/place", "required", "nothing is equal to null");
	sql_run(
	    superuser, keep_printf("DELETE FROM profiles WHERE user_id = '%s'", person_id("user")));
	ask_for(201, "PUT", "/api/profiles?by=userId", as_user, "{\"bio\":\"a\"}");
	ask_for(200, "PUT", "/api/profiles?by=userId", as_user, "{\"bio\":\"b\"}");
	CHECK_TEXT(look("SELECT string_agg(bio, ' ') FROM profiles WHERE user_id = '%s'",
		       person_id("user")),
	    "b", "one's own");
}

static void
faults_of_a_key(void)
{
	static const struct {
		const char *path, *pointer, *code;
	} rows[] = {
		{ "/api/posts", "/query/by", "key" },
		{ "/api/posts?by=", "/query/by", "key" },
		{ "/api/posts?by=title", "/query/by", "key" },
		{ "/api/posts?by=nothing", "/query/by", "key" },
		{ "/api/posts?by=id", "/query/by", "key" },
		{ "/api/posts?by=slug,slug", "/query/by", "key" },
		{ "/api/posts?by=slug,title", "/query/by", "key" },
		{ "/api/posts?by=slug,", "/query/by", "key" },
		{ "/api/posts?by=slug&by=slug", "/query/by", "duplicate" },
		{ "/api/posts?by=slug&limit=1", "/query/limit", "unknown" },
		{ "/api/users?by=email", "/query/by", "key" }, /* lower(email) */
		{ "/api/users?by=passwordHash", "/query/by", "key" },
		{ "/api/shelves?by=title", "/query/by", "key" }, /* among some rows */
		{ "/api/posts?by=tenantId,slug", "/query/by", "key" },
		{ "/api/labels?by=name", "/query/by", "client_ids" },
	};
	const struct answer *a;

	for (size_t i = 0; i < SUITE_COUNT(rows); i++)
		check_fault(ask("PUT", rows[i].path, as_admin, NULL, "{}"), 400, rows[i].pointer,
		    rows[i].code, rows[i].path);
	a = ask("PUT", "/api/categories?by=x", as_admin, NULL, "{}");
	CHECK(strstr(a->body, "name; slug") != NULL, "the keys are named: %s", a->body);
	check_fault(
	    ask("PUT", "/api/shelves?by=room,place", as_user, "If-None-Match: *",
		"{\"id\":\"0199a000-0000-7000-8000-00000000beef\",\"room\":\"x\",\"place\":1}"),
	    400, "#/id", "read_only", "a key names the row");
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE slug = ''"), "0", "nothing was made");
}

static void
an_upsert_is_done_once_by_a_key(void)
{
	const char *body = "{\"slug\":\"once\",\"title\":\"t\",\"content\":\"c\"}";
	const struct answer *a =
	    ask("PUT", "/api/posts?by=slug", as_user, "Idempotency-Key: up-1", body);

	CHECK_INT(a->status, 201, "%s", a->body);
	a = ask("PUT", "/api/posts?by=slug", as_user, "Idempotency-Key: up-1", body);
	CHECK_INT(a->status, 201, "%s", a->body);
	CHECK_TEXT(answer_header(a, "Idempotency-Replayed"), "true", "replayed");
	CHECK_TEXT(story("posts", document_text(a->json, "id")), "created", "once");
}

static const struct suite_test tests[] = {
	{ "an id is made, then changed", an_id_is_made_then_changed },
	{ "faults of an id", faults_of_an_id },
	{ "a deleted id is a conflict", a_deleted_id_is_a_conflict },
	{ "conditions are kept", conditions_are_kept },
	{ "a key is made, then changed", a_key_is_made_then_changed },
	{ "keys of several columns and of owners", keys_of_several_columns_and_of_owners },
	{ "faults of a key", faults_of_a_key },
	{ "an upsert is done once by a key", an_upsert_is_done_once_by_a_key },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "upsert", begin, writing_end, tests, SUITE_COUNT(tests) });
}
