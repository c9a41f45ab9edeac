/* SPDX-License-Identifier: BSD-2-Clause */
/* asked.c - a query as a URL */
#include "oracle/asked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/pool.h"

struct url {
	FILE *out;
	char separator;
};

/* Percent-encoded but for what RFC 3986, 2.3 leaves alone. */
static void
put_encoded(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
			*text) != NULL)
			fputc(*text, out);
		else
			fprintf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

static void
put_parameter(struct url *u, const char *name, const char *value)
{
	fprintf(u->out, "%c%s=", u->separator, name);
	put_encoded(u->out, value);
	u->separator = '&';
}

static void
put_number(struct url *u, struct pool *p, const char *name, long value)
{
	if (value > 0)
		put_parameter(u, name, pool_printf(p, "%ld", value));
}

static void
put_sorts(struct url *u, struct pool *p, const struct asked *a)
{
	for (size_t i = 0; i < a->sort_count; i++) {
		const struct sort *s = &a->sorts[i];
		const char *name = a->model->columns[s->column].name;

		/* ascending is the default: said every other time */
		if (s->descending || i % 2 == 0)
			name = pool_printf(p, "%s:%s", name, s->descending ? "DESC" : "ASC");
		put_parameter(u, "sortBy", name);
	}
}

const char *
asked_url(const struct asked *a, struct pool *p)
{
	char *text = NULL;
	size_t len = 0;
	struct url u = { open_memstream(&text, &len), '?' };
	const char *url;

	if (u.out == NULL)
		abort();
	fprintf(u.out, "/api/%s", a->model->path);
	if (a->shape == ASKED_ROW) {
		fputc('/', u.out);
		put_encoded(u.out, cell_text(p, a->model->columns[0].type, &a->id));
	}
	put_number(&u, p, "page", a->page);
	put_number(&u, p, "limit", a->limit);
	put_sorts(&u, p, a);
	if (fclose(u.out) != 0)
		abort();
	url = pool_printf(p, "%s", text);
	free(text);
	return url;
}
