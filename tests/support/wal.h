/* SPDX-License-Identifier: BSD-2-Clause */
/* wal.h - what PostgreSQL really wrote, told by its write-ahead log
 *
 * A logical decoding slot (test_decoding, which is in Debian's postgresql package) sees each row
 * that a committed transaction inserted, changed or deleted, whoever asked for it. In every
 * transaction the changed rows of the sample's audited models must be those of its log entries:
 * one entry for each change, no other. */
#ifndef SUPPORT_WAL_H
#define SUPPORT_WAL_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

/* Lines of postgresql.conf that a slot needs. */
#define WAL_SETTINGS "wal_level = logical\nmax_replication_slots = 4\nmax_wal_senders = 4\n"

/* From now on. */
bool wal_begin(PGconn *superuser);

struct wal_tally {
	size_t transactions; /* that changed rows of an audited model */
	size_t changes, entries;
	size_t faults;
	const char *fault; /* the first, in words; NULL: none. Kept memory */
};

/* What was committed since wal_begin or the last look. */
struct wal_tally wal_look(PGconn *superuser);

#endif
