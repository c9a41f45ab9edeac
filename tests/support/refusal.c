/* SPDX-License-Identifier: BSD-2-Clause */
/* refusal.c - members of a problem */
#include "support/refusal.h"

#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"

void
check_problem(const struct answer *a, int status, const char *code, const char *what)
{
	static const char *const members[] = { "type", "title", "status", "detail", "instance",
		"code", "requestId" };

	CHECK_INT(a->error, CURLE_OK, "%s", what);
	CHECK_INT(a->status, status, "%s: %.300s", what, a->body);
	CHECK_TEXT(answer_header(a, "Content-Type"), "application/problem+json", "%s", what);
	for (size_t i = 0; i < SUITE_COUNT(members); i++)
		CHECK(document_has(a->json, members[i]), "%s: member %s of %.300s", what,
		    members[i], a->body);
	CHECK_INT(document_int(a->json, "status"), status, "%s", what);
	CHECK_TEXT(document_text(a->json, "code"), code, "%s", what);
	CHECK_TEXT(
	    document_text(a->json, "requestId"), answer_header(a, "X-Request-Id"), "%s", what);
	CHECK(document_at(a->json, "accessToken") == NULL && document_at(a->json, "data") == NULL,
	    "%s: %.300s", what, a->body);
	CHECK(strstr(a->body, "SELECT") == NULL && strstr(a->body, "ERROR:") == NULL,
	    "%s: PostgreSQL shows through: %s", what, a->body);
}

const char *
without(const char *text, const char *word)
{
	const char *at;

	while (*word != '\0' && (at = strstr(text, word)) != NULL)
		text = keep_printf("%.*s*%s", (int)(at - text), text, at + strlen(word));
	return text;
}
