/* SPDX-License-Identifier: BSD-2-Clause */
/* difference.h - where two JSON documents differ */
#ifndef ORACLE_DIFFERENCE_H
#define ORACLE_DIFFERENCE_H

struct json_object;
struct pool;

/* NULL when they are the same: arrays in order, objects whatever the order of their members,
 * fractions digit by digit as they were written. Else the place and both values: "3.name: expected
 * \"a\", got null". */
const char *json_difference(struct json_object *expected, struct json_object *got, struct pool *);

#endif
