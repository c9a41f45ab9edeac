/* SPDX-License-Identifier: BSD-2-Clause */
/* caching.c - keys, subjects, and packing an answer */
#include "serve/caching.h"

#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/freshness.h"
#include "compiler/access.h"
#include "compiler/change.h"
#include "compiler/plan.h"
#include "serve/cache.h"
#include "serve/door.h"
#include "serve/environment.h"
#include "serve/etag.h"
#include "serve/handler.h"
#include "serve/handles.h"
#include "serve/platform.h"

enum {
	WAIT_MS = 500,     /* for another worker that computes the same */
	PAYLOAD_MAX = 512, /* a tenant, a word and a name; PostgreSQL takes 8000 */
};

/* --- subjects ------------------------------------------------------------------------------ */

/* The kinds of names: as they stand in a payload. */
static const char MODEL_WORD[] = "model", KEY_WORD[] = "key";

static const char *
name_subject(struct arena *arena, const char *tenant, const char *word, const char *name)
{
	return arena_printf(arena, "%s %s %s", tenant, word, name);
}

/* The same on every host; nobody gains by two that meet. */
static uint64_t
subject_of(const char *name)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = "rowhouse cache";
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t subject;

	crypto_shorthash(hash, (const unsigned char *)name, strlen(name), key);
	memcpy(&subject, hash, sizeof(subject));
	return subject;
}

static bool
rule_shows(const struct cache_rule *rule, const char *table)
{
	for (size_t i = 0; rule->models[i] != NULL; i++)
		if (strcmp(rule->models[i]->table, table) == 0)
			return true;
	return false;
}

bool
caching_is_declared(const struct route_table *routes)
{
	for (size_t i = 0; i < routes->count; i++)
		if (routes->routes[i].cache != NULL)
			return true;
	return false;
}

static bool
is_shown(const struct route_table *routes, const char *table)
{
	for (size_t i = 0; i < routes->count; i++)
		if (routes->routes[i].cache != NULL && rule_shows(routes->routes[i].cache, table))
			return true;
	return false;
}

/* --- writes -------------------------------------------------------------------------------- */

/*	SELECT pg_notify('rowhouse_cache', $1)
 *
 * A unit that notifies takes a lock of the whole database while it commits, which is why only
 * declared models do. */
static bool
add_notification(struct request *r, struct unit *unit, const char *name, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "SELECT pg_notify('" CACHING_CHANNEL "', ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, name));
	sqltext_literal(t, ")");
	return unit_add_text(unit, t, p);
}

/* A name that is too long for a payload stands for everything, there and here. */
static bool
note(struct request *r, struct unit *unit, const char *word, const char *name, struct problem *p)
{
	const char *full = name_subject(r->arena, r->tenant->id, word, name);
	uint64_t subject = subject_of(full);

	for (size_t i = 0; i < r->written_count && i < REQUEST_SUBJECTS; i++)
		if (r->written[i] == subject)
			return true;
	if (r->written_count < REQUEST_SUBJECTS)
		r->written[r->written_count] = subject;
	r->written_count++;
	return add_notification(r, unit, strlen(full) < PAYLOAD_MAX ? full : "*", p);
}

bool
caching_note(struct request *r, struct unit *unit, const char *table, struct problem *p)
{
	const struct route_table *routes = r->environment->routes;

	if (routes == NULL || r->tenant == NULL || !is_shown(routes, table))
		return true;
	return note(r, unit, MODEL_WORD, table, p);
}

/* Rows that go for good may take others along that no statement of ours names. */
static bool
note_all(struct request *r, struct unit *unit, struct problem *p)
{
	for (size_t i = 0; i < r->catalogue->model_count; i++)
		if (!caching_note(r, unit, r->catalogue->models[i].table, p))
			return false;
	return true;
}

bool
caching_note_plan(struct request *r, const struct plan *plan, struct problem *p)
{
	const size_t count = unit_count(plan->unit);

	for (size_t i = 0; i < count; i++) {
		const struct step *step = plan_step(plan, i);

		if (step->purpose != PURPOSE_WRITE)
			continue;
		if (step->change->physical ? !note_all(r, plan->unit, p)
					   : !caching_note(r, plan->unit, step->model->table, p))
			return false;
	}
	return true;
}

/* One more than there is room for makes everything old. */
static size_t
written_count(const struct request *r)
{
	return r->written_count <= REQUEST_SUBJECTS ? r->written_count : FRESHNESS_NOTES + 1;
}

void
caching_begin_commit(struct request *r)
{
	if (r->environment->freshness != NULL && r->written_count > 0)
		freshness_begin_write(
		    r->environment->freshness, r->environment->slot, r->written, written_count(r));
}

void
caching_end_commit(struct request *r)
{
	if (r->environment->freshness != NULL && r->written_count > 0)
		freshness_end_write(r->environment->freshness, r->environment->slot);
}

void
caching_hear(struct freshness *freshness, const char *payload)
{
	const char *word = strchr(payload, ' ');

	if (word != NULL && strchr(word + 1, ' ') != NULL)
		freshness_raise(freshness, subject_of(payload));
	else
		freshness_raise_all(freshness);
}

