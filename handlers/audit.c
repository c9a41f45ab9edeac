/* SPDX-License-Identifier: BSD-2-Clause */
/* audit.c - parameters and envelope of the log's routes
 *
 * Cursors are bound to tenant, path, order and filters, like those of other lists. Forwards there
 * is a cursor behind the last entry even where nothing follows yet: a client that keeps asking gets
 * every entry once. */
#include "handlers/audit.h"

#include <assert.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/tenant.h"
#include "base/text.h"
#include "compiler/access.h"
#include "compiler/kinds.h"
#include "compiler/values.h"
#include "formats/cursor.h"
#include "formats/jsontext.h"
#include "serve/environment.h"
#include "serve/etag.h"
#include "serve/export.h"
#include "serve/past.h"
#include "serve/platform.h"
#include "serve/trail.h"

enum { LIMIT_STANDARD = 50, LIMIT_MOST = 500 };

/* --- parameters ------------------------------------------------------------------------------ */

struct asking {
	struct trail_filter filter;
	const char *order, *limit_text, *after;
	struct trail_query query;
	unsigned place; /* OF_LOG and so on */
	unsigned char binding[CURSOR_BINDING_BYTES];
};

static const char *const types[] = { "user", "api_key", "system", "anonymous", NULL };
static const char *const sources[] = { "auto", "manual", NULL };
static const char *const results[] = { "ok", "refused", "failed", NULL };
static const char *const orders[] = { "desc", "asc", NULL };

/* where a parameter is known: pages, and exports, of the log and of the history of a row */
enum { OF_LOG = 1, OF_ROW = 2, OF_LOG_EXPORT = 4, OF_ROW_EXPORT = 8 };

static const struct parameter {
	const char *name;
	size_t offset;            /* of the text in struct asking */
	const char *const *words; /* the only ones it takes; NULL: any text */
	bool instant;
	unsigned places;
} parameters[] = {
	{ "actorId", offsetof(struct asking, filter.actor_id), NULL, false,
	    OF_LOG | OF_LOG_EXPORT },
	{ "actorType", offsetof(struct asking, filter.actor_type), types, false,
	    OF_LOG | OF_LOG_EXPORT },
	{ "action", offsetof(struct asking, filter.action), NULL, false, OF_LOG | OF_LOG_EXPORT },
	{ "targetType", offsetof(struct asking, filter.target_type), NULL, false,
	    OF_LOG | OF_LOG_EXPORT },
	{ "targetId", offsetof(struct asking, filter.target_id), NULL, false,
	    OF_LOG | OF_LOG_EXPORT },
	{ "source", offsetof(struct asking, filter.source), sources, false,
	    OF_LOG | OF_LOG_EXPORT },
	{ "result", offsetof(struct asking, filter.result), results, false,
	    OF_LOG | OF_LOG_EXPORT },
	{ "from", offsetof(struct asking, filter.from), NULL, true, OF_LOG | OF_LOG_EXPORT },
	{ "to", offsetof(struct asking, filter.to), NULL, true, OF_LOG | OF_LOG_EXPORT },
	{ "order", offsetof(struct asking, order), orders, false,
	    OF_LOG | OF_ROW | OF_LOG_EXPORT | OF_ROW_EXPORT },
	{ "limit", offsetof(struct asking, limit_text), NULL, false, OF_LOG | OF_ROW },
	{ "after", offsetof(struct asking, after), NULL, false, OF_LOG | OF_ROW },
};

static const char **
place_of(struct asking *asking, const struct parameter *parameter)
{
	return (const char **)(void *)((char *)asking + parameter->offset);
}

static const char *
pointer_to(const struct request *r, const char *name)
{
	return arena_printf(r->arena, "/query/%s", name);
}

static const char *
list_words(const struct request *r, const char *const *words)
{
	struct text t;

	text_init(&t, r->arena, 256);
	for (size_t i = 0; words[i] != NULL; i++)
		text_printf(&t, "%s%s", i > 0 ? ", " : "", words[i]);
	return t.bytes;
}

/* The canonical text of an instant, or NULL and a fault. */
static const char *
read_instant(struct request *r, const char *name, const char *text, struct problem *p)
{
	const struct column instant = { .name = name, .json = name, .kind = KIND_INSTANT };
	struct objection objection;
	const char *read = kind_read(&instant, text, r->arena, &objection);

	if (read == NULL)
		problem_fault(p, pointer_to(r, name), objection.code, "%s is %s, not \"%s\"", name,
		    objection.expected, text);
	return read;
}

