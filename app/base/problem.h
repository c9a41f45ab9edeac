/* SPDX-License-Identifier: BSD-2-Clause */
/* problem.h - why a request could not be answered (RFC 9457)
 *
 * A fallible function takes a struct problem last, returns false or NULL when it fails and has
 *raised a problem by then; the first problem stays. What the client reads (detail, faults) and what
 *the log reads (cause, sqlstate) are kept apart: detail holds no SQL, no path of ours, no other
 *tenant's data and never PostgreSQL's own text.
 *
 *	if (limit > model->max_limit)
 *		return problem_raise(p, PROBLEM_INVALID, "limit is too large");
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;

enum problem_code {
	PROBLEM_NONE, /* nothing was raised */
	/* 400 */
	PROBLEM_INVALID,   /* one or more faults in the query or the body, each listed */
	PROBLEM_MALFORMED, /* the request itself cannot be read */
	PROBLEM_DUPLICATE_HEADER,
	PROBLEM_TENANT_FORMAT,
	PROBLEM_VALUE, /* a value that its column cannot hold (SQLSTATE class 22) */
	/* 401, 403 */
	PROBLEM_UNAUTHENTICATED,
	PROBLEM_CREDENTIALS, /* login or password; equal for all reasons */
	PROBLEM_TENANT_REQUIRED,
	PROBLEM_TENANT_UNKNOWN, /* unknown and suspended answer alike */
	PROBLEM_TENANT_MISMATCH,
	PROBLEM_FORBIDDEN,
	/* 404 .. 431 */
	PROBLEM_NO_ROUTE,
	PROBLEM_NO_MODEL,
	PROBLEM_NO_ROW,
	PROBLEM_NO_HISTORY, /* the log does not reach back */
	PROBLEM_METHOD,
	PROBLEM_NOT_ACCEPTABLE,
	PROBLEM_CONFLICT,     /* with stored state (SQLSTATE class 23) */
	PROBLEM_IN_PROGRESS,  /* the twin with the same Idempotency-Key is not done */
	PROBLEM_PRECONDITION, /* If-Match names another version */
	PROBLEM_TOO_LARGE,
	PROBLEM_MEDIA_TYPE,
	PROBLEM_KEY_REUSED,     /* the same Idempotency-Key with another request */
	PROBLEM_MATCH_REQUIRED, /* the model takes no change without If-Match */
	PROBLEM_RATE_LIMITED,
	PROBLEM_HEADERS,
	/* 500, 503 */
	PROBLEM_INTERNAL,
	PROBLEM_UNAVAILABLE,     /* no database connection */
	PROBLEM_UNSAFE,          /* the lint found an error: nothing is served */
	PROBLEM_BUSY,            /* retried enough, or out of its budget */
	PROBLEM_OUTCOME_UNKNOWN, /* the connection broke while COMMIT was under way */
	/* never answered: the caller acts on it */
	PROBLEM_EPOCH,   /* what the worker remembers is old: refresh and run again */
	PROBLEM_RETRY,   /* 40001, 40P01: run the unit again */
	PROBLEM_SETTING, /* command line and configuration: sysexits EX_CONFIG */
	PROBLEM__MAX,
};

/* What is the same for every problem of a code. */
struct problem_kind {
	const char *name;  /* the stable "code" a client may compare */
	int status;        /* HTTP; 0: never answered */
	int retry_after_s; /* Retry-After; 0: none */
	const char *title; /* the same words for every problem of the kind */
};

/* One of several things wrong in one request. */
struct problem_fault {
	struct problem_fault *next;
	const char
	    *pointer;     /* where: /query/limit, /header/X-Tenant-Id, /path/id, #/title (body) */
	const char *code; /* which rule: "unknown", "type", "range", ... */
	const char *detail;
};

struct problem {
	struct arena *arena;
	enum problem_code code;
	enum problem_code retried; /* with PROBLEM_RETRY: what it is when that was done in vain */
	const char *detail;        /* for the client; NULL: the title says it all */
	const char *cause;         /* for the log; NULL when there is nothing to add */
	char sqlstate[6];          /* PostgreSQL's, or "" */
	struct problem_fault *faults, **last_fault; /* in the order found */
	unsigned fault_count;                       /* may be more than are listed (LIMIT_FAULTS) */
	int retry_after_s;                          /* when it is not the kind's */
	const char *allow;                          /* with PROBLEM_METHOD: the value of Allow */
};

/* No problem yet; texts will live in arena. */
void problem_init(struct problem *, struct arena *);

/* The row of a code. */
const struct problem_kind *problem_kind(enum problem_code) __attribute__((returns_nonnull));

/* Raise with a detail for the client, unless one is raised already. Always false. */
#define problem_raise(...) always_false(problem_raise_(__VA_ARGS__))
bool problem_raise_(struct problem *, enum problem_code, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same for functions that return a pointer. */
#define problem_null(...) (problem_raise(__VA_ARGS__) ? (void *)0 : (void *)0)

/* Add a fault, raising PROBLEM_INVALID with it: all faults of a request are reported at once.
 * Always false. Ignored when a problem of another code was raised first. */
#define problem_fault(p, ...) problem_fault_as((p), PROBLEM_INVALID, __VA_ARGS__)

/* The same with another code than PROBLEM_INVALID, for what is well formed and has a place in the
 * body all the same: a value that is taken, a row that is not there. */
#define problem_fault_as(...) always_false(problem_fault_(__VA_ARGS__))
bool problem_fault_(struct problem *, enum problem_code, const char *pointer, const char *code,
    const char *format, ...) PRINTF_LIKE(5, 6);

/* Give a problem that has no fault yet a place in the body: its detail becomes that of one. */
void problem_locate(struct problem *, const char *pointer, const char *code);

/* What only the log may know; the first cause stays. */
void problem_cause(struct problem *, const char *format, ...) PRINTF_LIKE(2, 3);

static inline bool
problem_raised(const struct problem *p)
{
	return p->code != PROBLEM_NONE;
}

#endif
