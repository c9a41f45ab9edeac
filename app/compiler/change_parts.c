/* SPDX-License-Identifier: BSD-2-Clause */
/* change_parts.c - tables, rows and values in the statements of writes */
#include <assert.h>
#include <stddef.h>

#include "compiler/change.h"
#include "compiler/emit_change.h"
#include "database/operators.h"
#include "database/sqltext.h"

void
change_column(struct sqltext *t, unsigned number, const struct column *column)
{
	sqltext_alias(t, 't', number);
	sqltext_literal(t, ".");
	sqltext_name(t, column->sql);
}

void
change_table(struct sqltext *t, unsigned number, const struct model *model)
{
	sqltext_name(t, model->sql);
	sqltext_literal(t, " AS ");
	sqltext_alias(t, 't', number);
}

void
change_tenant(
    struct sqltext *t, unsigned number, const struct model *model, const struct value *tenant)
{
	/* A tenant's table without its tenant must be impossible, not unlikely. */
	assert(model->tenancy != TENANCY_TENANT || tenant != NULL);
	if (model->tenancy != TENANCY_TENANT) {
		sqltext_literal(t, "(true)");
		return;
	}
	sqltext_literal(t, "(");
	change_column(t, number, model->tenant);
	sqltext_operator(t, OPERATOR_EQ);
	sqltext_param(t, tenant);
	sqltext_literal(t, ")");
}

/*	tenant AND (t0."id" = $2::uuid), or (t0."id" = ANY ($2::uuid[])) */
void
change_row(struct sqltext *t, const struct change *c)
{
	change_tenant(t, 0, c->model, c->tenant);
	sqltext_literal(t, " AND (");
	change_column(t, 0, c->model->id);
	if (c->ids != NULL) {
		sqltext_literal(t, " = ANY (");
		sqltext_param(t, c->ids);
		sqltext_literal(t, "))");
		return;
	}
	sqltext_operator(t, OPERATOR_EQ);
	sqltext_param(t, c->id);
	sqltext_literal(t, ")");
}

/*	tenant AND (t0."slug" = $2::varchar) AND (t0."deleted_at" IS NULL) */
void
change_key(struct sqltext *t, const struct change *c)
{
	const struct unique_key *key = c->upsert->key;

	change_tenant(t, 0, c->model, c->tenant);
	for (size_t i = 0; i < key->column_count; i++) {
		sqltext_literal(t, " AND (");
		change_column(t, 0, key->columns[i]);
		sqltext_operator(t, OPERATOR_EQ);
		sqltext_param(t, c->upsert->values[i]);
		sqltext_literal(t, ")");
	}
	if (!key->live_only)
		return;
	sqltext_literal(t, " AND (");
	change_column(t, 0, c->model->deleted_at);
	sqltext_literal(t, " IS NULL)");
}

/*	CAST(t0."stock" + $3::int4 AS int4) */
static void
put_arithmetic(struct sqltext *t, unsigned number, const struct assignment *a)
{
	sqltext_literal(t, "CAST(");
	change_column(t, number, a->column);
	switch (a->how) {
	case ASSIGN_INCREMENT: sqltext_literal(t, " + "); break;
	case ASSIGN_DECREMENT: sqltext_literal(t, " - "); break;
	case ASSIGN_MULTIPLY: sqltext_literal(t, " * "); break;
	case ASSIGN_DIVIDE: sqltext_literal(t, " / "); break;
	case ASSIGN_VALUE:
	case ASSIGN_NOW:
	case ASSIGN_DELETION:
	case ASSIGN__MAX: assert(0 && "no arithmetic");
	}
	sqltext_param(t, a->value);
	sqltext_literal(t, " AS ");
	sqltext_name(t, a->column->type);
	sqltext_literal(t, ")");
}

void
change_expression(struct sqltext *t, unsigned number, const struct assignment *a)
{
	switch (a->how) {
	case ASSIGN_VALUE: sqltext_param(t, a->value); break;
	case ASSIGN_NOW: sqltext_literal(t, "now()"); break;
	case ASSIGN_DELETION: sqltext_literal(t, "k.deletion_id"); break;
	case ASSIGN_INCREMENT:
	case ASSIGN_DECREMENT:
	case ASSIGN_MULTIPLY:
	case ASSIGN_DIVIDE: put_arithmetic(t, number, a); break;
	case ASSIGN__MAX: assert(0 && "a column that becomes nothing");
	}
}
