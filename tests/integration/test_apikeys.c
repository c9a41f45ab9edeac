/* SPDX-License-Identifier: BSD-2-Clause */
/* test_apikeys.c - credentials of machines: made, bounded, expired, revoked */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support/asking.h"
#include "support/document.h"
#include "support/fastcgi.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"

static void
keys_work_within_their_scopes(void)
{
	static const struct {
		const char *scopes, *path;
		int status;
	} rows[] = {
		{ "\"posts:read\"", "/api/posts?limit=1", 200 },
		{ "\"posts:write\"", "/api/posts?limit=1", 200 },
		{ "\"posts:read\"", "/api/comments?limit=1", 403 },
		{ "\"posts:read\"", "/api/products?limit=1", 403 },
		{ "\"post-categories:read\"", "/api/post-categories?limit=1", 200 },
		{ "\"post-categories:read\"", "/api/posts?limit=1", 403 },
		{ "\"*:read\"", "/api/users?limit=1", 200 },
		{ "\"*:read\"", "/api/orders?limit=1", 403 },
		{ "\"countries:read\",\"posts:read\"", "/api/countries?limit=1", 200 },
	};
	const char *admin = sign_in("admin@acme.test").access;

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const char *key = make_key(
		    admin, keep_printf("{\"name\":\"k\",\"scopes\":[%s]}", rows[i].scopes), NULL);

		CHECK_INT(get_as(key, rows[i].path)->status, rows[i].status, "%s at %s",
		    rows[i].scopes, rows[i].path);
	}
}

static void
bad_keys_are_refused(void)
{
	static const struct {
		const char *body, *pointer;
	} rows[] = {
		{ "{\"scopes\":[\"posts:read\"]}", "#/name" },
		{ "{\"name\":\"\",\"scopes\":[\"posts:read\"]}", "#/name" },
		{ "{\"name\":\"k\"}", "#/scopes" },
		{ "{\"name\":\"k\",\"scopes\":[]}", "#/scopes" },
		{ "{\"name\":\"k\",\"scopes\":\"posts:read\"}", "#/scopes" },
		{ "{\"name\":\"k\",\"scopes\":[\"posts:read\",\"posts\"]}", "#/scopes/1" },
		{ "{\"name\":\"k\",\"scopes\":[\"posts:delete\"]}", "#/scopes/0" },
		{ "{\"name\":\"k\",\"scopes\":[\"nothing:read\"]}", "#/scopes/0" },
		{ "{\"name\":\"k\",\"scopes\":[\"p*:read\"]}", "#/scopes/0" },
		{ "{\"name\":\"k\",\"scopes\":[7]}", "#/scopes/0" },
		{ "{\"name\":\"k\",\"scopes\":[\"posts:read\"],\"role\":\"ROOT\"}", "#/role" },
		{ "{\"name\":\"k\",\"scopes\":[\"posts:read\"],\"role\":\"admin\"}", "#/role" },
		{ "{\"name\":\"k\",\"scopes\":[\"posts:read\"],\"expiresAt\":\"soon\"}",
		    "#/expiresAt" },
		{ "{\"name\":\"k\",\"scopes\":[\"posts:read\"],\"expiresAt\":"
		  "\"2026-13-01T00:00:00Z\"}",
		    "#/expiresAt" },
		{ "{\"name\":\"k\",\"scopes\":[\"posts:read\"],\"tenantId\":\"x\"}", "#/tenantId" },
	};
	const char *admin = sign_in("admin@acme.test").access;
	const char *before = sql_value(superuser, "SELECT count(*) FROM rowhouse.api_keys");

	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		const struct answer *a =
		    client_send(world->client, "POST", "/api/auth/keys", admin, rows[i].body);

		check_problem(a, 400, "invalid", rows[i].body);
		CHECK_TEXT(document_text(a->json, "errors.0.pointer"), rows[i].pointer,
		    "%s: %.300s", rows[i].body, a->body);
	}
	CHECK_TEXT(sql_value(superuser, "SELECT count(*) FROM rowhouse.api_keys"), before,
	    "none was made");
}

static struct json_object *
listed_key(const char *admin, const char *id)
{
	const struct answer *a = get_as(admin, "/api/auth/keys");

	CHECK_INT(a->status, 200, "%.300s", a->body);
	for (size_t i = 0; i < document_count(a->json, "data"); i++)
		if (strcmp(document_text(a->json, keep_printf("data.%zu.id", i)), id) == 0)
			return document_at(a->json, keep_printf("data.%zu", i));
	return NULL;
}