/* --- keys ---------------------------------------------------------------------------------- */

/* A text of its own in a digest: with its length in front, and NULL unlike the empty one. */
static void
digest(crypto_generichash_state *state, const char *text)
{
	int64_t len = text != NULL ? (int64_t)strlen(text) : -1;

	crypto_generichash_update(state, (const unsigned char *)&len, sizeof(len));
	if (len > 0)
		crypto_generichash_update(state, (const unsigned char *)text, (size_t)len);
}

/* Two principals of one class may read the same rows; where some of them are a principal's own, it
 * is a class of its own. */
static void
digest_class(
    crypto_generichash_state *state, const struct request *r, const struct cache_rule *rule)
{
	const struct principal *who = &r->principal;
	bool alone = false;

	for (size_t i = 0; rule->models[i] != NULL; i++) {
		const struct model *model = handles_model(r->catalogue, rule->models[i]);
		enum reach reach =
		    model != NULL ? access_reach(model, ACTION_READ, who) : REACH_NOTHING;

		alone = alone || (reach != REACH_NOTHING && reach != REACH_ALL_ROWS);
	}
	digest(state, principal_type_word(who->type));
	digest(state, who->member ? "member" : NULL);
	digest(state, who->role);
	digest(state, who->scopes);
	digest(state, alone ? who->id : NULL);
}

static struct cache_key
key_of(const struct request *r, const struct cache_rule *rule, const char *name, const char *kind)
{
	crypto_generichash_state state;
	struct cache_key key;

	crypto_generichash_init(&state, NULL, 0, sizeof(key.bytes));
	digest(&state, r->tenant->id);
	digest_class(&state, r, rule);
	digest(&state, kind);
	digest(&state, name);
	crypto_generichash_update(&state, (const unsigned char *)&r->epoch, sizeof(r->epoch));
	if (strcmp(kind, "answer") == 0) { /* what else an answer may depend on */
		digest(&state, r->uri.path);
		digest(&state, request_param(r, "HTTP_ACCEPT"));
		digest(&state, request_param(r, "HTTP_PREFER"));
	}
	crypto_generichash_final(&state, key.bytes, sizeof(key.bytes));
	return key;
}

/* The rule's name with the path's variables in it. */
static const char *
fill_name(const struct request *r, const char *name)
{
	const char *open = strchr(name, '{'), *close = open != NULL ? strchr(open, '}') : NULL;

	if (close == NULL)
		return name;
	return arena_printf(r->arena, "%.*s%s%s", (int)(open - name), name,
	    request_path(r, arena_copy(r->arena, open + 1, (size_t)(close - open - 1))), close + 1);
}

/* --- one value ----------------------------------------------------------------------------- */

/* What is asked for, and whose writes make it old. */
struct wanted {
	struct request *request;
	struct cache_key key;
	const uint64_t *subjects;
	size_t count;
	long ttl_s;
};

/* What computes it; false and a problem, or nothing that may be kept (bytes NULL). */
struct computed {
	const char *bytes;
	size_t len;
};
typedef bool compute_fn(struct request *, void *context, struct computed *, struct problem *);

static struct wanted
want(struct request *r, const struct cache_rule *rule, const char *name, const char *kind)
{
	struct wanted w = { .request = r, .ttl_s = rule->ttl_s };
	uint64_t *subjects;
	size_t models = 0;

	while (rule->models[models] != NULL)
		models++;
	subjects = arena_array(r->arena, models + 1, sizeof(*subjects));
	for (; w.count < models; w.count++)
		subjects[w.count] = subject_of(name_subject(
		    r->arena, r->tenant->id, MODEL_WORD, rule->models[w.count]->table));
	subjects[w.count++] = subject_of(name_subject(r->arena, r->tenant->id, KEY_WORD, name));
	w.subjects = subjects;
	w.key = key_of(r, rule, name, kind);
	return w;
}

static bool
may_use(const struct request *r)
{
	const struct environment *e = r->environment;

	return e->cache != NULL && r->tenant != NULL && r->keyed == NULL &&
	    freshness_is_leased(e->freshness, clock_now_ns());
}

/* Look for it, waiting for whom computes it already. */
static struct cache_found
look(const struct wanted *w, uint64_t *stamp)
{
	const struct environment *e = w->request->environment;
	int64_t until_ns = clock_now_ns() + WAIT_MS * INT64_C(1000000);
	struct cache_found found;
	int left_ms;

	if (until_ns > w->request->deadline_ns)
		until_ns = w->request->deadline_ns;
	for (;;) {
		*stamp = freshness_stamp(e->freshness, w->subjects, w->count);
		found = cache_find(e->cache, &w->key, *stamp, e->slot);
		if (found.answer != CACHE_BUSY || (left_ms = clock_left_ms(until_ns)) == 0)
			return found;
		cache_wait(e->cache, &found, left_ms);
	}
}

