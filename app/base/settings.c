/* SPDX-License-Identifier: BSD-2-Clause */
/* settings.c - the table of settings, and their values as text
 *
 * To add a setting: a member in struct settings, a row here, its paragraph in rowhouse.conf and in
 * the manual (tests/check/settings.sh fails until both are there). */
#include "base/settings.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"

static const char *const log_formats[] = { "json", "text", NULL };
static const char *const log_levels[] = { "error", "warn", "info", "debug", NULL };
static_assert(COUNT_OF(log_formats) == LOG_FORMAT__MAX + 1, "a word per log format");
static const char *const log_statements[] = { "none", "slow", "all", NULL };
static_assert(COUNT_OF(log_statements) == LOG_STATEMENTS__MAX + 1, "a word per choice");
static const char *const unknown_fields[] = { "reject", "strip", NULL };
static_assert(COUNT_OF(unknown_fields) == UNKNOWN_FIELDS__MAX + 1, "a word per choice");
static const char *const openapi_access[] = { "anyone", "member", "nobody", NULL };
static_assert(COUNT_OF(openapi_access) == OPENAPI__MAX + 1, "a word per choice");
static_assert(COUNT_OF(log_levels) == LOG_LEVEL__MAX + 1, "a word per log level");

#define AT(member) offsetof(struct settings, member)
#define NO_BOUNDS  0, 0, NULL

