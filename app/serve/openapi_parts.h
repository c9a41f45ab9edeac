/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi_parts.h - components of the description; for openapi.c */
#ifndef SERVE_OPENAPI_PARTS_H
#define SERVE_OPENAPI_PARTS_H

#include <stdbool.h>

#include "compiler/schema.h"
#include "formats/jsontext.h"

struct body_schema;
struct openapi_options;
struct route;

struct openapi_writing {
	struct jsontext j;
	struct arena *arena;
	const struct openapi_options *options;
	const struct schema_names *names;
};

/* A route where it stands. */
struct openapi_target {
	const struct route *route;
	const char *path;          /* with the model's name for {model} */
	const struct model *model; /* of a route for any model; else NULL */
	const struct model *home;  /* the model that the path begins with; NULL: none */
};

/* --- operations (openapi_operation.c) ------------------------------------------------------ */

/* Whether there is one: rows of a model may not know what its route does, whoever asks. */
bool openapi_has_operation(struct openapi_writing *, const struct openapi_target *);

void openapi_operation(struct openapi_writing *, const struct openapi_target *);

/* --- parameters (openapi_parameters.c) ----------------------------------------------------- */

/* The parameters of an operation with these traits, as elements of an array; model is NULL for what
 * is no model's. */
void openapi_parameters(struct jsontext *, unsigned traits, const struct model *);

/* The same as members of an object's properties: the body of QUERY. */
void openapi_parameter_properties(struct jsontext *, unsigned traits, const struct model *);

/* Names of conditions that no list of parameters can hold, as a regular expression (ECMA-262). */
#define OPENAPI_CONDITIONS "^((or|and|not)\\.[^.]+\\.)*filter\\."

/* Whether a row of the model can be named by the columns of a unique key, other than the id. */
bool openapi_has_key(const struct model *);

/* The fields of a handler's body, as a schema, and of its query, as parameters. */
void openapi_body(struct jsontext *, const struct body_schema *, const struct catalogue *);
void openapi_query(struct jsontext *, const struct body_schema *, const struct catalogue *);

/* components/parameters: those that are the same for all models. */
void openapi_shared_parameters(struct jsontext *);

/* --- schemas (openapi_schemas.c) ----------------------------------------------------------- */

/* Behind the name of a model; NULL-terminated. The first is "". */
extern const char *const openapi_suffixes[];

/* All of components/schemas: of each model, and those that are no model's. */
void openapi_schemas(struct jsontext *, const struct catalogue *, const struct schema_names *);

/* Those that are no model's (openapi_objects.c), and the names that models may not have for them;
 * NULL-terminated, in the arena. */
void openapi_objects(struct jsontext *);
const char *const *openapi_reserved(struct arena *) __attribute__((returns_nonnull));

/* --- answers (openapi_answers.c) ----------------------------------------------------------- */

/* components/responses: one per status of a problem; components/headers. */
void openapi_problem_answers(struct jsontext *);
void openapi_headers(struct jsontext *);

/* "404": {"$ref": ...}, and "default". */
void openapi_problem(struct jsontext *, int status);
void openapi_other_problems(struct jsontext *);

/* "ETag": {"$ref": ...} of the headers that the traits give, as members. */
void openapi_given_headers(struct jsontext *, unsigned traits);

/* --- shorthand ----------------------------------------------------------------------------- */

/* A key, and JSON of ours. */
void openapi_raw(struct jsontext *, const char *key, const char *json);

#endif
