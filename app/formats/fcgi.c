/* SPDX-License-Identifier: BSD-2-Clause */
/* fcgi.c - libfcgi for what comes in, records of our own for what goes out
 *
 * libfcgi gets a connection that is already open (ipcFd) and never a socket to accept from
 * (listen_sock is -1), so it cannot wait for anything but this peer, whom the descriptor's timeouts
 * bound. */
#include "formats/fcgi.h"

#include <assert.h>
#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

enum {
	BATCH_RECORDS = 1 + 8, /* of one system call: a head and half a MiB */
	BATCH_BYTES = BATCH_RECORDS * FCGI_MAX_LENGTH,
	INVALID_RECORD = 99,      /* the specification ends at 11 */
	SOCKET_TAKES = 128 << 10, /* by default, before anybody reads (Linux: 214 KiB measured) */
};

/* What one system call sends: headers, each before its slice of the answer, and the ending. The
 * bytes of the answer stay where they are. */
struct batch {
	size_t records, pieces;
	FCGI_Header header[BATCH_RECORDS];
	struct iovec piece[2 * BATCH_RECORDS + 1];
};

/* The end of the stream and of the request (FastCGI 1.0, 3.3 and 5.5), and what tells a web server
 * that would keep the connection for its next request that there is none: nginx pools a connection
 * only when nothing follows END_REQUEST (and from 1.29.7 on without being told to). It would learn
 * of our close too late: every fiftieth request failed so with 1.22 and `keepalive 32`. */
struct ending {
	FCGI_Header stdout_end;
	FCGI_EndRequestRecord request_end;
	FCGI_Header not_kept;
};

struct fcgi {
	FCGX_Request request;
	bool open;          /* between fcgi_read and fcgi_finish */
	bool asked_to_keep; /* the connection; it is never granted */
	bool gone;          /* the web server did not take the answer */
	size_t count;       /* SIZE_MAX: too many */
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
static void enlarge(const struct fcgi *, size_t bytes);
static bool batch_text(struct batch *, struct fcgi *, const struct text *);
static bool batch_send(struct batch *, struct fcgi *);
static bool batch_end(struct batch *, struct fcgi *);
static FCGI_Header header(const struct fcgi *, unsigned char type, size_t len);
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
	f->gone = false;
	f->asked_to_keep = f->request.keepConnection != 0;
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
fcgi_answer(struct fcgi *f, const struct text *head, const struct text *body)
{
	struct batch batch = { .records = 0 };

	assert(f->open);
	if (head->len + body->len > SOCKET_TAKES)
		enlarge(f, head->len + body->len);
	return batch_text(&batch, f, head) && batch_text(&batch, f, body) && batch_end(&batch, f);
}

bool
fcgi_stream_begin(struct fcgi *f, const struct text *head, long stall_ms)
{
	const struct timeval stall = { stall_ms / 1000, stall_ms % 1000 * 1000 };

	assert(f->open);
	if (setsockopt(f->request.ipcFd, SOL_SOCKET, SO_SNDTIMEO, &stall, sizeof(stall)) != 0)
		f->gone = true;
	return fcgi_stream(f, head);
}

bool
fcgi_stream(struct fcgi *f, const struct text *piece)
{
	struct batch batch = { .records = 0 };

	assert(f->open);
	return batch_text(&batch, f, piece) && batch_send(&batch, f);
}

bool
fcgi_stream_end(struct fcgi *f)
{
	struct batch batch = { .records = 0 };

	return batch_end(&batch, f);
}

/* Whoever takes nothing is not waited for once more. */
void
fcgi_stream_break(struct fcgi *f)
{
	const FCGI_Header record = header(f, INVALID_RECORD, 0);

	if (!f->gone)
		(void)send(f->request.ipcFd, &record, sizeof(record), MSG_NOSIGNAL | MSG_DONTWAIT);
	f->gone = true;
}

/* Send the rest with the record that ends the request. */
static bool
batch_end(struct batch *batch, struct fcgi *f)
{
	struct ending ending = { .stdout_end = header(f, FCGI_STDOUT, 0),
		.request_end = { .header = header(f, FCGI_END_REQUEST, sizeof(FCGI_EndRequestBody)),
		    .body = { .protocolStatus = FCGI_REQUEST_COMPLETE } },
		.not_kept = header(f, FCGI_STDOUT, 0) };
	const size_t ending_bytes =
	    f->asked_to_keep ? sizeof(ending) : offsetof(struct ending, not_kept);

	batch->piece[batch->pieces++] = (struct iovec){ &ending, ending_bytes };
	return batch_send(batch, f);
}

/* So that the socket takes it all at once. The kernel gives less than is asked for rather than
 * refuse (net.core.wmem_max); then the answer leaves in as many calls as it needs. */
static void
enlarge(const struct fcgi *f, size_t bytes)
{
	const int wanted = bytes < BATCH_BYTES ? (int)bytes : BATCH_BYTES;

	(void)setsockopt(f->request.ipcFd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted));
}

