/* SPDX-License-Identifier: BSD-2-Clause */
/* listener.c - making, sharing and closing the listening socket */
#include "process/listener.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/settings.h"

enum { SYSTEMD_FIRST_FD = 3 }; /* sd_listen_fds(3) */

static bool open_given(struct listener *, struct arena *, struct problem *);
static bool open_unix(struct listener *, const struct settings *, struct arena *, struct problem *);
static bool clear_path(const char *path, const struct sockaddr_un *, struct problem *);
static bool
bind_unix(struct listener *, const struct settings *, const struct sockaddr_un *, struct problem *);
static bool open_tcp(struct listener *, const struct settings *, struct arena *, struct problem *);
static bool resolve(const char *listen, struct arena *, struct addrinfo **, struct problem *);
static bool
bind_tcp(struct listener *, const struct settings *, const struct addrinfo *, struct problem *);
static const char *name_of(int fd, struct arena *);
static bool is_loopback(const struct sockaddr *);

bool
listener_open(struct listener *l, const struct settings *s, struct arena *arena, struct problem *p)
{
	const char *pid = getenv("LISTEN_PID");
	bool ok;

	*l = (struct listener){ .fd = -1, .address = s->listen };
	/* The variables are inherited by processes they are not meant for: LISTEN_PID says for
	 * whom. */
	if (pid != NULL && strtol(pid, NULL, 10) == (long)getpid())
		ok = open_given(l, arena, p);
	else if (s->listen[0] == '/')
		ok = open_unix(l, s, arena, p);
	else
		ok = open_tcp(l, s, arena, p);
	if (!ok)
		listener_close(l);
	return ok;
}

