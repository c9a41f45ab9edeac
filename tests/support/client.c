/* SPDX-License-Identifier: BSD-2-Clause */
/* client.c - libcurl, one easy handle per client and per thread of a load */
#include "support/client.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "support/document.h"
#include "support/keep.h"

enum { TIMEOUT_MS = 20000, HEADERS = 64, SAMPLES_AT_FIRST = 4096, SIGNED_IN = 16 };

struct client {
	CURL *curl;
	const char *base_url;
	struct {
		const char *tenant, *access, *refresh;
	} signed_in[SIGNED_IN];
	size_t signed_in_count;
};

struct buffer {
	char *bytes;
	size_t len;
};

static size_t
take_bytes(char *bytes, size_t size, size_t count, void *argument)
{
	struct buffer *b = argument;
	size_t n = size * count;
	char *more = realloc(b->bytes, b->len + n + 1);

	if (more == NULL)
		return 0;
	memcpy(more + b->len, bytes, n);
	b->bytes = more;
	b->len += n;
	more[b->len] = '\0';
	return n;
}

static size_t
take_header(char *bytes, size_t size, size_t count, void *argument)
{
	struct answer *a = argument;
	size_t n = size * count, name_len, value_at;
	char *colon = memchr(bytes, ':', n);

	if (n > 5 && memcmp(bytes, "HTTP/", 5) == 0)
		a->header_count = 0; /* the head of another answer: of a 100 Continue, say */
	if (colon == NULL || a->header_count == HEADERS)
		return n;
	name_len = (size_t)(colon - bytes);
	value_at = name_len + 1;
	while (value_at < n && bytes[value_at] == ' ')
		value_at++;
	a->headers[a->header_count].name = keep_copy(bytes, name_len);
	a->headers[a->header_count++].value =
	    keep_copy(bytes + value_at, strcspn(bytes + value_at, "\r\n"));
	return n;
}

struct client *
client_new(const char *base_url)
{
	struct client *c = keep_alloc(sizeof(*c));

	curl_global_init(CURL_GLOBAL_ALL);
	c->curl = curl_easy_init();
	c->base_url = base_url;
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	c->curl = NULL;
}

const struct answer *
client_request(struct client *c, const char *method, const char *path, const char *const *headers,
    const char *body)
{
	struct answer *a = keep_alloc(sizeof(*a));
	struct curl_slist *list = NULL;
	struct buffer bytes = { 0 };
	int64_t begun = now_ms();
	double took = 0;
	long status = 0;

	a->headers = keep_alloc(HEADERS * sizeof(*a->headers));
	for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
		list = curl_slist_append(list, headers[i]);
	curl_easy_reset(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_URL, keep_printf("%s%s", c->base_url, path));
	curl_easy_setopt(c->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(c->curl, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &bytes);
	curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	if (body != NULL)
		curl_easy_setopt(c->curl, CURLOPT_COPYPOSTFIELDS, body);
	a->error = curl_easy_perform(c->curl);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->curl, CURLINFO_TOTAL_TIME, &took);
	a->status = (int)status;
	a->took_us = took * 1e6;
	a->took_ms = now_ms() - begun;
	a->body = keep_copy(bytes.bytes != NULL ? bytes.bytes : "", bytes.len);
	a->body_len = bytes.len;
	a->json = json_tokener_parse(a->body);
	free(bytes.bytes);
	curl_slist_free_all(list);
	return a;
}

/* --- who asks ------------------------------------------------------------------------------ */

const char *
client_token(const struct client *c, const char *tenant)
{
	for (size_t i = 0; tenant != NULL && i < c->signed_in_count; i++)
		if (strcmp(c->signed_in[i].tenant, tenant) == 0)
			return c->signed_in[i].access;
	return NULL;
}

const char *
client_refresh_token(const struct client *c, const char *tenant)
{
	for (size_t i = 0; tenant != NULL && i < c->signed_in_count; i++)
		if (strcmp(c->signed_in[i].tenant, tenant) == 0)
			return c->signed_in[i].refresh;
	return NULL;
}

