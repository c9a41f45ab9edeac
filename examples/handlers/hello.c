/* SPDX-License-Identifier: BSD-2-Clause */
/* hello.c - handlers outside the tree: a greeting, and another title for a draft
 *
 * make, then put hello.so into the folder that the setting handler_dir names. */
#include <serve/handler.h>

MODEL_REF POST = MODEL("posts");
COLUMN_REF TITLE = COLUMN(POST, "title"), PUBLISHED = COLUMN(POST, "published");

/* PUT /posts/{id}/title */
struct rename {
	const char *title;
};

static const struct body_field rename_fields[] = {
	{ "title", BODY_COLUMN, BODY_REQUIRED, .column = &TITLE,
	    .offset = offsetof(struct rename, title) },
};
static const struct body_schema rename_body = BODY_SCHEMA(struct rename, rename_fields);

static bool
hello_rename(struct request *request, struct response *response, struct problem *p)
{
	const struct rename *body = request_body(request);
	struct unit *unit = unit_begin(request);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), FOR_UPDATE);
	struct shown *shown;

	if (row_bool(post, PUBLISHED))
		return respond_problem(p, PROBLEM_CONFLICT, "what is published keeps its title");
	unit_update(unit, post, set_text(TITLE, body->title));
	shown = unit_show(unit, POST, by_row(post), ASK_NOTHING);
	return unit_commit(unit) && respond_row(response, 200, shown);
}

/* GET /hello */
static bool
hello_hello(struct request *request, struct response *response, struct problem *p)
{
	(void)request;
	(void)p;
	return respond_json(response, 200, "{\"hello\":\"world\"}");
}

static const struct route routes[] = {
	{ HTTP_GET, "/hello", HANDLER(hello_hello), .summary = "a greeting" },
	{ HTTP_PUT, "/posts/{id}/title", HANDLER(hello_rename), .needs = NEED_PRINCIPAL,
	    .body = &rename_body, .summary = "another title for a draft" },
};

HANDLER_MODULE("hello", routes);
