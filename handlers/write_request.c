/* SPDX-License-Identifier: BSD-2-Clause */
/* write_request.c - flags, versions, and whose rows */
#include "handlers/write_request.h"

#include <string.h>

#include "base/settings.h"
#include "compiler/values.h"
#include "formats/fcgi.h"
#include "serve/platform.h"

static bool
read_flag(
    struct write_flag *flags, size_t count, const struct uri_parameter *given, struct problem *p)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(flags[i].name, given->name) != 0)
			continue;
		flags[i].value = strcmp(given->value, "true") == 0;
		if (!flags[i].value && strcmp(given->value, "false") != 0)
			problem_fault(p, flags[i].pointer, "type", "use true or false");
		return true;
	}
	return false;
}

void
write_refuse_parameter(const struct request *r, const char *name, struct problem *p)
{
	problem_fault(p, arena_printf(r->arena, "/query/%s", text_shortened(name, r->arena)),
	    "unknown", "%s takes no such parameter here", r->method_name);
}

bool
write_flags(const struct request *r, struct write_flag *flags, size_t count, struct problem *p)
{
	for (size_t i = 0; i < r->uri.parameter_count; i++)
		if (!read_flag(flags, count, &r->uri.parameters[i], p))
			write_refuse_parameter(r, r->uri.parameters[i].name, p);
	return !problem_raised(p);
}

/* The versions that If-Match lists (RFC 9110, 13.1.1): "v12". A tag of another form is of no
 * row, so a list of nothing but those matches none. */
static const struct value *
listed_versions(const struct request *r, const char *const *lists, size_t count)
{
	struct text array;
	const char *tag;
	size_t len;

	text_init(&array, r->arena, LIMIT_PARAMS_BYTES);
	text_byte(&array, '{');
	for (size_t i = 0; i < count; i++)
		for (const char *at = lists[i]; (tag = http_etag_next(&at, &len)) != NULL;) {
			size_t digits = strspn(tag + 2, "0123456789");

			if (tag[1] != 'v' || digits == 0 || digits > 18 || digits + 3 != len)
				continue;
			if (array.len > 1)
				text_byte(&array, ',');
			text_put(&array, tag + 2, digits);
		}
	text_byte(&array, '}');
	return value_new(r->arena, SQLTYPE_INT8_ARRAY, array.bytes);
}

static bool
is_any(const char *list)
{
	list += strspn(list, " \t");
	return list[0] == '*' && list[1 + strspn(list + 1, " \t")] == '\0';
}

/* If-Match into the change; "*" is any version, and the row must be there anyway. False when it was
 * not sent. */
static bool
read_match(struct change *change, const struct request *r)
{
	const char **lists = arena_array(r->arena, r->param_count + 1, sizeof(*lists));
	size_t count = 0;

	for (size_t i = 0; i < r->param_count; i++)
		if (strcmp(r->params[i].name, "HTTP_IF_MATCH") == 0)
			lists[count++] = r->params[i].value;
	if (count > 0 && !is_any(lists[0]))
		change->versions = listed_versions(r, lists, count);
	return count > 0;
}

static bool
require_match(const struct model *model, struct problem *p)
{
	return !model->require_match ||
	    problem_raise(p, PROBLEM_MATCH_REQUIRED,
		"%s is changed with If-Match and the version that was read", model->name);
}

bool
write_upsert_match(struct change *change, const struct request *r, struct problem *p)
{
	const char *none = request_param(r, "HTTP_IF_NONE_MATCH");
	struct upsert *u = change->upsert;

	if (none != NULL && !is_any(none))
		return problem_fault(p, "/header/If-None-Match", "value",
		    "If-None-Match takes * here: only where there is no such row");
	u->must_be_new = none != NULL;
	u->must_exist = read_match(change, r);
	if (u->must_be_new && u->must_exist)
		return problem_fault(p, "/header/If-None-Match", "conflict",
		    "If-Match and If-None-Match do not go together");
	return u->must_be_new || u->must_exist || require_match(change->model, p);
}

const struct model *
write_model(struct request *r, enum action action, struct problem *p)
{
	const struct model *model = request_model(r, r->variables[0], p);

	return model != NULL && access_may_begin(model, action, &r->principal, p) ? model : NULL;
}

struct change *
write_row_change(struct request *r, enum action action, struct problem *p)
{
	const struct model *model = write_model(r, action, p);
	struct change *change;

	if (model == NULL)
		return NULL;
	change = change_new(r->arena, action, model);
	change->id = value_read_key(change->model->id, r->variables[1], "/path/id", r->arena, p);
	if (change->id == NULL || (!read_match(change, r) && !require_match(model, p)))
		return NULL;
	return change;
}

struct change_reader
write_reader(const struct request *r)
{
	return (struct change_reader){
		.who = &r->principal,
		.strip = r->settings->unknown_fields == UNKNOWN_FIELDS_STRIP,
	};
}

/* --- keys ---------------------------------------------------------------------------------- */

bool
write_key_id(const struct model *model, const char *pointer, const struct unique_key **key,
    struct problem *p)
{
	*key = model_key(model, &model->id, 1);
	return model->client_ids ||
	    problem_fault(p, pointer, "client_ids",
		"the ids of %s are the server's to make: say by= and the columns of a key, or "
		"change a row",
		model->name);
}

const struct unique_key *
write_key(const struct model *model, const char *by, const char *pointer, struct arena *arena,
    struct problem *p)
{
	const struct column **columns =
	    arena_array(arena, model->column_count, sizeof(struct column *));
	const struct unique_key *key = NULL;
	const struct column *column = NULL;
	size_t count = 0;

	if (model->id->kind != KIND_UUID && !model->id->has_default) {
		problem_fault(p, pointer, "client_ids",
		    "the ids of %s are the client's to choose: they name the rows", model->name);
		return NULL;
	}
	while (by != NULL && count < model->column_count &&
	    (column = model_column(model, text_piece(&by, ',', arena))) != NULL)
		columns[count++] = column;
	if (column != NULL && by == NULL)
		key = model_key(model, columns, count);
	if (key != NULL && !key->primary)
		return key;
	problem_fault(p, pointer, "key", "by= takes the columns of a unique key of %s: %s",
	    model->name, model_keys(model, arena));
	return NULL;
}
