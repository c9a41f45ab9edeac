/* SPDX-License-Identifier: BSD-2-Clause */
/* supervisor.c - forking, reaping, stopping
 *
 * Everything happens in one loop around poll: signals are blocked and come out of a signalfd,
 * workers say on a pipe that they are ready. What is done to a worker is decided from this
 * process's own memory; the scoreboard, which workers can write, is only read for what can do no
 * harm to anybody but its worker. */
#include "process/supervisor.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"
#include "process/identity.h"
#include "process/listener.h"
#include "process/scoreboard.h"
#include "process/subscriber.h"
#include "process/worker.h"
#include "serve/cache.h"
#include "serve/caching.h"

enum {
	LONG_LIVED_MS = 1000,  /* a worker that lived so long is replaced at once */
	BACKOFF_FIRST_MS = 50, /* one that did not: after this, doubled each time up to */
	BACKOFF_SERVED_MS =
	    100, /* if it had begun to serve: a peer can end workers, not the service */
	BACKOFF_LAST_MS = 2000, /* if it had not */
	TICK_MS = 1000,         /* how often deadlines of requests are looked at */
	SAME_SIGNAL_MS =
	    250, /* a key pressed and a script's trap may both tell us to stop, once meant */
};

enum supervisor_state {
	SUPERVISOR_STARTING, /* no worker was ready yet */
	SUPERVISOR_SERVING,
	SUPERVISOR_STOPPING, /* the door is closed; what waits is being answered */
	SUPERVISOR_KILLING,  /* that took too long, or was not wanted */
	SUPERVISOR_DONE,
	SUPERVISOR__MAX,
};

#define BIT(state) (1u << (state))

static const struct {
	const char *name;
	unsigned next;
} states[] = {
	[SUPERVISOR_STARTING] = { "starting",
	    BIT(SUPERVISOR_SERVING) | BIT(SUPERVISOR_STOPPING) | BIT(SUPERVISOR_KILLING) },
	[SUPERVISOR_SERVING] = { "serving", BIT(SUPERVISOR_STOPPING) | BIT(SUPERVISOR_KILLING) },
	[SUPERVISOR_STOPPING] = { "stopping", BIT(SUPERVISOR_KILLING) | BIT(SUPERVISOR_DONE) },
	[SUPERVISOR_KILLING] = { "killing", BIT(SUPERVISOR_DONE) },
	[SUPERVISOR_DONE] = { "done", 0 },
};
static_assert(COUNT_OF(states) == SUPERVISOR__MAX, "a row per supervisor state");

struct child {
	pid_t pid;   /* 0: nobody in this slot */
	bool killed; /* by us, for its request's deadline */
	int64_t started_ns;
	int64_t respawn_ns;    /* not before */
	unsigned quick_deaths; /* in a row */
};

struct supervisor {
	const struct supervisor_options *options;
	const struct settings *settings;
	enum supervisor_state state;
	struct listener listener;
	struct identity identity;
	struct cache *cache;   /* NULL: off, or no route keeps anything */
	pid_t subscriber;      /* 0: none */
	int64_t subscriber_ns; /* it is not started before */
	struct scoreboard *board;
	struct child *children; /* settings->workers of them; child i is in slot i */
	size_t child_count;
	pid_t self;
	int signals;                  /* signalfd */
	int ready[2];                 /* pipe: workers write, we read */
	int64_t stopping_ns, stop_ns; /* since when, and when patience ends */
	int status;                   /* what we shall end with */
};

static bool prepare(struct supervisor *, struct problem *);
static bool make_cache(struct supervisor *, struct problem *);
static bool take_signals(struct supervisor *);
static void run(struct supervisor *);
static void enter(struct supervisor *, enum supervisor_state);
static int wait_ms(const struct supervisor *);
static void on_signals(struct supervisor *);
static void on_ready(struct supervisor *);
static void notify_systemd(const char *message);
static void spawn_due(struct supervisor *);
static void spawn(struct supervisor *, size_t index);
static void spawn_subscriber(struct supervisor *);
static void end_subscriber(struct supervisor *);
static void reap(struct supervisor *);
static void ended(struct supervisor *, size_t index, int wait_status);
static void log_end_of(const struct supervisor *, size_t index, int wait_status, int64_t lived_ms);
static void end_overdue(struct supervisor *);
static void stop(struct supervisor *, const char *why);
static void kill_all(struct supervisor *, const char *why);
static size_t alive(const struct supervisor *);
static void finish_stopping(struct supervisor *);