static const struct setting table[] = {
	{ "listen", SETTING_TEXT, AT(listen), "/run/rowhouse/rowhouse.sock", NO_BOUNDS,
	    "Where the web server connects: the path of a unix socket, or host:port." },
	{ "listen_mode", SETTING_MODE, AT(listen_mode), "0660", 0, 0777, NULL,
	    "Permission bits of the unix socket: whoever can write to it speaks for the web "
	    "server." },
	{ "listen_group", SETTING_TEXT, AT(listen_group), "", NO_BOUNDS,
	    "Group of the unix socket, the web server's; empty keeps the group of the process." },
	{ "backlog", SETTING_INT, AT(backlog), "128", 1, 65535, NULL,
	    "Connections that may wait for a worker before the web server is refused." },
	{ "user", SETTING_TEXT, AT(user), "", NO_BOUNDS,
	    "User that workers become; required when the supervisor is started as root." },
	{ "group", SETTING_TEXT, AT(group), "", NO_BOUNDS,
	    "Group that workers become; empty is the user's own." },
	{ "workers", SETTING_INT, AT(workers), "4", 1, LIMIT_WORKERS, NULL,
	    "Worker processes; each holds one connection to PostgreSQL. Two to four per core." },
	{ "max_requests", SETTING_INT, AT(max_requests), "100000", 0, LONG_MAX, NULL,
	    "A worker retires after as many requests and is replaced; 0 is never." },
	{ "stop_timeout", SETTING_DURATION, AT(stop_timeout_ms), "30s", 100, 3600000, NULL,
	    "How long SIGTERM waits for requests in flight before workers are killed." },
	{ "request_timeout", SETTING_DURATION, AT(request_timeout_ms), "10s", 100, 3600000, NULL,
	    "The longest a request may take from its first byte to its answer." },
	{ "receive_timeout", SETTING_DURATION, AT(receive_timeout_ms), "5s", 100, 600000, NULL,
	    "Silence after which a web server that is still sending or reading is given up." },

	{ "database", SETTING_SECRET, AT(database), "dbname=rowhouse", NO_BOUNDS,
	    "libpq connection string of the workers, who log in as the application role." },
	{ "migrate_database", SETTING_SECRET, AT(migrate_database), "", NO_BOUNDS,
	    "Connection string of `rowhouse migrate`, a login that may SET ROLE to "
	    "owner_role; empty "
	    "uses database." },
	{ "owner_role", SETTING_TEXT, AT(owner_role), "rowhouse_owner", NO_BOUNDS,
	    "Role that owns every table; empty is single-role mode, for hosts that give one "
	    "role only." },
	{ "app_role", SETTING_TEXT, AT(app_role), "rowhouse_app", NO_BOUNDS,
	    "Role that the workers log in as; in single-role mode it owns everything." },
	{ "migrations", SETTING_TEXT, AT(migrations), "/usr/share/rowhouse/sql/platform", NO_BOUNDS,
	    "Folders of SQL migrations in the order they apply, separated by colons." },
	{ "prepared_statements", SETTING_BOOL, AT(prepared_statements), "on", NO_BOUNDS,
	    "Prepare each statement once per connection; off behind a pooler that cannot keep "
	    "them." },
	{ "connect_timeout", SETTING_DURATION, AT(connect_timeout_ms), "2s", 100, 60000, NULL,
	    "How long one attempt to connect to PostgreSQL may take." },

	{ "base_path", SETTING_TEXT, AT(base_path), "/api", NO_BOUNDS,
	    "Path under which the API lives; begins with / and does not end with one." },
	{ "body_bytes", SETTING_SIZE, AT(body_bytes), "1m", 0, 64 << 20, NULL,
	    "Largest request body; a larger one is answered 413." },
	{ "unknown_fields", SETTING_CHOICE, AT(unknown_fields), "reject", 0, 0, unknown_fields,
	    "What becomes of a body's fields that the model has not: a 400, or left out." },
	{ "openapi_access", SETTING_CHOICE, AT(openapi_access), "anyone", 0, 0, openapi_access,
	    "Who may read openapi.json, which names models and columns: anyone, member of any "
	    "tenant, nobody." },
	{ "audit_refused", SETTING_BOOL, AT(audit_refused), "off", NO_BOUNDS,
	    "Whether writes that were refused or failed are in the audit log." },
	{ "idempotency_ttl", SETTING_DURATION, AT(idempotency_ms), "1d", 60000, 31536000000, NULL,
	    "How long the answer to a request with an Idempotency-Key is kept." },
	{ "trust_tenant_header", SETTING_BOOL, AT(trust_tenant_header), "off", NO_BOUNDS,
	    "Whether the X-Tenant-Id header alone may choose a tenant." },
	{ "handlers", SETTING_BOOL, AT(handlers), "off", NO_BOUNDS,
	    "Whether the handlers that the program was built with are served: as shipped, those of "
	    "the sample blog and shop." },
	{ "handler_dir", SETTING_TEXT, AT(handler_dir), "", NO_BOUNDS,
	    "Folder of handlers built as shared objects (*.so), which are loaded at the start; "
	    "empty is none." },
	{ "max_include_depth", SETTING_INT, AT(max_include_depth), "4", 0, 16, NULL,
	    "Relations that a request may follow in a row (comments.author is 2)." },
	{ "max_includes", SETTING_INT, AT(max_includes), "16", 0, 256, NULL,
	    "Relations that a request may follow in all: includes, counts and conditions." },
	{ "cache_bytes", SETTING_SIZE, AT(cache_bytes), "8m", 0, 1 << 30, NULL,
	    "Memory for the answers of routes that are cached, shared by all workers; 0 is off." },
	{ "cache_database", SETTING_SECRET, AT(cache_database), "", NO_BOUNDS,
	    "Direct connection string on which other hosts' writes are heard; empty uses "
	    "database." },

	{ "secret_file", SETTING_TEXT, AT(secret_file), "", NO_BOUNDS,
	    "File with the secret that seals signing keys (`rowhouse key init` makes one); "
	    "empty: nobody can sign in." },
	{ "tenant_sources", SETTING_TEXT, AT(tenant_sources), "token,server,header", NO_BOUNDS,
	    "Where a request's tenant is looked for, in this order: token, server, header, "
	    "subdomain, path." },
	{ "own_domains", SETTING_TEXT, AT(own_domains), "", NO_BOUNDS,
	    "Domains whose subdomains are tenants' slugs, separated by commas." },
	{ "trusted_proxies", SETTING_TEXT, AT(trusted_proxies), "", NO_BOUNDS,
	    "Addresses whose X-Forwarded-For names the client, separated by commas." },
	{ "token_issuer", SETTING_TEXT, AT(token_issuer), "rowhouse", NO_BOUNDS,
	    "The iss of access tokens; others are refused." },
	{ "token_audience", SETTING_TEXT, AT(token_audience), "rowhouse", NO_BOUNDS,
	    "The aud of access tokens; others are refused." },
	{ "access_token_ttl", SETTING_DURATION, AT(access_token_ms), "10m", 1000, 86400000, NULL,
	    "How long an access token is good for." },
	{ "refresh_token_ttl", SETTING_DURATION, AT(refresh_token_ms), "30d", 60000, 31536000000,
	    NULL, "How long a session can be refreshed after signing in." },
	{ "shared_token_secret", SETTING_SECRET, AT(shared_token_secret), "", NO_BOUNDS,
	    "Secret of at least 32 bytes of HS256 tokens with the kid \"shared\"; empty: none "
	    "are taken." },
	{ "export_workers", SETTING_INT, AT(export_workers), "2", 1, LIMIT_WORKERS, NULL,
	    "Workers that may stream CSV or NDJSON at a time; the rest of the exports get 503." },
	{ "export_timeout", SETTING_DURATION, AT(export_timeout_ms), "5m", 1000, 86400000, NULL,
	    "How long one export may take; it is broken off then." },
	{ "export_stall_timeout", SETTING_DURATION, AT(export_stall_ms), "10s", 100, 3600000, NULL,
	    "How long the reader of an export may take nothing before it is broken off." },
	{ "login_workers", SETTING_INT, AT(login_workers), "1", 1, LIMIT_WORKERS, NULL,
	    "Workers that may hash passwords at a time; the rest of the sign-ins get 429." },
	{ "login_guesses", SETTING_INT, AT(login_guesses), "10", 1, 1000000, NULL,
	    "Wrong passwords for one account within login_window before it has to wait." },
	{ "address_guesses", SETTING_INT, AT(address_guesses), "100", 1, 1000000, NULL,
	    "Wrong passwords from one address within login_window before it has to wait." },
	{ "login_window", SETTING_DURATION, AT(login_window_ms), "15m", 1000, 86400000, NULL,
	    "How long wrong passwords are remembered." },
	{ "password_passes", SETTING_INT, AT(password_passes), "2", 1, 100, NULL,
	    "Argon2id passes over its memory (libsodium's opslimit)." },
	{ "password_memory", SETTING_SIZE, AT(password_bytes), "19m", 8 << 10, 1 << 30, NULL,
	    "Argon2id memory (libsodium's memlimit)." },

	{ "log_file", SETTING_TEXT, AT(log_file), "", NO_BOUNDS,
	    "File that log lines are appended to; empty is standard error." },
	{ "log_format", SETTING_CHOICE, AT(log_format), "json", 0, 0, log_formats,
	    "One JSON object per line, or text for people." },
	{ "log_level", SETTING_CHOICE, AT(log_level), "info", 0, 0, log_levels,
	    "The least severe events that are logged." },
	{ "log_statements", SETTING_CHOICE, AT(log_statements), "slow", 0, 0, log_statements,
	    "Which statements are logged: all with their times, for developers; those of slow "
	    "units; or none." },
	{ "slow_unit", SETTING_DURATION, AT(slow_ms), "100ms", 0, 3600000, NULL,
	    "Units of work slower than this are logged with their statements; 0 logs all." },
};

