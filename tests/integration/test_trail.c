/* SPDX-License-Identifier: BSD-2-Clause */
/* test_trail.c - the log as CSV and NDJSON, and how values stand in it when it is read */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

#define CSV    "text/csv"
#define NDJSON "application/x-ndjson"
#define HEAD                                                                                       \
	"id,at,timeline,xid,ordinal,actorType,actorId,actorIp,operatorId,action,targetType,"       \
	"targetId,source,result,reason,changes,metadata\r\n"

static bool
begin(void)
{
	return writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES });
}

static const struct answer *
read_as(const char *token, const char *path, const char *accept)
{
	return ask("GET", path, token, keep_printf("Accept: %s", accept), NULL);
}

/* An entry by plain SQL; more: columns and their values. */
static void
add(PGconn *c, const char *tenant, const char *action, const char *columns, const char *values)
{
	CHECK(sql_run(c,
		  keep_printf("INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, "
			      "action%s) VALUES ('%s', 1, 'system', '%s'%s)",
		      columns, tenant, action, values)),
	    "%s", action);
}

/* --- exports --------------------------------------------------------------------------------- */

/* Written by hand from RFC 4180 and OWASP's rule; at, xid and id are what the table has. */
static void
csv_is_the_log(void)
{
	const struct answer *a;
	const char *wanted;

	add(superuser, WORLD_ACME, "csv.one",
	    ", at, actor_ip, target_type, target_id, reason, changes",
	    ", '2026-02-01 00:00+00', '192.0.2.7', 'posts', '=1+1', '@SUM(A1)', "
	    "'{\"title\": {\"before\": \"a,b\", \"after\": \"=c\"}}'");
	add(superuser, WORLD_ACME, "csv.two", ", at, source, result",
	    ", '2026-02-02 00:00:00.5+00', 'manual', 'refused'");
	add(superuser, WORLD_GLOBEX, "csv.foreign", "", "");
	a = read_as(as_admin, "/api/audit?action=csv.*&order=asc", CSV);
	CHECK_INT(a->status, 200, "%s", a->body);
	CHECK_TEXT(
	    answer_header(a, "Content-Type"), "text/csv; charset=utf-8; header=present", "type");
	CHECK_TEXT(answer_header(a, "Cache-Control"), "no-store", "Cache-Control");
	wanted = keep_printf("%s%s,2026-02-01T00:00:00.000Z,1,%s,0,system,,192.0.2.7,,csv.one,"
			     "posts,'=1+1,auto,ok,'@SUM(A1),"
			     "\"{ \"\"title\"\" : {\"\"after\"\": \"\"=c\"\", \"\"before\"\": "
			     "\"\"a,b\"\"} }\",{}\r\n"
			     "%s,2026-02-02T00:00:00.500Z,1,%s,0,system,,,,csv.two,,,manual,"
			     "refused,,,{}\r\n",
	    HEAD, look("SELECT id FROM rowhouse.audit_log WHERE action = 'csv.one'"),
	    look("SELECT xid FROM rowhouse.audit_log WHERE action = 'csv.one'"),
	    look("SELECT id FROM rowhouse.audit_log WHERE action = 'csv.two'"),
	    look("SELECT xid FROM rowhouse.audit_log WHERE action = 'csv.two'"));
	CHECK_TEXT(a->body, wanted, "%s", a->body);
	a = read_as(as_admin, "/api/audit?action=csv.none", CSV);
	CHECK_TEXT(a->body, HEAD, "no entry: %s", a->body);
	a = ask("HEAD", "/api/audit", as_admin, "Accept: " CSV, NULL);
	CHECK_INT(a->status, 200, "HEAD");
	CHECK_TEXT(
	    answer_header(a, "Content-Type"), "text/csv; charset=utf-8; header=present", "HEAD");
}

