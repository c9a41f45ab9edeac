/* SPDX-License-Identifier: BSD-2-Clause */
/* test_change.c - golden files: a write and a principal become statements and parameters
 *
 * Each file of tests/golden/write/ begins with a request ("PATCH /posts/ID", then `as`, `match` and
 * `body` lines), then a line `--`, then what the compiler must make of it. The catalogue is the
 * sample's (sample.json is what rowhouse.catalogue() gave for it). A unit that is held shows
 * what it has until then. Behind them stand the rules that hold for every text (scaling.md 3). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "base/text.h"
#include "compiler/access.h"
#include "compiler/change.h"
#include "compiler/change_read.h"
#include "compiler/change_tree.h"
#include "compiler/nested.h"
#include "compiler/plan.h"
#include "compiler/query.h"
#include "compiler/stages.h"
#include "compiler/values.h"
#include "database/catalogue.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "formats/jsonread.h"
#include "formats/uri.h"
#include "golden.h"
#include "serve/listing.h"
#include "serve/request.h"
#include "unit.h"

static const struct tenant acme = { "11111111-1111-7111-8111-111111111111" };

static const struct {
	const char *name;
	struct principal principal;
} principals[] = {
	{ "anonymous", { .type = PRINCIPAL_ANONYMOUS } },
	{ "user",
	    { .type = PRINCIPAL_USER,
		.member = true,
		.id = "0199a000-0000-7000-8000-000000000001",
		.role = "USER",
		.ip = "192.0.2.1" } },
	{ "admin",
	    { .type = PRINCIPAL_USER,
		.member = true,
		.id = "0199a000-0000-7000-8000-000000000002",
		.role = "ADMIN" } },
	{ "key",
	    { .type = PRINCIPAL_API_KEY,
		.member = true,
		.id = "zxonoSxa7YoYbQvOAKuQhQ",
		.scopes = "*:read" } },
};

static const struct {
	const char *method;
	enum action action;
} actions[] = {
	{ "POST", ACTION_CREATE },
	{ "PATCH", ACTION_UPDATE },
	{ "DELETE", ACTION_DELETE },
	{ "FORCE", ACTION_FORCE },
	{ "RESTORE", ACTION_RESTORE },
	{ "PUT", ACTION_UPDATE },
};

/* A golden file's first half. */
struct asked {
	char method[16], target[512], as[32], match[128], body[2048];
	char keys[128]; /* of the rows that a filter found, joined by commas */
	bool unaudited; /* by a route that has opted out */
};

static const struct catalogue *
sample_catalogue(struct arena *a)
{
	struct problem p;
	char *json = golden_file(a, arena_printf(a, "%s/sample.json", golden_folder(a)));
	const struct catalogue *c;

	problem_init(&p, a);
	if (json == NULL || (c = catalogue_load(a, json, strlen(json), &p)) == NULL)
		abort();
	return c;
}

/* The word behind "name " at the beginning of a line, up to the line's end. */
static void
read_line(const char *head, const char *name, char *out, size_t size)
{
	const char *at = strstr(head, name);
	size_t len;

	if (at == NULL)
		return;
	at += strlen(name);
	len = strcspn(at, "\n");
	CU_ASSERT_FATAL(len < size);
	memcpy(out, at, len);
	out[len] = '\0';
}

static void
read_asked(struct asked *asked, const char *head)
{
	memset(asked, 0, sizeof(*asked));
	CU_ASSERT_FATAL(sscanf(head, "%15s %511s", asked->method, asked->target) == 2);
	snprintf(asked->as, sizeof(asked->as), "user");
	read_line(head, "\nas ", asked->as, sizeof(asked->as));
	read_line(head, "\nmatch ", asked->match, sizeof(asked->match));
	read_line(head, "\nbody ", asked->body, sizeof(asked->body));
	read_line(head, "\nkeys ", asked->keys, sizeof(asked->keys));
}

static const struct principal *
principal_of(const char *name)
{
	size_t i = 0;

	while (i < COUNT_OF(principals) && strcmp(principals[i].name, name) != 0)
		i++;
	CU_ASSERT_FATAL(i < COUNT_OF(principals));
	return &principals[i].principal;
}

