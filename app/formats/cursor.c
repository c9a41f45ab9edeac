/* SPDX-License-Identifier: BSD-2-Clause */
/* cursor.c - nonce, tag and values in a secretbox, as base64url
 *
 *	base64url(nonce · secretbox(values))    nonce = keyed hash of (binding · values)
 *
 * Each value is a byte that says whether it is NULL, then its text, then a NUL. */
#include "formats/cursor.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/base64url.h"

enum {
	NONCE_BYTES = crypto_secretbox_NONCEBYTES,
	FRAME_BYTES = NONCE_BYTES + crypto_secretbox_MACBYTES,
};
static_assert((int)CURSOR_KEY_BYTES == (int)crypto_kdf_KEYBYTES, "of a derived key");
static_assert((int)CURSOR_KEY_BYTES == (int)crypto_secretbox_KEYBYTES, "of the box");
static_assert((int)CURSOR_KEY_BYTES == (int)crypto_generichash_KEYBYTES, "of the hash");

enum value_mark { MARK_NULL = 'n', MARK_TEXT = 't' };

/* One key never does two things. */
enum subkey { SUBKEY_NONCE = 1, SUBKEY_BOX };

static void
derive(
    unsigned char out[CURSOR_KEY_BYTES], const unsigned char key[CURSOR_KEY_BYTES], enum subkey n)
{
	crypto_kdf_derive_from_key(out, CURSOR_KEY_BYTES, (uint64_t)n, "cursors_", key);
}

static void
make_nonce(unsigned char nonce[NONCE_BYTES], const unsigned char key[CURSOR_KEY_BYTES],
    const unsigned char binding[CURSOR_BINDING_BYTES], const void *values, size_t len)
{
	unsigned char subkey[CURSOR_KEY_BYTES];
	crypto_generichash_state state;

	derive(subkey, key, SUBKEY_NONCE);
	crypto_generichash_init(&state, subkey, sizeof(subkey), NONCE_BYTES);
	crypto_generichash_update(&state, binding, CURSOR_BINDING_BYTES);
	crypto_generichash_update(&state, values, len);
	crypto_generichash_final(&state, nonce, NONCE_BYTES);
}

void
cursor_seal(struct text *out, const unsigned char key[CURSOR_KEY_BYTES],
    const unsigned char binding[CURSOR_BINDING_BYTES], const char *const *values, size_t count)
{
	unsigned char subkey[CURSOR_KEY_BYTES], *sealed;
	struct text plain;

	text_init(&plain, out->arena, SIZE_MAX / 2);
	for (size_t i = 0; i < count; i++) {
		text_byte(&plain, values[i] == NULL ? MARK_NULL : MARK_TEXT);
		text_string(&plain, values[i] == NULL ? "" : values[i]);
		text_byte(&plain, '\0');
	}
	sealed = arena_alloc(out->arena, FRAME_BYTES + plain.len);
	make_nonce(sealed, key, binding, plain.bytes, plain.len);
	derive(subkey, key, SUBKEY_BOX);
	crypto_secretbox_easy(
	    sealed + NONCE_BYTES, (const unsigned char *)plain.bytes, plain.len, sealed, subkey);
	base64url_put(out, sealed, FRAME_BYTES + plain.len);
}

/* The sealed bytes, checked; NULL when they are not ours or not for this binding. */
static const char *
open_box(struct arena *arena, const unsigned char key[CURSOR_KEY_BYTES],
    const unsigned char binding[CURSOR_BINDING_BYTES], const char *text, size_t *len)
{
	size_t digits = strlen(text), bytes;
	unsigned char *sealed = arena_alloc(arena, digits + 1), nonce[NONCE_BYTES];
	unsigned char subkey[CURSOR_KEY_BYTES];
	char *plain = arena_alloc(arena, digits + 1);

	if (!base64url_decode(sealed, digits, &bytes, text, digits) || bytes < FRAME_BYTES)
		return NULL;
	derive(subkey, key, SUBKEY_BOX);
	if (crypto_secretbox_open_easy((unsigned char *)plain, sealed + NONCE_BYTES,
		bytes - NONCE_BYTES, sealed, subkey) != 0)
		return NULL;
	*len = bytes - FRAME_BYTES;
	make_nonce(nonce, key, binding, plain, *len);
	return sodium_memcmp(nonce, sealed, sizeof(nonce)) == 0 ? plain : NULL;
}

const char *const *
cursor_open(struct arena *arena, const unsigned char key[CURSOR_KEY_BYTES],
    const unsigned char binding[CURSOR_BINDING_BYTES], const char *text, size_t count)
{
	const char **values = arena_array(arena, count, sizeof(*values));
	size_t len, at = 0;
	const char *plain = open_box(arena, key, binding, text, &len);

	if (plain == NULL)
		return NULL;
	/* What opens was written by cursor_seal: each value ends within len. */
	for (size_t i = 0; i < count; i++) {
		if (at == len)
			return NULL;
		values[i] = plain[at] == MARK_NULL ? NULL : plain + at + 1;
		at += strlen(plain + at) + 1;
		assert(at <= len);
	}
	return at == len ? values : NULL;
}
