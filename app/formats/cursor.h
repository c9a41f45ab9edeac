/* SPDX-License-Identifier: BSD-2-Clause */
/* cursor.h - where the next page starts
 *
 * A cursor is the sort key of a row that was shown, sealed with the server's key and bound to the
 * list it was made for: a client can keep it, not read it, forge it or carry it elsewhere. It holds
 * the key itself and not the row's id, so it outlives its row.
 *
 * Sealing is deterministic (the nonce is a keyed hash of binding and key, as in RFC 5297): the same
 * place has the same cursor on every host, so links and entity tags of an unchanged page stay. What
 * that tells is that two cursors are equal. */
#ifndef FORMATS_CURSOR_H
#define FORMATS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct text;

enum {
	CURSOR_KEY_BYTES = 32,
	CURSOR_BINDING_BYTES = 32, /* a hash of whatever must be the same when it is opened */
};

/* Append a cursor of count values to out. A value is text without NUL inside, or NULL. */
void cursor_seal(struct text *out, const unsigned char key[CURSOR_KEY_BYTES],
    const unsigned char binding[CURSOR_BINDING_BYTES], const char *const *values, size_t count);

/* The values of a cursor, count of them, in arena; NULL when it is forged, cut, or was made with
 * another key, binding or count. */
const char *const *cursor_open(struct arena *, const unsigned char key[CURSOR_KEY_BYTES],
    const unsigned char binding[CURSOR_BINDING_BYTES], const char *text, size_t count) MUST_CHECK;

#endif
