/* SPDX-License-Identifier: BSD-2-Clause */
/* write_request.c - flags, versions, and whose rows */
#include "handlers/write_request.h"

#include <string.h>

#include "base/settings.h"
#include "compiler/values.h"
#include "formats/fcgi.h"
#include "serve/platform.h"
#include "serve/preferences.h"

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

bool
write_flags(const struct request *r, struct write_flag *flags, size_t count, struct problem *p)
{
	for (size_t i = 0; i < r->uri.parameter_count; i++)
		if (!read_flag(flags, count, &r->uri.parameters[i], p))
			problem_fault(p,
			    arena_printf(r->arena, "/query/%s", r->uri.parameters[i].name),
			    "unknown", "%s takes no parameter here", r->method_name);
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

/* If-Match into the change; "*" is any version, and the row must be there anyway. */
static bool
read_match(struct change *change, const struct request *r, struct problem *p)
{
	const char **lists = arena_array(r->arena, r->param_count + 1, sizeof(*lists));
	size_t count = 0;

	for (size_t i = 0; i < r->param_count; i++)
		if (strcmp(r->params[i].name, "HTTP_IF_MATCH") == 0)
			lists[count++] = r->params[i].value;
	if (count == 0 && change->model->require_match)
		return problem_raise(p, PROBLEM_MATCH_REQUIRED,
		    "%s is changed with If-Match and the version that was read",
		    change->model->name);
	if (count > 0 && !is_any(lists[0]))
		change->versions = listed_versions(r, lists, count);
	return true;
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
	return change->id != NULL && read_match(change, r, p) ? change : NULL;
}

struct change_reader
write_reader(const struct request *r)
{
	return (struct change_reader){
		.who = &r->principal,
		.strip = r->settings->unknown_fields == UNKNOWN_FIELDS_STRIP,
	};
}

void
write_applied(struct response *response, const struct preferences *prefer)
{
	if (prefer->minimal || prefer->representation)
		response_header(response, HTTP_HEADER_PREFERENCE_APPLIED,
		    prefer->minimal ? "return=minimal" : "return=representation");
}
