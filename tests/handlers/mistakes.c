/* SPDX-License-Identifier: BSD-2-Clause */
/* mistakes.c - handlers that do what a handler must not do, and some that do what is rare */
#include "serve/handler.h"

MODEL_REF POST = MODEL("posts"), PRODUCT = MODEL("products");
COLUMN_REF TITLE = COLUMN(POST, "title"), PRICE = COLUMN(PRODUCT, "price"),
	   STOCK = COLUMN(PRODUCT, "stock");

static const struct authority listed = AUTHORITY(PRODUCT, ACTION_UPDATE, "the test may");
static const struct authority unlisted = AUTHORITY(PRODUCT, ACTION_UPDATE, "nobody said so");
static const struct authority *const listed_authorities[] = { &listed, NULL };

static const struct unit_options reading = { .read_only = true };

#define MISTAKE(name)                                                                              \
	static bool name(struct request *request, struct response *response, struct problem *p)

MISTAKE(answers_nothing)
{
	(void)request, (void)response, (void)p;
	return true;
}

MISTAKE(fails_silently)
{
	(void)request, (void)response, (void)p;
	return false;
}

/* With a change that must be rolled back. */
MISTAKE(leaves_open)
{
	struct unit *unit = unit_begin(request);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), FOR_UPDATE);

	unit_update(unit, post, set_text(TITLE, "left open"));
	unit_find(unit, POST, by_path(request, "id"), 0);
	return !problem_raised(p) && respond_json(response, 200, "{}");
}

MISTAKE(begins_twice)
{
	unit_begin(request);
	return unit_commit(unit_begin(request)) && !problem_raised(p) &&
	    respond_json(response, 200, "{}");
}

MISTAKE(goes_on_behind_commit)
{
	struct unit *unit = unit_begin(request);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), 0);

	if (!unit_commit(unit))
		return false;
	unit_update(unit, post, set_text(TITLE, "too late"));
	return !problem_raised(p) && respond_json(response, 200, "{}");
}

MISTAKE(writes_while_reading)
{
	struct unit *unit = unit_begin_as(request, &reading);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), 0);

	(void)p;
	unit_update(unit, post, set_text(TITLE, "read only"));
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

MISTAKE(takes_unlisted)
{
	struct unit *unit = unit_begin(request);

	(void)p;
	unit_authority(unit, &unlisted);
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

MISTAKE(mixes_columns)
{
	struct unit *unit = unit_begin(request);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), 0);

	(void)p;
	row_text(post, PRICE);
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

MISTAKE(logs_undeclared)
{
	struct unit *unit = unit_begin(request);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), 0);

	(void)p;
	unit_log(unit, "posts.invented", post, NULL);
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

MISTAKE(sql_while_writing)
{
	struct unit *unit = unit_begin(request);

	(void)p;
	unit_sql(unit, "SELECT 1", SQL_NOTHING);
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

/* --- what is no mistake -------------------------------------------------------------------- */

/* One product more, by whoever asks: with the authority only. */
MISTAKE(with_authority)
{
	struct unit *unit = unit_begin(request);
	struct row *product = unit_find(unit, PRODUCT, by_path(request, "id"), FOR_UPDATE);

	(void)p;
	unit_authority(unit, &listed);
	unit_update(unit, product, set_add(STOCK, 1));
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

MISTAKE(without_authority)
{
	struct unit *unit = unit_begin(request);
	struct row *product = unit_find(unit, PRODUCT, by_path(request, "id"), FOR_UPDATE);

	(void)p;
	unit_update(unit, product, set_add(STOCK, 1));
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

/* Read, then write what was read and one: right only when it is run again after 40001. */
MISTAKE(serializable)
{
	struct unit *unit =
	    unit_begin_as(request, &(struct unit_options){ .isolation = UNIT_SERIALIZABLE });
	struct row *product = unit_find(unit, PRODUCT, by_path(request, "id"), 0);

	(void)p;
	unit_authority(unit, &listed);
	unit_update(unit, product, set_int(STOCK, row_int(product, STOCK) + 1));
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

/* The control: the same without the level. */
MISTAKE(read_committed)
{
	struct unit *unit = unit_begin(request);
	struct row *product = unit_find(unit, PRODUCT, by_path(request, "id"), 0);

	(void)p;
	unit_authority(unit, &listed);
	unit_update(unit, product, set_int(STOCK, row_int(product, STOCK) + 1));
	return unit_commit(unit) && respond_json(response, 200, "{}");
}

/* Deleted posts, for who may restore them. */
MISTAKE(only_deleted)
{
	struct unit *unit = unit_begin_as(request, &reading);
	struct rows *rows = unit_find_many(unit, POST, ONLY_DELETED, by_path(request, "id"));

	(void)p;
	return unit_commit(unit) &&
	    respond_json(response, 200, rows_count(rows) == 1 ? "{\"found\":1}" : "{\"found\":0}");
}

/* How many posts the row's author has, deleted ones too: none that row security hides. */
MISTAKE(counts_in_sql)
{
	struct unit *unit = unit_begin_as(request, &reading);
	struct table *table = unit_sql(unit,
	    "SELECT count(*) FROM posts AS o WHERE o.title <> $2 AND o.author_id = "
	    "(SELECT p.author_id FROM posts AS p WHERE p.id = $1::uuid)",
	    request_path(request, "id"), "'); DROP TABLE posts; --");
	const char *count = table_rows(table) == 1 ? table_text(table, 0, 0) : "-1";

	(void)p;
	return unit_commit(unit) &&
	    respond_json(
		response, 200, arena_printf(request_arena(request), "{\"count\":%s}", count));
}

MISTAKE(with_a_key)
{
	struct unit *unit = unit_begin(request);
	struct row *product = unit_find(unit, PRODUCT, by_path(request, "id"), FOR_UPDATE);

	(void)p;
	unit_authority(unit, &listed);
	unit_update(unit, product, set_add(STOCK, 1));
	return unit_commit(unit) && respond_json(response, 200, "{\"added\":1}");
}

#define ON_POSTS(function)                                                                         \
	{                                                                                          \
		HTTP_POST, "/posts/{id}/" #function, HANDLER(function), .needs = NEED_PRINCIPAL,   \
									.summary = #function       \
	}
#define ON_PRODUCTS(function, more)                                                                \
	{                                                                                          \
		HTTP_POST, "/products/{id}/" #function, HANDLER(function),                         \
		    .needs = NEED_PRINCIPAL | (more), .authorities = listed_authorities,           \
		    .summary = #function                                                           \
	}

static const struct route routes[] = {
	ON_POSTS(answers_nothing),
	ON_POSTS(fails_silently),
	ON_POSTS(leaves_open),
	ON_POSTS(begins_twice),
	ON_POSTS(goes_on_behind_commit),
	ON_POSTS(writes_while_reading),
	ON_POSTS(takes_unlisted),
	ON_POSTS(mixes_columns),
	ON_POSTS(logs_undeclared),
	ON_POSTS(only_deleted),
	ON_POSTS(sql_while_writing),
	ON_POSTS(counts_in_sql),
	ON_PRODUCTS(with_authority, 0),
	ON_PRODUCTS(without_authority, 0),
	ON_PRODUCTS(serializable, 0),
	ON_PRODUCTS(read_committed, 0),
	ON_PRODUCTS(with_a_key, NEED_KEY),
};

HANDLER_MODULE("mistakes", routes);
