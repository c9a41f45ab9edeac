/* SPDX-License-Identifier: BSD-2-Clause */
/* test_access.c - every route, every kind of principal, both tenants: tests/oracle/access.txt */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/document.h"
#include "support/jwt.h"
#include "support/keep.h"
#include "support/process.h"
#include "support/sample.h"
#include "support/sandbox.h"
#include "support/suite.h"
#include "support/world.h"

enum { COLUMNS_BEFORE = 4, CELLS = 32, ROWS = 400 };

struct row {
	const char *method, *route, *path, *body;
	const char *cells[CELLS];
};

static struct world *world;
static PGconn *superuser;
static struct jwt_key signing;
static const char *kinds[CELLS]; /* the head of the table */
static size_t kind_count, row_count;
static bool with_handlers; /* the setting handlers is on */
static struct row rows[ROWS];

/* --- the table -------------------------------------------------------------------------------- */

/* The words of a line; their number. */
static size_t
split(const char *line, const char **words)
{
	size_t n = 0;

	while (*(line += strspn(line, " \t")) != '\0' && n < CELLS) {
		size_t len = strcspn(line, " \t");

		words[n++] = keep_copy(line, len);
		line += len;
	}
	return n;
}

static bool
read_table(void)
{
	char *text = file_read(sandbox_source("tests/oracle/access.txt"), NULL);
	const char *words[CELLS], *at = text;
	bool whole;

	while (at != NULL && *at != '\0' && row_count < ROWS) {
		size_t len = strcspn(at, "\n"), n;
		const char *line = keep_copy(at, len);

		at += len + (at[len] == '\n');
		if (line[0] == '#' || (n = split(line, words)) == 0)
			continue;
		if (kind_count == 0) {
			memcpy(
			    kinds, words + COLUMNS_BEFORE, (n - COLUMNS_BEFORE) * sizeof(*kinds));
			kind_count = n - COLUMNS_BEFORE;
			continue;
		}
		if (n != COLUMNS_BEFORE + kind_count) {
			printf("\naccess.txt: %zu cells instead of %zu: %s\n", n - COLUMNS_BEFORE,
			    kind_count, line);
			break;
		}
		rows[row_count] = (struct row){ words[0], words[1], words[2], words[3], { NULL } };
		memcpy(
		    rows[row_count++].cells, words + COLUMNS_BEFORE, kind_count * sizeof(*kinds));
	}
	whole = at != NULL && *at == '\0';
	free(text);
	return whole && row_count > 0;
}

/* --- who asks --------------------------------------------------------------------------------- */

struct asker {
	const char *tenant, *other; /* whose turn it is, and who else there is */
	const char *access[CELLS];  /* by kind: an access token or a key that serves every row */
};

static size_t
kind_of(const char *name)
{
	size_t i = 0;

	while (i < kind_count && strcmp(kinds[i], name) != 0)
		i++;
	return i;
}

static const char *
sign_in(const char *tenant, const char *login, const char **refresh)
{
	const struct answer *a = client_send(world->client, "POST", "/api/auth/login", NULL,
	    login_body(tenant, login, WORLD_PASSWORD));

	CHECK_INT(a->status, 200, "sign-in of %s: %.300s", login, a->body);
	if (refresh != NULL)
		*refresh = keep_printf("%s", document_text(a->json, "refreshToken"));
	return keep_printf("%s", document_text(a->json, "accessToken"));
}

static const char *
person(const char *tenant, const char *who)
{
	return keep_printf("%s@%s.test", who, world_slug(tenant));
}

/* Make an API key; *id may be NULL. */
static const char *
make_key(const char *admin, const char *scope, const char *role, const char **id)
{
	const char *body = keep_printf("{\"name\":\"test\",\"scopes\":[\"%s\"]%s}", scope,
	    role == NULL ? "" : keep_printf(",\"role\":\"%s\"", role));
	const struct answer *a = client_send(world->client, "POST", "/api/auth/keys", admin, body);

	CHECK_INT(a->status, 201, "a key for %s: %.300s", scope, a->body);
	if (id != NULL)
		*id = keep_printf("%s", document_text(a->json, "id"));
	return keep_printf("%s", document_text(a->json, "key"));
}