static const char *
read_word(struct request *r, const struct parameter *parameter, const char *text, struct problem *p)
{
	for (size_t i = 0; parameter->words[i] != NULL; i++)
		if (strcmp(parameter->words[i], text) == 0)
			return parameter->words[i];
	problem_fault(p, pointer_to(r, parameter->name), "enum", "%s is one of %s, not \"%s\"",
	    parameter->name, list_words(r, parameter->words), text);
	return NULL;
}

static void
read_value(struct request *r, struct asking *asking, const struct parameter *parameter,
    const char *text, struct problem *p)
{
	const char **place = place_of(asking, parameter);

	if (*place != NULL)
		problem_fault(
		    p, pointer_to(r, parameter->name), "duplicate", "the parameter was sent twice");
	else if (parameter->instant)
		*place = read_instant(r, parameter->name, text, p);
	else if (parameter->words != NULL)
		*place = read_word(r, parameter, text, p);
	else
		*place = text;
}

static void
read_parameter(
    struct request *r, struct asking *asking, const struct uri_parameter *given, struct problem *p)
{
	struct text names;

	text_init(&names, r->arena, 256);
	for (size_t i = 0; i < COUNT_OF(parameters); i++) {
		if ((parameters[i].places & asking->place) == 0)
			continue;
		if (strcmp(parameters[i].name, given->name) == 0) {
			read_value(r, asking, &parameters[i], given->value, p);
			return;
		}
		text_printf(&names, "%s%s", names.len > 0 ? ", " : "", parameters[i].name);
	}
	problem_fault(p, pointer_to(r, given->name), "unknown",
	    "there is no parameter \"%s\" here; known are %s", given->name, names.bytes);
}

static void
read_limit(struct asking *asking, struct problem *p)
{
	const char *text = asking->limit_text;
	char *end;

	asking->query.limit = LIMIT_STANDARD;
	if (text == NULL)
		return;
	asking->query.limit = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0')
		problem_fault(
		    p, "/query/limit", "type", "limit takes a whole number, not \"%s\"", text);
	else if (asking->query.limit < 1 || asking->query.limit > LIMIT_MOST)
		problem_fault(
		    p, "/query/limit", "range", "limit lies between 1 and %d", LIMIT_MOST);
}

/* --- cursors --------------------------------------------------------------------------------- */

static void
bind_cursors(struct request *r, struct asking *asking)
{
	crypto_generichash_state state;
	const char *texts[COUNT_OF(parameters) + 2] = { r->tenant->id, r->uri.path };
	size_t count = 2;

	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if (strcmp(parameters[i].name, "limit") != 0 &&
		    strcmp(parameters[i].name, "after") != 0)
			texts[count++] = *place_of(asking, &parameters[i]);
	crypto_generichash_init(&state, NULL, 0, sizeof(asking->binding));
	for (size_t i = 0; i < count; i++) {
		const char *text = texts[i] != NULL ? texts[i] : "";

		/* with the NUL, so that two do not run together */
		crypto_generichash_update(&state, (const unsigned char *)text, strlen(text) + 1);
	}
	crypto_generichash_final(&state, asking->binding, sizeof(asking->binding));
}

/* All parameters, with all their faults. */
static bool
read_asking(struct request *r, struct asking *asking, struct problem *p)
{
	for (size_t i = 0; i < r->uri.parameter_count; i++)
		read_parameter(r, asking, &r->uri.parameters[i], p);
	read_limit(asking, p);
	if (problem_raised(p))
		return false;
	asking->query.ascending = asking->order != NULL && strcmp(asking->order, "asc") == 0;
	asking->query.filter = &asking->filter;
	bind_cursors(r, asking);
	if (asking->after != NULL &&
	    (asking->query.after = cursor_open(r->arena, r->environment->cursor_key,
		 asking->binding, asking->after, TRAIL_PLACE)) == NULL)
		return problem_fault(p, "/query/after", "cursor",
		    "it is no cursor of this list: cursors hold for the path, order, filters and "
		    "tenant that they were made with");
	return true;
}

static const char *
cursor_of(struct request *r, const struct asking *asking, const struct result *rows, size_t row)
{
	const char *place[TRAIL_PLACE];
	struct text cursor;

	for (size_t i = 0; i < TRAIL_PLACE; i++)
		place[i] = result_value(rows, row, i, NULL);
	text_init(&cursor, r->arena, 1024);
	cursor_seal(&cursor, r->environment->cursor_key, asking->binding, place, TRAIL_PLACE);
	return cursor.bytes;
}

/* --- the envelope ---------------------------------------------------------------------------- */

