/* SPDX-License-Identifier: BSD-2-Clause */
/* migrate.c - rowhouse migrate: bring a database to what its SQL files say
 *
 * Here are the command line, the actions and what they print; apply.c changes the database and
 * database/migrations.c knows the files. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/nearest.h"
#include "base/problem.h"
#include "base/settings.h"
#include "cli/apply.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "cli/folders.h"
#include "cli/migration_new.h"
#include "database/migrations.h"
#include "database/script.h"

enum { DOWN_MAX = 1000 };

/* Options, as bits, so that an action can say which it takes. */
enum {
	TAKES_DIR = 1 << 0,
	TAKES_TO = 1 << 1,
	TAKES_DRY_RUN = 1 << 2,
	TAKES_JSON = 1 << 3,
	TAKES_APPLIED = 1 << 4,
	TAKES_RETRY = 1 << 5,
};

/* In the order of the bits, since an option's value is OPTION_OWN and the number of its bit. */
static const struct option options[] = {
	{ "dir", required_argument, NULL, OPTION_OWN },
	{ "to", required_argument, NULL, OPTION_OWN + 1 },
	{ "dry-run", no_argument, NULL, OPTION_OWN + 2 },
	{ "json", no_argument, NULL, OPTION_OWN + 3 },
	{ "applied", no_argument, NULL, OPTION_OWN + 4 },
	{ "retry", no_argument, NULL, OPTION_OWN + 5 },
	{ NULL, 0, NULL, 0 },
};

struct request {
	struct command_line *line;
	struct apply apply;
	struct folders folders;
	unsigned given;      /* TAKES_ bits of the options there were */
	const char *to;      /* --to */
	const char *operand; /* behind the action, or NULL */
};

typedef enum command_exit action_fn(struct request *);
static action_fn run_up, run_status, run_verify, run_new, run_down, run_repair;

static const struct {
	const char *name;
	action_fn *run;
	const char *operand; /* what it is called; NULL: none is taken */
	bool needs_operand;
	unsigned takes;
} actions[] = {
	{ "up", run_up, NULL, false, TAKES_DIR | TAKES_TO | TAKES_DRY_RUN },
	{ "status", run_status, NULL, false, TAKES_DIR | TAKES_JSON },
	{ "verify", run_verify, NULL, false, TAKES_DIR },
	{ "new", run_new, "NAME", true, TAKES_DIR },
	{ "down", run_down, "N", false, TAKES_DIR },
	{ "repair", run_repair, "VERSION", true, TAKES_DIR | TAKES_APPLIED | TAKES_RETRY },
};

static command_fn run_migrate;

const struct command command_migrate = {
	.name = "migrate",
	.run = run_migrate,
	.help = "bring the database to what the SQL files say",
	.usage =
	    "usage: rowhouse migrate [up] [--dir DIR]... [--to VERSION] [--dry-run]\n"
	    "       rowhouse migrate status [--dir DIR]... [--json]\n"
	    "       rowhouse migrate verify [--dir DIR]...\n"
	    "       rowhouse migrate new NAME [--dir DIR]\n"
	    "       rowhouse migrate down [N] [--dir DIR]...\n"
	    "       rowhouse migrate repair VERSION --applied|--retry [--dir DIR]...\n"
	    "\n"
	    "  up       apply the files that have not run yet, each in one transaction\n"
	    "  status   list all files and what the database has had of them\n"
	    "  verify   fail when an applied file was changed or is missing\n"
	    "  new      make an empty file with the next number, and print its path\n"
	    "  down     undo the last migration, or the last N, by their .down.sql files\n"
	    "  repair   say what became of a no-transaction file that did not finish\n"
	    "\n"
	    "  --dir DIR      folder of migrations, in the order given, instead of the setting\n"
	    "                 \"migrations\"\n"
	    "  --to VERSION   stop after this one: 0003, or platform/0003\n"
	    "  --dry-run      only say what would run\n"
	    "  --json         for programs\n"
	    "  --applied      it has done its work: record it as finished\n"
	    "  --retry        it has done nothing: forget it, so that `up` runs it again\n",
	.options = options,
	.letters = "",
};

