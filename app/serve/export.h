/* SPDX-License-Identifier: BSD-2-Clause */
/* export.h - a whole list, or the log, as CSV or NDJSON, row by row
 *
 * The one answer that begins before PostgreSQL has said COMMIT (DESIGN 4): rows are written as they
 * come, in constant memory. A failure before the first row is an answer like any other; behind it
 * the transfer is broken off, which the client sees. NDJSON ends in a line {"_complete": {"rows":
 * n}} besides, for those who stand behind something that hides a broken transfer. */
#ifndef SERVE_EXPORT_H
#define SERVE_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct model;
struct problem;
struct request;
struct response;
struct unit;

enum export_format {
	EXPORT_NONE, /* JSON: no export */
	EXPORT_CSV,
	EXPORT_NDJSON,
	EXPORT__MAX,
};

/* What the request accepts most (JSON where it does not care); PROBLEM_NOT_ACCEPTABLE when that is
 * neither. */
bool export_format(const struct request *, enum export_format *, struct problem *) MUST_CHECK;

/* What is exported. */
struct export_source {
	/* Add the statements that read it; the last one's rows are the export. */
	bool (*add)(struct unit *, struct request *, void *what, struct problem *);
	void *what;
	const char *const *names; /* of the cells, for CSV's first line */
	size_t name_count;
	size_t first; /* the column in which a row's cells begin, or its one JSON text stands */
};

/* Answer with all of it; the format is not EXPORT_NONE. */
bool export_rows(struct request *, struct response *, enum export_format,
    const struct export_source *, struct problem *) MUST_CHECK;

/* Answer with all rows of the model that the request asks for. */
bool export_list(struct request *, struct response *, const struct model *, enum export_format,
    struct problem *) MUST_CHECK;

#endif