int
supervisor_run(const struct supervisor_options *options)
{
	struct supervisor s = { .options = options,
		.settings = options->settings,
		.listener = { .fd = -1 },
		.self = getpid(),
		.signals = -1,
		.ready = { -1, -1 } };
	struct problem p;

	log_name("supervisor");
	problem_init(&p, options->arena);
	if (prepare(&s, &p)) {
		log_say(LOG_LEVEL_INFO, "start", "%ld workers at %s", s.settings->workers,
		    s.listener.address);
		run(&s);
		log_say(LOG_LEVEL_INFO, "stop", "stopped");
	} else {
		s.status =
		    p.code == PROBLEM_SETTING ? SUPERVISOR_EXIT_CONFIG : SUPERVISOR_EXIT_SYSTEM;
		log_say(LOG_LEVEL_ERROR, "start", "%s", p.detail);
	}
	end_subscriber(&s);
	listener_close(&s.listener);
	for (size_t i = 0; i < COUNT_OF(s.ready); i++)
		if (s.ready[i] >= 0)
			close(s.ready[i]);
	if (s.signals >= 0)
		close(s.signals);
	scoreboard_free(s.board);
	return s.status;
}

static bool
prepare(struct supervisor *s, struct problem *p)
{
	s->child_count = (size_t)s->settings->workers;
	s->children = arena_array(s->options->arena, s->child_count, sizeof(*s->children));
	if (!identity_find(&s->identity, s->settings, p))
		return false;
	if (!listener_open(&s->listener, s->settings, s->options->arena, p))
		return false;
	if ((s->board = scoreboard_new((unsigned)s->child_count)) == NULL || !take_signals(s) ||
	    pipe2(s->ready, O_NONBLOCK | O_CLOEXEC) != 0)
		return problem_raise(p, PROBLEM_INTERNAL, "could not start: %s", strerror(errno));
	if (!make_cache(s, p))
		return false;
	gate_init(&s->board->gates[GATE_LOGINS], (unsigned)s->settings->login_workers);
	gate_init(&s->board->gates[GATE_EXPORTS], (unsigned)s->settings->export_workers);
	if (s->options->ready_fd >= 0 && fcntl(s->options->ready_fd, F_SETFD, FD_CLOEXEC) != 0)
		return problem_raise(p, PROBLEM_SETTING, "--ready-fd %d is not an open descriptor",
		    s->options->ready_fd);
	return true;
}

static bool
make_cache(struct supervisor *s, struct problem *p)
{
	if (s->settings->cache_bytes == 0 || !caching_is_declared(s->options->routes))
		return true;
	s->cache = cache_new(s->options->arena, (size_t)s->settings->cache_bytes);
	return s->cache != NULL ||
	    problem_raise(p, PROBLEM_INTERNAL, "could not make the cache: %s", strerror(errno));
}

/* SIGHUP is ignored; so is SIGPIPE, since whoever waits at the ready descriptor may have gone.
 * SIGINT and SIGQUIT stay ignored where they were: a shell starts background commands so, to keep
 * the keys from them. */
static bool
take_signals(struct supervisor *s)
{
	static const struct {
		int number;
		bool unless_ignored;
	} taken[] = { { SIGTERM, false }, { SIGINT, true }, { SIGQUIT, true }, { SIGCHLD, false } };
	const struct sigaction ignore = { .sa_handler = SIG_IGN },
			       standard = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(taken); i++) {
		struct sigaction before;

		if (sigaction(taken[i].number, NULL, &before) != 0)
			return false;
		if (taken[i].unless_ignored && before.sa_handler == SIG_IGN)
			continue;
		sigaddset(&set, taken[i].number);
		/* An ignored SIGCHLD, which is inherited, would reap workers behind our back. */
		if (sigaction(taken[i].number, &standard, NULL) != 0)
			return false;
	}
	if (sigaction(SIGHUP, &ignore, NULL) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0 ||
	    sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return false;
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return s->signals >= 0;
}