static bool
open_given(struct listener *l, struct arena *arena, struct problem *p)
{
	const char *count = getenv("LISTEN_FDS");
	int type = 0, listening = 0, domain = 0, flags;
	socklen_t len = sizeof(int);

	if (count == NULL || strcmp(count, "1") != 0)
		return problem_raise(p, PROBLEM_SETTING,
		    "systemd gave %s sockets: the socket unit must have one ListenStream",
		    count == NULL ? "no" : count);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	l->fd = SYSTEMD_FIRST_FD;
	if (getsockopt(l->fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM ||
	    getsockopt(l->fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || listening == 0 ||
	    getsockopt(l->fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0)
		return problem_raise(p, PROBLEM_SETTING,
		    "descriptor %d, given by systemd, is not a listening stream socket", l->fd);
	if ((flags = fcntl(l->fd, F_GETFL)) < 0 || fcntl(l->fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(l->fd, F_SETFD, FD_CLOEXEC) != 0)
		return problem_raise(
		    p, PROBLEM_SETTING, "could not prepare systemd's socket: %s", strerror(errno));
	l->given = true;
	l->is_unix = domain == AF_UNIX;
	l->address = name_of(l->fd, arena);
	return true;
}

static bool
open_unix(struct listener *l, const struct settings *s, struct arena *arena, struct problem *p)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(s->listen);

	l->is_unix = true;
	if (len >= sizeof(address.sun_path))
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"listen\" cannot be \"%s\": a socket's path has at most %zu bytes",
		    s->listen, sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, s->listen, len + 1);
	if (!clear_path(s->listen, &address, p))
		return false;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return problem_raise(
		    p, PROBLEM_SETTING, "could not make a socket: %s", strerror(errno));
	l->path = arena_string(arena, s->listen);
	l->address = l->path;
	return bind_unix(l, s, &address, p);
}

/* Make way for bind(2): remove what a killed process left, and nothing else. Whether a process
 * still serves is asked by connecting; that takes its time from one worker, once per start. */
static bool
clear_path(const char *path, const struct sockaddr_un *address, struct problem *p)
{
	struct stat st;
	int fd, failure = 0;

	if (lstat(path, &st) != 0) {
		if (errno == ENOENT)
			return true; /* or its folder is missing, which bind says */
		return problem_raise(
		    p, PROBLEM_SETTING, "could not look at \"%s\": %s", path, strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode))
		return problem_raise(p, PROBLEM_SETTING,
		    "\"%s\" exists and is not a socket: it is left alone; move it, or set "
		    "\"listen\"",
		    path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
		return problem_raise(
		    p, PROBLEM_SETTING, "could not make a socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		failure = errno;
	close(fd);
	/* EAGAIN: its backlog is full, so it lives. */
	if (failure == 0 || failure == EAGAIN)
		return problem_raise(p, PROBLEM_SETTING, "another process serves \"%s\"", path);
	if (failure != ECONNREFUSED && failure != ENOENT)
		return problem_raise(p, PROBLEM_SETTING,
		    "could not tell whether another process serves \"%s\": %s", path,
		    strerror(failure));
	if (unlink(path) != 0 && errno != ENOENT)
		return problem_raise(p, PROBLEM_SETTING,
		    "could not remove the stale socket \"%s\": %s", path, strerror(errno));
	return true;
}

/* Nobody can connect before listen(2), so the group may be given after bind; the mode comes from
 * the umask and needs no chmod, which would follow a link that somebody put in the way. */
static bool
bind_unix(struct listener *l, const struct settings *s, const struct sockaddr_un *address,
    struct problem *p)
{
	struct group *group;
	struct stat st;
	mode_t before;
	int failure;

	before = umask((mode_t)(~s->listen_mode & 0777));
	failure = bind(l->fd, (const struct sockaddr *)address, sizeof(*address)) != 0 ? errno : 0;
	umask(before);
	if (failure != 0) {
		l->path = NULL; /* nothing of ours lies there */
		if (failure == ENOENT)
			return problem_raise(p, PROBLEM_SETTING,
			    "cannot listen at \"%s\": its folder does not exist", s->listen);
		if (failure == EADDRINUSE)
			return problem_raise(
			    p, PROBLEM_SETTING, "another process serves \"%s\"", s->listen);
		return problem_raise(p, PROBLEM_SETTING, "cannot listen at \"%s\": %s", s->listen,
		    strerror(failure));
	}
	if (lstat(l->path, &st) == 0) {
		l->device = st.st_dev;
		l->inode = st.st_ino;
	}
	if (s->listen_group[0] != '\0') {
		if ((group = getgrnam(s->listen_group)) == NULL)
			return problem_raise(p, PROBLEM_SETTING,
			    "setting \"listen_group\" cannot be \"%s\": there is no such group",
			    s->listen_group);
		if (lchown(l->path, (uid_t)-1, group->gr_gid) != 0)
			return problem_raise(p, PROBLEM_SETTING,
			    "could not give \"%s\" to group \"%s\": %s", l->path, s->listen_group,
			    strerror(errno));
	}
	if (listen(l->fd, (int)s->backlog) != 0)
		return problem_raise(
		    p, PROBLEM_SETTING, "could not listen at \"%s\": %s", l->path, strerror(errno));
	return true;
}

static bool
open_tcp(struct listener *l, const struct settings *s, struct arena *arena, struct problem *p)
{
	struct addrinfo *list = NULL, *ai;
	struct problem attempt;

	problem_init(&attempt, arena);
	if (!resolve(s->listen, arena, &list, p))
		return false;
	for (ai = list; ai != NULL; ai = ai->ai_next) {
		problem_init(&attempt, arena); /* of this address */
		if (bind_tcp(l, s, ai, &attempt))
			break;
		if (l->fd >= 0)
			close(l->fd);
		l->fd = -1;
	}
	if (ai != NULL && !is_loopback(ai->ai_addr))
		log_say(LOG_LEVEL_WARN, "listen",
		    "\"%s\" is not a loopback address: who can reach it speaks for the web "
		    "server",
		    s->listen);
	freeaddrinfo(list);
	if (ai == NULL) /* no address of the name would do: say why not the last */
		return problem_raise(p, PROBLEM_SETTING, "%s",
		    attempt.detail == NULL ? "no address to listen at" : attempt.detail);
	l->address = name_of(l->fd, arena);
	return true;
}

/* host:port, [v6]:port, or :port for loopback. */
static bool
resolve(const char *listen, struct arena *arena, struct addrinfo **list, struct problem *p)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_PASSIVE };
	const char *colon = strrchr(listen, ':');
	char *host;
	int failure;

	if (colon == NULL || colon[1] == '\0')
		return problem_raise(p, PROBLEM_SETTING,
		    "setting \"listen\" cannot be \"%s\": it takes the path of a socket, which "
		    "begins with /, or host:port",
		    listen);
	host = arena_copy(arena, listen, (size_t)(colon - listen));
	if (host[0] == '[' && colon[-1] == ']') {
		host[strlen(host) - 1] = '\0';
		host++;
	}
	if (host[0] == '\0')
		host = arena_string(arena, "127.0.0.1");
	failure = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, colon + 1, &hints, list);
	if (failure != 0)
		return problem_raise(p, PROBLEM_SETTING, "setting \"listen\" cannot be \"%s\": %s",
		    listen, gai_strerror(failure));
	return true;
}

static bool
bind_tcp(struct listener *l, const struct settings *s, const struct addrinfo *ai, struct problem *p)
{
	int on = 1;

	l->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* SO_REUSEADDR: connections of a process that just ended may still be in TIME_WAIT. */
	if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return problem_raise(
		    p, PROBLEM_SETTING, "could not make a socket: %s", strerror(errno));
	if (bind(l->fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(l->fd, (int)s->backlog) != 0)
		return errno == EADDRINUSE
		    ? problem_raise(p, PROBLEM_SETTING, "another process serves \"%s\"", s->listen)
		    : problem_raise(p, PROBLEM_SETTING, "cannot listen at \"%s\": %s", s->listen,
			  strerror(errno));
	return true;
}

static const char *
name_of(int fd, struct arena *arena)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	memset(&address, 0, sizeof(address));
	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return "unknown";
	if (address.ss_family == AF_UNIX)
		return arena_string(arena, ((const struct sockaddr_un *)&address)->sun_path);
	if (getnameinfo((const struct sockaddr *)&address, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return "unknown";
	return arena_printf(arena, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static bool
is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohl(
			   ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >>
		    24 ==
		    127;
	if (address->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(
		    &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
	return true;
}

int
listener_accept(const struct listener *l, long timeout_ms)
{
	const struct timeval timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
	const int on = 1;
	int fd;

	do
		fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return -1;
	/* A unix socket does not inherit them from the listening one. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (!l->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* On Linux a unix socket that is shut down for reading refuses connect(2) with ECONNREFUSED and
 * still hands out what waits. On TCP the same call throws away what waits; there a filter that
 * drops every packet to the listening socket does it (connections that wait have sockets of their
 * own): a late client's SYN gets no answer, and ECONNREFUSED a second later when the socket is
 * gone. Both tried; test_listener.c holds them. */
void
listener_close_door(const struct listener *l)
{
	struct sock_filter drop_all = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = { 1, &drop_all };

	if (l->given)
		return;
	if (l->is_unix)
		shutdown(l->fd, SHUT_RD);
	else
		setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void
listener_close(struct listener *l)
{
	struct stat st;

	if (l->path != NULL && lstat(l->path, &st) == 0 && st.st_dev == l->device &&
	    st.st_ino == l->inode)
		unlink(l->path);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->path = NULL;
}
