/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi_answers.c - problems by their status, and headers */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "formats/http.h"
#include "formats/jsontext.h"
#include "serve/openapi_parts.h"
#include "serve/operation.h"

enum { NAME_BYTES = 64, TEXT_BYTES = 4096 };

/* "Not Found" as a component's name. */
static const char *
answer_name(int status, struct arena *arena)
{
	struct text name;

	text_init(&name, arena, NAME_BYTES);
	for (const char *c = http_reason(status); *c != '\0'; c++)
		if (isalpha((unsigned char)*c))
			text_byte(&name, *c);
	return name.bytes;
}

/* The titles of all kinds of a status, with their codes. */
static const char *
titles(int status, struct arena *arena)
{
	struct text text;

	text_init(&text, arena, TEXT_BYTES);
	for (unsigned code = 0; code < PROBLEM__MAX; code++) {
		const struct problem_kind *kind = problem_kind((enum problem_code)code);

		if (kind->status == status)
			text_printf(
			    &text, "%s`%s`: %s", text.len > 0 ? "; " : "", kind->name, kind->title);
	}
	text_byte(&text, '.');
	return text.bytes;
}

static void
reference(struct jsontext *j, const char *kind, const char *name)
{
	jsontext_begin_object(j);
	jsontext_put_string(
	    j, "$ref", arena_printf(j->out->arena, "#/components/%s/%s", kind, name));
	jsontext_end_object(j);
}

static void
put_answer(struct jsontext *j, const char *text, bool retry)
{
	jsontext_begin_object(j);
	jsontext_put_string(j, "description", text);
	jsontext_key(j, "headers");
	jsontext_begin_object(j);
	jsontext_key(j, "X-Request-Id");
	reference(j, "headers", "RequestId");
	if (retry) {
		jsontext_key(j, "Retry-After");
		reference(j, "headers", "RetryAfter");
	}
	jsontext_end_object(j);
	jsontext_key(j, "content");
	jsontext_begin_object(j);
	jsontext_key(j, "application/problem+json");
	jsontext_begin_object(j);
	jsontext_key(j, "schema");
	schema_reference(j, "Problem", "");
	jsontext_end_object(j);
	jsontext_end_object(j);
	jsontext_end_object(j);
}

static bool
is_first_of_status(enum problem_code code)
{
	for (unsigned before = 0; before < code; before++)
		if (problem_kind((enum problem_code)before)->status == problem_kind(code)->status)
			return false;
	return true;
}

void
openapi_problem_answers(struct jsontext *j)
{
	for (unsigned code = 0; code < PROBLEM__MAX; code++) {
		const struct problem_kind *kind = problem_kind((enum problem_code)code);

		if (kind->status == 0 || !is_first_of_status((enum problem_code)code))
			continue;
		jsontext_key(j, answer_name(kind->status, j->out->arena));
		put_answer(j, titles(kind->status, j->out->arena), kind->retry_after_s > 0);
	}
	jsontext_key(j, "Problem");
	put_answer(j, "Another problem; its code says which.", true);
}

void
openapi_problem(struct jsontext *j, int status)
{
	jsontext_key(j, arena_printf(j->out->arena, "%d", status));
	reference(j, "responses", answer_name(status, j->out->arena));
}

void
openapi_other_problems(struct jsontext *j)
{
	jsontext_key(j, "default");
	reference(j, "responses", "Problem");
}

/* --- headers ------------------------------------------------------------------------------- */

static const struct {
	const char *key;
	enum http_header header;
	unsigned givers; /* enum operation_trait, joined; 0: every operation */
	bool of_problems;
	const char *text;
} headers[] = {
	{ "RequestId", HTTP_HEADER_X_REQUEST_ID, 0, false, "The request in the logs." },
	{ "ETag", HTTP_HEADER_ETAG, GIVES_TAG, false,
	    "The row's version, \"v3\", which If-Match takes; of other answers a hash." },
	{ "Link", HTTP_HEADER_LINK, GIVES_LINK, false, "Other pages (RFC 8288)." },
	{ "Location", HTTP_HEADER_LOCATION, GIVES_LOCATION, false, "The new row." },
	{ "PreferenceApplied", HTTP_HEADER_PREFERENCE_APPLIED, TAKES_RETURN | TAKES_COUNT, false,
	    "What was done of Prefer." },
	{ "IdempotencyReplayed", HTTP_HEADER_IDEMPOTENCY_REPLAYED, TAKES_KEY, false,
	    "true: the answer of the first time." },
	{ "RetryAfter", HTTP_HEADER_RETRY_AFTER, 0, true, "Seconds to wait." },
};

void
openapi_headers(struct jsontext *j)
{
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		jsontext_key(j, headers[i].key);
		jsontext_begin_object(j);
		jsontext_put_string(j, "description", headers[i].text);
		openapi_raw(j, "schema",
		    headers[i].of_problems ? "{\"type\":\"integer\"}" : "{\"type\":\"string\"}");
		jsontext_end_object(j);
	}
}

void
openapi_given_headers(struct jsontext *j, unsigned traits)
{
	for (size_t i = 0; i < COUNT_OF(headers); i++)
		if (!headers[i].of_problems &&
		    (headers[i].givers == 0 || (headers[i].givers & traits) != 0)) {
			jsontext_key(j, http_header_name(headers[i].header));
			reference(j, "headers", headers[i].key);
		}
}