/* Suffixes of numbers; a duration needs one, a size may go without. */
static const struct {
	const char *suffix;
	enum setting_type type;
	long factor;
} suffixes[] = {
	{ "ms", SETTING_DURATION, 1 },
	{ "s", SETTING_DURATION, 1000 },
	{ "m", SETTING_DURATION, 60000 },
	{ "h", SETTING_DURATION, 3600000 },
	{ "d", SETTING_DURATION, 86400000 },
	{ "", SETTING_SIZE, 1 },
	{ "k", SETTING_SIZE, 1L << 10 },
	{ "m", SETTING_SIZE, 1L << 20 },
	{ "g", SETTING_SIZE, 1L << 30 },
	{ "", SETTING_INT, 1 },
	{ "", SETTING_MODE, 1 },
};

static const struct {
	const char *word;
	bool value;
} booleans[] = {
	{ "on", true },
	{ "yes", true },
	{ "true", true },
	{ "off", false },
	{ "no", false },
	{ "false", false },
};

/* What a value of each type looks like, for messages. */
static const char *const expected[] = {
	[SETTING_BOOL] = "on or off",
	[SETTING_INT] = "a whole number",
	[SETTING_SIZE] = "bytes, such as 64k or 1m",
	[SETTING_DURATION] = "a time with its unit, such as 500ms, 30s or 5m",
	[SETTING_MODE] = "octal permission bits, such as 0660",
	[SETTING_TEXT] = "text",
	[SETTING_SECRET] = "text",
	[SETTING_CHOICE] = "one of its words",
};
static_assert(COUNT_OF(expected) == SETTING__MAX, "a phrase per type");