/* A token past its time, else like the one given. */
static const char *
expired(const char *token)
{
	struct jwt_claims claims = jwt_claims_of(token);

	claims.issued_at = claims.not_before = time(NULL) - 4000;
	claims.expires_at = time(NULL) - 3400;
	return jwt_eddsa(jwt_header(&signing), jwt_payload(&claims), &signing);
}

/* A token of a session that ended because a refresh token was used twice. */
static const char *
revoked(const char *tenant)
{
	const char *refresh, *token = sign_in(tenant, person(tenant, "user"), &refresh);
	const char *body = keep_printf("{\"refreshToken\":\"%s\"}", refresh);

	CHECK_INT(client_send(world->client, "POST", "/api/auth/refresh", NULL, body)->status, 200,
	    "first use");
	CHECK_INT(client_send(world->client, "POST", "/api/auth/refresh", NULL, body)->status, 401,
	    "second use");
	return token;
}

/* Of somebody of the platform, who acts as user@. */
static const char *
operator_token(const char *tenant)
{
	const struct outcome *o = program_run(world->program, "token", "--tenant", tenant,
	    "--login", person(tenant, "user"), "--as-operator", "olga", NULL);

	CHECK(
	    o->exit_code == 0 && strncmp(o->output, "ey", 2) == 0, "rowhouse token: %s", o->output);
	return keep_copy(o->output, strcspn(o->output, "\n"));
}

