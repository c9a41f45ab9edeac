/* SPDX-License-Identifier: BSD-2-Clause */
/* explain.c - rowhouse explain: what a read asks PostgreSQL, and what PostgreSQL makes of it
 *
 * The request goes through the same reading and the same stages as a client's; then the plan of
 * each statement is asked for (plans.h). */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/principal.h"
#include "base/settings.h"
#include "base/text.h"
#include "cli/acting.h"
#include "cli/action.h"
#include "cli/command.h"
#include "cli/plans.h"
#include "compiler/query.h"
#include "compiler/stages.h"
#include "compiler/values.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "formats/cursor.h"
#include "formats/jsontext.h"
#include "serve/accounts.h"
#include "serve/listing.h"
#include "serve/platform.h"
#include "serve/secret.h"

enum { TENANT, AS, ANALYZE, JSON };

static const struct option options[] = {
	{ "tenant", required_argument, NULL, OPTION_OWN + TENANT },
	{ "as", required_argument, NULL, OPTION_OWN + AS },
	{ "analyze", no_argument, NULL, OPTION_OWN + ANALYZE },
	{ "json", no_argument, NULL, OPTION_OWN + JSON },
	{ NULL, 0, NULL, 0 },
};

static command_fn run_explain;
static action_fn run_only;

const struct command command_explain = {
	.name = "explain",
	.run = run_explain,
	.help = "show the statements and the plan of a read",
	.usage = "usage: rowhouse explain 'GET /api/MODEL?...' --tenant SLUG|ID [--as LOGIN]\n"
		 "                        [--analyze] [--json]\n"
		 "\n"
		 "Prints the statements that the request makes, their parameters and\n"
		 "the plan that a worker runs them by, which is one for all values.\n"
		 "\n"
		 "  --as LOGIN   ask as this account; a member without a role when not given\n"
		 "  --analyze    run them, too, and show what the plan cost\n"
		 "  --json       an array of objects, for programs\n",
	.options = options,
	.letters = "",
};

static const struct command_action actions[] = {
	{ NULL, run_only, "'GET /api/MODEL?...'",
	    ACTION_BIT(TENANT) | ACTION_BIT(AS) | ACTION_BIT(ANALYZE) | ACTION_BIT(JSON),
	    ACTION_BIT(TENANT) },
};

/* "GET /api/posts?limit=3" into the request, as if a client had sent it. */
static bool
read_target(struct request *r, const char *text, struct problem *p)
{
	static const char get[] = "GET ";

	if (strncmp(text, get, sizeof(get) - 1) != 0)
		return problem_raise(
		    p, PROBLEM_INVALID, "what is explained is a read: 'GET /api/posts?limit=3'");
	if (!uri_parse(&r->uri, text + sizeof(get) - 1, r->arena, p))
		return false;
	request_strip_base(r);
	return !r->outside_base ||
	    problem_raise(p, PROBLEM_NO_ROUTE, "the API lives under %s", r->settings->base_path);
}

static struct query *
read_row(struct request *r, const struct model *model, struct problem *p)
{
	struct query *query = query_new(r->arena, ACTION_READ, SHAPE_ROW, model);
	const struct value *id = value_read_key(model->id, r->segments[1], "/path/id", r->arena, p);

	if (!listing_read_row(r, query, p) || id == NULL)
		return NULL;
	query_compare(query, model->id, OPERATOR_EQ, id);
	return query;
}

/* The query of /{model}, /{model}/aggregate or /{model}/{id}. */
static struct query *
read_query(struct request *r, struct problem *p)
{
	const struct model *model;
	struct listing listing;
	struct query *query;

	if (r->segment_count < 1 || r->segment_count > 2)
		return problem_null(p, PROBLEM_NO_ROUTE, "it explains lists, aggregates and rows");
	if ((model = request_model(r, r->segments[0], p)) == NULL)
		return NULL;
	if (r->segment_count == 2 && strcmp(r->segments[1], "aggregate") == 0) {
		query = query_new(r->arena, ACTION_READ, SHAPE_GROUPS, model);
		return listing_read_groups(&listing, r, query, p) ? query : NULL;
	}
	if (r->segment_count == 2)
		return read_row(r, model, p);
	query = query_new(r->arena, ACTION_READ, SHAPE_PAGE, model);
	return listing_read(&listing, r, query, p) ? query : NULL;
}

