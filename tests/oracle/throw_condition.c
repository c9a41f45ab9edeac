/* SPDX-License-Identifier: BSD-2-Clause */
/* throw_condition.c - random conditions, and random spellings of their values */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "oracle/asked.h"
#include "oracle/dice.h"
#include "oracle/pool.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define ANY(d, array) ((array)[dice_below((d), COUNT(array))])

/* Where a condition stands. */
struct place {
	const struct rows *rows;
	struct dice *dice;
	struct pool *pool;
	unsigned groups, relations; /* passed so far */
	bool any;                   /* in an or: of related rows only one thing is said */
};

enum { GROUPS_MAX = 2, RELATIONS_MAX = 3 };

static struct condition *
throw_one(struct place, const struct model *, const struct condition *siblings);

/* --- values ----------------------------------------------------------------------------------- */

/* What each type is compared by; a jsonb column at a path. */
static const enum comparator ordered[] = { OP_EQ, OP_NE, OP_GT, OP_GTE, OP_LT, OP_LTE, OP_IN,
	OP_NIN, OP_BTW, OP_NULL, OP_NOT_NULL };
static const enum comparator textual[] = { OP_EQ, OP_NE, OP_GT, OP_GTE, OP_LT, OP_LTE, OP_IN,
	OP_NIN, OP_BTW, OP_NULL, OP_NOT_NULL, OP_ILIKE, OP_ILIKE, OP_LIKE, OP_STARTS, OP_ENDS,
	OP_CONTAINS, OP_LIKE, OP_CONTAINS };
static const enum comparator ordering[] = { OP_GT, OP_GTE, OP_LT, OP_LTE, OP_BTW };
static const enum comparator boolean[] = { OP_EQ, OP_NE, OP_IN, OP_NIN, OP_NULL, OP_NOT_NULL };
static const enum comparator listed[] = { OP_HAS, OP_HAS_SOME, OP_HAS_SOME, OP_HAS_EVERY,
	OP_IS_EMPTY, OP_IS_EMPTY, OP_NULL, OP_NOT_NULL };
static const enum comparator counting[] = { OP_EQ, OP_NE, OP_GT, OP_GTE, OP_LT, OP_LTE, OP_IN,
	OP_NIN, OP_BTW };

static enum comparator
throw_comparator(struct dice *d, enum type type)
{
	switch (type) {
	case TYPE_TEXT: return ANY(d, textual);
	case TYPE_JSON: return dice_percent(d, 50) ? ANY(d, ordering) : ANY(d, textual);
	case TYPE_BOOL: return ANY(d, boolean);
	case TYPE_TEXTS: return ANY(d, listed);
	case TYPE_UUID:
	case TYPE_INT:
	case TYPE_BIGINT:
	case TYPE_NUMERIC:
	case TYPE_ENUM:
	case TYPE_INSTANT:
	case TYPE_INSTANT_MS:
	case TYPE_DATE:
	case TYPE__MAX: break;
	}
	return ANY(d, ordered);
}

static size_t
throw_operand_count(struct dice *d, enum comparator op)
{
	switch (comparator_takes(op)) {
	case TAKES_NONE: return 0;
	case TAKES_ONE: return 1;
	case TAKES_TWO: return 2;
	case TAKES_LIST: break;
	}
	return 1 + dice_below(d, OPERANDS);
}

/* An instant with another offset, or without a fraction where there is none. */
static const char *
spell_instant(struct place at, int64_t us)
{
	int64_t hours = dice_between(at.dice, -12, 12);
	struct cell there = { .number = us + hours * 3600000000 };
	const char *text = cell_text(at.pool, TYPE_INSTANT, &there);
	int len = (int)strlen(text) - 1; /* without the Z */

	if (us % US_PER_DAY == 0 && dice_percent(at.dice, 50))
		return cell_text(at.pool, TYPE_DATE, &(struct cell){ .number = us / US_PER_DAY });
	if (us % 1000000 == 0 && dice_percent(at.dice, 50))
		len -= 7;
	else if (us % US_PER_MS == 0 && dice_percent(at.dice, 50))
		len -= 3;
	if (hours == 0)
		return pool_printf(at.pool, "%.*sZ", len, text);
	return pool_printf(at.pool, "%.*s%c%02" PRId64 ":00", len, text, hours < 0 ? '-' : '+',
	    hours < 0 ? -hours : hours);
}

