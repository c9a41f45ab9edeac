/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest.c - Levenshtein's distance */
#include "base/nearest.h"

#include <string.h>

enum { WORD_MAX = 63 /* longer ones are not compared; names in PostgreSQL end there */ };

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Insertions, deletions and changes from one word to the other. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], len = strlen(b);

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t change = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = least(row[j] + 1, row[j + 1] + 1, change);
		}
	}
	return row[len];
}

const char *
nearest_word(const char *word, const void *words, size_t count, size_t stride)
{
	const char *nearest = NULL;
	size_t best = strlen(word) / 2 + 1; /* half of it must be right */

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *known =
		    *(const char *const *)(const void *)((const char *)words + i * stride);
		size_t d;

		if (known == NULL || strlen(known) > WORD_MAX ||
		    (d = distance(word, known)) >= best)
			continue;
		best = d;
		nearest = known;
	}
	return nearest;
}
