/* SPDX-License-Identifier: BSD-2-Clause */
/* etag.h - which state a resource is in, and whether the client has that already
 *
 * A bare row is told apart by its version, which If-Match takes on writes; everything else by a
 * hash of the body (DESIGN 4). Answers stay Cache-Control: no-store: the tag is for clients that
 * keep what they were told themselves, never for a cache between. */
#ifndef SERVE_ETAG_H
#define SERVE_ETAG_H

struct request;
struct response;

/* The answer shows a row in this version: ETag "v<version>". */
void etag_version(struct response *, const struct request *, const char *version);

/* The answer is its body: ETag of a hash, the same for the same bytes on every host.
 *
 * All of them end in 304 without a body when If-None-Match lists the tag (RFC 9110, 13.1.2 and
 * 15.4.5). */
void etag_body(struct response *, const struct request *);

/* A tag that was made before. */
void etag_put(struct response *, const struct request *, const char *etag);

#endif
