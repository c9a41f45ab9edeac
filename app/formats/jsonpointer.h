/* SPDX-License-Identifier: BSD-2-Clause */
/* jsonpointer.h - where in a body something is wrong (RFC 6901, RFC 9457)
 *
 * Whoever walks a body keeps one link per level on its own stack, pointing at the level above; only
 *a fault pays for text. Links and keys must outlive the links below them.
 *
 *	struct jsonpointer here = jsonpointer_member(above, key);
 *	return problem_fault(p, jsonpointer_text(&here, arena), "type", "a number is expected");
 */
#ifndef FORMATS_JSONPOINTER_H
#define FORMATS_JSONPOINTER_H

#include <stddef.h>

struct arena;

struct jsonpointer {
	const struct jsonpointer *above; /* NULL: the whole document */
	const char *key;                 /* NULL: an element */
	size_t index;
};

/* One level down; above NULL is the whole document. */
struct jsonpointer jsonpointer_member(const struct jsonpointer *above, const char *key);
struct jsonpointer jsonpointer_element(const struct jsonpointer *above, size_t index);

/* As a URI fragment (RFC 6901, 6): "#", "#/a/b~1c/0". Keys are a client's and as long as it likes,
 * so a text over LIMIT_POINTER_BYTES names the nearest level above that fits. */
const char *jsonpointer_text(const struct jsonpointer *, struct arena *);

#endif
