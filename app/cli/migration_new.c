/* SPDX-License-Identifier: BSD-2-Clause */
/* migration_new.c - the template of a migration: a table, and the call that makes it a model */
#include "cli/migration_new.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/migrations.h"

static const char template[] =
    "-- %s - what this migration is for\n"
    "--\n"
    "-- It runs once, in one transaction, as the owner of the tables: no BEGIN, no COMMIT.\n"
    "-- What cannot run in a transaction (CREATE INDEX CONCURRENTLY) needs a file of its own,\n"
    "-- whose first line is exactly this comment:\n"
    "-- rowhouse: no-transaction\n"
    "-- A file that was applied is not changed any more: the next change is the next file.\n"
    "\n"
    "-- CREATE TABLE invoices (\n"
    "-- \ttenant_id  uuid NOT NULL,\n"
    "-- \tid         uuid NOT NULL DEFAULT rowhouse.uuid_v7(),\n"
    "-- \tnumber     text NOT NULL,\n"
    "-- \tamount     numeric(12, 2) NOT NULL,\n"
    "-- \tPRIMARY KEY (tenant_id, id),\n"
    "-- \tUNIQUE (tenant_id, number)\n"
    "-- );\n"
    "\n"
    "-- SELECT rowhouse.model('invoices',\n"
    "-- \tsoft_delete => true,\n"
    "-- \taudit       => true,\n"
    "-- \taccess      => '{\"read\": \"member\", \"create\": \"member\", \"update\": \"ADMIN\", "
    "\"delete\": \"ADMIN\"}',\n"
    "-- \tsortable    => '{number,created_at}',\n"
    "-- \tfilterable  => '{\"number\": [\"$eq\"], \"amount\": [\"$gte\", \"$lte\"]}');\n";

/* "Add invoices" as it stands in a file's name: add_invoices. NULL when a byte has no place in one.
 */
static const char *
file_word(struct arena *arena, const char *name)
{
	char *word = arena_string(arena, name);

	for (char *c = word; *c != '\0'; c++) {
		if (*c == ' ' || *c == '-')
			*c = '_';
		else if (isascii((unsigned char)*c) && isalnum((unsigned char)*c))
			*c = (char)tolower((unsigned char)*c);
		else if (*c != '_')
			return NULL;
	}
	return *word == '\0' ? NULL : word;
}

static enum command_exit
write_template(const char *path, const char *file_name)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool ok = fd >= 0 && dprintf(fd, template, file_name) > 0;

	if (fd >= 0 && close(fd) != 0)
		ok = false;
	if (!ok) {
		fprintf(stderr, "rowhouse: %s: could not write: %s\n", path, strerror(errno));
		return COMMAND_FAILED;
	}
	puts(path);
	return COMMAND_OK;
}

/* The first migration of one's own comes before there is a folder for it. */
static bool
make_folder(const char *folder)
{
	if (mkdir(folder, 0755) == 0 || errno == EEXIST)
		return true;
	fprintf(stderr, "rowhouse: %s: could not make the folder: %s\n", folder, strerror(errno));
	return false;
}

enum command_exit
migration_new(const struct command_line *line, const char *folder, const char *name)
{
	const char *word = file_word(line->arena, name), *file_name;
	const struct migrations *m;
	struct problem p;
	long next = 1;

	problem_init(&p, line->arena);
	if (word == NULL)
		return command_misused(
		    line, "name \"%s\" must be letters, digits and spaces", name);
	if (!make_folder(folder))
		return COMMAND_FAILED;
	if ((m = migrations_read(line->arena, &folder, 1, &p)) == NULL)
		return command_fail(&p);
	if (m->bootstrap != NULL)
		return command_misused(
		    line, "%s is Rowhouse's own folder: say with --dir which one is yours", folder);
	for (size_t i = 0; i < m->count; i++)
		next = m->list[i].number + 1; /* they are in order */
	file_name = arena_printf(line->arena, "%04ld_%s.sql", next, word);
	return write_template(arena_printf(line->arena, "%s/%s", folder, file_name), file_name);
}
