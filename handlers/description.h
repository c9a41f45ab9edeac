/* SPDX-License-Identifier: BSD-2-Clause */
/* description.h - the API's description, from the catalogue that the worker has */
#ifndef HANDLERS_DESCRIPTION_H
#define HANDLERS_DESCRIPTION_H

#include <stdbool.h>

struct problem;
struct request;
struct response;
struct catalogue;
struct route_table;
struct settings;
struct text;

/* GET /openapi.json, for whom the setting openapi_access names. */
bool description_get(struct request *, struct response *, struct problem *);

/* The same document as text, for `rowhouse openapi`. */
void description_put(
    struct text *, const struct catalogue *, const struct route_table *, const struct settings *);

#endif
