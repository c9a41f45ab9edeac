/* SPDX-License-Identifier: BSD-2-Clause */
/* comparison.c - from "$gte:5" to an operator and a parameter */
#include "compiler/comparison.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "compiler/query.h"
#include "compiler/values.h"
#include "database/sqltext.h"
#include "formats/decimal.h"

/* Where an operand is read to, and all that is needed for it. */
struct operand {
	struct predicate *predicate;
	const struct comparand *of;
	const char *text;
	const char *pointer;
	struct arena *arena;
	struct problem *problem;
};

const char *
comparison_operators(unsigned operators, struct arena *arena)
{
	struct text words;

	text_init(&words, arena, 1024);
	for (unsigned op = 0; op < OPERATOR__MAX; op++)
		if ((operators & 1U << op) != 0)
			text_printf(&words, "%s%s", words.len > 0 ? ", " : "",
			    operator_word((enum operator)op));
	return words.len > 0 ? words.bytes : "none";
}

const char *const *
comparison_split(const char *text, struct arena *arena, unsigned *count)
{
	size_t pieces = 1;
	const char **list;
	char *out = arena_alloc(arena, strlen(text) + 1);

	for (const char *c = text; *c != '\0'; c++)
		pieces += *c == ',';
	list = arena_array(arena, pieces + 1, sizeof(*list));
	list[0] = out;
	*count = 1;
	for (; *text != '\0'; text++) {
		if (*text == ',') {
			*out++ = '\0';
			list[(*count)++] = out;
			continue;
		}
		if (*text == '\\' && (text[1] == ',' || text[1] == '\\'))
			text++;
		*out++ = *text;
	}
	return list;
}

/* --- a reader per operator -------------------------------------------------------------------- */

static bool
read_none(const struct operand *operand)
{
	(void)operand;
	return true;
}

static bool
read_one(const struct operand *o)
{
	o->predicate->value = value_read(o->of->column, o->text, o->pointer, o->arena, o->problem);
	return o->predicate->value != NULL;
}

/* An array in one parameter: of the column's values for IN, of its elements' where it is one. */
static bool
read_list(const struct operand *o)
{
	unsigned count;
	const char *const *texts = comparison_split(o->text, o->arena, &count);

	o->predicate->value = value_list(o->of->column, texts, o->pointer, o->arena, o->problem);
	return o->predicate->value != NULL;
}

/* No array holds arrays, so a column of arrays cannot be among several. */
static bool
read_members(const struct operand *o)
{
	if (o->of->column->kind == KIND_ARRAY)
		return problem_fault(o->problem, o->pointer, "operator",
		    "%s does not apply to an array; use $hasSome or $hasEvery",
		    operator_word(o->predicate->operator));
	return read_list(o);
}

/* Of an array column the value is an array. */
static bool
read_equal(const struct operand *o)
{
	return o->of->column->kind == KIND_ARRAY ? read_list(o) : read_one(o);
}

static bool
read_ends(const struct operand *o)
{
	unsigned count;
	const char *const *texts = comparison_split(o->text, o->arena, &count);

	if (count != 2)
		return problem_fault(o->problem, o->pointer, "operand",
		    "$btw takes two values, the lowest and the highest: $btw:LOW,HIGH");
	o->predicate->value = value_read(o->of->column, texts[0], o->pointer, o->arena, o->problem);
	o->predicate->high = value_read(o->of->column, texts[1], o->pointer, o->arena, o->problem);
	return o->predicate->value != NULL && o->predicate->high != NULL;
}

static bool
read_element(const struct operand *o)
{
	const char *const one[] = { o->text, NULL };

	o->predicate->value = value_list(o->of->column, one, o->pointer, o->arena, o->problem);
	return o->predicate->value != NULL;
}

/* A pattern of LIKE that stands for the text itself: backslash is its escape. */
static void
put_literally(struct text *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '%' || *text == '_' || *text == '\\')
			text_byte(out, '\\');
		text_byte(out, *text);
	}
}

static const struct value *
make_pattern(const char *text, bool open_end, struct arena *arena)
{
	struct text pattern;

	text_init(&pattern, arena, 2 * strlen(text) + 2);
	text_byte(&pattern, '%');
	put_literally(&pattern, text);
	if (open_end)
		text_byte(&pattern, '%');
	assert(!pattern.failed);
	return value_new(arena, SQLTYPE_TEXT, pattern.bytes);
}

const struct value *
comparison_pattern(const char *text, struct arena *arena)
{
	return make_pattern(text, true, arena);
}

static bool
read_pattern(const struct operand *o)
{
	o->predicate->value =
	    make_pattern(o->text, o->predicate->operator!= OPERATOR_ENDS, o->arena);
	return true;
}

static bool
read_prefix(const struct operand *o)
{
	o->predicate->value = value_new(o->arena, SQLTYPE_TEXT, o->text);
	return true;
}

