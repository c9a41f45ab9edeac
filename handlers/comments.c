/* SPDX-License-Identifier: BSD-2-Clause */
/* comments.c - commenting on a post */
#include "handlers/sample.h"
#include "serve/handler.h"

MODEL_REF COMMENT = MODEL("comments"), POST = MODEL("posts");
COLUMN_REF COMMENT_POST = COLUMN(COMMENT, "post_id"), AUTHOR = COLUMN(COMMENT, "author_id"),
	   CONTENT = COLUMN(COMMENT, "content"), PUBLISHED = COLUMN(POST, "published");

struct create_comment {
	const char *content;
};

static const struct body_field create_comment_fields[] = {
	{ "content", BODY_COLUMN, BODY_REQUIRED, .column = &CONTENT,
	    .offset = offsetof(struct create_comment, content) },
};
const struct body_schema comments_create_body =
    BODY_SCHEMA(struct create_comment, create_comment_fields);

/* POST /posts/{id}/comments: only what is published is talked about. */
bool
comments_create(struct request *request, struct response *response, struct problem *p)
{
	const struct create_comment *body = request_body(request);
	struct unit *unit = unit_begin(request);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), 0), *comment;
	struct shown *shown;

	if (post != NULL && !row_bool(post, PUBLISHED))
		return respond_problem(p, PROBLEM_CONFLICT, "the post is not published");
	comment = unit_create(unit, COMMENT, set_text(COMMENT_POST, row_id(post)),
	    set_text(AUTHOR, request_principal(request)->id), set_text(CONTENT, body->content));
	shown = unit_show(unit, COMMENT, by_row(comment), ask("include", "author"));
	return unit_commit(unit) && respond_created(response, comment, shown);
}
