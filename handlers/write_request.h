/* SPDX-License-Identifier: BSD-2-Clause */
/* write_request.h - what a request to write says besides its body; for the handlers that write */
#ifndef HANDLERS_WRITE_REQUEST_H
#define HANDLERS_WRITE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "compiler/change.h"
#include "compiler/change_read.h"

struct arena;
struct model;
struct problem;
struct request;
struct unique_key;

/* A word of the query string that is true or false. */
struct write_flag {
	const char *name, *pointer;
	bool value;
};

/* A parameter that nobody knows is a fault: nothing is silently ignored. */
void write_refuse_parameter(const struct request *, const char *name, struct problem *);

/* Read a query string that has nothing but flags. */
bool write_flags(
    const struct request *, struct write_flag *flags, size_t count, struct problem *) MUST_CHECK;

/* The model that the path names, of which the principal may change a row by the action; NULL and a
 * problem. */
const struct model *write_model(struct request *, enum action, struct problem *) MUST_CHECK;

/* A change of the row that the path names, in the versions of If-Match. */
struct change *write_row_change(struct request *, enum action, struct problem *) MUST_CHECK;

/* The key that by= names: columns of a unique key in any order, joined by commas; NULL by is none.
 * NULL and a fault at the pointer. */
const struct unique_key *write_key(const struct model *, const char *by, const char *pointer,
    struct arena *, struct problem *) MUST_CHECK;

/* The key of the id, where clients choose it; else false and a fault. */
bool write_key_id(const struct model *, const char *pointer, const struct unique_key **,
    struct problem *) MUST_CHECK;

/* The conditions of a request into an upsert: If-Match, or If-None-Match: *. */
bool write_upsert_match(struct change *, const struct request *, struct problem *) MUST_CHECK;

/* How the body is read. */
struct change_reader write_reader(const struct request *);

#endif