/* --- up --------------------------------------------------------------------------------------- */

static void
print_progress(const struct migration *m, bool down)
{
	printf("%s %s_%s%s ... ", m->set, m->version, m->name, down ? ".down.sql" : ".sql");
	fflush(stdout);
}

/* Whether nothing hinders a change; what does is told. */
static bool
is_sound(const struct request *r)
{
	struct findings found;

	findings_init(&found, r->line->arena);
	findings_add_faults(&found, r->apply.migrations);
	findings_print(&found, stderr);
	return found.count == 0;
}

/* Where --to says to stop; SIZE_MAX without it. */
static bool
find_end(struct request *r, size_t *end, struct problem *p)
{
	struct migrations *m = r->apply.migrations;
	const struct migration *last;

	*end = m->count;
	if (r->to == NULL)
		return true;
	if ((last = migrations_find(m, r->to, p)) == NULL)
		return false;
	*end = (size_t)(last - m->list) + 1;
	return true;
}

static bool
apply_pending(struct request *r, size_t end, size_t *applied, struct problem *p)
{
	struct migrations *m = r->apply.migrations;

	for (size_t i = 0; i < end; i++) {
		long duration_ms;

		if (m->list[i].state != MIGRATION_PENDING)
			continue;
		if (r->given & TAKES_DRY_RUN) {
			printf("would run %s\n", m->list[i].path);
		} else {
			print_progress(&m->list[i], false);
			if (!apply_up(&r->apply, &m->list[i], &duration_ms, p)) {
				puts("failed");
				return false;
			}
			printf("%ld ms\n", duration_ms);
		}
		++*applied;
	}
	return true;
}

static enum command_exit
run_up(struct request *r)
{
	bool dry = (r->given & TAKES_DRY_RUN) != 0;
	size_t end, applied = 0;
	struct problem p;

	problem_init(&p, r->line->arena);
	if (!(dry ? apply_look(&r->apply, &p) : apply_open(&r->apply, &p)))
		return command_fail(&p);
	if (!is_sound(r))
		return COMMAND_FAILED;
	if (!find_end(r, &end, &p) || !apply_pending(r, end, &applied, &p))
		return command_fail(&p);
	if (applied == 0)
		printf("nothing to do (%zu applied)\n",
		    migrations_count(r->apply.migrations, MIGRATION_APPLIED));
	return COMMAND_OK;
}

/* --- status and verify ------------------------------------------------------------------------ */

static struct json_object *
json_text(const char *text)
{
	return text == NULL ? NULL : json_object_new_string(text);
}

static void
print_status_json(const struct migrations *m)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < m->count; i++) {
		const struct migration *it = &m->list[i];
		const struct migration_record *record = it->record;
		struct json_object *row = json_object_new_object();
		bool timed = record != NULL && record->duration_ms != NULL;

		json_object_object_add(row, "set", json_text(it->set));
		json_object_object_add(row, "version", json_text(it->version));
		json_object_object_add(row, "name", json_text(it->name));
		json_object_object_add(row, "state", json_text(migration_state_word(it->state)));
		json_object_object_add(row, "file", json_text(it->path));
		json_object_object_add(
		    row, "checksum", json_text(it->script == NULL ? NULL : it->script->checksum));
		json_object_object_add(
		    row, "startedAt", json_text(record == NULL ? NULL : record->started_at));
		json_object_object_add(
		    row, "finishedAt", json_text(record == NULL ? NULL : record->finished_at));
		json_object_object_add(row, "durationMs",
		    timed ? json_object_new_int64(strtoll(record->duration_ms, NULL, 10)) : NULL);
		json_object_array_add(list, row);
	}
	command_print_json(list);
}

