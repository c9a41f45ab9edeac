/* SPDX-License-Identifier: BSD-2-Clause */
/* catalogue.c - from the document of rowhouse.catalogue() to structs */
#include "database/catalogue.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "database/operators.h"
#include "database/relations.h"
#include "database/sqlname.h"
#include "formats/document.h"
#include "formats/textformat.h"

/* Kinds by the name of the base type, as format_type writes it. A name that begins with a dot is an
 * extension's, which may lie in any schema. A type is KIND_OTHER when its input function refuses
 * with SQLSTATEs of class 22 alone (tests/integration/test_values.c feeds it garbage). Not so the
 * reg* types, which tell what objects exist, and tsvector, jsonpath, ltree, whose errors look as if
 * our own SQL were wrong; name cuts silently. */
static const struct {
	const char *type;
	enum kind kind;
} kinds[] = {
	{ "uuid", KIND_UUID },
	{ "boolean", KIND_BOOL },
	{ "smallint", KIND_INT },
	{ "integer", KIND_INT },
	{ "bigint", KIND_INT },
	{ "numeric", KIND_NUMERIC },
	{ "real", KIND_FLOAT },
	{ "double precision", KIND_FLOAT },
	{ "text", KIND_TEXT },
	{ "character varying", KIND_TEXT },
	{ "character", KIND_TEXT },
	{ "bpchar", KIND_TEXT },
	{ "timestamp with time zone", KIND_INSTANT },
	{ "timestamp without time zone", KIND_TIMESTAMP },
	{ "date", KIND_DATE },
	{ "json", KIND_JSON },
	{ "jsonb", KIND_JSON },
	{ ".citext", KIND_TEXT },
	{ "bytea", KIND_OTHER },
	{ "inet", KIND_OTHER },
	{ "cidr", KIND_OTHER },
	{ "macaddr", KIND_OTHER },
	{ "macaddr8", KIND_OTHER },
	{ "interval", KIND_OTHER },
	{ "time without time zone", KIND_OTHER },
	{ "time with time zone", KIND_OTHER },
	{ "money", KIND_OTHER },
	{ "\"bit\"", KIND_OTHER },
	{ "bit varying", KIND_OTHER },
	{ "point", KIND_OTHER },
	{ "line", KIND_OTHER },
	{ "lseg", KIND_OTHER },
	{ "box", KIND_OTHER },
	{ "path", KIND_OTHER },
	{ "polygon", KIND_OTHER },
	{ "circle", KIND_OTHER },
	{ "pg_lsn", KIND_OTHER },
	{ "int4range", KIND_OTHER },
	{ "int8range", KIND_OTHER },
	{ "numrange", KIND_OTHER },
	{ "tsrange", KIND_OTHER },
	{ "tstzrange", KIND_OTHER },
	{ "daterange", KIND_OTHER },
	{ "int4multirange", KIND_OTHER },
	{ "int8multirange", KIND_OTHER },
	{ "nummultirange", KIND_OTHER },
	{ "tsmultirange", KIND_OTHER },
	{ "tstzmultirange", KIND_OTHER },
	{ "datemultirange", KIND_OTHER },
};

/* Columns that the platform keeps under fixed names. */
static const struct {
	const char *name;
	enum role role;
} system_columns[] = {
	{ "tenant_id", ROLE_TENANT },
	{ "id", ROLE_ID },
	{ "created_at", ROLE_CREATED_AT },
	{ "updated_at", ROLE_UPDATED_AT },
	{ "version", ROLE_VERSION },
	{ "deletion_id", ROLE_DELETION_ID },
};

static const char *const actions[] = {
	[ACTION_READ] = "read",
	[ACTION_CREATE] = "create",
	[ACTION_UPDATE] = "update",
	[ACTION_DELETE] = "delete",
	[ACTION_FORCE] = "force",
	[ACTION_RESTORE] = "restore",
	[ACTION_HISTORY] = "history",
};
static_assert(COUNT_OF(actions) == ACTION__MAX, "a word per action");

static const struct {
	const char *word;
	enum rule_kind kind;
} rule_words[] = {
	{ "anyone", RULE_ANYONE },
	{ "member", RULE_MEMBER },
	{ "owner", RULE_OWNER },
}; /* any other word is a role */

