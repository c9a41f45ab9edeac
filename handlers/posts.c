/* SPDX-License-Identifier: BSD-2-Clause */
/* posts.c - what is special about posts: their slugs, publishing, and lists for readers */
#include <string.h>

#include "handlers/sample.h"
#include "handlers/slug.h"
#include "serve/handler.h"

enum { CATEGORIES_MAX = 20 };

MODEL_REF POST = MODEL("posts"), LINK = MODEL("post_categories"), CATEGORY = MODEL("categories"),
	  COMMENT = MODEL("comments"), USER = MODEL("users");

COLUMN_REF AUTHOR = COLUMN(POST, "author_id"), TITLE = COLUMN(POST, "title"),
	   SLUG = COLUMN(POST, "slug"), CONTENT = COLUMN(POST, "content"),
	   EXCERPT = COLUMN(POST, "excerpt"), PUBLISHED = COLUMN(POST, "published"),
	   PUBLISHED_AT = COLUMN(POST, "published_at");
COLUMN_REF LINK_POST = COLUMN(LINK, "post_id"), LINK_CATEGORY = COLUMN(LINK, "category_id");
COLUMN_REF CATEGORY_SLUG = COLUMN(CATEGORY, "slug");

/* --- a new post ---------------------------------------------------------------------------- */

struct create_post {
	const char *title, *content, *excerpt;
	const char *const *categories;
};

static const struct body_field create_post_fields[] = {
	{ "title", BODY_COLUMN, BODY_REQUIRED, .column = &TITLE,
	    .offset = offsetof(struct create_post, title) },
	{ "content", BODY_COLUMN, BODY_REQUIRED, .column = &CONTENT,
	    .offset = offsetof(struct create_post, content) },
	{ "excerpt", BODY_COLUMN, BODY_OPTIONAL, .column = &EXCERPT,
	    .offset = offsetof(struct create_post, excerpt) },
	{ "categoryIds", BODY_COLUMNS, BODY_OPTIONAL, .max = CATEGORIES_MAX,
	    .column = &LINK_CATEGORY, .offset = offsetof(struct create_post, categories) },
};
const struct body_schema posts_create_body = BODY_SCHEMA(struct create_post, create_post_fields);

/* The title's slug, with a suffix where a live post has it. */
static const char *
free_slug(struct unit *unit, const char *title, struct arena *arena)
{
	const char *slug = slug_of(title, arena);

	if (slug[0] == '\0')
		slug = "post";
	return unit_find(unit, POST, by(SLUG, slug), OPTIONAL) == NULL ? slug
								       : slug_suffixed(slug, arena);
}

/* Whether the unit failed because somebody took the slug meanwhile. */
static bool
slug_was_taken(const struct problem *p)
{
	return p->code == PROBLEM_CONFLICT && p->faults != NULL &&
	    strcmp(p->faults->pointer, "#/slug") == 0;
}

/* POST /posts: the author is who asks. A slug is never an error: of two posts with one title that
 * are made at once, the second is made again, and then sees the first. */
bool
posts_create(struct request *request, struct response *response, struct problem *p)
{
	const struct create_post *body = request_body(request);
	const char *author = request_principal(request)->id;
	struct unit *unit = unit_begin(request);
	const char *slug = free_slug(unit, body->title, request_arena(request));
	struct row *post = unit_create(unit, POST, set_text(AUTHOR, author),
	    set_text(TITLE, body->title), set_text(SLUG, slug), set_text(CONTENT, body->content),
	    set_text(EXCERPT, body->excerpt));
	struct shown *shown;

	for (size_t i = 0; body->categories != NULL && body->categories[i] != NULL; i++)
		unit_create(unit, LINK, set_text(LINK_POST, row_id(post)),
		    set_text(LINK_CATEGORY, body->categories[i]));
	shown = unit_show(unit, POST, by_row(post), ask("include", "author,categories"));
	if (unit_commit(unit))
		return respond_created(response, post, shown);
	return slug_was_taken(p) && respond_again(p);
}

/* --- publishing ---------------------------------------------------------------------------- */

/* POST /posts/{id}/publish: by who may change the post. A post that is published stays as it is,
 * with its first time. */
bool
posts_publish(struct request *request, struct response *response, struct problem *p)
{
	struct unit *unit = unit_begin(request);
	struct row *post = unit_find(unit, POST, by_path(request, "id"), FOR_UPDATE);
	struct shown *shown;

	(void)p;
	unit_may_update(unit, post);
	if (!row_bool(post, PUBLISHED)) {
		unit_update(unit, post, set_bool(PUBLISHED, true), set_now(PUBLISHED_AT));
		unit_log(unit, "posts.published", post, NULL);
	}
	shown = unit_show(unit, POST, by_row(post), ASK_NOTHING);
	cache_delete(unit, "posts:popular"); /* also when nothing changed: whoever asks sees */
	return unit_commit(unit) && respond_row(response, 200, shown);
}

/* --- for readers --------------------------------------------------------------------------- */

struct list_published {
	const char *category;
};

static const struct body_field list_published_fields[] = {
	{ "categorySlug", BODY_COLUMN, BODY_OPTIONAL, .column = &CATEGORY_SLUG,
	    .offset = offsetof(struct list_published, category) },
};
const struct body_schema posts_published_query =
    BODY_SCHEMA(struct list_published, list_published_fields);

static const struct unit_options reading = { .read_only = true };

/* GET /posts/published?categorySlug=...: the newest first, and what a page is asked besides. */
bool
posts_published(struct request *request, struct response *response, struct problem *p)
{
	const struct list_published *query = request_query(request);
	struct unit *unit = unit_begin_as(request, &reading);
	struct ask category = ASK_NOTHING;
	struct shown *page;

	(void)p;
	if (query->category != NULL)
		category = ask("filter.categories.$some.slug",
		    arena_printf(request_arena(request), "$eq:%s", query->category));
	page = unit_page(unit, POST, ask("filter.published", "true"),
	    ask("include", "author,categories,_count.comments"), ask("sortBy", "publishedAt:DESC"),
	    category);
	return unit_commit(unit) && respond_page(response, page);
}

static const struct model_ref *const popular_models[] = { &POST, &COMMENT, &USER, NULL };
const struct cache_rule posts_popular_cache = { "posts:popular", 300, popular_models };

/* GET /posts/popular: the ten with the most comments. */
bool
posts_popular(struct request *request, struct response *response, struct problem *p)
{
	struct unit *unit = unit_begin_as(request, &reading);
	struct shown *page = unit_page(unit, POST, ask("filter.published", "true"),
	    ask("include", "author,_count.comments"), ask("sortBy", "comments._count:DESC"),
	    ask("limit", "10"));

	(void)p;
	return unit_commit(unit) && respond_page(response, page);
}

/* GET /posts/by-slug/{slug}: with its newest 20 comments. */
bool
posts_by_slug(struct request *request, struct response *response, struct problem *p)
{
	struct unit *unit = unit_begin_as(request, &reading);
	struct shown *post = unit_show(unit, POST, by(SLUG, request_path(request, "slug")),
	    ask("include",
		"author.profile,categories,comments(limit:20,sortBy:createdAt:DESC).author"));

	(void)p;
	return unit_commit(unit) && respond_row(response, 200, post);
}
