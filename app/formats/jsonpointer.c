/* SPDX-License-Identifier: BSD-2-Clause */
/* jsonpointer.c - from the whole document down */
#include "formats/jsonpointer.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

struct jsonpointer
jsonpointer_member(const struct jsonpointer *above, const char *key)
{
	return (struct jsonpointer){ .above = above, .key = key };
}

struct jsonpointer
jsonpointer_element(const struct jsonpointer *above, size_t index)
{
	return (struct jsonpointer){ .above = above, .index = index };
}

/* RFC 6901, 3: ~ and / first; then what RFC 3986, 3.5 does not let stand in a fragment. */
static void
put_key(struct text *out, const char *key)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._!$&'()*+,;=:@?";

	for (; *key != '\0' && !out->failed; key++) {
		if (*key == '~')
			text_literal(out, "~0");
		else if (*key == '/')
			text_literal(out, "~1");
		else if (strchr(plain, *key) != NULL)
			text_byte(out, *key);
		else
			text_printf(out, "%%%02X", (unsigned)(unsigned char)*key);
	}
}

/* As deep as the reader lets a document be (LIMIT_JSON_DEPTH). */
static void
put(struct text *out, const struct jsonpointer *pointer)
{
	if (pointer == NULL)
		return;
	put(out, pointer->above);
	text_byte(out, '/');
	if (pointer->key != NULL)
		put_key(out, pointer->key);
	else
		text_printf(out, "%zu", pointer->index);
}

const char *
jsonpointer_text(const struct jsonpointer *pointer, struct arena *arena)
{
	struct text out;

	text_init(&out, arena, LIMIT_POINTER_BYTES);
	for (;; pointer = pointer->above) {
		text_clear(&out);
		text_byte(&out, '#');
		put(&out, pointer);
		if (!out.failed)
			return out.bytes;
	}
}
