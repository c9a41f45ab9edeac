/* SPDX-License-Identifier: BSD-2-Clause */
/* unit.h - the unit suites, one per module */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <CUnit/CUnit.h>

struct test_row {
	const char *name;
	void (*run)(void);
};

/* Register a suite of tests; aborts when CUnit cannot. */
void unit_suite(const char *name, const struct test_row *tests, size_t count);

/* Assert that two strings are equal, and name the row of a table when they are not. */
#define ASSERT_ROW(row, condition)                                                                 \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fprintf(stderr, "\n  row \"%s\" fails: %s\n", (row), #condition);          \
		CU_ASSERT(condition);                                                              \
	} while (0)

void suite_arena(void);
void suite_base64url(void);
void suite_cache(void);
void suite_caching(void);
void suite_catalogue(void);
void suite_change(void);
void suite_compile(void);
void suite_query_faults(void);
void suite_credential(void);
void suite_csv(void);
void suite_decimal(void);
void suite_cursor(void);
void suite_fcgi(void);
void suite_freshness(void);
void suite_jsonpointer(void);
void suite_instant(void);
void suite_http(void);
void suite_fcgi_answers(void);
void suite_jsonread(void);
void suite_jsonread_bounds(void);
void suite_jsontext(void);
void suite_listener(void);
void suite_log(void);
void suite_migrations(void);
void suite_password(void);
void suite_past(void);
void suite_prepared(void);
void suite_principal(void);
void suite_problem(void);
void suite_remembered(void);
void suite_openapi(void);
void suite_router(void);
void suite_scoreboard(void);
void suite_script(void);
void suite_secret(void);
void suite_settings(void);
void suite_slug(void);
void suite_sqlstate(void);
void suite_sqltext(void);
void suite_tenant(void);
void suite_text(void);
void suite_textformat(void);
void suite_token(void);
void suite_token_key(void);
void suite_uri(void);
void suite_utf8(void);
void suite_values(void);

#endif
