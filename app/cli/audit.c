/* SPDX-License-Identifier: BSD-2-Clause */
/* audit.c - rowhouse audit: the upkeep of the log, and reading it
 *
 * Months are made and pruned by the owner. A tenant's log is read as its workers read it, in units
 * of the application role; the operator sees all columns of it, as they were logged. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/settings.h"
#include "base/text.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "formats/csv.h"
#include "serve/platform.h"
#include "serve/trail.h"

enum { TENANT, BEFORE, MONTHS, FORMAT, FROM, TO, WHAT, TARGET, LINES, FOLLOW };
enum {
	PAGE_ENTRIES = 1000,
	PAGE_BYTES = 16 << 20, /* of a page's statement; its rows are libpq's */
	LINE_BYTES = 1 << 30,
	ROW_BYTES = 256 << 20, /* as text; jsonb holds no more */
	PROGRESS_ENTRIES = 100000,
	PLACE_BYTES = 64,
	LINES_MAX = 10000,
};

static const struct option options[] = {
	{ "tenant", required_argument, NULL, OPTION_OWN + TENANT },
	{ "before", required_argument, NULL, OPTION_OWN + BEFORE },
	{ "months", required_argument, NULL, OPTION_OWN + MONTHS },
	{ "format", required_argument, NULL, OPTION_OWN + FORMAT },
	{ "from", required_argument, NULL, OPTION_OWN + FROM },
	{ "to", required_argument, NULL, OPTION_OWN + TO },
	{ "action", required_argument, NULL, OPTION_OWN + WHAT },
	{ "target", required_argument, NULL, OPTION_OWN + TARGET },
	{ "lines", required_argument, NULL, OPTION_OWN + LINES },
	{ "follow", no_argument, NULL, OPTION_OWN + FOLLOW },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_audit;
static action_fn run_maintain, run_prune, run_export, run_tail;

const struct command command_audit = {
	.name = "audit",
	.run = run_audit,
	.help = "keep, prune, export and follow the audit log",
	.usage =
	    "usage: rowhouse audit maintain [--months N]\n"
	    "       rowhouse audit prune --before TIME [--tenant SLUG|ID]\n"
	    "       rowhouse audit export --tenant SLUG|ID [--format ndjson|csv] [--from TIME]\n"
	    "                             [--to TIME] [--action ACTION] [--target TABLE]\n"
	    "       rowhouse audit tail --tenant SLUG|ID [--lines N] [--follow] [--action ACTION]\n"
	    "                           [--target TABLE]\n"
	    "\n"
	    "  maintain  make the partitions of the months ahead, and move what landed in the\n"
	    "            default one; run it once a week\n"
	    "  prune     remove the entries before a time; the log says that they went\n"
	    "  export    print a tenant's entries, the oldest first\n"
	    "  tail      print the last entries of a tenant, and with --follow those that come\n"
	    "\n"
	    "  --months N         how many months ahead; 3\n"
	    "  --before TIME      such as 2026-01-01 or 2026-01-01T12:00:00Z; no default\n"
	    "  --from, --to TIME  when entries were made; both are included\n"
	    "  --action ACTION    such as posts.deleted or posts.*\n"
	    "  --target TABLE     of entries about its rows\n"
	    "  --lines N          how many; 10\n",
	.options = options,
	.letters = "",
};

#define OF_TENANT ACTION_BIT(TENANT)
#define NARROWED  (ACTION_BIT(WHAT) | ACTION_BIT(TARGET))
static const struct command_action actions[] = {
	{ "maintain", run_maintain, NULL, ACTION_BIT(MONTHS), 0 },
	{ "prune", run_prune, NULL, ACTION_BIT(BEFORE) | OF_TENANT, ACTION_BIT(BEFORE) },
	{ "export", run_export, NULL,
	    OF_TENANT | ACTION_BIT(FORMAT) | ACTION_BIT(FROM) | ACTION_BIT(TO) | NARROWED,
	    OF_TENANT },
	{ "tail", run_tail, NULL, OF_TENANT | ACTION_BIT(LINES) | ACTION_BIT(FOLLOW) | NARROWED,
	    OF_TENANT },
};

/* A whole number of an option; standard when it was not given. */
static bool
read_count(struct action_line *l, unsigned place, long max, long standard, long *out)
{
	const char *text = action_value(l, place);
	char *end;

	*out = standard;
	if (text == NULL)
		return true;
	*out = strtol(text, &end, 10);
	if (*text != '\0' && *end == '\0' && *out >= 0 && *out <= max)
		return true;
	return problem_raise(&l->problem, PROBLEM_SETTING, "--%s takes a number from 0 to %ld",
	    options[place].name, max);
}

static struct value *
text_value(struct session *s, const char *text)
{
	return value_new(s->arena, SQLTYPE_TEXT, text);
}

/* --- as the owner --------------------------------------------------------------------------- */

/*	SELECT rowhouse.audit_maintain($1::integer) */
static enum command_exit
run_maintain(struct action_line *l)
{
	struct sqltext *t = sqltext_new(l->arena);
	const struct result *rows;
	struct session s;
	long months;

	if (!read_count(l, MONTHS, 120, 3, &months))
		return command_misused(l->line, "%s", l->problem.detail);
	sqltext_literal(t, "SELECT rowhouse.audit_maintain(");
	sqltext_param(t, value_int(l->arena, months));
	sqltext_literal(t, "::integer)");
	if (!acting_as_owner(&s, l->arena, l->settings, &l->problem) ||
	    !session_run(&s, t, &rows, &l->problem) || !session_commit(&s, &l->problem))
		return command_fail(&l->problem);
	printf("%s months made\n", result_value(rows, 0, 0, NULL));
	return COMMAND_OK;
}

/* One partition in a transaction of its own.
 *
 *	SELECT rowhouse.audit_prune($1, $2::timestamptz, $3) */
static bool
prune(struct session *s, const char *partition, const char *before, const char *tenant,
    long long *pruned, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);
	const struct result *rows;

	sqltext_literal(t, "SELECT rowhouse.audit_prune(");
	sqltext_param(t, text_value(s, partition));
	sqltext_literal(t, ", ");
	sqltext_param(t, text_value(s, before));
	sqltext_literal(t, "::timestamptz, ");
	sqltext_param(t, value_new(s->arena, SQLTYPE_UUID, tenant));
	sqltext_literal(t, ")");
	if (!session_do(s, "BEGIN", NULL, p) ||
	    !session_do(s, "SET LOCAL lock_timeout = '10s'", NULL, p) ||
	    !session_run(s, t, &rows, p) || !session_commit(s, p))
		return false;
	*pruned = strtoll(result_value(rows, 0, 0, NULL), NULL, 10);
	return true;
}

