/* SPDX-License-Identifier: BSD-2-Clause */
/* test_listener.c - opening, refusing, and closing the door without loss */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/problem.h"
#include "base/settings.h"
#include "process/listener.h"

static struct {
	struct arena *arena;
	struct settings settings;
	struct problem problem;
	char dir[64], path[96];
} t;

static int
set_up(void)
{
	t.arena = arena_new(1 << 20);
	settings_init(&t.settings, t.arena);
	snprintf(t.dir, sizeof(t.dir), "/tmp/rowhouse-listener-XXXXXX");
	if (mkdtemp(t.dir) == NULL)
		return 1;
	snprintf(t.path, sizeof(t.path), "%s/socket", t.dir);
	return 0;
}

static int
tear_down(void)
{
	unlink(t.path);
	arena_free(t.arena);
	return rmdir(t.dir);
}

static bool
open_at(struct listener *l, const char *listen)
{
	t.settings.listen = listen;
	problem_init(&t.problem, t.arena);
	return listener_open(l, &t.settings, t.arena, &t.problem);
}

/* A client's descriptor, or -1 with errno. */
static int
connect_to(const struct listener *l)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int fd;

	memset(&address, 0, sizeof(address));
	if (getsockname(l->fd, (struct sockaddr *)&address, &len) != 0)
		return -1;
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (const struct sockaddr *)&address, len) != 0) {
		int failure = errno;

		close(fd);
		errno = failure;
		return -1;
	}
	return fd;
}

static void
test_mode(void)
{
	static const long modes[] = { 0660, 0600, 0666, 0000 };

	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		struct listener l;
		struct stat st;

		t.settings.listen_mode = modes[i];
		CU_ASSERT_TRUE_FATAL(open_at(&l, t.path));
		CU_ASSERT_EQUAL(stat(t.path, &st), 0);
		if ((st.st_mode & 0777) != (mode_t)modes[i])
			fprintf(stderr, "row %zu: %o\n", i, st.st_mode & 0777);
		CU_ASSERT_EQUAL(st.st_mode & 0777, (mode_t)modes[i]);
		CU_ASSERT((fcntl(l.fd, F_GETFL) & O_NONBLOCK) != 0);
		CU_ASSERT((fcntl(l.fd, F_GETFD) & FD_CLOEXEC) != 0);
		listener_close(&l);
		CU_ASSERT(stat(t.path, &st) != 0 && errno == ENOENT);
	}
	t.settings.listen_mode = 0660;
}

static void
test_group(void)
{
	struct group *own = getgrgid(getegid());
	struct listener l;
	struct stat st;

	CU_ASSERT_PTR_NOT_NULL_FATAL(own);
	t.settings.listen_group = arena_string(t.arena, own->gr_name);
	CU_ASSERT_TRUE_FATAL(open_at(&l, t.path));
	CU_ASSERT(stat(t.path, &st) == 0 && st.st_gid == getegid());
	listener_close(&l);
	t.settings.listen_group = "no-such-group-here";
	CU_ASSERT_FALSE(open_at(&l, t.path));
	CU_ASSERT_PTR_NOT_NULL(strstr(t.problem.detail, "no-such-group-here"));
	CU_ASSERT(stat(t.path, &st) != 0 && errno == ENOENT); /* nothing is left behind */
	t.settings.listen_group = "";
}

