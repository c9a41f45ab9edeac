/* SPDX-License-Identifier: BSD-2-Clause */
/* principal.c - words and scopes */
#include "base/principal.h"

#include <assert.h>
#include <string.h>

#include "base/compiler.h"

static const char *const words[] = {
	[PRINCIPAL_ANONYMOUS] = "anonymous",
	[PRINCIPAL_USER] = "user",
	[PRINCIPAL_API_KEY] = "api_key",
	[PRINCIPAL_SYSTEM] = "system",
};
static_assert(COUNT_OF(words) == PRINCIPAL__MAX, "a word per type");

const char *
principal_type_word(enum principal_type type)
{
	assert(type < PRINCIPAL__MAX);
	return words[type];
}

static bool
equals(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

/* One scope, model:read or model:write, where the model may be *. */
static bool
scope_reaches(const char *scope, size_t len, const char *model, bool writing)
{
	const char *colon = memchr(scope, ':', len);
	size_t name;

	if (colon == NULL)
		return false;
	name = (size_t)(colon - scope);
	if (!equals(scope, name, "*") && !equals(scope, name, model))
		return false;
	return equals(colon + 1, len - name - 1, "write") ||
	    (!writing && equals(colon + 1, len - name - 1, "read"));
}

bool
principal_in_scope(const struct principal *who, const char *model, bool writing)
{
	const char *scope = who->scopes;

	if (scope == NULL)
		return true;
	while (*scope != '\0') {
		size_t len = strcspn(scope, " ");

		if (scope_reaches(scope, len, model, writing))
			return true;
		scope += len + (scope[len] == ' ');
	}
	return false;
}
