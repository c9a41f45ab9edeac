/* SPDX-License-Identifier: BSD-2-Clause */
/* script.h - SQL files: the one door through which run-time text becomes SQL
 *
 * For cli/ alone: a migration is text that the operator wrote, and it runs with the operator's
 * rights. Nothing that a client sent comes near this file; tests/check/layers.sh sees to it that
 * only script.c calls pg_script.
 *
 * A file is split here and sent statement by statement, inside the transaction that its caller
 * began or (no-transaction files) outside of any: that way the line of a statement that failed is
 * known even where PostgreSQL gives no position, and a COMMIT in the file is found before anything
 * runs. */
#ifndef DATABASE_SCRIPT_H
#define DATABASE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;
struct pg;
struct problem;

enum {
	SCRIPT_CHECKSUM_BYTES = 64 + 1, /* SHA-256 in lower-case hex, and a NUL */
	SCRIPT_BYTES_MAX = 16 << 20, /* of one file; data in bulk is not a migration's business */
};

/* One statement, without its semicolon and without the space and comments before it. */
struct script_statement {
	const char *text; /* in the script's text, not NUL-terminated */
	size_t len;
	unsigned line;       /* of its first byte, counted from 1 */
	const char *refused; /* what it is that a migration may not hold, such as COMMIT, and why;
				or NULL */
};

struct script {
	const char *path; /* as it was given */
	const char *text; /* all of the file */
	size_t len;
	char checksum[SCRIPT_CHECKSUM_BYTES]; /* of the file's bytes */
	bool no_transaction;                  /* the first line is: -- rowhouse: no-transaction */
	const struct script_statement *statements;
	size_t count; /* of statements; empty ones are none */
};

/* Read and split a file; everything lives in arena. NULL and a problem ("file:line: ...") when it
 * cannot be read, is too large, holds a zero byte, or a quote or comment in it does not end. */
const struct script *script_read(struct arena *, const char *path, struct problem *) MUST_CHECK;

/* The same for text in memory. path is only for messages; text is not copied. */
const struct script *script_parse(
    struct arena *, const char *path, const char *text, size_t len, struct problem *) MUST_CHECK;

/* False and a problem that names the line when a statement begins or ends a transaction itself, or
 * would wait for data from us. */
bool script_check_plain(const struct script *, struct problem *) MUST_CHECK;

/* Send the statements in turn, up to the first that fails. The problem reads "file:line: ..." with
 * PostgreSQL's own text: it is for the operator's terminal, never for a client. */
bool script_run(const struct script *, struct pg *, struct arena *, struct problem *) MUST_CHECK;

#endif
