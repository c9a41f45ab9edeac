/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_bulk.h - changing and deleting the rows of a filter
 *
 * The rows are found and locked first, then those very rows are logged and written: two flushes
 * (DESIGN 3.5). They are rows that the principal may read; when it may not change one of them,
 * none is changed. To pass over it would look like success. */
#ifndef HANDLERS_RESOURCE_BULK_H
#define HANDLERS_RESOURCE_BULK_H

#include <stdbool.h>

struct problem;
struct request;
struct response;

/* PATCH /{model}?filter.COLUMN=... */
bool resource_patch_all(struct request *, struct response *, struct problem *);

/* DELETE /{model}?filter.COLUMN=..., with force=true for good */
bool resource_delete_all(struct request *, struct response *, struct problem *);

#endif
