/* SPDX-License-Identifier: BSD-2-Clause */
/* test_settings.c - the table, values of each type, files and the environment */
#include "base/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/problem.h"
#include "unit.h"

static const struct {
	const char *name, *value;
	const char *shown;   /* what settings_format gives, or NULL when it is refused */
	const char *message; /* part of the refusal */
} values[] = {
	{ "workers", "8", "8", NULL },
	{ "workers", "0", NULL, "lies between 1 and 512" },
	{ "workers", "513", NULL, "lies between" },
	{ "workers", "-1", NULL, "whole number" },
	{ "workers", "4x", NULL, "whole number" },
	{ "workers", "", NULL, "whole number" },
	{ "workers", "99999999999999999999", NULL, "whole number" },
	{ "stop_timeout", "500ms", "500ms", NULL },
	{ "stop_timeout", "90s", "90s", NULL },
	{ "stop_timeout", "2m", "2m", NULL },
	{ "stop_timeout", "120s", "2m", NULL },
	{ "stop_timeout", "30", NULL, "a time with its unit" },
	{ "stop_timeout", "99ms", NULL, "between 100ms and 3600000ms" },
	{ "slow_unit", "0", "0ms", NULL },
	{ "body_bytes", "64k", "64k", NULL },
	{ "body_bytes", "1048576", "1m", NULL },
	{ "body_bytes", "1g", NULL, "lies between 0 and 67108864" },
	{ "body_bytes", "9223372036854775807g", NULL, "bytes" },
	{ "listen_mode", "0660", "0660", NULL },
	{ "listen_mode", "666", "0666", NULL },
	{ "listen_mode", "0888", NULL, "octal" },
	{ "trust_tenant_header", "on", "on", NULL },
	{ "trust_tenant_header", "YES", "on", NULL },
	{ "trust_tenant_header", "false", "off", NULL },
	{ "trust_tenant_header", "1", NULL, "on or off" },
	{ "log_format", "text", "text", NULL },
	{ "log_format", "xml", NULL, "one of json, text" },
	{ "log_level", "debug", "debug", NULL },
	{ "database", "host=/tmp password=geheim", "(secret)", NULL },
	{ "no_such_setting", "1", NULL, "there is no setting \"no_such_setting\"" },
};

static void
values_are_read_and_refused(void)
{
	struct arena *a = arena_new(1 << 20);
	size_t count;
	const struct setting *table = settings_table(&count);

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *row = arena_printf(a, "%s = %s", values[i].name, values[i].value);
		struct settings s;
		struct problem p;
		bool ok;

		settings_init(&s, a);
		problem_init(&p, a);
		ok = settings_set(&s, values[i].name, values[i].value, "here:1", a, &p);
		ASSERT_ROW(row, ok == (values[i].shown != NULL));
		if (!ok) {
			ASSERT_ROW(row, p.code == PROBLEM_SETTING);
			ASSERT_ROW(row, strncmp(p.detail, "here:1: ", 8) == 0);
			ASSERT_ROW(row, strstr(p.detail, values[i].message) != NULL);
			continue;
		}
		for (size_t j = 0; j < count; j++)
			if (strcmp(table[j].name, values[i].name) == 0)
				ASSERT_ROW(row,
				    strcmp(settings_format(&s, &table[j], a), values[i].shown) ==
					0);
	}
	arena_free(a);
}

static void
the_table_is_whole(void)
{
	struct arena *a = arena_new(1 << 20);
	struct settings s;
	size_t count;
	const struct setting *table = settings_table(&count);

	settings_init(&s, a);
	CU_ASSERT(count > 20);
	for (size_t i = 0; i < count; i++) {
		ASSERT_ROW(table[i].name, table[i].text != NULL && strlen(table[i].text) > 10);
		ASSERT_ROW(table[i].name, table[i].offset < sizeof(s));
		/* The default, printed, is what the table says: a sample file shows the truth. */
		if (table[i].type != SETTING_SECRET)
			ASSERT_ROW(table[i].name,
			    strcmp(settings_format(&s, &table[i], a), table[i].standard) == 0);
		for (size_t j = i + 1; j < count; j++) {
			ASSERT_ROW(table[i].name, strcmp(table[i].name, table[j].name) != 0);
			ASSERT_ROW(table[i].name, table[i].offset != table[j].offset);
		}
	}
	CU_ASSERT_EQUAL(s.workers, 4);
	CU_ASSERT_EQUAL(s.stop_timeout_ms, 30000);
	CU_ASSERT_EQUAL(s.body_bytes, 1048576);
	CU_ASSERT_STRING_EQUAL(s.base_path, "/api");
	CU_ASSERT(!s.trust_tenant_header);
	arena_free(a);
}

