/* SPDX-License-Identifier: BSD-2-Clause */
/* resource.h - the handlers that serve any registered model */
#ifndef HANDLERS_RESOURCE_H
#define HANDLERS_RESOURCE_H

#include <stdbool.h>

struct problem;
struct request;
struct response;

/* GET /{model} */
bool resource_list(struct request *, struct response *, struct problem *);

/* QUERY /{model}: the same, asked in a body */
bool resource_query(struct request *, struct response *, struct problem *);

/* GET /{model}/aggregate */
bool resource_aggregate(struct request *, struct response *, struct problem *);

/* GET /{model}/{id} */
bool resource_get(struct request *, struct response *, struct problem *);

#endif