static void
print_status(const struct migrations *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct migration *it = &m->list[i];
		const struct migration_record *record = it->record;
		char file[96];

		snprintf(file, sizeof(file), "%s %s_%s", it->set, it->version, it->name);
		printf("%-40s %-10s", file, migration_state_word(it->state));
		if (record != NULL)
			printf(" %s", record->started_at);
		if (record != NULL && record->duration_ms != NULL)
			printf(" %6s ms", record->duration_ms);
		putchar('\n');
	}
	printf("%zu applied, %zu pending\n", migrations_count(m, MIGRATION_APPLIED),
	    migrations_count(m, MIGRATION_PENDING));
}

static enum command_exit
run_status(struct request *r)
{
	struct problem p;

	problem_init(&p, r->line->arena);
	if (!apply_look(&r->apply, &p))
		return command_fail(&p);
	if (r->given & TAKES_JSON)
		print_status_json(r->apply.migrations);
	else
		print_status(r->apply.migrations);
	return COMMAND_OK;
}

static enum command_exit
run_verify(struct request *r)
{
	const struct migrations *m = r->apply.migrations;
	struct findings found;
	struct problem p;

	problem_init(&p, r->line->arena);
	if (!apply_look(&r->apply, &p))
		return command_fail(&p);
	findings_init(&found, r->line->arena);
	findings_add_faults(&found, m);
	findings_print(&found, stdout);
	printf("%zu applied, %zu pending, %zu at fault\n", migrations_count(m, MIGRATION_APPLIED),
	    migrations_count(m, MIGRATION_PENDING), found.count);
	return found.count == 0 ? COMMAND_OK : COMMAND_FAILED;
}

/* --- new -------------------------------------------------------------------------------------- */

/* In the last folder: those before it are what it builds on. */
static enum command_exit
run_new(struct request *r)
{
	const char *folder = r->folders.list[r->folders.count - 1];

	return migration_new(r->line, folder, r->operand);
}

/* --- down and repair -------------------------------------------------------------------------- */

/* The one applied last, in the order of sets and numbers; NULL when none is. */
static struct migration *
last_applied(struct migrations *m, size_t before)
{
	while (before > 0)
		if (m->list[--before].state == MIGRATION_APPLIED)
			return &m->list[before];
	return NULL;
}

/* All of them, before the first is undone. */
static bool
can_undo(struct migrations *m, long count, struct problem *p)
{
	const struct migration *it;
	size_t before = m->count;

	for (long i = 0; i < count; i++) {
		if ((it = last_applied(m, before)) == NULL)
			return problem_raise(
			    p, PROBLEM_INVALID, "%ld applied migrations are all there are", i);
		if (it->down_path == NULL)
			return problem_raise(p, PROBLEM_INVALID,
			    "%s cannot be undone: there is no %s_%s.down.sql beside it", it->path,
			    it->version, it->name);
		before = (size_t)(it - m->list);
	}
	return true;
}

static enum command_exit
run_down(struct request *r)
{
	struct migrations *m = r->apply.migrations;
	long count = 1, duration_ms;
	struct problem p;
	char *end;

	problem_init(&p, r->line->arena);
	if (r->operand != NULL) {
		count = strtol(r->operand, &end, 10);
		if (*end != '\0' || count < 1 || count > DOWN_MAX)
			return command_misused(
			    r->line, "\"%s\" must be a number from 1 to %d", r->operand, DOWN_MAX);
	}
	if (!apply_open(&r->apply, &p))
		return command_fail(&p);
	if (!is_sound(r))
		return COMMAND_FAILED;
	if (!can_undo(m, count, &p))
		return command_fail(&p);
	for (; count > 0; count--) {
		struct migration *it = last_applied(m, m->count);

		print_progress(it, true);
		if (!apply_down(&r->apply, it, &duration_ms, &p)) {
			puts("failed");
			return command_fail(&p);
		}
		printf("%ld ms\n", duration_ms);
		it->state = MIGRATION_PENDING;
	}
	return COMMAND_OK;
}

