/* SPDX-License-Identifier: BSD-2-Clause */
/* schema.h - what rows of a model look like in JSON, as JSON Schema (2020-12)
 *
 * Made of the same tables that read and show values: kinds, bounds, and who may write a column.
 * What a stored row shows is described by its type alone, since it may be older than a rule of the
 * registration; what is written, by everything that is known without the database. */
#ifndef COMPILER_SCHEMA_H
#define COMPILER_SCHEMA_H

#include <stddef.h>

#include "base/compiler.h"
#include "database/catalogue.h"

struct arena;
struct jsontext;

enum schema_use {
	SCHEMA_READ,   /* as an answer shows it */
	SCHEMA_CREATE, /* of a new row */
	SCHEMA_UPDATE, /* of a merge patch: numbers take arithmetic as well */
};

/* The names of models in a description: order_items is OrderItem. */
struct schema_names;

/* Different for all models of the catalogue, also behind each of the suffixes (Create, Page), and
 * none of the reserved ones; both lists end in NULL. */
const struct schema_names *schema_names_new(struct arena *, const struct catalogue *,
    const char *const *suffixes, const char *const *reserved) __attribute__((returns_nonnull));

const char *
schema_name(const struct schema_names *, const struct model *) __attribute__((returns_nonnull));

/* {"$ref": "#/components/schemas/PostPage"}; suffix may be "". */
void schema_reference(struct jsontext *, const char *name, const char *suffix);

/* The schema of a column's values, an object. */
void schema_column(struct jsontext *, const struct column *, enum schema_use);

/* The schema of a whole row, with what an include adds; of a body, with what it must have. */
void
schema_model(struct jsontext *, const struct model *, enum schema_use, const struct schema_names *);

/* The schemas that the above refer to under fixed names: members of components/schemas. */
void schema_shared(struct jsontext *);
extern const char *const schema_shared_names[];

#endif
