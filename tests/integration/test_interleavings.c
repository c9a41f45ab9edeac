/* SPDX-License-Identifier: BSD-2-Clause */
/* test_interleavings.c - two writers, played step by step where it matters (DESIGN 3.4 to 3.6)
 *
 * A unit locks, logs and writes. It is stopped between lock and log by a table lock on the log, or
 * in front of its lock by the lock of a row; then the other writer takes its step. Beside each
 * stands the naive form of the same, played by plain SQL, and what it leaves behind: else it would
 * not have been a race. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/document.h"
#include "support/keep.h"
#include "support/suite.h"
#include "support/writing.h"

enum { WAIT_MS = 5000 };

/* So that a step that is slow on a loaded machine is not taken for one that is refused. */
static bool
begin(void)
{
	return writing_begin(&(struct world_options){ .roles = CLUSTER_TWO_ROLES, .workers = 4 }) &&
	    sql_run(superuser, "ALTER ROLE " CLUSTER_APP " SET lock_timeout = '4s'");
}

static const char *
made(const char *path, const char *body)
{
	return keep_printf(
	    "%s", document_text(ask_for(201, "POST", path, as_admin, body)->json, "id"));
}

static const char *
new_post(const char *slug)
{
	return made(
	    "/api/posts", keep_printf("{\"title\":\"t\",\"slug\":\"%s\",\"content\":\"c\"}", slug));
}

static const char *
new_comment(const char *post)
{
	return made("/api/comments", keep_printf("{\"content\":\"c\",\"postId\":\"%s\"}", post));
}

static const char *
path_of(const char *model, const char *id)
{
	return keep_printf("/api/%s/%s", model, id);
}

/* --- steps --------------------------------------------------------------------------------- */

/* A request under way, on a thread of its own. */
struct asking {
	pthread_t thread;
	struct client *client;
	const char *method, *path, *body;
	const struct answer *answer;
};

static void *
ask_aside(void *context)
{
	struct asking *asking = context;

	asking->answer =
	    client_send(asking->client, asking->method, asking->path, as_admin, asking->body);
	return NULL;
}

/* How many wait for a lock. */
static int
waiting(void)
{
	return atoi(look("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"));
}

static bool
one_more_waits(void *before)
{
	return waiting() > *(int *)before;
}

/* Ask, and come back when the unit waits for a lock. */
static struct asking *
ask_and_wait(const char *method, const char *path, const char *body)
{
	struct asking *asking = keep_alloc(sizeof(*asking));
	int before = waiting();

	*asking = (struct asking){ .client = client_new(webserver_url(world->webserver)),
		.method = method,
		.path = path,
		.body = body };
	if (pthread_create(&asking->thread, NULL, ask_aside, asking) != 0)
		abort();
	CHECK(wait_until(one_more_waits, &before, WAIT_MS), "%s %s waits", method, path);
	return asking;
}

/* Its status, when it is through. */
static int
answered(struct asking *asking)
{
	pthread_join(asking->thread, NULL);
	client_free(asking->client);
	return asking->answer->status;
}

/* A connection that lets no entry be written until it ends its transaction. */
static PGconn *
stop_at_the_log(void)
{
	PGconn *c = world_superuser(world);

	CHECK(
	    sql_run(c, "BEGIN; LOCK TABLE rowhouse.audit_log IN SHARE ROW EXCLUSIVE MODE"), "stop");
	return c;
}

static PGconn *
opened(const char *sql)
{
	PGconn *c = world_superuser(world);

	CHECK(sql_run(c, keep_printf("BEGIN; %s", sql)), "%s", sql);
	return c;
}

static void
finish(PGconn *c)
{
	CHECK(sql_run(c, "COMMIT"), "COMMIT");
	PQfinish(c);
}

static bool
is_locked(const char *table, const char *id)
{
	PGconn *c = world_superuser(world);
	PGresult *r = PQexec(
	    c, keep_printf("SELECT 1 FROM %s WHERE id = '%s' FOR NO KEY UPDATE NOWAIT", table, id));
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	bool locked = state != NULL && strcmp(state, "55P03") == 0;

	PQclear(r);
	PQfinish(c);
	return locked;
}

static const char *
is_live(const char *table, const char *id)
{
	return look("SELECT deleted_at IS NULL FROM %s WHERE id = '%s'", table, id);
}

