/* SPDX-License-Identifier: BSD-2-Clause */
/* faults.h - mistakes that a program could make
 *
 * An evaluator that makes one on purpose must be told apart from the right one by few queries;
 * otherwise the comparison would not see a program that does. */
#ifndef ORACLE_FAULTS_H
#define ORACLE_FAULTS_H

enum fault {
	FAULT_NONE,
	/* which rows there are */
	FAULT_TENANT_LEAK,         /* rows of the other tenant */
	FAULT_TENANT_LEAK_RELATED, /* the same through relations */
	FAULT_DELETED_SHOWN,       /* deleted rows in lists and by id */
	FAULT_DELETED_INCLUDED,    /* in includes */
	FAULT_DELETED_COUNTED,     /* in _count */
	FAULT_DELETED_MATCHED,     /* in conditions on related rows */
	FAULT_DELETED_LINKED,      /* over deleted rows of the join table */
	FAULT_DELETED_SORTED,      /* in sortBy of a related row's column */
	FAULT_OWNER_IGNORED,       /* rows that belong to somebody else */
	FAULT_OWNER_IGNORED_RELATED,
	FAULT_DELETED_FOLLOWED,   /* withDeleted reaches related rows, too */
	FAULT_ONLY_DELETED,       /* onlyDeleted as withDeleted */
	FAULT_TOTAL_WITH_DELETED, /* deleted rows in the total, though not shown */
	/* conditions */
	FAULT_NE_DROPS_NULL,
	FAULT_NIN_DROPS_NULL,
	FAULT_NOT_DROPS_NULL, /* not of unknown is unknown, as in SQL */
	FAULT_EVERY_SKIPS_NULL,
	FAULT_EVERY_OF_NONE, /* false where there are none */
	FAULT_SOME_APART,    /* each condition about another row */
	FAULT_OR_AS_AND,
	FAULT_LAST_ONLY, /* of several filters of a column the last (W44) */
	FAULT_BTW_OPEN,
	FAULT_WILDCARDS,      /* % and _ */
	FAULT_ILIKE_CASE,     /* $ilike and search distinguish case */
	FAULT_LIKE_FOLDED,    /* $like and the like do not */
	FAULT_SEARCH_ONE,     /* only the first searchable column */
	FAULT_HAS_SOME_EVERY, /* $hasSome wants all of the list */
	FAULT_EMPTY_NULL,     /* a NULL array is empty */
	FAULT_JSON_AS_TEXT,   /* numbers in jsonb are ordered as text */
	FAULT_ENUM_AS_TEXT,   /* enums are ordered by their labels */
	FAULT_NUMERIC_AS_DOUBLE,
	FAULT_INSTANT_CUT, /* to milliseconds, as shown */
	FAULT_TEXT_FOLDED, /* text is ordered whatever the case */
	/* order and page */
	FAULT_TIES_REVERSED,
	FAULT_NULLS_SMALLEST,
	FAULT_NULL_SORT_IGNORED,
	FAULT_DIRECTION_OF_FIRST, /* all keys in the direction of the first */
	FAULT_SORT_JOINS,         /* sortBy of a related row's column wants the row */
	FAULT_DEFAULT_SORT,       /* no sortBy, no order but the key's */
	FAULT_DISTINCT_LAST,      /* the last of equal rows */
	FAULT_DISTINCT_TOTAL,     /* equal rows are counted */
	FAULT_WHOLE_AS_PAGE,      /* a whole list ends after a page */
	FAULT_PAGE_OFF_BY_ONE,    /* the first row of a later page is left out */
	FAULT_CURSOR_TIES,        /* behind a cursor equal rows are left out (W39) */
	FAULT_CURSOR_NULLS,       /* behind a cursor rows with NULL keys are left out */
	/* what is shown */
	FAULT_INCLUDE_LIMIT, /* an include without its limit */
	FAULT_INCLUDE_ORDER, /* an include ordered by its ids */
	FAULT_AVG_OF_ROWS,   /* an average counts NULLs */
	FAULT_GROUP_NULLS,   /* each NULL is a group of its own */
	FAULT_HAVING_IGNORED,
	FAULT_INCLUDE_FILTER, /* an include whose conditions drop the row it is in */
	FAULT_HIDDEN_SHOWN,
	FAULT_FORMULAS, /* CSV has formulas as they are */
	FAULT_CSV_NULL, /* NULL is a word in CSV */
	FAULT__MAX,
};

/* Whose rows a fault lets through, and on which way to them. */
enum { RELAX_TENANT = 1, RELAX_DELETED = 2, RELAX_OWNER = 4 };
enum {
	WAY_LIST = 1,
	WAY_INCLUDE = 2,
	WAY_COUNT = 4,
	WAY_CONDITION = 8,
	WAY_LINK = 16,
	WAY_SORT = 32
};

const char *fault_name(enum fault) __attribute__((returns_nonnull));
unsigned fault_relaxes(enum fault);
unsigned fault_ways(enum fault);

#endif