void
client_keep(struct client *c, const char *tenant, const char *access, const char *refresh)
{
	size_t i = 0;

	while (i < c->signed_in_count && strcmp(c->signed_in[i].tenant, tenant) != 0)
		i++;
	if (i == SIGNED_IN)
		abort();
	c->signed_in_count += i == c->signed_in_count;
	c->signed_in[i].tenant = keep_printf("%s", tenant);
	c->signed_in[i].access = keep_printf("%s", access);
	c->signed_in[i].refresh = keep_printf("%s", refresh);
}

void
client_forget(struct client *c)
{
	c->signed_in_count = 0;
}

const char *
bearer_header(const char *token)
{
	return keep_printf("Authorization: Bearer %s", token);
}

const struct answer *
client_send(
    struct client *c, const char *method, const char *path, const char *token, const char *body)
{
	const char *headers[3] = { 0 };
	size_t n = 0;

	if (body != NULL)
		headers[n++] = "Content-Type: application/json";
	if (token != NULL)
		headers[n++] = bearer_header(token);
	return client_request(c, method, path, headers, body);
}

const char *
login_body(const char *tenant, const char *login, const char *password)
{
	struct json_object *body = json_object_new_object();
	const char *text;

	if (tenant != NULL)
		json_object_object_add(body, "tenant", json_object_new_string(tenant));
	json_object_object_add(body, "login", json_object_new_string(login));
	json_object_object_add(body, "password", json_object_new_string(password));
	text = keep_printf("%s", json_object_to_json_string(body));
	json_object_put(body);
	return text;
}

bool
client_sign_in(struct client *c, const char *tenant, const char *login, const char *password)
{
	const struct answer *a =
	    client_send(c, "POST", "/api/auth/login", NULL, login_body(tenant, login, password));

	if (a->status != 200) {
		printf("\nsign-in of %s: status %d: %.300s\n", login, a->status, a->body);
		return false;
	}
	client_keep(c, tenant, document_text(a->json, "accessToken"),
	    document_text(a->json, "refreshToken"));
	return true;
}

const struct answer *
client_get(struct client *c, const char *tenant, const char *path)
{
	const char *headers[2] = { 0 }, *token = client_token(c, tenant);

	if (token != NULL)
		headers[0] = bearer_header(token);
	else if (tenant != NULL)
		headers[0] = keep_printf("X-Tenant-Id: %s", tenant);
	return client_request(c, "GET", path, headers, NULL);
}

const struct answer *
client_getf(struct client *c, const char *tenant, const char *format, ...)
{
	char path[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(path, sizeof(path), format, ap);
	va_end(ap);
	return client_get(c, tenant, path);
}

const char *
answer_header(const struct answer *a, const char *name)
{
	for (size_t i = 0; i < a->header_count; i++)
		if (strcasecmp(a->headers[i].name, name) == 0)
			return a->headers[i].value;
	return NULL;
}

size_t
answer_header_count(const struct answer *a, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < a->header_count; i++)
		n += strcasecmp(a->headers[i].name, name) == 0;
	return n;
}

const char *
answer_headers_but(const struct answer *a, const char *const *names)
{
	const char *all = "";

	for (size_t i = 0; i < a->header_count; i++) {
		size_t k = 0;

		while (names[k] != NULL && strcasecmp(names[k], a->headers[i].name) != 0)
			k++;
		if (names[k] == NULL)
			all =
			    keep_printf("%s%s: %s\n", all, a->headers[i].name, a->headers[i].value);
	}
	return all;
}

/* --- many at once ---------------------------------------------------------------------- */

struct load_thread {
	struct load *load;
	pthread_t id;
	struct load_sample *samples; /* grows; freed into the sum by load_stop */
	size_t count, size;
};

struct load {
	struct load_options options;
	const char *url;
	_Atomic bool stop;
	_Atomic size_t done;
	struct load_thread *threads;
};

