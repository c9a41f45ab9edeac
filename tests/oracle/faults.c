/* SPDX-License-Identifier: BSD-2-Clause */
/* faults.c - what the faults are called, and which rows they let through */
#include "oracle/faults.h"

enum { RELATED = WAY_INCLUDE | WAY_COUNT | WAY_CONDITION | WAY_SORT };

static const struct {
	const char *name;
	unsigned relaxes, ways;
} faults[FAULT__MAX] = {
	[FAULT_NONE] = { "none", 0, 0 },
	[FAULT_TENANT_LEAK] = { "rows of the other tenant", RELAX_TENANT, WAY_LIST },
	[FAULT_TENANT_LEAK_RELATED] = { "related rows of the other tenant", RELAX_TENANT, RELATED },
	[FAULT_DELETED_SHOWN] = { "deleted rows shown", RELAX_DELETED, WAY_LIST },
	[FAULT_DELETED_INCLUDED] = { "deleted rows included", RELAX_DELETED, WAY_INCLUDE },
	[FAULT_DELETED_COUNTED] = { "deleted rows in _count", RELAX_DELETED, WAY_COUNT },
	[FAULT_DELETED_MATCHED] = { "deleted rows in conditions", RELAX_DELETED, WAY_CONDITION },
	[FAULT_DELETED_LINKED] = { "deleted links", RELAX_DELETED, WAY_LINK },
	[FAULT_DELETED_SORTED] = { "deleted rows sorted by", RELAX_DELETED, WAY_SORT },
	[FAULT_OWNER_IGNORED] = { "rows of another owner", RELAX_OWNER, WAY_LIST },
	[FAULT_OWNER_IGNORED_RELATED] = { "related rows of another owner", RELAX_OWNER, RELATED },
	[FAULT_DELETED_FOLLOWED] = { "withDeleted reaches related rows", RELAX_DELETED, RELATED },
	[FAULT_ONLY_DELETED] = { "onlyDeleted as withDeleted", 0, 0 },
	[FAULT_TOTAL_WITH_DELETED] = { "deleted rows in the total", 0, 0 },
	[FAULT_NE_DROPS_NULL] = { "$ne drops NULL", 0, 0 },
	[FAULT_NIN_DROPS_NULL] = { "$nin drops NULL", 0, 0 },
	[FAULT_NOT_DROPS_NULL] = { "not drops NULL", 0, 0 },
	[FAULT_EVERY_SKIPS_NULL] = { "$every skips NULL", 0, 0 },
	[FAULT_EVERY_OF_NONE] = { "$every is false of none", 0, 0 },
	[FAULT_SOME_APART] = { "$some of another row for each condition", 0, 0 },
	[FAULT_OR_AS_AND] = { "or as and", 0, 0 },
	[FAULT_LAST_ONLY] = { "the last filter of a column only", 0, 0 },
	[FAULT_BTW_OPEN] = { "$btw without its ends", 0, 0 },
	[FAULT_WILDCARDS] = { "% and _ are wildcards", 0, 0 },
	[FAULT_ILIKE_CASE] = { "$ilike distinguishes case", 0, 0 },
	[FAULT_LIKE_FOLDED] = { "$like does not", 0, 0 },
	[FAULT_SEARCH_ONE] = { "search in one column", 0, 0 },
	[FAULT_HAS_SOME_EVERY] = { "$hasSome wants every", 0, 0 },
	[FAULT_EMPTY_NULL] = { "a NULL array is empty", 0, 0 },
	[FAULT_JSON_AS_TEXT] = { "numbers in jsonb as text", 0, 0 },
	[FAULT_ENUM_AS_TEXT] = { "enum as text", 0, 0 },
	[FAULT_NUMERIC_AS_DOUBLE] = { "numeric as double", 0, 0 },
	[FAULT_INSTANT_CUT] = { "instants cut to milliseconds", 0, 0 },
	[FAULT_TEXT_FOLDED] = { "text compared whatever its case", 0, 0 },
	[FAULT_TIES_REVERSED] = { "ties reversed", 0, 0 },
	[FAULT_NULLS_SMALLEST] = { "NULLs as smallest", 0, 0 },
	[FAULT_NULL_SORT_IGNORED] = { "null_sort ignored", 0, 0 },
	[FAULT_DIRECTION_OF_FIRST] = { "every key in the direction of the first", 0, 0 },
	[FAULT_SORT_JOINS] = { "rows without a related one to sort by left out", 0, 0 },
	[FAULT_DEFAULT_SORT] = { "default sort forgotten", 0, 0 },
	[FAULT_DISTINCT_LAST] = { "the last of equal rows", 0, 0 },
	[FAULT_DISTINCT_TOTAL] = { "equal rows counted", 0, 0 },
	[FAULT_WHOLE_AS_PAGE] = { "a whole list ends after a page", 0, 0 },
	[FAULT_PAGE_OFF_BY_ONE] = { "the first row of a later page left out", 0, 0 },
	[FAULT_CURSOR_TIES] = { "ties behind a cursor left out", 0, 0 },
	[FAULT_CURSOR_NULLS] = { "NULLs behind a cursor left out", 0, 0 },
	[FAULT_INCLUDE_LIMIT] = { "an include without its limit", 0, 0 },
	[FAULT_INCLUDE_ORDER] = { "an include ordered by ids", 0, 0 },
	[FAULT_INCLUDE_FILTER] = { "an include that drops the row it is in", 0, 0 },
	[FAULT_AVG_OF_ROWS] = { "avg counts NULLs", 0, 0 },
	[FAULT_GROUP_NULLS] = { "a group for each NULL", 0, 0 },
	[FAULT_HAVING_IGNORED] = { "having ignored", 0, 0 },
	[FAULT_HIDDEN_SHOWN] = { "hidden columns shown", 0, 0 },
	[FAULT_FORMULAS] = { "formulas in CSV", 0, 0 },
	[FAULT_CSV_NULL] = { "NULL as a word in CSV", 0, 0 },
};

const char *
fault_name(enum fault fault)
{
	return faults[fault].name;
}

unsigned
fault_relaxes(enum fault fault)
{
	return faults[fault].relaxes;
}

unsigned
fault_ways(enum fault fault)
{
	return faults[fault].ways;
}
