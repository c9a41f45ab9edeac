/* SPDX-License-Identifier: BSD-2-Clause */
/* golden.h - the catalogues of the golden files, and requests of them */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "compiler/query.h"
#include "formats/cursor.h"

struct arena;
struct catalogue;
struct principal;
struct problem;
struct tenant;
struct unit;

extern const struct tenant golden_tenant;
extern const unsigned char golden_cursor_key[CURSOR_KEY_BYTES];

/* anonymous, member, user, admin, key, machine, foreigner; NULL for any other name. */
const struct principal *golden_principal(const char *name);

/* Read GET target, a list, a row or an aggregate, as a handler would; NULL and a problem. */
struct query *
golden_read(struct arena *, const struct catalogue *, const char *target, struct problem *);

/* The same of a whole list: SHAPE_CELLS or SHAPE_OBJECTS. */
struct query *golden_read_export(
    struct arena *, const struct catalogue *, const char *target, enum shape, struct problem *);

/* Its unit, or NULL and a problem. The tenant may be NULL. */
struct unit *golden_compile_query(
    struct query *, const struct principal *, const struct tenant *, struct problem *);

/* Both. */
struct unit *golden_compile(struct arena *, const struct catalogue *, const char *target,
    const struct principal *, const struct tenant *, struct problem *);

/* The folder tests/golden of the source tree. */
const char *golden_folder(struct arena *);

/* tests/golden/NAME.json; aborts when it cannot be loaded. */
const struct catalogue *golden_catalogue_of(struct arena *, const char *name);

/* tests/golden/catalogue.json; aborts when it cannot be loaded. */
const struct catalogue *golden_catalogue(struct arena *);

/* The bytes of a file, NUL-terminated; NULL when it cannot be read. */
char *golden_file(struct arena *, const char *path);

#endif
