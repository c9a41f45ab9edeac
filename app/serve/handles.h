/* SPDX-License-Identifier: BSD-2-Clause */
/* handles.h - models and columns by constant names
 *
 *	MODEL_REF  POST = MODEL("posts");
 *	COLUMN_REF TITLE = COLUMN(POST, "title"), PUBLISHED = COLUMN(POST, "published");
 *
 * A handler's file declares what it uses, with the names in SQL. A name that is not declared does
 * not compile; one that the database has not stops the start, with the file and the nearest name
 * there is. Each use finds the model or column of the worker's catalogue, which is of the unit's
 * epoch. The linker collects the declarations of a program or shared object, so that none can be
 * forgotten in a list. */
#ifndef SERVE_HANDLES_H
#define SERVE_HANDLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct catalogue;
struct column;
struct model;

struct model_ref {
	const char *table, *file;
};

struct column_ref {
	const char *name, *file;
	const struct model_ref *model;
};

#define HANDLES_IN(part)                                                                           \
	static const __attribute__((section("rowhouse_" part), used, aligned(sizeof(void *))))

#define MODEL_REF  HANDLES_IN("models") struct model_ref
#define COLUMN_REF HANDLES_IN("columns") struct column_ref
#define MODEL(table)                                                                               \
	{                                                                                          \
		"" table "", __FILE__                                                              \
	}
#define COLUMN(m, name)                                                                            \
	{                                                                                          \
		"" name "", __FILE__, &(m)                                                         \
	}

/* All that one program or shared object declares. */
struct handles {
	const struct model_ref *models, *models_end;
	const struct column_ref *columns, *columns_end;
};

/* The declarations of the object that this is expanded in, and of no other: its names are hidden;
 * without any they are NULL. */
#define HANDLES_EXTERN extern const __attribute__((weak, visibility("hidden")))
#define HANDLES_DECLARE                                                                            \
	HANDLES_EXTERN struct model_ref __start_rowhouse_models[], __stop_rowhouse_models[];       \
	HANDLES_EXTERN struct column_ref __start_rowhouse_columns[], __stop_rowhouse_columns[]
#define HANDLES_HERE                                                                               \
	{                                                                                          \
		__start_rowhouse_models, __stop_rowhouse_models, __start_rowhouse_columns,         \
		    __stop_rowhouse_columns                                                        \
	}

/* What the handles stand for; NULL when the catalogue has none of it. */
const struct model *handles_model(const struct catalogue *, const struct model_ref *);
const struct column *handles_column(const struct catalogue *, const struct column_ref *);

/* Log each handle that the catalogue does not know; how many there are. */
size_t handles_check(const struct handles *, const struct catalogue *);

#endif
