/* SPDX-License-Identifier: BSD-2-Clause */
/* uri.c - splitting first, decoding after, validating last */
#include "formats/uri.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"
#include "formats/utf8.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decode len bytes; NULL when they do not decode to UTF-8 without NUL. */
static char *
decode(const char *in, size_t len, bool plus_is_space, struct arena *arena)
{
	char *out = arena_alloc(arena, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (in[i] == '+' && plus_is_space) {
			out[n++] = ' ';
		} else if (in[i] != '%') {
			out[n++] = in[i];
		} else {
			if (len - i < 3 || (high = hex_digit(in[i + 1])) < 0 ||
			    (low = hex_digit(in[i + 2])) < 0)
				return NULL;
			out[n++] = (char)(high << 4 | low);
			i += 2;
		}
	}
	out[n] = '\0';
	return memchr(out, '\0', n) == NULL && utf8_ok(out, n) ? out : NULL;
}

static bool
undecodable(const char *what, struct problem *p)
{
	return problem_raise(p, PROBLEM_MALFORMED,
	    "the %s is not percent-encoded UTF-8 without NUL (RFC 3986, 2.1)", what);
}

static bool
parse_path(struct uri *uri, const char *path, size_t len, struct arena *arena, struct problem *p)
{
	const char **segments = arena_array(arena, LIMIT_PATH_SEGMENTS, sizeof(*segments));
	const char *end = path + len;

	uri->path = arena_copy(arena, path, len);
	uri->segments = segments;
	while (path < end && path[0] == '/') {
		const char *slash;
		size_t n;

		path++;
		slash = memchr(path, '/', (size_t)(end - path));
		n = slash != NULL ? (size_t)(slash - path) : (size_t)(end - path);
		if (n == 0 && slash == NULL && uri->segment_count == 0)
			break; /* "/" */
		if (uri->segment_count == LIMIT_PATH_SEGMENTS)
			return problem_raise(p, PROBLEM_MALFORMED,
			    "the path has more than %d segments", LIMIT_PATH_SEGMENTS);
		if ((segments[uri->segment_count++] = decode(path, n, false, arena)) == NULL)
			return undecodable("path", p);
		path += n;
	}
	return true;
}

static bool
parse_parameter(
    struct uri_parameter *out, const char *in, size_t len, struct arena *arena, struct problem *p)
{
	const char *equals = memchr(in, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - in) : len;

	out->name = decode(in, name_len, true, arena);
	out->value = equals != NULL ? decode(equals + 1, len - name_len - 1, true, arena) : "";
	return (out->name != NULL && out->value != NULL) || undecodable("query", p);
}

static bool
parse_query(struct uri *uri, const char *query, struct arena *arena, struct problem *p)
{
	struct uri_parameter *parameters =
	    arena_array(arena, LIMIT_QUERY_PARAMETERS, sizeof(*parameters));

	uri->parameters = parameters;
	while (*query != '\0') {
		size_t len = strcspn(query, "&");

		if (len > 0) {
			if (uri->parameter_count == LIMIT_QUERY_PARAMETERS)
				return problem_raise(p, PROBLEM_MALFORMED,
				    "the query has more than %d parameters",
				    LIMIT_QUERY_PARAMETERS);
			if (!parse_parameter(
				&parameters[uri->parameter_count++], query, len, arena, p))
				return false;
		}
		query += len;
		if (*query == '&')
			query++;
	}
	return true;
}

bool
uri_parse(struct uri *uri, const char *request_uri, struct arena *arena, struct problem *p)
{
	const char *path = request_uri, *authority;
	size_t len;

	memset(uri, 0, sizeof(*uri));
	if (strlen(request_uri) > LIMIT_URI_BYTES)
		return problem_raise(p, PROBLEM_TOO_LARGE,
		    "the request target is longer than %d bytes", LIMIT_URI_BYTES);
	if (path[0] != '/' && (authority = strstr(path, "://")) != NULL)
		path = authority + 3 + strcspn(authority + 3, "/?#");
	len = strcspn(path, "?#");
	if (len > 0 && path[0] != '/')
		return problem_raise(
		    p, PROBLEM_MALFORMED, "the request target does not begin with /");
	return parse_path(uri, path, len, arena, p) &&
	    parse_query(uri, path[len] == '?' ? path + len + 1 : "", arena, p);
}

static void
put_escaped(struct text *out, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	text_byte(out, '%');
	text_byte(out, hex[c >> 4]);
	text_byte(out, hex[c & 15]);
}

static bool
is_alphanumeric(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void
uri_put_segment(struct text *out, const char *segment)
{
	for (; *segment != '\0'; segment++) {
		unsigned char c = (unsigned char)*segment;

		if (is_alphanumeric(c) || strchr("-._~", c) != NULL)
			text_byte(out, *segment);
		else
			put_escaped(out, c);
	}
}

void
uri_put_path(struct text *out, const char *path)
{
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if (is_alphanumeric(c) || strchr("-._~!$&'()*+,;=:@/%", c) != NULL)
			text_byte(out, (char)c);
		else
			put_escaped(out, c);
	}
}

void
uri_put_form(struct text *out, const char *string)
{
	for (; *string != '\0'; string++) {
		unsigned char c = (unsigned char)*string;

		if (is_alphanumeric(c) || strchr("*-._", c) != NULL)
			text_byte(out, (char)c);
		else if (c == ' ')
			text_byte(out, '+');
		else
			put_escaped(out, c);
	}
}
