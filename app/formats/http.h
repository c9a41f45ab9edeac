/* SPDX-License-Identifier: BSD-2-Clause */
/* http.h - the words of HTTP that we speak (RFC 9110) */
#ifndef FORMATS_HTTP_H
#define FORMATS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_QUERY, /* RFC 10008 */
	HTTP_METHOD__MAX,
};

/* HTTP_METHOD__MAX for a method we do not know; names are case-sensitive (9.1). */
enum http_method http_method_find(const char *name);

const char *http_method_name(enum http_method) __attribute__((returns_nonnull));

/* The reason phrase of a status we send; "" for others. */
const char *http_reason(int status) __attribute__((returns_nonnull));

/* Headers that an answer may carry: a closed list, so that no client text can become a header name.
 */
enum http_header {
	HTTP_HEADER_ACCEPT_QUERY,
	HTTP_HEADER_ALLOW,
	HTTP_HEADER_CACHE_CONTROL,
	HTTP_HEADER_CONTENT_TYPE,
	HTTP_HEADER_ETAG,
	HTTP_HEADER_IDEMPOTENCY_REPLAYED,
	HTTP_HEADER_LINK,
	HTTP_HEADER_LOCATION,
	HTTP_HEADER_PREFERENCE_APPLIED,
	HTTP_HEADER_RETRY_AFTER,
	HTTP_HEADER_VARY,
	HTTP_HEADER_WWW_AUTHENTICATE,
	HTTP_HEADER_X_CONTENT_TYPE_OPTIONS,
	HTTP_HEADER_X_REQUEST_ID,
	HTTP_HEADER__MAX,
};

const char *http_header_name(enum http_header) __attribute__((returns_nonnull));

/* Whether a value may stand in a header: visible ASCII, spaces and tabs only; so no CR, LF or NUL
 * can split the answer (RFC 9110, 5.5). */
bool http_header_value_ok(const char *value);

/* How much a media type is wanted by the value of Accept: 0 (not at all) to 1000, of the most
 * specific range that it fits (RFC 9110, 12.5.1). What is no range is passed over. */
unsigned http_quality(const char *accept, const char *type);

/* One entity-tag of a list at *at, with its quotes and without its W/; *at moves behind it. NULL
 * where there is none. */
const char *http_etag_next(const char **at, size_t *len);

/* Whether the value of If-None-Match or If-Match lists the strong tag etag, which has its quotes;
 * "*" lists every tag. W/ is ignored in comparing: web servers weaken tags when they compress
 * (RFC 9110, 8.8.3 and 13.1). A list is read up to the first thing in it that is no tag. */
bool http_etag_listed(const char *list, const char *etag);

#endif
