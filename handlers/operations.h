/* SPDX-License-Identifier: BSD-2-Clause */
/* operations.h - what the API's description says of the routes */
#ifndef HANDLERS_OPERATIONS_H
#define HANDLERS_OPERATIONS_H

struct operation_table;

const struct operation_table *handlers_operations(void) __attribute__((returns_nonnull));

#endif
