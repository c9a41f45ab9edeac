/* SPDX-License-Identifier: BSD-2-Clause */
/* test_batch.c - several operations, one unit: order, references, refusals, all or nothing */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { MOST = 100 /* LIMIT_OPERATIONS */ };

/* Ids that clients choose; a value that is JSON; a version that must be said. */
static const char tables_sql[] =
    "SELECT set_config('app.current_tenant', '" WORLD_ACME "', false);"
    "CREATE TABLE labels (tenant_id uuid NOT NULL, id text NOT NULL, name text NOT NULL,"
    "  schema jsonb, CONSTRAINT labels_pk PRIMARY KEY (tenant_id, id));"
    "CREATE TABLE strict (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  name text, CONSTRAINT strict_pk PRIMARY KEY (tenant_id, id));"
    "SELECT rowhouse.model('labels', soft_delete => true, audit => true, client_ids => true);"
    "SELECT rowhouse.model('strict', audit => true, require_match => true);";

static bool
begin(void)
{
	PGconn *owner;
	bool ok;

	if (!writing_begin(&(struct world_options){
		.roles = CLUSTER_TWO_ROLES, .workers = 1, .log_statements = true }))
		return false;
	owner = world_owner(world);
	ok = sql_run(owner, tables_sql);
	PQfinish(owner);
	return ok && ask("GET", "/api/posts?limit=1", as_admin, NULL, NULL)->status == 200;
}

/* Operations are written with ' for ". */
static const struct answer *
send_batch(const char *token, const char *header, const char *operations)
{
	char *body = keep_printf("%s", operations);

	for (char *at = body; (at = strchr(at, '\'')) != NULL;)
		*at = '"';
	return ask("POST", "/api/batch", token, header, body);
}

static const struct answer *
batch(int status, const char *token, const char *operations)
{
	const struct answer *a = send_batch(token, NULL, operations);

	CHECK_INT(a->status, status, "%.200s: %.500s", operations, a->body);
	return a;
}

#define POST_DATA(slug) "{'title':'t','slug':'" slug "','content':'c'}"

/* --- what is done --------------------------------------------------------------------------- */

static void
every_kind_in_order(void)
{
	const char *post, *comment;
	const struct answer *a = batch(200, as_admin,
	    "[{'op':'create','model':'posts','data':" POST_DATA(
		"all-1") "},"
			 "{'op':'create','model':'comments','data':{'postId':{'$ref':'0.id'},"
			 "'content':'first'}},"
			 "{'op':'update','model':'posts','id':{'$ref':'0.id'},'version':1,"
			 "'data':{'title':'u'}},"
			 "{'op':'delete','model':'comments','id':{'$ref':'1.id'}},"
			 "{'op':'restore','model':'comments','id':{'$ref':'1.id'}},"
			 "{'op':'upsert','model':'categories','by':'slug','data':{'slug':'b-1',"
			 "'name':'B one'}},"
			 "{'op':'upsert','model':'categories','by':'slug','data':{'slug':'b-1',"
			 "'name':'B two'}},"
			 "{'op':'upsert','model':'labels','id':'red','data':{'name':'Red'}}]");
	static const int statuses[] = { 201, 201, 200, 204, 200, 201, 200, 201 };

	CHECK_INT(document_count(a->json, ""), SUITE_COUNT(statuses), "%s", a->body);
	for (size_t i = 0; i < SUITE_COUNT(statuses); i++)
		CHECK_INT(document_int(a->json, keep_printf("%zu.status", i)), statuses[i],
		    "operation %zu: %s", i, a->body);
	post = document_text(a->json, "0.body.id");
	comment = document_text(a->json, "1.body.id");
	CHECK_TEXT(document_text(a->json, "1.body.postId"), post, "referred to");
	CHECK_TEXT(document_text(a->json, "2.body.title"), "u", "as it was then");
	CHECK_TEXT(document_text(a->json, "5.body.id"), document_text(a->json, "6.body.id"),
	    "the same row");
	CHECK_TEXT(story("posts", post), "created updated", "the log");
	CHECK_TEXT(story("comments", comment), "created deleted restored", "the log");
	CHECK_TEXT(replayed("posts", post), "", "replay");
	CHECK_TEXT(replayed("comments", comment), "", "replay");
	CHECK_TEXT(replayed("categories", document_text(a->json, "5.body.id")), "", "replay");
	CHECK_TEXT(look("SELECT count(DISTINCT xid) || ' ' || count(*) || ' ' || count(DISTINCT "
			"ordinal) FROM rowhouse.audit_log WHERE metadata ->> 'requestId' = '%s'",
		       answer_header(a, "X-Request-Id")),
	    "1 8 8", "one transaction, an entry for each, in order");
	a = batch(200, as_admin, "[{'op':'delete','model':'labels','id':'red','force':true}]");
	CHECK_TEXT(a->body, "[{\"status\":204}]", "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM labels WHERE id = 'red'"), "0", "for good");
}

