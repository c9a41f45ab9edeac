/* SPDX-License-Identifier: BSD-2-Clause */
/* webserver.c - nginx in a folder of its own, never touching /etc or /var */
#include "support/webserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/keep.h"
#include "support/process.h"
#include "support/sandbox.h"

enum { START_MS = 10000, STOP_MS = 10000, TRIES = 5 };

struct webserver {
	const char *folder, *url;
	int port;
	pid_t pid;
};

/* text with every occurrence of from replaced; *count of them are added. */
static const char *
replace(const char *text, const char *from, const char *to, size_t *count)
{
	const char *at, *done = "";

	for (; (at = strstr(text, from)) != NULL; ++*count) {
		done = keep_printf("%s%.*s%s", done, (int)(at - text), text, to);
		text = at + strlen(from);
	}
	return keep_printf("%s%s", done, text);
}

static const char *
fill_in(const char *text, const char *name, const char *value)
{
	size_t count = 0;

	return replace(text, name, value, &count);
}

static bool
accepts(void *argument)
{
	const struct webserver *w = argument;
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)w->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (!process_alive(w->pid)) {
		close(fd);
		return true; /* it will not come any more; the caller looks */
	}
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ok = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return ok;
}

/* Where the configuration's snippets are, those of the tree and those of Debian. */
static const char *
fill_in_all(const struct webserver *w, const char *socket, const char *conf)
{
	const char *const user = geteuid() == 0 ? "user nobody nogroup;" : "";

	conf = fill_in(conf, "@PORT@", keep_printf("%d", w->port));
	conf = fill_in(conf, "@SOCKET@", keep_printf("unix:%s", socket));
	conf = fill_in(conf, "@DIR@", w->folder);
	return fill_in(conf, "@USER@", user);
}

static struct webserver *
start(const char *folder, const char *socket, const char *conf)
{
	struct webserver *w = keep_alloc(sizeof(*w));
	const char *path = keep_printf("%s/nginx/nginx.conf", folder);
	const char *const argv[] = { "nginx", "-p", keep_printf("%s/nginx", folder), "-c", path,
		"-e", keep_printf("%s/nginx/nginx-error.log", folder), "-g", "daemon off;", NULL };
	const char *paths = keep_printf("PATH=%s:/usr/sbin:/sbin", getenv("PATH"));
	const char *const environment[] = { paths, NULL };
	FILE *err;

	w->folder = keep_printf("%s/nginx", folder);
	mkdir(w->folder, 0755);
	/* Somebody else may take the port between our look and nginx's bind: try another. */
	for (int tries = 0; tries < TRIES; tries++) {
		w->port = sandbox_port();
		w->url = keep_printf("http://127.0.0.1:%d", w->port);
		if (!file_write(path, fill_in_all(w, socket, conf)) ||
		    (err = fopen(keep_printf("%s/stderr", w->folder), "we")) == NULL)
			return NULL;
		w->pid = process_start(&(struct process_options){
		    .argv = argv, .environment = environment, .output = fileno(err) });
		fclose(err);
		if (wait_until(accepts, w, START_MS) && process_alive(w->pid))
			return w;
		process_stop(w->pid, SIGTERM, STOP_MS);
	}
	fprintf(stderr, "tests: nginx did not start: %s\n", webserver_errors(w));
	return NULL;
}

/* A shipped file, kept; NULL and a word on standard error when it cannot be read. */
static const char *
shipped(const char *name)
{
	char *text = file_read(sandbox_source(keep_printf("nginx/%s", name)), NULL);
	const char *kept = text != NULL ? keep_printf("%s", text) : NULL;

	if (kept == NULL)
		fprintf(stderr, "tests: cannot read nginx/%s\n", name);
	free(text);
	return kept;
}

struct webserver *
webserver_start(const char *folder, const char *socket)
{
	const char *conf = shipped("quickstart.conf.in");

	if (conf == NULL)
		return NULL;
	return start(folder, socket, fill_in(conf, "@NGINX@", sandbox_source("nginx")));
}

struct webserver *
webserver_start_edited(const char *folder, const char *socket, const struct webserver_edit *edits)
{
	const char *conf = shipped("quickstart.conf.in"), *site = shipped("rowhouse.conf");
	const char *snippets = keep_printf("%s/snippets", folder);

	if (conf == NULL || site == NULL)
		return NULL;
	for (; edits->from != NULL; edits++) {
		size_t count = 0;

		conf = replace(conf, edits->from, edits->to, &count);
		site = replace(site, edits->from, edits->to, &count);
		if (count == 0) {
			fprintf(stderr, "tests: \"%s\" stands in no file of nginx/\n", edits->from);
			return NULL;
		}
	}
	mkdir(folder, 0755);
	mkdir(snippets, 0755);
	if (!file_write(keep_printf("%s/rowhouse.conf", snippets), site))
		return NULL;
	return start(folder, socket, fill_in(conf, "@NGINX@", snippets));
}

void
webserver_stop(struct webserver *w)
{
	if (w != NULL && w->pid > 0)
		process_stop(w->pid, SIGTERM, STOP_MS);
	if (w != NULL)
		w->pid = 0;
}

const char *
webserver_url(const struct webserver *w)
{
	return w->url;
}

int
webserver_port(const struct webserver *w)
{
	return w->port;
}

pid_t
webserver_pid(const struct webserver *w)
{
	return w->pid;
}

const char *
webserver_errors(const struct webserver *w)
{
	char *log = file_read(keep_printf("%s/nginx-error.log", w->folder), NULL);
	char *said = file_read(keep_printf("%s/stderr", w->folder), NULL);
	const char *kept = keep_printf("%s%s", said != NULL ? said : "", log != NULL ? log : "");

	free(log);
	free(said);
	return kept;
}