static const char *
link_to(struct request *r, const struct asking *asking, const char *after)
{
	struct text link;

	text_init(&link, r->arena, (size_t)4 * LIMIT_URI_BYTES);
	uri_put_path(&link, r->uri.path);
	text_printf(&link, "?limit=%ld", asking->query.limit);
	if (after != NULL)
		text_printf(&link, "&after=%s", after);
	for (size_t i = 0; i < r->uri.parameter_count; i++) {
		const struct uri_parameter *parameter = &r->uri.parameters[i];

		if (strcmp(parameter->name, "limit") == 0 || strcmp(parameter->name, "after") == 0)
			continue;
		text_byte(&link, '&');
		uri_put_form(&link, parameter->name);
		text_byte(&link, '=');
		uri_put_form(&link, parameter->value);
	}
	return link.bytes;
}

static void
put_member(struct jsontext *j, const char *key, const char *value)
{
	jsontext_key(j, key);
	jsontext_string(j, value);
}

/* The place before which nothing will come any more. */
static void
put_final(struct jsontext *j, const struct result *final)
{
	jsontext_key(j, "final");
	jsontext_begin_object(j);
	jsontext_key(j, "timeline");
	jsontext_raw(j, result_value(final, 0, 0, NULL), strlen(result_value(final, 0, 0, NULL)));
	put_member(j, "xid", result_value(final, 0, 1, NULL));
	jsontext_end_object(j);
}

static void
put_meta(struct jsontext *j, const struct asking *asking, bool more, const char *end,
    const struct result *final)
{
	jsontext_key(j, "meta");
	jsontext_begin_object(j);
	jsontext_key(j, "itemsPerPage");
	jsontext_int(j, asking->query.limit);
	jsontext_key(j, "hasNextPage");
	jsontext_bool(j, more);
	put_member(j, "endCursor", end);
	put_member(j, "order", asking->query.ascending ? "asc" : "desc");
	put_final(j, final);
	jsontext_end_object(j);
}

static bool
respond(struct request *r, const struct asking *asking, const struct result *final,
    const struct result *rows, struct response *response)
{
	size_t count = result_rows(rows), shown = count;
	bool more = count > (size_t)asking->query.limit;
	const char *end;
	struct jsontext j;

	shown = more ? (size_t)asking->query.limit : count;
	end = shown > 0 ? cursor_of(r, asking, rows, shown - 1) : asking->after;
	jsontext_init(&j, &response->body);
	jsontext_begin_object(&j);
	jsontext_key(&j, "data");
	jsontext_begin_array(&j);
	for (size_t i = 0; i < shown; i++) {
		size_t len;
		const char *entry = result_value(rows, i, TRAIL_ENTRY, &len);

		jsontext_raw(&j, entry, len);
	}
	jsontext_end_array(&j);
	put_meta(&j, asking, more, end, final);
	jsontext_key(&j, "links");
	jsontext_begin_object(&j);
	put_member(&j, "first", link_to(r, asking, NULL));
	put_member(&j, "current", link_to(r, asking, asking->after));
	put_member(&j, "next",
	    more || (asking->query.ascending && end != NULL) ? link_to(r, asking, end) : NULL);
	jsontext_end_object(&j);
	jsontext_end_object(&j);
	jsontext_done(&j);
	response_json(response, 200);
	etag_body(response, r);
	return true;
}

/* --- routes ---------------------------------------------------------------------------------- */

/* What stands in front in the unit, then how far the log is final, then one entry more than is
 * shown. */
static bool
add_entries(struct unit *unit, struct request *r, const struct asking *asking, struct problem *p)
{
	struct trail_query query = asking->query;

	query.limit++;
	return trail_add_final(unit, r, p) && trail_add(unit, r, &query, p);
}

static bool
add_trail(struct unit *unit, struct request *r, void *query, struct problem *p)
{
	return trail_add(unit, r, query, p);
}

/* Entries that are final only, so that the next export begins where this one ends. */
static bool
export_entries(struct request *r, struct response *response, enum export_format format,
    struct trail_query *query, struct problem *p)
{
	const struct export_source source = { .add = add_trail,
		.what = query,
		.names = trail_columns,
		.name_count = TRAIL__MAX,
		.first = TRAIL_PLACE };

	query->flat = format == EXPORT_CSV;
	query->final_only = true;
	query->limit = 0;
	return export_rows(r, response, format, &source, p);
}

