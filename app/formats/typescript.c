/* SPDX-License-Identifier: BSD-2-Clause */
/* typescript.c - a schema at a time, from the outside to the inside */
#include "formats/typescript.h"

#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "formats/document.h"
#include "formats/jsonread.h"
#include "formats/jsontext.h"

struct writing {
	struct text *out;
	struct json_object *schema;
	unsigned depth;
	bool any;
};

static void
indent(struct text *out, unsigned depth)
{
	while (depth-- > 0)
		text_byte(out, '\t');
}

/* JSON's strings are TypeScript's. */
void
typescript_literal(struct text *out, const char *string)
{
	struct jsontext j;

	jsontext_init(&j, out);
	jsontext_string(&j, string);
}

static bool
is_identifier(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$";

	return name[0] != '\0' && strchr(letters, name[0]) != NULL &&
	    name[strspn(
		name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$0123456789")] == '\0';
}

void
typescript_member(struct text *out, const char *name, bool required, unsigned depth)
{
	indent(out, depth);
	if (is_identifier(name))
		text_string(out, name);
	else
		typescript_literal(out, name);
	text_string(out, required ? ": " : "?: ");
}

/* --- objects ------------------------------------------------------------------------------- */

static void
put_property(void *writing, const char *name, struct json_object *schema)
{
	struct writing *w = writing;
	bool required = document_contains(document_member(w->schema, "required"), name);

	typescript_member(w->out, name, required, w->depth + 1);
	typescript_type(w->out, schema, w->depth + 1);
	text_literal(w->out, ";\n");
}

/* Names that match a pattern: of any name, as TypeScript knows no patterns. */
static void
put_pattern(void *writing, const char *pattern, struct json_object *schema)
{
	struct writing *w = writing;

	(void)pattern;
	if (w->any)
		return;
	w->any = true;
	indent(w->out, w->depth + 1);
	text_literal(w->out, "[name: string]: unknown;\n");
	(void)schema;
}

static void
put_object(struct text *out, struct json_object *schema, unsigned depth)
{
	struct json_object *properties = document_member(schema, "properties");
	struct json_object *patterns = document_member(schema, "patternProperties");
	struct writing w = { out, schema, depth, false };

	if (properties == NULL && patterns == NULL) {
		text_literal(out, "Record<string, unknown>");
		return;
	}
	text_literal(out, "{\n");
	if (properties != NULL)
		document_each(properties, put_property, &w);
	if (patterns != NULL)
		document_each(patterns, put_pattern, &w);
	indent(out, depth);
	text_byte(out, '}');
}

/* --- types --------------------------------------------------------------------------------- */

static void
put_array(struct text *out, struct json_object *schema, unsigned depth)
{
	text_literal(out, "Array<");
	typescript_type(out, document_member(schema, "items"), depth);
	text_byte(out, '>');
}

static void
put_plain(struct text *out, const char *type)
{
	static const struct {
		const char *type, *written;
	} rows[] = {
		{ "string", "string" },
		{ "integer", "number" },
		{ "number", "number" },
		{ "boolean", "boolean" },
		{ "null", "null" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (strcmp(rows[i].type, type) == 0) {
			text_string(out, rows[i].written);
			return;
		}
	text_literal(out, "unknown");
}

static void
put_named(struct text *out, const char *type, struct json_object *schema, unsigned depth)
{
	if (strcmp(type, "array") == 0)
		put_array(out, schema, depth);
	else if (strcmp(type, "object") == 0)
		put_object(out, schema, depth);
	else
		put_plain(out, type);
}

/* "type": a name, or an array of names. */
static void
put_types(struct text *out, struct json_object *schema, unsigned depth)
{
	struct json_object *type = document_member(schema, "type");

	if (jsonread_kind(type) != JSONREAD_ARRAY) {
		put_named(out, document_string(schema, "type", ""), schema, depth);
		return;
	}
	for (size_t i = 0; i < document_length(type); i++) {
		if (i > 0)
			text_literal(out, " | ");
		put_named(out, document_text(type, i), schema, depth);
	}
}

static void
put_labels(struct text *out, struct json_object *labels)
{
	for (size_t i = 0; i < document_length(labels); i++) {
		if (i > 0)
			text_literal(out, " | ");
		if (document_element(labels, i) == NULL)
			text_literal(out, "null");
		else
			typescript_literal(out, document_text(labels, i));
	}
}

static void
put_alternatives(struct text *out, struct json_object *schemas, unsigned depth)
{
	for (size_t i = 0; i < document_length(schemas); i++) {
		if (i > 0)
			text_literal(out, " | ");
		typescript_type(out, document_element(schemas, i), depth);
	}
}

static void
put_constant(struct text *out, struct json_object *schema)
{
	struct json_object *value = document_member(schema, "const");

	if (jsonread_kind(value) == JSONREAD_STRING)
		typescript_literal(out, document_string(schema, "const", ""));
	else
		text_string(out, document_bool(schema, "const", false) ? "true" : "false");
}

void
typescript_type(struct text *out, struct json_object *schema, unsigned depth)
{
	const char *reference = document_string(schema, "$ref", NULL);

	if (reference != NULL)
		text_string(out, strrchr(reference, '/') + 1);
	else if (document_member(schema, "anyOf") != NULL)
		put_alternatives(out, document_member(schema, "anyOf"), depth);
	else if (document_member(schema, "enum") != NULL)
		put_labels(out, document_member(schema, "enum"));
	else if (document_member(schema, "const") != NULL)
		put_constant(out, schema);
	else if (document_member(schema, "type") != NULL)
		put_types(out, schema, depth);
	else
		text_literal(out, "unknown");
}

void
typescript_declare(struct text *out, const char *name, struct json_object *schema)
{
	text_printf(out, "\nexport type %s = ", name);
	typescript_type(out, schema, 0);
	text_literal(out, ";\n");
}
