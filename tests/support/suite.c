/* SPDX-License-Identifier: BSD-2-Clause */
/* suite.c - CUnit's registry, filled from a table */
#include "support/suite.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/keep.h"

enum { MESSAGE_BYTES = 2048, SHOWN_FAILURES = 40 };

/* CUnit's callbacks take no argument: what they need lies here while the suite runs. */
static const struct suite *running;
static unsigned shown;

static int
begin(void)
{
	return running->begin == NULL || running->begin() ? 0 : 1;
}

static int
end(void)
{
	if (running->end != NULL)
		running->end();
	return 0;
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(name, argv[i]) != NULL)
			return true;
	return argc <= 1;
}

/* Say what runs before it does, so that a crash or a hang names it. */
static void
test_begins(const CU_pTest test, const CU_pSuite registered)
{
	(void)registered;
	printf("  %s ... ", test->pName);
	fflush(stdout);
}

static void
test_ended(const CU_pTest test, const CU_pSuite registered, const CU_pFailureRecord failure)
{
	(void)test;
	(void)registered;
	puts(failure == NULL ? "passed" : "FAILED");
}

static void
could_not_begin(const CU_pSuite registered)
{
	printf("suite %s could not begin\n", registered->pName);
}

int
suite_main(int argc, char **argv, const struct suite *suite)
{
	int64_t begun = now_ms();
	unsigned wanted = 0, ran, failed;
	CU_pSuite registered;

	setvbuf(stdout, NULL, _IOLBF, 0); /* what a crash leaves behind must name the test */
	running = suite;
	if (CU_initialize_registry() != CUE_SUCCESS ||
	    (registered = CU_add_suite(suite->name, begin, end)) == NULL)
		return 2;
	for (size_t i = 0; i < suite->count; i++)
		if (is_wanted(suite->tests[i].name, argc, argv)) {
			CU_add_test(registered, suite->tests[i].name, suite->tests[i].run);
			wanted++;
		}
	printf("suite %s\n", suite->name);
	CU_set_test_start_handler(test_begins);
	CU_set_test_complete_handler(test_ended);
	CU_set_suite_init_failure_handler(could_not_begin);
	CU_run_all_tests();
	ran = CU_get_number_of_tests_run();
	failed = CU_get_number_of_tests_failed();
	if (ran < wanted) {
		/* CUnit skips the tests of a suite that could not begin, and calls no end. */
		failed += wanted - ran;
		end();
	}
	CU_print_run_results(stdout);
	CU_cleanup_registry();
	printf("\nRESULT %s %u %u %.1f\n", suite->name, wanted - failed, failed,
	    (double)(now_ms() - begun) / 1000);
	return failed == 0 && wanted > 0 ? 0 : 1;
}

static bool
check(bool held, const char *condition, const char *file, unsigned line, const char *function,
    const char *message)
{
	if (!held) {
		if (shown++ < SHOWN_FAILURES)
			printf("\n%s:%u: %s: %s [%s]\n", file, line, function, message, condition);
		else if (shown == SHOWN_FAILURES + 1)
			puts("more failed checks are counted, not shown");
	}
	CU_assertImplementation(held ? CU_TRUE : CU_FALSE, line, message, file, function, CU_FALSE);
	return held;
}

bool
suite_check(bool held, const char *condition, const char *file, unsigned line, const char *function,
    const char *format, ...)
{
	char message[MESSAGE_BYTES] = "";
	va_list ap;

	if (!held) {
		va_start(ap, format);
		vsnprintf(message, sizeof(message), format, ap);
		va_end(ap);
	}
	return check(held, condition, file, line, function, message);
}

bool
suite_check_text(const char *got, const char *wanted, const char *file, unsigned line,
    const char *function, const char *format, ...)
{
	bool held = got == NULL || wanted == NULL ? got == wanted : strcmp(got, wanted) == 0;
	char message[MESSAGE_BYTES] = "", both[MESSAGE_BYTES];
	va_list ap;

	if (held)
		return check(true, "text", file, line, function, message);
	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	snprintf(both, sizeof(both), "got \"%.800s\", wanted \"%.800s\"",
	    got != NULL ? got : "(nothing)", wanted != NULL ? wanted : "(nothing)");
	return check(false, both, file, line, function, message);
}

bool
suite_check_int(long long got, long long wanted, const char *file, unsigned line,
    const char *function, const char *format, ...)
{
	char message[MESSAGE_BYTES] = "", both[128];
	va_list ap;

	if (got == wanted)
		return check(true, "number", file, line, function, message);
	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	snprintf(both, sizeof(both), "got %lld, wanted %lld", got, wanted);
	return check(false, both, file, line, function, message);
}
