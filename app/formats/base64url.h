/* SPDX-License-Identifier: BSD-2-Clause */
/* base64url.h - base64 for URLs, without padding, one spelling per value (RFC 4648, 5 and 3.5)
 *
 * libsodium's decoder refuses padding, white space and trailing bits that are not zero, but 1.0.18
 * takes each of the 128 bytes above 0x7f for '_': one signature had thousands of spellings. So the
 * alphabet is checked here first. */
#ifndef FORMATS_BASE64URL_H
#define FORMATS_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct text;

/* Decode len digits into at most size bytes; false when they are not what an encoder writes. The
 * time may tell where a wrong digit stands, but nothing about right ones. */
bool base64url_decode(
    unsigned char *bytes, size_t size, size_t *decoded, const char *digits, size_t len) MUST_CHECK;

/* Append the digits of len bytes. */
void base64url_put(struct text *, const void *bytes, size_t len);

/* The same into size bytes with the NUL; there must be room. */
void base64url_encode(char *out, size_t size, const void *bytes, size_t len);

#endif
