/* SPDX-License-Identifier: BSD-2-Clause */
/* dice.c - SplitMix64 */
#include "oracle/dice.h"

static uint64_t
mixed(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

struct dice
dice_of(uint64_t seed, uint64_t i)
{
	return (struct dice){ mixed(mixed(seed) + i) };
}

uint64_t
dice_bits(struct dice *d)
{
	return mixed(d->state += 0x9e3779b97f4a7c15U);
}

size_t
dice_below(struct dice *d, size_t count)
{
	return (size_t)(dice_bits(d) % count);
}

int64_t
dice_between(struct dice *d, int64_t first, int64_t last)
{
	return first + (int64_t)(dice_bits(d) % (uint64_t)(last - first + 1));
}

bool
dice_percent(struct dice *d, unsigned percent)
{
	return dice_bits(d) % 100 < percent;
}