/* The row of a unique key: "PUT /post-categories?postId&categoryId". */
static struct change *
read_upsert(struct arena *a, const struct asked *asked, const struct model *model,
    const struct uri *uri, struct problem *p)
{
	struct change_reader reader = { .who = principal_of(asked->as) };
	const struct column *columns[8];
	const struct unique_key *key;
	struct json_object *body;
	struct change *change;

	CU_ASSERT_FATAL(uri->parameter_count <= COUNT_OF(columns));
	for (size_t i = 0; i < uri->parameter_count; i++)
		columns[i] = model_column(model, uri->parameters[i].name);
	key = model_key(model, columns, uri->parameter_count);
	CU_ASSERT_FATAL(key != NULL);
	change = change_new_upsert(a, model, key);
	CU_ASSERT_FATAL(jsonread_parse(&body, asked->body, strlen(asked->body), a, p));
	change_read_upsert(change, &reader, body, NULL, p);
	return change_read_end(&reader, p) ? change : NULL;
}

/* The change that a request asks for; NULL and faults. */
static struct change *
read_change(struct arena *a, const struct asked *asked, struct problem *p)
{
	struct change_reader reader = { .who = principal_of(asked->as) };
	const struct model *model;
	struct json_object *body;
	struct change *change;
	struct uri uri;
	size_t i = 0;

	while (i < COUNT_OF(actions) && strcmp(actions[i].method, asked->method) != 0)
		i++;
	CU_ASSERT_FATAL(i < COUNT_OF(actions));
	CU_ASSERT_FATAL(uri_parse(&uri, asked->target, a, p));
	model = catalogue_model(sample_catalogue(a), uri.segments[0]);
	CU_ASSERT_FATAL(model != NULL);
	if (strcmp(asked->method, "PUT") == 0)
		return read_upsert(a, asked, model, &uri, p);
	change = change_new(a, actions[i].action, model);
	if (uri.segment_count > 1 &&
	    (change->id = value_read_key(change->model->id, uri.segments[1], "/path/id", a, p)) ==
		NULL)
		return NULL;
	if (asked->match[0] != '\0')
		change->versions = value_new(a, SQLTYPE_INT8_ARRAY, asked->match);
	if (asked->body[0] == '\0')
		return change;
	CU_ASSERT_FATAL(jsonread_parse(&body, asked->body, strlen(asked->body), a, p));
	change_read(change, &reader, body, NULL, p);
	return change_read_end(&reader, p) ? change : NULL;
}

/* The number of a new row by its id, in the order in which they are read; 0: it is none. */
static unsigned
number_of(const struct change *change, const char *bytes, unsigned *count)
{
	unsigned number;

	if (change->action == ACTION_CREATE)
		++*count;
	if (change->action == ACTION_CREATE && change->id != NULL &&
	    strcmp(bytes, change->id->bytes) == 0)
		return *count;
	for (const struct nested *n = change->nested; n != NULL; n = n->next) {
		if (n->make != NULL && (number = number_of(n->make, bytes, count)) != 0)
			return number;
		if (n->row != NULL && (number = number_of(n->row, bytes, count)) != 0)
			return number;
		if (n->join != NULL && (number = number_of(n->join, bytes, count)) != 0)
			return number;
	}
	return 0;
}

static bool
is_uuid(const char *text)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < strlen(shape); i++)
		if (shape[i] == '-' ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	return true;
}

/* What is made anew each time, in words: ids of this program's making. Those that stand in the
 * files begin alike. */
static const char *
shown_value(struct arena *a, const struct change *change, const char *bytes)
{
	unsigned count = 0, number;

	if (bytes == NULL)
		return "NULL";
	if ((number = number_of(change, bytes, &count)) == 1)
		return "(new id)";
	if (number > 1)
		return arena_printf(a, "(new id %u)", number);
	/* One uuid has 36 bytes, two quotes and a comma or a brace. */
	if (strlen(bytes) % 39 == 1 && strncmp(bytes, "{\"", 2) == 0 && is_uuid(bytes + 2) &&
	    strncmp(bytes + 2, "0199a000-", 9) != 0)
		return "{(new id)}";
	return arena_string(a, bytes);
}

static void
print_problem(struct text *out, const struct problem *p)
{
	text_printf(out, "%d %s: %s\n", problem_kind(p->code)->status, problem_kind(p->code)->name,
	    p->detail != NULL ? p->detail : "");
	for (const struct problem_fault *f = p->faults; f != NULL; f = f->next)
		text_printf(out, "  %s %s: %s\n", f->pointer, f->code, f->detail);
}

