/* SPDX-License-Identifier: BSD-2-Clause */
/* test_secret.c - the secret file, and what is derived from it */
#include "serve/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/problem.h"
#include "unit.h"

static char folder[] = "/tmp/rowhouse-secret-XXXXXX";
static char path[64];

static void
put(const char *text, mode_t mode)
{
	FILE *file;

	unlink(path);
	file = fopen(path, "w");
	CU_ASSERT_FATAL(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
	CU_ASSERT_FATAL(chmod(path, mode) == 0);
}

static const struct {
	const char *text;
	mode_t mode;
	const char *message; /* NULL: it is read */
} files[] = {
	{ "0123456789abcdef0123456789abcdef", 0600, NULL },
	{ "0123456789abcdef0123456789abcdef\n", 0400, NULL },
	{ "0123456789abcdef0123456789abcdef\n", 0640, NULL },
	{ "0123456789abcdef0123456789abcde\n\n\n", 0600, "shorter than 32" },
	{ "", 0600, "shorter than 32" },
	{ "0123456789abcdef0123456789abcdef", 0644, "others may read" },
	{ "0123456789abcdef0123456789abcdef", 0660, "others may read or write" },
};

static void
files_are_read_or_refused(void)
{
	struct arena *a = arena_new(1 << 20);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct problem p;

		put(files[i].text, files[i].mode);
		problem_init(&p, a);
		ASSERT_ROW(files[i].text,
		    (secret_read(a, path, &p) != NULL) == (files[i].message == NULL));
		if (files[i].message != NULL) {
			ASSERT_ROW(files[i].text, p.code == PROBLEM_SETTING);
			ASSERT_ROW(files[i].text, strstr(p.detail, files[i].message) != NULL);
			ASSERT_ROW(files[i].text, strstr(p.detail, "0123456789") == NULL);
		}
	}
	arena_free(a);
}

static void
a_missing_file_says_what_to_do(void)
{
	struct arena *a = arena_new(1 << 20);
	struct problem p;

	unlink(path);
	problem_init(&p, a);
	CU_ASSERT(secret_read(a, path, &p) == NULL);
	CU_ASSERT(strstr(p.detail, "rowhouse key init") != NULL);
	arena_free(a);
}

static void
a_new_file_is_ours_alone_and_stays(void)
{
	struct arena *a = arena_new(1 << 20);
	unsigned char one[SECRET_KEY_BYTES], two[SECRET_KEY_BYTES];
	struct secret *secret;
	struct problem p;
	struct stat st;

	unlink(path);
	problem_init(&p, a);
	CU_ASSERT(secret_create(path, &p));
	CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_size == 65);
	secret = secret_read(a, path, &p);
	CU_ASSERT_FATAL(secret != NULL);
	/* Each use has a key of its own, the same every time. */
	secret_derive(secret, SECRET_SEAL, one);
	secret_derive(secret, SECRET_GUESS, two);
	CU_ASSERT(memcmp(one, two, sizeof(one)) != 0);
	secret_derive(secret_read(a, path, &p), SECRET_SEAL, two);
	CU_ASSERT(memcmp(one, two, sizeof(one)) == 0);
	CU_ASSERT(!secret_create(path, &p));
	arena_free(a);
}

static void
line_ends_do_not_count(void)
{
	struct arena *a = arena_new(1 << 20);
	unsigned char one[SECRET_KEY_BYTES], two[SECRET_KEY_BYTES];
	struct problem p;

	problem_init(&p, a);
	put("0123456789abcdef0123456789abcdef", 0600);
	secret_derive(secret_read(a, path, &p), SECRET_SEAL, one);
	put("0123456789abcdef0123456789abcdef\r\n", 0600);
	secret_derive(secret_read(a, path, &p), SECRET_SEAL, two);
	CU_ASSERT(memcmp(one, two, sizeof(one)) == 0);
	put("0123456789abcdef0123456789abcdeg", 0600);
	secret_derive(secret_read(a, path, &p), SECRET_SEAL, two);
	CU_ASSERT(memcmp(one, two, sizeof(one)) != 0);
	unlink(path);
	rmdir(folder);
	arena_free(a);
}

void
suite_secret(void)
{
	static const struct test_row tests[] = {
		{ "files are read or refused", files_are_read_or_refused },
		{ "a missing file says what to do", a_missing_file_says_what_to_do },
		{ "a new file is ours alone and stays", a_new_file_is_ours_alone_and_stays },
		{ "line ends do not count", line_ends_do_not_count },
	};

	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/secret", folder);
	unit_suite("secret", tests, sizeof(tests) / sizeof(tests[0]));
}
