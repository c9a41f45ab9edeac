/* SPDX-License-Identifier: BSD-2-Clause */
/* suite.h - one CUnit program per suite
 *
 *	static const struct suite_test tests[] = {
 *		{ "a page has the envelope", page_has_the_envelope },
 *	};
 *
 *	int
 *	main(int argc, char **argv)
 *	{
 *		return suite_main(argc, argv, &(struct suite){ "reading", begin, end, tests,
 *COUNT(tests) });
 *	}
 *
 * With arguments, only tests whose name contains one of them run. The last line printed is
 * "RESULT name passed failed seconds"; a test that could not run counts as failed. */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <stdbool.h>
#include <stddef.h>

struct suite_test {
	const char *name;
	void (*run)(void);
};

struct suite {
	const char *name;
	bool (*begin)(void); /* may be NULL; false: every test has failed */
	void (*end)(void);   /* may be NULL; also called when begin failed */
	const struct suite_test *tests;
	size_t count;
};

#define SUITE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 0 only when all passed, and at least one ran. */
int suite_main(int argc, char **argv, const struct suite *);

/* A CUnit assertion with words: what was compared, and in which row of a table. True when it held.
 */
#define CHECK(condition, ...)                                                                      \
	suite_check((condition), #condition, __FILE__, __LINE__, __func__, __VA_ARGS__)
bool suite_check(bool held, const char *condition, const char *file, unsigned line,
    const char *function, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The same for two texts and two numbers: both are shown. */
#define CHECK_TEXT(got, wanted, ...)                                                               \
	suite_check_text((got), (wanted), __FILE__, __LINE__, __func__, __VA_ARGS__)
bool suite_check_text(const char *got, const char *wanted, const char *file, unsigned line,
    const char *function, const char *format, ...) __attribute__((format(printf, 6, 7)));

#define CHECK_INT(got, wanted, ...)                                                                \
	suite_check_int(                                                                           \
	    (long long)(got), (long long)(wanted), __FILE__, __LINE__, __func__, __VA_ARGS__)
bool suite_check_int(long long got, long long wanted, const char *file, unsigned line,
    const char *function, const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