const struct setting *
settings_table(size_t *count)
{
	*count = COUNT_OF(table);
	return table;
}

static const struct setting *
find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* The member of a row. */
static void *
member(struct settings *s, const struct setting *row)
{
	return (char *)s + row->offset;
}

static bool
parse_bool(const char *value, bool *out)
{
	for (size_t i = 0; i < COUNT_OF(booleans); i++)
		if (strcasecmp(booleans[i].word, value) == 0) {
			*out = booleans[i].value;
			return true;
		}
	return false;
}

static bool
parse_number(const struct setting *row, const char *value, long *out)
{
	char *end;
	long n;

	if (value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	n = strtol(value, &end, row->type == SETTING_MODE ? 8 : 10);
	if (errno != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(suffixes); i++)
		if (suffixes[i].type == row->type && strcmp(suffixes[i].suffix, end) == 0) {
			if (n > LONG_MAX / suffixes[i].factor)
				return false;
			*out = n * suffixes[i].factor;
			return true;
		}
	return row->type == SETTING_DURATION && n == 0 && *end == '\0' ? (*out = 0, true) : false;
}

bool
settings_duration(const char *text, long *ms)
{
	static const struct setting row = { .type = SETTING_DURATION };

	return parse_number(&row, text, ms);
}

static bool
parse_choice(const struct setting *row, const char *value, long *out)
{
	for (long i = 0; row->choices[i] != NULL; i++)
		if (strcmp(row->choices[i], value) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static bool
refuse(const struct setting *row, const char *value, const char *where, struct problem *p)
{
	const char *shown = row->type == SETTING_SECRET ? "(secret)" : value;

	if (row->type == SETTING_CHOICE) {
		char words[128] = "";
		size_t len = 0;

		for (size_t i = 0; row->choices[i] != NULL && len < sizeof(words); i++)
			len += (size_t)snprintf(words + len, sizeof(words) - len, "%s%s",
			    i > 0 ? ", " : "", row->choices[i]);
		return problem_raise(p, PROBLEM_SETTING,
		    "%s: setting \"%s\" cannot be \"%s\": one of %s", where, row->name, shown,
		    words);
	}
	return problem_raise(p, PROBLEM_SETTING, "%s: setting \"%s\" cannot be \"%s\": it takes %s",
	    where, row->name, shown, expected[row->type]);
}

/* A bound as a person would write it. */
static void
bound_text(const struct setting *row, long bound, char *out, size_t size)
{
	if (row->type == SETTING_DURATION)
		snprintf(out, size, "%ldms", bound);
	else if (row->type == SETTING_MODE)
		snprintf(out, size, "%#lo", (unsigned long)bound);
	else
		snprintf(out, size, "%ld", bound);
}

static bool
store_number(struct settings *s, const struct setting *row, const char *value, const char *where,
    struct problem *p)
{
	char min[32], max[32];
	long n;

	if (!parse_number(row, value, &n))
		return refuse(row, value, where, p);
	if (n < row->min || n > row->max) {
		bound_text(row, row->min, min, sizeof(min));
		bound_text(row, row->max, max, sizeof(max));
		return problem_raise(p, PROBLEM_SETTING,
		    "%s: setting \"%s\" cannot be \"%s\": it lies between %s and %s", where,
		    row->name, value, min, max);
	}
	*(long *)member(s, row) = n;
	return true;
}

static bool
store(struct settings *s, const struct setting *row, const char *value, const char *where,
    struct arena *arena, struct problem *p)
{
	switch (row->type) {
	case SETTING_BOOL: return parse_bool(value, member(s, row)) || refuse(row, value, where, p);
	case SETTING_INT:
	case SETTING_SIZE:
	case SETTING_DURATION:
	case SETTING_MODE: return store_number(s, row, value, where, p);
	case SETTING_TEXT:
	case SETTING_SECRET:
		*(const char **)member(s, row) = arena_string(arena, value);
		return true;
	case SETTING_CHOICE:
		return parse_choice(row, value, member(s, row)) || refuse(row, value, where, p);
	case SETTING__MAX: break;
	}
	assert(0 && "a setting without a type");
	return false;
}

void
settings_init(struct settings *s, struct arena *arena)
{
	struct problem p;

	memset(s, 0, sizeof(*s));
	problem_init(&p, arena);
	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (!store(s, &table[i], table[i].standard, "built-in default", arena, &p)) {
			fprintf(stderr, "rowhouse: %s\n", p.detail);
			abort(); /* our own table is wrong; a unit test loads it */
		}
}

bool
settings_set(struct settings *s, const char *name, const char *value, const char *where,
    struct arena *arena, struct problem *p)
{
	const struct setting *row = find(name);

	if (row == NULL)
		return problem_raise(p, PROBLEM_SETTING,
		    "%s: there is no setting \"%s\"; rowhouse.conf(5) lists them", where, name);
	return store(s, row, value, where, arena, p);
}

bool
settings_check(const struct settings *s, struct problem *p)
{
	size_t len = strlen(s->base_path);

	if (len > 0 && (s->base_path[0] != '/' || s->base_path[len - 1] == '/'))
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"base_path\" cannot be \"%s\": it begins with / and does not "
		    "end with one",
		    s->base_path);
	if (s->listen[0] == '\0')
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"listen\" is empty: a socket path or host:port is needed");
	if (s->app_role[0] == '\0')
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"app_role\" is empty: it names the role that \"database\" logs "
		    "in as");
	if (s->cache_bytes > 0 && s->cache_bytes < LIMIT_CACHE_SMALLEST)
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"cache_bytes\" is %ld: it is 0, or at least %d", s->cache_bytes,
		    LIMIT_CACHE_SMALLEST);
	if (s->shared_token_secret[0] != '\0' && strlen(s->shared_token_secret) < 32)
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"shared_token_secret\" is too short: HS256 needs 32 bytes (RFC "
		    "7518, 3.2)");
	return true;
}

