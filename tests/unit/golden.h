/* SPDX-License-Identifier: BSD-2-Clause */
/* golden.h - the catalogue of the golden files */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

struct arena;
struct catalogue;

/* The folder tests/golden of the source tree. */
const char *golden_folder(struct arena *);

/* tests/golden/NAME.json; aborts when it cannot be loaded. */
const struct catalogue *golden_catalogue_of(struct arena *, const char *name);

/* tests/golden/catalogue.json; aborts when it cannot be loaded. */
const struct catalogue *golden_catalogue(struct arena *);

/* The bytes of a file, NUL-terminated; NULL when it cannot be read. */
char *golden_file(struct arena *, const char *path);

#endif