static void
a_key_is_listed_used_and_revoked(void)
{
	static const char used[] =
	    "SELECT coalesce(last_used_at::text, 'never') FROM rowhouse.api_keys "
	    "WHERE id = '%s'";
	const char *admin = sign_in("admin@acme.test").access, *id, *other_id, *key, *at;
	const char *globex = sign_in("admin@globex.test").access;
	struct json_object *one;
	const struct answer *a;

	key = make_key(admin, "{\"name\":\"nightly\",\"scopes\":[\"posts:read\"]}", &id);
	make_key(admin, "{\"name\":\"other\",\"scopes\":[\"posts:read\"]}", &other_id);
	CHECK(strncmp(key, "rhk_11111111111171118111111111111111_", 37) == 0 &&
		strstr(key, id) != NULL,
	    "prefix, tenant, id and secret");
	one = listed_key(admin, id);
	CHECK_TEXT(document_text(one, "name"), "nightly", "the list");
	CHECK_TEXT(document_text(one, "lastUsedAt"), "null", "not used yet");
	CHECK(
	    document_at(one, "secretHash") == NULL && document_at(one, "key") == NULL, "no secret");
	a = get_as(admin, "/api/auth/keys");
	CHECK(strstr(a->body, strrchr(key, '_') + 1) == NULL, "no secret anywhere");
	CHECK(strstr(a->body,
		  sql_value(superuser,
		      keep_printf("SELECT secret_hash FROM rowhouse.api_keys WHERE id = '%s'",
			  id))) == NULL,
	    "nor its hash");
	CHECK(listed_key(globex, id) == NULL, "another tenant does not see it");

	all_answer(key, 200, "in use");
	at = sql_value(superuser, keep_printf(used, id));
	CHECK(strcmp(at, "never") != 0, "its use is noted");
	CHECK(document_at(listed_key(admin, id), "lastUsedAt") != NULL, "and listed");
	all_answer(key, 200, "in use again");
	CHECK_TEXT(sql_value(superuser, keep_printf(used, id)), at, "not each time");
	raise_epoch_after(
	    keep_printf("UPDATE rowhouse.api_keys SET last_used_at = now() - interval "
			"'2 minutes' WHERE id = '%s'",
		id));
	all_answer(key, 200, "two minutes later");
	CHECK_TEXT(
	    sql_value(superuser,
		keep_printf(
		    "SELECT last_used_at > now() - interval '1 minute' FROM rowhouse.api_keys "
		    "WHERE id = '%s'",
		    id)),
	    "t", "noted again");

	check_problem(client_send(world->client, "DELETE", keep_printf("/api/auth/keys/%s", id),
			  globex, NULL),
	    404, "not_found", "another tenant cannot revoke it");
	all_answer(key, 200, "nor did it");
	CHECK_INT(
	    client_send(world->client, "DELETE", keep_printf("/api/auth/keys/%s", id), admin, NULL)
		->status,
	    204, "revoke");
	all_answer(key, 401, "from the next request on");
	check_problem(
	    client_send(world->client, "DELETE", keep_printf("/api/auth/keys/%s", id), admin, NULL),
	    404, "not_found", "twice");
	CHECK(document_at(listed_key(admin, id), "revokedAt") != NULL, "the list says so");
	CHECK(document_at(listed_key(admin, other_id), "revokedAt") == NULL, "of this one only");
}

static bool
key_is_refused(void *key)
{
	return get_as(key, ASKING_PATH)->status == 401;
}