static void
print_unit(struct text *out, struct arena *a, const struct unit *unit, const struct change *change)
{
	for (size_t i = 0; i < unit_count(unit); i++) {
		const struct statement *s = unit_statement(unit, i);

		text_printf(out, "%s\n", s->text);
		for (size_t n = 0; n < s->param_count; n++)
			text_printf(
			    out, "  $%zu = %s\n", n + 1, shown_value(a, change, s->params[n]));
	}
}

/* The rows of a filter: the statement that finds them into the unit, then those it has found. */
static bool
find_keys(struct arena *a, const struct asked *asked, struct change *change, struct unit *unit,
    struct problem *p)
{
	const struct principal *who = principal_of(asked->as);
	struct settings settings;
	struct request request = { .arena = a, .settings = &settings, .tenant = &acme };
	struct query *query = query_new(a, ACTION_READ, SHAPE_KEYS, change->model);
	const char **keys = arena_array(a, 8, sizeof(char *)), *at = asked->keys;
	size_t count = 0;

	settings_init(&settings, a);
	query->locking = change->action == ACTION_UPDATE ? LOCKING_CHANGE : LOCKING_DELETE;
	query->keys[0] = change->model->id;
	query->limit = value_int(a, 100);
	if (access_reach(change->model, change->action, who) == REACH_OWN_ROWS)
		query->keys[1] = change->model->owner;
	CU_ASSERT_FATAL(uri_parse(&request.uri, asked->target, a, p));
	if (!listing_read_targets(&request, query, p) ||
	    !compile_query(unit, query, who, &acme, NULL, NULL, p))
		return false;
	while (at != NULL && count < 8)
		keys[count++] = text_piece(&at, ',', a);
	change_select(change, keys, count);
	return true;
}

/* Compile; the unit, or NULL and a problem. */
static struct unit *
compile(struct arena *a, const struct asked *asked, struct change **change, enum emission *emission,
    struct problem *p)
{
	struct expectation rows = { 1 };
	struct audit_intent intent = { principal_of(asked->as), "{\"requestId\":\"r\"}",
		asked->unaudited };
	struct change_actor actor = { intent.who, &acme, &intent };
	struct unit *unit = unit_new(a, UNIT_WRITE);
	struct change_tree *tree;
	struct plan plan;

	if ((*change = read_change(a, asked, p)) == NULL)
		return NULL;
	if (asked->keys[0] != '\0') {
		if (!find_keys(a, asked, *change, unit, p))
			return NULL;
		rows.rows = (int64_t)(*change)->key_count;
	}
	plan_init(&plan, a, unit);
	tree = change_tree_new(a, &actor, (*change)->action == ACTION_CREATE ? NULL : &rows);
	change_tree_add(tree, *change);
	*emission = change_tree_emit(tree, &plan, p);
	return *emission == EMISSION_FAILED ? NULL : unit;
}

static const char *
run_file(struct arena *a, const char *bytes, struct text *out)
{
	const char *separator = strstr(bytes, "\n--\n");
	enum emission emission;
	struct change *change;
	struct asked asked;
	struct problem p;
	struct unit *unit;

	CU_ASSERT_FATAL(separator != NULL);
	problem_init(&p, a);
	read_asked(&asked, arena_copy(a, bytes, (size_t)(separator - bytes)));
	if ((unit = compile(a, &asked, &change, &emission, &p)) == NULL) {
		print_problem(out, &p);
		return separator + 4;
	}
	print_unit(out, a, unit, change);
	if (emission == EMISSION_HOLD)
		text_literal(out, "held\n");
	return separator + 4;
}

/* One file: what comes out must be what stands behind its line of dashes. GOLDEN_REWRITE=1 writes
 * that anew. */
static void
check_file(struct arena *a, const char *path)
{
	bool rewrite = getenv("GOLDEN_REWRITE") != NULL;
	char *bytes = golden_file(a, path);
	const char *expected;
	struct text out;
	FILE *file;

	CU_ASSERT_FATAL(bytes != NULL);
	text_init(&out, a, 1 << 20);
	expected = run_file(a, bytes, &out);
	if (rewrite) {
		file = fopen(path, "w");
		CU_ASSERT_FATAL(file != NULL);
		fwrite(bytes, 1, (size_t)(expected - bytes), file);
		fputs(out.bytes, file);
		fclose(file);
	} else if (strcmp(expected, out.bytes) != 0) {
		fprintf(stderr, "\n%s:\n%s", path, out.bytes);
	}
	ASSERT_ROW(path, rewrite || strcmp(expected, out.bytes) == 0);
}

