/* SPDX-License-Identifier: BSD-2-Clause */
/* agreement.c - an answer of the program beside that of an evaluator */
#include "oracle/agreement.h"

#include <json-c/json.h>
#include <string.h>

#include "oracle/difference.h"
#include "oracle/pool.h"

static struct json_object *
member(struct json_object *json, const char *name)
{
	struct json_object *there = NULL;

	json_object_object_get_ex(json, name, &there);
	return there;
}

static void
expect_int(struct json_object *numbers, const char *name, size_t value)
{
	json_object_object_add(numbers, name, json_object_new_int64((int64_t)value));
}

/* What a page must have said besides its rows (P19, P20). */
static struct json_object *
expected_numbers(const struct asked *asked, const struct answered *a)
{
	struct json_object *numbers = json_object_new_object();
	size_t limit = (size_t)asked_limit(asked);
	bool counted =
	    asked->count != NULL ? strcmp(asked->count, "none") != 0 : asked->walk == NULL;

	expect_int(numbers, "itemsPerPage", limit);
	if (counted)
		expect_int(numbers, "totalItems", a->total);
	else
		json_object_object_add(numbers, "totalItems", NULL);
	if (asked->walk != NULL) {
		json_object_object_add(
		    numbers, "hasNextPage", json_object_new_boolean(asked->end < a->total));
		json_object_object_add(
		    numbers, "hasPreviousPage", json_object_new_boolean(asked->first > 0));
		return numbers;
	}
	expect_int(numbers, "currentPage", asked->page > 0 ? (size_t)asked->page : 1);
	if (counted)
		expect_int(
		    numbers, "totalPages", a->total == 0 ? 1 : (a->total + limit - 1) / limit);
	return numbers;
}

static const char *
numbers_difference(
    const struct asked *asked, const struct answered *a, struct json_object *got, struct pool *p)
{
	struct json_object *wanted = expected_numbers(asked, a), *meta = member(got, "meta");
	const char *found = NULL;

	json_object_object_foreach(wanted, name, value)
	{
		if (found == NULL &&
		    (found = json_difference(value, member(meta, name), p)) != NULL)
			found = pool_printf(p, "meta.%s: %s", name, found);
	}
	json_object_put(wanted);
	return found;
}

const char *
disagreement(const struct rows *rows, enum fault fault, const struct asked *asked,
    const struct reply *reply, struct pool *p)
{
	struct answered a = evaluate(rows, fault, asked, p);
	const char *found;

	if (reply->status != a.status)
		found = pool_printf(p, "status: expected %d, got %d", a.status, reply->status);
	else if (reply->status != 200)
		found = NULL;
	else if (!asked_is_list(asked))
		found = json_difference(a.data, reply->body, p);
	else if ((found = json_difference(a.data, member(reply->body, "data"), p)) == NULL)
		found = numbers_difference(asked, &a, reply->body, p);
	json_object_put(a.data);
	return found;
}
