/* SPDX-License-Identifier: BSD-2-Clause */
/* tenant_data.h - rowhouse tenant export and delete: everything of a tenant */
#ifndef CLI_TENANT_DATA_H
#define CLI_TENANT_DATA_H

#include "cli/command.h"

struct action_line;

/* Every row of every model, deleted ones too, and the log, as lines of JSON in one snapshot; hidden
 * columns are left out. The last line says that it is whole. */
enum command_exit tenant_export(struct action_line *);

/* Remove the tenant's rows, children first, and then itself; confirmed is its slug, or NULL to ask.
 * A run that was stopped is gone on with by the next one. */
enum command_exit tenant_delete(struct action_line *, const char *confirmed);

#endif