static char *
kebab(struct arena *arena, const char *snake)
{
	char *name = arena_string(arena, snake);

	for (char *c = name; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

/* --- rules ------------------------------------------------------------------------------------ */

static const struct rule *
load_rule(struct arena *arena, const char *word, size_t len, const struct rule *next)
{
	struct rule *rule = ARENA_NEW(arena, struct rule);

	rule->next = next;
	rule->kind = RULE_ROLE;
	rule->role = arena_copy(arena, word, len);
	for (size_t i = 0; i < COUNT_OF(rule_words); i++)
		if (strcmp(rule_words[i].word, rule->role) == 0)
			rule->kind = rule_words[i].kind;
	return rule;
}

/* "owner|ADMIN" as a list. An action without a rule is permitted to nobody. */
static const struct rule *
load_rules(struct arena *arena, const char *text)
{
	const struct rule *rules = NULL;

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "|");

		if (len > 0)
			rules = load_rule(arena, text, len, rules);
		text += len;
		text += *text == '|';
	}
	return rules;
}

/* --- columns ---------------------------------------------------------------------------------- */

static enum kind
type_kind(const char *category, const char *base)
{
	const char *dot = strrchr(base, '.');

	if (category[0] == 'A')
		return KIND_ARRAY;
	if (category[0] == 'E')
		return KIND_ENUM;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].type, kinds[i].type[0] == '.' && dot != NULL ? dot : base) == 0)
			return kinds[i].kind;
	return KIND_OPAQUE;
}

static enum role
column_role(struct json_object *model, const char *name)
{
	if (document_bool(model, "soft_delete", false)) {
		if (strcmp(name, document_string(model, "deleted_at", "deleted_at")) == 0)
			return ROLE_DELETED_AT;
		if (strcmp(name, document_string(model, "deleted_by", "deleted_by")) == 0)
			return ROLE_DELETED_BY;
	}
	if (strcmp(document_string(model, "search", ""), "fulltext") == 0 &&
	    strcmp(name, "search_vector") == 0)
		return ROLE_SEARCH;
	for (size_t i = 0; i < COUNT_OF(system_columns); i++)
		if (strcmp(system_columns[i].name, name) == 0)
			return system_columns[i].role;
	return ROLE_NONE;
}

