/* SPDX-License-Identifier: BSD-2-Clause */
/* operation.h - what the API's description says of a route
 *
 * The routes of the tree have a row each in handlers/operations.c; a unit test fails when one has
 * none. What follows from the route itself (its path, whom it serves, Idempotency-Key) is not said
 * here again. */
#ifndef SERVE_OPERATION_H
#define SERVE_OPERATION_H

#include <stddef.h>

#include "database/catalogue.h"
#include "formats/http.h"

/* What an operation takes and gives; parameters.c has the query parameters and headers of each. */
enum operation_trait {
	TAKES_LIST = 1 << 0,     /* parameters of a list */
	TAKES_ROW = 1 << 1,      /* of one row */
	TAKES_GROUPS = 1 << 2,   /* of an aggregate */
	TAKES_DELETION = 1 << 3, /* force, withDeleted */
	TAKES_TRAIL = 1 << 4,    /* of the audit log */
	TAKES_HISTORY = 1 << 5,  /* of one row's */
	TAKES_MATCH = 1 << 6,    /* If-Match */
	TAKES_TAG = 1 << 7,      /* If-None-Match; 304 */
	TAKES_RETURN = 1 << 8,   /* Prefer: return= */
	TAKES_COUNT = 1 << 9,    /* Prefer: count= */
	TAKES_REASON = 1 << 10,  /* X-Audit-Reason */
	TAKES_KEY = 1 << 11,     /* Idempotency-Key; follows from the route */
	TAKES_TENANT = 1 << 12,  /* X-Tenant-Id; follows from the route */
	TAKES_MANY = 1 << 13,    /* the body may be an array of what it is else */
	GIVES_TAG = 1 << 14,     /* ETag */
	GIVES_LINK = 1 << 15,    /* Link */
	GIVES_LOCATION = 1 << 16,
	GIVES_EXPORTS = 1 << 17,   /* CSV and NDJSON as well */
	TAKES_CHANGES = 1 << 18,   /* parameters that say which rows to change */
	TAKES_DELETIONS = 1 << 19, /* which rows to delete */
	TAKES_BY = 1 << 20,        /* by=, of models that have a key to name a row by */
	TAKES_NEW_ID = 1 << 21,    /* of models whose ids are the client's to choose */
	GIVES_MADE = 1 << 22,      /* 201 as well */
	IS_ARRAY = 1 << 23,        /* body and answer are arrays of what they are else */
};

struct operation {
	enum http_method method;
	const char *path; /* the route's */
	const char *id;   /* "list" is Post.list; of other paths the whole: "auth.login" */
	const char *text; /* what the route's summary leaves out; NULL: nothing */
	unsigned traits;  /* enum operation_trait, joined */
	int status;       /* when all goes well */
	/* Names in components/schemas; "%" at the beginning stands for the model's: "%Page". NULL:
	 * no body. */
	const char *body, *answer;
	enum action action; /* of paths with {model}: what its rules are asked for */
};

struct operation_table {
	const struct operation *operations;
	size_t count;
};

#endif