static void
run(struct supervisor *s)
{
	while (s->state != SUPERVISOR_DONE) {
		struct pollfd fds[] = { { .fd = s->signals, .events = POLLIN },
			{ .fd = s->ready[0], .events = POLLIN } };

		spawn_due(s);
		spawn_subscriber(s);
		if (poll(fds, COUNT_OF(fds), wait_ms(s)) > 0) {
			if (fds[0].revents != 0)
				on_signals(s);
			if (fds[1].revents != 0)
				on_ready(s);
		}
		reap(s);
		end_overdue(s);
		if (s->state == SUPERVISOR_STOPPING || s->state == SUPERVISOR_KILLING)
			finish_stopping(s);
	}
}

static void
enter(struct supervisor *s, enum supervisor_state next)
{
	assert((states[s->state].next & BIT(next)) != 0);
	log_say(LOG_LEVEL_DEBUG, "state", "%s, was %s", states[next].name, states[s->state].name);
	s->state = next;
}

static int
wait_ms(const struct supervisor *s)
{
	int wait = TICK_MS;

	if (s->state == SUPERVISOR_STOPPING && clock_left_ms(s->stop_ns) < wait)
		wait = clock_left_ms(s->stop_ns);
	if (s->state > SUPERVISOR_SERVING && alive(s) > 0)
		return wait;
	for (size_t i = 0; i < s->child_count; i++)
		if (s->children[i].pid == 0 && clock_left_ms(s->children[i].respawn_ns) < wait)
			wait = clock_left_ms(s->children[i].respawn_ns);
	return wait;
}

static void
on_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		const char *name = strsignal((int)info.ssi_signo);

		if (info.ssi_signo == SIGCHLD)
			continue; /* reap() comes anyway */
		if (info.ssi_signo != SIGQUIT && s->state != SUPERVISOR_STOPPING)
			stop(s, name);
		else if (info.ssi_signo == SIGQUIT ||
		    clock_now_ns() - s->stopping_ns > (int64_t)SAME_SIGNAL_MS * 1000000)
			kill_all(s, name);
	}
}

/* The first worker with a database it may serve. */
static void
on_ready(struct supervisor *s)
{
	static const char word[] = "ready\n";
	char bytes[64];
	struct log_line line;

	while (read(s->ready[0], bytes, sizeof(bytes)) > 0)
		;
	if (s->state != SUPERVISOR_STARTING)
		return;
	enter(s, SUPERVISOR_SERVING);
	log_begin(&line, LOG_LEVEL_INFO, "ready");
	log_string(&line, "listen", s->listener.address);
	log_int(&line, "pid", s->self);
	log_end(&line);
	notify_systemd("READY=1\nSTATUS=serving");
	if (s->options->ready_fd >= 0) {
		if (write(s->options->ready_fd, word, sizeof(word) - 1) < 0)
			log_say(LOG_LEVEL_WARN, "ready", "could not write to --ready-fd: %s",
			    strerror(errno));
		close(s->options->ready_fd);
	}
}

