/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_rows.h - rows from a place in an order on (SHAPE_ROWS); for emit_read.c */
#ifndef COMPILER_EMIT_ROWS_H
#define COMPILER_EMIT_ROWS_H

struct query;
struct sqltext;

void emit_rows(struct sqltext *, const struct query *);

#endif
