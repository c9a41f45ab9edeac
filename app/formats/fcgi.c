/* SPDX-License-Identifier: BSD-2-Clause */
/* fcgi.c - libfcgi, fenced
 *
 * libfcgi gets a connection that is already open (ipcFd) and never a socket to accept from
 * (listen_sock is -1), so it cannot wait for anything but this peer, whom the descriptor's timeouts
 * bound. */
#include "formats/fcgi.h"

#include <assert.h>
#include <fcgiapp.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

struct fcgi {
	FCGX_Request request;
	bool open;    /* between fcgi_read and fcgi_finish */
	size_t count; /* SIZE_MAX: too many */
	struct fcgi_param params[LIMIT_PARAMS];
};

/* How long libfcgi may wait in a close for the peer to close too; its default of 2 s would let
 * anyone who connects and says nothing hold a worker for as long. Only connections that brought no
 * readable request are closed that way (fcgi_finish). The second one is for accepted but silent
 * connections, which only libfcgi's own accept looks at; we never use that, and leave it no long
 * wait either. */
static const char close_wait_ms[] = "100";

static void release(void *);
static bool split_params(struct fcgi *);
static void drain(struct fcgi *);
static void release_connection(struct fcgi *);

bool
fcgi_init(void)
{
	if (setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", close_wait_ms, 1) != 0 ||
	    setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", close_wait_ms, 1) != 0)
		return false;
	return FCGX_Init() == 0;
}

struct fcgi *
fcgi_new(struct arena *arena)
{
	struct fcgi *f = ARENA_NEW(arena, struct fcgi);

	FCGX_InitRequest(&f->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	arena_defer(arena, release, f);
	return f;
}

static void
release(void *object)
{
	struct fcgi *f = object;

	if (f->open)
		release_connection(f);
}

bool
fcgi_read(struct fcgi *f, int fd)
{
	assert(!f->open);
	FCGX_InitRequest(&f->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	f->request.ipcFd = fd;
	/* FCGX_Accept_r begins by finishing "the request before"; without this it would close fd.
	 */
	f->request.keepConnection = 1;
	/* When the head cannot be read, libfcgi closes fd and tries to accept another from socket
	 * -1, which fails at once. */
	if (FCGX_Accept_r(&f->request) != 0)
		return false;
	f->open = true;
	/* It takes a connection that breaks or falls silent between two parameters for the end of
	 * them, and gives us the first part of a request; only the stream remembers. */
	if (FCGX_GetError(f->request.in) != 0 || !split_params(f)) {
		release_connection(f);
		return false;
	}
	return true;
}

/* envp holds "NAME=value" strings, of which the first is libfcgi's own FCGI_ROLE. They are ours
 * until the request ends, so they are split where they lie. */
static bool
split_params(struct fcgi *f)
{
	static const char responder[] = "FCGI_ROLE=RESPONDER";
	char **entry = f->request.envp;
	size_t bytes = 0;

	f->count = 0;
	if (*entry == NULL || strcmp(*entry, responder) != 0)
		return false;
	for (entry++; *entry != NULL; entry++) {
		char *equals = strchr(*entry, '=');

		if (equals == NULL) /* a NUL in the name hid it: no web server sends that */
			return false;
		if (f->count == SIZE_MAX)
			continue;
		bytes += strlen(*entry);
		if (f->count == LIMIT_PARAMS || bytes > LIMIT_PARAMS_BYTES) {
			f->count = SIZE_MAX;
			continue;
		}
		*equals = '\0';
		f->params[f->count++] = (struct fcgi_param){ *entry, equals + 1 };
	}
	return true;
}

const struct fcgi_param *
fcgi_params(struct fcgi *f, size_t *count)
{
	assert(f->open);
	*count = f->count;
	return f->count == SIZE_MAX ? NULL : f->params;
}

size_t
fcgi_body(struct fcgi *f, char *out, size_t size, bool *cut)
{
	size_t got = 0;

	assert(f->open);
	*cut = false;
	while (got < size) {
		size_t want = size - got < INT_MAX ? size - got : INT_MAX;
		int n = FCGX_GetStr(out + got, (int)want, f->request.in);

		if (n > 0)
			got += (size_t)n;
		if (n < 0 || (size_t)n < want) {
			/* A short count is the end or an error alike; only the stream knows. */
			*cut = FCGX_GetError(f->request.in) != 0;
			break;
		}
	}
	return got;
}

bool
fcgi_write(struct fcgi *f, const char *bytes, size_t len)
{
	assert(f->open);
	for (size_t done = 0; done < len;) {
		size_t part = len - done < INT_MAX ? len - done : INT_MAX;

		if (FCGX_PutStr(bytes + done, (int)part, f->request.out) != (int)part)
			return false;
		done += part;
	}
	return true;
}

void
fcgi_finish(struct fcgi *f)
{
	assert(f->open);
	/* Both streams are closed before the rest of the body is read: the whole answer leaves
	 * first, in one write with its END_REQUEST record, and nobody waits for a body that nobody
	 * wants. */
	FCGX_FClose(f->request.err);
	FCGX_FClose(f->request.out);
	drain(f);
	release_connection(f);
}

/* Read what is left of the body, up to LIMIT_DRAIN_BYTES. Closing with bytes unread resets a TCP
 * connection, which can destroy the answer under way; behind the bound that is accepted. */
static void
drain(struct fcgi *f)
{
	char waste[8192];
	size_t drained = 0;

	if (FCGX_GetError(f->request.out) != 0)
		return; /* nobody is there */
	while (drained < LIMIT_DRAIN_BYTES && !FCGX_HasSeenEOF(f->request.in)) {
		int n = FCGX_GetStr(waste, sizeof(waste), f->request.in);

		if (n < (int)sizeof(waste))
			break;
		drained += (size_t)n;
	}
}

/* keepConnection is what the peer asked for; it is never granted. Detached means a plain close:
 * after the end of the body nothing can be under way towards us, so libfcgi's shutdown, poll and
 * read would only cost three calls and a wait for the web server (limits.md 1). */
static void
release_connection(struct fcgi *f)
{
	f->request.keepConnection = 0;
	FCGX_Detach(&f->request);
	FCGX_Finish_r(&f->request);
	f->open = false;
}

int
fcgi_descriptor(const struct fcgi *f)
{
	return f->open ? f->request.ipcFd : -1;
}
