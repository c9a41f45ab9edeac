/* SPDX-License-Identifier: BSD-2-Clause */
/* client.h - HTTP as a client sees it, once or many times at once
 *
 * A struct client belongs to one thread. Answers are kept memory: they need no free. */
#ifndef SUPPORT_CLIENT_H
#define SUPPORT_CLIENT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct json_object;

struct answer_header {
	const char *name, *value;
};

struct answer {
	CURLcode error; /* CURLE_OK, or why there is no whole answer */
	int status;
	struct answer_header *headers;
	size_t header_count;
	const char *body; /* NUL-terminated */
	size_t body_len;
	struct json_object *json; /* NULL: the body is none */
	int64_t took_ms;
	double took_us;
};

struct client *client_new(const char *base_url);
void client_free(struct client *);

/* headers: "Name: value" each, NULL-terminated, or NULL. body may be NULL. */
const struct answer *client_request(struct client *, const char *method, const char *path,
    const char *const *headers, const char *body) __attribute__((returns_nonnull));

/* Sign in; the client keeps the tokens, one pair per tenant as it is written here, and client_get
 * sends the access token from then on. False when the answer was not 200, which is said. */
bool client_sign_in(struct client *, const char *tenant, const char *login, const char *password);

/* What was kept; NULL when nobody signed in. client_forget signs nobody out. */
const char *client_token(const struct client *, const char *tenant);
const char *client_refresh_token(const struct client *, const char *tenant);
void client_keep(struct client *, const char *tenant, const char *access, const char *refresh);
void client_forget(struct client *);

/* "Authorization: Bearer ..." */
const char *bearer_header(const char *token) __attribute__((returns_nonnull));

/* POST (or whatever) a JSON body; token may be NULL: nobody in particular. */
const struct answer *client_send(struct client *, const char *method, const char *path,
    const char *token, const char *body) __attribute__((returns_nonnull));

/* The body of a sign-in, its texts quoted; tenant may be NULL. */
const char *login_body(const char *tenant, const char *login, const char *password)
    __attribute__((returns_nonnull));

/* GET as a tenant: with the token of who signed in there, else with X-Tenant-Id; tenant may be
 * NULL: neither. */
const struct answer *
client_get(struct client *, const char *tenant, const char *path) __attribute__((returns_nonnull));

/* The same with a printf format for the path; the values are put in as they are, not encoded. */
const struct answer *client_getf(struct client *, const char *tenant, const char *format, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull));

/* The value of a header whatever its case, NULL when it did not come; how often it came. */
const char *answer_header(const struct answer *, const char *name);
size_t answer_header_count(const struct answer *, const char *name);

/* All headers but those named (NULL-terminated), one per line in the order they came: to compare.
 */
const char *answer_headers_but(const struct answer *, const char *const *names)
    __attribute__((returns_nonnull));

/* --- many at once ---------------------------------------------------------------------- */

/* What became of one request of the load. */
struct load_sample {
	int64_t begun_ms, ended_ms; /* of now_ms() */
	double took_us;
	int status;
	CURLcode error;
	size_t body_len;
	bool retry_after; /* the header came */
};

struct load_options {
	const char *base_url, *path;
	const char *header;   /* "Name: value" of each request, or NULL */
	const char *body;     /* NULL: GET; else POST of this JSON */
	int clients;          /* threads, each with its own connections */
	int requests;         /* of each client; 0: until load_stop */
	int interval_ms;      /* 0: one after the other; else each client begins one so often */
	bool new_connections; /* one per request instead of kept ones */
};

struct load;

/* Begin; returns at once. */
struct load *load_start(const struct load_options *) __attribute__((returns_nonnull));

/* How many requests were answered so far, whatever the answer. */
size_t load_done(struct load *);

/* Wait until so many were; false when timeout_ms passed. */
bool load_wait(struct load *, size_t count, int timeout_ms);

/* Let each client finish its request, join, and give all samples: *count of them, in no order. */
const struct load_sample *load_stop(struct load *, size_t *count);

#endif
