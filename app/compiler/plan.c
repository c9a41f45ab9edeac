/* SPDX-License-Identifier: BSD-2-Clause */
/* plan.c - steps beside the statements of a unit */
#include "compiler/plan.h"

#include <string.h>

#include "base/arena.h"
#include "database/unit.h"

/* Between the ordinals of two statements of a unit: more rows than one of them writes. */
enum { ORDINAL_STEP = 500000 };

enum { FIRST_STEPS = 16 };

void
plan_init(struct plan *plan, struct arena *arena, struct unit *unit)
{
	plan->unit = unit;
	plan->arena = arena;
	plan->size = FIRST_STEPS;
	plan->steps = arena_array(arena, plan->size, sizeof(*plan->steps));
}

/* Places for all statements that the unit has. */
static void
grow(struct plan *plan)
{
	size_t size = plan->size;
	struct step *steps;

	while (size < unit_count(plan->unit))
		size *= 2;
	if (size == plan->size)
		return;
	steps = arena_array(plan->arena, size, sizeof(*steps));
	memcpy(steps, plan->steps, plan->size * sizeof(*steps));
	plan->steps = steps;
	plan->size = size;
}

bool
plan_add(struct plan *plan, struct sqltext *text, const struct step *step, struct problem *p)
{
	if (!unit_add_text(plan->unit, text, p))
		return false;
	grow(plan);
	plan->steps[unit_count(plan->unit) - 1] = *step;
	return true;
}

int64_t
plan_ordinal(const struct plan *plan)
{
	return (int64_t)unit_count(plan->unit) * ORDINAL_STEP;
}

const struct step *
plan_step(const struct plan *plan, size_t statement)
{
	static const struct step none = { PURPOSE_NONE, NULL, NULL, NULL };

	return statement < plan->size ? &plan->steps[statement] : &none;
}
