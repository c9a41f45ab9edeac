/* SPDX-License-Identifier: BSD-2-Clause */
/* models.c - the tables of tables.sql */
#include "oracle/models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { S = SORTABLE, F = FILTERABLE, SF = SORTABLE | FILTERABLE, SQF = SF | SEARCHABLE };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PLAIN(json, sql, type, nulls, flags)                                                       \
	{                                                                                          \
		json, sql, type, nulls, flags, NO_TARGET                                           \
	}
#define REFERENCE(json, sql, type, nulls, target)                                                  \
	{                                                                                          \
		json, sql, type, nulls, F, target                                                  \
	}

/* Columns that the registration adds to a tenant's soft-deletable table. */
#define ADDED                                                                                      \
	PLAIN("createdAt", "created_at", TYPE_INSTANT_MS, 0, 0),                                   \
	    PLAIN("updatedAt", "updated_at", TYPE_INSTANT_MS, 0, 0),                               \
	    PLAIN("version", "version", TYPE_INT, 0, 0)
#define ADDED_SORTABLE                                                                             \
	PLAIN("createdAt", "created_at", TYPE_INSTANT_MS, 0, S),                                   \
	    PLAIN("updatedAt", "updated_at", TYPE_INSTANT_MS, 0, 0),                               \
	    PLAIN("version", "version", TYPE_INT, 0, 0)

const char *const moods[4] = { "calm", "Busy", "angry", "zen" };

static const struct column regions[] = {
	PLAIN("id", "id", TYPE_TEXT, 0, SF | KEY),
	PLAIN("name", "name", TYPE_TEXT, 30, SQF),
	PLAIN("heads", "heads", TYPE_INT, 30, SF),
	ADDED,
};
static const struct column writers[] = {
	PLAIN("id", "id", TYPE_UUID, 0, SF | KEY),
	PLAIN("name", "name", TYPE_TEXT, 20, SQF),
	PLAIN("email", "email", TYPE_TEXT, 0, SQF),
	PLAIN("rank", "rank", TYPE_INT, 25, SF),
	PLAIN("score", "score", TYPE_NUMERIC, 25, SF),
	PLAIN("balance", "balance", TYPE_BIGINT, 25, SF),
	PLAIN("mood", "mood", TYPE_ENUM, 20, SF),
	PLAIN("active", "active", TYPE_BOOL, 20, SF),
	PLAIN("born", "born", TYPE_DATE, 25, SF),
	PLAIN("seenAt", "seen_at", TYPE_INSTANT, 20, SF),
	REFERENCE("regionId", "region_id", TYPE_TEXT, 20, REGIONS),
	PLAIN("secret", "secret", TYPE_TEXT, 10, HIDDEN),
	ADDED_SORTABLE,
};
static const struct column cards[] = {
	PLAIN("id", "id", TYPE_BIGINT, 0, SF | KEY),
	REFERENCE("writerId", "writer_id", TYPE_UUID, 0, WRITERS),
	PLAIN("motto", "motto", TYPE_TEXT, 25, SQF),
	ADDED,
};
static const struct column articles[] = {
	PLAIN("id", "id", TYPE_UUID, 0, SF | KEY),
	REFERENCE("writerId", "writer_id", TYPE_UUID, 15, WRITERS),
	PLAIN("title", "title", TYPE_TEXT, 0, SQF),
	PLAIN("subtitle", "subtitle", TYPE_TEXT, 30, SQF),
	PLAIN("stars", "stars", TYPE_INT, 25, SF),
	PLAIN("views", "views", TYPE_BIGINT, 0, SF),
	PLAIN("price", "price", TYPE_NUMERIC, 20, SF),
	PLAIN("mood", "mood", TYPE_ENUM, 20, SF),
	PLAIN("draft", "draft", TYPE_BOOL, 20, SF),
	PLAIN("publishedAt", "published_at", TYPE_INSTANT_MS, 25, SF),
	PLAIN("touchedAt", "touched_at", TYPE_INSTANT, 20, SF),
	PLAIN("due", "due", TYPE_DATE, 20, SF),
	PLAIN("tags", "tags", TYPE_TEXTS, 20, F),
	PLAIN("extra", "extra", TYPE_JSON, 25, F),
	ADDED_SORTABLE,
};
static const struct column replies[] = {
	PLAIN("id", "id", TYPE_BIGINT, 0, SF | KEY),
	REFERENCE("articleId", "article_id", TYPE_UUID, 0, ARTICLES),
	REFERENCE("writerId", "writer_id", TYPE_UUID, 20, WRITERS),
	REFERENCE("parentId", "parent_id", TYPE_BIGINT, 50, REPLIES),
	PLAIN("body", "body", TYPE_TEXT, 15, SQF),
	PLAIN("likes", "likes", TYPE_INT, 25, SF),
	ADDED_SORTABLE,
};
static const struct column labels[] = {
	PLAIN("id", "id", TYPE_TEXT, 0, SF | KEY),
	PLAIN("name", "name", TYPE_TEXT, 25, SQF),
	PLAIN("weight", "weight", TYPE_NUMERIC, 25, SF),
	ADDED,
};
static const struct column article_labels[] = {
	PLAIN("id", "id", TYPE_UUID, 0, SF | KEY),
	REFERENCE("articleId", "article_id", TYPE_UUID, 0, ARTICLES),
	REFERENCE("labelId", "label_id", TYPE_TEXT, 0, LABELS),
	PLAIN("place", "place", TYPE_INT, 0, SF),
	ADDED,
};
static const struct column diaries[] = {
	PLAIN("id", "id", TYPE_UUID, 0, SF | KEY),
	REFERENCE("keeperId", "keeper_id", TYPE_UUID, 0, USERS),
	REFERENCE("articleId", "article_id", TYPE_UUID, 20, ARTICLES),
	PLAIN("note", "note", TYPE_TEXT, 25, SQF),
	PLAIN("mood", "mood", TYPE_ENUM, 25, SF),
	ADDED,
};

