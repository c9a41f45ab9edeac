/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.c - the accept loop
 *
 * One epoll watches three things: the listening socket, which all workers share, the connection to
 * PostgreSQL, and SIGTERM. DESIGN 7 says ppoll; it is epoll because only EPOLLEXCLUSIVE wakes one
 * worker per connection instead of all of them. SIGTERM is blocked for good and read from a
 * signalfd: it never falls between a test and a wait, never into a request, and is seen under load
 * too (ppoll and epoll_pwait leave a signal pending for as long as each call finds something
 * ready). */
#include "process/worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"
#include "database/pg.h"
#include "formats/fcgi.h"
#include "process/identity.h"
#include "process/listener.h"
#include "process/scoreboard.h"
#include "serve/service.h"

enum {
	RETRY_FIRST_MS = 50, /* between attempts to connect; doubled up to */
	RETRY_LAST_MS = 500, /* so that a PostgreSQL that accepts again is used within a second */
	RECHECK_MS = 2000,   /* connected, but the database may not be served: look again */
	PAUSE_MS = 100,      /* out of descriptors or memory: neither spin nor end */
	COMPLAIN_MS = 30000, /* how often a lasting trouble is logged again */
	PROCESS_BYTES = 64 << 20, /* ceiling of what a worker keeps: service, catalogue */
	SCRATCH_BYTES = 1 << 20,  /* ceiling of one connection attempt's messages */
};

enum { EVENT_LISTENER, EVENT_DATABASE, EVENT_STOP, EVENT__MAX }; /* epoll_event.data.u32 */

struct worker {
	const struct worker_options *options;
	const struct settings *settings;
	struct slot *slot;
	struct arena *arena;   /* as long as the process */
	struct arena *scratch; /* reset after each step of a connection */
	struct service *service;
	struct pg *pg;
	struct fcgi *fcgi;
	int epoll, signals;
	int watched;                 /* the database's descriptor in epoll, or -1 */
	int64_t connect_deadline_ns; /* while PG_CONNECTING */
	int64_t next_step_ns;        /* no attempt to connect or to refresh before */
	int retry_ms;
	int64_t complained_ns; /* 0: the trouble is new */
	int64_t paused_ns;     /* the last complaint about accept */
	uint64_t requests, retire_at;
	unsigned short seed[3];
	bool told_ready, asked_to_stop;
};

static bool take_signals(struct worker *);
static bool watch(struct worker *, int fd, uint32_t events, uint32_t which);
static bool start(struct worker *);
static int connect_first(struct worker *);
static void serve(struct worker *);
static bool leaving(const struct worker *);
static void leave(struct worker *);
static bool serve_one(struct worker *);
static void tend_database(struct worker *);
static void start_connecting(struct worker *);
static void continue_connecting(struct worker *);
static void follow(struct worker *, enum pg_state, const struct problem *);
static void connected(struct worker *);
static void lost(struct worker *, const char *event, const struct problem *);
static void back_off(struct worker *);
static void refresh(struct worker *);
static int wait_ms(const struct worker *);
static void watch_database(struct worker *);
static void unwatch_database(struct worker *);
static void show_state(struct worker *);
static int64_t after_ms(struct worker *, int64_t ms);

int
worker_run(const struct worker_options *options)
{
	struct worker w = { .options = options,
		.settings = options->settings,
		.slot = &options->scoreboard->slots[options->slot],
		.epoll = -1,
		.signals = -1,
		.watched = -1,
		.retry_ms = RETRY_FIRST_MS };
	char name[24];
	int status;

	snprintf(name, sizeof(name), "worker %u", options->slot + 1);
	log_name(name);
	atomic_store(&w.slot->pid, (int32_t)getpid());
	w.arena = arena_new(PROCESS_BYTES);
	w.scratch = arena_new(SCRATCH_BYTES);
	if (!start(&w))
		status = WORKER_EXIT_FAILED;
	else if ((status = connect_first(&w)) == WORKER_EXIT_DONE)
		serve(&w);
	if (w.pg != NULL)
		pg_close(w.pg);
	if (w.epoll >= 0)
		close(w.epoll);
	if (w.signals >= 0)
		close(w.signals);
	arena_free(w.scratch);
	arena_free(w.arena);
	return status;
}