/* sd_notify(3): one datagram. A failure is nobody's business but systemd's, which will say so. */
static void
notify_systemd(const char *message)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = path == NULL ? 0 : strlen(path);
	int fd;

	if (len < 2 || len >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* Linux's abstract name space */
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return;
	(void)sendto(fd, message, strlen(message), MSG_NOSIGNAL, (const struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

static void
spawn_due(struct supervisor *s)
{
	if (s->state > SUPERVISOR_SERVING)
		return;
	for (size_t i = 0; i < s->child_count; i++)
		if (s->children[i].pid == 0 && clock_left_ms(s->children[i].respawn_ns) == 0)
			spawn(s, i);
}

static void
spawn(struct supervisor *s, size_t index)
{
	struct child *child = &s->children[index];
	const struct worker_options options = { .settings = s->settings,
		.routes = s->options->routes,
		.cursor_key = s->options->cursor_key,
		.secret = s->options->secret,
		.passwords = s->options->passwords,
		.listener = &s->listener,
		.scoreboard = s->board,
		.cache = s->cache,
		.identity = &s->identity,
		.slot = (unsigned)index,
		.supervisor = s->self,
		.ready_fd = s->ready[1] };
	pid_t pid;

	scoreboard_occupy(s->board, (unsigned)index);
	pid = fork();
	if (pid == 0) {
		close(s->signals);
		close(s->ready[0]);
		if (s->options->ready_fd >= 0 && s->state == SUPERVISOR_STARTING)
			close(s->options->ready_fd);
		exit(worker_run(&options));
	}
	child->started_ns = clock_now_ns();
	child->killed = false;
	if (pid < 0) {
		scoreboard_vacate(s->board, (unsigned)index);
		log_say(LOG_LEVEL_ERROR, "fork", "could not start worker %zu: %s", index + 1,
		    strerror(errno));
		child->respawn_ns = child->started_ns + (int64_t)BACKOFF_LAST_MS * 1000000;
		return;
	}
	child->pid = pid;
	log_say(LOG_LEVEL_DEBUG, "worker", "worker %zu is pid %ld", index + 1, (long)pid);
}

/* Who hears what other hosts write, while there is a cache. */
static void
spawn_subscriber(struct supervisor *s)
{
	const struct subscriber_options options = { .settings = s->settings,
		.freshness = &s->board->freshness,
		.identity = &s->identity,
		.supervisor = s->self };
	pid_t pid;

	if (s->cache == NULL || s->subscriber != 0 || s->state > SUPERVISOR_SERVING ||
	    clock_left_ms(s->subscriber_ns) > 0)
		return;
	s->subscriber_ns = clock_now_ns() + (int64_t)BACKOFF_LAST_MS * 1000000;
	if ((pid = fork()) == 0) {
		close(s->signals);
		close(s->ready[0]);
		close(s->ready[1]);
		close(s->listener.fd);
		if (s->options->ready_fd >= 0 && s->state == SUPERVISOR_STARTING)
			close(s->options->ready_fd);
		exit(subscriber_run(&options));
	}
	if (pid < 0)
		log_say(
		    LOG_LEVEL_ERROR, "fork", "could not start the subscriber: %s", strerror(errno));
	else
		s->subscriber = pid;
}

/* It holds nothing, so it need not be asked. */
static void
end_subscriber(struct supervisor *s)
{
	if (s->subscriber == 0)
		return;
	kill(s->subscriber, SIGKILL);
	waitpid(s->subscriber, NULL, 0);
	s->subscriber = 0;
}

static void
subscriber_ended(struct supervisor *s)
{
	freshness_end_lease(&s->board->freshness);
	s->subscriber = 0;
	log_say(LOG_LEVEL_WARN, "cache", "off until its subscriber is back, which has ended");
}

static void
reap(struct supervisor *s)
{
	int wait_status;
	pid_t pid;

	/* As process 1 of a container we also inherit children that are not ours. */
	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
		if (pid == s->subscriber)
			subscriber_ended(s);
		for (size_t i = 0; i < s->child_count; i++)
			if (s->children[i].pid == pid) {
				ended(s, i, wait_status);
				break;
			}
	}
}

/* A worker that ended as asked (retired, or SIGTERM to it alone), or that had been there for a
 * while, is replaced at once; one that dies soon after its start waits longer each time. What the
 * scoreboard says of it decides no more than how long. */
static void
ended(struct supervisor *s, size_t index, int wait_status)
{
	struct child *child = &s->children[index];
	int64_t now = clock_now_ns(), lived_ms = (now - child->started_ns) / 1000000;
	int64_t longest = BACKOFF_LAST_MS;
	bool done = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == WORKER_EXIT_DONE;

	log_end_of(s, index, wait_status, lived_ms);
	if (slot_state(&s->board->slots[index]) != WORKER_STARTING)
		longest = BACKOFF_SERVED_MS;
	scoreboard_vacate(s->board, (unsigned)index);
	if (s->cache != NULL)
		cache_release(s->cache, (unsigned)index);
	child->pid = 0;
	child->respawn_ns = now;
	if (done || lived_ms >= LONG_LIVED_MS) {
		child->quick_deaths = 0;
	} else {
		int64_t wait = (int64_t)BACKOFF_FIRST_MS
		    << (child->quick_deaths < 8 ? child->quick_deaths : 8);

		child->quick_deaths++;
		child->respawn_ns += (wait < longest ? wait : longest) * 1000000;
	}
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == WORKER_EXIT_UNSAFE &&
	    s->state == SUPERVISOR_STARTING && !atomic_load(&s->board->served_once)) {
		s->status = SUPERVISOR_EXIT_CONFIG;
		stop(s, "the database does not pass its safety checks");
	}
}

static void
log_end_of(const struct supervisor *s, size_t index, int wait_status, int64_t lived_ms)
{
	const struct child *child = &s->children[index];
	bool done = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == WORKER_EXIT_DONE;
	struct log_line line;

	log_begin(&line, done ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "worker_end");
	log_int(&line, "worker", (int64_t)index + 1);
	log_int(&line, "pid", child->pid);
	if (WIFSIGNALED(wait_status)) {
		log_int(&line, "signal", WTERMSIG(wait_status));
		log_string(&line, "message",
		    child->killed ? "its request passed every deadline"
				  : strsignal(WTERMSIG(wait_status)));
	} else {
		log_int(&line, "status", WEXITSTATUS(wait_status));
	}
	log_int(&line, "lived_ms", lived_ms);
	log_int(&line, "requests", (int64_t)atomic_load(&s->board->slots[index].requests));
	log_end(&line);
}

/* The worker bounds its own requests; one that could not (a peer that trickles, a loop of ours) is
 * killed. A worker that lies about its deadline harms only itself. */
static void
end_overdue(struct supervisor *s)
{
	int64_t now = clock_now_ns();

	for (size_t i = 0; i < s->child_count; i++) {
		struct child *child = &s->children[i];
		int64_t deadline = atomic_load(&s->board->slots[i].request_deadline_ns);

		if (child->pid != 0 && !child->killed && deadline != 0 && now > deadline) {
			child->killed = true;
			kill(child->pid, SIGKILL);
		}
	}
}

/* First the door, then the word: who is told to stop can trust that what waits is all there is. */
static void
stop(struct supervisor *s, const char *why)
{
	if (s->state > SUPERVISOR_SERVING)
		return;
	enter(s, SUPERVISOR_STOPPING);
	log_say(LOG_LEVEL_INFO, "stop", "stopping: %s", why);
	notify_systemd("STOPPING=1");
	s->stopping_ns = clock_now_ns();
	s->stop_ns = s->stopping_ns + s->settings->stop_timeout_ms * 1000000;
	listener_close_door(&s->listener);
	atomic_store(&s->board->closing, true);
	for (size_t i = 0; i < s->child_count; i++)
		if (s->children[i].pid != 0)
			kill(s->children[i].pid, SIGTERM);
}

static void
kill_all(struct supervisor *s, const char *why)
{
	if (s->state >= SUPERVISOR_KILLING)
		return;
	enter(s, SUPERVISOR_KILLING);
	log_say(LOG_LEVEL_WARN, "stop", "killing %zu workers: %s", alive(s), why);
	listener_close_door(&s->listener);
	for (size_t i = 0; i < s->child_count; i++)
		if (s->children[i].pid != 0)
			kill(s->children[i].pid, SIGKILL);
}

static size_t
alive(const struct supervisor *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->child_count; i++)
		if (s->children[i].pid != 0)
			count++;
	return count;
}

/* Done when no worker is left and one of them found nothing waiting. If none did (they were killed,
 * or got SIGTERM before the door was closed, as when a terminal or systemd signals the whole
 * group), one more is started to answer what waits. */
static void
finish_stopping(struct supervisor *s)
{
	bool must_empty = s->state == SUPERVISOR_STOPPING && !s->listener.given &&
	    s->status == SUPERVISOR_EXIT_DONE && !atomic_load(&s->board->emptied);

	if (s->state == SUPERVISOR_STOPPING && clock_left_ms(s->stop_ns) == 0) {
		if (alive(s) > 0)
			kill_all(s, "stop_timeout has passed");
		must_empty = false;
	}
	if (alive(s) > 0)
		return;
	if (!must_empty) {
		enter(s, SUPERVISOR_DONE);
		return;
	}
	if (clock_left_ms(s->children[0].respawn_ns) == 0) {
		spawn(s, 0);
		if (s->children[0].pid != 0)
			kill(s->children[0].pid, SIGTERM);
	}
}