static void
test_stale_and_live(void)
{
	struct listener first, second;
	struct stat st;
	FILE *file;

	CU_ASSERT_TRUE_FATAL(open_at(&first, t.path));
	CU_ASSERT_FALSE(open_at(&second, t.path));
	CU_ASSERT_PTR_NOT_NULL(strstr(t.problem.detail, "another process serves"));
	CU_ASSERT_EQUAL(stat(t.path, &st), 0);

	close(first.fd); /* killed: its path stays, nobody answers there */
	CU_ASSERT_TRUE_FATAL(open_at(&second, t.path));
	/* It stops, its door is closed, it still answers what waits; a third takes the path over.
	 */
	listener_close_door(&second);
	CU_ASSERT_TRUE_FATAL(open_at(&first, t.path));
	listener_close(&second); /* what lies there is not its own any more */
	CU_ASSERT_EQUAL(stat(t.path, &st), 0);
	listener_close(&first);
	CU_ASSERT(stat(t.path, &st) != 0 && errno == ENOENT);

	file = fopen(t.path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fclose(file);
	CU_ASSERT_FALSE(open_at(&first, t.path));
	CU_ASSERT_PTR_NOT_NULL(strstr(t.problem.detail, "not a socket"));
	CU_ASSERT(stat(t.path, &st) == 0 && S_ISREG(st.st_mode));
	unlink(t.path);
	CU_ASSERT_EQUAL(symlink("/etc/passwd", t.path), 0);
	CU_ASSERT_FALSE(open_at(&first, t.path));
	CU_ASSERT(lstat(t.path, &st) == 0 && S_ISLNK(st.st_mode));
	unlink(t.path);
}

static void
test_refused(void)
{
	static const struct {
		const char *listen, *message;
	} rows[] = {
		{ "/no/such/folder/socket", "folder does not exist" },
		{ "socket", "host:port" },
		{ "127.0.0.1:", "host:port" },
		{ "127.0.0.1:http-no-such", "cannot be" },
		{ "256.1.1.1:9000", "cannot be" },
		{ "192.0.2.1:9000", "cannot listen" },
		{ "/0123456789012345678901234567890123456789012345678901234567890123456789"
		  "01234567890123456789012"
		  "456789012345678901234567890",
		    "at most 107 bytes" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct listener l;
		bool ok = open_at(&l, rows[i].listen);

		if (ok || strstr(t.problem.detail, rows[i].message) == NULL)
			fprintf(stderr, "row %s: %s\n", rows[i].listen,
			    ok ? "opened" : t.problem.detail);
		CU_ASSERT_FALSE(ok);
		CU_ASSERT(!ok && strstr(t.problem.detail, rows[i].message) != NULL);
		CU_ASSERT_EQUAL(l.fd, -1);
	}
}

/* Three wait, the door closes, a fourth is refused, the three are answered. */
static void
close_door(const char *listen, int late_errno)
{
	struct listener l;
	int clients[3], late;
	char byte;

	CU_ASSERT_TRUE_FATAL(open_at(&l, listen));
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		clients[i] = connect_to(&l);
		CU_ASSERT(clients[i] >= 0);
		CU_ASSERT_EQUAL(write(clients[i], "q", 1), 1);
	}
	listener_close_door(&l);
	listener_close_door(&l); /* as supervisor and an orphaned worker may */
	if (l.is_unix) {
		late = connect_to(&l);
		CU_ASSERT(late < 0 && errno == late_errno);
	} else {
		struct sockaddr_in address;
		socklen_t len = sizeof(address);

		getsockname(l.fd, (struct sockaddr *)&address, &len);
		late = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		CU_ASSERT(connect(late, (const struct sockaddr *)&address, len) != 0 &&
		    errno == late_errno);
		close(late);
	}
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		int fd = listener_accept(&l, 1000);

		CU_ASSERT(fd >= 0);
		CU_ASSERT(read(fd, &byte, 1) == 1 && byte == 'q');
		CU_ASSERT_EQUAL(write(fd, "a", 1), 1);
		close(fd);
	}
	errno = 0;
	CU_ASSERT(listener_accept(&l, 1000) < 0 && errno == EAGAIN);
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		CU_ASSERT(read(clients[i], &byte, 1) == 1 && byte == 'a');
		close(clients[i]);
	}
	listener_close(&l);
}

static void
test_door_unix(void)
{
	close_door(t.path, ECONNREFUSED);
}

static void
test_door_tcp(void)
{
	close_door(":0", EINPROGRESS);
}

static void
test_accept_timeout(void)
{
	struct listener l;
	int client, fd;
	char byte;
	int64_t before;

	CU_ASSERT_TRUE_FATAL(open_at(&l, t.path));
	client = connect_to(&l);
	fd = listener_accept(&l, 120);
	CU_ASSERT(fd >= 0);
	CU_ASSERT((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
	CU_ASSERT((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	before = clock_now_ns();
	CU_ASSERT(read(fd, &byte, 1) < 0 && errno == EAGAIN);
	CU_ASSERT(clock_now_ns() - before >= 100 * 1000000);
	close(fd);
	close(client);
	listener_close(&l);
}

/* systemd's socket: descriptor 3 for our pid. It is neither closed to others nor removed. */
static void
test_given(void)
{
	struct listener made, given;
	char pid[24];
	int saved = fcntl(3, F_DUPFD_CLOEXEC, 10), client;
	struct stat st;

	CU_ASSERT_TRUE_FATAL(open_at(&made, t.path));
	CU_ASSERT_EQUAL_FATAL(dup2(made.fd, 3), 3);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	CU_ASSERT_TRUE_FATAL(open_at(&given, "/never/looked/at"));
	CU_ASSERT(given.given && given.is_unix && given.fd == 3);
	CU_ASSERT_STRING_EQUAL(given.address, t.path);
	CU_ASSERT_PTR_NULL(getenv("LISTEN_FDS"));
	listener_close_door(&given);
	client = connect_to(&made);
	CU_ASSERT(client >= 0);
	close(client);
	if (made.fd != 3)
		listener_close(&given);
	CU_ASSERT_EQUAL(stat(t.path, &st), 0);

	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	CU_ASSERT_FALSE(open_at(&given, t.path));
	setenv("LISTEN_PID", "1", 1); /* meant for another process: not an error */
	CU_ASSERT_FALSE(open_at(&given, t.path));
	CU_ASSERT_PTR_NOT_NULL(strstr(t.problem.detail, "another process serves"));
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	listener_close(&made);
	if (saved >= 0) {
		dup2(saved, 3);
		close(saved);
	}
}

void
suite_listener(void)
{
	CU_pSuite suite = CU_add_suite("listener", set_up, tear_down);

	if (suite == NULL || CU_add_test(suite, "mode", test_mode) == NULL ||
	    CU_add_test(suite, "group", test_group) == NULL ||
	    CU_add_test(suite, "stale and live", test_stale_and_live) == NULL ||
	    CU_add_test(suite, "refused", test_refused) == NULL ||
	    CU_add_test(suite, "door unix", test_door_unix) == NULL ||
	    CU_add_test(suite, "door tcp", test_door_tcp) == NULL ||
	    CU_add_test(suite, "accept timeout", test_accept_timeout) == NULL ||
	    CU_add_test(suite, "given by systemd", test_given) == NULL)
		abort();
}
