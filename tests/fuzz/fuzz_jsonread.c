/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_jsonread.c - any bytes are refused with a problem, or are a tree that is written as what it
 * was read from
 *
 * clang -fsanitize=fuzzer,address,undefined; without the fuzzer replay.c has the main. */
#include "formats/jsonread.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "formats/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The members of every object by both doors, no deeper than the reader lets them be. */
static void
walk(struct json_object *value, unsigned depth)
{
	struct jsonread_member member = { 0 };
	struct json_object *found;
	size_t count = 0, len;

	assert(depth <= LIMIT_JSON_DEPTH);
	switch (jsonread_kind(value)) {
	case JSONREAD_OBJECT:
		while (jsonread_next(value, &member)) {
			assert(jsonread_find(value, member.key, &found) && found == member.value);
			walk(member.value, depth + 1);
			count++;
		}
		assert(count == jsonread_count(value) && count <= LIMIT_JSON_KEYS);
		break;
	case JSONREAD_ARRAY:
		for (size_t i = 0; i < document_length(value); i++)
			walk(document_element(value, i), depth + 1);
		break;
	case JSONREAD_STRING: assert(strlen(jsonread_string(value, &len)) == len); break;
	case JSONREAD_NUMBER:
		assert(strlen(jsonread_number(value)) <= LIMIT_JSON_NUMBER_BYTES);
		break;
	case JSONREAD_BOOL: jsonread_bool(value); break;
	case JSONREAD_NULL:
	case JSONREAD__MAX: break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct json_object *value, *second;
	const char *text, *again;
	size_t len, again_len;
	struct problem p;

	if (arena == NULL)
		arena = arena_new(LIMIT_ARENA_BYTES);
	problem_init(&p, arena);
	if (jsonread_parse(&value, (const char *)data, size, arena, &p)) {
		assert(!problem_raised(&p));
		walk(value, 0);
		text = jsonread_text(value, &len);
		assert(jsonread_parse(&second, text, len, arena, &p));
		again = jsonread_text(second, &again_len);
		assert(len == again_len && memcmp(text, again, len) == 0);
	} else {
		assert(p.code == PROBLEM_MALFORMED && value == NULL);
	}
	arena_reset(arena);
	return 0;
}
