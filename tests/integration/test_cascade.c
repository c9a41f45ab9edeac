/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cascade.c - deletions, what goes along, what must stay, and bringing it back */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

/* A table that points to itself, children go along; and to it points one that does not. */
static const char tree_sql[] =
    "SELECT set_config('app.current_tenant', '" WORLD_ACME "', false);"
    "CREATE TABLE folders (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  name text NOT NULL, parent_id uuid, CONSTRAINT folders_pk PRIMARY KEY (tenant_id, id),"
    "  CONSTRAINT folders_parent_fk FOREIGN KEY (tenant_id, parent_id) REFERENCES folders);"
    "CREATE TABLE files (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  name text NOT NULL, folder_id uuid NOT NULL, PRIMARY KEY (tenant_id, id),"
    "  CONSTRAINT files_folder_fk FOREIGN KEY (tenant_id, folder_id) REFERENCES folders);"
    "CREATE TABLE pins (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  file_id uuid NOT NULL, PRIMARY KEY (tenant_id, id),"
    "  CONSTRAINT pins_file_fk FOREIGN KEY (tenant_id, file_id) REFERENCES files);"
    "SELECT rowhouse.model('files', soft_delete => true, audit => true);"
    "SELECT rowhouse.model('pins');"
    "SELECT rowhouse.model('folders', soft_delete => true, audit => true);"
    "SELECT rowhouse.model('folders', soft_delete => true, audit => true,"
    "                      cascade => '{folders,files}');";

static bool
begin(void)
{
	PGconn *owner;
	bool ok;

	if (!writing_begin(&(struct world_options){
		.roles = CLUSTER_TWO_ROLES, .workers = 2, .log_statements = true }))
		return false;
	owner = world_owner(world);
	ok = sql_run(owner, tree_sql);
	PQfinish(owner);
	return ok;
}

static const char *
made(const char *path, const char *token, const char *body)
{
	return keep_printf(
	    "%s", document_text(ask_for(201, "POST", path, token, body)->json, "id"));
}

static const char *
new_user(const char *name)
{
	return made("/api/users", as_admin,
	    keep_printf("{\"email\":\"%s@example.test\",\"name\":\"%s\"}", name, name));
}

static const char *
new_post(const char *author, const char *slug)
{
	return made("/api/posts", as_admin,
	    keep_printf("{\"title\":\"t\",\"slug\":\"%s\",\"content\":\"c\",\"authorId\":\"%s\"}",
		slug, author));
}

static const char *
new_comment(const char *author, const char *post)
{
	return made("/api/comments", as_admin,
	    keep_printf("{\"content\":\"c\",\"postId\":\"%s\",\"authorId\":\"%s\"}", post, author));
}

static const char *
path_of(const char *model, const char *id)
{
	return keep_printf("/api/%s/%s", model, id);
}

/* "live" or who deleted it, and with what. */
static const char *
state(const char *table, const char *id)
{
	return look("SELECT CASE WHEN deleted_at IS NULL THEN 'live' ELSE 'deleted by ' || "
		    "deleted_by END FROM %s WHERE id = '%s'",
	    table, id);
}

