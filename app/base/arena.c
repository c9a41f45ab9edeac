/* SPDX-License-Identifier: BSD-2-Clause */
/* arena.c - chunks from malloc, bumped; the only file that may call it
 *
 * Under AddressSanitizer the unused part of each chunk is poisoned and allocations are kept apart
 * by a red zone, so that an overrun of one is found although malloc saw a single block. */
#undef malloc /* banned.h: the one waiver; tests/check/style.sh knows it */
#undef calloc
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE       16
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE       0
#endif

enum { CHUNK_BYTES = 32 << 10 };

struct chunk {
	struct chunk *next; /* the one filled before it */
	size_t size, used;  /* of bytes[] */
	_Alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*release)(void *);
	void *object;
};

struct arena {
	struct chunk *chunks; /* filled in turn, newest first; the oldest is kept over a reset */
	struct chunk *large;  /* one allocation each */
	struct deferred *deferred;
	size_t ceiling, used, peak;
};

static NO_RETURN void
die(const char *why, size_t wanted, size_t ceiling)
{
	fprintf(
	    stderr, "rowhouse: arena: %s (%zu bytes wanted, ceiling %zu)\n", why, wanted, ceiling);
	abort();
}

/* A zeroed chunk comes from calloc, which does not touch pages that the kernel has just given: of a
 * large table only what is used takes memory. */
static struct chunk *
chunk_new(struct arena *a, size_t size, bool zeroed)
{
	struct chunk *c;

	if (size > a->ceiling || a->used > a->ceiling - size)
		die("ceiling passed", size, a->ceiling);
	if ((c = zeroed ? calloc(1, sizeof(*c) + size) : malloc(sizeof(*c) + size)) == NULL)
		die("out of memory", size, a->ceiling);
	c->next = NULL;
	c->size = size;
	c->used = 0;
	POISON(c->bytes, c->size);
	a->used += size;
	if (a->used > a->peak)
		a->peak = a->used;
	return c;
}

static void
chunk_free(struct arena *a, struct chunk *c)
{
	a->used -= c->size;
	UNPOISON(c->bytes, c->size);
	free(c);
}

struct arena *
arena_new(size_t ceiling)
{
	struct arena *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		die("out of memory", sizeof(*a), ceiling);
	a->ceiling = ceiling;
	a->chunks = chunk_new(a, ceiling < CHUNK_BYTES ? ceiling : (size_t)CHUNK_BYTES, false);
	return a;
}

void
arena_reset(struct arena *a)
{
	struct chunk *c;
	struct deferred *d;

	/* A release function may itself defer, so take one at a time. */
	while ((d = a->deferred) != NULL) {
		a->deferred = d->next;
		d->release(d->object);
	}
	while ((c = a->large) != NULL) {
		a->large = c->next;
		chunk_free(a, c);
	}
	while ((c = a->chunks)->next != NULL) {
		a->chunks = c->next;
		chunk_free(a, c);
	}
	a->chunks->used = 0;
	POISON(a->chunks->bytes, a->chunks->size);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	chunk_free(a, a->chunks);
	free(a);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct chunk *c = a->chunks;
	bool large = false;
	size_t rounded;
	void *p;

	if (size > a->ceiling)
		die("ceiling passed", size, a->ceiling);
	rounded = (size + RED_ZONE + align - 1) / align * align;
	if (rounded == 0)
		rounded = align;
	if (rounded > c->size - c->used) {
		struct chunk **list;

		large = rounded > CHUNK_BYTES / 4;
		list = large ? &a->large : &a->chunks;
		c = chunk_new(a, large ? rounded : (size_t)CHUNK_BYTES, large);
		c->next = *list;
		*list = c;
	}
	p = c->bytes + c->used;
	c->used += rounded;
	UNPOISON(p, size);
	if (!large)
		memset(p, 0, size);
	return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		die("array too large", count, a->ceiling);
	return arena_alloc(a, count * size);
}

char *
arena_copy(struct arena *a, const char *bytes, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	if (len > 0)
		memcpy(p, bytes, len);
	return p;
}

char *
arena_string(struct arena *a, const char *string)
{
	return arena_copy(a, string, strlen(string));
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0)
		die("format refused", 0, a->ceiling);
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, format);
	vsnprintf(p, (size_t)n + 1, format, ap);
	va_end(ap);
	return p;
}

void
arena_defer(struct arena *a, void (*release)(void *), void *object)
{
	struct deferred *d = ARENA_NEW(a, struct deferred);

	d->release = release;
	d->object = object;
	d->next = a->deferred;
	a->deferred = d;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

size_t
arena_peak(const struct arena *a)
{
	return a->peak;
}
