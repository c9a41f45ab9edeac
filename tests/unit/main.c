/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - runs every unit suite in one program */
#include "unit.h"

#include <CUnit/Basic.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *name;
	void (*add)(void);
} suites[] = {
	{ "arena", suite_arena },
	{ "base64url", suite_base64url },
	{ "text", suite_text },
	{ "log", suite_log },
	{ "problem", suite_problem },
	{ "principal", suite_principal },
	{ "settings", suite_settings },
	{ "tenant", suite_tenant },
	{ "uri", suite_uri },
	{ "slug", suite_slug },
	{ "utf8", suite_utf8 },
	{ "http", suite_http },
	{ "jsontext", suite_jsontext },
	{ "jsonread", suite_jsonread },
	{ "jsonread_bounds", suite_jsonread_bounds },
	{ "decimal", suite_decimal },
	{ "instant", suite_instant },
	{ "textformat", suite_textformat },
	{ "token", suite_token },
	{ "token_key", suite_token_key },
	{ "credential", suite_credential },
	{ "csv", suite_csv },
	{ "cursor", suite_cursor },
	{ "password", suite_password },
	{ "past", suite_past },
	{ "fcgi", suite_fcgi },
	{ "jsonpointer", suite_jsonpointer },
	{ "fcgi_answers", suite_fcgi_answers },
	{ "prepared", suite_prepared },
	{ "sqltext", suite_sqltext },
	{ "sqlstate", suite_sqlstate },
	{ "catalogue", suite_catalogue },
	{ "script", suite_script },
	{ "values", suite_values },
	{ "compile", suite_compile },
	{ "query_faults", suite_query_faults },
	{ "change", suite_change },
	{ "openapi", suite_openapi },
	{ "router", suite_router },
	{ "remembered", suite_remembered },
	{ "secret", suite_secret },
	{ "listener", suite_listener },
	{ "scoreboard", suite_scoreboard },
	{ "freshness", suite_freshness },
	{ "cache", suite_cache },
	{ "caching", suite_caching },
	{ "migrations", suite_migrations },
};

void
unit_suite(const char *name, const struct test_row *tests, size_t count)
{
	CU_pSuite suite = CU_add_suite(name, NULL, NULL);

	if (suite == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		if (CU_add_test(suite, tests[i].name, tests[i].run) == NULL)
			abort();
}

/* unit [SUITE]: one suite, or all. */
int
main(int argc, char **argv)
{
	struct timespec began, ended;
	unsigned failed, run;

	clock_gettime(CLOCK_MONOTONIC, &began);
	if (sodium_init() < 0 || CU_initialize_registry() != CUE_SUCCESS)
		abort();
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (argc < 2 || strcmp(argv[1], suites[i].name) == 0)
			suites[i].add();
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failed = CU_get_number_of_tests_failed();
	run = CU_get_number_of_tests_run();
	CU_cleanup_registry();
	clock_gettime(CLOCK_MONOTONIC, &ended);
	printf(
	    "RESULT unit %u %u %ld\n", run - failed, failed, (long)(ended.tv_sec - began.tv_sec));
	return failed == 0 && run > 0 ? 0 : 1;
}
