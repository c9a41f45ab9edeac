/* SPDX-License-Identifier: BSD-2-Clause */
/* guardian.c - a process at the other end of a pipe
 *
 * The pipe carries one line per registration: "+p PID SIGNAL START", "-p PID", "+d PATH", "-d
 * PATH". Its end is the news that the test program is gone, however that came about. START is the
 * start time in /proc/PID/stat, so that a process which got the number later is left alone. */
#include "support/guardian.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/keep.h"
#include "support/sandbox.h"

enum { WATCHED = 256, STOP_MS = 4000 };

struct watched_process {
	pid_t pid;
	int signal;
	unsigned long long start;
};

static int guardian_fd = -1;
static pid_t guardian_owner; /* a fork of the test program must not write into its pipe */

/* The start time of a process in clock ticks; 0 when there is none such, or it is a zombie. */
static unsigned long long
start_time(pid_t pid)
{
	char path[64], line[1024], *p;
	unsigned long long start = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((file = fopen(path, "re")) == NULL)
		return 0;
	/* Field 2, the name, may hold blanks and parentheses: count from the last one. */
	if (fgets(line, sizeof(line), file) != NULL && (p = strrchr(line, ')')) != NULL &&
	    p[1] != '\0' && p[2] != 'Z')
		for (int field = 2; field <= 22 && p != NULL; field++) {
			if (field == 22)
				start = strtoull(p, NULL, 10);
			if ((p = strchr(p, ' ')) != NULL)
				p++;
		}
	fclose(file);
	return start;
}

static bool
is_gone(void *argument)
{
	const struct watched_process *w = argument;

	return start_time(w->pid) != w->start;
}

static void
end_process(struct watched_process *w)
{
	if (w->pid <= 1 || is_gone(w))
		return;
	kill(w->pid, w->signal);
	wait_until(is_gone, w, STOP_MS);
	/* Its group as well: a supervisor that crashed may have left workers. */
	kill(-w->pid, SIGKILL);
	if (!is_gone(w))
		kill(w->pid, SIGKILL);
}

static void
watch(FILE *pipe_end)
{
	static struct watched_process processes[WATCHED];
	static char directories[WATCHED][600];
	char line[600], *path = line + 3, *at;
	size_t process_count = 0, directory_count = 0;

	while (fgets(line, sizeof(line), pipe_end) != NULL) {
		struct watched_process w = { 0 };

		line[strcspn(line, "\n")] = '\0';
		if (line[1] == 'd') {
			for (size_t i = 0; i < directory_count; i++)
				if (strcmp(directories[i], path) == 0)
					directories[i][0] = '\0';
			if (line[0] == '+' && directory_count < WATCHED)
				snprintf(directories[directory_count++], sizeof(directories[0]),
				    "%s", path);
			continue;
		}
		w.pid = (pid_t)strtol(path, &at, 10);
		w.signal = (int)strtol(at, &at, 10);
		w.start = strtoull(at, NULL, 10);
		for (size_t i = 0; i < process_count; i++)
			if (processes[i].pid == w.pid)
				processes[i].pid = 0;
		if (line[0] == '+' && process_count < WATCHED)
			processes[process_count++] = w;
	}
	while (process_count > 0) /* the last started first: nginx, rowhouse, PostgreSQL */
		end_process(&processes[--process_count]);
	for (size_t i = 0; i < directory_count; i++)
		if (directories[i][0] != '\0')
			sandbox_remove_tree(directories[i]);
}

static void
tell(const char *line)
{
	int ends[2];
	pid_t pid;

	if (guardian_fd < 0) {
		if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
			perror("tests: guardian");
			exit(2);
		}
		if (pid == 0) {
			setsid();
			signal(SIGINT, SIG_IGN);
			signal(SIGTERM, SIG_IGN);
			signal(SIGHUP, SIG_IGN);
			signal(SIGPIPE, SIG_IGN);
			close(ends[1]);
			watch(fdopen(ends[0], "r"));
			_exit(0);
		}
		close(ends[0]);
		guardian_fd = ends[1];
		guardian_owner = getpid();
	}
	if (guardian_owner == getpid() &&
	    write(guardian_fd, line, strlen(line)) != (ssize_t)strlen(line))
		perror("tests: guardian");
}

void
guardian_process(pid_t pid, int stop_signal)
{
	char line[128];

	snprintf(line, sizeof(line), "+p %d %d %llu\n", (int)pid, stop_signal, start_time(pid));
	tell(line);
}

void
guardian_forget_process(pid_t pid)
{
	char line[64];

	snprintf(line, sizeof(line), "-p %d\n", (int)pid);
	tell(line);
}

void
guardian_directory(const char *path)
{
	char line[600];

	snprintf(line, sizeof(line), "+d %s\n", path);
	tell(line);
}

void
guardian_forget_directory(const char *path)
{
	char line[600];

	snprintf(line, sizeof(line), "-d %s\n", path);
	tell(line);
}
