/* SPDX-License-Identifier: BSD-2-Clause */
/* batch.h - several writes, in order, all of them or none */
#ifndef HANDLERS_BATCH_H
#define HANDLERS_BATCH_H

#include <stdbool.h>

struct problem;
struct request;
struct response;

/* POST /batch */
bool batch_run(struct request *, struct response *, struct problem *);

#endif
