/* SPDX-License-Identifier: BSD-2-Clause */
/* handler.h - the one header that a handler includes
 *
 * A handler answers one route. By the time it runs its row of the table (handlers/routes.c) has
 * been seen to: tenant, principal and role are known, query and body are read against their tables
 * of fields. It works in units, one transaction each, and answers:
 *
 *	MODEL_REF  POST = MODEL("posts");
 *	COLUMN_REF PUBLISHED = COLUMN(POST, "published"),
 *		   PUBLISHED_AT = COLUMN(POST, "published_at");
 *
 *	bool
 *	posts_publish(struct request *request, struct response *response, struct problem *p)
 *	{
 *		struct unit *unit = unit_begin(request);
 *		struct row *post = unit_find(unit, POST, by_path(request, "id"), FOR_UPDATE);
 *		struct shown *shown;
 *
 *		if (!row_bool(post, PUBLISHED))
 *			unit_update(unit, post, set_bool(PUBLISHED, true), set_now(PUBLISHED_AT));
 *		unit_log(unit, "posts.published", post, NULL);
 *		shown = unit_show(unit, POST, by_row(post), ASK_NOTHING);
 *		return unit_commit(unit) && respond_row(response, 200, shown);
 *	}
 *
 * Failures are sticky: the first problem stays, every later step of the unit does nothing, rows
 * read as NULL, 0 and false, and unit_commit is false. So the one check is at the end, unless the
 * handler has a reason of its own to stop: `return respond_problem(p, PROBLEM_CONFLICT, ...)`.
 *
 * All of it goes through the stages that clients' requests go through. Column rules (hidden,
 * read_only, restricted) bind clients and not a handler; row rules bind both, unless the unit takes
 * an authority that its route lists. Tenancy, soft delete and audit are never waived.
 *
 * A unit that lost a race (40001, 40P01) or whose worker had an old catalogue is run again, at most
 * three times, with the whole handler and a fresh response; so a handler does nothing to the
 * outside that may not be done twice, and keeps nothing between calls. A handler that answers
 * nothing, or leaves a unit open, is a 500 that is logged with its name, and the unit is rolled
 * back. Whatever is handed out lives until the answer has left; nothing is freed. */
#ifndef SERVE_HANDLER_H
#define SERVE_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/principal.h"
#include "base/problem.h"
#include "base/tenant.h"
#include "serve/body.h"
#include "serve/handles.h"
#include "serve/router.h"

struct request;
struct response;
struct row;
struct rows;
struct shown;
struct unit;

/* For a row of the table of routes: the handler, and its name for the log. */
#define HANDLER(function) (function), .name = #function

/* --- shared objects --------------------------------------------------------------------------- */

/* What handlers that are built outside the tree were built for. It is raised whenever a struct or a
 * function of the headers changes, so that no object is run by a program that it does not fit. */
enum { HANDLER_ABI = 1 };

/* What a shared object of the setting handler_dir says of itself. Its routes stand before those of
 * the program's own handlers. */
struct handler_module {
	unsigned abi; /* HANDLER_ABI */
	const char *name;
	const struct route *routes;
	size_t route_count;
	struct handles handles;
};

/* At the end of one file of the object: HANDLER_MODULE("hello", routes); */
#define HANDLER_MODULE(module_name, table)                                                         \
	HANDLES_DECLARE;                                                                           \
	extern const struct handler_module rowhouse_module;                                        \
	const struct handler_module rowhouse_module = { HANDLER_ABI, module_name, table,           \
		COUNT_OF(table), HANDLES_HERE }

/* --- the request ------------------------------------------------------------------------------ */

const struct principal *request_principal(const struct request *) __attribute__((returns_nonnull));
const struct tenant *request_tenant(const struct request *); /* NULL: the route needs none */
struct arena *request_arena(const struct request *) __attribute__((returns_nonnull));

/* A segment of the path by its name in the template: "id" of /posts/{id}/publish. A name that the
 * template has not is our own mistake and aborts. */
const char *request_path(const struct request *, const char *name) __attribute__((returns_nonnull));

/* What was read by the route's schemas: the struct that the schema names. */
const void *request_body(const struct request *) __attribute__((returns_nonnull));
const void *request_query(const struct request *) __attribute__((returns_nonnull));

/* Whether there is anything behind the path's question mark. */
bool request_has_parameters(const struct request *);

/* Hash a new password as the settings say; NULL and a problem when too many are being hashed, and a
 * fault of the member "password" when it does not obey the rules of the registration. */
const char *
request_hash_password(struct request *, const char *password, struct problem *) MUST_CHECK;

/* --- units ------------------------------------------------------------------------------------ */

