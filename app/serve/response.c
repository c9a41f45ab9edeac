/* SPDX-License-Identifier: BSD-2-Clause */
/* response.c - CGI response syntax (RFC 3875, 6) around a body */
#include "serve/response.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "formats/fcgi.h"
#include "formats/jsontext.h"
#include "serve/request.h"

enum { HEAD_BYTES = 8192 /* half of nginx's fastcgi_buffer_size, which must hold it */ };

void
response_init(struct response *response, struct arena *arena)
{
	memset(response, 0, sizeof(*response));
	text_init(&response->body, arena, LIMIT_ARENA_BYTES / 4);
	response_header(response, HTTP_HEADER_CACHE_CONTROL, "no-store");
	response_header(response, HTTP_HEADER_X_CONTENT_TYPE_OPTIONS, "nosniff");
}

void
response_header(struct response *response, enum http_header header, const char *value)
{
	assert(http_header_value_ok(value));
	response->headers[header] = value;
}

void
response_json(struct response *response, int status)
{
	response->status = status;
	response_header(response, HTTP_HEADER_CONTENT_TYPE, "application/json");
}

static void
put_faults(struct jsontext *j, const struct problem *p)
{
	jsontext_key(j, "errors");
	jsontext_begin_array(j);
	for (const struct problem_fault *f = p->faults; f != NULL; f = f->next) {
		jsontext_begin_object(j);
		jsontext_key(j, "pointer");
		jsontext_string(j, f->pointer);
		jsontext_key(j, "code");
		jsontext_string(j, f->code);
		jsontext_key(j, "detail");
		jsontext_string(j, f->detail);
		jsontext_end_object(j);
	}
	jsontext_end_array(j);
}

/* The headers that belong to a status. */
static void
problem_headers(struct response *response, const struct problem *p, struct arena *arena)
{
	const struct problem_kind *kind = problem_kind(p->code);
	int retry_after_s = p->retry_after_s > 0 ? p->retry_after_s : kind->retry_after_s;

	if (retry_after_s > 0)
		response_header(
		    response, HTTP_HEADER_RETRY_AFTER, arena_printf(arena, "%d", retry_after_s));
	if (p->allow != NULL)
		response_header(response, HTTP_HEADER_ALLOW, p->allow);
	if (kind->status == 401)
		response_header(response, HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
}

void
response_problem(struct response *response, const struct request *request, const struct problem *p)
{
	const struct problem_kind *kind = problem_kind(p->code);
	const char *detail = p->detail;
	struct jsontext j;

	assert(kind->status != 0);
	response_init(response, request->arena);
	response->status = kind->status;
	response_header(response, HTTP_HEADER_CONTENT_TYPE, "application/problem+json");
	problem_headers(response, p, request->arena);
	if (detail == NULL && p->fault_count > 0)
		detail = arena_printf(
		    request->arena, "%u fault%s", p->fault_count, p->fault_count == 1 ? "" : "s");

	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "type");
	jsontext_string(&j, "about:blank");
	jsontext_key(&j, "title");
	jsontext_string(&j, kind->title);
	jsontext_key(&j, "status");
	jsontext_int(&j, kind->status);
	jsontext_key(&j, "detail");
	jsontext_string(&j, detail != NULL ? detail : kind->title);
	jsontext_key(&j, "instance");
	jsontext_string(&j, request->uri.path);
	jsontext_key(&j, "code");
	jsontext_string(&j, kind->name);
	jsontext_key(&j, "requestId");
	jsontext_string(&j, request->id);
	if (p->faults != NULL)
		put_faults(&j, p);
	jsontext_end_object(&j);
	jsontext_done(&j);
}

/* Everything above the blank line but the length. */
static void
begin_head(struct text *head, const struct response *response, struct arena *arena)
{
	text_init(head, arena, HEAD_BYTES);
	text_literal(head, "Status: ");
	text_int(head, response->status);
	text_byte(head, ' ');
	text_string(head, http_reason(response->status));
	text_literal(head, "\r\n");
	for (enum http_header h = 0; h < HTTP_HEADER__MAX; h++) {
		if (response->headers[h] == NULL)
			continue;
		text_string(head, http_header_name(h));
		text_literal(head, ": ");
		text_string(head, response->headers[h]);
		text_literal(head, "\r\n");
	}
}

bool
response_stream(
    struct response *response, struct fcgi *fcgi, const struct request *request, long stall_ms)
{
	struct text head;

	response_header(response, HTTP_HEADER_X_REQUEST_ID, request->id);
	begin_head(&head, response, request->arena);
	text_literal(&head, "\r\n");
	assert(!head.failed);
	response->streamed = true;
	return fcgi_stream_begin(fcgi, &head, stall_ms);
}

bool
response_write(struct response *response, struct fcgi *fcgi, struct arena *arena)
{
	const struct text none = { .len = 0 };
	struct text head;

	assert(!response->body.failed); /* the service has replaced such an answer */
	begin_head(&head, response, arena);
	/* These two have no length at all (RFC 9110, 8.6; 15.4.5). */
	if (response->status != 204 && response->status != 304 && !response->no_length) {
		text_literal(&head, "Content-Length: ");
		text_int(&head, (int64_t)response->body.len);
		text_literal(&head, "\r\n");
	}
	text_literal(&head, "\r\n");
	assert(!head.failed);
	return fcgi_answer(fcgi, &head, response->head ? &none : &response->body);
}
