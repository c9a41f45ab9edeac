/* SPDX-License-Identifier: BSD-2-Clause */
/* secret.c - reading and making the secret file */
#include "serve/secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/problem.h"

enum {
	TEXT_MIN = 32, /* characters: what a person may have typed; secret_create writes 64 */
	TEXT_MAX = 4096,
};

struct secret {
	unsigned char master[crypto_kdf_KEYBYTES];
};
static_assert(SECRET_KEY_BYTES >= crypto_kdf_BYTES_MIN && SECRET_KEY_BYTES <= crypto_kdf_BYTES_MAX,
    "a derived key has a length that crypto_kdf gives");

static void
wipe(void *secret)
{
	sodium_memzero(secret, sizeof(struct secret));
}

static bool
unreadable(const char *path, const char *why, struct problem *p)
{
	return problem_raise(p, PROBLEM_SETTING,
	    "setting \"secret_file\": %s: %s; `rowhouse key init` makes one", path, why);
}

/* The bytes of the file; -1 and a problem when nobody should trust it. */
static ssize_t
read_file(const char *path, char *out, size_t size, struct problem *p)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0) {
		unreadable(path, strerror(errno), p);
		return -1;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		unreadable(path, "not a plain file", p);
	else if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		unreadable(path, "others may read or write it (chmod 0640 or less)", p);
	else if ((n = read(fd, out, size)) < 0)
		unreadable(path, strerror(errno), p);
	close(fd);
	return problem_raised(p) ? -1 : n;
}

struct secret *
secret_read(struct arena *arena, const char *path, struct problem *p)
{
	struct secret *secret = ARENA_NEW(arena, struct secret);
	char text[TEXT_MAX];
	ssize_t n = read_file(path, text, sizeof(text), p);

	if (n < 0)
		return NULL;
	while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
		n--;
	if (n < TEXT_MIN) {
		unreadable(path, "shorter than 32 characters", p);
		return NULL;
	}
	arena_defer(arena, wipe, secret);
	crypto_generichash(
	    secret->master, sizeof(secret->master), (unsigned char *)text, (size_t)n, NULL, 0);
	sodium_memzero(text, sizeof(text));
	return secret;
}

bool
secret_create(const char *path, struct problem *p)
{
	unsigned char random[32];
	char text[2 * sizeof(random) + 2];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
	bool ok;

	if (fd < 0)
		return problem_raise(
		    p, PROBLEM_SETTING, "could not make %s: %s", path, strerror(errno));
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(text, sizeof(text) - 1, random, sizeof(random));
	text[sizeof(text) - 2] = '\n';
	ok = write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1 && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	sodium_memzero(random, sizeof(random));
	sodium_memzero(text, sizeof(text));
	if (!ok)
		unlink(path);
	return ok ||
	    problem_raise(p, PROBLEM_SETTING, "could not write %s: %s", path, strerror(errno));
}

void
secret_derive(const struct secret *secret, enum secret_use use, unsigned char key[SECRET_KEY_BYTES])
{
	assert(use < SECRET__MAX);
	crypto_kdf_derive_from_key(
	    key, SECRET_KEY_BYTES, (uint64_t)use + 1, "rowhouse", secret->master);
}
