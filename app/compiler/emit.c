/* SPDX-License-Identifier: BSD-2-Clause */
/* emit.c - the last step: a tree that went through all stages becomes statements of a unit */
#include <assert.h>
#include <stddef.h>

#include "base/problem.h"
#include "compiler/emit_read.h"
#include "compiler/query.h"
#include "compiler/stage_types.h"
#include "compiler/stages.h"
#include "database/sqltext.h"
#include "database/unit.h"

bool
emit_unit(struct unit *unit, const struct tenant_query *scoped,
    const struct expectation *expectation, struct problem *p)
{
	const struct query *q = scoped->query;
	struct sqltext *t = sqltext_new(q->arena);

	/* No conditional write without an expectation; a read has none. */
	assert(q->action == ACTION_READ && expectation == NULL);
	emit_read(t, q);
	return unit_add_text(unit, t, p);
}
