/* SPDX-License-Identifier: BSD-2-Clause */
/* comparing.c - a table of comparators */
#include "oracle/comparing.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/pool.h"

int
compare_values(
    const struct evaluation *e, enum type type, const struct cell *a, const struct cell *b)
{
	if (type == TYPE_NUMERIC && e->fault == FAULT_NUMERIC_AS_DOUBLE)
		return ((double)a->number > (double)b->number) -
		    ((double)a->number < (double)b->number);
	if (type == TYPE_INSTANT && e->fault == FAULT_INSTANT_CUT)
		return (a->number / US_PER_MS > b->number / US_PER_MS) -
		    (a->number / US_PER_MS < b->number / US_PER_MS);
	if (type == TYPE_TEXT && e->fault == FAULT_TEXT_FOLDED)
		return strcmp(text_folded(e->pool, a->text), text_folded(e->pool, b->text));
	if (type == TYPE_ENUM && e->fault == FAULT_ENUM_AS_TEXT)
		return strcmp(moods[a->number], moods[b->number]);
	return cell_compare(type, a, b);
}

/* LIKE of SQL: % is any text, _ any byte. For FAULT_WILDCARDS alone. */
static bool
is_like(const char *text, const char *pattern)
{
	if (*pattern == '\0')
		return *text == '\0';
	if (*pattern == '%')
		return is_like(text, pattern + 1) || (*text != '\0' && is_like(text + 1, pattern));
	return *text != '\0' && (*pattern == '_' || *pattern == *text) &&
	    is_like(text + 1, pattern + 1);
}

bool
text_contains(const struct evaluation *e, const char *text, const char *part, bool folded)
{
	if (folded ? e->fault != FAULT_ILIKE_CASE : e->fault == FAULT_LIKE_FOLDED) {
		text = text_folded(e->pool, text);
		part = text_folded(e->pool, part);
	}
	if (e->fault == FAULT_WILDCARDS)
		return is_like(text, pool_printf(e->pool, "%%%s%%", part));
	return strstr(text, part) != NULL;
}

/* --- comparators: the value is not NULL ------------------------------------------------------ */

/* What a comparator sees. */
struct compared {
	const struct evaluation *evaluation;
	enum type type;
	const struct cell *value;
	const struct condition *condition;
};

static int
order(const struct compared *c, size_t operand)
{
	return compare_values(c->evaluation, c->type, c->value, &c->condition->operands[operand]);
}

static bool
equals(const struct compared *c)
{
	return order(c, 0) == 0;
}

static bool
differs(const struct compared *c)
{
	return order(c, 0) != 0;
}

static bool
is_greater(const struct compared *c)
{
	return order(c, 0) > 0;
}

static bool
is_not_less(const struct compared *c)
{
	return order(c, 0) >= 0;
}

static bool
is_less(const struct compared *c)
{
	return order(c, 0) < 0;
}

static bool
is_not_greater(const struct compared *c)
{
	return order(c, 0) <= 0;
}

static bool
is_between(const struct compared *c)
{
	if (c->evaluation->fault == FAULT_BTW_OPEN)
		return order(c, 0) > 0 && order(c, 1) < 0;
	return order(c, 0) >= 0 && order(c, 1) <= 0;
}

static bool
is_among(const struct compared *c)
{
	for (size_t i = 0; i < c->condition->operand_count; i++)
		if (order(c, i) == 0)
			return true;
	return false;
}

static bool
is_not_among(const struct compared *c)
{
	return !is_among(c);
}

static bool
contains_folded(const struct compared *c)
{
	return text_contains(c->evaluation, c->value->text, c->condition->operands[0].text, true);
}

static bool
contains(const struct compared *c)
{
	return text_contains(c->evaluation, c->value->text, c->condition->operands[0].text, false);
}

static bool
starts(const struct compared *c)
{
	const char *start = c->condition->operands[0].text;

	return strncmp(c->value->text, start, strlen(start)) == 0;
}

