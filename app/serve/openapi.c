/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi.c - the document around its components: paths and operations
 *
 * A route with {model} is described once for each model that has it. */
#include "serve/openapi.h"

#include <string.h>

#include "base/arena.h"
#include "base/settings.h"
#include "base/text.h"
#include "formats/jsontext.h"
#include "serve/openapi_parts.h"
#include "serve/router.h"

/* --- targets --------------------------------------------------------------------------------- */

struct targets {
	struct openapi_target *list;
	size_t count;
};

/* A path's first segment is {model}, or {model=posts}; what is in it behind the name. NULL: it is
 * neither. */
static const char *
model_segment(const char *path)
{
	static const char variable[] = "/{model";

	return strncmp(path, variable, strlen(variable)) == 0 ? path + strlen(variable) : NULL;
}

static void
add(struct openapi_writing *w, struct targets *targets, const struct route *route,
    const struct model *model)
{
	const char *path = route->path;

	if (model != NULL)
		path = arena_printf(w->arena, "/%s%s", model->name, strchr(path, '}') + 1);
	targets->list[targets->count++] = (struct openapi_target){ .route = route,
		.path = path,
		.model = model,
		.home = catalogue_model(w->options->catalogue,
		    arena_copy(w->arena, path + 1, strcspn(path + 1, "/"))) };
}

/* Routes of one path, or of one model. */
static void
add_fixed(struct openapi_writing *w, struct targets *targets, const struct route *route)
{
	const char *segment = model_segment(route->path);
	const struct model *model = NULL;

	if (segment != NULL) {
		model = catalogue_model(w->options->catalogue,
		    arena_copy(w->arena, segment + 1, strcspn(segment + 1, "}")));
		if (model == NULL)
			return;
	}
	add(w, targets, route, model);
}

static bool
is_of_any_model(const struct route *route)
{
	const char *segment = model_segment(route->path);

	return segment != NULL && segment[0] == '}';
}

/* Every route in every place, in the order in which the router looks. */
static void
find_targets(struct openapi_writing *w, struct targets *targets)
{
	const struct catalogue *catalogue = w->options->catalogue;
	const struct route_table *table = w->options->routes;

	targets->count = 0;
	targets->list = arena_array(
	    w->arena, table->count * (catalogue->model_count + 1), sizeof(*targets->list));
	for (size_t i = 0; i < table->count; i++)
		if (!is_of_any_model(&table->routes[i]))
			add_fixed(w, targets, &table->routes[i]);
	for (size_t m = 0; m < catalogue->model_count; m++)
		for (size_t i = 0; i < table->count; i++)
			if (is_of_any_model(&table->routes[i]))
				add(w, targets, &table->routes[i], &catalogue->models[m]);
}

/* --- paths --------------------------------------------------------------------------------- */

/* One variable of a path; the id of a model that the path begins with has its type. */
static void
put_variable(struct openapi_writing *w, const struct openapi_target *target, const char *name)
{
	bool id = target->home != NULL && strcmp(name, "id") == 0;

	jsontext_begin_object(&w->j);
	jsontext_put_string(&w->j, "name", name);
	jsontext_put_string(&w->j, "in", "path");
	jsontext_put_bool(&w->j, "required", true);
	jsontext_key(&w->j, "schema");
	if (id)
		schema_column(&w->j, target->home->id, SCHEMA_READ);
	else
		jsontext_raw(&w->j, "{\"type\":\"string\"}", 17);
	jsontext_end_object(&w->j);
}

static void
put_variables(struct openapi_writing *w, const struct openapi_target *target)
{
	const char *at = strchr(target->path, '{');

	if (at == NULL)
		return;
	jsontext_key(&w->j, "parameters");
	jsontext_begin_array(&w->j);
	for (; at != NULL; at = strchr(at + 1, '{'))
		put_variable(w, target, arena_copy(w->arena, at + 1, strcspn(at + 1, "}")));
	jsontext_end_array(&w->j);
}

/* The methods' names are in small letters here; QUERY has none. */
static const char *
method_key(struct openapi_writing *w, enum http_method method)
{
	char *name;

	if (method == HTTP_QUERY)
		return "x-query";
	name = arena_string(w->arena, http_method_name(method));
	for (char *c = name; *c != '\0'; c++)
		*c = (char)(*c | 0x20);
	return name;
}

