/* SPDX-License-Identifier: BSD-2-Clause */
/* process.c - fork and exec with the few things that tests need of them */
#include "support/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/guardian.h"
#include "support/keep.h"

static void
become(const char *user)
{
	const struct passwd *pw = getpwnam(user);

	if (pw == NULL || initgroups(user, pw->pw_gid) != 0 || setgid(pw->pw_gid) != 0 ||
	    setuid(pw->pw_uid) != 0) {
		fprintf(stderr, "tests: could not become user \"%s\"\n", user);
		_exit(126);
	}
}

static void
child(const struct process_options *o)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, 0);
	if (o->output > 0) {
		dup2(o->output, 1);
		dup2(o->output, 2);
	}
	if (o->keep > 0)
		fcntl(o->keep, F_SETFD, 0);
	if (o->user != NULL) {
		become(o->user);
		if (chdir("/") != 0)
			_exit(126);
	}
	for (size_t i = 0; o->environment != NULL && o->environment[i] != NULL; i++)
		putenv(strdup(o->environment[i]));
	execvp(o->argv[0], (char *const *)(uintptr_t)o->argv);
	fprintf(stderr, "tests: %s: %s\n", o->argv[0], strerror(errno));
	_exit(127);
}

pid_t
process_start(const struct process_options *o)
{
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0)
		child(o);
	if (pid > 0) {
		setpgid(pid,
		    pid); /* whoever comes first, so that it is done before the guardian acts */
		guardian_process(pid, o->stop_signal != 0 ? o->stop_signal : SIGTERM);
	}
	return pid;
}

struct waiting {
	pid_t pid;
	int status;
};

static bool
has_ended(void *argument)
{
	struct waiting *w = argument;
	pid_t got = waitpid(w->pid, &w->status, WNOHANG);

	return got == w->pid || (got < 0 && errno == ECHILD);
}

bool
process_wait(pid_t pid, int timeout_ms, int *status)
{
	struct waiting w = { pid, 0 };

	if (!wait_until(has_ended, &w, timeout_ms))
		return false;
	guardian_forget_process(pid);
	if (status != NULL)
		*status = w.status;
	return true;
}

int
process_stop(pid_t pid, int signal, int timeout_ms)
{
	int status;

	if (pid <= 1)
		return -1;
	kill(pid, signal);
	if (process_wait(pid, timeout_ms, &status))
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	kill(-pid, SIGKILL);
	process_wait(pid, 5000, &status);
	return -1;
}

const struct outcome *
process_run(const struct process_options *options, int timeout_ms)
{
	struct outcome *outcome = keep_alloc(sizeof(*outcome));
	struct process_options o = *options;
	char path[64], *text;
	int status, memory = memfd_create("output", MFD_CLOEXEC);
	pid_t pid;

	outcome->exit_code = -1;
	o.output = memory;
	if ((pid = process_start(&o)) < 0)
		return outcome;
	if (process_wait(pid, timeout_ms, &status)) {
		if (WIFEXITED(status))
			outcome->exit_code = WEXITSTATUS(status);
		else if (WIFSIGNALED(status))
			outcome->signal = WTERMSIG(status);
	} else {
		process_stop(pid, SIGKILL, 5000);
		outcome->signal = SIGKILL;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	text = file_read(path, NULL);
	outcome->output = text != NULL ? keep_printf("%s", text) : "";
	free(text);
	close(memory);
	return outcome;
}

/* Parent of a process; 0 when there is no such process, or it is a zombie. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], line[1024], *p;
	pid_t parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((file = fopen(path, "re")) == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) != NULL && (p = strrchr(line, ')')) != NULL &&
	    strlen(p) > 4 && p[2] != 'Z')
		parent = (pid_t)strtol(p + 4, NULL, 10);
	fclose(file);
	return parent;
}

size_t
process_children(pid_t parent, pid_t *out, size_t max)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	size_t count = 0;

	while (proc != NULL && (entry = readdir(proc)) != NULL && count < max) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 1 && parent_of(pid) == parent)
			out[count++] = pid;
	}
	if (proc != NULL)
		closedir(proc);
	return count;
}

bool
process_alive(pid_t pid)
{
	return parent_of(pid) != 0;
}

long
process_private_kib(pid_t pid)
{
	char path[64], line[256];
	const char *figure;
	long sum = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if ((file = fopen(path, "re")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "Private_", 8) == 0 && (figure = strchr(line, ':')) != NULL)
			sum += strtol(figure + 1, NULL, 10);
	fclose(file);
	return sum;
}

bool
process_maps(pid_t pid, const char *name)
{
	char path[64], line[1024];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	if ((file = fopen(path, "re")) == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = strstr(line, name) != NULL;
	fclose(file);
	return found;
}
