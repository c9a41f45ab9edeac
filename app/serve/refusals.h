/* SPDX-License-Identifier: BSD-2-Clause */
/* refusals.h - writes that were refused or failed, in the log when the setting asks
 *
 * Their own unit was rolled back, so the entry is a unit of its own behind it: it tells who wanted
 * to do what, and why it did not happen, and has no changes. */
#ifndef SERVE_REFUSALS_H
#define SERVE_REFUSALS_H

struct problem;
struct request;

/* After the last attempt: an entry when the request was a write to an audited model and ended in
 * this problem. What keeps the entry from being written is told to the error log: the client's
 * answer stays what it was. */
void refusals_note(struct request *, const struct problem *);

#endif