/* One path with the operations of all routes that have it; of two for one method the first. */
static void
put_path(struct openapi_writing *w, const struct targets *targets, size_t first)
{
	const struct openapi_target *one = &targets->list[first];
	bool done[HTTP_METHOD__MAX] = { false }, any = false;

	for (size_t i = first; i < targets->count; i++) {
		const struct openapi_target *target = &targets->list[i];
		enum http_method method = target->route->method;

		if (strcmp(target->path, one->path) != 0 || done[method] ||
		    !openapi_has_operation(w, target))
			continue;
		if (!any) {
			jsontext_key(&w->j, one->path);
			jsontext_begin_object(&w->j);
			put_variables(w, one);
			if ((one->route->needs & NEED_OUTSIDE) != 0)
				openapi_raw(&w->j, "servers", "[{\"url\":\"/\"}]");
		}
		any = done[method] = true;
		jsontext_key(&w->j, method_key(w, method));
		openapi_operation(w, target);
	}
	if (any)
		jsontext_end_object(&w->j);
}

static bool
is_first_of_path(const struct targets *targets, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(targets->list[k].path, targets->list[i].path) == 0)
			return false;
	return true;
}

static void
put_paths(struct openapi_writing *w)
{
	struct targets targets;

	find_targets(w, &targets);
	jsontext_key(&w->j, "paths");
	jsontext_begin_object(&w->j);
	for (size_t i = 0; i < targets.count; i++)
		if (is_first_of_path(&targets, i))
			put_path(w, &targets, i);
	jsontext_end_object(&w->j);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void
put_info(struct openapi_writing *w)
{
	const char *base = w->options->settings->base_path;

	jsontext_put_string(&w->j, "openapi", "3.1.1");
	jsontext_key(&w->j, "info");
	jsontext_begin_object(&w->j);
	jsontext_put_string(&w->j, "title", "Rowhouse");
	jsontext_put_string(&w->j, "version", w->options->version);
	jsontext_put_string(&w->j, "description",
	    "Tables of PostgreSQL as a JSON API, by tenant. QUERY (RFC 10008) stands under "
	    "x-query. HEAD is answered as GET without a body, OPTIONS with the methods of a path.");
	jsontext_end_object(&w->j);
	jsontext_key(&w->j, "servers");
	jsontext_begin_array(&w->j);
	jsontext_begin_object(&w->j);
	jsontext_put_string(&w->j, "url", base[0] != '\0' ? base : "/");
	jsontext_end_object(&w->j);
	jsontext_end_array(&w->j);
}

static void
put_components(struct openapi_writing *w)
{
	struct jsontext *j = &w->j;

	jsontext_key(j, "components");
	jsontext_begin_object(j);
	openapi_raw(j, "securitySchemes",
	    "{\"accessToken\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\","
	    "\"description\":\"Of auth/login and auth/refresh.\"},"
	    "\"apiKey\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"rhk_\","
	    "\"description\":\"Of auth/keys.\"}}");
	jsontext_key(j, "parameters");
	jsontext_begin_object(j);
	openapi_shared_parameters(j);
	jsontext_end_object(j);
	jsontext_key(j, "headers");
	jsontext_begin_object(j);
	openapi_headers(j);
	jsontext_end_object(j);
	jsontext_key(j, "responses");
	jsontext_begin_object(j);
	openapi_problem_answers(j);
	jsontext_end_object(j);
	jsontext_key(j, "schemas");
	jsontext_begin_object(j);
	openapi_schemas(j, w->options->catalogue, w->names);
	jsontext_end_object(j);
	jsontext_end_object(j);
}

void
openapi_put(struct text *out, const struct openapi_options *options)
{
	struct openapi_writing w = { .arena = out->arena, .options = options };

	w.names = schema_names_new(
	    w.arena, options->catalogue, openapi_suffixes, openapi_reserved(w.arena));
	jsontext_init(&w.j, out);
	jsontext_begin_object(&w.j);
	put_info(&w);
	put_paths(&w);
	put_components(&w);
	jsontext_end_object(&w.j);
	jsontext_done(&w.j);
}
