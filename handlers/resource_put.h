/* SPDX-License-Identifier: BSD-2-Clause */
/* resource_put.h - a row that is changed, or made when it is not there
 *
 * Fields that are not given keep their values, or get their defaults in a new row: PUT replaces no
 * row as a whole, since it would take away what its sender may neither read nor write. It needs
 * both rights, so that its answer never depends on a row that is out of reach. */
#ifndef HANDLERS_RESOURCE_PUT_H
#define HANDLERS_RESOURCE_PUT_H

#include <stdbool.h>

struct problem;
struct request;
struct response;

/* PUT /{model}/{id}, where clients choose the ids */
bool resource_put(struct request *, struct response *, struct problem *);

/* PUT /{model}?by=COLUMN,...: the row of a unique key, whose values are in the body */
bool resource_put_by(struct request *, struct response *, struct problem *);

#endif