/*	SELECT p.partition FROM rowhouse.audit_partitions() AS p
 *	 WHERE p.begins < $1::timestamptz OR p.begins IS NULL */
static bool
list_partitions(
    struct session *s, const char *before, const struct result **rows, struct problem *p)
{
	struct sqltext *t = sqltext_new(s->arena);

	sqltext_literal(
	    t, "SELECT p.partition FROM rowhouse.audit_partitions() AS p WHERE p.begins < ");
	sqltext_param(t, text_value(s, before));
	sqltext_literal(t, "::timestamptz OR p.begins IS NULL");
	return session_run(s, t, rows, p) && session_commit(s, p);
}

static enum command_exit
run_prune(struct action_line *l)
{
	const char *before = action_value(l, BEFORE), *named = action_value(l, TENANT);
	struct acting_tenant tenant;
	const struct result *rows;
	struct session s;
	long long pruned, all = 0;

	if (!acting_as_owner(&s, l->arena, l->settings, &l->problem) ||
	    (named != NULL && !acting_find_tenant(&s, named, &tenant, &l->problem)) ||
	    !list_partitions(&s, before, &rows, &l->problem))
		return command_fail(&l->problem);
	for (size_t i = 0; i < result_rows(rows); i++) {
		const char *partition = result_value(rows, i, 0, NULL);

		if (!prune(&s, partition, before, named != NULL ? tenant.tenant.id : NULL, &pruned,
			&l->problem))
			return command_fail(&l->problem);
		if (pruned > 0)
			printf("%s: %lld\n", partition, pruned);
		fflush(stdout);
		all += pruned;
	}
	printf("%lld entries pruned\n", all);
	return COMMAND_OK;
}