/* The value with the largest unit that divides it. */
static const char *
format_number(const struct setting *row, long value, struct arena *arena)
{
	const char *suffix = row->type == SETTING_DURATION ? "ms" : "";
	long factor = 1;

	for (size_t i = 0; i < COUNT_OF(suffixes); i++)
		if (suffixes[i].type == row->type && suffixes[i].factor > factor &&
		    value % suffixes[i].factor == 0 && value != 0) {
			factor = suffixes[i].factor;
			suffix = suffixes[i].suffix;
		}
	return arena_printf(arena, "%ld%s", value / factor, suffix);
}

const char *
settings_format(const struct settings *s, const struct setting *row, struct arena *arena)
{
	const void *at = (const char *)s + row->offset;

	switch (row->type) {
	case SETTING_BOOL: return *(const bool *)at ? "on" : "off";
	case SETTING_INT:
	case SETTING_SIZE:
	case SETTING_DURATION: return format_number(row, *(const long *)at, arena);
	case SETTING_MODE: return arena_printf(arena, "%04lo", (unsigned long)*(const long *)at);
	case SETTING_TEXT: return *(const char *const *)at;
	case SETTING_SECRET: return **(const char *const *)at == '\0' ? "" : "(secret)";
	case SETTING_CHOICE: return row->choices[*(const long *)at];
	case SETTING__MAX: break;
	}
	assert(0 && "a setting without a type");
	return "";
}
