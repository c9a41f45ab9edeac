/* SPDX-License-Identifier: BSD-2-Clause */
/* plans.c - PREPARE, then EXPLAIN EXECUTE
 *
 * EXECUTE takes expressions and no parameters, so the values travel in settings of the transaction.
 * Every byte of a text here was emitted by us, or is a type's name as PostgreSQL writes it. */
#include "cli/plans.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "cli/acting.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "serve/platform.h"

enum { TEXT_BYTES = 1 << 20 };

/* A planner's estimate (count=estimated) is an EXPLAIN itself, which PostgreSQL does not prepare:
 * its worker, too, has it planned for the values. */
static bool
is_explain(const struct statement *s)
{
	return strncmp(s->text, "EXPLAIN ", strlen("EXPLAIN ")) == 0;
}

static bool
add(struct unit *unit, struct arena *arena, const char *text, const char *const *params,
    size_t count, struct problem *p)
{
	struct statement *s = ARENA_NEW(arena, struct statement);

	*s = (struct statement){ text, strlen(text), params, count };
	return unit_add(unit, s, p);
}

/*	PREPARE plan_0 AS ...
 *	SELECT unnest(p.parameter_types)::text FROM pg_prepared_statements AS p WHERE ... */
static bool
add_prepare(
    struct unit *unit, struct arena *arena, size_t i, const struct statement *s, struct problem *p)
{
	const char *name = arena_printf(arena, "plan_%zu", i);
	const char **names = arena_array(arena, 1, sizeof(*names));

	names[0] = name;
	return add(unit, arena, arena_printf(arena, "PREPARE %s AS %s", name, s->text), NULL, 0,
		   p) &&
	    add(unit, arena,
		"SELECT unnest(p.parameter_types)::text FROM pg_prepared_statements AS p "
		"WHERE p.name = $1::text",
		names, 1, p);
}

/*	SELECT set_config('plan.value_0_1', $1::text, true), ... */
static bool
add_values(
    struct unit *unit, struct arena *arena, size_t i, const struct statement *s, struct problem *p)
{
	struct text text;

	text_init(&text, arena, TEXT_BYTES);
	for (size_t n = 1; n <= s->param_count; n++)
		text_printf(&text, "%s set_config('plan.value_%zu_%zu', $%zu::text, true)",
		    n == 1 ? "SELECT" : ",", i, n, n);
	return s->param_count == 0 || add(unit, arena, text.bytes, s->params, s->param_count, p);
}

/*	EXPLAIN EXECUTE plan_0(NULL, NULL)
 *	EXPLAIN (ANALYZE, BUFFERS) EXECUTE plan_0(current_setting('plan.value_0_1')::uuid, NULL) */
static bool
add_explain(struct unit *unit, struct arena *arena, size_t i, const struct statement *s,
    const struct result *types, struct problem *p)
{
	struct text text;

	text_init(&text, arena, TEXT_BYTES);
	text_printf(
	    &text, "EXPLAIN %sEXECUTE plan_%zu", types != NULL ? "(ANALYZE, BUFFERS) " : "", i);
	for (size_t n = 1; n <= s->param_count; n++) {
		text_string(&text, n == 1 ? "(" : ", ");
		if (types == NULL || s->params[n - 1] == NULL)
			text_literal(&text, "NULL");
		else
			text_printf(&text, "current_setting('plan.value_%zu_%zu')::%s", i, n,
			    result_value(types, n - 1, 0, NULL));
	}
	if (s->param_count > 0)
		text_literal(&text, ")");
	return add(unit, arena, text.bytes, NULL, 0, p);
}

/* The types of each statement's parameters, known once it is prepared. */
static const struct unit *
prepare_all(struct acting *a, const struct unit *unit, struct problem *p)
{
	struct unit *prepares = unit_new(a->session.arena, UNIT_READ);

	for (size_t i = 0; i < unit_count(unit); i++)
		if (!is_explain(unit_statement(unit, i)) &&
		    !add_prepare(prepares, a->session.arena, i, unit_statement(unit, i), p))
			return NULL;
	return request_run(&a->request, prepares, p) ? prepares : NULL;
}

static bool
explain_all(struct unit *explains, struct arena *arena, const struct unit *unit,
    const struct unit *prepares, struct problem *p)
{
	for (size_t i = 0, prepared = 0; i < unit_count(unit); i++) {
		const struct statement *s = unit_statement(unit, i);
		const struct result *types = NULL;

		if (is_explain(s)) {
			if (!unit_add(explains, s, p))
				return false;
			continue;
		}
		if (prepares != NULL)
			types = unit_result(prepares, 2 * prepared + 1);
		prepared++;
		if (!add_explain(explains, arena, i, s, types, p))
			return false;
	}
	return true;
}

bool
plans_make(
    struct plans *plans, struct acting *a, const struct unit *unit, bool run, struct problem *p)
{
	struct arena *arena = a->session.arena;
	const struct unit *prepares = prepare_all(a, unit, p);
	struct unit *explains = unit_new(arena, UNIT_READ);

	if (prepares == NULL)
		return false;
	for (size_t i = 0; i < unit_count(unit) && run; i++)
		if (!is_explain(unit_statement(unit, i)) &&
		    !add_values(explains, arena, i, unit_statement(unit, i), p))
			return false;
	*plans = (struct plans){ explains, unit_count(explains) };
	return explain_all(explains, arena, unit, run ? prepares : NULL, p) &&
	    request_run(&a->request, explains, p);
}

const struct result *
plans_of(const struct plans *plans, size_t statement)
{
	return unit_result(plans->unit, plans->first + statement);
}
