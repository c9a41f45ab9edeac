/* SPDX-License-Identifier: BSD-2-Clause */
/* audit.h - reading the audit log, and rows as they were */
#ifndef HANDLERS_AUDIT_H
#define HANDLERS_AUDIT_H

#include <stdbool.h>

struct model;
struct problem;
struct request;
struct response;

/* GET /audit with the parameters of rowhouse-write(7), as a page or, in CSV and NDJSON, all of it
 * that is final. A principal sees the entries of the models whose `history` it may read of every
 * row. */
bool audit_list(struct request *, struct response *, struct problem *);

/* GET /{model}/{id}/history, with order, limit and after, or whole like the log. Whom the rule
 * gives own rows only reads the history of those. */
bool audit_history(struct request *, struct response *, struct problem *);

/* GET /{model}/{id}?asOf=INSTANT: whether it is asked for, and the answer. */
bool audit_asks_past(const struct request *);
bool audit_as_of(struct request *, const struct model *, struct response *, struct problem *);

#endif
