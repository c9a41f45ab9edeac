/* SPDX-License-Identifier: BSD-2-Clause */
/* uuid.c - 128 bits: time, version, variant, chance */
#include "formats/uuid.h"

#include <sodium.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"

enum { UUID_BYTES = 16, UUID_DIGITS = 32, UUID_TIME_BYTES = 6 };

/* 8-4-4-4-12 digits (RFC 9562, 4). */
static const char *
write_dashed(const unsigned char bytes[UUID_BYTES], struct arena *arena)
{
	char hex[UUID_DIGITS + 1];

	sodium_bin2hex(hex, sizeof(hex), bytes, UUID_BYTES);
	return arena_printf(
	    arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

const char *
uuid_v7(struct arena *arena)
{
	unsigned char bytes[UUID_BYTES];
	struct timespec now;
	uint64_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	randombytes_buf(bytes, sizeof(bytes));
	for (int i = 0; i < UUID_TIME_BYTES; i++)
		bytes[i] = (unsigned char)(ms >> (8 * (UUID_TIME_BYTES - 1 - i)));
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x70);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	return write_dashed(bytes, arena);
}