static enum command_exit
run_repair(struct request *r)
{
	bool applied = (r->given & TAKES_APPLIED) != 0, retry = (r->given & TAKES_RETRY) != 0;
	const struct migration *it;
	struct problem p;

	problem_init(&p, r->line->arena);
	if (applied == retry)
		return command_misused(r->line,
		    "say --applied when the file has done its work, or --retry when "
		    "what it left has been removed");
	if (!apply_open(&r->apply, &p) ||
	    (it = migrations_find(r->apply.migrations, r->operand, &p)) == NULL)
		return command_fail(&p);
	if (it->state != MIGRATION_UNFINISHED) {
		fprintf(stderr, "rowhouse: %s/%s is %s: only an unfinished migration is repaired\n",
		    it->set, it->version, migration_state_word(it->state));
		return COMMAND_FAILED;
	}
	if (!apply_repair(&r->apply, it, applied, &p))
		return command_fail(&p);
	printf("%s %s_%s.sql is %s\n", it->set, it->version, it->name,
	    applied ? "applied" : "pending");
	return COMMAND_OK;
}

/* --- the command line ------------------------------------------------------------------------- */

static bool
read_options(struct request *r, int argc, char **argv)
{
	struct problem p;
	int option;

	problem_init(&p, r->line->arena);

	while ((option = command_option(r->line, argc, argv)) != OPTION_END) {
		if (option == OPTION_STOP)
			return false;
		r->given |= 1U << (option - OPTION_OWN);
		if (option == OPTION_OWN + 1)
			r->to = optarg;
		if (option == OPTION_OWN && !folders_add(&r->folders, optarg, &p)) {
			r->line->exit_code = command_fail(&p);
			return false;
		}
	}
	return true;
}

/* An option that the action does not take, by name; NULL when there is none. */
static const char *
stray_option(unsigned stray)
{
	for (size_t i = 0; options[i].name != NULL; i++)
		if (stray & (1U << i))
			return options[i].name;
	return NULL;
}

/* Settings and folders, which every action needs, and the files in them, which exist before all but
 * new: that one makes its folder. */
static enum command_exit
prepare(struct request *r, action_fn *action)
{
	struct problem p;

	problem_init(&p, r->line->arena);
	r->apply.session.arena = r->line->arena;
	if ((r->apply.settings = command_settings(r->line, NULL)) == NULL)
		return r->line->exit_code;
	if (r->folders.count == 0 &&
	    !folders_split(&r->folders, r->line->arena, r->apply.settings->migrations, &p))
		return command_fail(&p);
	if (r->folders.count == 0)
		return command_misused(
		    r->line, "no folder of migrations: --dir or the setting \"migrations\"");
	if (action == run_new)
		return COMMAND_OK;
	r->apply.migrations =
	    migrations_read(r->line->arena, r->folders.list, r->folders.count, &p);
	return r->apply.migrations == NULL ? command_fail(&p) : COMMAND_OK;
}

static enum command_exit
run_migrate(struct command_line *line, int argc, char **argv)
{
	struct request r = { .line = line };
	const char *name = "up", *nearest;
	enum command_exit code;
	size_t i = 0;

	if (!read_options(&r, argc, argv))
		return line->exit_code;
	if (optind < argc)
		name = argv[optind++];
	while (i < COUNT_OF(actions) && strcmp(actions[i].name, name) != 0)
		i++;
	if (i == COUNT_OF(actions)) {
		nearest = nearest_word(name, actions, COUNT_OF(actions), sizeof(actions[0]));
		return command_misused(line, "there is no action \"%s\"%s%s%s", name,
		    nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
		    nearest != NULL ? "\"?" : "");
	}
	if (r.given & ~actions[i].takes)
		return command_misused(
		    line, "%s takes no --%s", name, stray_option(r.given & ~actions[i].takes));
	if (optind < argc && actions[i].operand != NULL)
		r.operand = argv[optind++];
	if (optind < argc)
		return command_misused(line, "%s takes no \"%s\"", name, argv[optind]);
	if (r.operand == NULL && actions[i].needs_operand)
		return command_misused(line, "%s takes a %s", name, actions[i].operand);
	code = prepare(&r, actions[i].run);
	return code != COMMAND_OK ? code : actions[i].run(&r);
}
