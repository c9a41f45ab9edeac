/* SPDX-License-Identifier: BSD-2-Clause */
/* program.c - run rowhouse as a sysadmin would */
#include "support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"

enum { RUN_MS = 120000, READY_MS = 30000, ARGUMENTS = 24, WORKERS = 64 };

struct program {
	const char *folder, *conf, *socket, *log, *settings;
	pid_t pid;
	int ready; /* read end of the readiness pipe while it starts */
};

/* The lines of text but those whose setting a later one names. */
static const char *
last_of_each(const char *text)
{
	const char *kept = "";

	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n"), name = strcspn(line, " =\n");
		bool again = false;

		for (const char *later = line + len; *later != '\0' && !again && name > 0;
		     later += strcspn(later, "\n"))
			again =
			    strncmp(++later, line, name) == 0 && strchr(" =", later[name]) != NULL;
		if (!again)
			kept = keep_printf("%s%.*s\n", kept, (int)len, line);
		line += len + (line[len] == '\n');
	}
	return kept;
}

static bool
write_conf(const struct program *p)
{
	const char *user = geteuid() == 0 ? "user = nobody\ngroup = nogroup\n" : "";

	return file_write(p->conf,
	    last_of_each(keep_printf("listen = %s\nlisten_mode = 0666\nlog_file = %s\n%s%s\n",
		p->socket, p->log, user, p->settings)));
}

struct program *
program_new(const char *folder, const char *settings)
{
	struct program *p = keep_alloc(sizeof(*p));

	p->folder = folder;
	p->conf = keep_printf("%s/rowhouse.conf", folder);
	p->socket = keep_printf("%s/rowhouse.sock", folder);
	p->log = keep_printf("%s/rowhouse.log", folder);
	p->settings = settings;
	if (!write_conf(p))
		fprintf(stderr, "tests: could not write %s\n", p->conf);
	return p;
}

bool
program_configure(struct program *p, const char *settings)
{
	p->settings = keep_printf("%s\n%s", p->settings, settings);
	return write_conf(p);
}

const struct outcome *
program_run(struct program *p, const char *command, ...)
{
	const char *argv[ARGUMENTS] = { sandbox_program(), command, "--config", p->conf };
	size_t n = 4;
	va_list ap;

	va_start(ap, command);
	while (n < ARGUMENTS - 1 && (argv[n] = va_arg(ap, const char *)) != NULL)
		n++;
	va_end(ap);
	argv[n] = NULL;
	return process_run(&(struct process_options){ .argv = argv }, RUN_MS);
}

pid_t
program_launch(struct program *p)
{
	const char *argv[] = { sandbox_program(), "serve", "--config", p->conf, "--ready-fd", NULL,
		NULL };
	FILE *err = fopen(keep_printf("%s/serve.err", p->folder), "we");
	int ends[2];

	if (err == NULL || pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	argv[5] = keep_printf("%d", ends[1]);
	p->pid = process_start(
	    &(struct process_options){ .argv = argv, .output = fileno(err), .keep = ends[1] });
	close(ends[1]);
	p->ready = ends[0];
	fclose(err);
	return p->pid;
}

bool
program_serve(struct program *p)
{
	struct pollfd readable = { .events = POLLIN };
	char byte, *said;
	bool ok;

	if (program_launch(p) < 0)
		return false;
	/* A byte is the news that it serves; end of file, that it ended. */
	readable.fd = p->ready;
	ok = poll(&readable, 1, READY_MS) == 1 && read(p->ready, &byte, 1) == 1;
	close(p->ready);
	if (ok)
		return true;
	said = file_read(keep_printf("%s/serve.err", p->folder), NULL);
	fprintf(stderr, "tests: rowhouse serve is not ready: %s%.4000s\n", said != NULL ? said : "",
	    program_log(p));
	free(said);
	return false;
}

pid_t
program_pid(const struct program *p)
{
	return p->pid;
}

size_t
program_workers(const struct program *p, pid_t *out, size_t max)
{
	return process_children(p->pid, out, max);
}

struct wanted {
	const struct program *program;
	size_t count;
	pid_t not_this;
};

static bool
workers_are_there(void *argument)
{
	const struct wanted *w = argument;
	pid_t pids[WORKERS];
	size_t n = program_workers(w->program, pids, WORKERS);

	for (size_t i = 0; i < n; i++)
		if (pids[i] == w->not_this)
			return false;
	return n == w->count;
}

bool
program_wait_workers(struct program *p, size_t count, pid_t not_this, int timeout_ms)
{
	struct wanted w = { p, count, not_this };

	return wait_until(workers_are_there, &w, timeout_ms);
}

int
program_stop(struct program *p, int signal, int timeout_ms)
{
	pid_t pid = p->pid;
	int code;

	if (pid <= 0)
		return -1;
	code = process_stop(pid, signal, timeout_ms);
	kill(-pid, SIGKILL); /* workers that outlived their supervisor */
	p->pid = 0;
	return code;
}

const char *
program_socket(const struct program *p)
{
	return p->socket;
}

const char *
program_log(const struct program *p)
{
	char *text = file_read(p->log, NULL);
	const char *kept = text != NULL ? keep_printf("%s", text) : "";

	free(text);
	return kept;
}

const char *
program_conf(const struct program *p)
{
	return p->conf;
}