static void
ndjson_is_the_log(void)
{
	const struct answer *page, *whole;
	const char *at;
	size_t n, len;

	CHECK(sql_run(superuser,
		  "INSERT INTO rowhouse.audit_log (tenant_id, timeline, ordinal, actor_type, "
		  "action, metadata) SELECT '" WORLD_ACME "', 1, i, 'system', 'nd.' || i, "
		  "jsonb_build_object('text', E'two\\nlines') FROM generate_series(1, 700) AS i"),
	    "entries");
	whole = read_as(as_admin, "/api/audit?action=nd.*&order=asc", NDJSON);
	CHECK_INT(whole->status, 200, "%.300s", whole->body);
	page = read_as(as_admin, "/api/audit?action=nd.*&order=asc&limit=500", "application/json");
	n = document_count(page->json, "data");
	CHECK_INT(n, 500, "%.300s", page->body);
	at = whole->body;
	for (size_t i = 0; i < n; i++, at += len + (at[len] == '\n')) {
		struct json_object *entry;

		len = strcspn(at, "\n");
		entry = json_tokener_parse(keep_copy(at, len));
		CHECK_TEXT(entry != NULL
			? json_object_to_json_string_ext(entry, JSON_C_TO_STRING_PLAIN)
			: "no JSON",
		    document_text(page->json, keep_printf("data.%zu", i)), "entry %zu", i);
		json_object_put(entry);
	}
	for (; n < 700 && *at == '{'; n++)
		at += strcspn(at, "\n") + 1;
	CHECK_INT(n, 700, "all of them, where a page has 500");
	CHECK_TEXT(at, "{\"_complete\":{\"rows\":700}}\n", "the last line");
	whole = read_as(as_admin, "/api/audit?action=nd.*", NDJSON);
	CHECK(strstr(keep_copy(whole->body, strcspn(whole->body, "\n")), "\"nd.700\"") != NULL,
	    "newest first: %.300s", whole->body);
}

static void
exports_are_judged_like_pages(void)
{
	static const struct {
		const char *query, *pointer, *code;
	} rows[] = {
		{ "limit=10", "/query/limit", "unknown" },
		{ "after=AAAA", "/query/after", "unknown" },
		{ "source=both", "/query/source", "enum" },
		{ "from=yesterday", "/query/from", "type" },
	};
	static const char *const formats[] = { CSV, NDJSON };

	for (size_t f = 0; f < SUITE_COUNT(formats); f++) {
		for (size_t i = 0; i < SUITE_COUNT(rows); i++)
			check_fault(read_as(as_admin, keep_printf("/api/audit?%s", rows[i].query),
					formats[f]),
			    400, rows[i].pointer, rows[i].code, rows[i].query);
		check_problem(
		    read_as(as_user, "/api/audit", formats[f]), 403, "forbidden", "a USER");
		check_problem(
		    read_as(NULL, "/api/audit", formats[f]), 401, "unauthenticated", "nobody");
	}
	check_problem(
	    read_as(as_admin, "/api/audit", "image/png"), 406, "not_acceptable", "a picture");
}

/* What could still get an entry in front of it is left to the next export. */
static void
exports_are_final(void)
{
	static const char path[] = "/api/audit?action=final.*&order=desc";
	PGconn *late = world_superuser(world);
	const struct answer *a;

	CHECK(sql_run(late, "BEGIN"), "begin");
	add(late, WORLD_ACME, "final.late", "", "");
	add(superuser, WORLD_ACME, "final.soon", "", "");
	a = read_as(as_admin, path, NDJSON);
	CHECK_TEXT(a->body, "{\"_complete\":{\"rows\":0}}\n", "%s", a->body);
	a = read_as(as_admin, path, "application/json");
	CHECK_INT(document_count(a->json, "data"), 1, "the control, a page, shows it: %s", a->body);
	CHECK(sql_run(late, "COMMIT"), "commit");
	a = read_as(as_admin, path, NDJSON);
	CHECK(strstr(a->body, "final.soon") != NULL && strstr(a->body, "final.late") != NULL, "%s",
	    a->body);
	PQfinish(late);
}

