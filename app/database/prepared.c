/* SPDX-License-Identifier: BSD-2-Clause */
/* prepared.c - a small table, searched from its beginning */
#include "database/prepared.h"

#include <sodium.h>
#include <string.h>

#include "database/sqltext.h"

struct prepared_text
prepared_text_of(const struct statement *statement)
{
	struct prepared_text text = { .len = statement->text_len };

	crypto_generichash(text.hash, sizeof(text.hash), (const unsigned char *)statement->text,
	    statement->text_len, NULL, 0);
	return text;
}

void
prepared_forget(struct prepared_cache *c)
{
	memset(c->entries, 0, sizeof(c->entries));
	c->bytes = 0;
}

void
prepared_begin(struct prepared_cache *c)
{
	c->run++;
}

struct prepared *
prepared_find(struct prepared_cache *c, const struct prepared_text *text)
{
	for (size_t i = 0; i < COUNT_OF(c->entries); i++) {
		struct prepared *e = &c->entries[i];

		if (e->text.len == 0 || memcmp(e->text.hash, text->hash, sizeof(text->hash)) != 0)
			continue;
		e->used = c->run;
		return e;
	}
	return NULL;
}

struct prepared *
prepared_add(struct prepared_cache *c, const struct prepared_text *text)
{
	struct prepared *e = c->entries;

	while (e < c->entries + COUNT_OF(c->entries) && e->text.len > 0)
		e++;
	if (e == c->entries + COUNT_OF(c->entries))
		return NULL;
	e->text = *text;
	e->name[0] = 's';
	text_digits(e->name + 1, ++c->next_name);
	e->used = c->run;
	e->confirmed = false;
	c->bytes += text->len;
	return e;
}

void
prepared_drop(struct prepared_cache *c, struct prepared *entry)
{
	c->bytes -= entry->text.len;
	memset(entry, 0, sizeof(*entry));
}

/* The oldest confirmed entry that this run does not use; NULL when there is none. */
static struct prepared *
oldest(struct prepared_cache *c)
{
	struct prepared *found = NULL;

	for (size_t i = 0; i < COUNT_OF(c->entries); i++) {
		struct prepared *e = &c->entries[i];

		if (e->text.len > 0 && e->confirmed && e->used < c->run &&
		    (found == NULL || e->used < found->used))
			found = e;
	}
	return found;
}

size_t
prepared_make_room(struct prepared_cache *c, const struct prepared_text *texts, size_t count,
    struct prepared **victims)
{
	size_t bytes = c->bytes, fresh = 0, used = 0, made = 0;

	for (size_t i = 0; i < count; i++) {
		if (prepared_find(c, &texts[i]) != NULL)
			continue;
		bytes += texts[i].len;
		fresh++;
	}
	for (size_t i = 0; i < COUNT_OF(c->entries); i++)
		used += c->entries[i].text.len > 0;
	while (fresh > 0 && made < LIMIT_PREPARED_COUNT &&
	    (bytes > LIMIT_PREPARED_TEXT_BYTES || used + fresh > LIMIT_PREPARED_COUNT + made) &&
	    (victims[made] = oldest(c)) != NULL) {
		victims[made]->used = c->run;
		bytes -= victims[made]->text.len;
		made++;
	}
	return made;
}
