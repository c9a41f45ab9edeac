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
#include <stdint.h>

#include "base/compiler.h"

struct arena;
struct column_ref;
struct json_object;
struct problem;
struct request;
struct uri_parameter;

enum body_kind {
	BODY_TEXT,    /* const char *; without NUL */
	BODY_TEXTS,   /* const char *const *, NULL-terminated: an array of texts */
	BODY_INT,     /* int64_t, between min and max; 0 when it is absent */
	BODY_COLUMN,  /* const char *: what the column takes, by its type and its rules */
	BODY_COLUMNS, /* const char *const *, NULL-terminated: an array of that */
	BODY_OBJECTS, /* struct body_objects: an array of objects, with fields of their own */
	BODY__MAX,
};

struct body_objects {
	size_t count;
	const void *objects; /* of the struct that their schema fills */
};

enum { BODY_OPTIONAL, BODY_REQUIRED };

struct body_field {
	const char *name;
	enum body_kind kind;
	int need;      /* BODY_REQUIRED or BODY_OPTIONAL: absent or null leaves NULL */
	size_t max;    /* bytes of a text, of each text of an array; elements of other arrays; of an
			* integer the largest */
	size_t offset; /* in the struct that is filled */
	int64_t min;   /* of an integer */
	const struct column_ref *column;   /* BODY_COLUMN, BODY_COLUMNS */
	const struct body_schema *objects; /* BODY_OBJECTS */
};

/* A table of fields, and the struct that it fills. */
struct body_schema {
	const struct body_field *fields;
	size_t count, bytes;
};

#define BODY_SCHEMA(type, fields)                                                                  \
	{                                                                                          \
		(fields), COUNT_OF(fields), sizeof(type)                                           \
	}

/* Read the body into out, whose members begin as NULL. Texts live as long as the request.
 * PROBLEM_MEDIA_TYPE, PROBLEM_TOO_LARGE, PROBLEM_MALFORMED or the faults. */
bool body_read(struct request *, const struct body_field *fields, size_t count, void *out,
    struct problem *) MUST_CHECK;

/* The same by a schema, into a struct of its own; NULL and a problem. */
const void *
body_read_schema(struct request *, const struct body_schema *, struct problem *) MUST_CHECK;

/* Parameters of the query string by a schema of BODY_TEXT, BODY_INT and BODY_COLUMN, whose
 * pointers are /query/NAME; *rest becomes those that no field names. */
const void *body_read_query(struct request *, const struct body_schema *,
    const struct uri_parameter **rest, size_t *rest_count, struct problem *) MUST_CHECK;

/* The body as a tree, for those who read it by the catalogue. application/json, or
 * application/merge-patch+json (RFC 7396). *value is NULL where the body is null. */
bool body_json(struct request *, struct json_object **value, struct problem *) MUST_CHECK;

#endif
