/* SPDX-License-Identifier: BSD-2-Clause */
/* writing.c - asking for writes, and looking at what they left */
#include "support/writing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"

const char *as_user, *as_mod, *as_admin, *as_stranger;

/* An access token; NULL when the sign-in failed, which was said. */
static const char *
token_of(const char *login)
{
	const char *tenant = strstr(login, "globex") != NULL ? "globex" : "acme", *token;

	if (!client_sign_in(world->client, tenant, login, WORLD_PASSWORD))
		return NULL;
	token = keep_printf("%s", client_token(world->client, tenant));
	client_forget(world->client);
	return token;
}

bool
writing_begin(const struct world_options *options)
{
	if ((world = world_new(options)) == NULL)
		return false;
	superuser = world_superuser(world);
	as_user = token_of("user@acme.test");
	as_mod = token_of("mod@acme.test");
	as_admin = token_of("admin@acme.test");
	as_stranger = token_of("admin@globex.test");
	return as_user != NULL && as_mod != NULL && as_admin != NULL && as_stranger != NULL;
}

void
writing_end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

const struct answer *
ask(const char *method, const char *path, const char *token, const char *header, const char *body)
{
	const char *headers[4] = { NULL };
	size_t n = 0;

	if (token != NULL)
		headers[n++] = bearer_header(token);
	if (body != NULL)
		headers[n++] = "Content-Type: application/json";
	if (header != NULL)
		headers[n++] = header;
	return client_request(world->client, method, path, headers, body);
}

const struct answer *
ask_for(int status, const char *method, const char *path, const char *token, const char *body)
{
	const struct answer *a = ask(method, path, token, NULL, body);

	CHECK_INT(a->status, status, "%s %s %.200s: %.500s", method, path, body != NULL ? body : "",
	    a->body);
	return a;
}

long
round_trips_of(const struct answer *a)
{
	const char *line = strstr(program_log(world->program),
	    keep_printf("\"event\":\"request\",\"id\":\"%s\"", answer_header(a, "X-Request-Id")));
	const char *at = line != NULL ? strstr(line, "\"flushes\":") : NULL;

	return at != NULL && at < line + strcspn(line, "\n")
	    ? strtol(at + strlen("\"flushes\":"), NULL, 10)
	    : -1;
}

const char *
look(const char *format, ...)
{
	char sql[4096];
	const char *value = "(none)";
	va_list ap;
	PGresult *r;

	va_start(ap, format);
	vsnprintf(sql, sizeof(sql), format, ap);
	va_end(ap);
	r = PQexec(superuser, sql);
	CHECK_INT(PQresultStatus(r), PGRES_TUPLES_OK, "%s: %s", sql, PQresultErrorMessage(r));
	if (PQntuples(r) > 0)
		value = PQgetisnull(r, 0, 0) ? "(null)" : keep_printf("%s", PQgetvalue(r, 0, 0));
	PQclear(r);
	return value;
}

const char *
person_id(const char *who)
{
	return look("SELECT id FROM users WHERE tenant_id = '" WORLD_ACME
		    "' AND email = '%s@acme.test' AND deleted_at IS NULL",
	    who);
}

const char *
story(const char *table, const char *id)
{
	return look("SELECT coalesce(string_agg(split_part(action, '.', 2), ' ' "
		    "ORDER BY timeline, xid, ordinal), '') FROM rowhouse.audit_log "
		    "WHERE tenant_id = '" WORLD_ACME
		    "' AND target_type = '%s' AND target_id = '%s'",
	    table, id);
}

