/* SPDX-License-Identifier: BSD-2-Clause */
/* jsontext.h - writing JSON (RFC 8259) into a text
 *
 * Commas are placed here; begin and end must match, which jsontext_done asserts. Rows come from
 * PostgreSQL as JSON already and are put in raw. */
#ifndef FORMATS_JSONTEXT_H
#define FORMATS_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

struct jsontext {
	struct text *out;
	unsigned depth;
	bool comma; /* a value was written at this level */
	bool after_key;
};

void jsontext_init(struct jsontext *, struct text *);

void jsontext_begin_object(struct jsontext *);
void jsontext_end_object(struct jsontext *);
void jsontext_begin_array(struct jsontext *);
void jsontext_end_array(struct jsontext *);

/* The key of the next value; a literal of ours or a name of the catalogue. */
void jsontext_key(struct jsontext *, const char *key);

void jsontext_string(struct jsontext *, const char *string); /* NULL writes null */
void jsontext_int(struct jsontext *, int64_t);
void jsontext_bool(struct jsontext *, bool);
void jsontext_null(struct jsontext *);

/* A key and its value. */
void jsontext_put_string(struct jsontext *, const char *key, const char *string);
void jsontext_put_int(struct jsontext *, const char *key, int64_t);
void jsontext_put_bool(struct jsontext *, const char *key, bool);

/* Text that is JSON already. */
void jsontext_raw(struct jsontext *, const char *json, size_t len);

/* Everything begun was ended. */
void jsontext_done(const struct jsontext *);

#endif
