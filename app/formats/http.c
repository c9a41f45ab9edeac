/* SPDX-License-Identifier: BSD-2-Clause */
/* http.c - tables of methods, statuses and headers */
#include "formats/http.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

static const char *const methods[] = {
	[HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH",
	[HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
	[HTTP_QUERY] = "QUERY",
};
static_assert(COUNT_OF(methods) == HTTP_METHOD__MAX, "a name per method");

static const char *const headers[] = {
	[HTTP_HEADER_ACCEPT_QUERY] = "Accept-Query",
	[HTTP_HEADER_ALLOW] = "Allow",
	[HTTP_HEADER_CACHE_CONTROL] = "Cache-Control",
	[HTTP_HEADER_CONTENT_TYPE] = "Content-Type",
	[HTTP_HEADER_ETAG] = "ETag",
	[HTTP_HEADER_IDEMPOTENCY_REPLAYED] = "Idempotency-Replayed",
	[HTTP_HEADER_LINK] = "Link",
	[HTTP_HEADER_LOCATION] = "Location",
	[HTTP_HEADER_PREFERENCE_APPLIED] = "Preference-Applied",
	[HTTP_HEADER_RETRY_AFTER] = "Retry-After",
	[HTTP_HEADER_VARY] = "Vary",
	[HTTP_HEADER_WWW_AUTHENTICATE] = "WWW-Authenticate",
	[HTTP_HEADER_X_CONTENT_TYPE_OPTIONS] = "X-Content-Type-Options",
	[HTTP_HEADER_X_REQUEST_ID] = "X-Request-Id",
};
static_assert(COUNT_OF(headers) == HTTP_HEADER__MAX, "a name per header");

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 409, "Conflict" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

enum http_method
http_method_find(const char *name)
{
	enum http_method m = 0;

	while (m < HTTP_METHOD__MAX && strcmp(methods[m], name) != 0)
		m++;
	return m;
}

const char *
http_method_name(enum http_method method)
{
	assert(method < HTTP_METHOD__MAX);
	return methods[method];
}

const char *
http_reason(int status)
{
	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

const char *
http_header_name(enum http_header header)
{
	assert(header < HTTP_HEADER__MAX);
	return headers[header];
}

bool
http_header_value_ok(const char *value)
{
	for (; *value != '\0'; value++) {
		unsigned char c = (unsigned char)*value;

		if ((c < 0x20 && c != '\t') || c >= 0x7f)
			return false;
	}
	return true;
}

const char *
http_etag_next(const char **at, size_t *len)
{
	const char *tag;

	*at += strspn(*at, " \t,");
	if (strncmp(*at, "W/", 2) == 0)
		*at += 2;
	tag = *at;
	if (tag[0] != '"')
		return NULL;
	*len = strcspn(tag + 1, "\"") + 2;
	if (strlen(tag) < *len)
		return NULL;
	*at += *len;
	*at += strspn(*at, " \t");
	return **at == ',' || **at == '\0' ? tag : NULL;
}

bool
http_etag_listed(const char *list, const char *etag)
{
	const char *tag;
	size_t len;

	list += strspn(list, " \t");
	if (list[0] == '*')
		return list[1 + strspn(list + 1, " \t")] == '\0';
	while ((tag = http_etag_next(&list, &len)) != NULL)
		if (strlen(etag) == len && memcmp(tag, etag, len) == 0)
			return true;
	return false;
}

/* "0.5" in thousandths; 1000 when there is none, or it is none. */
static unsigned
read_quality(const char *parameters, size_t len)
{
	const char *end = parameters + len, *at = parameters;
	unsigned quality = 0, unit = 1000;

	for (; at < end; at++)
		if (*at == ';' || *at == ' ' || *at == '\t') {
			at += strspn(at, "; \t");
			if (strncasecmp(at, "q=", 2) == 0)
				break;
			at--;
		}
	if (at >= end)
		return 1000;
	for (at += 2; at < end && unit > 0; at++) {
		if (*at == '.')
			continue;
		if (*at < '0' || *at > '9')
			break;
		quality += (unsigned)(*at - '0') * unit;
		unit /= 10;
	}
	return quality < 1000 ? quality : 1000;
}

/* 3: the type itself, 2: its group ("text/" and a star), 1: anything, 0: it does not fit. */
static unsigned
specificity(const char *range, size_t len, const char *type)
{
	size_t group = strcspn(type, "/") + 1;

	if (len == 3 && memcmp(range, "*/*", 3) == 0)
		return 1;
	if (len == group + 1 && strncasecmp(range, type, group) == 0 && range[group] == '*')
		return 2;
	return len == strlen(type) && strncasecmp(range, type, len) == 0 ? 3 : 0;
}

unsigned
http_quality(const char *accept, const char *type)
{
	unsigned best = 0, quality = 0;

	while (*(accept += strspn(accept, " \t,")) != '\0') {
		size_t len = strcspn(accept, ","), range = strcspn(accept, ";, \t");
		unsigned fits = specificity(accept, range, type);

		if (fits > best) {
			best = fits;
			quality = read_quality(accept + range, len - range);
		}
		accept += len;
	}
	return quality;
}