/* One of the ways to write a value. */
static const char *
spell(struct place at, enum type type, const struct cell *c)
{
	char *text = pool_printf(at.pool, "%s", cell_text(at.pool, type, c));
	size_t len = strlen(text);

	if (type == TYPE_INSTANT || type == TYPE_INSTANT_MS)
		return spell_instant(at, c->number);
	if (type == TYPE_NUMERIC && dice_percent(at.dice, 50))
		while (text[len - 1] == '0' && text[len - 2] != '.')
			text[--len] = '\0';
	if (type == TYPE_UUID && dice_percent(at.dice, 20))
		for (char *s = text; *s != '\0'; s++)
			*s = (char)toupper((unsigned char)*s);
	return text;
}

/* A piece of the text, cut between characters. */
static const char *
cut(struct place at, const char *text)
{
	size_t len = strlen(text), from = dice_below(at.dice, len + 1), to;

	while (from > 0 && ((unsigned char)text[from] & 0xc0) == 0x80)
		from--;
	to = from + dice_below(at.dice, len - from + 1);
	while (to < len && ((unsigned char)text[to] & 0xc0) == 0x80)
		to++;
	return pool_printf(at.pool, "%.*s", (int)(to - from), text + from);
}

/* What text is asked for in other text: wildcards that are none, either case, pieces. */
static const char *
throw_part(struct place at, const char *text)
{
	static const char *const parts[] = { "%", "_", "a", "AL", "\\", "\xc3\x89", "\xc3\xa9L",
		",", "l_h", "1%", "", "a%" };

	return dice_percent(at.dice, 50) ? ANY(at.dice, parts) : cut(at, text);
}

static bool
is_part(enum comparator op)
{
	return op == OP_ILIKE || op == OP_LIKE || op == OP_STARTS || op == OP_ENDS ||
	    op == OP_CONTAINS;
}

static struct cell
throw_operand(struct place at, const struct model *m, const struct condition *c)
{
	static const char *const numbers[] = { "1", "2", "10", "1.5" };
	static const char *const in_json[] = { "1", "2", "10", "1.5", "alpha", "Alpha", "a_b",
		"true", "false", "a%b", "null", "0" };
	static const char *const elements[] = { "red", "Red", "blue", "a,b", "x\"y", "100%", "null",
		"\xc3\xa9lan", "{}", "it's", "b\\s", "no" };
	enum type type = m->columns[c->column].type;
	struct cell v;

	if (type == TYPE_TEXTS)
		return (struct cell){ .text = ANY(at.dice, elements) };
	if (type == TYPE_JSON && dice_percent(at.dice, 50))
		v = (struct cell){ .text = ANY(at.dice, numbers) };
	else if (type == TYPE_JSON)
		v = (struct cell){ .text = ANY(at.dice, in_json) };
	else
		v = rows_pick(at.rows, at.pool, at.dice, m, c->column);
	if (is_part(c->comparator))
		v.text = throw_part(at, v.text);
	return v;
}

static void
throw_operands(struct place at, const struct model *m, struct condition *c)
{
	enum type type = m->columns[c->column].type;

	c->operand_count = throw_operand_count(at.dice, c->comparator);
	for (size_t i = 0; i < c->operand_count; i++) {
		c->operands[i] = throw_operand(at, m, c);
		c->spelled[i] = spell(at, type == TYPE_TEXTS ? TYPE_TEXT : type, &c->operands[i]);
	}
	/* between the larger and the smaller there is nothing: seldom asked */
	if (c->comparator == OP_BTW && type != TYPE_JSON && dice_percent(at.dice, 80) &&
	    cell_compare(type, &c->operands[0], &c->operands[1]) > 0) {
		struct cell low = c->operands[1];
		const char *spelled = c->spelled[1];

		c->operands[1] = c->operands[0];
		c->spelled[1] = c->spelled[0];
		c->operands[0] = low;
		c->spelled[0] = spelled;
	}
}

/* --- kinds of conditions ---------------------------------------------------------------------- */

static struct condition *
condition_new(struct place at, enum condition_kind kind)
{
	struct condition *c = pool_alloc(at.pool, sizeof(*c));

	c->kind = kind;
	return c;
}

static bool
has_type(const struct model *m, enum type type)
{
	for (size_t i = 0; i < m->column_count; i++)
		if (m->columns[i].type == type)
			return true;
	return false;
}

