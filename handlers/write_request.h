/* SPDX-License-Identifier: BSD-2-Clause */
/* write_request.h - what a request to write says besides its body; for the handlers that write */
#ifndef HANDLERS_WRITE_REQUEST_H
#define HANDLERS_WRITE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "compiler/change.h"
#include "compiler/change_read.h"

struct model;
struct preferences;
struct problem;
struct request;
struct response;

/* A word of the query string that is true or false. */
struct write_flag {
	const char *name, *pointer;
	bool value;
};

/* Read the query string. Parameters that are none of the flags are faults: nothing is silently
 * ignored. */
bool write_flags(
    const struct request *, struct write_flag *flags, size_t count, struct problem *) MUST_CHECK;

/* The model that the path names, of which the principal may change a row by the action; NULL and a
 * problem. */
const struct model *write_model(struct request *, enum action, struct problem *) MUST_CHECK;

/* A change of the row that the path names, in the versions of If-Match. */
struct change *write_row_change(struct request *, enum action, struct problem *) MUST_CHECK;

/* How the body is read. */
struct change_reader write_reader(const struct request *);

/* Preference-Applied: what was done of return=. */
void write_applied(struct response *, const struct preferences *);

#endif
