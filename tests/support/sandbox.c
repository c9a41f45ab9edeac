/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox.c - temporary directories, free ports, and where the tree is */
#include "support/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/guardian.h"
#include "support/keep.h"

const char *
sandbox_new(const char *prefix)
{
	const char *tmp = getenv("TMPDIR");
	char *path =
	    keep_printf("%s/%s-XXXXXX", tmp != NULL && *tmp != '\0' ? tmp : "/tmp", prefix);

	if (mkdtemp(path) == NULL || chmod(path, 0755) != 0) {
		fprintf(stderr, "tests: could not make %s: %s\n", path, strerror(errno));
		exit(2);
	}
	if (strlen(path) > 60) {
		fprintf(stderr, "tests: %s is too long for the path of a unix socket\n", path);
		exit(2);
	}
	if (getenv("ROWHOUSE_KEEP") == NULL)
		guardian_directory(path);
	return path;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) != 0 && errno != ENOENT ? -1 : 0;
}

void
sandbox_remove_tree(const char *path)
{
	/* A dying postmaster may still add a file: look again. */
	for (int tries = 0; tries < 20; tries++) {
		if (nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ||
		    access(path, F_OK) != 0)
			return;
		pause_ms(50);
	}
}

void
sandbox_remove(const char *path)
{
	if (getenv("ROWHOUSE_KEEP") != NULL) {
		fprintf(stderr, "tests: kept %s\n", path);
		return;
	}
	sandbox_remove_tree(path);
	guardian_forget_directory(path);
}

int
sandbox_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int port = -1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&address, &len) == 0)
		port = ntohs(address.sin_port);
	close(fd);
	return port;
}

/* name under the first folder above this program that has it; NULL when there is none. */
static const char *
above(const char *name, int mode)
{
	char here[4096];
	ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);
	struct stat st;
	char *slash, *path;

	if (n < 0)
		return NULL;
	here[n] = '\0';
	while ((slash = strrchr(here, '/')) != NULL) {
		*slash = '\0';
		path = keep_printf("%s/%s", here, name);
		if (access(path, mode) == 0 && stat(path, &st) == 0 &&
		    (mode == R_OK || S_ISREG(st.st_mode)))
			return path;
	}
	return NULL;
}

const char *
sandbox_source(const char *path)
{
	const char *root = getenv("ROWHOUSE_SRC"), *found;

	found = root != NULL ? keep_printf("%s/%s", root, path) : above(path, R_OK);
	if (found == NULL || access(found, R_OK) != 0) {
		fprintf(
		    stderr, "tests: %s was not found; set ROWHOUSE_SRC to the source tree\n", path);
		exit(2);
	}
	return found;
}

const char *
sandbox_program(void)
{
	const char *found = getenv("ROWHOUSE");

	if (found == NULL)
		found = above("rowhouse", X_OK);
	if (found == NULL || access(found, X_OK) != 0) {
		fputs("tests: the program rowhouse was not found; set ROWHOUSE to its path\n",
		    stderr);
		exit(2);
	}
	return found;
}
