/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox.h - a place of one's own: directories, ports, the tree under test
 *
 * Everything a suite makes lies in one temporary directory, which goes away with it (guardian.h).
 */
#ifndef SUPPORT_SANDBOX_H
#define SUPPORT_SANDBOX_H

#include <stdbool.h>

/* A new directory TMPDIR/prefix-XXXXXX that other users may enter (PostgreSQL and the workers run
 * as such when the tests run as root). ROWHOUSE_KEEP=1 in the environment keeps it, to be looked
 * at. */
const char *sandbox_new(const char *prefix) __attribute__((returns_nonnull));
void sandbox_remove(const char *path);

/* rm -r, within one file system, not following symbolic links. */
void sandbox_remove_tree(const char *path);

/* A TCP port of 127.0.0.1 that nobody listens on now. */
int sandbox_port(void);

/* A file of the source tree ("sql/platform"): under $ROWHOUSE_SRC, or else under the first folder
 * above the test program that holds one. The program ends when there is none. */
const char *sandbox_source(const char *path) __attribute__((returns_nonnull));

/* The program under test: $ROWHOUSE, or the first `rowhouse` above the test program. */
const char *sandbox_program(void) __attribute__((returns_nonnull));

#endif
