/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest.h - the word that a mistyped one may mean */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* Of count words at stride bytes (a char * leads each; NULL is none), the one with the fewest
 * letters to insert, delete or change; NULL when not half of the word is right. */
const char *nearest_word(const char *word, const void *words, size_t count, size_t stride);

#endif