/* --- reading -------------------------------------------------------------------------------- */

/* Page after page of a tenant's log, forwards. */
struct reading {
	struct acting acting;
	struct request request; /* the acting one, with an arena per page */
	struct arena *line;     /* of the one that is printed */
	struct trail_filter filter;
	struct trail_sight sight;
	struct trail_query query;
	char place[TRAIL_PLACE][PLACE_BYTES];
	const char *after[TRAIL_PLACE];
};

static bool
reading_open(struct reading *reading, struct action_line *l)
{
	memset(reading, 0, sizeof(*reading));
	if (!acting_in_tenant(
		&reading->acting, l->arena, l->settings, action_value(l, TENANT), &l->problem))
		return false;
	reading->request = reading->acting.request;
	reading->request.arena = arena_new(PAGE_BYTES);
	reading->line = arena_new(LINE_BYTES);
	reading->filter = (struct trail_filter){ .action = action_value(l, WHAT),
		.target_type = action_value(l, TARGET),
		.from = action_value(l, FROM),
		.to = action_value(l, TO) };
	reading->sight.everything = true;
	reading->query = (struct trail_query){ .filter = &reading->filter,
		.sight = &reading->sight,
		.ascending = true,
		.limit = PAGE_ENTRIES };
	for (size_t i = 0; i < TRAIL_PLACE; i++)
		reading->after[i] = reading->place[i];
	return true;
}

/* The next page begins behind a row. */
static void
reading_keep_place(struct reading *reading, const struct result *rows, size_t row)
{
	for (size_t i = 0; i < TRAIL_PLACE; i++)
		snprintf(reading->place[i], PLACE_BYTES, "%s", result_value(rows, row, i, NULL));
	reading->query.after = reading->after;
}

/* The entries behind the last ones, which are gone then. */
static const struct result *
reading_next(struct reading *reading, struct problem *p)
{
	struct request *r = &reading->request;
	struct unit *unit;

	arena_reset(r->arena);
	unit = unit_new(r->arena, UNIT_READ);
	if (!trail_add(unit, r, &reading->query, p) || !request_run(r, unit, p))
		return NULL;
	return unit_result(unit, 0);
}

static void
reading_close(struct reading *reading)
{
	arena_free(reading->request.arena);
	arena_free(reading->line);
}

/* --- export --------------------------------------------------------------------------------- */

typedef void print_fn(const struct result *, size_t row, struct arena *);

static void
print_json(const struct result *rows, size_t row, struct arena *arena)
{
	(void)arena;
	puts(result_value(rows, row, TRAIL_ENTRY, NULL));
}

static void
print_row(const struct text *line)
{
	fwrite(line->bytes, 1, line->len, stdout);
}

static void
print_csv(const struct result *rows, size_t row, struct arena *arena)
{
	struct text line;
	struct csv csv;

	text_init(&line, arena, ROW_BYTES);
	csv_init(&csv, &line);
	for (size_t i = 0; i < TRAIL__MAX; i++) {
		size_t len = 0;
		const char *value = result_value(rows, row, TRAIL_PLACE + i, &len);

		csv_cell(&csv, value, value != NULL ? len : 0);
	}
	csv_end_row(&csv);
	print_row(&line);
}

static void
print_csv_head(struct arena *arena)
{
	struct text line;
	struct csv csv;

	text_init(&line, arena, ROW_BYTES);
	csv_init(&csv, &line);
	for (size_t i = 0; i < TRAIL__MAX; i++)
		csv_cell(&csv, trail_columns[i], strlen(trail_columns[i]));
	csv_end_row(&csv);
	print_row(&line);
}

static void
no_head(struct arena *arena)
{
	(void)arena;
}

static const struct format {
	const char *name;
	bool flat;
	void (*head)(struct arena *);
	print_fn *print;
} formats[] = {
	{ "ndjson", false, no_head, print_json },
	{ "csv", true, print_csv_head, print_csv },
};

