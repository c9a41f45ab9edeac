/* SPDX-License-Identifier: BSD-2-Clause */
/* prompt.c - a line without echo, a line of standard input */
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "formats/utf8.h"

enum { LINE_BYTES = LIMIT_PASSWORD_BYTES + 3 /* \r, \n, and a byte too many or NUL */ };

static void
wipe(void *line)
{
	sodium_memzero(line, LINE_BYTES);
}

bool
prompt_is_possible(void)
{
	return isatty(STDIN_FILENO) == 1;
}

/* A line without its end; NULL and a problem. A NUL inside would hide what follows it. */
static char *
read_line(struct arena *arena, int fd, struct problem *p)
{
	char *line = arena_alloc(arena, LINE_BYTES);
	size_t len = 0;
	ssize_t n;

	arena_defer(arena, wipe, line);
	while (len < LINE_BYTES - 1 && memchr(line, '\n', len) == NULL) {
		if ((n = read(fd, line + len, LINE_BYTES - 1 - len)) < 0 && errno != EINTR)
			return problem_null(
			    p, PROBLEM_INVALID, "could not read the password: %s", strerror(errno));
		if (n == 0)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	if (memchr(line, '\n', len) != NULL)
		len = (size_t)((char *)memchr(line, '\n', len) - line);
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len > LIMIT_PASSWORD_BYTES || memchr(line, '\0', len) != NULL || !utf8_ok(line, len))
		return problem_null(p, PROBLEM_INVALID,
		    "a password is UTF-8 of at most %d bytes, and has no NUL",
		    LIMIT_PASSWORD_BYTES);
	line[len] = '\0';
	return line;
}

bool
prompt_standard_input(struct arena *arena, const char **password, struct problem *p)
{
	return (*password = read_line(arena, STDIN_FILENO, p)) != NULL;
}

/* Signals of the keyboard are off as well while nothing is echoed, so that no ^C leaves the
 * terminal mute; the byte comes as part of the line then, and means what it always does. */
static const char *
ask(struct arena *arena, int terminal, const char *question, struct problem *p)
{
	struct termios before, mute;
	const char *line;

	if (tcgetattr(terminal, &before) != 0)
		return problem_null(p, PROBLEM_INVALID,
		    "could not turn off the terminal's echo: %s", strerror(errno));
	mute = before;
	mute.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	if (tcsetattr(terminal, TCSAFLUSH, &mute) != 0)
		return problem_null(p, PROBLEM_INVALID,
		    "could not turn off the terminal's echo: %s", strerror(errno));
	dprintf(terminal, "%s: ", question);
	line = read_line(arena, terminal, p);
	tcsetattr(terminal, TCSAFLUSH, &before);
	dprintf(terminal, "\n");
	if (line != NULL && strchr(line, before.c_cc[VINTR]) != NULL)
		return problem_null(p, PROBLEM_INVALID, "interrupted");
	return line;
}

bool
prompt_new_password(
    struct arena *arena, const char *question, const char **password, struct problem *p)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	const char *again = NULL;

	if (terminal < 0)
		return problem_raise(
		    p, PROBLEM_INVALID, "could not open the terminal: %s", strerror(errno));
	if ((*password = ask(arena, terminal, question, p)) != NULL)
		again = **password == '\0' ? *password : ask(arena, terminal, "Again", p);
	close(terminal);
	if (again == NULL)
		return false;
	return strcmp(*password, again) == 0 ||
	    problem_raise(p, PROBLEM_INVALID, "the two passwords differ");
}
