/* SPDX-License-Identifier: BSD-2-Clause */
/* compiler.h - what C17 cannot say and gcc and clang can */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stdbool.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a), nonnull(f)))
#define NO_RETURN         __attribute__((noreturn))
#define COUNT_OF(array)   (sizeof(array) / sizeof((array)[0]))

/* What is true of the answer of a function of another file, for who cannot look into it: the
 * compiler and the analysers. */
static inline bool
always_false(bool answer)
{
	(void)answer;
	return false;
}

#endif