static void
keep(const struct wanted *w, uint64_t stamp, const struct computed *value)
{
	const struct environment *e = w->request->environment;
	const struct cache_terms terms = { stamp, w->ttl_s * 1000 };

	if (value->bytes == NULL || freshness_unsettled(e->freshness, w->subjects, w->count) ||
	    freshness_stamp(e->freshness, w->subjects, w->count) != stamp ||
	    !freshness_is_leased(e->freshness, clock_now_ns()))
		cache_release(e->cache, e->slot);
	else
		cache_put(e->cache, &w->key, &terms, value->bytes, value->len, e->slot);
}

/* *hit says that it was there. */
static bool
get_or_compute(const struct wanted *w, compute_fn *compute, void *context, struct computed *out,
    bool *hit, struct problem *p)
{
	struct request *r = w->request;
	const struct environment *e = r->environment;
	struct cache_found found;
	uint64_t stamp;
	bool ok;

	*out = (struct computed){ NULL, 0 };
	found = look(w, &stamp);
	*hit = found.answer == CACHE_HIT;
	counters_add(e->counters, *hit ? COUNTER_CACHE_HITS : COUNTER_CACHE_MISSES, 1);
	if (*hit) {
		*out = (struct computed){ arena_copy(r->arena, found.bytes, found.len), found.len };
		r->used_memory = true;
		return true;
	}
	ok = compute(r, context, out, p);
	if (!ok)
		out->bytes = NULL;
	if (found.answer == CACHE_AWAY)
		cache_release(e->cache, e->slot);
	else
		keep(w, stamp, out);
	return ok;
}

/* --- whole answers ------------------------------------------------------------------------- */

/* Packed: for each header its number and its value with a NUL, then HTTP_HEADER__MAX, then the
 * body. Only a 200 is. */
static void
pack(struct request *r, const struct response *response, struct computed *out)
{
	struct text t;

	if (response->status != 200 || response->streamed || response->body.failed)
		return;
	text_init(&t, r->arena, CACHE_VALUE_BYTES);
	for (enum http_header h = 0; h < HTTP_HEADER__MAX; h++) {
		if (response->headers[h] == NULL)
			continue;
		text_byte(&t, (char)h);
		text_put(&t, response->headers[h], strlen(response->headers[h]) + 1);
	}
	text_byte(&t, (char)HTTP_HEADER__MAX);
	text_put(&t, response->body.bytes, response->body.len);
	if (!t.failed)
		*out = (struct computed){ t.bytes, t.len };
}

static bool
unpack(const struct request *r, struct response *response, const struct computed *packed)
{
	const char *at = packed->bytes, *end = at + packed->len, *etag = NULL;

	while (at < end && (unsigned char)*at < HTTP_HEADER__MAX) {
		enum http_header h = (enum http_header)(unsigned char)*at++;
		const char *value = at;

		if ((at = memchr(at, '\0', (size_t)(end - at))) == NULL)
			return false;
		at++;
		if (h == HTTP_HEADER_ETAG)
			etag = value;
		else
			response_header(response, h, value);
	}
	if (at == end)
		return false;
	at++;
	text_put(&response->body, at, (size_t)(end - at));
	response->status = 200;
	if (etag != NULL)
		etag_put(response, r, etag);
	return true;
}

static bool
run_handler(struct request *r, void *context, struct computed *out, struct problem *p)
{
	struct response *response = context;

	if (!r->route->handler(r, response, p))
		return false;
	/* One that has left a unit open is wrong, and seen to be by who called. */
	if (!problem_raised(p) && (r->door == NULL || r->door->over))
		pack(r, response, out);
	return true;
}

bool
caching_answer(struct request *r, struct response *response, struct problem *p)
{
	const struct cache_rule *rule = r->route->cache;
	struct computed packed;
	struct wanted w;
	bool hit;

	/* What the client asks beside the path would be a key for everybody to make. */
	if (!may_use(r) || request_has_parameters(r))
		return r->route->handler(r, response, p);
	w = want(r, rule, fill_name(r, rule->name), "answer");
	if (!get_or_compute(&w, run_handler, response, &packed, &hit, p))
		return false;
	return !hit || unpack(r, response, &packed) ||
	    problem_raise(p, PROBLEM_INTERNAL, "an error of the server");
}

/* --- for handlers -------------------------------------------------------------------------- */

struct json_compute {
	cache_compute_fn *compute;
	void *context;
};

static bool
run_compute(struct request *r, void *context, struct computed *out, struct problem *p)
{
	const struct json_compute *c = context;

	if ((out->bytes = c->compute(r, c->context, p)) == NULL)
		return false;
	out->len = strlen(out->bytes);
	return true;
}

const char *
cache_get_or_compute(struct request *r, const char *name, cache_compute_fn *compute, void *context,
    struct problem *p)
{
	const struct cache_rule *rule = r->route->cache;
	struct json_compute c = { compute, context };
	struct computed value;
	struct wanted w;
	bool hit;

	if (rule == NULL || !may_use(r))
		return compute(r, context, p);
	w = want(r, rule, name, "value");
	return get_or_compute(&w, run_compute, &c, &value, &hit, p) ? value.bytes : NULL;
}

void
cache_delete(struct unit *unit, const char *name)
{
	struct door *door = door_of(unit);

	if (door_is_open(door) && !note(door->request, unit, KEY_WORD, name, door->problem))
		return; /* the problem stays */
}
