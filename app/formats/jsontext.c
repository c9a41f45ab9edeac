/* SPDX-License-Identifier: BSD-2-Clause */
/* jsontext.c - commas, escapes, balance */
#include "formats/jsontext.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

void
jsontext_init(struct jsontext *j, struct text *out)
{
	*j = (struct jsontext){ .out = out };
}

/* What stands before a value. */
static void
begin_value(struct jsontext *j)
{
	if (j->comma && !j->after_key)
		text_byte(j->out, ',');
	j->comma = true;
	j->after_key = false;
}

static void
begin(struct jsontext *j, char bracket)
{
	begin_value(j);
	text_byte(j->out, bracket);
	j->depth++;
	j->comma = false;
}

static void
end(struct jsontext *j, char bracket)
{
	assert(j->depth > 0 && !j->after_key);
	j->depth--;
	text_byte(j->out, bracket);
	j->comma = true;
}

void
jsontext_begin_object(struct jsontext *j)
{
	begin(j, '{');
}

void
jsontext_end_object(struct jsontext *j)
{
	end(j, '}');
}

void
jsontext_begin_array(struct jsontext *j)
{
	begin(j, '[');
}

void
jsontext_end_array(struct jsontext *j)
{
	end(j, ']');
}

/* RFC 8259, 7: quotes, backslashes and control characters are escaped; DEL and U+2028 need not be.
 */
static void
put_string(struct jsontext *j, const char *s)
{
	text_byte(j->out, '"');
	while (*s != '\0') {
		size_t plain = 0;

		while ((unsigned char)s[plain] >= 0x20 && s[plain] != '"' && s[plain] != '\\')
			plain++;
		text_put(j->out, s, plain);
		s += plain;
		if (*s == '\0')
			break;
		if (*s == '"' || *s == '\\')
			text_printf(j->out, "\\%c", *s);
		else
			text_printf(j->out, "\\u%04x", (unsigned)(unsigned char)*s);
		s++;
	}
	text_byte(j->out, '"');
}

void
jsontext_key(struct jsontext *j, const char *key)
{
	assert(!j->after_key);
	begin_value(j);
	put_string(j, key);
	text_byte(j->out, ':');
	j->after_key = true;
}

void
jsontext_string(struct jsontext *j, const char *string)
{
	if (string == NULL) {
		jsontext_null(j);
		return;
	}
	begin_value(j);
	put_string(j, string);
}

void
jsontext_int(struct jsontext *j, int64_t value)
{
	begin_value(j);
	text_int(j->out, value);
}

void
jsontext_bool(struct jsontext *j, bool value)
{
	begin_value(j);
	text_string(j->out, value ? "true" : "false");
}

void
jsontext_null(struct jsontext *j)
{
	begin_value(j);
	text_literal(j->out, "null");
}

void
jsontext_put_string(struct jsontext *j, const char *key, const char *string)
{
	jsontext_key(j, key);
	jsontext_string(j, string);
}

void
jsontext_put_int(struct jsontext *j, const char *key, int64_t value)
{
	jsontext_key(j, key);
	jsontext_int(j, value);
}

void
jsontext_put_bool(struct jsontext *j, const char *key, bool value)
{
	jsontext_key(j, key);
	jsontext_bool(j, value);
}

void
jsontext_raw(struct jsontext *j, const char *json, size_t len)
{
	begin_value(j);
	text_put(j->out, json, len);
}

void
jsontext_done(const struct jsontext *j)
{
	assert(j->depth == 0 && !j->after_key);
}