enum unit_isolation { UNIT_READ_COMMITTED, UNIT_REPEATABLE_READ, UNIT_SERIALIZABLE };

struct unit_options {
	bool read_only;
	enum unit_isolation isolation;
	long timeout_ms; /* of each of its statements; 0: what the role has (5 s) */
};

/* Begin to work for the request's tenant and principal. One unit is open at a time, and at most one
 * that writes, as the last: an Idempotency-Key stands for one transaction. Nothing is sent before
 * a step needs an answer; what needs none (updates, shows) leaves with the next that does, or with
 * COMMIT. Never NULL. */
struct unit *unit_begin(struct request *) __attribute__((returns_nonnull));
struct unit *
unit_begin_as(struct request *, const struct unit_options *) __attribute__((returns_nonnull));

/* COMMIT. False when the unit has failed, here or before; it is rolled back then. */
bool unit_commit(struct unit *) MUST_CHECK;

/* Take an authority that the unit's route lists; from here on. */
void unit_authority(struct unit *, const struct authority *);

/* --- finding ---------------------------------------------------------------------------------- */

/* A condition; texts are typed by the column, and what is no value of it is a fault. */
struct where {
	enum where_kind { WHERE_ID, WHERE_EQUAL, WHERE_ANY, WHERE_NULL } kind;
	struct column_ref column; /* none with WHERE_ID */
	const char *text;         /* NULL compares to nothing: no row is found */
	const char *const *texts; /* WHERE_ANY, NULL-terminated */
	const char *pointer;      /* where a client said it, "/path/id"; NULL: in the body */
};

struct where by_id(const char *id);
struct where by_path(const struct request *, const char *name); /* the id that the path names */
struct where by_row(const struct row *);
struct where by(struct column_ref, const char *text);
struct where by_any(struct column_ref, const char *const *texts);
struct where by_null(struct column_ref);

enum find {
	FOR_UPDATE = 1,   /* lock what is found until the unit ends */
	WITH_DELETED = 2, /* for who may restore them, as withDeleted of a list */
	ONLY_DELETED = 4,
	OPTIONAL = 8, /* unit_find: there may be none, and that is no problem */
};

/* The row of a model. NULL when there is none that the principal may read: PROBLEM_NO_ROW, or
 * nothing with OPTIONAL. flags are enum find, joined; 0 is none. */
struct row *unit_find(struct unit *, struct model_ref, struct where, unsigned flags);

/* All rows that fulfil all conditions, in the order of their ids; locked in that order, so that two
 * units never wait for each other in a circle. NULL when the unit has failed. */
#define unit_find_many(unit, model, flags, ...)                                                    \
	unit_find_many_((unit), (model), (flags), (const struct where[]){ __VA_ARGS__ },           \
	    sizeof((const struct where[]){ __VA_ARGS__ }) / sizeof(struct where))
struct rows *unit_find_many_(
    struct unit *, struct model_ref, unsigned flags, const struct where *, size_t count);

size_t rows_count(const struct rows *);           /* NULL has none */
struct row *rows_at(const struct rows *, size_t); /* below the count */

/* What a row had when it was found, hidden columns too: in text as JSON shows it, without quotes;
 * NULL is SQL NULL, or no row. Of a row that unit_create made only the id is known. */
const char *row_id(const struct row *);
const char *row_text(const struct row *, struct column_ref);
int64_t row_int(const struct row *, struct column_ref); /* 0 for NULL */
bool row_bool(const struct row *, struct column_ref);   /* false for NULL */

/* What no step here can ask, in SQL: in a unit that only reads, of a literal text whose $1, $2 are
 * the parameters behind it, as text (say $1::uuid). Row security keeps it in the tenant; deleted
 * rows and row rules are the text's to see to. NULL when the unit has failed. */
struct table;
#define SQL_NOTHING ((const char *)0)
#define unit_sql(unit, sql, ...)                                                                   \
	unit_sql_((unit), "" sql "", sizeof(sql) - 1, (const char *const[]){ __VA_ARGS__ },        \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))
struct table *
unit_sql_(struct unit *, const char *sql, size_t len, const char *const *parameters, size_t count);

size_t table_rows(const struct table *);                                 /* NULL has none */
const char *table_text(const struct table *, size_t row, size_t column); /* NULL is SQL NULL */

/* --- writing ---------------------------------------------------------------------------------- */

/* What a column becomes. */
struct set {
	struct column_ref column;
	enum set_kind { SET_TEXT, SET_INT, SET_NOW, SET_ADD } kind;
	const char *text; /* SET_TEXT: NULL is SQL NULL */
	int64_t number;   /* SET_INT; SET_ADD: to what is stored */
};