static void
a_deletion_takes_its_children_along(void)
{
	const char *user = new_user("cascade1"), *other = new_user("cascade2");
	const char *post = new_post(user, "cascade-1"), *kept = new_post(other, "cascade-2");
	const char *by_others = new_comment(other, post), *elsewhere = new_comment(user, kept);
	const char *bystander = new_comment(other, kept), *twice = new_comment(user, post);
	const char *gone = keep_printf("deleted by %s", person_id("admin"));
	const struct {
		const char *table, *id;
		bool goes;
	} rows[] = {
		{ "users", user, true },
		{ "users", other, false },
		{ "posts", post, true },
		{ "posts", kept, false },
		{ "comments", by_others, true },
		{ "comments", elsewhere, true },
		{ "comments", twice, true }, /* reached by two ways, and logged once */
		{ "comments", bystander, false },
	};
	const struct answer *a;

	a = ask_for(204, "DELETE", path_of("users", user), as_admin, NULL);
	CHECK_INT(a->body_len, 0, "%s", a->body);
	for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
		CHECK_TEXT(state(rows[i].table, rows[i].id), rows[i].goes ? gone : "live", "%zu %s",
		    i, rows[i].table);
		CHECK_TEXT(story(rows[i].table, rows[i].id),
		    rows[i].goes ? "created deleted" : "created", "%zu %s", i, rows[i].table);
		CHECK_TEXT(replayed(rows[i].table, rows[i].id), "", "%zu", i);
	}
	CHECK_TEXT(look("SELECT count(DISTINCT (d, t)) FROM (SELECT deletion_id, deleted_at FROM "
			"users WHERE id = '%s' UNION ALL SELECT deletion_id, deleted_at FROM posts "
			"WHERE id = '%s' UNION ALL SELECT deletion_id, deleted_at FROM comments "
			"WHERE id IN ('%s', '%s', '%s')) AS x(d, t)",
		       user, post, by_others, elsewhere, twice),
	    "1", "one deletion, at one time");
	CHECK_TEXT(look("SELECT count(*) FROM rowhouse.audit_log l JOIN users u ON u.id = '%s' "
			"WHERE l.metadata ->> 'deletionId' = u.deletion_id::text",
		       user),
	    "5", "the entries name it");
	CHECK_TEXT(look("SELECT count(*) - count(DISTINCT ordinal) FROM rowhouse.audit_log "
			"WHERE xid = (SELECT xid FROM rowhouse.audit_log WHERE target_id = '%s' "
			"AND action = 'users.deleted')",
		       user),
	    "0", "each entry has its place");
	ask_for(404, "GET", path_of("posts", post), as_admin, NULL);
	ask_for(409, "DELETE", path_of("users", user), as_admin, NULL);
	ask_for(409, "PATCH", path_of("comments", twice), as_admin, "{\"content\":\"x\"}");
	ask_for(404, "PATCH", path_of("comments", by_others), as_user, "{\"content\":\"x\"}");
}

static void
what_stays_and_points_to_it_is_a_conflict(void)
{
	const char *user = new_user("restrict1"), *post = new_post(user, "restrict-1");
	const char *order = made("/api/orders", as_admin, keep_printf("{\"userId\":\"%s\"}", user));
	const struct answer *a = ask_for(409, "DELETE", path_of("users", user), as_admin, NULL);

	CHECK(strstr(a->body, "orders has rows") != NULL, "it names the model: %s", a->body);
	CHECK_TEXT(state("users", user), "live", "nothing happened");
	CHECK_TEXT(state("posts", post), "live", "nothing happened");
	CHECK_TEXT(story("posts", post), "created", "and nothing is said");
	ask_for(204, "DELETE", path_of("orders", order), as_admin, NULL);
	ask_for(204, "DELETE", path_of("users", user), as_admin, NULL);
}

static void
a_group_comes_back_exactly(void)
{
	const char *user = new_user("restore1"), *post = new_post(user, "restore-1");
	const char *before = new_comment(user, post), *after = new_comment(user, post);
	const struct answer *a;

	/* One comment goes first, by itself: it is not of the group. */
	ask_for(204, "DELETE", path_of("comments", before), as_admin, NULL);
	ask_for(204, "DELETE", path_of("users", user), as_admin, NULL);
	a = ask_for(409, "POST", keep_printf("/api/posts/%s/restore", post), as_admin, NULL);
	CHECK(strstr(a->body, user) != NULL && strstr(a->body, "users") != NULL,
	    "a member names the root: %s", a->body);
	a = ask_for(409, "POST", keep_printf("/api/comments/%s/restore", after), as_admin, NULL);
	CHECK(strstr(a->body, user) != NULL, "over two levels: %s", a->body);
	ask_for(409, "POST", keep_printf("/api/comments/%s/restore", before), as_admin, NULL);
	a = ask_for(200, "POST", keep_printf("/api/users/%s/restore", user), as_admin, NULL);
	CHECK_TEXT(document_text(a->json, "id"), user, "the row");
	CHECK_TEXT(answer_header(a, "ETag"), "\"v3\"", "its version");
	CHECK_TEXT(state("users", user), "live", "user");
	CHECK_TEXT(state("posts", post), "live", "post");
	CHECK_TEXT(state("comments", after), "live", "comment");
	CHECK(strcmp(state("comments", before), "live") != 0, "of another deletion");
	CHECK_TEXT(story("comments", after), "created deleted restored", "the log");
	CHECK_TEXT(replayed("comments", after), "", "replay");
	CHECK_TEXT(replayed("users", user), "", "replay");
	CHECK_TEXT(look("SELECT num_nulls(deleted_at, deleted_by, deletion_id) FROM posts WHERE id "
			"= '%s'",
		       post),
	    "3", "no trace is left");
	ask_for(200, "POST", keep_printf("/api/comments/%s/restore", before), as_admin, NULL);
	ask_for(409, "POST", keep_printf("/api/comments/%s/restore", before), as_admin, NULL);
	ask_for(404, "POST",
	    keep_printf("/api/posts/%s/restore", "0199a000-0000-7000-8000-00000000dead"), as_admin,
	    NULL);
}