/* What a careless program would do: a title, and the id of a post. */
#define NAIVE_LOG(condition)                                                                       \
	"INSERT INTO rowhouse.audit_log (tenant_id, timeline, actor_type, action, target_type, "   \
	"target_id, changes) SELECT tenant_id, 1, 'system', 'posts.updated', 'posts', id::text, "  \
	"jsonb_build_object('title', jsonb_build_object('before', title, 'after', '%s')) FROM "    \
	"posts WHERE id = '%s'" condition
#define NAIVE_WRITE(condition) "UPDATE posts SET title = '%s' WHERE id = '%s'" condition
#define NAIVE_RESTORE                                                                              \
	"UPDATE posts SET deleted_at = NULL, deleted_by = NULL, deletion_id = NULL, version = "    \
	"version + 1 WHERE id = '%s'"

/* --- one row ------------------------------------------------------------------------------- */

static void
nobody_comes_between_log_and_write(void)
{
	const char *post = new_post("between"), *naive = new_post("between-naive");
	PGconn *stop = stop_at_the_log(), *first, *second;
	struct asking *patch =
	    ask_and_wait("PATCH", path_of("posts", post), "{\"title\":\"first\"}");
	struct asking *other;

	CHECK(is_locked("posts", post), "the row is held while its entry is written");
	other = ask_and_wait("PATCH", path_of("posts", post), "{\"title\":\"second\"}");
	finish(stop);
	CHECK_INT(answered(patch), 200, "the first");
	CHECK_INT(answered(other), 200, "the second, behind it");
	CHECK_TEXT(look("SELECT title FROM posts WHERE id = '%s'", post), "second", "in order");
	CHECK_TEXT(replayed("posts", post), "", "replay");

	/* Log, and only then write: another write in between makes a before false. */
	first = opened(keep_printf(NAIVE_LOG(""), "first", naive));
	second = opened(keep_printf(NAIVE_LOG(""), "second", naive));
	sql_run(second, keep_printf(NAIVE_WRITE(""), "second", naive));
	finish(second);
	sql_run(first, keep_printf(NAIVE_WRITE(""), "first", naive));
	finish(first);
	CHECK(
	    strcmp(replayed("posts", naive), "") != 0, "the control: the log is true all the same");
}

static void
a_row_that_is_restored_meanwhile(void)
{
	const char *post = new_post("restored"), *naive = new_post("restored-naive");
	PGconn *other, *first;
	struct asking *patch;

	ask_for(204, "DELETE", path_of("posts", post), as_admin, NULL);
	ask_for(204, "DELETE", path_of("posts", naive), as_admin, NULL);
	/* Locked by its key alone, whatever its state: the row is waited for, and found live. */
	other = opened(keep_printf(NAIVE_RESTORE, post));
	patch = ask_and_wait("PATCH", path_of("posts", post), "{\"title\":\"back\"}");
	finish(other);
	CHECK_INT(answered(patch), 200, "the row is live when its lock comes");
	CHECK_TEXT(look("SELECT concat_ws(' ', p.title, count(*)) FROM posts p JOIN "
			"rowhouse.audit_log l ON l.target_id = p.id::text AND l.action = "
			"'posts.updated' WHERE p.id = '%s' GROUP BY p.title",
		       post),
	    "back 1", "written and logged");
	/* The other way round: it is deleted before the lock comes. */
	other = opened(keep_printf("UPDATE posts SET deleted_at = now() WHERE id = '%s'", post));
	patch = ask_and_wait("PATCH", path_of("posts", post), "{\"title\":\"gone\"}");
	finish(other);
	CHECK_INT(answered(patch), 409, "the row is deleted when its lock comes");
	CHECK_TEXT(look("SELECT title FROM posts WHERE id = '%s'", post), "back", "unchanged");

	/* Log and write where the row is live: it becomes so in between. */
	first = opened(keep_printf(NAIVE_LOG(" AND deleted_at IS NULL"), "naive", naive));
	sql_run(superuser, keep_printf(NAIVE_RESTORE, naive));
	sql_run(first, keep_printf(NAIVE_WRITE(" AND deleted_at IS NULL"), "naive", naive));
	finish(first);
	CHECK_TEXT(look("SELECT concat_ws(' ', title, (SELECT count(*) FROM rowhouse.audit_log l "
			"WHERE l.target_id = p.id::text AND l.action = 'posts.updated')) FROM "
			"posts p WHERE id = '%s'",
		       naive),
	    "naive 0", "the control: written and not logged");
}

/* --- cascades ------------------------------------------------------------------------------ */

