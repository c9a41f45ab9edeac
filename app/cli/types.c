/* SPDX-License-Identifier: BSD-2-Clause */
/* types.c - rowhouse types: the API's description as types of TypeScript */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "cli/acting.h"
#include "cli/command.h"
#include "formats/document.h"
#include "formats/typescript.h"
#include "handlers/description.h"

enum { TYPES_BYTES = 512 << 20 };

static command_fn run_types;

const struct command command_types = {
	.name = "types",
	.run = run_types,
	.help = "write TypeScript types of the API",
	.usage =
	    "usage: rowhouse types > api.ts\n"
	    "\n"
	    "Prints a type for each schema of `rowhouse openapi`, and the interface Operations:\n"
	    "the method, path, query, body and answer of each operation by its name.\n",
	.letters = "",
};

/* What is being written, and where. */
struct writing {
	struct text *out;
	struct arena *arena;
	struct json_object *description;
	const char *path;
};

static void
put_schema(void *writing, const char *name, struct json_object *schema)
{
	typescript_declare(((struct writing *)writing)->out, name, schema);
}

/* --- operations ---------------------------------------------------------------------------- */

/* What a reference to one of the components means. */
static struct json_object *
resolve(const struct writing *w, struct json_object *part)
{
	const char *at = document_string(part, "$ref", NULL);
	struct json_object *found = w->description;

	if (at == NULL)
		return part;
	for (at += 2; at != NULL;)
		found = document_member(found, text_piece(&at, '/', w->arena));
	return found;
}

/* Parameters of the query string; those that stand for many names are an index. */
static void
put_query(struct writing *w, struct json_object *parameters)
{
	bool others = false;

	text_literal(w->out, "\t\tquery: {\n");
	for (size_t i = 0; i < document_length(parameters); i++) {
		struct json_object *p = resolve(w, document_element(parameters, i));
		struct json_object *schema = document_member(p, "schema");

		if (strcmp(document_string(p, "in", ""), "query") != 0)
			continue;
		if (document_member(schema, "patternProperties") != NULL) {
			others = true;
			continue;
		}
		typescript_member(w->out, document_string(p, "name", ""), false, 3);
		typescript_type(w->out, schema, 3);
		text_literal(w->out, ";\n");
	}
	if (others)
		text_literal(w->out, "\t\t\t[condition: string]: unknown;\n");
	text_literal(w->out, "\t\t};\n");
}

static struct json_object *
json_schema(struct json_object *content)
{
	return document_member(
	    document_member(document_member(content, "content"), "application/json"), "schema");
}

static void
put_typed(struct writing *w, const char *name, struct json_object *schema, const char *absent)
{
	typescript_member(w->out, name, true, 2);
	if (schema != NULL)
		typescript_type(w->out, schema, 2);
	else
		text_string(w->out, absent);
	text_literal(w->out, ";\n");
}

/* The body of the answer when all goes well. */
static struct json_object *
good_answer(struct json_object *operation)
{
	struct json_object *answers = document_member(operation, "responses");
	struct json_object *ok = document_member(answers, "200");

	return json_schema(ok != NULL ? ok : document_member(answers, "201"));
}

/* A member of a path: an operation under its method, or what all of them share. */
static void
put_operation(void *writing, const char *method, struct json_object *operation)
{
	static const struct {
		const char *key, *method;
	} methods[] = { { "get", "GET" }, { "put", "PUT" }, { "post", "POST" },
		{ "patch", "PATCH" }, { "delete", "DELETE" }, { "x-query", "QUERY" } };
	struct writing *w = writing;
	size_t i = 0;

	while (i < COUNT_OF(methods) && strcmp(methods[i].key, method) != 0)
		i++;
	if (i == COUNT_OF(methods))
		return;
	typescript_member(w->out, document_string(operation, "operationId", ""), true, 1);
	text_printf(w->out, "{\n\t\tmethod: \"%s\";\n\t\tpath: ", methods[i].method);
	typescript_literal(w->out, w->path);
	text_literal(w->out, ";\n");
	put_query(w, document_member(operation, "parameters"));
	put_typed(w, "body", json_schema(document_member(operation, "requestBody")), "undefined");
	put_typed(w, "answer", good_answer(operation), "undefined");
	text_literal(w->out, "\t};\n");
}

static void
put_path(void *writing, const char *path, struct json_object *item)
{
	struct writing *w = writing;

	w->path = path;
	document_each(item, put_operation, w);
}

static void
put_types(struct writing *w)
{
	struct json_object *components = document_member(w->description, "components");

	text_literal(w->out, "// Made by `rowhouse types` from the models of a database.\n");
	document_each(document_member(components, "schemas"), put_schema, w);
	text_literal(w->out, "\nexport interface Operations {\n");
	document_each(document_member(w->description, "paths"), put_path, w);
	text_literal(w->out, "}\n");
}

/* --- the command --------------------------------------------------------------------------- */

static enum command_exit
run_types(struct command_line *line, int argc, char **argv)
{
	const struct settings *settings;
	struct text description, out;
	struct writing w = { .out = &out, .arena = line->arena };
	struct problem p;
	struct acting a;

	if (command_option(line, argc, argv) != OPTION_END)
		return line->exit_code;
	if (optind < argc)
		return command_misused(line, "it takes no argument");
	if ((settings = command_settings(line, NULL)) == NULL)
		return line->exit_code;
	problem_init(&p, line->arena);
	text_init(&description, line->arena, TYPES_BYTES);
	text_init(&out, line->arena, TYPES_BYTES);
	if (!acting_connect(&a, line->arena, settings, &p))
		return command_fail(&p);
	description_put(&description, a.request.catalogue, a.environment.routes, settings);
	w.description = document_parse(line->arena, description.bytes, description.len, &p);
	if (w.description == NULL)
		return command_fail(&p);
	put_types(&w);
	fputs(out.bytes, stdout);
	return COMMAND_OK;
}