static bool (*const readers[])(const struct operand *) = {
	[OPERATOR_EQ] = read_equal,
	[OPERATOR_NE] = read_equal,
	[OPERATOR_GT] = read_one,
	[OPERATOR_GTE] = read_one,
	[OPERATOR_LT] = read_one,
	[OPERATOR_LTE] = read_one,
	[OPERATOR_IN] = read_members,
	[OPERATOR_NIN] = read_members,
	[OPERATOR_ILIKE] = read_pattern,
	[OPERATOR_BTW] = read_ends,
	[OPERATOR_NULL] = read_none,
	[OPERATOR_NOT_NULL] = read_none,
	[OPERATOR_LIKE] = read_pattern,
	[OPERATOR_STARTS] = read_prefix,
	[OPERATOR_ENDS] = read_pattern,
	[OPERATOR_CONTAINS] = read_pattern,
	[OPERATOR_HAS] = read_element,
	[OPERATOR_HAS_SOME] = read_list,
	[OPERATOR_HAS_EVERY] = read_list,
	[OPERATOR_IS_EMPTY] = read_none,
};
static_assert(COUNT_OF(readers) == OPERATOR__MAX, "a reader per operator");

/* --- the operator ----------------------------------------------------------------------------- */

/* The word in front; *operand is what stands behind it, NULL when nothing does. A text that begins
 * with no $ is compared for equality. */
static bool
find_operator(const struct operand *o, enum operator* op, const char **operand)
{
	const char *word;
	size_t len = strcspn(o->text, ":");

	*op = OPERATOR_EQ;
	*operand = o->text;
	if (o->text[0] == '\0')
		return problem_fault(o->problem, o->pointer, "empty",
		    "there is nothing to compare %s with; $eq: stands for the empty text",
		    o->of->name);
	if (o->text[0] != '$')
		return true;
	if (strcmp(o->text, operator_word(OPERATOR_NOT_NULL)) == 0)
		len = strlen(o->text);
	word = arena_copy(o->arena, o->text, len);
	*operand = o->text[len] == ':' ? o->text + len + 1 : NULL;
	if (operator_find(word, op) && (o->of->operators & 1U << *op) != 0)
		return true;
	return problem_fault(o->problem, o->pointer, "operator",
	    "operator \"%s\" is not allowed for \"%s\"; allowed operators: %s",
	    text_shortened(word, o->arena), o->of->name,
	    comparison_operators(o->of->operators, o->arena));
}

/* Whether all operands are numbers. */
static bool
is_numeric(const struct operand *o)
{
	unsigned count;
	const char *const *texts = comparison_split(o->text, o->arena, &count);
	struct decimal number;

	for (unsigned i = 0; i < count; i++)
		if (!decimal_read(&number, texts[i]))
			return false;
	return true;
}

/* A value in json has the type of what it is compared with: order compares numbers with numbers and
 * strings with strings, everything else the text that stands there. */
static void
set_json_subject(const struct operand *o, struct comparand *of)
{
	static const unsigned ordering = 1U << OPERATOR_GT | 1U << OPERATOR_GTE |
	    1U << OPERATOR_LT | 1U << OPERATOR_LTE | 1U << OPERATOR_BTW;

	of->column = &column_text;
	o->predicate->subject = SUBJECT_TEXT;
	if ((ordering & 1U << o->predicate->operator) == 0)
		return;
	o->predicate->subject = SUBJECT_STRING;
	if (is_numeric(o)) {
		of->column = &column_number;
		o->predicate->subject = SUBJECT_NUMBER;
	}
}

/* What belongs to no table goes by its name in the request. */
static const struct column *
named(const struct column *column, const char *name, struct arena *arena)
{
	struct column *copy;

	if (column->sql != NULL)
		return column;
	copy = ARENA_NEW(arena, struct column);
	*copy = *column;
	copy->json = name;
	return copy;
}

bool
comparison_read(struct predicate *predicate, const struct comparand *of, const char *text,
    const char *pointer, struct arena *arena, struct problem *p)
{
	struct comparand typed = *of;
	struct operand operand = { predicate, of, text, pointer, arena, p };
	enum operator op;

	if (!find_operator(&operand, &op, &operand.text))
		return false;
	if (operator_operands(op) == OPERANDS_NONE && operand.text != NULL)
		return problem_fault(p, pointer, "operand", "%s takes no value", operator_word(op));
	if (operator_operands(op) != OPERANDS_NONE && operand.text == NULL)
		return problem_fault(p, pointer, "operand", "%s takes a value: %s:VALUE",
		    operator_word(op), operator_word(op));
	predicate->operator= op;
	if (of->column->kind == KIND_JSON && operand.text != NULL)
		set_json_subject(&operand, &typed);
	else if (of->column->kind == KIND_JSON)
		predicate->subject = SUBJECT_TEXT;
	typed.column = named(typed.column, of->name, arena);
	operand.of = &typed;
	return readers[op](&operand);
}
