/* SPDX-License-Identifier: BSD-2-Clause */
/* emit.c - the last step: a tree that went through all stages becomes statements of a unit */
#include <assert.h>
#include <stddef.h>

#include "base/problem.h"
#include "compiler/emit_read.h"
#include "compiler/emit_total.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/sqltext.h"
#include "database/unit.h"

static bool
add(struct unit *unit, const struct query *q, void (*emit)(struct sqltext *, const struct query *),
    struct problem *p)
{
	struct sqltext *t = sqltext_new(q->arena);

	emit(t, q);
	return unit_add_text(unit, t, p);
}

/* Behind the rows: the total, then the planner's. */
static bool
add_counts(struct unit *unit, const struct query *q, struct problem *p)
{
	return (q->counting == COUNTING_NONE || add(unit, q, emit_total, p)) &&
	    (q->counting != COUNTING_ESTIMATED || add(unit, q, emit_estimate, p));
}

bool
emit_unit(struct unit *unit, const struct tenant_query *scoped,
    const struct expectation *expectation, struct problem *p)
{
	const struct query *q = scoped->query;

	/* No conditional write without an expectation; a read has none. */
	assert(q->action == ACTION_READ && expectation == NULL);
	return add(unit, q, emit_read, p) && (q->shape != SHAPE_ROWS || add_counts(unit, q, p));
}
