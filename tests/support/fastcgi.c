/* SPDX-License-Identifier: BSD-2-Clause */
/* fastcgi.c - BEGIN_REQUEST, PARAMS, STDIN; then STDOUT up to END_REQUEST (FastCGI 1.0, section 3)
 */
#include "support/fastcgi.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/keep.h"

enum { RECORD_BEGIN = 1, RECORD_END = 3, RECORD_PARAMS = 4, RECORD_STDIN = 5, RECORD_STDOUT = 6 };
enum { HEAD_BYTES = 8, REQUEST_BYTES = 8192 };

struct request_bytes {
	unsigned char bytes[REQUEST_BYTES];
	size_t len;
};

int
fastcgi_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
put_head(struct request_bytes *r, int type, size_t content)
{
	unsigned char head[HEAD_BYTES] = { 1, (unsigned char)type, 0, 1,
		(unsigned char)(content >> 8), (unsigned char)(content & 0xff), 0, 0 };

	memcpy(r->bytes + r->len, head, sizeof(head));
	r->len += sizeof(head);
}

static void
put_param(struct request_bytes *r, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	r->bytes[r->len++] = (unsigned char)name_len; /* names here are shorter than 128 */
	if (value_len < 128) {
		r->bytes[r->len++] = (unsigned char)value_len;
	} else {
		r->bytes[r->len++] = (unsigned char)(0x80 | (value_len >> 24));
		r->bytes[r->len++] = (unsigned char)(value_len >> 16);
		r->bytes[r->len++] = (unsigned char)(value_len >> 8);
		r->bytes[r->len++] = (unsigned char)value_len;
	}
	memcpy(r->bytes + r->len, name, name_len);
	memcpy(r->bytes + r->len + name_len, value, value_len);
	r->len += name_len + value_len;
}

static bool
is_named(const char *const *params, const char *name)
{
	for (; *params != NULL; params++)
		if (strncmp(*params, name, strlen(name)) == 0 && (*params)[strlen(name)] == '=')
			return true;
	return false;
}

bool
fastcgi_send(int fd, const char *uri, const char *token)
{
	static const char *const none[] = { NULL };

	return fastcgi_send_with(fd, uri, token, none);
}

bool
fastcgi_send_with(int fd, const char *uri, const char *token, const char *const *more)
{
	static const unsigned char responder[8] = { 0, 1 };
	struct request_bytes params = { .len = 0 }, r = { .len = 0 };
	const char *query = strchr(uri, '?');
	const char *const usual[][2] = {
		{ "REQUEST_METHOD", "GET" },
		{ "REQUEST_URI", uri },
		{ "QUERY_STRING", query != NULL ? query + 1 : "" },
		{ "SERVER_PROTOCOL", "HTTP/1.1" },
		{ "REMOTE_ADDR", "127.0.0.1" },
		{ "CONTENT_LENGTH", "" },
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (!is_named(more, usual[i][0]))
			put_param(&params, usual[i][0], usual[i][1]);
	if (token != NULL)
		put_param(&params, "HTTP_AUTHORIZATION", keep_printf("Bearer %s", token));
	for (; *more != NULL; more++) {
		const char *value = strchr(*more, '=');

		put_param(&params, keep_copy(*more, (size_t)(value - *more)), value + 1);
	}
	put_head(&r, RECORD_BEGIN, sizeof(responder));
	memcpy(r.bytes + r.len, responder, sizeof(responder));
	r.len += sizeof(responder);
	put_head(&r, RECORD_PARAMS, params.len);
	memcpy(r.bytes + r.len, params.bytes, params.len);
	r.len += params.len;
	put_head(&r, RECORD_PARAMS, 0);
	put_head(&r, RECORD_STDIN, 0);
	return send(fd, r.bytes, r.len, MSG_NOSIGNAL) == (ssize_t)r.len;
}

/* Everything up to the end of the connection; *len bytes, freed by the caller. */
static unsigned char *
read_all(int fd, int timeout_ms, size_t *len)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	unsigned char *bytes = NULL;
	ssize_t n = 1;

	*len = 0;
	while (n > 0 && poll(&readable, 1, timeout_ms) == 1) {
		unsigned char *more = realloc(bytes, *len + 65536);

		if (more == NULL)
			abort();
		bytes = more;
		if ((n = read(fd, bytes + *len, 65536)) > 0)
			*len += (size_t)n;
	}
	return bytes;
}

struct fastcgi_answer
fastcgi_receive(int fd, int timeout_ms)
{
	struct fastcgi_answer answer = { 0 };
	size_t len, out = 0;
	unsigned char *bytes = read_all(fd, timeout_ms, &len);
	char *text = keep_alloc(len + 1);
	const char *status;

	close(fd);
	for (size_t at = 0; at + HEAD_BYTES <= len;) {
		const unsigned char *head = bytes + at;
		size_t content = (size_t)head[4] << 8 | head[5], padding = head[6];

		at += HEAD_BYTES;
		if (at + content > len)
			break;
		if (head[1] == RECORD_STDOUT) {
			memcpy(text + out, bytes + at, content);
			out += content;
		}
		if (head[1] == RECORD_END && content == 8)
			answer.whole = bytes[at + 4] == 0;
		at += content + padding;
	}
	free(bytes);
	answer.text = text;
	if (out > 0)
		answer.status = (status = strstr(text, "Status: ")) != NULL
		    ? (int)strtol(status + 8, NULL, 10)
		    : 200;
	return answer;
}
