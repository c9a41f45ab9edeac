/* SPDX-License-Identifier: BSD-2-Clause */
/* subscriber.c - listening, and the lease that rests on it */
#include "process/subscriber.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/freshness.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "process/identity.h"
#include "serve/caching.h"

enum {
	BEAT_MS = 1000,   /* how often the connection is tried */
	ANSWER_MS = 1000, /* how long an answer may take */
	LEASE_MS = 3000,  /* from when a question that was answered was asked: two may be late */
	RETRY_MS = 500,
	COMPLAIN_MS = 30000,
	PROCESS_BYTES = 16 << 20,
	SCRATCH_BYTES = 1 << 20,
};

struct subscriber {
	const struct subscriber_options *options;
	struct arena *arena, *scratch;
	struct pg *pg;
	int64_t complained_ns; /* 0: the trouble is new */
};

static bool
start(const struct subscriber_options *options)
{
	static const int ignored[] = { SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 };
	const struct sigaction ignore = { .sa_handler = SIG_IGN },
			       standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (size_t i = 0; i < COUNT_OF(ignored); i++)
		if (sigaction(ignored[i], &ignore, NULL) != 0)
			return false;
	sigemptyset(&none);
	if (!identity_become(options->identity) || sigaction(SIGTERM, &standard, NULL) != 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		return false;
	/* A change of user clears this, so it comes after become. */
	return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && prctl(PR_SET_NAME, "rowhouse-cache") == 0 &&
	    getppid() == options->supervisor;
}

static void
complain(struct subscriber *s, const char *why)
{
	int64_t now = clock_now_ns();

	if (s->complained_ns != 0 && now - s->complained_ns < COMPLAIN_MS * INT64_C(1000000))
		return;
	s->complained_ns = now;
	log_say(LOG_LEVEL_WARN, "cache", "off: %s", why);
}

/* Run one statement; its result, or NULL. */
static const struct result *
run(struct subscriber *s, struct sqltext *t)
{
	const struct statement *statement;
	const struct result *result = NULL;
	struct problem p;

	problem_init(&p, s->scratch);
	if ((statement = sqltext_statement(t, &p)) != NULL &&
	    pg_run(s->pg, s->scratch, &statement, 1, &result,
		clock_now_ns() + ANSWER_MS * INT64_C(1000000), &p))
		return result;
	complain(s, p.cause != NULL ? p.cause : p.detail);
	return NULL;
}

/* Whether PostgreSQL itself is at the other end: a pooler hands no notification on. */
static bool
is_direct(struct subscriber *s)
{
	struct sqltext *t = sqltext_new(s->scratch);
	const struct result *result;

	sqltext_literal(t, "SELECT pg_backend_pid()");
	if ((result = run(s, t)) == NULL)
		return false;
	if (pg_backend_is(s->pg, strtoll(result_value(result, 0, 0, NULL), NULL, 10)))
		return true;
	complain(s, "a pooler stands between; set cache_database to a direct connection");
	return false;
}

static bool
subscribe(struct subscriber *s)
{
	struct sqltext *t = sqltext_new(s->scratch);
	struct problem p;

	problem_init(&p, s->scratch);
	if (!pg_connect(s->pg, &p)) {
		complain(s, p.cause != NULL ? p.cause : p.detail);
		return false;
	}
	sqltext_literal(t, "LISTEN " CACHING_CHANNEL);
	return is_direct(s) && run(s, t) != NULL;
}

static void
hear_all(struct subscriber *s)
{
	const char *payload;

	while ((payload = pg_notification(s->pg, s->scratch)) != NULL)
		caching_hear(s->options->freshness, payload);
}

/* Ask, and when it is answered, everything that was committed before has been heard. */
static bool
beat(struct subscriber *s)
{
	int64_t asked_ns = clock_now_ns();
	struct sqltext *t = sqltext_new(s->scratch);

	sqltext_literal(t, "SELECT 1");
	if (run(s, t) == NULL)
		return false;
	hear_all(s);
	freshness_extend(
	    s->options->freshness, clock_now_ns(), asked_ns + LEASE_MS * INT64_C(1000000));
	return true;
}

/* Until the connection is lost. */
static void
listen_on(struct subscriber *s)
{
	int64_t next_ns = 0;

	while (pg_state(s->pg) == PG_READY) {
		struct pollfd pfd = { .fd = pg_socket(s->pg), .events = POLLIN };

		arena_reset(s->scratch);
		if (clock_now_ns() >= next_ns) {
			next_ns = clock_now_ns() + BEAT_MS * INT64_C(1000000);
			if (!beat(s))
				return;
			if (s->complained_ns != 0)
				log_say(LOG_LEVEL_INFO, "cache", "on again");
			s->complained_ns = 0;
		}
		if (poll(&pfd, 1, clock_left_ms(next_ns)) > 0 && pg_idle(s->pg) == PG_READY)
			hear_all(s);
	}
	complain(s, "the connection that listens broke");
}

int
subscriber_run(const struct subscriber_options *options)
{
	struct subscriber s = { .options = options };
	const struct settings *settings = options->settings;
	const struct pg_options pg = {
		.conninfo = settings->cache_database[0] != '\0' ? settings->cache_database
								: settings->database,
		.connect_timeout_ms = settings->connect_timeout_ms,
	};

	log_name("subscriber");
	if (!start(options))
		return EXIT_FAILURE;
	s.arena = arena_new(PROCESS_BYTES);
	s.scratch = arena_new(SCRATCH_BYTES);
	s.pg = pg_new(s.arena, &pg);
	for (;;) {
		arena_reset(s.scratch);
		if (subscribe(&s))
			listen_on(&s);
		freshness_end_lease(options->freshness);
		pg_close(s.pg);
		poll(NULL, 0, RETRY_MS);
	}
}