/* Ids that are made in C are known before anything is sent; for other fields the unit is held. */
static void
references_cost_what_they_must(void)
{
	const struct answer *a;

	a = batch(200, as_admin,
	    "[{'op':'create','model':'posts','data':" POST_DATA(
		"ref-1") "},"
			 "{'op':'create','model':'comments','data':{'postId':{'$ref':'0.id'},"
			 "'content':'c'}}]");
	CHECK_INT(round_trips_of(a), 1, "a new uuid");
	a = batch(200, as_admin,
	    "[{'op':'create','model':'products','data':{'name':'A bolt','price':12.50}},"
	    "{'op':'create','model':'products','data':{'name':{'$ref':'0.name'},"
	    "'price':{'$ref':'0.price'},'description':{'$ref':'0.createdAt'}}},"
	    "{'op':'update','model':'products','id':{'$ref':'1.id'},'version':"
	    "1,'data':{'stock':{'increment':2}}}]");
	CHECK_TEXT(document_text(a->json, "2.body.name"), "A bolt", "%s", a->body);
	CHECK_TEXT(document_text(a->json, "2.body.price"), "12.50", "exact: %s", a->body);
	CHECK_TEXT(document_text(a->json, "2.body.description"),
	    document_text(a->json, "0.body.createdAt"), "%s", a->body);
	CHECK_INT(document_int(a->json, "2.body.stock"), 2, "%s", a->body);
	CHECK(round_trips_of(a) > 1, "the rows were waited for: %ld", round_trips_of(a));
	/* What is needed is read, also where no answer is. */
	a = send_batch(as_admin, "Prefer: return=minimal",
	    "[{'op':'create','model':'products','data':{'name':'min','price':1}},"
	    "{'op':'create','model':'products','data':{'name':{'$ref':'0.name'},"
	    "'price':2}}]");
	CHECK_TEXT(a->body, "[{\"status\":201},{\"status\":201}]", "%s", a->body);
	CHECK_TEXT(look("SELECT count(*) FROM products WHERE name = 'min'"), "2", "both");
	/* A value that is JSON may have such a member of its own. */
	a = batch(200, as_admin,
	    "[{'op':'create','model':'labels','data':{'id':'json','name':'n',"
	    "'schema':{'items':{'$ref':'0.id'}}}},"
	    "{'op':'create','model':'labels','data':{'id':'json2','name':'n',"
	    "'schema':{'$ref':'0.schema'}}}]");
	CHECK_TEXT(document_text(a->json, "1.body.schema.items.$ref"), "0.id", "%s", a->body);
}

/* --- what is refused ------------------------------------------------------------------------ */