static struct asker
asker_of(const char *tenant, const char *other)
{
	struct asker who = { tenant, other, { NULL } };
	const char *admin = sign_in(tenant, person(tenant, "admin"), NULL), *id;

	who.access[kind_of("user")] = sign_in(tenant, person(tenant, "user"), NULL);
	who.access[kind_of("mod")] = sign_in(tenant, person(tenant, "mod"), NULL);
	who.access[kind_of("admin")] = admin;
	who.access[kind_of("operator")] = operator_token(tenant);
	who.access[kind_of("key_admin")] = make_key(admin, "*:write", "ADMIN", NULL);
	who.access[kind_of("key_narrow")] = make_key(admin, "posts:read", "ADMIN", NULL);
	who.access[kind_of("key_revoked")] = make_key(admin, "*:write", "ADMIN", &id);
	CHECK_INT(
	    client_send(world->client, "DELETE", keep_printf("/api/auth/keys/%s", id), admin, NULL)
		->status,
	    204, "revoke");
	who.access[kind_of("expired")] = expired(who.access[kind_of("user")]);
	who.access[kind_of("revoked")] = revoked(tenant);
	who.access[kind_of("other")] = sign_in(other, person(other, "admin"), NULL);
	who.access[kind_of("crossed")] = who.access[kind_of("other")];
	return who;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* The model that a path names, as sample.h has it; NULL when it names none. */
static const struct sample_model *
model_of(const char *path)
{
	for (size_t i = 0; i < sample_model_count; i++) {
		size_t len = strlen(sample_models[i].name);

		if (strncmp(path + 1, sample_models[i].name, len) == 0 &&
		    strchr("/?", path[len + 1]) != NULL)
			return &sample_models[i];
	}
	return NULL;
}

static const char *
owner_column(const struct sample_model *m)
{
	static const struct {
		const char *table, *column;
	} owners[] = { { "users", "id" }, { "profiles", "user_id" }, { "posts", "author_id" },
		{ "comments", "author_id" }, { "orders", "user_id" },
		{ "order_items", "user_id" } };

	for (size_t i = 0; i < SUITE_COUNT(owners); i++)
		if (strcmp(owners[i].table, m->table) == 0)
			return owners[i].column;
	return NULL;
}

/* A row that @ stands for, and who owns it (NULL: nobody does). */
static const char *
row_of(const struct sample_model *m, const char *tenant, const char **owner)
{
	const char *column = owner_column(m), *which;

	*owner = NULL;
	if (m->shared)
		return sql_value(
		    superuser, keep_printf("SELECT id FROM %s ORDER BY id LIMIT 1", m->table));
	which = keep_printf(
	    "FROM %s t %s WHERE t.tenant_id = '%s' AND t.deleted_at IS NULL AND NOT EXISTS "
	    "(SELECT FROM %s o WHERE o.id = t.id AND o.tenant_id <> t.tenant_id) %s ORDER BY t.id "
	    "LIMIT 1",
	    m->table,
	    column == NULL
		? ""
		: keep_printf("JOIN users u ON u.tenant_id = t.tenant_id AND u.id = t.%s", column),
	    tenant, m->table,
	    column == NULL ? ""
			   : "AND u.deleted_at IS NULL AND u.password_hash IS NOT NULL AND "
			     "u.role = 'USER' AND u.email !~ '^(admin|mod|user)@'");
	if (column != NULL)
		*owner = sql_value(superuser, keep_printf("SELECT u.email %s", which));
	return sql_value(superuser, keep_printf("SELECT t.id %s", which));
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static const char *
with(const char *path, const char *word, const char *value)
{
	const char *at = strstr(path, word);

	return at == NULL
	    ? path
	    : keep_printf("%.*s%s%s", (int)(at - path), path, value, at + strlen(word));
}

/* A row that nothing points to, for who deletes it; its owner can sign in. NULL: any will do. So
 * the rows of the sample that a test asks for stay, however much is deleted. */
static const char *
fresh_row(const struct sample_model *m, const char *tenant, const char **owner)
{
	static const struct {
		const char *table, *insert, *owner;
	} fresh[] = {
		{ "products",
		    "INSERT INTO products (tenant_id, id, name, price) SELECT '%s', max(id) + 1, "
		    "'fresh', 1 FROM products RETURNING id",
		    NULL },
		{ "users",
		    "INSERT INTO users (tenant_id, email, name, password_hash) SELECT tenant_id, "
		    "gen_random_uuid() || '@example.test', 'F', password_hash FROM users WHERE "
		    "tenant_id = '%s' AND email LIKE 'user@%' AND deleted_at IS NULL RETURNING id",
		    "SELECT email FROM users WHERE id = '%s'" },
		{ "posts",
		    "INSERT INTO posts (tenant_id, author_id, title, slug, content) SELECT "
		    "tenant_id, id, 'fresh', 'fresh-' || gen_random_uuid(), 'c' FROM users WHERE "
		    "tenant_id = '%s' AND deleted_at IS NULL AND password_hash IS NOT NULL AND "
		    "role = 'USER' AND email !~ '^(admin|mod|user)@' ORDER BY id LIMIT 1 "
		    "RETURNING id",
		    "SELECT u.email FROM users u JOIN posts p ON u.tenant_id = p.tenant_id AND "
		    "u.id = p.author_id WHERE p.id = '%s'" },
	};
	size_t i = 0;
	const char *id;

	while (i < SUITE_COUNT(fresh) && strcmp(fresh[i].table, m->table) != 0)
		i++;
	if (i == SUITE_COUNT(fresh))
		return NULL;
	id = sql_value(superuser, with(fresh[i].insert, "%s", tenant));
	if (fresh[i].owner != NULL)
		*owner = sql_value(superuser, with(fresh[i].owner, "%s", id));
	return id;
}

/* Deleted, by itself; what an earlier cell left deleted is live again. */
static void
delete_row(const struct sample_model *m, const char *tenant, const char *id)
{
	sql_run(superuser,
	    keep_printf("UPDATE %s SET deleted_at = NULL, deleted_by = NULL, deletion_id = NULL "
			"WHERE deleted_by = 'test_access'; UPDATE %s SET deleted_at = now(), "
			"deleted_by = 'test_access', deletion_id = gen_random_uuid() WHERE "
			"tenant_id = '%s' AND id = '%s'",
		m->table, m->table, tenant, id));
}

/* The path to ask; *owner as row_of. */
static const char *
path_of(const struct row *row, const struct asker *who, const char **owner)
{
	const struct sample_model *m = model_of(row->path);
	const char *path = row->path, *id = "1";

	*owner = NULL;
	if (strstr(path, "@key") != NULL) {
		make_key(who->access[kind_of("admin")], "posts:read", NULL, &id);
		path = with(path, "@key", id);
	} else if (m != NULL && strcmp(row->method, "DELETE") == 0 &&
	    (id = fresh_row(m, who->tenant, owner)) != NULL) {
	} else if (m != NULL && (id = row_of(m, who->tenant, owner)) == NULL) {
		CHECK(false, "%s: there is no such row", row->path);
		id = "1";
	}
	if (m != NULL && !m->shared && ends_with(path, "/restore"))
		delete_row(m, who->tenant, id);
	if (ends_with(path, "/cancel"))
		sql_run(superuser,
		    keep_printf("UPDATE orders SET status = 'PENDING' WHERE id = '%s'", id));
	if (strstr(path, "@slug") != NULL)
		path = with(path, "@slug",
		    sql_value(superuser,
			keep_printf(
			    "SELECT slug FROM posts p WHERE tenant_id = '%s' AND deleted_at "
			    "IS NULL AND NOT EXISTS (SELECT FROM posts o WHERE o.slug = p.slug "
			    "AND o.tenant_id <> p.tenant_id) ORDER BY id LIMIT 1",
			    who->tenant)));
	path = with(path, "@", id);
	return strncmp(path, "/.well-known/", 13) == 0 ? path : keep_printf("/api%s", path);
}

/* The id that a statement about TENANT gives. */
static const char *
id_of(const char *sql, const char *tenant)
{
	while (strstr(sql, "TENANT") != NULL)
		sql = with(sql, "TENANT", keep_printf("'%s'", tenant));
	return sql_value(superuser, sql);
}

/* Members of a new row of each model, without its owner. */
static const char *
new_fields(const struct sample_model *m, const char *tenant, unsigned number)
{
	static const char post[] =
	    "SELECT id FROM posts p WHERE tenant_id = TENANT AND deleted_at IS NULL AND NOT "
	    "EXISTS (SELECT FROM posts o WHERE o.id = p.id AND o.tenant_id <> TENANT) LIMIT 1";
	static const char category[] =
	    "INSERT INTO categories (tenant_id, name, slug) SELECT TENANT, n, n FROM (SELECT "
	    "'category ' || gen_random_uuid()) AS c(n) RETURNING id";
	static const char order[] =
	    "INSERT INTO orders (tenant_id, user_id) SELECT TENANT, id FROM users WHERE "
	    "tenant_id = TENANT AND deleted_at IS NULL LIMIT 1 RETURNING id";

	if (strcmp(m->table, "users") == 0)
		return keep_printf("\"email\":\"new%u@example.test\",\"name\":\"N\"", number);
	if (strcmp(m->table, "profiles") == 0)
		return "\"bio\":\"new\"";
	if (strcmp(m->table, "posts") == 0)
		return keep_printf(
		    "\"title\":\"new\",\"slug\":\"new-%u\",\"content\":\"c\"", number);
	if (strcmp(m->table, "comments") == 0)
		return keep_printf("\"content\":\"c\",\"postId\":\"%s\"", id_of(post, tenant));
	if (strcmp(m->table, "post_categories") == 0)
		return keep_printf("\"postId\":\"%s\",\"categoryId\":\"%s\"", id_of(post, tenant),
		    id_of(category, tenant));
	if (strcmp(m->table, "categories") == 0)
		return keep_printf("\"name\":\"new %u\",\"slug\":\"new-%u\"", number, number);
	if (strcmp(m->table, "products") == 0)
		return "\"name\":\"new\",\"price\":1";
	if (strcmp(m->table, "order_items") == 0)
		return keep_printf("\"orderId\":\"%s\",\"productId\":%s,\"quantity\":1,\"price\":1",
		    id_of(order, tenant),
		    id_of(
			"SELECT id FROM products WHERE tenant_id = TENANT AND id > 5000", tenant));
	return "";
}

/* A new row. Machines own nothing, so they say whose it is. */
static const char *
new_row(const struct sample_model *m, const struct asker *who, size_t kind)
{
	static unsigned number;
	const char *column = m != NULL ? owner_column(m) : NULL, *fields, *owner = "";

	if (m == NULL)
		return "{}";
	if (strcmp(m->table, "profiles") == 0)
		sql_run(superuser,
		    "UPDATE profiles SET deleted_at = now() WHERE user_id IN (SELECT id FROM users "
		    "WHERE email ~ '^(admin|mod|user)@')");
	fields = new_fields(m, who->tenant, ++number);
	if (column != NULL && strcmp(column, "id") != 0 && strncmp(kinds[kind], "key", 3) == 0)
		owner = keep_printf("\"%s\":\"%s\"%s",
		    strcmp(column, "author_id") == 0 ? "authorId" : "userId",
		    sql_value(superuser,
			keep_printf("SELECT id FROM users WHERE tenant_id = '%s' AND email = '%s'",
			    who->tenant, person(who->tenant, "user"))),
		    fields[0] != '\0' ? "," : "");
	return keep_printf("{%s%s}", owner, fields);
}

/* A product that there is one of. */
static const char *
new_product(const char *tenant)
{
	return id_of("INSERT INTO products (tenant_id, id, name, price, stock) SELECT TENANT, "
		     "max(id) + 1, 'to order', 1, 1 FROM products RETURNING id",
	    tenant);
}

/* What a route of handlers/ reads; NULL: it is none of its bodies. */
static const char *
handler_body(const char *body, const struct asker *who)
{
	static unsigned number;

	if (strcmp(body, "signup") == 0)
		return keep_printf("{\"email\":\"up%u@example.test\",\"name\":\"N\","
				   "\"password\":\"long enough to be new\"}",
		    ++number);
	if (strcmp(body, "post") == 0)
		return "{\"title\":\"From the table\",\"content\":\"c\"}";
	if (strcmp(body, "comment") == 0)
		return "{\"content\":\"c\"}";
	if (strcmp(body, "bio") == 0)
		return "{\"bio\":\"b\"}";
	if (strcmp(body, "restock") == 0)
		return "{\"quantity\":1}";
	if (strcmp(body, "order") == 0)
		return keep_printf(
		    "{\"items\":[{\"productId\":%s,\"quantity\":1}]}", new_product(who->tenant));
	return NULL;
}

static const char *
body_of(const struct row *row, const struct asker *who, size_t kind)
{
	const char *login = person(who->tenant, "user"), *refresh;

	if (strcmp(row->body, "login") == 0)
		return login_body(who->tenant, login, WORLD_PASSWORD);
	if (strcmp(row->body, "password") == 0)
		return "{\"current\":\"not it at all\",\"new\":\"long enough to be new\"}";
	if (strcmp(row->body, "key") == 0)
		return "{\"name\":\"from the table\",\"scopes\":[\"posts:read\"]}";
	if (strcmp(row->body, "patch") == 0)
		return "{}";
	if (strcmp(row->body, "batch") == 0)
		return keep_printf("[{\"op\":\"create\",\"model\":\"posts\",\"data\":%s}]",
		    new_row(model_of("/posts"), who, kind));
	if (strcmp(row->body, "title") == 0)
		return "{\"title\":\"touched\"}";
	if (strcmp(row->body, "new") == 0)
		return new_row(model_of(row->path), who, kind);
	if (strcmp(row->body, "refresh") != 0)
		return handler_body(row->body, who);
	sign_in(who->tenant, login, &refresh);
	return keep_printf("{\"refreshToken\":\"%s\"}", refresh);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* The credential of a kind for this row; NULL: none. */
static const char *
credential_of(size_t kind, const struct row *row, const struct asker *who, const char *owner)
{
	const struct sample_model *m = model_of(row->path);
	const char *admin = who->access[kind_of("admin")];
	const char *model = m != NULL ? m->name : "posts";

	if (kind == kind_of("key_in"))
		return make_key(admin, keep_printf("%s:read", model), NULL, NULL);
	if (kind == kind_of("key_out"))
		return make_key(admin,
		    strcmp(model, "comments") == 0 ? "posts:read" : "comments:read", NULL, NULL);
	if (kind == kind_of("owner"))
		return sign_in(
		    who->tenant, owner != NULL ? owner : person(who->tenant, "user"), NULL);
	return who->access[kind];
}

static const struct answer *
ask(size_t kind, const struct row *row, const struct asker *who)
{
	const char *headers[4] = { 0 }, *owner, *path = path_of(row, who, &owner);
	const char *body = body_of(row, who, kind), *token = credential_of(kind, row, who, owner);
	size_t n = 0;

	if (body != NULL)
		headers[n++] = "Content-Type: application/json";
	if (token != NULL)
		headers[n++] = bearer_header(token);
	if (kind == kind_of("anonymous") || kind == kind_of("crossed"))
		headers[n++] = keep_printf("X-Tenant-Id: %s", who->tenant);
	return client_request(world->client, row->method, path, headers, body);
}

/* Whether the answer is what the cell says. */
static bool
is_as_told(const struct answer *a, const char *cell)
{
	if (strcmp(cell, "wrong") == 0)
		return a->status == 401 &&
		    strcmp(document_text(a->json, "code"), "invalid_credentials") == 0;
	return a->status == atoi(cell) &&
	    strcmp(document_text(a->json, "code"), "invalid_credentials") != 0;
}

/* A route of handlers/: it names a model. */
static bool
is_of_handlers(const struct row *row)
{
	return model_of(row->route) != NULL || strncmp(row->route, "/{model=", 8) == 0;
}

static void
check_as(const char *tenant, const char *other)
{
	struct asker who = asker_of(tenant, other);

	for (size_t r = 0; r < row_count; r++)
		for (size_t k = 0; k < kind_count; k++) {
			const struct answer *a;

			if (is_of_handlers(&rows[r]) != with_handlers ||
			    strcmp(rows[r].cells[k], "-") == 0)
				continue;
			a = ask(k, &rows[r], &who);
			CHECK(is_as_told(a, rows[r].cells[k]),
			    "%s %s as %s of %s: %d, not %s: %.250s", rows[r].method, rows[r].path,
			    kinds[k], world_slug(tenant), a->status, rows[r].cells[k], a->body);
			/* Whatever is refused shows no data. */
			CHECK(a->status < 400 ||
				(document_at(a->json, "data") == NULL &&
				    document_has(a->json, "requestId")),
			    "%s %s as %s: %.250s", rows[r].method, rows[r].path, kinds[k], a->body);
		}
}

static void
as_acme(void)
{
	check_as(WORLD_ACME, WORLD_GLOBEX);
}

static void
as_globex(void)
{
	check_as(WORLD_GLOBEX, WORLD_ACME);
}

static void
with_the_handlers(void)
{
	with_handlers = true;
	if (!CHECK(
		world_restart(world, "trust_tenant_header = on\nhandlers = on\n"), "serve again"))
		return;
	as_acme();
	as_globex();
}

/* Cells that are wrong must be found wrong. */
static void
wrong_cells_are_found(void)
{
	static const struct row wrong = { "GET", "/{model}", "/posts", "-", { NULL } };
	struct asker who = asker_of(WORLD_ACME, WORLD_GLOBEX);

	CHECK(!is_as_told(ask(kind_of("anonymous"), &wrong, &who), "200"), "anonymous and 200");
	CHECK(!is_as_told(ask(kind_of("anonymous"), &wrong, &who), "wrong"), "401 of another code");
	CHECK(!is_as_told(ask(kind_of("user"), &wrong, &who), "403"), "a user and 403");
	CHECK(!is_as_told(ask(kind_of("key_out"), &wrong, &who), "200"), "out of scope and 200");
}

/* --- completeness ----------------------------------------------------------------------------- */

/* Rows of handlers/routes.c, as its text has them, that the table has none of; named in *names. */
static size_t
routes_without_row(const char *source, const char **names)
{
	static const char mark[] = "{ HTTP_";
	size_t missing = 0, r;

	*names = "";
	for (const char *at = source; (at = strstr(at, mark)) != NULL;) {
		const char *method, *path;

		at += sizeof(mark) - 1;
		method = keep_copy(at, strcspn(at, ","));
		path = strchr(at, '"');
		path = path != NULL ? keep_copy(path + 1, strcspn(path + 1, "\"")) : "";
		for (r = 0; r < row_count; r++)
			if (strcmp(rows[r].method, method) == 0 && strcmp(rows[r].route, path) == 0)
				break;
		if (r == row_count) {
			missing++;
			*names = keep_printf("%s %s %s", *names, method, path);
		}
	}
	return missing;
}

static void
every_route_has_a_row(void)
{
	char *source = file_read(sandbox_source("handlers/routes.c"), NULL);
	const char *names, *more;
	size_t missing;

	if (!CHECK(source != NULL && strstr(source, "{ HTTP_") != NULL, "handlers/routes.c"))
		return;
	missing = routes_without_row(source, &names);
	CHECK_INT(missing, 0, "access.txt lacks:%s", names);
	/* The control: one more route, of a known path but another method, and one less known. */
	more = keep_printf(
	    "%s{ HTTP_PATCH, \"/auth/me\", x }, { HTTP_GET, \"/nowhere\", x },", source);
	CHECK_INT(routes_without_row(more, &names), 2, "routes that nobody wrote a row for");
	for (size_t r = 0; r < row_count; r++)
		CHECK(strstr(source,
			  keep_printf("{ HTTP_%s, \"%s\"", rows[r].method, rows[r].route)) != NULL,
		    "access.txt has %s %s, which is no route", rows[r].method, rows[r].route);
	free(source);
}

/* Whether a path is the wanted one, apart from its query. */
static bool
is_path(const char *path, const char *wanted)
{
	size_t len = strcspn(path, "?");

	return len == strlen(wanted) && memcmp(path, wanted, len) == 0;
}

/* A route with {model} has a row for each model that is registered. */
static void
every_model_has_rows(void)
{
	size_t count, r;
	const char **names = sql_column(
	    superuser, "SELECT replace(table_name, '_', '-') FROM rowhouse.models", &count);

	CHECK_INT(count, sample_model_count, "models of the sample");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < row_count; k++) {
			const struct row *one = &rows[k];
			const char *wanted;

			if (strncmp(one->route, "/{model}", 8) != 0)
				continue;
			/* The same route and the rest of its path, for this model. */
			wanted = one->path + 1 + strcspn(one->path + 1, "/?");
			wanted =
			    keep_printf("/%s%.*s", names[i], (int)strcspn(wanted, "?"), wanted);
			for (r = 0; r < row_count; r++)
				if (strcmp(rows[r].method, one->method) == 0 &&
				    is_path(rows[r].path, wanted))
					break;
			CHECK(r < row_count, "access.txt lacks %s %s", one->method, wanted);
		}
}

static bool
begin(void)
{
	if (!read_table())
		return false;
	world = world_new(&(struct world_options){
	    .roles = CLUSTER_TWO_ROLES, .settings = "trust_tenant_header = on\n" });
	if (world == NULL)
		return false;
	superuser = world_superuser(world);
	signing = jwt_key_of(world, superuser);
	/* The tenants' products have the same ids: here is one more of each. */
	return sql_run(superuser,
	    "INSERT INTO products (tenant_id, id, name, price) VALUES ('" WORLD_ACME
	    "', 5001, 'of acme alone', 1), ('" WORLD_GLOBEX "', 5002, 'of globex alone', 1)");
}

static void
end(void)
{
	if (superuser != NULL)
		PQfinish(superuser);
	world_free(world);
}

static const struct suite_test tests[] = {
	{ "every route has a row", every_route_has_a_row },
	{ "every model has rows", every_model_has_rows },
	{ "wrong cells are found", wrong_cells_are_found },
	{ "as acme", as_acme },
	{ "as globex", as_globex },
	{ "with the handlers", with_the_handlers },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "access", begin, end, tests, SUITE_COUNT(tests) });
}
