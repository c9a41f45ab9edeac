/* SPDX-License-Identifier: BSD-2-Clause */
/* textformat.c - a function per format */
#include "formats/textformat.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/uuid.h"
#include "formats/instant.h"

#define DIGITS   "0123456789"
#define SMALL    "abcdefghijklmnopqrstuvwxyz"
#define LETTERS  SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HEX      DIGITS "abcdefABCDEF"
#define ALPHANUM LETTERS DIGITS

enum {
	LOCAL_BYTES = 64,   /* RFC 5321, 4.5.3.1.1 */
	EMAIL_BYTES = 254,  /* RFC 5321, 4.5.3.1.3, without its brackets */
	LABEL_BYTES = 63,   /* RFC 1035, 2.3.4 */
	DOMAIN_BYTES = 253, /* the same, without the root */
	URL_BYTES = 2048,   /* what every browser and cache takes */
	ADDRESS_BYTES = INET6_ADDRSTRLEN,
};

/* Letters, digits and inner hyphens, parted by single dots (RFC 1123, 2.1); how many labels, 0 when
 * they are none. A last label of digits alone would be an address (WHATWG URL, 3.5). */
static size_t
domain_labels(const char *domain, size_t len)
{
	const char *label = domain, *end = domain + len;
	size_t labels = 0, size, digits = 0;

	if (len > DOMAIN_BYTES)
		return 0;
	for (;; label += size + 1) {
		size = strspn(label, ALPHANUM "-");
		if (size == 0 || size > LABEL_BYTES || label[0] == '-' || label[size - 1] == '-' ||
		    label + size > end)
			return 0;
		digits = strspn(label, DIGITS);
		labels++;
		if (label + size == end)
			return digits == size ? 0 : labels;
		if (label[size] != '.')
			return 0;
	}
}

/* Mailbox of RFC 5321, 4.1.2, in ASCII: a dot-string (no quoted one) and a domain of two labels or
 * more (no address). The same letters that HTML's input type=email takes. */
static bool
is_email(const char *text)
{
	static const char atom[] = ALPHANUM "!#$%&'*+-/=?^_`{|}~";
	const char *at = text;
	size_t size, domain;

	for (;; at++) {
		size = strspn(at, atom);
		at += size;
		if (size == 0)
			return false;
		if (*at != '.')
			break;
	}
	if (*at != '@' || at - text > LOCAL_BYTES)
		return false;
	domain = strlen(at + 1);
	return domain_labels(at + 1, domain) >= 2 &&
	    (size_t)(at - text) + 1 + domain <= EMAIL_BYTES;
}

/* Dotted decimal or RFC 4291, 2.2. */
static bool
is_address(int family, const char *text, size_t len)
{
	char copy[ADDRESS_BYTES];
	struct in6_addr address;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(family, copy, &address) == 1;
}

static bool
is_ip(const char *text)
{
	size_t len = strlen(text);

	return is_address(AF_INET, text, len) || is_address(AF_INET6, text, len);
}

/* host [ ":" port ]; at its end stands what comes behind the authority. */
static bool
is_authority(const char *text, size_t len)
{
	size_t host = strcspn(text, ":/?#"), digits;
	bool named;

	if (text[0] == '[') {
		host = strcspn(text, "]") + 1;
		named = host <= len && is_address(AF_INET6, text + 1, host - 2);
	} else {
		named = domain_labels(text, host) > 0 || is_address(AF_INET, text, host);
	}
	if (!named || host == len)
		return named;
	digits = strspn(text + host + 1, DIGITS);
	return text[host] == ':' && digits > 0 && digits <= 5 && host + 1 + digits == len;
}

/* Path, query and fragment: characters of RFC 3986, 2, a "%" before two hexadecimal digits, and one
 * "#". */
static bool
is_rest(const char *text)
{
	static const char allowed[] = ALPHANUM "-._~:/?@!$&'()*+,;=";
	bool fragment = false;

	for (;;) {
		text += strspn(text, allowed);
		if (*text == '\0')
			return true;
		if (*text == '%' && strspn(text + 1, HEX) >= 2) {
			text += 3;
		} else if (*text == '#' && !fragment) {
			fragment = true;
			text++;
		} else {
			return false;
		}
	}
}

/* RFC 3986, 3, of http and https alone, so that it can stand in a link: not javascript:, and no
 * user:password@, which shows one host and leads to another. */
static bool
is_url(const char *text)
{
	static const char *const schemes[] = { "https://", "http://" };
	size_t authority;

	if (strlen(text) > URL_BYTES)
		return false;
	for (size_t i = 0; i < COUNT_OF(schemes); i++) {
		const char *behind = text + strlen(schemes[i]);

		if (strncmp(text, schemes[i], strlen(schemes[i])) != 0)
			continue;
		authority = strcspn(behind, "/?#");
		return is_authority(behind, authority) && is_rest(behind + authority);
	}
	return false;
}

static bool
is_slug(const char *text)
{
	for (;;) {
		size_t size = strspn(text, SMALL DIGITS);

		if (size == 0 || text[size] == '\0')
			return size > 0;
		if (text[size] != '-')
			return false;
		text += size + 1;
	}
}

static bool
is_date(const char *text)
{
	int64_t microseconds;

	return instant_read(&microseconds, INSTANT_DATE, text) == INSTANT_READ;
}

const struct textformat *
textformat_find(const char *word)
{
	static const struct textformat formats[] = {
		{ "email", "an e-mail address, such as mia@example.org", is_email, "email", NULL,
		    "mia@example.org" },
		{ "url", "a web address, such as https://example.org/", is_url, "uri", "^https?://",
		    "https://example.org/" },
		{ "uuid", "a uuid", uuid_ok, "uuid", NULL, "0199a000-0000-7000-8000-000000000001" },
		{ "slug", "small letters and digits with single hyphens, such as a-first-post",
		    is_slug, NULL, "^[a-z0-9]+(-[a-z0-9]+)*$", "a-first-post" },
		{ "date", "a date, such as 2024-05-17", is_date, "date", NULL, "2024-05-17" },
		{ "ip", "an IP address, such as 192.0.2.1 or 2001:db8::1", is_ip, NULL,
		    "^[0-9a-fA-F.:]+$", "192.0.2.1" },
	};

	for (size_t i = 0; i < COUNT_OF(formats); i++)
		if (strcmp(formats[i].word, word) == 0)
			return &formats[i];
	return NULL;
}