void
check_fault(
    const struct answer *a, int status, const char *pointer, const char *code, const char *what)
{
	bool found = false;

	CHECK_INT(a->status, status, "%s: %.500s", what, a->body);
	for (size_t i = 0; i < document_count(a->json, "errors"); i++) {
		const char *p = document_text(a->json, keep_printf("errors.%zu.pointer", i));
		const char *c = document_text(a->json, keep_printf("errors.%zu.code", i));

		found = found || (strcmp(p, pointer) == 0 && strcmp(c, code) == 0);
	}
	CHECK(found, "%s: no fault %s at %s: %.700s", what, code, pointer, a->body);
	CHECK(strstr(a->body, "violates") == NULL && strstr(a->body, "ERROR") == NULL &&
		strstr(a->body, "Key (") == NULL,
	    "%s: PostgreSQL shows through: %s", what, a->body);
}

/* The replay is plain SQL over the log and the table, by the names of columns in SQL. */
const char *
replayed(const char *table, const char *id)
{
	return look(
	    "WITH RECURSIVE entries AS ("
	    "  SELECT row_number() OVER (ORDER BY timeline, xid, ordinal) AS n, changes, action"
	    "    FROM rowhouse.audit_log WHERE tenant_id = '" WORLD_ACME "'"
	    "     AND target_type = '%s' AND target_id = '%s' AND source = 'auto'),"
	    " replay AS ("
	    "  SELECT 0::bigint AS n, '{}'::jsonb AS state, '' AS wrong"
	    "  UNION ALL"
	    "  SELECT e.n, r.state || a.after,"
	    "         CASE WHEN r.wrong <> '' THEN r.wrong"
	    "              WHEN (e.n = 1) <> (e.action LIKE '%%.created') THEN 'order'"
	    "              WHEN e.n > 1 AND NOT r.state @> b.before THEN "
	    "                'entry ' || e.n || ': ' || b.before::text || ' after ' || "
	    "r.state::text"
	    "              ELSE '' END"
	    "    FROM replay r JOIN entries e ON e.n = r.n + 1"
	    "    CROSS JOIN LATERAL (SELECT jsonb_object_agg(c.key, c.value -> 'after') AS after"
	    "                          FROM jsonb_each(e.changes) c) a"
	    "    CROSS JOIN LATERAL (SELECT jsonb_object_agg(c.key, c.value -> 'before') AS before"
	    "                          FROM jsonb_each(e.changes) c) b)"
	    " SELECT CASE WHEN last.wrong <> '' THEN last.wrong"
	    "             WHEN last.n = 0 THEN 'no entries'"
	    "             WHEN last.state || redacted.state IS DISTINCT FROM"
	    "                  row.state || redacted.state"
	    "             THEN last.state::text || ' is not ' || row.state::text ELSE '' END"
	    "   FROM (SELECT * FROM replay ORDER BY n DESC LIMIT 1) last CROSS JOIN LATERAL"
	    "        (SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') AS state"
	    "           FROM jsonb_each(last.state) f WHERE f.value = '\"[REDACTED]\"') redacted,"
	    "        (SELECT jsonb_object_agg(rowhouse.camel_case(f.key), f.value) AS state"
	    "           FROM %s t, jsonb_each(to_jsonb(t) - 'tenant_id') f"
	    "          WHERE t.tenant_id = '" WORLD_ACME "' AND t.id = '%s') row",
	    table, id, table, id);
}

const char *
entries_of(const struct answer *a)
{
	return look(
	    "SELECT coalesce(string_agg(action || ' ' || n, ', ' ORDER BY action), '') FROM "
	    "(SELECT action, count(*) AS n FROM rowhouse.audit_log WHERE metadata ->> "
	    "'requestId' = '%s' GROUP BY action) c",
	    answer_header(a, "X-Request-Id"));
}

int
flushes_of(const struct answer *a, const char *words)
{
	const char *id = keep_printf("\"id\":\"%s\"", answer_header(a, "X-Request-Id"));
	int count = 0;

	for (const char *line = program_log(world->program); *line != '\0';) {
		size_t len = strcspn(line, "\n");
		const char *text = keep_printf("%.*s", (int)len, line);

		count += strstr(text, "\"slow\"") != NULL && strstr(text, id) != NULL &&
		    strstr(text, words) != NULL;
		line += len + (line[len] == '\n');
	}
	return count;
}
