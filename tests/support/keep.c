/* SPDX-License-Identifier: BSD-2-Clause */
/* keep.c - a list that only grows, a clock, and files in one piece */
#include "support/keep.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct kept {
	struct kept *next;
	_Alignas(max_align_t) char bytes[];
};

static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept *kept_all;

void *
keep_alloc(size_t size)
{
	struct kept *k = calloc(1, sizeof(*k) + size);

	if (k == NULL) {
		fputs("tests: out of memory\n", stderr);
		abort();
	}
	pthread_mutex_lock(&kept_lock);
	k->next = kept_all;
	kept_all = k;
	pthread_mutex_unlock(&kept_lock);
	return k->bytes;
}

char *
keep_copy(const char *bytes, size_t len)
{
	char *copy = keep_alloc(len + 1);

	memcpy(copy, bytes, len);
	return copy;
}

char *
keep_printf(const char *format, ...)
{
	va_list ap, again;
	char *text;
	int len;

	va_start(ap, format);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	text = keep_alloc((size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
pause_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		continue;
}

bool
wait_until(bool (*condition)(void *), void *argument, int timeout_ms)
{
	int64_t deadline = now_ms() + timeout_ms;

	while (!condition(argument)) {
		if (now_ms() >= deadline)
			return false;
		pause_ms(5);
	}
	return true;
}

char *
file_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	char *bytes = NULL;
	size_t used = 0, size = 0, n;

	if (file == NULL)
		return NULL;
	do {
		if (used + 1 >= size) {
			char *more = realloc(bytes, size = size == 0 ? 65536 : size * 2);

			if (more == NULL)
				abort();
			bytes = more;
		}
		n = fread(bytes + used, 1, size - used - 1, file);
		used += n;
	} while (n > 0);
	fclose(file);
	bytes[used] = '\0';
	if (len != NULL)
		*len = used;
	return bytes;
}

bool
file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	bool ok;

	if (file == NULL)
		return false;
	ok = fputs(text, file) >= 0;
	return fclose(file) == 0 && ok;
}