static void
a_restore_that_does_not_fit_is_a_conflict(void)
{
	const char *user = new_user("restore2"), *post = new_post(user, "restore-2"), *again;
	const char *author = new_user("restore3"), *comment = new_comment(author, post);
	const struct answer *a;

	/* A value that somebody has taken meanwhile. */
	ask_for(204, "DELETE", path_of("posts", post), as_admin, NULL);
	again = new_post(user, "restore-2");
	a = ask("POST", keep_printf("/api/posts/%s/restore", post), as_admin, NULL, NULL);
	check_fault(a, 409, "#/slug", "unique", "a slug that is taken");
	ask_for(204, "DELETE", path_of("posts", again), as_admin, NULL);
	/* A parent outside of the group that is deleted. */
	ask_for(204, "DELETE", path_of("users", author), as_admin, NULL);
	CHECK_TEXT(story("comments", comment), "created deleted", "it went with the post");
	a = ask_for(409, "POST", keep_printf("/api/posts/%s/restore", post), as_admin, NULL);
	CHECK(strstr(a->body, "users") != NULL, "it names the model: %s", a->body);
	ask_for(200, "POST", keep_printf("/api/users/%s/restore", author), as_admin, NULL);
	ask_for(200, "POST", keep_printf("/api/posts/%s/restore", post), as_admin, NULL);
	CHECK_TEXT(state("comments", comment), "live", "all of it");
}

static void
force_is_for_good(void)
{
	const char *user = new_user("force1"), *post = new_post(user, "force-1");
	const char *comment = new_comment(user, post), *old = new_comment(user, post), *order;
	const struct answer *a;

	ask_for(204, "DELETE", path_of("comments", old), as_admin, NULL);
	ask_for(403, "DELETE", keep_printf("/api/posts/%s?force=true", post), as_mod, NULL);
	ask_for(204, "DELETE", keep_printf("/api/users/%s?force=true", user), as_admin, NULL);
	CHECK_TEXT(look("SELECT (SELECT count(*) FROM users WHERE id = '%s') || ' ' || (SELECT "
			"count(*) FROM posts WHERE id = '%s') || ' ' || (SELECT count(*) FROM "
			"comments WHERE id IN ('%s', '%s'))",
		       user, post, comment, old),
	    "0 0 0", "the rows are gone, deleted ones too");
	CHECK_TEXT(story("users", user), "created purged", "the log stays");
	CHECK_TEXT(story("comments", old), "created deleted purged", "the log stays");
	CHECK_TEXT(look("SELECT changes -> 'content' FROM rowhouse.audit_log WHERE target_id = "
			"'%s' AND action = 'comments.purged'",
		       comment),
	    "{\"after\": null, \"before\": \"c\"}", "with what there was");
	ask_for(404, "GET", path_of("users", user), as_admin, NULL);
	user = new_user("force2");
	order = made("/api/orders", as_admin, keep_printf("{\"userId\":\"%s\"}", user));
	a = ask_for(409, "DELETE", keep_printf("/api/users/%s?force=true", user), as_admin, NULL);
	CHECK(strstr(a->body, "orders has rows") != NULL, "it names the model: %s", a->body);
	ask_for(204, "DELETE", path_of("orders", order), as_admin, NULL);
	ask_for(204, "DELETE", keep_printf("/api/orders/%s?force=true&withDeleted=true", order),
	    as_admin, NULL);
	ask_for(204, "DELETE", path_of("users", user), as_admin, NULL);
	ask_for(409, "DELETE", keep_printf("/api/users/%s?force=true", user), as_admin, NULL);
	ask_for(204, "DELETE", keep_printf("/api/users/%s?force=true&withDeleted=true", user),
	    as_admin, NULL);
	ask_for(400, "DELETE", keep_printf("/api/users/%s?force=yes", user), as_admin, NULL);
	ask_for(400, "DELETE", keep_printf("/api/users/%s?hard=true", user), as_admin, NULL);
	ask_for(400, "DELETE", keep_printf("/api/users/%s?withDeleted=true", user), as_admin, NULL);
}

