/* SPDX-License-Identifier: BSD-2-Clause */
/* asking.c - one world, and whoever asks in it */
#include "support/asking.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/jwt.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/suite.h"

enum { CANARIES = 4000 };

struct world *world;
PGconn *superuser;

static const char *canaries[CANARIES];
static size_t canary_count;

bool
asking_begin(const char *settings)
{
	world = world_new(&(struct world_options){ .roles = CLUSTER_TWO_ROLES,
	    .workers = ASKING_WORKERS,
	    .log_statements = true,
	    .settings = keep_printf(
		"trust_tenant_header = on\nlogin_workers = 4\nslow_unit = 0ms\n%s", settings) });
	if (world == NULL || sodium_init() < 0)
		return false;
	superuser = world_superuser(world);
	return true;
}

void
asking_end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

const char *
remember(const char *secret)
{
	if (canary_count < CANARIES && strlen(secret) > 8)
		canaries[canary_count++] = keep_printf("%s", secret);
	return secret;
}

const struct answer *
post(const char *path, const char *body)
{
	return client_send(world->client, "POST", path, NULL, body);
}

struct session
session_of(const struct answer *a, const char *what)
{
	struct session s = { "", "" };

	if (!CHECK_INT(a->status, 200, "%s: %.300s", what, a->body))
		return s;
	s.access = remember(keep_printf("%s", document_text(a->json, "accessToken")));
	s.refresh = remember(keep_printf("%s", document_text(a->json, "refreshToken")));
	return s;
}

struct session
sign_in_with(const char *tenant, const char *login, const char *password)
{
	return session_of(post("/api/auth/login", login_body(tenant, login, password)), login);
}

struct session
sign_in(const char *login)
{
	return sign_in_with(
	    strstr(login, "globex") != NULL ? "globex" : "acme", login, WORLD_PASSWORD);
}

const char *
refresh_body(const char *token)
{
	return keep_printf("{\"refreshToken\":\"%s\"}", token);
}

const struct answer *
refresh(const char *token)
{
	return post("/api/auth/refresh", refresh_body(token));
}

const struct answer *
get_as(const char *token, const char *path)
{
	return client_send(world->client, "GET", path, token, NULL);
}

/* Every worker shall see it, so ask more often than there are workers. */
bool
all_answer(const char *token, int status, const char *what)
{
	for (int i = 0; i < 4 * ASKING_WORKERS; i++) {
		const struct answer *a = get_as(token, ASKING_PATH);

		if (!CHECK_INT(a->status, status, "%s: request %d: %.200s", what, i, a->body))
			return false;
	}
	return true;
}

const char *
account_id(const char *tenant, const char *login)
{
	return sql_value(superuser,
	    keep_printf(
		"SELECT id FROM users WHERE tenant_id = '%s' AND email = '%s' AND deleted_at "
		"IS NULL",
		tenant, login));
}

bool
raise_epoch_after(const char *sql)
{
	return CHECK(sql_run(superuser,
			 keep_printf("BEGIN; %s; SELECT rowhouse.raise_epoch(); COMMIT", sql)),
	    "%s", sql);
}