static bool
start(struct worker *w)
{
	uint64_t limit = (uint64_t)w->settings->max_requests;
	int64_t now = clock_now_ns();

	if (!fcgi_init()) {
		log_say(LOG_LEVEL_ERROR, "start", "could not initialise libfcgi");
		return false;
	}
	if (!take_signals(w) || !identity_become(w->options->identity))
		return false;
	/* A change of user clears this, so it comes after become. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != w->options->supervisor) {
		log_say(LOG_LEVEL_ERROR, "start", "the supervisor has gone");
		return false;
	}
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!watch(w, w->signals, EPOLLIN, EVENT_STOP))
		return false;
	w->seed[0] = (unsigned short)getpid();
	w->seed[1] = (unsigned short)now;
	w->seed[2] = (unsigned short)(now >> 16);
	/* Up to a tenth earlier, so that workers started together do not retire together. */
	w->retire_at =
	    limit == 0 ? UINT64_MAX : limit - (uint64_t)nrand48(w->seed) % (limit / 10 + 1);
	w->fcgi = fcgi_new(w->arena);
	w->service = service_new(w->arena,
	    &(struct service_options){
		.settings = w->settings,
		.routes = w->options->routes,
		.counters = &w->slot->counters,
		.cache = w->options->cache,
		.freshness = &w->options->scoreboard->freshness,
		.cursor_key = w->options->cursor_key,
		.secret = w->options->secret,
		.passwords = w->options->passwords,
		.logins = &w->options->scoreboard->gates[GATE_LOGINS],
		.exports = &w->options->scoreboard->gates[GATE_EXPORTS],
		.deadline_ns = &w->slot->request_deadline_ns,
		.slot = w->options->slot,
	    });
	w->pg = service_pg(w->service);
	return true;
}

/* After fcgi_init, which has handlers of its own. Keys pressed at a terminal (SIGINT, SIGQUIT) and
 * SIGHUP go to the whole process group, but are the supervisor's to act on. */