static void
a_child_that_comes_while_the_parent_is_waited_for(void)
{
	const char *post = new_post("child-before");
	PGconn *other = opened(keep_printf(
	    "INSERT INTO comments (tenant_id, post_id, author_id, content) SELECT tenant_id, id, "
	    "author_id, 'late' FROM posts WHERE id = '%s'",
	    post));
	struct asking *deletion = ask_and_wait("DELETE", path_of("posts", post), NULL);

	finish(other);
	CHECK_INT(answered(deletion), 204, "the deletion");
	CHECK_TEXT(
	    look("SELECT count(*) FROM comments WHERE post_id = '%s' AND deleted_at IS NULL", post),
	    "0", "the child that came meanwhile went along");
	/* The naive form, one statement for both, is in test_races: it leaves an orphan. */
}

static void
a_child_that_comes_while_the_parent_goes(void)
{
	const char *post = new_post("child-behind"), *from = new_post("child-from");
	const char *moved = new_comment(from);
	PGconn *stop = stop_at_the_log();
	struct asking *deletion = ask_and_wait("DELETE", path_of("posts", post), NULL);
	struct asking *insert = ask_and_wait(
	    "POST", "/api/comments", keep_printf("{\"content\":\"late\",\"postId\":\"%s\"}", post));
	struct asking *move = ask_and_wait(
	    "PATCH", path_of("comments", moved), keep_printf("{\"postId\":\"%s\"}", post));

	finish(stop);
	CHECK_INT(answered(deletion), 204, "the deletion");
	CHECK_INT(answered(insert), 409, "a child that is made");
	CHECK_INT(answered(move), 409, "a child that is moved there");
	CHECK_TEXT(
	    look("SELECT count(*) FROM comments WHERE post_id = '%s'", post), "0", "none came");
	CHECK_TEXT(
	    look("SELECT post_id = '%s' AND deleted_at IS NULL FROM comments WHERE id = '%s'", from,
		moved),
	    "t", "it stays where it was");
	CHECK_TEXT(replayed("comments", moved), "", "replay");
}

static void
a_child_that_is_moved_away_stays(void)
{
	const char *post = new_post("away-from"), *to = new_post("away-to");
	const char *child = new_comment(post), *naive = new_comment(to);
	const char *move = keep_printf(
	    "UPDATE comments SET post_id = '%s', version = version + 1 WHERE id = '%s'", to, child);
	PGconn *other = opened(move);
	struct asking *deletion = ask_and_wait("DELETE", path_of("posts", post), NULL);
	const char *found;

	finish(other);
	CHECK_INT(answered(deletion), 204, "the deletion");
	CHECK_TEXT(is_live("comments", child), "t", "it hangs on another post now");
	CHECK_TEXT(story("comments", child), "created", "and nobody says that it went");

	/* The naive form: look for the children, and delete what was found. */
	found = look(
	    "SELECT string_agg(quote_literal(id), ',') FROM comments WHERE post_id = '%s'", to);
	post = new_post("away-naive");
	sql_run(superuser,
	    keep_printf("UPDATE comments SET post_id = '%s' WHERE id = '%s'", post, naive));
	sql_run(superuser,
	    keep_printf("UPDATE comments SET deleted_at = now() WHERE id IN (%s)", found));
	CHECK_TEXT(is_live("comments", naive), "f", "the control: it went with the wrong post");
}

/* --- restoring ----------------------------------------------------------------------------- */

static void
a_child_restored_while_its_parent_goes(void)
{
	const char *post = new_post("restore-under"), *child = new_comment(post);
	const char *restore = keep_printf("%s/restore", path_of("comments", child));
	PGconn *stop, *deleter;
	struct asking *deletion, *back;

	ask_for(204, "DELETE", path_of("comments", child), as_admin, NULL);
	stop = stop_at_the_log();
	deletion = ask_and_wait("DELETE", path_of("posts", post), NULL);
	back = ask_and_wait("POST", restore, NULL);
	finish(stop);
	CHECK_INT(answered(deletion), 204, "the deletion");
	CHECK_INT(answered(back), 409, "its parent is deleted");
	CHECK_TEXT(is_live("comments", child), "f", "no live child");

	/* The naive form looks at the parent without a lock. */
	ask_for(200, "POST", keep_printf("%s/restore", path_of("posts", post)), as_admin, NULL);
	deleter = opened(keep_printf("UPDATE posts SET deleted_at = now() WHERE id = '%s'", post));
	sql_run(superuser,
	    keep_printf("UPDATE comments SET deleted_at = NULL, deleted_by = NULL, deletion_id = "
			"NULL WHERE id = '%s' AND EXISTS (SELECT FROM posts p WHERE p.id = post_id "
			"AND p.deleted_at IS NULL)",
		child));
	finish(deleter);
	CHECK_TEXT(
	    is_live("comments", child), "t", "the control: a live child under a deleted post");
}