static void
golden_files_agree(void)
{
	struct arena *a = arena_new(64 << 20);
	const char *folder = arena_printf(a, "%s/write", golden_folder(a));
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned files = 0;

	CU_ASSERT_FATAL(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		const char *path = arena_printf(a, "%s/%s", folder, entry->d_name);

		if (strstr(entry->d_name, ".txt") == NULL)
			continue;
		files++;
		check_file(a, path);
	}
	closedir(dir);
	CU_ASSERT(files >= 12);
	arena_free(a);
}

/* --- rules of every text
 * ----------------------------------------------------------------------- */

static unsigned
occurrences(const char *text, const char *needle)
{
	unsigned n = 0;

	for (; (text = strstr(text, needle)) != NULL; text += strlen(needle))
		n++;
	return n;
}

/* The first rule that a text breaks; NULL: none. */
static const char *
broken_rule(const char *sql)
{
	const char *with = strstr(sql, "WITH w AS (INSERT");
	const char *set = strstr(sql, " SET "), *returning = strstr(sql, " RETURNING ");
	unsigned tables = occurrences(sql, "\"public\".\"") - occurrences(sql, "INSERT INTO \"") -
	    occurrences(sql, "\"public\".\"countries\""); /* all tenants share them */

	if (occurrences(sql, "\"tenant_id\" = $") < tables)
		return "a table without its tenant";
	if (with != NULL || strstr(sql, "AS (INSERT") != NULL)
		return "an INSERT within a WITH";
	if (set != NULL &&
	    (strstr(set, "clock_timestamp") != NULL || strstr(set, "gen_random") != NULL ||
		strstr(set, "uuid_v7") != NULL || strstr(set, "random()") != NULL))
		return "a volatile function in SET";
	if (returning != NULL && strcspn(returning + 11, "(") < strcspn(returning + 11, ")"))
		return "RETURNING more than columns";
	if (strstr(sql, "INSERT INTO rowhouse.audit_log") != NULL && returning == NULL)
		return "INSERT ... SELECT without RETURNING";
	/* Of what goes along it is emit_restrict that knows whether all of it went. */
	if (strstr(sql, "UPDATE \"") != NULL && strstr(sql, "rowhouse.refuse(") == NULL &&
	    strstr(sql, " AS k(id, deletion_id) WHERE") == NULL)
		return "a conditional write without an expectation";
	return NULL;
}

static void
every_text_keeps_the_rules(void)
{
	static const char *const broken[] = {
		"SELECT 1 FROM \"public\".\"posts\" AS t0",
		"WITH w AS (INSERT INTO \"public\".\"posts\" AS t0 VALUES (1) "
		"RETURNING 1) SELECT 1",
		"UPDATE \"public\".\"a\" AS t0 SET a = clock_timestamp() WHERE "
		"t0.\"tenant_id\" = $1",
		"UPDATE \"public\".\"a\" AS t0 SET a = 1 WHERE t0.\"tenant_id\" = $1 RETURNING "
		"to_jsonb(t0)",
		"INSERT INTO rowhouse.audit_log AS a SELECT 1",
		"UPDATE \"public\".\"a\" AS t0 SET a = 1 WHERE t0.\"tenant_id\" = $1",
	};
	struct arena *a = arena_new(64 << 20);
	const char *folder = arena_printf(a, "%s/write", golden_folder(a));
	DIR *dir = opendir(folder);
	struct dirent *entry;

	CU_ASSERT_FATAL(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		const char *bytes, *separator, *line;

		if (strstr(entry->d_name, ".txt") == NULL)
			continue;
		bytes = golden_file(a, arena_printf(a, "%s/%s", folder, entry->d_name));
		separator = strstr(bytes, "\n--\n");
		CU_ASSERT_FATAL(separator != NULL);
		for (line = separator + 4; *line != '\0'; line += strcspn(line, "\n") + 1) {
			const char *sql = arena_copy(a, line, strcspn(line, "\n"));
			const char *rule = sql[0] == ' ' ? NULL : broken_rule(sql);

			ASSERT_ROW(
			    arena_printf(a, "%s: %s", entry->d_name, rule != NULL ? rule : ""),
			    rule == NULL);
		}
	}
	closedir(dir);
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		ASSERT_ROW(broken[i], broken_rule(broken[i]) != NULL);
	arena_free(a);
}

