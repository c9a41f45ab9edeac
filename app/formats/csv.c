/* SPDX-License-Identifier: BSD-2-Clause */
/* csv.c - quoting, and the apostrophe before a formula */
#include "formats/csv.h"

#include <string.h>

#include "base/text.h"

void
csv_init(struct csv *csv, struct text *out)
{
	csv->out = out;
	csv->comma = false;
}

static bool
is_one_of(char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte) != NULL;
}

/* -?digits[.digits][e[+-]digits]: as PostgreSQL writes numbers. */
static bool
is_number(const char *bytes, size_t len)
{
	static const char digits[] = "0123456789";
	size_t i = len > 0 && bytes[0] == '-', begun = i;

	while (i < len && is_one_of(bytes[i], digits))
		i++;
	if (i == begun)
		return false;
	if (i < len && bytes[i] == '.')
		for (i++; i < len && is_one_of(bytes[i], digits);)
			i++;
	if (i + 1 < len && bytes[i] == 'e') {
		i += bytes[i + 1] == '-' || bytes[i + 1] == '+' ? 2 : 1;
		while (i < len && is_one_of(bytes[i], digits))
			i++;
	}
	return i == len;
}

static bool
is_formula(const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && is_one_of(bytes[i], "\t\r\n "))
		i++;
	return i < len && is_one_of(bytes[i], "=+-@") && !is_number(bytes, len);
}

void
csv_cell(struct csv *csv, const char *bytes, size_t len)
{
	bool quoted = false;

	if (csv->comma)
		text_byte(csv->out, ',');
	csv->comma = true;
	for (size_t i = 0; i < len; i++)
		quoted = quoted || is_one_of(bytes[i], "\",\r\n");
	if (quoted)
		text_byte(csv->out, '"');
	if (is_formula(bytes, len))
		text_byte(csv->out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '"')
			text_byte(csv->out, '"');
		text_byte(csv->out, bytes[i]);
	}
	if (quoted)
		text_byte(csv->out, '"');
}

void
csv_end_row(struct csv *csv)
{
	text_literal(csv->out, "\r\n");
	csv->comma = false;
}