static void
faults_are_told_at_their_operations(void)
{
	static const struct {
		const char *operations, *pointer, *code;
	} rows[] = {
		{ "{}", "#", "type" },
		{ "null", "#", "type" },
		{ "[]", "#", "empty" },
		{ "[3]", "#/0", "type" },
		{ "[{}]", "#/0/op", "required" },
		{ "[{}]", "#/0/model", "required" },
		{ "[{'op':'make','model':'posts'}]", "#/0/op", "value" },
		{ "[{'op':7,'model':'posts'}]", "#/0/op", "type" },
		{ "[{'op':'create','model':'nothing','data':{}}]", "#/0/model", "unknown" },
		{ "[{'op':'create','model':'posts'}]", "#/0/data", "required" },
		{ "[{'op':'create','model':'posts','data':{},'id':1}]", "#/0/id", "unknown" },
		{ "[{'op':'delete','model':'posts','id':'x'}]", "#/0/id", "type" },
		{ "[{'op':'delete','model':'posts','id':[]}]", "#/0/id", "type" },
		{ "[{'op':'delete','model':'posts','id':null}]", "#/0/id", "type" },
		{ "[{'op':'delete','model':'products','id':1,'force':'yes'}]", "#/0/force",
		    "type" },
		{ "[{'op':'update','model':'products','id':1,'version':'1','data':{}}]",
		    "#/0/version", "type" },
		{ "[{'op':'update','model':'products','id':1,'colour':1,'data':{}}]", "#/0/colour",
		    "unknown" },
		{ "[{'op':'upsert','model':'posts','data':{}}]", "#/0/by", "required" },
		{ "[{'op':'upsert','model':'posts','by':'title','data':{}}]", "#/0/by", "key" },
		{ "[{'op':'upsert','model':'products','id':1,'data':{}}]", "#/0/id", "client_ids" },
		{ "[{'op':'restore','model':'strict','id':"
		  "'0199a000-0000-7000-8000-00000000dead'}]",
		    "#/0/model", "not_deletable" },
		{ "[{'op':'delete','model':'strict','id':"
		  "'0199a000-0000-7000-8000-00000000dead'}]",
		    "#/0/version", "required" },
		{ "[{'op':'delete','model':'products','id':{'$ref':'0.id'}}]", "#/0/id",
		    "reference" },
		{ "[{'op':'delete','model':'products','id':{'$ref':'9999.id'}}]", "#/0/id",
		    "reference" },
		{ "[{'op':'delete','model':'products','id':{'$ref':'id'}}]", "#/0/id", "type" },
		{ "[{'op':'create','model':'posts','data':{'title':1}}]", "#/0/data/title",
		    "type" },
		{ "[{'op':'create','model':'posts','data':{'title':1}},"
		  "{'op':'create','model':'posts','data':{'slug':2}}]",
		    "#/1/data/slug", "type" },
		{ "[{'op':'create','model':'posts','data':[]}]", "#/0/data", "type" },
		/* Told when the row was read, and undone. */
		{ "[{'op':'create','model':'products','data':{'name':'undone',"
		  "'price':1}},{'op':'create','model':'products','data':{'name':"
		  "{'$ref':'0.colour'},'price':1}}]",
		    "#/1/data/name", "reference" },
		{ "[{'op':'create','model':'products','data':{'name':'undone',"
		  "'price':1}},{'op':'create','model':'products','data':{'name':"
		  "{'$ref':'0.stock'},'price':1}}]",
		    "#/1/data/name", "type" },
	};
	char *many = keep_alloc(MOST * 80 + 100), *at = many;
	const struct answer *a;

	for (size_t i = 0; i < SUITE_COUNT(rows); i++)
		check_fault(send_batch(as_admin, NULL, rows[i].operations), 400, rows[i].pointer,
		    rows[i].code, rows[i].operations);
	for (int i = 0; i <= MOST; i++)
		at +=
		    sprintf(at, "%s{'op':'delete','model':'products','id':1}", i == 0 ? "[" : ",");
	strcpy(at, "]");
	a = batch(413, as_admin, many);
	CHECK(strstr(a->body, "100") != NULL, "the limit is named: %s", a->body);
	ask_for(405, "GET", "/api/batch", as_admin, NULL);
	ask_for(400, "POST", "/api/batch?x=1", as_admin, "[]");
	CHECK_TEXT(look("SELECT count(*) FROM products WHERE name = 'undone'"), "0", "undone");
}