static void
a_history_is_exported(void)
{
	const struct answer *post, *a;
	const char *path;

	post = ask_for(201, "POST", "/api/posts", as_mod,
	    "{\"title\":\"t\",\"slug\":\"history\",\"content\":\"c\"}");
	path = keep_printf("/api/posts/%s", document_text(post->json, "id"));
	ask_for(200, "PATCH", path, as_mod, "{\"content\":\"d\"}");
	path = keep_printf("%s/history", path);
	a = read_as(as_admin, keep_printf("%s?order=asc", path), NDJSON);
	CHECK_INT(a->status, 200, "%.300s", a->body);
	CHECK(strstr(a->body, "\"posts.created\"") != NULL &&
		strstr(strstr(a->body, "\"posts.created\""), "\"posts.updated\"") != NULL,
	    "in their order: %s", a->body);
	CHECK(strstr(a->body, "\n{\"_complete\":{\"rows\":2}}\n") != NULL, "two: %s", a->body);
	a = read_as(as_admin, path, CSV);
	CHECK(strncmp(a->body, HEAD, strlen(HEAD)) == 0, "%s", a->body);
	check_fault(read_as(as_admin, keep_printf("%s?limit=1", path), CSV), 400, "/query/limit",
	    "unknown", "limit");
	check_fault(read_as(as_admin, keep_printf("%s?action=posts.*", path), CSV), 400,
	    "/query/action", "unknown", "a filter");
	check_problem(read_as(as_user, path, CSV), 403, "forbidden", "a USER");
	check_problem(read_as(as_stranger, path, CSV), 404, "not_found", "another tenant");
}

/* --- values ---------------------------------------------------------------------------------- */

static const struct answer *
shown_entries(const char *table, const char *id)
{
	return ask_for(200, "GET",
	    keep_printf("/api/audit?targetType=%s&targetId=%s&order=asc", table, id), as_admin,
	    NULL);
}

/* Instants are shown as everywhere; the log keeps them as a replay reads them. */
static void
instants_are_shown_alike(void)
{
	const struct answer *post, *log;
	const char *path, *id;

	post = ask_for(201, "POST", "/api/posts", as_admin,
	    "{\"title\":\"2026-01-01T00:00:00+00:00\",\"slug\":\"instants\",\"content\":\"c\"}");
	id = keep_printf("%s", document_text(post->json, "id"));
	path = keep_printf("/api/posts/%s", id);
	post = ask_for(200, "PATCH", path, as_admin, "{\"content\":\"d\"}");
	log = shown_entries("posts", id);
	CHECK_TEXT(document_text(log->json, "data.1.changes.updatedAt.after"),
	    document_text(post->json, "updatedAt"), "%s", log->body);
	CHECK_TEXT(document_text(log->json, "data.0.changes.createdAt.after"),
	    document_text(post->json, "createdAt"), "%s", log->body);
	CHECK_TEXT(document_text(log->json, "data.0.changes.title.after"),
	    "2026-01-01T00:00:00+00:00", "a text that looks like one is what it is");
	CHECK(document_has(log->json, "data.0.changes.deletedAt.after") &&
		document_at(log->json, "data.0.changes.deletedAt.after") == NULL,
	    "null stays null: %s", log->body);
	CHECK(strstr(log->body, "+00:00") != NULL &&
		strstr(strstr(log->body, "+00:00") + 1, "+00:00") == NULL,
	    "no other: %s", log->body);
	/* The control: in the table there are those that are not shown. */
	CHECK(strstr(look("SELECT changes->'updatedAt'->>'after' FROM rowhouse.audit_log WHERE "
			  "target_id = '%s' AND action = 'posts.updated'",
			 id),
		  "+00:00") != NULL,
	    "as it was logged");
	CHECK_TEXT(replayed("posts", id), "", "and a replay is true");
	log = ask_for(200, "GET", keep_printf("%s/history", path), as_admin, NULL);
	CHECK_TEXT(document_text(log->json, "data.0.changes.updatedAt.after"),
	    document_text(post->json, "updatedAt"), "a history: %s", log->body);
}