/* Equal requests give equal text, whatever the values. */
static void
values_are_parameters(void)
{
	static const struct asked one = {
		.method = "PATCH",
		.target = "/posts/0199a000-0000-7000-8000-00000000000a",
		.as = "admin",
		.body = "{\"title\":\"a\"}",
	};
	static const struct asked two = {
		.method = "PATCH",
		.target = "/posts/0199a000-0000-7000-8000-00000000000b",
		.as = "admin",
		.body = "{\"title\":\"'; DROP TABLE posts; --\"}",
	};
	struct arena *a = arena_new(64 << 20);
	enum emission emission;
	struct change *change;
	struct problem p;
	struct unit *first, *second;

	problem_init(&p, a);
	first = compile(a, &one, &change, &emission, &p);
	second = compile(a, &two, &change, &emission, &p);
	CU_ASSERT_FATAL(first != NULL && second != NULL);
	CU_ASSERT_EQUAL(unit_count(first), unit_count(second));
	for (size_t i = 0; i < unit_count(first); i++)
		CU_ASSERT_STRING_EQUAL(
		    unit_statement(first, i)->text, unit_statement(second, i)->text);
	arena_free(a);
}

static unsigned
entries_in(const struct unit *unit)
{
	unsigned n = 0;

	for (size_t i = 0; i < unit_count(unit); i++)
		n += occurrences(unit_statement(unit, i)->text, "INSERT INTO rowhouse.audit_log");
	return n;
}

/* By a route that has opted out the same is done, and nothing of it is logged, nor of what goes
 * along. */
static void
routes_may_opt_out_of_the_log(void)
{
	static const struct {
		const char *method, *target, *body;
		unsigned entries; /* statements that log */
	} rows[] = {
		{ "POST", "/posts", "{\"title\":\"a\",\"slug\":\"a\",\"content\":\"c\"}", 1 },
		{ "PATCH", "/posts/0199a000-0000-7000-8000-00000000000a", "{\"title\":\"a\"}", 1 },
		{ "DELETE", "/users/0199a000-0000-7000-8000-00000000000a", "", 5 },
		{ "FORCE", "/posts/0199a000-0000-7000-8000-00000000000a", "", 2 },
	};
	struct arena *a = arena_new(64 << 20);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct asked asked = { .as = "admin" };
		struct unit *logged, *silent;
		enum emission emission;
		struct change *change;
		struct problem p;

		problem_init(&p, a);
		snprintf(asked.method, sizeof(asked.method), "%s", rows[i].method);
		snprintf(asked.target, sizeof(asked.target), "%s", rows[i].target);
		snprintf(asked.body, sizeof(asked.body), "%s", rows[i].body);
		logged = compile(a, &asked, &change, &emission, &p);
		asked.unaudited = true;
		silent = compile(a, &asked, &change, &emission, &p);
		CU_ASSERT_FATAL(logged != NULL && silent != NULL);
		ASSERT_ROW(rows[i].method, entries_in(logged) == rows[i].entries);
		ASSERT_ROW(rows[i].method, entries_in(silent) == 0);
		ASSERT_ROW(
		    rows[i].method, unit_count(silent) + rows[i].entries == unit_count(logged));
	}
	arena_free(a);
}

/* What is to be hashed waits beside the assignments: nothing in clear can become a statement. */
static void
passwords_wait_to_be_hashed(void)
{
	static const struct asked asked = {
		.method = "POST",
		.target = "/users",
		.as = "admin",
		.body =
		    "{\"email\":\"new@acme.test\",\"name\":\"New\",\"password\":\"twelve bytes\"}",
	};
	struct arena *a = arena_new(64 << 20);
	const struct change *change;
	struct problem p;

	problem_init(&p, a);
	CU_ASSERT_FATAL((change = read_change(a, &asked, &p)) != NULL);
	CU_ASSERT_STRING_EQUAL(change->password, "twelve bytes");
	CU_ASSERT(
	    assignments_find(&change->assignments, change->model->principals->password) == NULL);
	for (const struct assignment *s = change->assignments.first; s != NULL; s = s->next)
		CU_ASSERT(strstr(s->value->bytes, "twelve") == NULL);
	arena_free(a);
}

void
suite_change(void)
{
	static const struct test_row tests[] = {
		{ "golden files agree", golden_files_agree },
		{ "every text keeps the rules", every_text_keeps_the_rules },
		{ "values are parameters", values_are_parameters },
		{ "routes may opt out of the log", routes_may_opt_out_of_the_log },
		{ "passwords wait to be hashed", passwords_wait_to_be_hashed },
	};

	unit_suite("change", tests, sizeof(tests) / sizeof(tests[0]));
}
