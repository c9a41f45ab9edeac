/* SPDX-License-Identifier: BSD-2-Clause */
/* export.h - a whole list as CSV or NDJSON, row by row
 *
 * The one answer that begins before PostgreSQL has said COMMIT (DESIGN 4): rows are written as they
 * come, in constant memory. A failure before the first row is an answer like any other; behind it
 * the transfer is broken off, which the client sees. NDJSON ends in a line {"_complete": {"rows":
 * n}} besides, for those who stand behind something that hides a broken transfer. */
#ifndef SERVE_EXPORT_H
#define SERVE_EXPORT_H

#include <stdbool.h>

#include "base/compiler.h"

struct model;
struct problem;
struct request;
struct response;

enum export_format {
	EXPORT_NONE, /* JSON: no export */
	EXPORT_CSV,
	EXPORT_NDJSON,
	EXPORT__MAX,
};

/* What the request accepts most (JSON where it does not care); PROBLEM_NOT_ACCEPTABLE when that is
 * neither. */
bool export_format(const struct request *, enum export_format *, struct problem *) MUST_CHECK;

/* Answer with all rows of the model that the request asks for. */
bool export_list(struct request *, struct response *, const struct model *, enum export_format,
    struct problem *) MUST_CHECK;

#endif
