/* SPDX-License-Identifier: BSD-2-Clause */
/* decimal.c - the grammar of numbers, and what can be said of them without arithmetic */
#include "formats/decimal.h"

#include <string.h>

/* Behind e or E; *at moves behind it. */
static bool
take_exponent(const char **at, long *exponent)
{
	bool negative = **at == '-';

	*at += **at == '+' || **at == '-';
	if (**at < '0' || **at > '9')
		return false;
	*exponent = 0;
	for (; **at >= '0' && **at <= '9'; (*at)++)
		if ((*exponent = *exponent * 10 + (**at - '0')) > LIMIT_JSON_EXPONENT)
			return false;
	*exponent = negative ? -*exponent : *exponent;
	return true;
}

/* Digits before or behind the point, the zeros before the first other one left out; how many
 * characters there were. */
static size_t
take_digits(struct decimal *d, const char **at)
{
	size_t length = strspn(*at, "0123456789");

	for (size_t i = 0; i < length; i++)
		if (d->count > 0 || (*at)[i] != '0')
			d->digits[d->count++] = (*at)[i];
	*at += length;
	return length;
}

bool
decimal_read(struct decimal *d, const char *text)
{
	size_t length, before;
	long exponent = 0;

	*d = (struct decimal){ .negative = text[0] == '-' };
	if (strnlen(text, LIMIT_JSON_NUMBER_BYTES + 1) > LIMIT_JSON_NUMBER_BYTES)
		return false;
	text += d->negative;
	before = strspn(text, "0123456789");
	if (before == 0 || (before > 1 && text[0] == '0'))
		return false;
	take_digits(d, &text);
	d->point = (long)d->count;
	if (*text == '.') {
		text++;
		length = take_digits(d, &text);
		if (length == 0)
			return false;
		if (d->point == 0) /* 0.00x: the zeros that were left out */
			d->point = (long)d->count - (long)length;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		if (!take_exponent(&text, &exponent))
			return false;
	}
	if (*text != '\0')
		return false;
	while (d->count > 0 && d->digits[d->count - 1] == '0')
		d->digits[--d->count] = '\0';
	d->point += exponent;
	if (d->count == 0)
		*d = (struct decimal){ 0 };
	return true;
}

bool
decimal_integer(const struct decimal *d, int64_t *integer)
{
	uint64_t magnitude = 0, bound = (uint64_t)INT64_MAX + d->negative;

	if (d->point > 19 || d->point < (long)d->count)
		return false;
	for (long i = 0; i < d->point; i++) {
		uint64_t digit = i < (long)d->count ? (uint64_t)(d->digits[i] - '0') : 0;

		if (magnitude > (bound - digit) / 10)
			return false;
		magnitude = magnitude * 10 + digit;
	}
	*integer = (int64_t)(d->negative ? 0 - magnitude : magnitude);
	return true;
}

/* |d| < 10^point. With all of precision - scale places before the point taken, only a carry that
 * runs through nines to the front makes one place more. */
bool
decimal_fits(const struct decimal *d, int precision, int scale)
{
	size_t kept = (size_t)precision;

	if (d->count == 0 || d->point < precision - scale)
		return true;
	if (d->point > precision - scale)
		return false;
	if (d->count <= kept || d->digits[kept] < '5')
		return true;
	for (size_t i = 0; i < kept; i++)
		if (d->digits[i] != '9')
			return true;
	return false;
}

/* Of what stands behind the sign. */
static int
compare_magnitude(const struct decimal *a, const struct decimal *b)
{
	if (a->count == 0 || b->count == 0)
		return (a->count > 0) - (b->count > 0);
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	return memcmp(a->digits, b->digits, sizeof(a->digits)); /* behind the last digit is NUL */
}

int
decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	return a->negative ? compare_magnitude(b, a) : compare_magnitude(a, b);
}
