/* SPDX-License-Identifier: BSD-2-Clause */
/* ranges.c - all rows, the first of equal ones, a page */
#include "compiler/ranges.h"

#include <stddef.h>

#include "compiler/fields.h"
#include "compiler/parts.h"
#include "compiler/query.h"
#include "database/sqltext.h"

void
ranges_distinct(struct sqltext *t, const struct query *q)
{
	for (size_t i = 0; i < q->distinct_count; i++) {
		if (i > 0)
			sqltext_literal(t, ", ");
		parts_column(t, q, q->distinct[i]);
	}
}

/*	 FROM (SELECT DISTINCT ON (t0."a") t0.* FROM ... WHERE ... ORDER BY t0."a", keys) AS t0 */
static void
put_distinct_rows(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " FROM (SELECT DISTINCT ON (");
	ranges_distinct(t, q);
	sqltext_literal(t, ") ");
	sqltext_alias(t, 't', q->number);
	sqltext_literal(t, ".*");
	parts_from_where(t, q);
	sqltext_literal(t, " ORDER BY ");
	ranges_distinct(t, q);
	sqltext_literal(t, ", ");
	fields_sort_keys(t, q);
	sqltext_literal(t, ") AS ");
	sqltext_alias(t, 't', q->number);
}

void
ranges_all(struct sqltext *t, const struct query *q)
{
	if (q->distinct_count > 0)
		put_distinct_rows(t, q);
	else
		parts_from_where(t, q);
}

void
ranges_all_with_fields(struct sqltext *t, const struct query *q)
{
	if (q->distinct_count > 0) {
		put_distinct_rows(t, q);
		fields_lateral(t, q);
		return;
	}
	parts_from(t, q);
	fields_lateral(t, q);
	parts_where(t, q);
}

void
ranges_page(struct sqltext *t, const struct query *q)
{
	ranges_all(t, q);
	fields_order(t, q);
	sqltext_literal(t, " LIMIT ");
	sqltext_param(t, q->limit);
	sqltext_literal(t, " OFFSET ");
	sqltext_param(t, q->offset);
}

void
ranges_page_as_table(struct sqltext *t, const struct query *q)
{
	sqltext_literal(t, " FROM (SELECT ");
	sqltext_alias(t, 't', q->number);
	sqltext_literal(t, ".*");
	ranges_page(t, q);
	sqltext_literal(t, ") AS ");
	sqltext_alias(t, 't', q->number);
}
