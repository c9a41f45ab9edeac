/* SPDX-License-Identifier: BSD-2-Clause */
/* rows.c - throwing rows, and writing them as SQL */
#include "oracle/rows.h"

#include <inttypes.h>
#include <string.h>

#include "oracle/dice.h"
#include "oracle/pool.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOON         ((int64_t)1704448800 * 1000000) /* 2024-01-05T10:00:00Z */

/* Of each tenant; parents before children. */
static const size_t counts[MODEL__MAX] = {
	[REGIONS] = 7,
	[WRITERS] = 40,
	[CARDS] = 36,
	[ARTICLES] = 150,
	[REPLIES] = 360,
	[LABELS] = 12,
	[ARTICLE_LABELS] = 320,
	[DIARIES] = 90,
};
enum { DELETED_PERCENT = 15, TAGS_MAX = 3 };

/* Wildcards, quotes, commas, words of the grammar, letters that differ in case only. */
static const char *const texts[] = { "alpha", "Alpha", "ALPHA", "alp", "ha", "100%", "100x", "1000",
	"a_b", "axb", "a,b", "a\\,b", "back\\slash", "", "\xc3\xa9lan", "\xc3\x89LAN",
	"e\xcc\x81lan", "\303\234ber", " spaced ", "$null", "$eq:alpha", "null", "x:y", "(p)",
	"it's", "\"q\"", "a+b&c=d", "zz", "=1+1", " @sum", "-2", "-x", "line\r\nbreak" };
static const char *const tags[] = { "red", "Red", "blue", "a,b", "x\"y", "100%", "null",
	"\xc3\xa9lan", "{}", "it's", "b\\s" };
static const char *const documents[] = { "{\"n\": 10}", "{\"n\": 1, \"s\": \"alpha\"}",
	"{\"n\": 2}", "{\"n\": 10, \"deep\": {\"n\": 1, \"s\": \"a%b\"}}", "{\"deep\": {\"n\": 2}}",
	"{}", "{\"flag\": true, \"list\": [1, 2]}", "{\"flag\": false, \"n\": null}",
	"{\"n\": \"1\", \"s\": \"Alpha\"}", "{\"n\": 1.5, \"s\": \"a_b\"}", "[1, 2, 3]" };
static const int64_t bigints[] = { 0, 1, -1, 42, 9007199254740992, 9007199254740993,
	-9007199254740993, INT64_MAX, INT64_MAX - 1, INT64_MIN };
static const int64_t ints[] = { 0, 1, 2, 3, 4, 5, -1, -10, 10, 100, INT32_MAX, INT32_MIN };
static const int64_t numerics[] = { 0, 1, -1, 10000, 15000, 15001, 100000, -25000,
	999999999999999999, 999999999999999998, 999999999999999997, -999999999999999999 };
/* after NOON, in microseconds: what differs below a millisecond and around midnight */
static const int64_t moments[] = { 0, 0, 1, 1, 2, 999, 999, 1000, 1001, 50400000000, 50399999999,
	86400000000, -86400000000, -36000000000, -36000000001, 5000000, -NOON - 1 };
static const int64_t days[] = { 19727, 19728, 19781, 19782, 19783, 0, -1, -25509 };

#define ANY(d, array) ((array)[dice_below((d), COUNT(array))])

