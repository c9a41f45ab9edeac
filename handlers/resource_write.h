/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_write.h - the handlers that write any registered model */
#ifndef HANDLERS_RESOURCE_WRITE_H
#define HANDLERS_RESOURCE_WRITE_H

#include <stdbool.h>

struct problem;
struct request;
struct response;

/* POST /{model} */
bool resource_create(struct request *, struct response *, struct problem *);

/* PATCH /{model}/{id} */
bool resource_patch(struct request *, struct response *, struct problem *);

/* DELETE /{model}/{id}, with ?force=true for good */
bool resource_delete(struct request *, struct response *, struct problem *);

/* POST /{model}/{id}/restore */
bool resource_restore(struct request *, struct response *, struct problem *);

#endif