static const struct {
	const char *text;
	const char *message; /* NULL: it is read */
} files[] = {
	{ "# comment\n\n  workers = 7  # seven\nbase_path=\"/v1\" # x\n", NULL },
	{ "workers = 7", NULL },
	{ "database = \"dbname=x password='a # b'\"\n", NULL },
	{ "workers 7\n", ":1: a line reads name = value" },
	{ "\n\nworkers = many\n", ":3: setting \"workers\" cannot be \"many\"" },
	{ "wrokers = 7\n", ":1: there is no setting \"wrokers\"" },
	{ "base_path = \"/v1\n", ":1: the value of \"base_path\" has a stray quote" },
	{ "base_path = \"/v1\" x\n", "stray quote" },
	{ "workers = 7\n# again\nworkers = 8\n",
	    ":3: setting \"workers\" stands in line 1 already" },
	{ "workers = 7\nbacklog = 9\nworkers=7\n",
	    ":3: setting \"workers\" stands in line 1 already" },
};

static void
files_are_read_with_line_numbers(void)
{
	struct arena *a = arena_new(1 << 20);
	char path[] = "/tmp/rowhouse-settings-XXXXXX";
	int fd = mkstemp(path);

	CU_ASSERT_FATAL(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct settings s;
		struct problem p;
		FILE *file = fopen(path, "w");
		bool ok;

		CU_ASSERT_FATAL(
		    file != NULL && fputs(files[i].text, file) >= 0 && fclose(file) == 0);
		settings_init(&s, a);
		problem_init(&p, a);
		ok = settings_read(&s, path, a, &p);
		ASSERT_ROW(files[i].text, ok == (files[i].message == NULL));
		if (!ok) {
			ASSERT_ROW(files[i].text, strncmp(p.detail, path, strlen(path)) == 0);
			ASSERT_ROW(files[i].text, strstr(p.detail, files[i].message) != NULL);
		} else if (i == 0) {
			CU_ASSERT_EQUAL(s.workers, 7);
			CU_ASSERT_STRING_EQUAL(s.base_path, "/v1");
		} else if (i == 2) {
			CU_ASSERT_STRING_EQUAL(s.database, "dbname=x password='a # b'");
		}
	}
	unlink(path);
	arena_free(a);
}

static void
the_environment_overrides(void)
{
	struct arena *a = arena_new(1 << 20);
	char good[] = "ROWHOUSE_SET_WORKERS=9", other[] = "PATH=/bin",
	     bad[] = "ROWHOUSE_SET_WROKERS=9";
	char *const first[] = { other, good, NULL }, *const second[] = { bad, NULL };
	struct settings s;
	struct problem p;

	settings_init(&s, a);
	problem_init(&p, a);
	CU_ASSERT(settings_environment(&s, first, a, &p));
	CU_ASSERT_EQUAL(s.workers, 9);
	CU_ASSERT(!settings_environment(&s, second, a, &p));
	CU_ASSERT(strstr(p.detail, "environment: there is no setting \"wrokers\"") != NULL);
	arena_free(a);
}

static void
contradictions_are_found(void)
{
	struct arena *a = arena_new(1 << 20);
	struct settings s;
	struct problem p;

	settings_init(&s, a);
	problem_init(&p, a);
	CU_ASSERT(settings_check(&s, &p));
	s.base_path = "/api/";
	CU_ASSERT(!settings_check(&s, &p));
	settings_init(&s, a);
	problem_init(&p, a);
	s.shared_token_secret = "31 bytes are too few for HS256.";
	CU_ASSERT(!settings_check(&s, &p));
	CU_ASSERT(strstr(p.detail, "shared_token_secret") != NULL);
	CU_ASSERT(strstr(p.detail, "31 bytes") == NULL);
	arena_free(a);
}

void
suite_settings(void)
{
	static const struct test_row tests[] = {
		{ "values are read and refused", values_are_read_and_refused },
		{ "the table is whole", the_table_is_whole },
		{ "files are read with line numbers", files_are_read_with_line_numbers },
		{ "the environment overrides", the_environment_overrides },
		{ "contradictions are found", contradictions_are_found },
	};

	unit_suite("settings", tests, sizeof(tests) / sizeof(tests[0]));
}