static struct cell
throw_texts(struct pool *p, struct dice *d)
{
	size_t count = dice_below(d, TAGS_MAX + 1);
	const char **list = pool_alloc(p, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = ANY(d, tags);
	return (struct cell){ .texts = list, .count = count };
}

static struct cell
throw_value(struct pool *p, struct dice *d, enum type type)
{
	switch (type) {
	case TYPE_INT: return (struct cell){ .number = ANY(d, ints) };
	case TYPE_BIGINT: return (struct cell){ .number = ANY(d, bigints) };
	case TYPE_NUMERIC: return (struct cell){ .number = ANY(d, numerics) };
	case TYPE_TEXT: return (struct cell){ .text = ANY(d, texts) };
	case TYPE_ENUM: return (struct cell){ .number = (int64_t)dice_below(d, COUNT(moods)) };
	case TYPE_BOOL: return (struct cell){ .number = dice_percent(d, 50) };
	case TYPE_INSTANT: return (struct cell){ .number = NOON + ANY(d, moments) };
	case TYPE_INSTANT_MS:
		return (struct cell){ .number = NOON + dice_between(d, -3, 3) * US_PER_MS * 250 };
	case TYPE_DATE: return (struct cell){ .number = ANY(d, days) };
	case TYPE_TEXTS: return throw_texts(p, d);
	case TYPE_JSON: return (struct cell){ .text = ANY(d, documents) };
	case TYPE_UUID:
	case TYPE__MAX: break;
	}
	return (struct cell){ .text = pool_printf(p, "%08" PRIx64 "-0000-7000-8000-000000000000",
				  dice_bits(d) >> 32) };
}

/* The id of the i-th row: equal in both tenants, in no order. */
static struct cell
id_of(const struct rows *rows, enum model_number number, size_t i)
{
	struct dice d = dice_of(rows->seed, ((uint64_t)number << 32) + i);
	uint64_t bits = dice_bits(&d);
	static const char *const stems[] = { "l", "L", "\xc3\xa9", "L-", "_" };

	if (models[number].columns[0].type == TYPE_UUID)
		return (struct cell){ .text = pool_printf(rows->pool,
					  "%08" PRIx64 "-%04" PRIx64 "-7000-8000-%012zx",
					  bits >> 32, bits & 0xffff, i) };
	if (models[number].columns[0].type == TYPE_BIGINT)
		return (struct cell){ .number = (number == CARDS ? INT64_C(9007199254740900) : 0) +
			    1 + (int64_t)i * 3 };
	return (
	    struct cell){ .text = pool_printf(rows->pool, "%s%zu", stems[bits % COUNT(stems)], i) };
}

/* A row of the same tenant, deleted or not; of a tree an earlier one. */
static struct cell
throw_reference(const struct rows *rows, struct dice *d, enum model_number own,
    const struct column *column, int tenant, size_t i)
{
	if (column->target == USERS)
		return (struct cell){ .text = rows->people[tenant][dice_below(d, ASKERS)] };
	if (own == CARDS && i < counts[WRITERS] * 3 / 4)
		return id_of(rows, WRITERS, i); /* one card for each of these, more for none */
	if (own == column->target)
		return i == 0 ? (struct cell){ .null = true } : id_of(rows, own, dice_below(d, i));
	return id_of(rows, column->target, dice_below(d, counts[column->target]));
}

static struct cell
throw_cell(const struct rows *rows, struct dice *d, enum model_number number,
    const struct column *column, int tenant, size_t i)
{
	if ((column->flags & KEY) != 0)
		return id_of(rows, number, i);
	if (dice_percent(d, column->null_percent))
		return (struct cell){ .null = true };
	if (column->target != NO_TARGET)
		return throw_reference(rows, d, number, column, tenant, i);
	return throw_value(rows->pool, d, column->type);
}

/* Columns that are unique together among live rows; the id where there are none. */
static bool
has_live_twin(const struct rows *rows, enum model_number number, const struct row *row)
{
	static const struct {
		const char *column, *other;
	} uniques[MODEL__MAX] = {
		[CARDS] = { "writer_id", "writer_id" },
		[ARTICLE_LABELS] = { "article_id", "label_id" },
	};
	const struct model *m = &models[number];
	size_t a, b;

	if (uniques[number].column == NULL)
		return false;
	a = model_column(m, uniques[number].column);
	b = model_column(m, uniques[number].other);
	for (size_t i = 0; i < rows->count[number]; i++) {
		const struct row *r = &rows->of[number][i];

		if (r->tenant == row->tenant && !r->deleted &&
		    cell_equal(m->columns[a].type, &r->cells[a], &row->cells[a]) &&
		    cell_equal(m->columns[b].type, &r->cells[b], &row->cells[b]))
			return true;
	}
	return false;
}

static void
throw_model(struct rows *rows, struct dice *d, enum model_number number)
{
	const struct model *m = &models[number];
	int tenants = m->shared ? 1 : TENANTS;

	rows->of[number] =
	    pool_alloc(rows->pool, counts[number] * (size_t)tenants * sizeof(*rows->of[number]));
	for (int tenant = 0; tenant < tenants; tenant++)
		for (size_t i = 0; i < counts[number]; i++) {
			struct cell *cells =
			    pool_alloc(rows->pool, m->column_count * sizeof(*cells));
			struct row *row = &rows->of[number][rows->count[number]];

			for (size_t c = 0; c < m->column_count; c++)
				cells[c] = throw_cell(rows, d, number, &m->columns[c], tenant, i);
			row->tenant = m->shared ? SHARED : tenant;
			row->cells = cells;
			row->deleted = m->soft_delete &&
			    (dice_percent(d, DELETED_PERCENT) || has_live_twin(rows, number, row));
			rows->count[number]++;
		}
}

void
rows_throw(struct rows *rows)
{
	struct dice d = dice_of(rows->seed, UINT64_MAX);

	rows->pool = pool_new();
	for (int number = 0; number < MODEL__MAX; number++)
		throw_model(rows, &d, (enum model_number)number);
}

/* --- as SQL --------------------------------------------------------------------------------- */

static void
write_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputc('\'', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void
write_cell(FILE *out, struct pool *p, enum type type, const struct cell *c)
{
	if (c->null) {
		fputs("NULL", out);
	} else if (type == TYPE_TEXTS) {
		fputs("ARRAY[", out);
		for (size_t i = 0; i < c->count; i++) {
			fputs(i > 0 ? "," : "", out);
			write_quoted(out, c->texts[i]);
		}
		fputs("]::text[]", out);
	} else {
		write_quoted(out, cell_text(p, type, c));
	}
}

static void
write_row(FILE *out, const struct rows *rows, const struct model *m, const struct row *row)
{
	fputc('(', out);
	for (size_t c = 0; c < m->column_count; c++) {
		fputs(c > 0 ? "," : "", out);
		write_cell(out, rows->pool, m->columns[c].type, &row->cells[c]);
	}
	if (!m->shared)
		fprintf(out, ",'%s',%s", rows->tenants[row->tenant],
		    row->deleted ? "'" DELETED_AT "'" : "NULL");
	fputc(')', out);
}

void
rows_write(const struct rows *rows, FILE *out)
{
	for (int number = 0; number < MODEL__MAX; number++) {
		const struct model *m = &models[number];

		fprintf(out, "INSERT INTO public.%s (", m->table);
		for (size_t c = 0; c < m->column_count; c++)
			fprintf(out, "%s%s", c > 0 ? "," : "", m->columns[c].sql);
		fprintf(out, "%s) VALUES\n", m->shared ? "" : ",tenant_id,deleted_at");
		for (size_t i = 0; i < rows->count[number]; i++) {
			fputs(i > 0 ? ",\n" : "", out);
			write_row(out, rows, m, &rows->of[number][i]);
		}
		fputs(";\n", out);
	}
}

struct cell
rows_pick(
    const struct rows *rows, struct pool *p, struct dice *d, const struct model *m, size_t column)
{
	size_t number = (size_t)(m - models);

	for (int i = 0; i < 4; i++) {
		const struct row *row = &rows->of[number][dice_below(d, rows->count[number])];

		if (!row->cells[column].null)
			return row->cells[column];
	}
	return throw_value(p, d, m->columns[column].type);
}
