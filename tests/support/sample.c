/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.c - the table of sample models, and asking PostgreSQL and the API for their ids */
#include "support/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/client.h"
#include "support/cluster.h"
#include "support/document.h"
#include "support/keep.h"

enum { PAGES_MAX = 2000 };

const struct sample_model sample_models[] = {
	{ "users", "users", "name", "name", false, false },
	{ "profiles", "profiles", "user_id", "userId", false, false },
	{ "posts", "posts", "content", "content", false, false },
	{ "comments", "comments", "content", "content", false, false },
	{ "categories", "categories", "name", "name", false, false },
	{ "post_categories", "post-categories", "post_id", "postId", false, false },
	{ "products", "products", "name", "name", false, false },
	{ "orders", "orders", "total", "total", false, true },
	{ "order_items", "order-items", "order_id", "orderId", false, true },
	{ "countries", "countries", "name", "name", true, false },
	{ "currencies", "currencies", "name", "name", true, false },
};
const size_t sample_model_count = sizeof(sample_models) / sizeof(sample_models[0]);

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
sample_sort(const char **ids, size_t count)
{
	qsort(ids, count, sizeof(*ids), compare);
}

const char **
sample_ids(PGconn *superuser, const struct sample_model *m, const char *tenant, size_t *count)
{
	const char *where =
	    m->shared ? "" : keep_printf(" WHERE tenant_id = '%s' AND deleted_at IS NULL", tenant);
	const char **ids =
	    sql_column(superuser, keep_printf("SELECT id FROM %s%s", m->table, where), count);

	sample_sort(ids, *count);
	return ids;
}

const char **
sample_difference(
    const char **of, size_t of_count, const char **but, size_t but_count, size_t *count)
{
	const char **left = keep_alloc((of_count + 1) * sizeof(*left));

	*count = 0;
	for (size_t i = 0; i < of_count; i++)
		if (bsearch(&of[i], but, but_count, sizeof(*but), compare) == NULL)
			left[(*count)++] = of[i];
	return left;
}

const char **
sample_walk(struct client *client, const char *tenant, const char *model, const char *query,
    int limit, size_t *count)
{
	const char **all = NULL;
	size_t size = 0;

	*count = 0;
	for (int page = 1; page < PAGES_MAX; page++) {
		const struct answer *a = client_getf(client, tenant, "/api/%s?page=%d&limit=%d%s%s",
		    model, page, limit, *query != '\0' ? "&" : "", query);
		const char **ids;
		size_t n;

		if (a->status != 200) {
			printf(
			    "\n%s page %d: status %d: %.300s\n", model, page, a->status, a->body);
			return NULL;
		}
		ids = document_column(a->json, "data", "id", &n);
		if (all == NULL || *count + n + 1 > size) {
			const char **more =
			    keep_alloc((size = 2 * (*count + n + 1)) * sizeof(*more));

			if (all != NULL)
				memcpy(more, all, *count * sizeof(*more));
			all = more;
		}
		if (n > 0)
			memcpy(all + *count, ids, n * sizeof(*all));
		*count += n;
		if (document_at(a->json, "links.next") == NULL)
			return all;
	}
	printf("\n%s: there is always a next page\n", model);
	return NULL;
}