static bool
ends(const struct compared *c)
{
	const char *text = c->value->text, *end = c->condition->operands[0].text;
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool
has_element(const struct compared *c, size_t operand)
{
	for (size_t i = 0; i < c->value->count; i++)
		if (strcmp(c->value->texts[i], c->condition->operands[operand].text) == 0)
			return true;
	return false;
}

static bool
has_every(const struct compared *c)
{
	for (size_t i = 0; i < c->condition->operand_count; i++)
		if (!has_element(c, i))
			return false;
	return true;
}

static bool
has_some(const struct compared *c)
{
	if (c->evaluation->fault == FAULT_HAS_SOME_EVERY)
		return has_every(c);
	for (size_t i = 0; i < c->condition->operand_count; i++)
		if (has_element(c, i))
			return true;
	return false;
}

static bool
is_empty(const struct compared *c)
{
	return c->value->count == 0;
}

static bool
always(const struct compared *c)
{
	(void)c;
	return true;
}

static bool
never(const struct compared *c)
{
	(void)c;
	return false;
}

static const struct {
	bool (*holds)(const struct compared *);
	bool of_null;         /* what it says of NULL */
	enum fault says_else; /* the fault that says the opposite of it */
} comparators[OP__MAX] = {
	[OP_EQ] = { equals, false, FAULT__MAX },
	[OP_NE] = { differs, true, FAULT_NE_DROPS_NULL },
	[OP_GT] = { is_greater, false, FAULT__MAX },
	[OP_GTE] = { is_not_less, false, FAULT__MAX },
	[OP_LT] = { is_less, false, FAULT__MAX },
	[OP_LTE] = { is_not_greater, false, FAULT__MAX },
	[OP_IN] = { is_among, false, FAULT__MAX },
	[OP_NIN] = { is_not_among, true, FAULT_NIN_DROPS_NULL },
	[OP_ILIKE] = { contains_folded, false, FAULT__MAX },
	[OP_BTW] = { is_between, false, FAULT__MAX },
	[OP_NULL] = { never, true, FAULT__MAX },
	[OP_NOT_NULL] = { always, false, FAULT__MAX },
	[OP_LIKE] = { contains, false, FAULT__MAX },
	[OP_STARTS] = { starts, false, FAULT__MAX },
	[OP_ENDS] = { ends, false, FAULT__MAX },
	[OP_CONTAINS] = { contains, false, FAULT__MAX },
	[OP_HAS] = { has_some, false, FAULT__MAX },
	[OP_HAS_SOME] = { has_some, false, FAULT__MAX },
	[OP_HAS_EVERY] = { has_every, false, FAULT__MAX },
	[OP_IS_EMPTY] = { is_empty, false, FAULT_EMPTY_NULL },
};

bool
value_matches(
    const struct evaluation *e, enum type type, const struct cell *v, const struct condition *c)
{
	if (v->null)
		return comparators[c->comparator].of_null !=
		    (comparators[c->comparator].says_else == e->fault);
	return comparators[c->comparator].holds(&(struct compared){ e, type, v, c });
}

/* --- jsonb ------------------------------------------------------------------------------------ */

/* What lies at a path ("deep.n", "list.0"); NULL when nothing or a null does. */
static struct json_object *
json_at(struct json_object *json, struct pool *p, const char *path)
{
	char *copy = pool_printf(p, "%s", path), *rest = NULL;

	for (char *key = strtok_r(copy, ".", &rest); key != NULL; key = strtok_r(NULL, ".", &rest))
		if (json_object_is_type(json, json_type_array))
			json = strspn(key, "0123456789") == strlen(key)
			    ? json_object_array_get_idx(json, strtoul(key, NULL, 10))
			    : NULL;
		else if (!json_object_object_get_ex(json, key, &json))
			return NULL;
	return json;
}

bool
json_is_null(const struct evaluation *e, const struct cell *v, const char *path)
{
	struct json_object *json = v->null ? NULL : json_tokener_parse(v->text);
	bool null = json_at(json, e->pool, path) == NULL;

	json_object_put(json);
	return null;
}

static bool
is_number(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789.") == strlen(text);
}

/* Numbers here have one digit behind the point at most. */
static struct cell
number_of(const char *text)
{
	return (struct cell){ .number = (int64_t)(strtod(text, NULL) * NUMERIC_SCALE) };
}

static bool
is_ordering(enum comparator op)
{
	return op == OP_GT || op == OP_GTE || op == OP_LT || op == OP_LTE || op == OP_BTW;
}

/* Numbers are compared with numbers, when all operands are such, else strings with strings. */
static bool
order_matches(const struct evaluation *e, struct json_object *at, const struct condition *c)
{
	struct condition numbers = *c;
	struct cell v = { .null = at == NULL };
	bool numeric = e->fault != FAULT_JSON_AS_TEXT;

	for (size_t i = 0; i < c->operand_count; i++) {
		numeric = numeric && is_number(c->operands[i].text);
		numbers.operands[i] = number_of(c->operands[i].text);
	}
	if (numeric) {
		if (!json_object_is_type(at, json_type_int) &&
		    !json_object_is_type(at, json_type_double))
			return false;
		v = number_of(json_object_get_string(at));
		return value_matches(e, TYPE_NUMERIC, &v, &numbers);
	}
	if (!json_object_is_type(at, json_type_string) && e->fault != FAULT_JSON_AS_TEXT)
		return false;
	v.text = at != NULL ? pool_printf(e->pool, "%s", json_object_get_string(at)) : NULL;
	return value_matches(e, TYPE_TEXT, &v, c);
}

bool
json_matches(const struct evaluation *e, const struct cell *v, const struct condition *c)
{
	struct json_object *json = v->null ? NULL : json_tokener_parse(v->text);
	struct json_object *at = json_at(json, e->pool, c->path);
	struct cell text = { .null = at == NULL };
	bool matches;

	if (is_ordering(c->comparator)) {
		matches = order_matches(e, at, c);
	} else {
		text.text = at != NULL ? json_object_get_string(at) : NULL;
		matches = value_matches(e, TYPE_TEXT, &text, c);
	}
	json_object_put(json);
	return matches;
}
