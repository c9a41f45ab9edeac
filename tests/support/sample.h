/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.h - the models of sql/sample, as a person reads them there
 *
 * Written by hand and without a header of app/, so that a test does not ask the program what is
 * right. */
#ifndef SUPPORT_SAMPLE_H
#define SUPPORT_SAMPLE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

struct client;

struct sample_model {
	const char *table;
	const char *name;    /* in the path */
	const char *telling; /* a column that differs between the tenants where ids are equal */
	const char *telling_name; /* its name in JSON */
	bool shared;              /* of all tenants */
	bool closed;              /* a member reads only its own rows of it */
};

extern const struct sample_model sample_models[];
extern const size_t sample_model_count;

/* The ids that a member of the tenant may see, in text, sorted: asked of PostgreSQL as superuser.
 */
const char **
sample_ids(PGconn *superuser, const struct sample_model *, const char *tenant, size_t *count);

/* Ids in `of` that are not in `but`; both sorted by sample_sort. */
const char **sample_difference(
    const char **of, size_t of_count, const char **but, size_t but_count, size_t *count);

void sample_sort(const char **ids, size_t count);

/* All ids of a list, page after page until there is no next one, in the order they came; NULL when
 * an answer was not 200, which is said. query ("sortBy=title") may be "". */
const char **sample_walk(struct client *, const char *tenant, const char *model, const char *query,
    int limit, size_t *count);

#endif
