/* SPDX-License-Identifier: BSD-2-Clause */
/* uri.h - paths and query strings, decoded once (RFC 3986; form encoding of WHATWG URL for queries)
 *
 * A path is split on '/' before each segment is decoded, so that an encoded slash stays inside its
 * segment. Whatever does not decode to valid UTF-8 without NUL is refused: nothing is guessed. */
#ifndef FORMATS_URI_H
#define FORMATS_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct problem;
struct text;

struct uri_parameter {
	const char *name, *value; /* decoded; "" when there is no '=' */
};

struct uri {
	const char *path;            /* as it came, without the query */
	const char *const *segments; /* decoded; "/" has none, "/a/" has "a" and "" */
	size_t segment_count;
	const struct uri_parameter *parameters; /* in the order sent */
	size_t parameter_count;
};

/* Parse REQUEST_URI (origin form; an absolute form loses its scheme and authority).
 * PROBLEM_MALFORMED for what cannot be decoded, PROBLEM_TOO_LARGE past limits.h. */
bool uri_parse(struct uri *, const char *request_uri, struct arena *, struct problem *) MUST_CHECK;

/* Append a path as it came, what may not stand in one encoded (RFC 3986, 3.3), so that it fits a
 * header. */
void uri_put_path(struct text *, const char *path);

/* Append one segment of a path: what is not unreserved is %XX (RFC 3986, 2.3). */
void uri_put_segment(struct text *, const char *segment);

/* Append a name or value as URLSearchParams would: space is '+', what is not [A-Za-z0-9*-._] is
 * %XX. */
void uri_put_form(struct text *, const char *string);

#endif
