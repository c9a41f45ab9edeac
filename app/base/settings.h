/* SPDX-License-Identifier: BSD-2-Clause */
/* settings.h - what a sysadmin may set
 *
 * One table (settings.c) holds each setting's name, type, default, bounds and documentation; the
 * file reader, the environment, `rowhouse serve -t`, the manual's check and the sample file all
 * come from it.
 *
 * File syntax: `name = value` per line, # begins a comment, white space around name and value is
 * dropped, a value may be quoted with "" to keep its spaces or hold a #. Precedence: built-in
 * default, then the file, then ROWHOUSE_SET_<NAME> of the environment (ROWHOUSE_SET_WORKERS=8). */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/log.h"

struct arena;
struct problem;

enum setting_type {
	SETTING_BOOL, /* on off yes no true false */
	SETTING_INT,
	SETTING_SIZE,     /* bytes; 64k 1m 2g (powers of 1024) */
	SETTING_DURATION, /* milliseconds; 500ms 30s 5m 1h */
	SETTING_MODE,     /* octal permission bits */
	SETTING_TEXT,
	SETTING_SECRET, /* text that is never printed */
	SETTING_CHOICE,
	SETTING__MAX,
};

/* Numbers are long so that one table entry can point at any of them. */
struct settings {
	/* sockets and processes */
	const char *listen;       /* /path or host:port */
	long listen_mode;         /* of a unix socket */
	const char *listen_group; /* owner group of a unix socket; "" keeps the process's */
	long backlog;
	const char *user; /* workers become this user when the supervisor is root */
	const char *group;
	long workers;
	long max_requests; /* a worker retires after as many; 0: never */
	long stop_timeout_ms;
	long request_timeout_ms;
	long receive_timeout_ms; /* silence of the web server while it sends */

	/* database */
	const char *database;         /* libpq conninfo of the workers: the app role */
	const char *migrate_database; /* the same for migrate; "" means database */
	const char
	    *owner_role;      /* "" is single-role mode: migrate_database's role owns everything */
	const char *app_role; /* "" means the role that database logs in as */
	const char *migrations; /* folders, in order, separated by ':' */
	bool prepared_statements;
	long connect_timeout_ms;

	/* requests */
	const char *base_path;
	long body_bytes;
	long unknown_fields; /* enum unknown_fields */
	long openapi_access; /* enum openapi_access */
	bool audit_refused;  /* writes that were refused or failed are in the log */
	long idempotency_ms; /* an answer is kept for its key */
	bool trust_tenant_header;
	const char *handler_dir;    /* of shared objects with handlers; "" is none */
	bool handlers;              /* the routes of handlers/ that are about models of their own */
	long max_include_depth;     /* relations followed in a row, by an include or a condition */
	long max_includes;          /* the same in one request, in all */
	long cache_bytes;           /* shared by all workers; 0: none */
	const char *cache_database; /* where other hosts' writes are heard; "" means database */

	/* who asks */
	const char *secret_file;    /* what seals signing keys; "" is no sign-in at all */
	const char *tenant_sources; /* words joined by commas, in the order they are asked */
	const char *own_domains;    /* whose subdomains are tenants, joined by commas */
	const char
	    *trusted_proxies; /* addresses whose X-Forwarded-For is believed, joined by commas */
	const char *token_issuer, *token_audience;
	long access_token_ms, refresh_token_ms;
	const char *shared_token_secret; /* HS256 tokens of somebody else; "" is none */
	long export_workers;             /* that stream at a time, over the whole pool */
	long export_timeout_ms, export_stall_ms;
	long login_workers;   /* that hash passwords at a time, over the whole pool */
	long login_guesses;   /* wrong ones per account in login_window */
	long address_guesses; /* wrong ones per address in login_window */
	long login_window_ms;
	long password_passes; /* Argon2id: opslimit */
	long password_bytes;  /* Argon2id: memlimit */

	/* log */
	const char *log_file; /* "" is standard error */
	long log_format;      /* enum log_format */
	long log_level;       /* enum log_level */
	long log_statements;  /* enum log_statements */
	long slow_ms;         /* units slower than this are logged with their statements */
};

enum log_statements {
	LOG_STATEMENTS_NONE,
	LOG_STATEMENTS_SLOW,
	LOG_STATEMENTS_ALL,
	LOG_STATEMENTS__MAX
};

enum unknown_fields { UNKNOWN_FIELDS_REJECT, UNKNOWN_FIELDS_STRIP, UNKNOWN_FIELDS__MAX };

/* Who may read the API's description. */
enum openapi_access { OPENAPI_ANYONE, OPENAPI_MEMBER, OPENAPI_NOBODY, OPENAPI__MAX };

/* One row of the table. */
struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;              /* in struct settings */
	const char *standard;       /* the default, as it would stand in the file */
	long min, max;              /* numbers: bounds, inclusive; in the unit of the struct */
	const char *const *choices; /* SETTING_CHOICE: NULL-terminated; the value is the index */
	const char *text;           /* one sentence for the manual and the sample file */
};

/* All rows, *count of them, in the order of the sample file. */
const struct setting *settings_table(size_t *count) __attribute__((returns_nonnull));

/* Every setting at its default. Text lives in arena or is a literal. */
void settings_init(struct settings *, struct arena *);

/* Set one by name. where ("rowhouse.conf:12", "environment") begins the message of a
 * PROBLEM_SETTING that names the setting, quotes the value and says what would be right. */
bool settings_set(struct settings *, const char *name, const char *value, const char *where,
    struct arena *, struct problem *) MUST_CHECK;

/* Read a file on top of what is set. A line's fault is PROBLEM_SETTING with file:line; so is a
 * setting that stands in two lines. */
bool
settings_read(struct settings *, const char *path, struct arena *, struct problem *) MUST_CHECK;

/* Apply ROWHOUSE_SET_*; an unknown one is a fault, so that a typing error is seen. */
bool settings_environment(
    struct settings *, char *const *environ, struct arena *, struct problem *) MUST_CHECK;

/* A time as the file takes it (500ms, 30s, 5m, 1h, 90d), in milliseconds. */
bool settings_duration(const char *text, long *ms) MUST_CHECK;

/* What no single row can see (settings that contradict each other). */
bool settings_check(const struct settings *, struct problem *) MUST_CHECK;

/* The value of a row as it would stand in a file; "(secret)" for secrets. */
const char *settings_format(const struct settings *, const struct setting *, struct arena *)
    __attribute__((returns_nonnull));

#endif
