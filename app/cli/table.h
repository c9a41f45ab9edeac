/* SPDX-License-Identifier: BSD-2-Clause */
/* table.h - rows for people or for programs
 *
 * A list comes from the database as one JSON array of objects: for programs it is that, for people
 * the members that the columns name, one row per line. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

struct arena;
struct problem;

struct table_column {
	const char *key, *heading;
};

enum command_exit table_print(struct arena *, const char *json, const struct table_column *,
    size_t column_count, bool for_programs);

#endif