static size_t
count_bytes(char *bytes, size_t size, size_t count, void *argument)
{
	(void)bytes;
	((struct load_sample *)argument)->body_len += size * count;
	return size * count;
}

static size_t
look_at_header(char *bytes, size_t size, size_t count, void *argument)
{
	if (size * count > 12 && strncasecmp(bytes, "retry-after:", 12) == 0)
		((struct load_sample *)argument)->retry_after = true;
	return size * count;
}

static struct load_sample *
next_sample(struct load_thread *t)
{
	if (t->count == t->size) {
		t->size = t->size == 0 ? SAMPLES_AT_FIRST : t->size * 2;
		t->samples = realloc(t->samples, t->size * sizeof(*t->samples));
		if (t->samples == NULL)
			abort();
	}
	memset(&t->samples[t->count], 0, sizeof(*t->samples));
	return &t->samples[t->count++];
}

static void *
load_run(void *argument)
{
	struct load_thread *t = argument;
	struct load *l = t->load;
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	int64_t next = now_ms();

	/* Clients with an interval begin one after the other, evenly. */
	if (l->options.interval_ms > 0) {
		int wait = (int)(t - l->threads) * l->options.interval_ms / l->options.clients;

		next += wait;
		pause_ms(wait);
	}
	if (l->options.header != NULL)
		headers = curl_slist_append(headers, l->options.header);
	if (l->options.body != NULL) {
		headers = curl_slist_append(headers, "Content-Type: application/json");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, l->options.body);
	}
	curl_easy_setopt(curl, CURLOPT_URL, l->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count_bytes);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, look_at_header);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, l->options.new_connections ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, l->options.new_connections ? 1L : 0L);
	for (int i = 0; !l->stop && (l->options.requests == 0 || i < l->options.requests); i++) {
		struct load_sample *s = next_sample(t);
		long status = 0;
		double took = 0;

		curl_easy_setopt(curl, CURLOPT_WRITEDATA, s);
		curl_easy_setopt(curl, CURLOPT_HEADERDATA, s);
		s->begun_ms = now_ms();
		s->error = curl_easy_perform(curl);
		s->ended_ms = now_ms();
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME, &took);
		s->status = (int)status;
		s->took_us = took * 1e6;
		l->done++;
		if (l->options.interval_ms > 0 && (next += l->options.interval_ms) > s->ended_ms)
			pause_ms((int)(next - s->ended_ms));
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return NULL;
}

struct load *
load_start(const struct load_options *options)
{
	struct load *l = keep_alloc(sizeof(*l));

	curl_global_init(CURL_GLOBAL_ALL);
	l->options = *options;
	l->url = keep_printf("%s%s", options->base_url, options->path);
	l->threads = keep_alloc((size_t)options->clients * sizeof(*l->threads));
	for (int i = 0; i < options->clients; i++) {
		l->threads[i].load = l;
		if (pthread_create(&l->threads[i].id, NULL, load_run, &l->threads[i]) != 0)
			abort();
	}
	return l;
}

size_t
load_done(struct load *l)
{
	return l->done;
}

struct done_wanted {
	struct load *load;
	size_t count;
};

static bool
enough_done(void *argument)
{
	const struct done_wanted *w = argument;

	return w->load->done >= w->count;
}

bool
load_wait(struct load *l, size_t count, int timeout_ms)
{
	return wait_until(enough_done, &(struct done_wanted){ l, count }, timeout_ms);
}

const struct load_sample *
load_stop(struct load *l, size_t *count)
{
	struct load_sample *all;
	size_t n = 0;

	l->stop = true;
	for (int i = 0; i < l->options.clients; i++) {
		pthread_join(l->threads[i].id, NULL);
		n += l->threads[i].count;
	}
	all = keep_alloc((n + 1) * sizeof(*all));
	*count = n;
	for (int i = 0; i < l->options.clients; i++) {
		struct load_thread *t = &l->threads[i];

		if (t->count > 0)
			memcpy(all + (n -= t->count), t->samples, t->count * sizeof(*all));
		free(t->samples);
	}
	return all;
}