/* Add a text as records, and send what is full; false when the web server has gone. */
static bool
batch_text(struct batch *batch, struct fcgi *f, const struct text *text)
{
	for (size_t done = 0, slice; done < text->len; done += slice) {
		FCGI_Header *before;

		if (batch->records == BATCH_RECORDS && !batch_send(batch, f))
			return false;
		slice = text->len - done < FCGI_MAX_LENGTH ? text->len - done : FCGI_MAX_LENGTH;
		before = &batch->header[batch->records++];
		*before = header(f, FCGI_STDOUT, slice);
		batch->piece[batch->pieces++] = (struct iovec){ before, sizeof(*before) };
		batch->piece[batch->pieces++] = (struct iovec){ text->bytes + done, slice };
	}
	return true;
}

/* Send and empty it. The socket blocks: less than all of it is taken only when its send timeout
 * passed or the web server has gone, which the next call says. */
static bool
batch_send(struct batch *batch, struct fcgi *f)
{
	struct msghdr message = { .msg_iov = batch->piece, .msg_iovlen = batch->pieces };

	while (message.msg_iovlen > 0 && !f->gone) {
		ssize_t sent = sendmsg(f->request.ipcFd, &message, MSG_NOSIGNAL);
		size_t n = sent > 0 ? (size_t)sent : 0;

		f->gone = sent < 0 && errno != EINTR;
		for (; message.msg_iovlen > 0 && n >= message.msg_iov->iov_len;
		     message.msg_iov++, message.msg_iovlen--)
			n -= message.msg_iov->iov_len;
		if (message.msg_iovlen > 0) {
			message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + n;
			message.msg_iov->iov_len -= n;
		}
	}
	batch->records = batch->pieces = 0;
	return !f->gone;
}

/* Records need no padding (3.3 recommends it, for whoever copies by words). */
static FCGI_Header
header(const struct fcgi *f, unsigned char type, size_t len)
{
	return (FCGI_Header){ .version = FCGI_VERSION_1,
		.type = type,
		.requestIdB1 = (unsigned char)(f->request.requestId >> 8),
		.requestIdB0 = (unsigned char)f->request.requestId,
		.contentLengthB1 = (unsigned char)(len >> 8),
		.contentLengthB0 = (unsigned char)len };
}

/* The whole answer has left by now, with its END_REQUEST record, so nobody waits for a body that
 * nobody wants. */
void
fcgi_finish(struct fcgi *f)
{
	assert(f->open);
	drain(f);
	release_connection(f);
}

/* Read what is left of the body, up to LIMIT_DRAIN_BYTES. Closing with bytes unread resets a TCP
 * connection, which can destroy the answer under way; behind the bound that is accepted. */
static void
drain(struct fcgi *f)
{
	char waste[1024]; /* copied out of libfcgi's 8 KiB buffer: no more calls than with more */
	size_t drained = 0;

	if (f->gone)
		return;
	while (drained < LIMIT_DRAIN_BYTES && !FCGX_HasSeenEOF(f->request.in)) {
		int n = FCGX_GetStr(waste, sizeof(waste), f->request.in);

		if (n < (int)sizeof(waste))
			break;
		drained += (size_t)n;
	}
}

/* Closed, whatever the peer asked for; FCGX_Finish_r would write records of its own first. Detached
 * means a plain close: after the end of the body nothing can be under way towards us, so libfcgi's
 * shutdown, poll and read would only cost three calls and a wait for the web server (limits.md 1).
 */
static void
release_connection(struct fcgi *f)
{
	FCGX_Detach(&f->request);
	FCGX_Free(&f->request, 1);
	f->open = false;
}

int
fcgi_descriptor(const struct fcgi *f)
{
	return f->open ? f->request.ipcFd : -1;
}
