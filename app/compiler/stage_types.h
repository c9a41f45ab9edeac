/* SPDX-License-Identifier: BSD-2-Clause */
/* stage_types.h - the inside of the stages' types, for the stages alone
 *
 * Each wraps the same tree and is made by one stage only (tests/check/layers.sh knows which file
 * includes this). */
#ifndef COMPILER_STAGE_TYPES_H
#define COMPILER_STAGE_TYPES_H

struct change;
struct query;

struct permitted_query {
	struct query *query;
};

struct audited_query {
	struct query *query;
};

struct live_query {
	struct query *query;
};

struct tenant_query {
	struct query *query;
};

struct permitted_change {
	struct change *change;
};

struct audited_change {
	struct change *change;
};

struct live_change {
	struct change *change;
};

struct tenant_change {
	struct change *change;
};

#endif
