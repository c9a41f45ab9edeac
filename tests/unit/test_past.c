/* SPDX-License-Identifier: BSD-2-Clause */
/* test_past.c - what the facts about a row's past mean */
#include "serve/past.h"

#include <stdio.h>

#include "unit.h"

/* A row that was created as version 1 and is version 5 now, all of it logged. */
#define LIVE .exists = true, .logged = true, .version = 5, .creations = 1, .owned = true

static void
facts_are_judged(void)
{
	static const struct {
		const char *name;
		struct past_facts facts;
		enum past wanted;
	} rows[] = {
		{ "as it is now", { LIVE, .known = 5, .old_enough = true }, PAST_SHOWN },
		{ "two changes back", { LIVE, .known = 3, .undone = 2, .earliest = 4 },
		    PAST_SHOWN },
		{ "deleted then", { LIVE, .known = 3, .undone = 2, .earliest = 4, .deleted = true },
		    PAST_ABSENT },
		{ "not the principal's then",
		    { .exists = true, .logged = true, .version = 5, .creations = 1, .known = 5 },
		    PAST_ABSENT },
		{ "before it was created",
		    { LIVE, .undone = 5, .earliest = 1, .creation_undone = true }, PAST_ABSENT },
		{ "nobody has heard of it", { .owned = true }, PAST_ABSENT },
		{ "purged before then",
		    { .logged = true,
			.version = 6,
			.known = 6,
			.creations = 1,
			.known_is_end = true,
			.owned = true },
		    PAST_ABSENT },
		{ "purged since then",
		    { .logged = true,
			.version = 6,
			.known = 4,
			.undone = 2,
			.earliest = 5,
			.creations = 1,
			.owned = true },
		    PAST_SHOWN },
		{ "a change since then is not logged",
		    { LIVE, .known = 3, .undone = 1, .earliest = 4 }, PAST_UNKNOWN },
		{ "the last change is not logged", { LIVE, .known = 4 }, PAST_UNKNOWN },
		{ "not logged, and not changed since",
		    { .exists = true, .version = 1, .owned = true, .old_enough = true },
		    PAST_SHOWN },
		{ "not logged, and changed since", { .exists = true, .version = 3, .owned = true },
		    PAST_UNKNOWN },
		{ "the log of then was pruned, and it is older",
		    { .exists = true,
			.logged = true,
			.version = 5,
			.undone = 2,
			.earliest = 4,
			.owned = true,
			.old_enough = true },
		    PAST_SHOWN },
		{ "the log of then was pruned, and it is younger",
		    { .exists = true,
			.logged = true,
			.version = 5,
			.undone = 2,
			.earliest = 4,
			.owned = true },
		    PAST_UNKNOWN },
		{ "an id that was used twice",
		    { .exists = true,
			.logged = true,
			.version = 2,
			.creations = 2,
			.known = 2,
			.owned = true,
			.old_enough = true },
		    PAST_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ASSERT_ROW(rows[i].name, past_judge(&rows[i].facts) == rows[i].wanted);
}

void
suite_past(void)
{
	static const struct test_row tests[] = {
		{ "facts are judged", facts_are_judged },
	};

	unit_suite("past", tests, sizeof(tests) / sizeof(tests[0]));
}
