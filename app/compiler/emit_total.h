/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_total.h - how many rows a query has; for emit.c and emit_read.c */
#ifndef COMPILER_EMIT_TOTAL_H
#define COMPILER_EMIT_TOTAL_H

struct query;
struct sqltext;

/* COUNTING_EXACT: all of them. COUNTING_ESTIMATED: up to LIMIT_COUNTED + 1. */
void emit_total(struct sqltext *, const struct query *);

/* What the planner thinks: one row of JSON. */
void emit_estimate(struct sqltext *, const struct query *);

#endif