size_t
count_in_log(const char *words)
{
	size_t n = 0;

	for (const char *at = program_log(world->program); (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

const struct answer *
change_password(const char *token, const char *current, const char *wanted)
{
	remember(strncmp(current, CANARY, strlen(CANARY)) == 0 ? current : "");
	remember(strncmp(wanted, CANARY, strlen(CANARY)) == 0 ? wanted : "");
	return client_send(world->client, "POST", "/api/auth/password", token,
	    keep_printf("{\"current\":\"%s\",\"new\":\"%s\"}", current, wanted));
}

const char *
cli_token(const char *tenant, const char *login, const char *operator_name)
{
	const char *token;
	const struct outcome *o = operator_name == NULL
	    ? program_run(world->program, "token", "--tenant", tenant, "--login", login, NULL)
	    : program_run(world->program, "token", "--tenant", tenant, "--login", login,
		  "--as-operator", operator_name, NULL);

	/* Standard error says that units are slow, as the settings here want it. */
	token = strncmp(o->output, "ey", 2) == 0 ? o->output : strstr(o->output, "\ney");
	CHECK(o->exit_code == 0 && token != NULL, "rowhouse token: %s", o->output);
	if (token == NULL)
		return "";
	token += token[0] == '\n';
	return remember(keep_copy(token, strcspn(token, "\n")));
}

const char *
make_key(const char *admin, const char *body, const char **id)
{
	const struct answer *a = client_send(world->client, "POST", "/api/auth/keys", admin, body);

	if (!CHECK_INT(a->status, 201, "%s: %.300s", body, a->body))
		return "";
	if (id != NULL)
		*id = keep_printf("%s", document_text(a->json, "id"));
	return remember(keep_printf("%s", document_text(a->json, "key")));
}

static void
search_file(const char *path)
{
	size_t len, found = 0;
	char *text = file_read(path, &len);

	CHECK(text != NULL, "%s", path);
	if (text == NULL)
		return;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	for (size_t i = 0; i < canary_count && found < 3; i++) {
		const char *at = strstr(text, canaries[i]);

		found += at != NULL;
		CHECK(at == NULL, "%s holds %s: ...%.300s", path, canaries[i],
		    at != NULL && at > text + 150 ? at - 150 : text);
	}
	free(text);
}

/* How many rows of all tables hold the text. */
static long
rows_with(const char *tables_where, const char *text)
{
	size_t count;
	const char **tables = sql_column(superuser,
	    keep_printf("SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE "
			"schemaname IN "
			"('public', 'rowhouse') AND %s",
		tables_where),
	    &count);
	long found = 0;

	for (size_t i = 0; i < count; i++) {
		const char *values[] = { text };
		PGresult *r = PQexecParams(superuser,
		    keep_printf(
			"SELECT count(*) FROM %s t WHERE strpos(t::text, $1) > 0", tables[i]),
		    1, NULL, values, NULL, NULL, 0);

		CHECK_INT(PQresultStatus(r), PGRES_TUPLES_OK, "%s: %s", tables[i],
		    PQresultErrorMessage(r));
		if (PQresultStatus(r) == PGRES_TUPLES_OK)
			found += strtol(PQgetvalue(r, 0, 0), NULL, 10);
		PQclear(r);
	}
	return found;
}

void
no_secret_is_kept(void)
{
	size_t found = 0, kinds = 0;

	CHECK(canary_count >= 10, "%zu secrets to look for", canary_count);
	search_file(keep_printf("%s/rowhouse.log", world->folder));
	search_file(keep_printf("%s/serve.err", world->folder));
	search_file(keep_printf("%s/nginx/nginx-access.log", world->folder));
	search_file(keep_printf("%s/nginx/nginx-error.log", world->folder));
	/* PostgreSQL's own, with every statement and every parameter in it. */
	search_file(cluster_log_path(world->cluster));
	/* The control: what is in the log is found there. */
	{
		char *text = file_read(cluster_log_path(world->cluster), NULL);
		const char *principal =
		    sql_value(superuser, "SELECT principal_id FROM rowhouse.sessions LIMIT 1");

		CHECK(text != NULL && strstr(text, "INSERT INTO rowhouse.sessions") != NULL &&
			strstr(text, principal) != NULL,
		    "the log holds statements and parameters");
		free(text);
	}
	for (size_t i = 0; i < canary_count; i++) {
		/* Every password, and a sample of the tokens: each is a search of all rows. */
		bool password = strncmp(canaries[i], CANARY, strlen(CANARY)) == 0;

		if (!password && i % (canary_count / 20 + 1) != 0)
			continue;
		kinds++;
		found = (size_t)rows_with("true", canaries[i]);
		CHECK_INT(found, 0, "rows with %s", canaries[i]);
	}
	CHECK(kinds >= 10, "%zu searched", kinds);
	/* All of them in the log of changes. */
	for (size_t i = 0; i < canary_count; i++)
		if (!CHECK_INT(rows_with("tablename LIKE 'audit\\_log%'", canaries[i]), 0,
			"audit rows with %s", canaries[i]))
			break;
	CHECK(rows_with("tablename LIKE 'audit\\_log%'", "[REDACTED]") > 0,
	    "the control: what is there is found");
}
