/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_groups.h - aggregates are one statement; for emit_read.c and where.c */
#ifndef COMPILER_EMIT_GROUPS_H
#define COMPILER_EMIT_GROUPS_H

struct aggregate;
struct query;
struct sqltext;

void emit_groups(struct sqltext *, const struct query *);

/*	sum(t0."price") */
void emit_aggregate(struct sqltext *, const struct query *, const struct aggregate *);

#endif
