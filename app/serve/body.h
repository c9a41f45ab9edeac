/* SPDX-License-Identifier: BSD-2-Clause */
/* body.h - a request's JSON body, read against a table of fields
 *
 *	static const struct body_field fields[] = {
 *		{ "login", BODY_TEXT, BODY_REQUIRED, 320, offsetof(struct login, login) },
 *	};
 *
 * All faults of a body are reported at once, each with its pointer; a field that is not in the
 * table is one. */
#ifndef SERVE_BODY_H
#define SERVE_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct json_object;
struct problem;
struct request;

enum body_kind {
	BODY_TEXT,  /* const char *; without NUL */
	BODY_TEXTS, /* const char *const *, NULL-terminated: an array of texts */
	BODY__MAX,
};

enum { BODY_OPTIONAL, BODY_REQUIRED };

struct body_field {
	const char *name;
	enum body_kind kind;
	int need;      /* BODY_REQUIRED or BODY_OPTIONAL: absent or null leaves NULL */
	size_t max;    /* bytes of a text, of each text of an array */
	size_t offset; /* in the struct that is filled */
};

/* Read the body into out, whose members begin as NULL. Texts live as long as the request.
 * PROBLEM_MEDIA_TYPE, PROBLEM_TOO_LARGE, PROBLEM_MALFORMED or the faults. */
bool body_read(struct request *, const struct body_field *fields, size_t count, void *out,
    struct problem *) MUST_CHECK;

/* The body as a tree, for those who read it by the catalogue. application/json, or
 * application/merge-patch+json (RFC 7396). *value is NULL where the body is null. */
bool body_json(struct request *, struct json_object **value, struct problem *) MUST_CHECK;

#endif