static const char *const *
copy_labels(struct arena *arena, struct json_object *labels)
{
	size_t count = document_length(labels);
	const char **copy;

	if (count == 0)
		return NULL;
	copy = arena_array(arena, count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = arena_string(arena, document_text(labels, i));
	return copy;
}

/* What values need to know, of a column or of the elements of an array. */
static void
load_type(struct column *c, struct json_object *document, struct arena *arena)
{
	const char *base = document_string(document, "base", "");

	c->type = sqlname_type(arena, base);
	c->kind = type_kind(document_string(document, "category", ""), base);
	c->smallint = strcmp(base, "smallint") == 0;
	c->integer = strcmp(base, "integer") == 0;
	c->real = strcmp(base, "real") == 0;
	c->labels = copy_labels(arena, document_member(document, "enum"));
	c->max_length = (long)document_int(document, "max_length", 0);
	c->precision = (int)document_int(document, "precision", 0);
	c->scale = (int)document_int(document, "scale", 0);
}

/* Of an array; NULL of anything else. */
static const struct column *
load_element(const struct column *array, struct json_object *element, struct arena *arena)
{
	struct column *c;

	if (element == NULL)
		return NULL;
	c = ARENA_NEW(arena, struct column);
	load_type(c, element, arena);
	c->json = arena_printf(arena, "an element of %s", array->json);
	c->sensitive = array->sensitive;
	return c;
}

/* The operators by their words, as bits; the registration has checked the words. */
static unsigned
load_operators(struct json_object *words)
{
	unsigned operators = 0;
	enum operator op;

	for (size_t i = 0; i < document_length(words); i++)
		if (operator_find(document_text(words, i), &op))
			operators |= 1U << op;
	return operators;
}

/* Absent is none; false when it is no number. */
static bool
load_bound(const struct bound **bound, const char *text, struct arena *arena)
{
	struct bound *b;

	*bound = NULL;
	if (text == NULL)
		return true;
	*bound = b = ARENA_NEW(arena, struct bound);
	b->text = arena_string(arena, text);
	return decimal_read(&b->value, text);
}

/* False when this program does not know the rules. */
static bool
load_validation(struct column *c, struct json_object *rules, struct arena *arena)
{
	const char *format = document_string(rules, "format", NULL);
	struct validation *v;

	if (rules == NULL)
		return true;
	c->validation = v = ARENA_NEW(arena, struct validation);
	if (format != NULL && (v->format = textformat_find(format)) == NULL)
		return false;
	return load_bound(&v->min, document_string(rules, "min", NULL), arena) &&
	    load_bound(&v->max, document_string(rules, "max", NULL), arena);
}

static bool
load_column(
    struct column *c, struct json_object *model, struct json_object *column, struct arena *arena)
{
	const char *array_type = document_string(column, "array_type", NULL);
	const char *identity = document_string(column, "identity", "");
	const char *initial = document_string(column, "default", NULL);

	c->name = arena_string(arena, document_string(column, "name", NULL));
	c->json = arena_string(arena, document_string(column, "json", NULL));
	c->sql = sqlname_quoted(arena, c->name);
	c->label = sqlname_quoted(arena, c->json);
	load_type(c, column, arena);
	if (array_type != NULL)
		c->array_type = sqlname_type(arena, array_type);
	c->role = column_role(model, c->name);
	c->not_null = document_bool(column, "not_null", false);
	c->generated = document_bool(column, "generated", false);
	c->identity_always = strcmp(identity, "always") == 0;
	c->initial = initial != NULL ? arena_string(arena, initial) : NULL;
	c->has_default = initial != NULL || identity[0] != '\0';
	c->hidden =
	    c->role == ROLE_SEARCH || document_contains(document_member(model, "hidden"), c->name);
	c->sensitive = c->hidden || document_contains(document_member(model, "sensitive"), c->name);
	c->element = load_element(c, document_member(column, "element"), arena);
	if (c->kind == KIND_ARRAY && c->element == NULL)
		c->kind = KIND_OPAQUE; /* int2vector and oidvector only look like arrays */
	c->read_only = document_contains(document_member(model, "read_only"), c->name);
	c->sortable =
	    c->role == ROLE_ID || document_contains(document_member(model, "sortable"), c->name);
	c->searchable = document_contains(document_member(model, "searchable"), c->name);
	c->operators =
	    load_operators(document_member(document_member(model, "filterable"), c->name));
	c->writers =
	    load_rules(arena, document_string(document_member(model, "restricted"), c->name, NULL));
	return load_validation(c, document_member(column, "validate"), arena);
}

static const struct column *
column_by_role(const struct model *model, enum role role)
{
	for (size_t i = 0; i < model->column_count; i++)
		if (model->columns[i].role == role)
			return &model->columns[i];
	return NULL;
}

/* --- sorting ---------------------------------------------------------------------------------- */

/* "created_at:DESC"; the registration has checked it. */
static void
load_sort_key(
    struct sort_key *key, const struct model *model, const char *text, struct arena *arena)
{
	size_t len = strcspn(text, ":");

	key->column = model_sql_column(model, arena_copy(arena, text, len));
	key->descending = text[len] == ':' && strcmp(text + len + 1, "DESC") == 0;
}

static void
load_sorting(struct model *model, struct json_object *document, struct arena *arena)
{
	struct json_object *keys = document_member(document, "default_sort");
	const char *nulls = document_string(document, "null_sort", "");
	struct sort_key *sort = arena_array(arena, document_length(keys) + 1, sizeof(*sort));

	model->default_sort = sort;
	model->default_sort_count = document_length(keys);
	for (size_t i = 0; i < model->default_sort_count; i++)
		load_sort_key(&sort[i], model, document_text(keys, i), arena);
	if (strcmp(nulls, "first") == 0)
		model->nulls = NULLS_FIRST;
	if (strcmp(nulls, "last") == 0)
		model->nulls = NULLS_LAST;
	model->default_limit = (long)document_int(document, "default_limit", 20);
	model->max_limit = (long)document_int(document, "max_limit", 100);
}

/* --- models ----------------------------------------------------------------------------------- */

static bool
check_model(const struct model *m, struct problem *p)
{
	bool missing = m->id == NULL || (m->tenancy == TENANCY_TENANT && m->tenant == NULL) ||
	    (m->soft_delete && m->deleted_at == NULL);

	for (size_t i = 0; i < m->default_sort_count; i++)
		missing = missing || m->default_sort[i].column == NULL;
	if (!missing)
		return true;
	problem_cause(p,
	    "model \"%s\" lacks a column that its registration needs: run `rowhouse check`",
	    m->table);
	return problem_raise(p, PROBLEM_UNSAFE, "the database does not pass its safety checks");
}

static enum tenancy
load_tenancy(const char *word)
{
	if (strcmp(word, "tenant") == 0)
		return TENANCY_TENANT;
	return strcmp(word, "shared") == 0 ? TENANCY_SHARED : TENANCY_UNDECLARED;
}

static bool
load_columns(struct model *m, struct json_object *document, struct arena *arena, struct problem *p)
{
	struct json_object *list = document_member(document, "columns");
	struct column *columns = arena_array(arena, document_length(list) + 1, sizeof(*columns));

	m->columns = columns;
	m->column_count = document_length(list);
	for (size_t i = 0; i < m->column_count; i++)
		if (!load_column(&columns[i], document, document_element(list, i), arena)) {
			problem_cause(p,
			    "the rules of column \"%s\" of model \"%s\" are of another release",
			    columns[i].name, m->table);
			return problem_raise(
			    p, PROBLEM_UNSAFE, "the database does not pass its safety checks");
		}
	m->id = column_by_role(m, ROLE_ID);
	m->tenant = column_by_role(m, ROLE_TENANT);
	m->deleted_at = column_by_role(m, ROLE_DELETED_AT);
	m->deleted_by = column_by_role(m, ROLE_DELETED_BY);
	m->deletion_id = column_by_role(m, ROLE_DELETION_ID);
	m->created_at = column_by_role(m, ROLE_CREATED_AT);
	m->updated_at = column_by_role(m, ROLE_UPDATED_AT);
	m->version = column_by_role(m, ROLE_VERSION);
	m->search = column_by_role(m, ROLE_SEARCH);
	return true;
}

static bool
load_model(struct model *m, struct json_object *document, struct arena *arena, struct problem *p)
{
	const char *schema = document_string(document, "schema", NULL);
	const char *owner = document_string(document, "owner", NULL);
	struct json_object *access = document_member(document, "access");

	m->schema = arena_string(arena, schema);
	m->table = arena_string(arena, document_string(document, "table", NULL));
	m->name = kebab(arena, m->table);
	m->sql = sqlname_qualified(arena, m->schema, m->table);
	m->tenancy = load_tenancy(document_string(document, "tenancy", ""));
	m->soft_delete = document_bool(document, "soft_delete", false);
	m->audit = document_bool(document, "audit", false);
	m->require_match = document_bool(document, "require_match", false);
	m->client_ids = document_bool(document, "client_ids", false);
	if (!load_columns(m, document, arena, p))
		return false;
	m->owner = owner == NULL ? NULL : model_sql_column(m, owner);
	for (size_t i = 0; i < COUNT_OF(actions); i++)
		m->access[i] = load_rules(arena, document_string(access, actions[i], NULL));
	load_sorting(m, document, arena);
	return check_model(m, p);
}

/* What a client gives for the column that holds the hash; NULL where this program does not know
 * the rules. */
static const struct column *
load_password_input(const struct column *hash, struct json_object *rules, struct arena *arena)
{
	struct column *input = ARENA_NEW(arena, struct column);

	*input = column_text;
	input->name = input->json = "password";
	input->sensitive = true;
	input->not_null = hash->not_null && !hash->has_default;
	return load_validation(input, rules, arena) ? input : NULL;
}

/* The registration has checked that the names exist; a table dropped since is the lint's to tell.
 */
static const struct principals *
load_principals(
    struct model *models, size_t count, struct json_object *document, struct arena *arena)
{
	struct principals *who = ARENA_NEW(arena, struct principals);
	const char *role = document_string(document, "role", NULL);
	struct model *model = models;
	char *name;

	if (document == NULL)
		return NULL;
	name = kebab(arena, document_string(document, "table", ""));
	while (model < models + count && strcmp(model->name, name) != 0)
		model++;
	if (model == models + count)
		return NULL;
	who->model = model;
	who->login = model_sql_column(model, document_string(document, "login", ""));
	who->password = model_sql_column(model, document_string(document, "password", ""));
	if (role != NULL)
		who->role = model_sql_column(model, role);
	who->roles = copy_labels(arena, document_member(document, "roles"));
	if (who->login == NULL || who->password == NULL ||
	    (who->input = load_password_input(
		 who->password, document_member(document, "validate"), arena)) == NULL)
		return NULL;
	model->principals = who;
	return who;
}

const struct catalogue *
catalogue_load(struct arena *arena, const char *json, size_t len, struct problem *p)
{
	struct catalogue *catalogue = ARENA_NEW(arena, struct catalogue);
	struct json_object *document, *deployment, *list;
	struct model *models;

	if ((document = document_parse(p->arena, json, len, p)) == NULL)
		return NULL;
	deployment = document_member(document, "deployment");
	catalogue->single_role = document_bool(deployment, "single_role", false);
	catalogue->demo = document_bool(deployment, "demo", false);
	list = document_member(document, "models");
	catalogue->model_count = document_length(list);
	catalogue->models = models =
	    arena_array(arena, catalogue->model_count + 1, sizeof(*models));
	for (size_t i = 0; i < catalogue->model_count; i++)
		if (!load_model(&models[i], document_element(list, i), arena, p))
			return NULL;
	for (size_t i = 0; i < catalogue->model_count; i++)
		relations_load(&models[i], catalogue, document_element(list, i), arena);
	catalogue->principals = load_principals(
	    models, catalogue->model_count, document_member(document, "principals"), arena);
	return catalogue;
}

const struct model *
catalogue_model(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->model_count; i++)
		if (strcmp(catalogue->models[i].name, name) == 0)
			return &catalogue->models[i];
	return NULL;
}
