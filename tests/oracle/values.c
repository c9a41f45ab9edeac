/* SPDX-License-Identifier: BSD-2-Clause */
/* values.c - comparing and writing one value */
#include "oracle/values.h"

#include <inttypes.h>
#include <string.h>

#include "oracle/pool.h"

static bool
is_text(enum type type)
{
	return type == TYPE_UUID || type == TYPE_TEXT || type == TYPE_JSON;
}

int
cell_compare(enum type type, const struct cell *a, const struct cell *b)
{
	if (is_text(type))
		return strcmp(a->text, b->text);
	return (a->number > b->number) - (a->number < b->number);
}

bool
cell_equal(enum type type, const struct cell *a, const struct cell *b)
{
	return a->null == b->null && (a->null || cell_compare(type, a, b) == 0);
}

/* Days since 1970 to a date of the Gregorian calendar (Hinnant, "chrono-compatible low-level date
 * algorithms": civil_from_days). */
static const char *
date_text(struct pool *p, int64_t days)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;

	month += month < 10 ? 3 : -9;
	return pool_printf(p, "%04" PRId64 "-%02" PRId64 "-%02" PRId64,
	    year + era * 400 + (month <= 2), month, day);
}

/* unit_us: 1 shows microseconds, US_PER_MS milliseconds. */
static const char *
instant_text(struct pool *p, int64_t us, int64_t unit_us)
{
	int64_t day = (us >= 0 ? us : us - (US_PER_DAY - 1)) / US_PER_DAY,
		rest = us - day * US_PER_DAY;
	int64_t second = rest / 1000000, fraction = rest % 1000000 / unit_us;

	return pool_printf(p, "%sT%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%0*" PRId64 "Z",
	    date_text(p, day), second / 3600, second / 60 % 60, second % 60, unit_us == 1 ? 6 : 3,
	    fraction);
}

const char *
instant_shown(struct pool *p, int64_t us)
{
	return instant_text(p, us, US_PER_MS);
}

static const char *
numeric_text(struct pool *p, int64_t n)
{
	uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	return pool_printf(p, "%s%" PRIu64 ".%04" PRIu64, n < 0 ? "-" : "", size / NUMERIC_SCALE,
	    size % NUMERIC_SCALE);
}

const char *
cell_text(struct pool *p, enum type type, const struct cell *c)
{
	switch (type) {
	case TYPE_UUID:
	case TYPE_TEXT:
	case TYPE_JSON: return c->text;
	case TYPE_NUMERIC: return numeric_text(p, c->number);
	case TYPE_ENUM: return moods[c->number];
	case TYPE_BOOL: return c->number != 0 ? "true" : "false";
	case TYPE_INSTANT:
	case TYPE_INSTANT_MS: return instant_text(p, c->number, 1);
	case TYPE_DATE: return date_text(p, c->number);
	case TYPE_INT:
	case TYPE_BIGINT:
	case TYPE_TEXTS:
	case TYPE__MAX: break;
	}
	return pool_printf(p, "%" PRId64, c->number);
}

const char *
text_folded(struct pool *p, const char *text)
{
	size_t len = strlen(text);
	char *folded = pool_alloc(p, len + 1);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		unsigned char before = i > 0 ? (unsigned char)text[i - 1] : 0;

		/* in UTF-8 the capitals are C3 80 to C3 9E, but for C3 97, a sign */
		if ((c >= 'A' && c <= 'Z') ||
		    (before == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97))
			c = (unsigned char)(c + 0x20);
		folded[i] = (char)c;
	}
	return folded;
}