static void
a_restore_that_is_asked_for_twice(void)
{
	const char *post = new_post("twice"), *path = path_of("posts", post);
	const char *restore = keep_printf("%s/restore", path);
	const char *look_first =
	    keep_printf("SELECT 1 FROM posts WHERE id = '%s' AND deleted_at IS NOT NULL", post);
	struct asking *first, *second;
	PGconn *stop, *a, *b;
	int one, two;

	ask_for(204, "DELETE", path, as_admin, NULL);
	stop = stop_at_the_log();
	first = ask_and_wait("POST", restore, NULL);
	second = ask_and_wait("POST", restore, NULL);
	finish(stop);
	one = answered(first);
	two = answered(second);
	CHECK(one + two == 200 + 409, "one brings it back: %d, %d", one, two);
	CHECK_TEXT(story("posts", post), "created deleted restored", "and says so once");
	CHECK_TEXT(replayed("posts", post), "", "replay");

	/* The naive form looks first, and then brings back what it saw deleted. */
	ask_for(204, "DELETE", path, as_admin, NULL);
	a = opened("SELECT 1");
	b = opened("SELECT 1");
	CHECK(sql_value(a, look_first) != NULL, "a sees it deleted");
	CHECK(sql_value(b, look_first) != NULL, "b sees it deleted");
	sql_run(a, keep_printf(NAIVE_RESTORE, post));
	finish(a);
	sql_run(b, keep_printf(NAIVE_RESTORE, post));
	finish(b);
	CHECK_TEXT(look("SELECT version FROM posts WHERE id = '%s'", post), "6",
	    "the control: brought back twice");
}

static void
a_restore_against_a_value_that_is_being_taken(void)
{
	const char *post = new_post("value"), *taken;
	struct asking *restore;
	PGconn *other;

	ask_for(204, "DELETE", path_of("posts", post), as_admin, NULL);
	other = opened("INSERT INTO posts (tenant_id, author_id, title, slug, content) SELECT "
		       "tenant_id, author_id, 't', slug, 'c' FROM posts WHERE slug = 'value'");
	restore = ask_and_wait("POST", keep_printf("%s/restore", path_of("posts", post)), NULL);
	finish(other);
	CHECK_INT(answered(restore), 409, "the slug is taken");
	CHECK_TEXT(look("SELECT count(*) FROM posts WHERE slug = 'value' AND deleted_at IS NULL"),
	    "1", "one has it");
	CHECK_TEXT(story("posts", post), "created deleted", "nothing is said");

	/* The naive form: look whether it is free, on a table without the index. */
	sql_run(superuser,
	    "CREATE TABLE naive AS SELECT 1 AS id, 'x'::text AS slug, now() AS "
	    "deleted_at");
	taken = sql_value(superuser,
	    "SELECT count(*) FROM naive WHERE slug = 'x' AND deleted_at IS "
	    "NULL");
	other = opened("INSERT INTO naive VALUES (2, 'x', NULL)");
	if (strcmp(taken, "0") == 0)
		sql_run(superuser, "UPDATE naive SET deleted_at = NULL WHERE id = 1");
	finish(other);
	CHECK_TEXT(look("SELECT count(*) FROM naive WHERE slug = 'x' AND deleted_at IS NULL"), "2",
	    "the control: two have it");
}

static const struct suite_test tests[] = {
	{ "nobody comes between log and write", nobody_comes_between_log_and_write },
	{ "a row that is restored meanwhile", a_row_that_is_restored_meanwhile },
	{ "a child that comes while the parent is waited for",
	    a_child_that_comes_while_the_parent_is_waited_for },
	{ "a child that comes while the parent goes", a_child_that_comes_while_the_parent_goes },
	{ "a child that is moved away stays", a_child_that_is_moved_away_stays },
	{ "a child restored while its parent goes", a_child_restored_while_its_parent_goes },
	{ "a restore that is asked for twice", a_restore_that_is_asked_for_twice },
	{ "a restore against a value that is being taken",
	    a_restore_against_a_value_that_is_being_taken },
};

int
main(int argc, char **argv)
{
	return suite_main(argc, argv,
	    &(struct suite){ "interleavings", begin, writing_end, tests, SUITE_COUNT(tests) });
}
