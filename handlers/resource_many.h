/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_many.h - writing several rows of one model by one request */
#ifndef HANDLERS_RESOURCE_MANY_H
#define HANDLERS_RESOURCE_MANY_H

#include <stdbool.h>

struct json_object;
struct model;
struct preferences;
struct problem;
struct request;
struct response;

/* POST /{model} of an array: all of its rows or none. */
bool resource_create_all(struct request *, struct response *, const struct model *,
    struct json_object *array, const struct preferences *, struct problem *);

#endif