struct set set_text(struct column_ref, const char *text); /* of any type, as PostgreSQL reads it */
struct set set_null(struct column_ref);
struct set set_bool(struct column_ref, bool);
struct set set_int(struct column_ref, int64_t);
struct set set_now(struct column_ref); /* when the unit began */
struct set set_add(struct column_ref, int64_t);

/* A new row. Its id is known at once where it is a uuid, else once it was inserted, which sends
 * what the unit has so far. */
#define unit_create(unit, model, ...)                                                              \
	unit_create_((unit), (model), (const struct set[]){ __VA_ARGS__ },                         \
	    sizeof((const struct set[]){ __VA_ARGS__ }) / sizeof(struct set))
struct row *unit_create_(struct unit *, struct model_ref, const struct set *, size_t count);

/* Lock, log and change a row that was found. */
#define unit_update(unit, row, ...)                                                                \
	unit_update_((unit), (row), (const struct set[]){ __VA_ARGS__ },                           \
	    sizeof((const struct set[]){ __VA_ARGS__ }) / sizeof(struct set))
void unit_update_(struct unit *, struct row *, const struct set *, size_t count);

/* Fail as unit_update would where the principal may not change the row: 403. */
void unit_may_update(struct unit *, struct row *);

/* Soft where the model is, with all that goes along. */
void unit_delete(struct unit *, struct row *);

/* The whole group that was deleted with the row. */
void unit_restore(struct unit *, struct row *);

struct fact {
	const char *name, *text;
};

/* An entry of the log for its own sake, about a row; action is the one of the route. facts end with
 * a NULL name and stand in its metadata; NULL: none. */
void unit_log(struct unit *, const char *action, const struct row *, const struct fact *facts);

/* --- showing ---------------------------------------------------------------------------------- */

/* What the query grammar asks (rowhouse-query(7)): ask("include", "author"), and so on. */
struct ask {
	const char *name, *value;
};

static inline struct ask
ask(const char *name, const char *value)
{
	return (struct ask){ name, value };
}

#define ASK_NOTHING ask(NULL, NULL)

/* Read a row as a client is shown it, as the unit has made it by then; the text is there once the
 * unit has committed. What is asked are include and select. */
#define unit_show(unit, model, where, ...)                                                         \
	unit_show_((unit), (model), (where), (const struct ask[]){ __VA_ARGS__, ASK_NOTHING })
struct shown *unit_show_(struct unit *, struct model_ref, struct where, const struct ask *);

/* The first step of its unit, and the only one: a page of a list. It is what is asked here, and
 * what the client asks beside it (page, limit, sortBy, ...), without the parameters of the route's
 * own schema. */
#define unit_page(unit, model, ...)                                                                \
	unit_page_((unit), (model), (const struct ask[]){ __VA_ARGS__, ASK_NOTHING })
struct shown *unit_page_(struct unit *, struct model_ref, const struct ask *);

/* --- the cache -------------------------------------------------------------------------------- */

/* A route that says `cache` is answered from memory without running its handler, as long as no unit
 * writes to the models of its rule (router.h); which the handler need not know.
 *
 * Something smaller than an answer: the JSON text of that name for the request's tenant and class
 * of principals, by the rule of its route; else what compute makes, which is kept. Of several that
 * ask at once one computes, and the others wait for it. NULL and a problem when compute fails. */
typedef const char *cache_compute_fn(struct request *, void *context, struct problem *);
const char *cache_get_or_compute(
    struct request *, const char *name, cache_compute_fn *compute, void *context, struct problem *);

/* What was kept under that name, of a rule or a call, for any principal of the tenant, is gone on
 * all hosts once the unit has committed. */
void cache_delete(struct unit *, const char *name);

/* --- answering -------------------------------------------------------------------------------- */

/* What was raised is a lost race: forget it, and run the handler again as after 40001. Always
 * false. For a value that was free when the handler looked, and taken when it wrote. */
bool respond_again(struct problem *);

/* Raise a problem instead of an answer: respond_problem(p, PROBLEM_CONFLICT, "...", ...). Always
 * false. problem_fault(p, "#/items/0", "stock", "...") does the same for one field, as often as
 * there are faults. */
#define respond_problem(...) problem_raise(__VA_ARGS__)

/* A JSON text of the handler's own; 204 where it is NULL. True. */
bool respond_json(struct response *, int status, const char *json);

/* What unit_show has read: PROBLEM_NO_ROW where there was none. */
bool respond_row(struct response *, int status, const struct shown *);

/* 201 with Location: the path of the model, and the row's id. */
bool respond_created(struct response *, const struct row *, const struct shown *);

/* {data, meta, links} of unit_page. */
bool respond_page(struct response *, const struct shown *);

#endif
