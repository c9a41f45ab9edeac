/* SPDX-License-Identifier: BSD-2-Clause */
/* csv.h - rows as comma-separated values (RFC 4180) that a spreadsheet cannot mistake for formulas
 *
 * A cell that a spreadsheet would run ('=', '+', '-' or '@' behind any white space) gets an
 * apostrophe in front, as OWASP's "CSV Injection" says; a plain number keeps its sign. */
#ifndef FORMATS_CSV_H
#define FORMATS_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct text;

struct csv {
	struct text *out;
	bool comma; /* a cell was written in this row */
};

void csv_init(struct csv *, struct text *);

/* One cell; NULL is an empty one. */
void csv_cell(struct csv *, const char *bytes, size_t len);

/* End the row: CR LF (RFC 4180, 2.1). */
void csv_end_row(struct csv *);

#endif
