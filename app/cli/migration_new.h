/* SPDX-License-Identifier: BSD-2-Clause */
/* migration_new.h - the next file of a folder of migrations */
#ifndef CLI_MIGRATION_NEW_H
#define CLI_MIGRATION_NEW_H

#include "cli/command.h"

/* Make NNNN_name.sql with the folder's next number and a commented example, and print its path. A
 * file is never overwritten. */
enum command_exit migration_new(const struct command_line *, const char *folder, const char *name);

#endif
