/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.h - a query in words, for golden files: what was understood, before anybody has said whether
 * it may */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

struct query;
struct text;

/* A line for the query, then its conditions, order and queries within, each indented. */
void tree_print(struct text *out, const struct query *);

#endif
