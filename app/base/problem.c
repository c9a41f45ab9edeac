/* SPDX-License-Identifier: BSD-2-Clause */
/* problem.c - the table of problem kinds, and raising one */
#include "base/problem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

static const struct problem_kind kinds[] = {
	[PROBLEM_NONE] = { "none", 0, 0, "No problem" },
	[PROBLEM_INVALID] = { "invalid", 400, 0, "The request has faults" },
	[PROBLEM_MALFORMED] = { "malformed", 400, 0, "The request cannot be read" },
	[PROBLEM_DUPLICATE_HEADER] = { "duplicate_header", 400, 0, "A header was sent twice" },
	[PROBLEM_TENANT_FORMAT] = { "tenant_format", 400, 0, "Invalid tenant ID format" },
	[PROBLEM_VALUE] = { "value", 400, 0, "A value does not fit its column" },
	[PROBLEM_UNAUTHENTICATED] = { "unauthenticated", 401, 0, "Authentication is required" },
	[PROBLEM_CREDENTIALS] = { "invalid_credentials", 401, 0,
	    "The login or the password is wrong" },
	[PROBLEM_TENANT_REQUIRED] = { "tenant_required", 403, 0, "Tenant ID is required" },
	[PROBLEM_TENANT_UNKNOWN] = { "tenant_unknown", 403, 0, "No such active tenant" },
	[PROBLEM_TENANT_MISMATCH] = { "tenant_mismatch", 403, 0, "Tenant ID mismatch" },
	[PROBLEM_FORBIDDEN] = { "forbidden", 403, 0, "Not permitted" },
	[PROBLEM_NO_ROUTE] = { "no_route", 404, 0, "No such resource" },
	[PROBLEM_NO_MODEL] = { "no_model", 404, 0, "No such model" },
	[PROBLEM_NO_ROW] = { "not_found", 404, 0, "Not found" },
	[PROBLEM_NO_HISTORY] = { "no_history", 404, 0, "The state of then is not known" },
	[PROBLEM_METHOD] = { "method", 405, 0, "The method is not allowed here" },
	[PROBLEM_NOT_ACCEPTABLE] = { "not_acceptable", 406, 0,
	    "None of the accepted types is there" },
	[PROBLEM_CONFLICT] = { "conflict", 409, 0, "In conflict with stored data" },
	[PROBLEM_IN_PROGRESS] = { "in_progress", 409, 1, "The same request is being answered" },
	[PROBLEM_PRECONDITION] = { "precondition_failed", 412, 0, "The row has changed" },
	[PROBLEM_TOO_LARGE] = { "too_large", 413, 0, "The request is too large" },
	[PROBLEM_MEDIA_TYPE] = { "media_type", 415, 0, "The body's type is not supported" },
	[PROBLEM_KEY_REUSED] = { "idempotency_key_reused", 422, 0,
	    "The Idempotency-Key belongs to another request" },
	[PROBLEM_MATCH_REQUIRED] = { "match_required", 428, 0, "If-Match is required" },
	[PROBLEM_RATE_LIMITED] = { "rate_limited", 429, 1, "Too many requests" },
	[PROBLEM_HEADERS] = { "headers", 431, 0, "The request's headers are too large" },
	[PROBLEM_INTERNAL] = { "internal", 500, 0, "An error of the server" },
	[PROBLEM_UNAVAILABLE] = { "unavailable", 503, 1, "The service is not available" },
	[PROBLEM_UNSAFE] = { "unsafe", 503, 10, "The database does not pass its safety checks" },
	[PROBLEM_BUSY] = { "busy", 503, 1, "The request could not be finished in time" },
	[PROBLEM_OUTCOME_UNKNOWN] = { "outcome_unknown", 503, 1, "The outcome is not known" },
	[PROBLEM_EPOCH] = { "epoch", 0, 0, "The worker's memory is old" },
	[PROBLEM_RETRY] = { "retry", 0, 0, "Serialization failure" },
	[PROBLEM_SETTING] = { "setting", 0, 0, "The configuration is wrong" },
};
static_assert(COUNT_OF(kinds) == PROBLEM__MAX, "a row per problem code");

void
problem_init(struct problem *p, struct arena *arena)
{
	memset(p, 0, sizeof(*p));
	p->arena = arena;
	p->last_fault = &p->faults;
}

const struct problem_kind *
problem_kind(enum problem_code code)
{
	assert(code < PROBLEM__MAX);
	return &kinds[code];
}

static const char *
format_text(struct arena *, const char *, va_list) __attribute__((format(printf, 2, 0)));

static const char *
format_text(struct arena *arena, const char *format, va_list ap)
{
	char buffer[1024];
	int n = vsnprintf(buffer, sizeof(buffer), format, ap);

	if (n < 0)
		return NULL;
	return arena_copy(
	    arena, buffer, (size_t)n < sizeof(buffer) ? (size_t)n : sizeof(buffer) - 1);
}

bool
problem_raise_(struct problem *p, enum problem_code code, const char *format, ...)
{
	va_list ap;

	assert(code != PROBLEM_NONE);
	if (problem_raised(p))
		return false;
	p->code = code;
	va_start(ap, format);
	p->detail = format_text(p->arena, format, ap);
	va_end(ap);
	return false;
}

/* A place for a fault with its detail; NULL when it is not listed. */
static struct problem_fault *
add_fault(struct problem *p, enum problem_code kind, const char *pointer, const char *code)
{
	struct problem_fault *fault;

	if (problem_raised(p) && p->code != kind)
		return NULL;
	p->code = kind;
	if (p->fault_count++ >= LIMIT_FAULTS)
		return NULL;
	fault = ARENA_NEW(p->arena, struct problem_fault);
	fault->pointer = arena_string(p->arena, pointer);
	fault->code = arena_string(p->arena, code);
	*p->last_fault = fault;
	p->last_fault = &fault->next;
	return fault;
}

bool
problem_fault_(struct problem *p, enum problem_code kind, const char *pointer, const char *code,
    const char *format, ...)
{
	struct problem_fault *fault = add_fault(p, kind, pointer, code);
	va_list ap;

	if (fault == NULL)
		return false;
	va_start(ap, format);
	fault->detail = format_text(p->arena, format, ap);
	va_end(ap);
	return false;
}

void
problem_locate(struct problem *p, const char *pointer, const char *code)
{
	enum problem_code kind = p->code;
	const char *detail = p->detail;

	if (p->faults != NULL)
		return;
	p->code = PROBLEM_NONE;
	p->detail = NULL;
	problem_fault_as(
	    p, kind, pointer, code, "%s", detail != NULL ? detail : problem_kind(kind)->title);
}

void
problem_cause(struct problem *p, const char *format, ...)
{
	va_list ap;

	if (p->cause != NULL)
		return;
	va_start(ap, format);
	p->cause = format_text(p->arena, format, ap);
	va_end(ap);
}
