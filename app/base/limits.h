/* SPDX-License-Identifier: BSD-2-Clause */
/* limits.h - every bound on what comes from outside, and where it comes from
 *
 * Input is measured against these before memory is spent on it; the arena's ceiling lies above what
 * the largest legal request needs (tests/unit/test_request.c computes it). */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	LIMIT_ARENA_BYTES = 64 << 20, /* one request's memory; passing it ends the worker */
	LIMIT_PARAMS = 256, /* FastCGI parameters of one request; nginx sends some 30 + headers */
	LIMIT_PARAMS_BYTES =
	    64 << 10, /* their names and values; nginx: large_client_header_buffers 4 8k */
	LIMIT_URI_BYTES = 8 << 10,    /* nginx's own default for the request line */
	LIMIT_PATH_SEGMENTS = 16,     /* /t/{slug}/api/{model}/{id}/history has 6 */
	LIMIT_QUERY_PARAMETERS = 128, /* name=value pairs of one query string */
	LIMIT_SORT_KEYS = 8,     /* a ninth key never decides an order that a person asked for */
	LIMIT_AGGREGATES = 32,   /* values of a group */
	LIMIT_FILTER_GROUPS = 8, /* or, and, not in each other */
	LIMIT_NESTED_DEPTH = 8,  /* relations in each other in a body that is written */
	LIMIT_NESTED_OPERATIONS = 512, /* under names of relations in one body; each is a row */
	LIMIT_PAGE = 1000000000,       /* page x the largest limit fits in an int8 offset */
	LIMIT_LINK_BYTES =
	    4 << 10, /* the header; a quarter of nginx/rowhouse.conf's fastcgi_buffer_size */
	LIMIT_COUNTED = 10000, /* rows that count=estimated counts before it believes the planner */
	LIMIT_DRAIN_BYTES =
	    1 << 20, /* unread body thrown away before the connection is closed instead */
	LIMIT_REQUEST_ID_BYTES = 128, /* X-Request-Id that is kept; longer ones are replaced */
	LIMIT_UNIT_STATEMENTS = 4096, /* statements in one unit; a runaway cascade stops here */
	LIMIT_ROWS_CREATED = 500,     /* of one array; some 4 statements each, 8 of wide models */
	LIMIT_OPERATIONS = 100,       /* of one batch */
	LIMIT_ROWS_CHANGED = 10000,   /* by one filter; logged and written in some 2 s */
	LIMIT_STATEMENT_PARAMETERS = 65535, /* the protocol's: Int16 count of Bind */
	LIMIT_STATEMENT_TEXT_BYTES = 1
	    << 20, /* one statement; far above what limited includes can give */
	LIMIT_PREPARED_TEXT_BYTES = 64
	    << 10,                       /* cached statement text per connection (limits.md 10.5) */
	LIMIT_PREPARED_COUNT = 256,      /* the same, counted */
	LIMIT_TENANTS_REMEMBERED = 1024, /* per worker; the oldest goes */
	LIMIT_CREDENTIALS_REMEMBERED = 512, /* per worker; some 0.6 KiB each, made when used */
	LIMIT_WORKERS = 512,                /* scoreboard slots */
	LIMIT_CACHE_SMALLEST = 64 << 10,    /* of the setting cache_bytes, where it is not 0 */
	LIMIT_JSON_DEPTH = 32, /* arrays and objects in each other; json-c's own default */
	LIMIT_JSON_KEYS = 256, /* members of one object; above the columns of any sane table */
	LIMIT_JSON_VALUES = 1 << 16, /* of one document; "[{},{},..." costs json-c 800 bytes each */
	LIMIT_JSON_NUMBER_BYTES = 64, /* of a number's source text */
	LIMIT_JSON_EXPONENT = 9999, /* either way; numeric writes 1e131071 out as 131,072 digits */
	LIMIT_JSON_EXPONENT_SUM = 1
	    << 20, /* of one document, so that jsonb adds a megabyte and never multiplies */
	LIMIT_POINTER_BYTES = 512,   /* of a fault's pointer: keys are the client's */
	LIMIT_TOKEN_BYTES = 4 << 10, /* of a JWT; ours have some 400 */
	LIMIT_TOKEN_SKEW_S = 30,     /* between our clock and the issuer's */
	LIMIT_PASSWORD_BYTES = 1024, /* Argon2id hashes it to 64 first, so more is no stronger */
	LIMIT_FAULTS = 100, /* faults listed in one problem; the rest is counted in the detail */
	LIMIT_LOG_LINE_BYTES =
	    8192, /* one line, one write(2); below PIPE_BUF there is no interleaving,
		   * above it files and journald still keep a write whole */
};

#endif
