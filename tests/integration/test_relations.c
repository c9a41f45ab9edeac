/* SPDX-License-Identifier: BSD-2-Clause */
/* test_relations.c - which relations the database's keys give, and what they are called
 *
 * The sample, and a few tables made to collide. What is expected was written by reading the tables,
 * as "table.name kind target(columns)". */
#include <stdio.h>

#include "support/suite.h"
#include "support/world.h"

static struct world *world;

/* A tree, two keys to one table, a name that is a column's, a join table between a model and
 * itself, one that asks for more than its two keys, and one whose keys are not unique together. */
static const char collisions[] =
    "CREATE TABLE boxes (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  parent_id uuid, owner_id uuid NOT NULL, keeper_id uuid, keeper text,"
    "  PRIMARY KEY (tenant_id, id),"
    "  FOREIGN KEY (tenant_id, parent_id) REFERENCES boxes (tenant_id, id),"
    "  FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),"
    "  FOREIGN KEY (tenant_id, keeper_id) REFERENCES users (tenant_id, id));"
    "CREATE TABLE likes (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  box_id uuid NOT NULL, user_id uuid NOT NULL, PRIMARY KEY (tenant_id, id),"
    "  UNIQUE (tenant_id, user_id, box_id),"
    "  FOREIGN KEY (tenant_id, box_id) REFERENCES boxes (tenant_id, id),"
    "  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id));"
    "CREATE TABLE weights (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  box_id uuid NOT NULL, post_id uuid NOT NULL, grams int NOT NULL,"
    "  PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, box_id, post_id),"
    "  FOREIGN KEY (tenant_id, box_id) REFERENCES boxes (tenant_id, id),"
    "  FOREIGN KEY (tenant_id, post_id) REFERENCES posts (tenant_id, id));"
    "CREATE TABLE visits (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT rowhouse.uuid_v7(),"
    "  box_id uuid NOT NULL, country text, PRIMARY KEY (tenant_id, id),"
    "  FOREIGN KEY (tenant_id, box_id) REFERENCES boxes (tenant_id, id),"
    "  FOREIGN KEY (country) REFERENCES countries (id));"
    "SELECT rowhouse.model(name) FROM unnest('{boxes,likes,weights,visits}'::text[]) AS name;";

static const char relations[] =
    "SELECT format('%%s.%%s %%s %%s(%%s)', c.relname, l.name, l.kind, t.relname,"
    "              array_to_string(l.own_columns, ','))"
    "       || coalesce(' by ' || j.relname, '')"
    "  FROM rowhouse.model_relations() l JOIN pg_class c ON c.oid = l.relation"
    "  JOIN pg_class t ON t.oid = l.target LEFT JOIN pg_class j ON j.oid = l.through"
    " WHERE c.relname = ANY ('{%s}') ORDER BY 1";

static void
check_relations(const char *tables, const char *const *expected, size_t expected_count)
{
	PGconn *superuser = world_superuser(world);
	char sql[1024];
	const char **found;
	size_t count;

	CHECK(snprintf(sql, sizeof(sql), relations, tables) < (int)sizeof(sql), "%s", tables);
	found = sql_column(superuser, sql, &count);
	CHECK_INT(count, expected_count, "relations of %s", tables);
	for (size_t i = 0; i < count && i < expected_count; i++)
		CHECK_TEXT(found[i], expected[i], "relation %zu of %s", i, tables);
	PQfinish(superuser);
}

static void
of_the_sample(void)
{
	static const char *const expected[] = {
		"categories.post_categories many post_categories(id)",
		"categories.posts through posts(id) by post_categories",
		"countries.currency one currencies(currency_id)",
		"countries.profiles many profiles(id)",
		"order_items.order one orders(order_id)",
		"order_items.product one products(product_id)",
		"order_items.user one users(user_id)",
		"posts.author one users(author_id)",
		"posts.categories through categories(id) by post_categories",
		"posts.comments many comments(id)",
		"posts.post_categories many post_categories(id)",
		"profiles.country one countries(country_id)",
		"profiles.user one users(user_id)",
		"users.comments many comments(id)",
		"users.order_items many order_items(id)",
		"users.orders many orders(id)",
		"users.posts many posts(id)",
		"users.profile only profiles(id)",
	};

	check_relations("categories,countries,order_items,posts,profiles,users", expected,
	    SUITE_COUNT(expected));
}

static void
of_colliding_names(void)
{
	static const char *const expected[] = {
		"boxes.boxes_by_parent many boxes(id)",
		"boxes.keeper_row one users(keeper_id)",
		"boxes.likes many likes(id)",
		"boxes.owner one users(owner_id)",
		"boxes.parent one boxes(parent_id)",
		"boxes.users through users(id) by likes",
		"boxes.visits many visits(id)",
		"boxes.weights many weights(id)",
		"likes.box one boxes(box_id)",
		"likes.user one users(user_id)",
		"users.boxes_by_keeper many boxes(id)",
		"users.boxes_by_owner many boxes(id)",
		"users.boxes_through_likes_box through boxes(id) by likes",
		"users.comments many comments(id)",
		"users.likes many likes(id)",
		"users.order_items many order_items(id)",
		"users.orders many orders(id)",
		"users.posts many posts(id)",
		"users.profile only profiles(id)",
		"visits.box one boxes(box_id)",
		"visits.country_row one countries(country)",
	};
	PGconn *owner = world_owner(world);

	CHECK(sql_run(owner, collisions), "the tables");
	PQfinish(owner);
	check_relations("boxes,likes,users,visits", expected, SUITE_COUNT(expected));
}

static void
words_in_the_singular(void)
{
	static const char *const words[][2] = {
		{ "posts", "post" },
		{ "post_categories", "post_category" },
		{ "addresses", "address" },
		{ "boxes", "box" },
		{ "branches", "branch" },
		{ "address", "address" },
		{ "status", "status" },
		{ "analysis", "analysis" },
		{ "sheep", "sheep" },
		{ "ies", "ie" },
		{ "s", "s" },
	};
	PGconn *superuser = world_superuser(world);

	for (size_t i = 0; i < SUITE_COUNT(words); i++) {
		char sql[128];

		CHECK(snprintf(sql, sizeof(sql), "SELECT rowhouse.singular('%s')", words[i][0]) > 0,
		    "row %zu", i);
		CHECK_TEXT(sql_value(superuser, sql), words[i][1], "row %zu", i);
	}
	PQfinish(superuser);
}

static bool
begin(void)
{
	static const struct world_options options = { .roles = CLUSTER_TWO_ROLES,
		.no_serve = true };

	world = world_new(&options);
	return world != NULL;
}

static void
end(void)
{
	world_free(world);
}

static const struct suite_test tests[] = {
	{ "words in the singular", words_in_the_singular },
	{ "of the sample", of_the_sample },
	{ "of colliding names", of_colliding_names },
};

int
main(int argc, char **argv)
{
	return suite_main(
	    argc, argv, &(struct suite){ "relations", begin, end, tests, SUITE_COUNT(tests) });
}