static void
keys_expire(void)
{
	const char *admin = sign_in("admin@acme.test").access, *key, *body;
	char when[32];
	time_t soon = time(NULL) + 2;
	int64_t begun = now_ms();
	struct tm tm;

	gmtime_r(&soon, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	body = keep_printf(
	    "{\"name\":\"short\",\"scopes\":[\"posts:read\"],\"expiresAt\":\"%s\"}", when);
	key = make_key(admin, body, NULL);
	all_answer(key, 200, "before its time");
	CHECK(wait_until(key_is_refused, keep_printf("%s", key), 5000), "after its time");
	CHECK(now_ms() - begun >= 900, "not before");
	all_answer(key, 401, "for every worker, also one that remembers it");
}

static void
keys_from_the_command_line(void)
{
	const struct outcome *o = program_run(world->program, "key", "create", "--tenant", "acme",
	    "--name", "cli", "--scope", "posts:read", "--scope", "users:read", NULL);
	const char *key = strstr(o->output, "rhk_"), *id;

	if (!CHECK(o->exit_code == 0 && key != NULL, "rowhouse key create: %s", o->output))
		return;
	key = remember(keep_copy(key, strcspn(key, " \n")));
	id = keep_copy(key + 37, 22);
	all_answer(key, 200, "a key of the command line");
	CHECK_INT(get_as(key, "/api/users?limit=1")->status, 200, "both scopes");
	CHECK_INT(get_as(key, "/api/comments?limit=1")->status, 403, "no other");
	o = program_run(world->program, "key", "revoke", "--tenant", "acme", id, NULL);
	CHECK_INT(o->exit_code, 0, "rowhouse key revoke: %s", o->output);
	all_answer(key, 401, "revoked there");
}

/* The entries about a key, oldest first: who, what, and of what. */
static const char *
entries_about(const char *id)
{
	return sql_value(superuser,
	    keep_printf(
		"SELECT coalesce(string_agg(concat_ws(' ', actor_type, actor_id, host(actor_ip), "
		"action, target_type, source, result, metadata ? 'requestId'), E'\\n' "
		"ORDER BY xid, ordinal), 'none') FROM rowhouse.audit_log "
		"WHERE tenant_id = '" WORLD_ACME "' AND target_id = '%s'",
		id));
}

/* What one may do with a key is in the log, and what opens it is not. */
static void
the_log_tells_of_keys(void)
{
	static const char made[] =
	    "{\"name\": {\"before\": null, \"after\": \"logged\"},"
	    " \"scopes\": {\"before\": null, \"after\": [\"posts:read\", \"users:write\"]},"
	    " \"role\": {\"before\": null, \"after\": \"MODERATOR\"},"
	    " \"expiresAt\": {\"before\": null, \"after\": \"2099-01-31T00:00:00+00:00\"}}";
	const char *admin = sign_in("admin@acme.test").access, *id, *who, *key;
	const char *entries = sql_value(superuser, "SELECT count(*) FROM rowhouse.audit_log");
	const struct outcome *o;

	client_send(world->client, "POST", "/api/auth/keys", admin,
	    "{\"name\":\"k\",\"scopes\":[\"posts:read\"],\"expiresAt\":\"soon\"}");
	CHECK_TEXT(sql_value(superuser, "SELECT count(*) FROM rowhouse.audit_log"), entries,
	    "nothing was made");
	make_key(admin,
	    "{\"name\":\"logged\",\"scopes\":[\"posts:read\",\"users:write\"],"
	    "\"role\":\"MODERATOR\",\"expiresAt\":\"2099-01-31T00:00:00Z\"}",
	    &id);
	who = keep_printf("user %s 127.0.0.1", account_id(WORLD_ACME, "admin@acme.test"));
	CHECK_TEXT(entries_about(id),
	    keep_printf("%s api_keys.created rowhouse.api_keys auto ok t", who), "made");
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT coalesce(nullif(changes, '%s')::text, 'as wanted') "
				   "FROM rowhouse.audit_log WHERE target_id = '%s'",
			   made, id)),
	    "as wanted", "all but the secret");

	for (int i = 0; i < 2; i++)
		client_send(
		    world->client, "DELETE", keep_printf("/api/auth/keys/%s", id), admin, NULL);
	CHECK_TEXT(entries_about(id),
	    keep_printf("%s api_keys.created rowhouse.api_keys auto ok t\n"
			"%s api_keys.revoked rowhouse.api_keys auto ok t",
		who, who),
	    "revoked, once");
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT (l.changes->'revokedAt'->>'after')::timestamptz = "
				   "k.revoked_at AND l.changes->'revokedAt'->'before' = 'null' "
				   "FROM rowhouse.audit_log l JOIN rowhouse.api_keys k ON k.id = "
				   "l.target_id WHERE k.id = '%s' AND l.action = "
				   "'api_keys.revoked'",
			   id)),
	    "t", "when");

	o = program_run(world->program, "key", "create", "--tenant", "acme", "--name", "cli",
	    "--scope", "posts:read", NULL);
	key = strstr(o->output, "rhk_");
	if (!CHECK(key != NULL, "rowhouse key create: %s", o->output))
		return;
	remember(keep_copy(key, strcspn(key, " \n")));
	id = keep_copy(key + 37, 22);
	program_run(world->program, "key", "revoke", "--tenant", "acme", "--", id, NULL);
	CHECK_TEXT(entries_about(id),
	    "system api_keys.created rowhouse.api_keys auto ok t\n"
	    "system api_keys.revoked rowhouse.api_keys auto ok t",
	    "from the command line");
}

/* A web server that listens on a unix socket tells "unix:" for the address, which is none: the log
 * says nothing then, and the request is served. */
static void
an_address_may_be_unknown(void)
{
	static const char *const params[] = { "REQUEST_METHOD=DELETE", "REMOTE_ADDR=unix:", NULL };
	const char *admin = sign_in("admin@acme.test").access, *id;
	int fd = fastcgi_connect(program_socket(world->program));
	struct fastcgi_answer a;

	make_key(admin, "{\"name\":\"k\",\"scopes\":[\"posts:read\"]}", &id);
	CHECK(fd >= 0 && fastcgi_send_with(fd, keep_printf("/api/auth/keys/%s", id), admin, params),
	    "send");
	a = fastcgi_receive(fd, 5000);
	CHECK_INT(a.status, 204, "%.300s", a.text);
	CHECK_TEXT(sql_value(superuser,
		       keep_printf("SELECT coalesce(host(actor_ip), 'unknown') FROM "
				   "rowhouse.audit_log WHERE target_id = '%s' AND action = "
				   "'api_keys.revoked'",
			   id)),
	    "unknown", "not a word");
}

static bool
begin(void)
{
	return asking_begin("");
}

static const struct suite_test tests[] = {
	{ "keys work within their scopes", keys_work_within_their_scopes },
	{ "bad keys are refused", bad_keys_are_refused },
	{ "a key is listed, used and revoked", a_key_is_listed_used_and_revoked },
	{ "keys expire", keys_expire },
	{ "keys from the command line", keys_from_the_command_line },
	{ "the log tells of keys", the_log_tells_of_keys },
	{ "an address may be unknown", an_address_may_be_unknown },
	{ "no secret is kept", no_secret_is_kept },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "apikeys", begin, asking_end, tests, SUITE_COUNT(tests) });
}