/* A cursor opens with the key that workers seal with. */
static bool
take_cursor_key(struct acting *a, struct problem *p)
{
	unsigned char *key = arena_alloc(a->session.arena, CURSOR_KEY_BYTES);
	const char *path = a->request.settings->secret_file;
	const struct secret *secret;

	randombytes_buf(key, CURSOR_KEY_BYTES);
	if (path[0] != '\0') {
		if ((secret = secret_read(a->session.arena, path, p)) == NULL)
			return false;
		secret_derive(secret, SECRET_CURSOR, key);
	}
	a->environment.cursor_key = key;
	return true;
}

static bool
take_principal(struct acting *a, const char *login, struct problem *p)
{
	struct account account;

	if (login == NULL)
		return true;
	if (!acting_account(a, login, &account, p))
		return false;
	a->request.principal = (struct principal){
		.type = PRINCIPAL_USER, .member = true, .id = account.id, .role = account.role
	};
	return true;
}

static void
print_text(const struct unit *unit, const struct plans *plans)
{
	for (size_t i = 0; i < unit_count(unit); i++) {
		const struct statement *s = unit_statement(unit, i);
		const struct result *rows = plans_of(plans, i);

		printf("%s%s\n\n", i > 0 ? "\n" : "", s->text);
		for (size_t n = 0; n < s->param_count; n++)
			printf("$%zu = %s\n", n + 1, s->params[n] != NULL ? s->params[n] : "NULL");
		printf("\n");
		for (size_t row = 0; row < result_rows(rows); row++)
			printf("%s\n", result_value(rows, row, 0, NULL));
	}
}

static void
put_json(struct jsontext *j, const struct statement *s, const struct result *rows)
{
	jsontext_begin_object(j);
	jsontext_key(j, "statement");
	jsontext_string(j, s->text);
	jsontext_key(j, "parameters");
	jsontext_begin_array(j);
	for (size_t n = 0; n < s->param_count; n++)
		jsontext_string(j, s->params[n]);
	jsontext_end_array(j);
	jsontext_key(j, "plan");
	jsontext_begin_array(j);
	for (size_t row = 0; row < result_rows(rows); row++)
		jsontext_string(j, result_value(rows, row, 0, NULL));
	jsontext_end_array(j);
	jsontext_end_object(j);
}

static void
print_json(const struct unit *unit, const struct plans *plans, struct arena *arena)
{
	struct jsontext j;
	struct text out;

	text_init(&out, arena, 16 << 20);
	jsontext_init(&j, &out);
	jsontext_begin_array(&j);
	for (size_t i = 0; i < unit_count(unit); i++)
		put_json(&j, unit_statement(unit, i), plans_of(plans, i));
	jsontext_end_array(&j);
	jsontext_done(&j);
	printf("%s\n", out.bytes);
}

static enum command_exit
run_only(struct action_line *l)
{
	struct problem *p = &l->problem;
	struct plans plans;
	struct query *query;
	struct acting a;
	struct unit *unit = unit_new(l->arena, UNIT_READ);

	if (!acting_in_tenant(&a, l->arena, l->settings, action_value(l, TENANT), p) ||
	    !take_principal(&a, action_value(l, AS), p) || !take_cursor_key(&a, p) ||
	    !read_target(&a.request, l->operand, p) ||
	    (query = read_query(&a.request, p)) == NULL ||
	    !compile_query(unit, query, &a.request.principal, a.request.tenant, NULL, NULL, p) ||
	    !plans_make(&plans, &a, unit, action_given(l, ANALYZE), p))
		return command_fail(p);
	if (action_given(l, JSON))
		print_json(unit, &plans, l->arena);
	else
		print_text(unit, &plans);
	return COMMAND_OK;
}

static enum command_exit
run_explain(struct command_line *line, int argc, char **argv)
{
	return action_run(line, actions, COUNT_OF(actions), argc, argv);
}