static bool
take_signals(struct worker *w)
{
	static const int ignored[] = { SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t stop;

	for (size_t i = 0; i < COUNT_OF(ignored); i++)
		if (sigaction(ignored[i], &ignore, NULL) != 0)
			return false;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	w->signals = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
	return w->signals >= 0 && sigprocmask(SIG_SETMASK, &stop, NULL) == 0;
}

/* Nothing is accepted until the first attempt to connect has ended, one way or the other: other
 * workers may be ready, and a 503 that a moment's wait would have spared is an error that nobody
 * deserved. */
static int
connect_first(struct worker *w)
{
	start_connecting(w);
	while (pg_state(w->pg) == PG_CONNECTING) {
		struct pollfd pfd = { .fd = pg_socket(w->pg), .events = pg_events(w->pg) };

		poll(&pfd, 1, clock_left_ms(w->connect_deadline_ns));
		continue_connecting(w);
	}
	if (service_state(w->service) == SERVICE_UNSAFE &&
	    !atomic_load(&w->options->scoreboard->served_once))
		return WORKER_EXIT_UNSAFE; /* the service has logged every finding */
	if (!watch(w, w->options->listener->fd, EPOLLIN | EPOLLEXCLUSIVE, EVENT_LISTENER))
		return WORKER_EXIT_FAILED;
	return WORKER_EXIT_DONE;
}

static bool
watch(struct worker *w, int fd, uint32_t events, uint32_t which)
{
	struct epoll_event event = { .events = events, .data.u32 = which };

	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return true;
	log_say(LOG_LEVEL_ERROR, "start", "could not watch a descriptor: %s", strerror(errno));
	return false;
}

static void
serve(struct worker *w)
{
	struct epoll_event events[EVENT__MAX];

	show_state(w);
	while (!leaving(w)) {
		bool happened[EVENT__MAX] = { false };
		int n = epoll_wait(w->epoll, events, EVENT__MAX, wait_ms(w));

		for (int i = 0; i < n; i++)
			happened[events[i].data.u32] = true;
		w->asked_to_stop = happened[EVENT_STOP];
		/* The database first: a connection that was lost meanwhile is noticed before it is
		 * used. */
		if (happened[EVENT_DATABASE] || n <= 0)
			tend_database(w);
		if (happened[EVENT_LISTENER]) {
			serve_one(w);
			/* It may have broken under the request, or have a step due that a busy
			 * socket hides. */
			if (service_state(w->service) != SERVICE_READY ||
			    pg_state(w->pg) != PG_READY)
				tend_database(w);
		}
		show_state(w);
	}
	leave(w);
}

static bool
leaving(const struct worker *w)
{
	return w->asked_to_stop || w->requests >= w->retire_at;
}

/* Three ways to end. All stop: the door is closed, and what waits is answered by those who are
 * left. This one alone stops or retires: the others go on; one more accept makes good a wake-up
 * that this worker got and the others therefore did not. The supervisor died: as when all stop, but
 * the door is ours to close. */
static void
leave(struct worker *w)
{
	struct scoreboard *board = w->options->scoreboard;
	const struct listener *listener = w->options->listener;
	bool orphan = getppid() != w->options->supervisor;

	slot_enter(w->slot, WORKER_DRAINING);
	if (orphan) {
		log_say(LOG_LEVEL_WARN, "orphan", "the supervisor has gone");
		listener_close_door(listener);
	}
	if (listener->given)
		return; /* what waits is for the process that systemd starts next */
	if (!orphan && !atomic_load(&board->closing)) {
		serve_one(w);
		return;
	}
	while (serve_one(w))
		;
	atomic_store(&board->emptied, true);
}

/* Accept and answer one; false when none waited. */
static bool
serve_one(struct worker *w)
{
	int64_t now;
	int fd = listener_accept(w->options->listener, w->settings->receive_timeout_ms);

	if (fd < 0 && errno == EAGAIN)
		return false; /* another worker was faster */
	now = clock_now_ns();
	if (fd < 0) {
		if (w->paused_ns == 0 || now - w->paused_ns > (int64_t)COMPLAIN_MS * 1000000) {
			log_say(LOG_LEVEL_ERROR, "accept", "could not accept: %s", strerror(errno));
			w->paused_ns = now;
		}
		poll(NULL, 0, PAUSE_MS);
		return true;
	}
	if (slot_state(w->slot) != WORKER_DRAINING)
		slot_enter(w->slot, WORKER_BUSY);
	atomic_store_explicit(&w->slot->request_started_ns, now, memory_order_relaxed);
	/* The service keeps request_timeout by itself; this is for what it cannot see: a peer that
	 * feeds libfcgi a byte at a time, each within receive_timeout. */
	atomic_store_explicit(&w->slot->request_deadline_ns,
	    now + (w->settings->request_timeout_ms + 2 * w->settings->receive_timeout_ms) * 1000000,
	    memory_order_relaxed);
	if (fcgi_read(w->fcgi, fd)) {
		service_answer(w->service, w->fcgi);
		fcgi_finish(w->fcgi);
		w->requests++;
		atomic_store_explicit(&w->slot->requests, w->requests, memory_order_relaxed);
	} else {
		counters_add(&w->slot->counters, COUNTER_UNREADABLE, 1);
	}
	atomic_store_explicit(&w->slot->request_deadline_ns, 0, memory_order_relaxed);
	atomic_store_explicit(&w->slot->request_started_ns, 0, memory_order_relaxed);
	return true;
}

static void
show_state(struct worker *w)
{
	slot_enter(
	    w->slot, service_state(w->service) == SERVICE_READY ? WORKER_IDLE : WORKER_CONNECTING);
}

/* How long to wait for something to happen before the database wants a step; -1: for ever. */
static int
wait_ms(const struct worker *w)
{
	if (pg_state(w->pg) == PG_CONNECTING)
		return clock_left_ms(w->connect_deadline_ns);
	if (pg_state(w->pg) == PG_READY && service_state(w->service) == SERVICE_READY)
		return -1;
	return clock_left_ms(w->next_step_ns);
}

/* Whatever step the connection is due for; cheap when none is. */
static void
tend_database(struct worker *w)
{
	switch (pg_state(w->pg)) {
	case PG_DOWN:
		if (w->watched >= 0)
			lost(w, "database_lost", NULL); /* it broke under a request */
		else if (clock_now_ns() >= w->next_step_ns)
			start_connecting(w);
		return;
	case PG_CONNECTING: continue_connecting(w); return;
	case PG_READY:
		if (pg_idle(w->pg) == PG_DOWN)
			lost(w, "database_lost", NULL);
		else if (service_state(w->service) != SERVICE_READY &&
		    clock_now_ns() >= w->next_step_ns)
			refresh(w);
		return;
	case PG__MAX: break;
	}
	assert(0 && "a connection without a state");
}

/* What a step of connecting has led to. */
static void
follow(struct worker *w, enum pg_state state, const struct problem *p)
{
	switch (state) {
	case PG_DOWN: lost(w, "database_away", p); break;
	case PG_CONNECTING: watch_database(w); break;
	case PG_READY: connected(w); break;
	case PG__MAX: assert(0 && "a connection without a state");
	}
	arena_reset(w->scratch);
}

static void
start_connecting(struct worker *w)
{
	struct problem p;

	problem_init(&p, w->scratch);
	w->connect_deadline_ns = clock_now_ns() + w->settings->connect_timeout_ms * 1000000;
	follow(w, pg_connect_start(w->pg, &p), &p);
}

static void
continue_connecting(struct worker *w)
{
	struct problem p;
	enum pg_state state;

	problem_init(&p, w->scratch);
	state = pg_connect_continue(w->pg, &p);
	if (state == PG_CONNECTING && clock_left_ms(w->connect_deadline_ns) == 0) {
		pg_close(w->pg);
		problem_cause(&p, "no answer within connect_timeout");
		state = PG_DOWN;
	}
	follow(w, state, &p);
}

static void
connected(struct worker *w)
{
	watch_database(w);
	refresh(w);
}

/* No connection: the next attempt comes after a back-off with jitter, so that many workers do not
 * knock in step. A trouble is logged when it begins and now and then while it lasts. */
static void
lost(struct worker *w, const char *event, const struct problem *p)
{
	int64_t now = clock_now_ns();

	unwatch_database(w);
	if (w->complained_ns == 0 || now - w->complained_ns > (int64_t)COMPLAIN_MS * 1000000) {
		const char *why = p == NULL ? NULL : p->cause != NULL ? p->cause : p->detail;

		w->complained_ns = now;
		log_say(LOG_LEVEL_ERROR, event, "%s", why == NULL ? "the connection broke" : why);
	}
	back_off(w);
}

static void
back_off(struct worker *w)
{
	w->next_step_ns = after_ms(w, w->retry_ms);
	w->retry_ms = 2 * w->retry_ms < RETRY_LAST_MS ? 2 * w->retry_ms : RETRY_LAST_MS;
}

static void
refresh(struct worker *w)
{
	enum service_state state = service_refresh(w->service);

	if (pg_state(w->pg) != PG_READY) {
		lost(w, "database_lost", NULL);
		return;
	}
	if (state == SERVICE_UNSAFE) {
		w->next_step_ns = after_ms(w, RECHECK_MS);
		return;
	}
	if (state != SERVICE_READY) {
		back_off(w);
		return;
	}
	w->retry_ms = RETRY_FIRST_MS;
	if (w->complained_ns != 0)
		log_say(LOG_LEVEL_INFO, "database_back", "connected again");
	w->complained_ns = 0;
	atomic_store(&w->options->scoreboard->served_once, true);
	if (!w->told_ready) {
		w->told_ready = true;
		/* A full or closed pipe means that the supervisor knows, or is no more. */
		if (write(w->options->ready_fd, "", 1) < 0 && errno != EAGAIN && errno != EPIPE)
			log_say(LOG_LEVEL_WARN, "ready", "could not tell the supervisor: %s",
			    strerror(errno));
	}
}

/* Between three quarters of ms and ms from now. */
static int64_t
after_ms(struct worker *w, int64_t ms)
{
	int64_t jitter = (int64_t)nrand48(w->seed) % (ms * 1000000 / 4 + 1);

	return clock_now_ns() + ms * 1000000 - jitter;
}

/* libpq may change its descriptor from step to step, and a new one may have the number of the old,
 * which epoll dropped when it was closed; so while connecting, epoll's own memory is asked and not
 * ours. */
static void
watch_database(struct worker *w)
{
	struct epoll_event event = { .data.u32 = EVENT_DATABASE };
	const int events = pg_state(w->pg) == PG_READY ? POLLIN : pg_events(w->pg);

	if (w->watched >= 0 && w->watched != pg_socket(w->pg))
		unwatch_database(w);
	w->watched = pg_socket(w->pg);
	event.events =
	    ((events & POLLIN) != 0 ? EPOLLIN : 0u) | ((events & POLLOUT) != 0 ? EPOLLOUT : 0u);
	if (epoll_ctl(w->epoll, EPOLL_CTL_MOD, w->watched, &event) != 0 &&
	    (errno != ENOENT || epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->watched, &event) != 0))
		log_say(LOG_LEVEL_ERROR, "database", "could not watch the connection: %s",
		    strerror(errno));
}

static void
unwatch_database(struct worker *w)
{
	/* Usually closed by now, and then epoll has dropped it. The number may be another file's:
	 * only descriptors that were added can be deleted, so at worst nothing happens. */
	if (w->watched >= 0)
		epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->watched, NULL);
	w->watched = -1;
}
