/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant.c - reading what names a tenant */
#include "base/tenant.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/uuid.h"

enum { SLUG_MAX = 63, READS_AS_ID = 25 };

bool
tenant_read_id(const char *text, char out[TENANT_ID_BYTES])
{
	if (!uuid_ok(text))
		return false;
	for (size_t i = 0; i < TENANT_ID_BYTES - 1; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	out[TENANT_ID_BYTES - 1] = '\0';
	return true;
}

bool
tenant_is_slug(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= SLUG_MAX &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && text[0] != '-' &&
	    text[len - 1] != '-' && (len < READS_AS_ID || strspn(text, "abcdef0123456789-") != len);
}
