/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi.h - the API's description (OpenAPI 3.1.1)
 *
 * Made of the catalogue, the routes and their operations, without asking anybody: equal arguments
 * give equal bytes. Models and columns that are hidden from clients are not in it. QUERY, which 3.1
 * has no field for, stands under x-query. */
#ifndef SERVE_OPENAPI_H
#define SERVE_OPENAPI_H

#include "base/compiler.h"

struct catalogue;
struct operation_table;
struct route_table;
struct settings;
struct text;

struct openapi_options {
	const struct catalogue *catalogue;
	const struct route_table *routes;
	const struct operation_table *operations;
	const struct settings *settings;
	const char *version; /* of the program */
};

/* Put the description. Scratch is taken from the text's arena. */
void openapi_put(struct text *, const struct openapi_options *);

#endif
