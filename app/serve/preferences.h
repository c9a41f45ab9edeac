/* SPDX-License-Identifier: BSD-2-Clause */
/* preferences.h - what a client would like of an answer (RFC 7240)
 *
 * Unknown preferences are passed over, as the RFC says; one of ours with a value that is none of
 * its is a fault. */
#ifndef SERVE_PREFERENCES_H
#define SERVE_PREFERENCES_H

#include <stdbool.h>

#include "base/compiler.h"
#include "compiler/query.h"

struct problem;
struct request;

struct preferences {
	const char *count; /* exact, estimated or none, as counting says it; NULL: not preferred */
	enum counting counting;
	bool minimal;        /* return=minimal: no body */
	bool representation; /* return=representation: the row, as without a preference */
	long max_affected;   /* -1: as many as there are */
};

bool preferences_read(struct preferences *, const struct request *, struct problem *) MUST_CHECK;

#endif
