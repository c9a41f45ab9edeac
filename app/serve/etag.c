/* SPDX-License-Identifier: BSD-2-Clause */
/* etag.c - making tags, and answering 304 */
#include "serve/etag.h"

#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "formats/base64url.h"
#include "formats/fcgi.h"
#include "serve/request.h"
#include "serve/response.h"

enum { HASH_BYTES = 16 };

/* Lists of one header may come in several lines (RFC 9110, 5.3). */
static bool
client_has(const struct request *r, const char *etag)
{
	for (size_t i = 0; i < r->param_count; i++)
		if (strcmp(r->params[i].name, "HTTP_IF_NONE_MATCH") == 0 &&
		    http_etag_listed(r->params[i].value, etag))
			return true;
	return false;
}

void
etag_put(struct response *response, const struct request *r, const char *etag)
{
	response_header(response, HTTP_HEADER_ETAG, etag);
	if (!client_has(r, etag))
		return;
	/* What describes the body goes with it. */
	response->status = 304;
	text_clear(&response->body);
	response->headers[HTTP_HEADER_CONTENT_TYPE] = NULL;
	response->headers[HTTP_HEADER_LINK] = NULL;
}

void
etag_version(struct response *response, const struct request *r, const char *version)
{
	struct text etag;

	text_init(&etag, r->arena, 64);
	text_literal(&etag, "\"v");
	text_string(&etag, version);
	text_byte(&etag, '"');
	etag_put(response, r, etag.bytes);
}

void
etag_body(struct response *response, const struct request *r)
{
	unsigned char hash[HASH_BYTES];
	struct text etag;

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)response->body.bytes,
	    response->body.len, NULL, 0);
	text_init(&etag, r->arena, 64);
	text_byte(&etag, '"');
	base64url_put(&etag, hash, sizeof(hash));
	text_byte(&etag, '"');
	etag_put(response, r, etag.bytes);
}