/* Each value, and what it is shown as, written by hand from RFC 3339 and DESIGN 4. */
static void
odd_instants_are_shown(void)
{
	static const struct {
		const char *stored, *shown;
	} rows[] = {
		{ "\"2026-03-29T01:04:05+00:00\"", "2026-03-29T01:04:05.000Z" },
		{ "\"2026-03-29T01:04:05.6+00:00\"", "2026-03-29T01:04:05.600Z" },
		{ "\"2026-03-29T01:04:05.067891+00:00\"", "2026-03-29T01:04:05.067Z" },
		{ "\"2026-03-29T01:04:05.1\"", "2026-03-29T01:04:05.100" },
		{ "\"infinity\"", "infinity" },
		{ "\"0044-03-15T00:00:00+00:00 BC\"", "0044-03-15T00:00:00+00:00 BC" },
		{ "\"12026-03-29T01:04:05+00:00\"", "12026-03-29T01:04:05+00:00" },
		{ "\"[REDACTED]\"", "[REDACTED]" },
		{ "7", "7" },
	};

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *id = keep_printf("odd-%zu", i);
		const struct answer *a;

		add(superuser, WORLD_ACME, "posts.updated", ", target_type, target_id, changes",
		    keep_printf(", 'posts', '%s', '{\"publishedAt\": {\"before\": null, "
				"\"after\": %s}}'",
			id, rows[i].stored));
		a = shown_entries("posts", id);
		CHECK_TEXT(document_text(a->json, "data.0.changes.publishedAt.after"),
		    rows[i].shown, "%s: %s", rows[i].stored, a->body);
	}
}

/* An entry that is older than the registration which calls orders.note sensitive. */
static void
secrets_within_json_are_starred_out(void)
{
	static const char changes[] =
	    "{\"data\": {\"before\": null, \"after\": {\"a\": [{\"note\": \"canary-1\", "
	    "\"n\": 1.10}]}}, \"list\": [{\"note\": {\"deep\": \"canary-2\"}}], \"manual\": "
	    "{\"note\": \"canary-3\", \"kept\": true}, \"plain\": \"text\"}";
	const struct answer *a;

	add(superuser, WORLD_ACME, "orders.old", ", target_type, target_id, changes",
	    keep_printf(", 'orders', 'old', '%s'", changes));
	add(superuser, WORLD_ACME, "posts.old", ", target_type, target_id, changes",
	    keep_printf(", 'posts', 'old', '%s'", changes));
	a = shown_entries("orders", "old");
	CHECK(strstr(a->body, "canary") == NULL, "%s", a->body);
	CHECK_TEXT(document_text(a->json, "data.0.changes.data.after.a.0.note"), "[REDACTED]", "%s",
	    a->body);
	CHECK_TEXT(
	    document_text(a->json, "data.0.changes.list.0.note"), "[REDACTED]", "%s", a->body);
	CHECK_TEXT(
	    document_text(a->json, "data.0.changes.manual.note"), "[REDACTED]", "%s", a->body);
	CHECK_TEXT(document_text(a->json, "data.0.changes.manual.kept"), "true", "%s", a->body);
	CHECK_TEXT(document_text(a->json, "data.0.changes.plain"), "text", "%s", a->body);
	CHECK(strstr(a->body, "1.10") != NULL, "digits are kept: %s", a->body);
	a = read_as(as_admin, "/api/audit?action=orders.old", CSV);
	CHECK(strstr(a->body, "canary") == NULL && strstr(a->body, "[REDACTED]") != NULL, "%s",
	    a->body);
	/* The control: where the name is no secret it is shown. */
	a = shown_entries("posts", "old");
	CHECK(strstr(a->body, "canary-1") != NULL && strstr(a->body, "canary-2") != NULL &&
		strstr(a->body, "canary-3") != NULL,
	    "%s", a->body);
}

static const struct suite_test tests[] = {
	{ "CSV is the log", csv_is_the_log },
	{ "NDJSON is the log", ndjson_is_the_log },
	{ "exports are judged like pages", exports_are_judged_like_pages },
	{ "exports are final", exports_are_final },
	{ "a history is exported", a_history_is_exported },
	{ "instants are shown alike", instants_are_shown_alike },
	{ "odd instants are shown", odd_instants_are_shown },
	{ "secrets within json are starred out", secrets_within_json_are_starred_out },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "trail", begin, writing_end, tests, SUITE_COUNT(tests) });
}
