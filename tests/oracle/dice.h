/* SPDX-License-Identifier: BSD-2-Clause */
/* dice.h - numbers that look random and come back for the same seed
 *
 * SplitMix64 (Steele, Lea, Flood 2014): the state is one number, so a single query of a long run
 * can be thrown again by its own seed. */
#ifndef ORACLE_DICE_H
#define ORACLE_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* Those of the i-th throw of a run; streams of neighbouring i have nothing in common. */
struct dice dice_of(uint64_t seed, uint64_t i);

uint64_t dice_bits(struct dice *);

/* 0 up to count - 1; count is not 0. */
size_t dice_below(struct dice *, size_t count);

/* Both ends included. */
int64_t dice_between(struct dice *, int64_t first, int64_t last);

/* True so many times out of a hundred. */
bool dice_percent(struct dice *, unsigned percent);

#endif
