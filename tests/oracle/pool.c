/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.c - a list of blocks */
#include "oracle/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
	struct block *next;
	_Alignas(max_align_t) char bytes[];
};

struct pool {
	struct block *blocks;
};

static void *
must(void *memory)
{
	if (memory == NULL) {
		fputs("oracle: out of memory\n", stderr);
		abort();
	}
	return memory;
}

struct pool *
pool_new(void)
{
	return must(calloc(1, sizeof(struct pool)));
}

void *
pool_alloc(struct pool *p, size_t size)
{
	struct block *b = must(calloc(1, sizeof(*b) + size));

	b->next = p->blocks;
	p->blocks = b;
	return b->bytes;
}

char *
pool_printf(struct pool *p, const char *format, ...)
{
	va_list ap, again;
	char *text;
	int len;

	va_start(ap, format);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	text = pool_alloc(p, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

void
pool_reset(struct pool *p)
{
	while (p->blocks != NULL) {
		struct block *next = p->blocks->next;

		free(p->blocks);
		p->blocks = next;
	}
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	pool_reset(p);
	free(p);
}
