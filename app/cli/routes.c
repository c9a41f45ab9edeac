/* SPDX-License-Identifier: BSD-2-Clause */
/* routes.c - rowhouse routes: the table that requests are looked up in, by these settings */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/text.h"
#include "cli/command.h"
#include "formats/jsontext.h"
#include "handlers/routes.h"
#include "serve/body.h"
#include "serve/handles.h"
#include "serve/router.h"

enum { OPTION_JSON = OPTION_OWN, JSON_MAX = 4 << 20 };

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_routes;

const struct command command_routes = {
	.name = "routes",
	.run = run_routes,
	.help = "list the routes, and what each of them needs",
	.usage = "usage: rowhouse routes [--json]\n"
		 "\n"
		 "Lists every route in the order in which they are looked through, with what it\n"
		 "needs: a tenant, somebody in particular, a role, the fields of its body, the\n"
		 "authorities that its handler may take against the row rules of models.\n"
		 "\n"
		 "  --json   for programs\n",
	.options = options,
	.letters = "",
};

static const struct {
	unsigned need;
	const char *word;
} needs[] = {
	{ NEED_TENANT, "tenant" },
	{ NEED_PRINCIPAL, "principal" },
	{ NEED_USER, "user" },
	{ NEED_OUTSIDE, "outside" },
	{ NEED_NO_KEY, "no-idempotency-key" },
	{ NEED_KEY, "idempotency-key" },
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

/* --- for people ---------------------------------------------------------------------------- */

/* One line of what a route needs; nothing where there is no word. */
static void
print_more(const char *what, const char *words)
{
	if (words[0] != '\0')
		printf("        %s: %s\n", what, words);
}

static void
add_word(struct text *words, const char *word)
{
	if (words->len > 0)
		text_string(words, ", ");
	text_string(words, word);
}

static void
print_fields(const char *what, const struct body_schema *schema, struct arena *arena)
{
	struct text words;

	text_init(&words, arena, JSON_MAX);
	for (size_t i = 0; schema != NULL && i < schema->count; i++)
		add_word(&words,
		    arena_printf(arena, "%s%s", schema->fields[i].name,
			schema->fields[i].need == BODY_REQUIRED ? "" : "?"));
	print_more(what, words.bytes);
}

static void
print_needs(const struct route *route, struct arena *arena)
{
	struct text words;

	text_init(&words, arena, JSON_MAX);
	for (size_t i = 0; i < COUNT_OF(needs); i++)
		if ((route->needs & needs[i].need) != 0)
			add_word(&words, needs[i].word);
	if (route->role != NULL)
		add_word(&words, arena_printf(arena, "role %s", route->role));
	print_more("needs", words.bytes);
}

static void
print_route(const struct route *route, struct arena *arena)
{
	printf("%-7s %s\n", http_method_name(route->method), route->path);
	printf("        %s\n", route->summary);
	print_needs(route, arena);
	print_more("handler", route->name != NULL ? route->name : "");
	print_fields("query", route->query, arena);
	print_fields("body", route->body, arena);
	print_more("logs", route->audit != NULL ? route->audit : "");
	print_more("no entries", route->unaudited != NULL ? route->unaudited : "");
	for (const struct authority *const *a = route->authorities; a != NULL && *a != NULL; a++)
		print_more("authority",
		    arena_printf(arena, "%s of %s: %s", actions[(*a)->action], (*a)->model->table,
			(*a)->reason));
}

/* --- for programs -------------------------------------------------------------------------- */

static void
put_string(struct jsontext *j, const char *key, const char *value)
{
	jsontext_key(j, key);
	if (value != NULL)
		jsontext_string(j, value);
	else
		jsontext_null(j);
}

static void
put_fields(struct jsontext *j, const char *key, const struct body_schema *schema)
{
	jsontext_key(j, key);
	jsontext_begin_array(j);
	for (size_t i = 0; schema != NULL && i < schema->count; i++)
		jsontext_string(j, schema->fields[i].name);
	jsontext_end_array(j);
}

static void
put_authorities(struct jsontext *j, const struct route *route)
{
	jsontext_key(j, "authorities");
	jsontext_begin_array(j);
	for (const struct authority *const *a = route->authorities; a != NULL && *a != NULL; a++) {
		jsontext_begin_object(j);
		put_string(j, "table", (*a)->model->table);
		put_string(j, "action", actions[(*a)->action]);
		put_string(j, "reason", (*a)->reason);
		jsontext_end_object(j);
	}
	jsontext_end_array(j);
}

static void
put_route(struct jsontext *j, const struct route *route)
{
	jsontext_begin_object(j);
	put_string(j, "method", http_method_name(route->method));
	put_string(j, "path", route->path);
	put_string(j, "summary", route->summary);
	put_string(j, "handler", route->name);
	jsontext_key(j, "needs");
	jsontext_begin_array(j);
	for (size_t i = 0; i < COUNT_OF(needs); i++)
		if ((route->needs & needs[i].need) != 0)
			jsontext_string(j, needs[i].word);
	jsontext_end_array(j);
	put_string(j, "role", route->role);
	put_fields(j, "query", route->query);
	put_fields(j, "body", route->body);
	put_string(j, "audit", route->audit);
	put_string(j, "unaudited", route->unaudited);
	put_authorities(j, route);
	jsontext_end_object(j);
}

static void
print_json(const struct route_table *table, struct arena *arena)
{
	struct jsontext j;
	struct text out;

	text_init(&out, arena, JSON_MAX);
	jsontext_init(&j, &out);
	jsontext_begin_array(&j);
	for (size_t i = 0; i < table->count; i++)
		put_route(&j, &table->routes[i]);
	jsontext_end_array(&j);
	jsontext_done(&j);
	puts(out.bytes);
}

static enum command_exit
run_routes(struct command_line *line, int argc, char **argv)
{
	const struct route_table *table;
	const struct settings *settings;
	struct problem p;
	bool json = false;
	int option;

	while ((option = command_option(line, argc, argv)) != OPTION_END) {
		if (option == OPTION_STOP)
			return line->exit_code;
		json = true;
	}
	if (optind < argc)
		return command_misused(line, "it takes no \"%s\"", argv[optind]);
	if ((settings = command_settings(line, NULL)) == NULL)
		return line->exit_code;
	problem_init(&p, line->arena);
	if ((table = handlers_routes(line->arena, settings, &p)) == NULL)
		return command_fail(&p);
	if (json)
		print_json(table, line->arena);
	else
		for (size_t i = 0; i < table->count; i++)
			print_route(&table->routes[i], line->arena);
	return COMMAND_OK;
}
