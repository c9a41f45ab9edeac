/* SPDX-License-Identifier: BSD-2-Clause */
/* emit_read.h - reads are one statement each; for emit.c */
#ifndef COMPILER_EMIT_READ_H
#define COMPILER_EMIT_READ_H

struct query;
struct sqltext;

void emit_read(struct sqltext *, const struct query *);

#endif