static void
what_is_refused_undoes_all(void)
{
	const char *others = look("SELECT id FROM posts WHERE tenant_id = '" WORLD_ACME
				  "' AND author_id <> '%s' AND deleted_at IS NULL LIMIT 1",
	    person_id("user"));
	const char *create = "{'op':'create','model':'posts','data':" POST_DATA("undo") "}";
	const struct {
		int status;
		const char *operation, *pointer, *code;
	} rows[] = {
		{ 404,
		    "{'op':'update','model':'posts','id':"
		    "'0199a000-0000-7000-8000-00000000dead','data':{'title':'x'}}",
		    "#/1", "refused" },
		{ 403, keep_printf("{'op':'delete','model':'posts','id':'%s'}", others), "#/1",
		    "refused" },
		{ 403, "{'op':'create','model':'products','data':{}}", "#/1/model", "forbidden" },
		{ 403, "{'op':'create','model':'countries','data':{}}", "#/1/model", "forbidden" },
		{ 412,
		    "{'op':'update','model':'posts','id':{'$ref':'0.id'},'version':7,"
		    "'data':{'title':'x'}}",
		    "#/1", "refused" },
		{ 409, "{'op':'create','model':'posts','data':" POST_DATA("undo") "}",
		    "#/1/data/slug", "unique" },
		{ 409,
		    "{'op':'create','model':'comments','data':{'content':'c','postId':"
		    "'0199a000-0000-7000-8000-00000000dead'}}",
		    "#/1/data/postId", "reference" },
	};

	CHECK(strcmp(others, "(none)") != 0, "the sample");
	for (size_t i = 0; i < SUITE_COUNT(rows); i++)
		check_fault(
		    send_batch(as_user, NULL, keep_printf("[%s,%s]", create, rows[i].operation)),
		    rows[i].status, rows[i].pointer, rows[i].code, rows[i].operation);
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE slug = 'undo'"), "0", "undone");
	CHECK_TEXT(
	    look("SELECT count(*) FROM rowhouse.audit_log WHERE changes -> 'slug' ->> 'after' "
		 "= 'undo'"),
	    "0", "and not in the log");
	batch(200, as_user, keep_printf("[%s]", create));
}

static void
a_batch_is_done_once_by_a_key(void)
{
	const char *operations = "[{'op':'create','model':'posts','data':" POST_DATA(
	    "once") "},"
		    "{'op':'create','model':'comments','data':{'postId':{'$ref':'0.id'},"
		    "'content':'once'}}]";
	const char *header = "Idempotency-Key: batch-1", *body;
	const struct answer *a = send_batch(as_user, header, operations);

	CHECK_INT(a->status, 200, "%s", a->body);
	body = keep_printf("%s", a->body);
	a = send_batch(as_user, header, operations);
	CHECK_TEXT(answer_header(a, "Idempotency-Replayed"), "true", "replayed");
	CHECK_TEXT(a->body, body, "the same answer");
	CHECK_TEXT(look("SELECT count(*) FROM comments WHERE content = 'once'"), "1", "once");
	a = batch(403, NULL, operations); /* of no tenant */
	CHECK(document_at(a->json, "0") == NULL, "%s", a->body);
}

static const struct suite_test tests[] = {
	{ "every kind, in order", every_kind_in_order },
	{ "references cost what they must", references_cost_what_they_must },
	{ "faults are told at their operations", faults_are_told_at_their_operations },
	{ "what is refused undoes all", what_is_refused_undoes_all },
	{ "a batch is done once by a key", a_batch_is_done_once_by_a_key },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "batch", begin, writing_end, tests, SUITE_COUNT(tests) });
}
