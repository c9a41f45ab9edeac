/* SPDX-License-Identifier: BSD-2-Clause */
/* sqlname.h - the inside of a catalogue name
 *
 * Included by catalogue.c, which makes names, and sqltext.c, which writes them; by nobody else
 * (tests/check/layers.sh), so that no client text can pass for a name. */
#ifndef DATABASE_SQLNAME_H
#define DATABASE_SQLNAME_H

#include <stddef.h>

struct sqlname {
	const char *text; /* quoted already: "created_at", or a type as format_type writes it */
	size_t len;
};

#endif
