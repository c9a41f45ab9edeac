/* SPDX-License-Identifier: BSD-2-Clause */
/* refusal.h - what every answer that is none must be: a problem (RFC 9457, DESIGN 4) */
#ifndef SUPPORT_REFUSAL_H
#define SUPPORT_REFUSAL_H

#include "support/client.h"

/* A problem of this status and code with all its members, with no data and without a word of
 * PostgreSQL's; what names the request. */
void check_problem(const struct answer *, int status, const char *code, const char *what);

/* text with every occurrence of word starred out, for comparing what is otherwise alike. */
const char *without(const char *text, const char *word) __attribute__((returns_nonnull));

#endif