static struct condition *
throw_comparison(struct place at, const struct model *m)
{
	static const char *const paths[] = { "n", "n", "n", "n", "s", "flag", "deep.n", "deep.s",
		"list.0", "list.1", "list.5", "0", "no.such" };
	struct condition *c = condition_new(at, CONDITION_COMPARE);

	/* arrays and jsonb have operators of their own, and few columns */
	do
		c->column = dice_below(at.dice, m->column_count);
	while ((m->columns[c->column].flags & FILTERABLE) == 0 ||
	    (m->columns[c->column].type < TYPE_TEXTS && has_type(m, TYPE_TEXTS) &&
		dice_percent(at.dice, 40)));
	if (m->columns[c->column].type == TYPE_JSON)
		c->path = ANY(at.dice, paths);
	c->comparator = throw_comparator(at.dice, m->columns[c->column].type);
	throw_operands(at, m, c);
	return c;
}

static void
throw_parts(struct place at, const struct model *m, struct condition *group, size_t count)
{
	struct condition **end = &group->parts;

	for (; count > 0; count--) {
		*end = throw_one(at, m, group->parts);
		end = &(*end)->next;
	}
}

static struct condition *
throw_group(struct place at, const struct model *m)
{
	static const enum condition_kind kinds[] = { CONDITION_ANY, CONDITION_ANY, CONDITION_NOT,
		CONDITION_NOT, CONDITION_ALL };
	struct condition *c = condition_new(at, ANY(at.dice, kinds));

	at.groups++;
	at.any = c->kind == CONDITION_ANY;
	throw_parts(at, m, c, 1 + dice_below(at.dice, 3));
	return c;
}

static struct condition *
throw_count(struct place at, struct condition *c)
{
	c->kind = CONDITION_COUNT;
	c->comparator = ANY(at.dice, counting);
	c->operand_count = throw_operand_count(at.dice, c->comparator);
	for (size_t i = 0; i < c->operand_count; i++) {
		c->operands[i].number = dice_between(at.dice, 0, 6);
		c->spelled[i] = cell_text(at.pool, TYPE_BIGINT, &c->operands[i]);
	}
	return c;
}

/* Conditions behind the same relation and word in one group are about one row, so they would be
 * joined with those that are there. */
static bool
is_said(const struct condition *siblings, const struct condition *c)
{
	for (; siblings != NULL; siblings = siblings->next)
		if (siblings->kind == c->kind && siblings->relation == c->relation)
			return true;
	return false;
}

static struct condition *
throw_related(struct place at, const struct model *m, const struct condition *siblings)
{
	static const enum condition_kind of_one[] = { CONDITION_IS, CONDITION_IS, CONDITION_IS,
		CONDITION_ABSENT };
	static const enum condition_kind of_many[] = { CONDITION_SOME, CONDITION_SOME,
		CONDITION_EVERY, CONDITION_NONE, CONDITION_COUNT };
	struct condition *c = condition_new(at, CONDITION_IS);

	c->relation = &m->relations[dice_below(at.dice, m->relation_count)];
	c->kind = c->relation->kind < TO_MANY ? ANY(at.dice, of_one) : ANY(at.dice, of_many);
	if (c->kind == CONDITION_COUNT)
		return throw_count(at, c);
	if (c->kind == CONDITION_ABSENT || (c->kind == CONDITION_IS && dice_percent(at.dice, 10)))
		return c;
	if (is_said(siblings, c))
		return throw_comparison(at, m);
	at.relations++;
	throw_parts(at, &models[c->relation->target], c, at.any ? 1 : 1 + dice_below(at.dice, 3));
	return c;
}

static struct condition *
throw_one(struct place at, const struct model *m, const struct condition *siblings)
{
	size_t throw = dice_below(at.dice, 100);

	if (throw < 15 && at.groups < GROUPS_MAX && at.relations == 0)
		return throw_group(at, m);
	if (throw < 40 && at.relations < RELATIONS_MAX)
		return throw_related(at, m, siblings);
	return throw_comparison(at, m);
}

struct condition *
condition_throw(const struct rows *rows, struct dice *d, struct pool *pool, const struct model *m)
{
	struct place at = { rows, d, pool, 0, 0, false };
	struct condition *all = condition_new(at, CONDITION_ALL);

	throw_parts(at, m, all, 1 + dice_below(d, 3));
	return all;
}