bool
audit_list(struct request *r, struct response *response, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct asking asking = { .place = OF_LOG };
	enum export_format format;
	struct trail_sight sight;

	if (!export_format(r, &format, p))
		return false;
	response_header(response, HTTP_HEADER_VARY, "Accept");
	asking.place = format == EXPORT_NONE ? OF_LOG : OF_LOG_EXPORT;
	if (!trail_look(&sight, r, p) || !read_asking(r, &asking, p))
		return false;
	asking.query.sight = &sight;
	if (format != EXPORT_NONE)
		return export_entries(r, response, format, &asking.query, p);
	return add_entries(unit, r, &asking, p) && request_run(r, unit, p) &&
	    respond(r, &asking, unit_result(unit, 0), unit_result(unit, 1), response);
}

/* The model of the path where it keeps a history that the principal may read. */
static const struct model *
history_model(struct request *r, enum reach *reach, struct problem *p)
{
	const struct model *model = request_model(r, r->variables[0], p);

	if (model == NULL)
		return NULL;
	*reach = access_reach(model, ACTION_HISTORY, &r->principal);
	if (*reach == REACH_NOTHING) {
		access_refuse(model, ACTION_HISTORY, &r->principal, p);
		return NULL;
	}
	if (!model->audit || model->tenancy != TENANCY_TENANT)
		return problem_null(p, PROBLEM_NO_ROUTE, "%s is not audited", model->name);
	return model;
}

/* The answer of a unit that begins with past_add_exists. */
static bool
check_exists(
    const struct request *r, const struct unit *unit, const struct model *model, struct problem *p)
{
	return strcmp(result_value(unit_result(unit, 0), 0, 0, NULL), "t") == 0 ||
	    problem_raise(
		p, PROBLEM_NO_ROW, "%s has no row with id %s", model->name, r->variables[1]);
}

bool
audit_history(struct request *r, struct response *response, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct asking asking = { .place = OF_ROW };
	const struct model *model;
	const struct value *id;
	enum export_format format;
	struct trail_sight sight;
	enum reach reach;

	if ((model = history_model(r, &reach, p)) == NULL || !export_format(r, &format, p))
		return false;
	response_header(response, HTTP_HEADER_VARY, "Accept");
	asking.place = format == EXPORT_NONE ? OF_ROW : OF_ROW_EXPORT;
	id = value_read_key(model->id, r->variables[1], "/path/id", r->arena, p);
	if (!read_asking(r, &asking, p) || id == NULL)
		return false;
	trail_look_at(&sight, r, model);
	asking.query.sight = &sight;
	asking.filter.target_type = model->table;
	asking.filter.target_id = id->bytes;
	if (!past_add_exists(unit, r, model, id, reach == REACH_OWN_ROWS, p))
		return false;
	if (format != EXPORT_NONE) /* known before the first byte leaves */
		return request_run(r, unit, p) && check_exists(r, unit, model, p) &&
		    export_entries(r, response, format, &asking.query, p);
	return add_entries(unit, r, &asking, p) && request_run(r, unit, p) &&
	    check_exists(r, unit, model, p) &&
	    respond(r, &asking, unit_result(unit, 1), unit_result(unit, 2), response);
}

bool
audit_asks_past(const struct request *r)
{
	for (size_t i = 0; i < r->uri.parameter_count; i++)
		if (strcmp(r->uri.parameters[i].name, "asOf") == 0)
			return true;
	return false;
}

/* asOf alone: what is included in a row, or left out of it, is of now. */
static const char *
read_past(struct request *r, struct problem *p)
{
	const struct uri_parameter *given = r->uri.parameters;

	for (size_t i = 0; i < r->uri.parameter_count; i++)
		if (r->uri.parameter_count > 1)
			problem_fault(
			    p, pointer_to(r, given[i].name), "conflict", "asOf stands alone");
	return problem_raised(p) ? NULL : read_instant(r, "asOf", given[0].value, p);
}

bool
audit_as_of(
    struct request *r, const struct model *model, struct response *response, struct problem *p)
{
	enum reach history, read = access_reach(model, ACTION_READ, &r->principal);
	struct past_question question = { .model = model };

	if (read == REACH_NOTHING)
		return access_refuse(model, ACTION_READ, &r->principal, p);
	if (history_model(r, &history, p) == NULL)
		return false;
	question.id = value_read_key(model->id, r->variables[1], "/path/id", r->arena, p);
	question.instant = read_past(r, p);
	question.own = read == REACH_OWN_ROWS || history == REACH_OWN_ROWS;
	if (question.id == NULL || question.instant == NULL ||
	    !past_read(r, &question, &response->body, p))
		return false;
	response_json(response, 200);
	etag_body(response, r);
	return true;
}