static const char *
new_folder(const char *parent, const char *name)
{
	return made("/api/folders", as_admin,
	    parent == NULL ? keep_printf("{\"name\":\"%s\"}", name)
			   : keep_printf("{\"name\":\"%s\",\"parentId\":\"%s\"}", name, parent));
}

/* A model that cascades to itself, at any depth, and what hangs on its rows. */
static void
a_tree_goes_and_comes_back_whole(void)
{
	const char *root = new_folder(NULL, "root"), *at = root, *file, *pin;
	const char *beside = new_folder(NULL, "beside");
	const struct answer *a;

	for (int i = 0; i < 6; i++) {
		at = new_folder(at, keep_printf("depth %d", i));
		new_folder(at, "leaf");
	}
	file =
	    made("/api/files", as_admin, keep_printf("{\"name\":\"f\",\"folderId\":\"%s\"}", at));
	ask_for(204, "DELETE", path_of("folders", root), as_admin, NULL);
	CHECK_TEXT(look("SELECT count(*) || ' ' || count(DISTINCT deletion_id) FROM folders WHERE "
			"deleted_at IS NOT NULL"),
	    "13 1", "the whole tree, as one deletion");
	CHECK(strcmp(state("files", file), "live") != 0, "and the file in the deepest folder");
	CHECK_TEXT(state("folders", beside), "live", "another tree");
	CHECK_TEXT(replayed("folders", at), "", "replay");
	a = ask_for(409, "POST", keep_printf("/api/folders/%s/restore", at), as_admin, NULL);
	CHECK(strstr(a->body, root) != NULL, "the root is named over six levels: %s", a->body);
	ask_for(200, "POST", keep_printf("/api/folders/%s/restore", root), as_admin, NULL);
	CHECK_TEXT(look("SELECT count(*) FROM folders WHERE deleted_at IS NOT NULL"), "0", "back");
	CHECK_TEXT(state("files", file), "live", "the file");
	CHECK_TEXT(story("folders", at), "created deleted restored", "the log");
	/* What points to the deepest row holds the whole tree. */
	pin = made("/api/pins", as_admin, keep_printf("{\"fileId\":\"%s\"}", file));
	a = ask_for(409, "DELETE", path_of("folders", root), as_admin, NULL);
	CHECK(strstr(a->body, "pins has rows") != NULL, "%s", a->body);
	ask_for(204, "DELETE", path_of("pins", pin), as_admin, NULL);
	CHECK_TEXT(look("SELECT count(*) FROM pins"), "0", "a model that is not soft");
	/* A circle ends. */
	sql_run(superuser,
	    keep_printf("UPDATE folders SET parent_id = '%s' WHERE id = '%s'", at, root));
	ask_for(204, "DELETE", keep_printf("/api/folders/%s?force=true", root), as_admin, NULL);
	CHECK_TEXT(look("SELECT count(*) FROM folders"), "1", "a circle");
}

/* --- what it costs ------------------------------------------------------------------------- */

static bool
begins(struct json_object *all, size_t i, const char *with)
{
	return strncmp(document_text(all, keep_printf("%zu.statement", i)), with, strlen(with)) ==
	    0;
}