static const struct format *
find_format(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(formats); i++)
		if (name == NULL || strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

/* All that is final now; false when the database went away in between. */
static bool
print_pages(struct reading *reading, print_fn *print, struct problem *p)
{
	const struct result *rows;
	size_t count, all = 0;

	do {
		if ((rows = reading_next(reading, p)) == NULL)
			return false;
		count = result_rows(rows);
		for (size_t i = 0; i < count; i++) {
			arena_reset(reading->line);
			print(rows, i, reading->line);
		}
		if (count > 0)
			reading_keep_place(reading, rows, count - 1);
		all += count;
		if (count > 0 && all % PROGRESS_ENTRIES == 0 && isatty(STDERR_FILENO))
			fprintf(stderr, "rowhouse: %zu entries\n", all);
	} while (count == (size_t)reading->query.limit && !ferror(stdout));
	return true;
}

static enum command_exit
run_export(struct action_line *l)
{
	const struct format *format = find_format(action_value(l, FORMAT));
	struct reading reading;
	enum command_exit code;

	if (format == NULL)
		return command_misused(l->line, "--format is ndjson or csv");
	if (!reading_open(&reading, l))
		return command_fail(&l->problem);
	reading.query.flat = format->flat;
	format->head(reading.line);
	code = print_pages(&reading, format->print, &l->problem) ? COMMAND_OK
								 : command_fail(&l->problem);
	reading_close(&reading);
	return code;
}

/* --- tail ----------------------------------------------------------------------------------- */

static const char *
shown(const struct result *rows, size_t row, enum trail_column column)
{
	const char *value = result_value(rows, row, TRAIL_PLACE + (size_t)column, NULL);

	return value != NULL ? value : "-";
}

/* 2026-11-21T13:00:00.123Z posts.updated posts/0190... user 0190... ok {"title": ...} */
static void
print_line(const struct result *rows, size_t row, struct arena *arena)
{
	(void)arena;
	printf("%s %s %s/%s %s %s %s %s\n", shown(rows, row, TRAIL_AT),
	    shown(rows, row, TRAIL_ACTION), shown(rows, row, TRAIL_TARGET_TYPE),
	    shown(rows, row, TRAIL_TARGET_ID), shown(rows, row, TRAIL_ACTOR_TYPE),
	    shown(rows, row, TRAIL_ACTOR_ID), shown(rows, row, TRAIL_RESULT),
	    shown(rows, row, TRAIL_CHANGES));
}

/* The last entries that are final, printed forwards. Those that are not final yet come behind them
 * when they are, in their order: nothing is skipped. */
static bool
print_last(struct reading *reading, long lines, struct problem *p)
{
	const struct result *rows;

	reading->query.ascending = false;
	reading->query.final_only = true;
	reading->query.limit = lines > 0 ? lines : 1;
	rows = reading_next(reading, p);
	reading->query.ascending = true;
	if (rows == NULL)
		return false;
	for (size_t i = result_rows(rows); lines > 0 && i-- > 0;)
		print_line(rows, i, reading->line);
	if (result_rows(rows) > 0)
		reading_keep_place(reading, rows, 0);
	reading->query.limit = PAGE_ENTRIES;
	return true;
}

static bool
follow(struct reading *reading, struct problem *p)
{
	const struct timespec second = { 1, 0 };

	while (!ferror(stdout)) {
		if (!print_pages(reading, print_line, p))
			return false;
		fflush(stdout);
		nanosleep(&second, NULL);
	}
	return true;
}

static enum command_exit
run_tail(struct action_line *l)
{
	struct reading reading;
	enum command_exit code;
	long lines;

	if (!read_count(l, LINES, LINES_MAX, 10, &lines))
		return command_misused(l->line, "%s", l->problem.detail);
	if (!reading_open(&reading, l))
		return command_fail(&l->problem);
	reading.query.flat = true;
	code = print_last(&reading, lines, &l->problem) &&
		(!action_given(l, FOLLOW) || follow(&reading, &l->problem))
	    ? COMMAND_OK
	    : command_fail(&l->problem);
	reading_close(&reading);
	return code;
}

static enum command_exit
run_audit(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