static const struct relation of_regions[] = {
	{ "writers", TO_MANY, WRITERS, "id", "region_id", NULL },
};
static const struct relation of_writers[] = {
	{ "region", TO_ONE, REGIONS, "region_id", "id", NULL },
	{ "card", TO_ONLY, CARDS, "id", "writer_id", NULL },
	{ "articles", TO_MANY, ARTICLES, "id", "writer_id", NULL },
	{ "replies", TO_MANY, REPLIES, "id", "writer_id", NULL },
};
static const struct relation of_cards[] = {
	{ "writer", TO_ONE, WRITERS, "writer_id", "id", NULL },
};
static const struct relation of_articles[] = {
	{ "writer", TO_ONE, WRITERS, "writer_id", "id", NULL },
	{ "replies", TO_MANY, REPLIES, "id", "article_id", NULL },
	{ "diaries", TO_MANY, DIARIES, "id", "article_id", NULL },
	{ "articleLabels", TO_MANY, ARTICLE_LABELS, "id", "article_id", NULL },
	{ "labels", TO_MANY_THROUGH, LABELS, "id", "article_id", "label_id" },
};
static const struct relation of_replies[] = {
	{ "article", TO_ONE, ARTICLES, "article_id", "id", NULL },
	{ "writer", TO_ONE, WRITERS, "writer_id", "id", NULL },
	{ "parent", TO_ONE, REPLIES, "parent_id", "id", NULL },
	{ "repliesByParent", TO_MANY, REPLIES, "id", "parent_id", NULL },
};
static const struct relation of_labels[] = {
	{ "articleLabels", TO_MANY, ARTICLE_LABELS, "id", "label_id", NULL },
	{ "articles", TO_MANY_THROUGH, ARTICLES, "id", "label_id", "article_id" },
};
static const struct relation of_article_labels[] = {
	{ "article", TO_ONE, ARTICLES, "article_id", "id", NULL },
	{ "label", TO_ONE, LABELS, "label_id", "id", NULL },
};
static const struct relation of_diaries[] = {
	{ "article", TO_ONE, ARTICLES, "article_id", "id", NULL },
};

#define MODEL(table, path) #table, path, table, of_##table, COUNT(table), COUNT(of_##table)

const struct model models[MODEL__MAX] = {
	[REGIONS] = { MODEL(regions, "regions"), true, false, NULL, NULLS_LAST, { { 0 } }, 3, 100 },
	[WRITERS] = { MODEL(writers, "writers"), false, true, NULL, NULLS_FIRST,
	    { { "rank", true } }, 10, 60 },
	[CARDS] = { MODEL(cards, "cards"), false, true, NULL, NULLS_LARGEST,
	    { { "motto", false }, { "id", true } }, 20, 100 },
	[ARTICLES] = { MODEL(articles, "articles"), false, true, NULL, NULLS_LARGEST,
	    { { "stars", true }, { "title", false } }, 7, 50 },
	[REPLIES] = { MODEL(replies, "replies"), false, true, NULL, NULLS_LAST, { { 0 } }, 20,
	    100 },
	[LABELS] = { MODEL(labels, "labels"), false, true, NULL, NULLS_LARGEST, { { 0 } }, 20,
	    100 },
	[ARTICLE_LABELS] = { MODEL(article_labels, "article-labels"), false, true, NULL,
	    NULLS_LARGEST, { { "place", true } }, 20, 100 },
	[DIARIES] = { MODEL(diaries, "diaries"), false, true, "keeper_id", NULLS_LAST, { { 0 } },
	    20, 100 },
};

size_t
model_column(const struct model *m, const char *sql)
{
	for (size_t i = 0; i < m->column_count; i++)
		if (strcmp(m->columns[i].sql, sql) == 0)
			return i;
	fprintf(stderr, "oracle: %s has no column %s\n", m->table, sql);
	abort();
}

const struct relation *
model_relation(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->relation_count; i++)
		if (strcmp(m->relations[i].name, name) == 0)
			return &m->relations[i];
	fprintf(stderr, "oracle: %s has no relation %s\n", m->table, name);
	abort();
}