static size_t
count_of(struct json_object *all, const char *with)
{
	size_t n = 0;

	for (size_t i = 0; i < document_count(all, ""); i++)
		n += begins(all, i, with);
	return n;
}

/* How many statements the connection that wrote ran, from BEGIN to COMMIT. What others run beside
 * it is not counted: the epoch has moved, so each worker reads anew what it remembers. */
static size_t
transaction_length(struct json_object *all)
{
	size_t i = 0, n = 0;
	const char *pid;

	while (i < document_count(all, "") && !begins(all, i, "BEGIN"))
		i++;
	pid = document_text(all, keep_printf("%zu.pid", i));
	for (; i < document_count(all, ""); i++) {
		if (strcmp(document_text(all, keep_printf("%zu.pid", i)), pid) != 0)
			continue;
		n++;
		if (begins(all, i, "COMMIT"))
			return n;
	}
	return 0;
}

static void
fill(const char *user, int posts, int comments)
{
	sql_run(superuser,
	    keep_printf(
		"INSERT INTO posts (tenant_id, author_id, title, slug, content) SELECT '" WORLD_ACME
		"', '%s', 't', '%s' || n, 'c' FROM generate_series(1, %d) n; "
		"INSERT INTO comments (tenant_id, post_id, author_id, content) SELECT '" WORLD_ACME
		"', p.id, '%s', 'c' FROM posts p, generate_series(1, %d) WHERE p.author_id "
		"= '%s'",
		user, user, posts, person_id("mod"), comments, user));
}

/* Of the deletion of a user with ten posts and thirty comments. */
static size_t small;

/* The stack of the seeds: 102 statements in 25 transactions. */
static void
a_user_with_ten_posts_is_one_transaction(void)
{
	const char *user = new_user("flush1");
	struct json_object *all;
	long mark;

	fill(user, 10, 3);
	mark = cluster_log_mark(world->cluster);
	ask_for(204, "DELETE", path_of("users", user), as_admin, NULL);
	all = cluster_log_statements(world->cluster, mark);
	CHECK_INT(count_of(all, "BEGIN"), 1, "one transaction");
	CHECK_INT(count_of(all, "COMMIT"), 1, "one transaction");
	small = transaction_length(all);
	CHECK(small > 0 && small < 40, "%zu statements", small);
	json_object_put(all);
	CHECK_TEXT(look("SELECT count(*) FROM comments c JOIN posts p ON p.id = c.post_id WHERE "
			"p.author_id = '%s' AND c.deleted_at IS NOT NULL",
		       user),
	    "30", "the comments");
}

/* 1,000 children: the same statements. */
static void
a_thousand_children_cost_no_more_statements(void)
{
	const char *user = new_user("flush2");
	const struct answer *a;
	struct json_object *all;
	long mark;

	fill(user, 10, 100);
	mark = cluster_log_mark(world->cluster);
	a = ask_for(204, "DELETE", path_of("users", user), as_admin, NULL);
	all = cluster_log_statements(world->cluster, mark);
	CHECK_INT(transaction_length(all), small, "statements");
	json_object_put(all);
	printf("(%lld ms) ", (long long)a->took_ms);
	CHECK_TEXT(look("SELECT count(*) FROM comments c JOIN posts p ON p.id = c.post_id WHERE "
			"p.author_id = '%s' AND c.deleted_at IS NOT NULL",
		       user),
	    "1000", "the comments");
}

static const struct suite_test tests[] = {
	{ "a deletion takes its children along", a_deletion_takes_its_children_along },
	{ "what stays and points to it is a conflict", what_stays_and_points_to_it_is_a_conflict },
	{ "a group comes back exactly", a_group_comes_back_exactly },
	{ "a restore that does not fit is a conflict", a_restore_that_does_not_fit_is_a_conflict },
	{ "force is for good", force_is_for_good },
	{ "a tree goes and comes back whole", a_tree_goes_and_comes_back_whole },
	{ "a user with ten posts is one transaction", a_user_with_ten_posts_is_one_transaction },
	{ "a thousand children cost no more statements",
	    a_thousand_children_cost_no_more_statements },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "cascade", begin, writing_end, tests, SUITE_COUNT(tests) });
}
