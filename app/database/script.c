/* SPDX-License-Identifier: BSD-2-Clause */
/* script.c - reading, splitting and running SQL files
 *
 * The splitter follows PostgreSQL's lexer (src/backend/parser/scan.l) in what can hide a semicolon,
 * and psql's (src/fe_utils/psqlscan.l) in where a statement ends: not inside parentheses, which
 * CREATE RULE needs, and not inside BEGIN ATOMIC ... END. standard_conforming_strings is taken to
 * be on, as it is on each of our connections. Where the splitter were wrong PostgreSQL would see
 * half a statement and refuse it, and the file's transaction would roll back. */
#include "database/script.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
#include "database/pg.h"

enum {
	FIRST_STATEMENTS = 32,
	WORDS = 4,            /* leading words that are looked at: CREATE OR REPLACE FUNCTION */
	KEYWORD_BYTES = 16,   /* the longest word compared, TRANSACTION, and a NUL fit */
	DOLLAR_TAG_BYTES = 64 /* NAMEDATALEN: a tag is an identifier */
};

#define OURS(command) command " has no place in a migration: rowhouse begins and commits itself"

/* Commands that begin or end a transaction, by their first words. The first row that matches says.
 */
static const struct {
	const char *first, *second; /* second NULL: whatever follows */
	const char *refused;        /* NULL: allowed after all */
} transaction_commands[] = {
	{ "BEGIN", NULL, OURS("BEGIN") },
	{ "START", "TRANSACTION", OURS("START TRANSACTION") },
	{ "COMMIT", NULL, OURS("COMMIT") },
	{ "END", NULL, OURS("END") },
	{ "ROLLBACK", "TO", NULL }, /* a savepoint; it stays inside */
	{ "ROLLBACK", NULL, OURS("ROLLBACK") },
	{ "ABORT", NULL, OURS("ABORT") },
	{ "PREPARE", "TRANSACTION", OURS("PREPARE TRANSACTION") },
};

/* psql would read the rows from the lines that follow; nobody does that here. */
static const char copy_refused[] =
    "COPY has no place in a migration unless it reads a file of the server: write INSERT";

/* Where the splitter is, and what it knows of the statement it is in. */
struct scan {
	const char *path, *text;
	size_t at, len;
	unsigned line; /* of text[at] */
	struct problem *problem;
	bool started; /* start and start_line are of a statement */
	size_t start;
	unsigned start_line;
	char words[WORDS][KEYWORD_BYTES]; /* its leading words in upper case; longer ones are cut */
	size_t word_count;
	unsigned parentheses, blocks; /* open ones; blocks: BEGIN ATOMIC and the CASEs in it */
	bool names_client;            /* the word STDIN or STDOUT is in it */
};

/* --- the lexer -------------------------------------------------------------------------------- */

/* The byte n places on; 0 behind the end. */
static char
peek(const struct scan *s, size_t n)
{
	return (char)(n < s->len - s->at ? s->text[s->at + n] : '\0');
}

static void
advance(struct scan *s, size_t n)
{
	for (; n > 0 && s->at < s->len; n--)
		if (s->text[s->at++] == '\n')
			s->line++;
}

static bool
is_space(char c)
{
	return c != '\0' && strchr(" \t\r\n\f\v", c) != NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* May begin an identifier: bytes of UTF-8 sequences count as letters, as in scan.l. */
static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (unsigned char)c >= 0x80;
}

static bool
never_ends(struct scan *s, const char *what, unsigned line)
{
	return problem_raise(s->problem, PROBLEM_INVALID, "%s:%u: %s begins here and does not end",
	    s->path, line, what);
}

static void
skip_line_comment(struct scan *s)
{
	while (s->at < s->len && peek(s, 0) != '\n')
		advance(s, 1);
}

/* Comments of this kind nest. */
static bool
skip_block_comment(struct scan *s)
{
	unsigned line = s->line, depth = 0;

	while (s->at < s->len) {
		bool opens = peek(s, 0) == '/' && peek(s, 1) == '*';
		bool closes = peek(s, 0) == '*' && peek(s, 1) == '/';

		advance(s, opens || closes ? 2 : 1);
		if (opens)
			depth++;
		else if (closes && --depth == 0)
			return true;
	}
	return never_ends(s, "a comment", line);
}

/* 'text' or "name", at its opening quote; a doubled quote stands for itself. With escapes a
 * backslash takes the byte after it along. */
static bool
skip_quoted(struct scan *s, bool escapes)
{
	unsigned line = s->line;
	char quote = peek(s, 0);

	advance(s, 1);
	while (s->at < s->len) {
		char c = peek(s, 0);
		bool pair = (c == quote && peek(s, 1) == quote) || (c == '\\' && escapes);

		advance(s, pair ? 2 : 1);
		if (c == quote && !pair)
			return true;
	}
	return never_ends(s, quote == '"' ? "a quoted name" : "a string", line);
}

/* E'...': goes on, escapes included, in a string that only space with a new line divides from it
 * (SQL's continuation). */
static bool
skip_escape_string(struct scan *s)
{
	size_t n;
	bool new_line;

	do {
		if (!skip_quoted(s, true))
			return false;
		new_line = false;
		for (n = 0; is_space(peek(s, n)); n++)
			new_line = new_line || peek(s, n) == '\n';
		if (new_line && peek(s, n) == '\'')
			advance(s, n);
		else
			new_line = false;
	} while (new_line);
	return true;
}

/* Bytes of the $tag$ that begins here; 0 when this is another dollar ($1). */
static size_t
dollar_tag(const struct scan *s)
{
	size_t n = 1;

	if (is_letter(peek(s, n)))
		while (is_letter(peek(s, n)) || is_digit(peek(s, n)))
			n++;
	return peek(s, n) == '$' && n < DOLLAR_TAG_BYTES ? n + 1 : 0;
}

static bool
skip_dollar_quoted(struct scan *s, size_t tag_len)
{
	const char *tag = s->text + s->at;
	unsigned line = s->line;

	advance(s, tag_len);
	while (s->len - s->at >= tag_len) {
		if (memcmp(s->text + s->at, tag, tag_len) == 0) {
			advance(s, tag_len);
			return true;
		}
		advance(s, 1);
	}
	return never_ends(s, "a dollar-quoted string", line);
}

/* --- statements ------------------------------------------------------------------------------- */

/* CREATE [OR REPLACE] FUNCTION | PROCEDURE: the only statements with BEGIN ATOMIC in them. */
static bool
is_routine(const struct scan *s)
{
	size_t n = 1;

	if (s->word_count < 2 || strcmp(s->words[0], "CREATE") != 0)
		return false;
	if (s->word_count >= 4 && strcmp(s->words[1], "OR") == 0 &&
	    strcmp(s->words[2], "REPLACE") == 0)
		n = 3;
	return strcmp(s->words[n], "FUNCTION") == 0 || strcmp(s->words[n], "PROCEDURE") == 0;
}

/* A word, as psql counts them: in a routine BEGIN opens a block, CASE one within it, END closes
 * one. */
static void
count_block(struct scan *s, const char *word)
{
	if (!is_routine(s) || s->parentheses > 0)
		return;
	if (strcmp(word, "BEGIN") == 0 || (s->blocks > 0 && strcmp(word, "CASE") == 0))
		s->blocks++;
	else if (s->blocks > 0 && strcmp(word, "END") == 0)
		s->blocks--;
}

/* An identifier or key word, or an E before a string. */
static bool
scan_word(struct scan *s)
{
	char word[KEYWORD_BYTES] = "";
	size_t n = 0;

	if (strchr("eE", peek(s, 0)) != NULL && peek(s, 1) == '\'') {
		advance(s, 1);
		return skip_escape_string(s);
	}
	for (; is_letter(peek(s, n)) || is_digit(peek(s, n)) || peek(s, n) == '$'; n++)
		if (n < sizeof(word) - 1)
			word[n] = (char)toupper((unsigned char)peek(s, n));
	advance(s, n);
	if (s->word_count < WORDS)
		memcpy(s->words[s->word_count++], word, sizeof(word));
	count_block(s, word);
	if (strcmp(word, "STDIN") == 0 || strcmp(word, "STDOUT") == 0)
		s->names_client = true;
	return true;
}

/* One token that is neither space nor comment nor the end of a statement. */
static bool
scan_token(struct scan *s)
{
	char c = peek(s, 0);
	size_t tag_len;

	if (c == '\'' || c == '"')
		return skip_quoted(s, false);
	if (c == '$' && (tag_len = dollar_tag(s)) > 0)
		return skip_dollar_quoted(s, tag_len);
	if (is_letter(c))
		return scan_word(s);
	if (c == '(')
		s->parentheses++;
	else if (c == ')' && s->parentheses > 0)
		s->parentheses--;
	advance(s, 1);
	return true;
}

static const char *
refused(const struct scan *s)
{
	if (s->names_client && s->word_count > 0 && strcmp(s->words[0], "COPY") == 0)
		return copy_refused;
	for (size_t i = 0; i < COUNT_OF(transaction_commands); i++)
		if (s->word_count > 0 && strcmp(s->words[0], transaction_commands[i].first) == 0 &&
		    (transaction_commands[i].second == NULL ||
			(s->word_count > 1 &&
			    strcmp(s->words[1], transaction_commands[i].second) == 0)))
			return transaction_commands[i].refused;
	return NULL;
}

/* The list grows by doubling; the old copy is left to the arena. */
struct list {
	struct arena *arena;
	struct script_statement *items;
	size_t count, size;
};

/* The statement in hand ends before text[end], if there is one. */
static void
end_statement(struct scan *s, struct list *list, size_t end)
{
	if (s->started) {
		if (list->count == list->size) {
			struct script_statement *grown =
			    arena_array(list->arena, list->size * 2, sizeof(*grown));

			memcpy(grown, list->items, list->size * sizeof(*grown));
			list->items = grown;
			list->size *= 2;
		}
		list->items[list->count++] = (struct script_statement){ s->text + s->start,
			end - s->start, s->start_line, refused(s) };
	}
	s->started = false;
	s->word_count = 0;
	s->parentheses = 0;
	s->blocks = 0;
	s->names_client = false;
}

/* Space, a comment, a semicolon, or a token of a statement. */
static bool
scan_next(struct scan *s, struct list *list, size_t *end)
{
	char c = peek(s, 0);

	if (is_space(c)) {
		advance(s, 1);
		return true;
	}
	if (c == '-' && peek(s, 1) == '-') {
		skip_line_comment(s);
		return true;
	}
	if (c == '/' && peek(s, 1) == '*')
		return skip_block_comment(s);
	if (c == ';' && s->parentheses == 0 && s->blocks == 0) {
		end_statement(s, list, *end);
		advance(s, 1);
		return true;
	}
	if (!s->started) {
		s->started = true;
		s->start = s->at;
		s->start_line = s->line;
	}
	if (!scan_token(s))
		return false;
	*end = s->at;
	return true;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool
marks_no_transaction(const char *text, size_t len)
{
	static const char mark[] = "-- rowhouse: no-transaction";
	size_t n = sizeof(mark) - 1;

	if (len < n || memcmp(text, mark, n) != 0)
		return false;
	while (n < len && text[n] != '\n' && is_space(text[n]))
		n++;
	return n == len || text[n] == '\n';
}

static void
checksum(struct script *script)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	static_assert(sizeof(hash) * 2 + 1 == SCRIPT_CHECKSUM_BYTES, "SHA-256 in hex");
	crypto_hash_sha256(hash, (const unsigned char *)script->text, script->len);
	sodium_bin2hex(script->checksum, sizeof(script->checksum), hash, sizeof(hash));
}

const struct script *
script_parse(struct arena *arena, const char *path, const char *text, size_t len, struct problem *p)
{
	struct script *script = ARENA_NEW(arena, struct script);
	struct scan s = { .path = path, .text = text, .len = len, .line = 1, .problem = p };
	struct list list = { arena, NULL, 0, FIRST_STATEMENTS };
	size_t end = 0;

	list.items = arena_array(arena, list.size, sizeof(*list.items));
	script->path = arena_string(arena, path);
	script->text = text;
	script->len = len;
	script->no_transaction = marks_no_transaction(text, len);
	checksum(script);
	if (memchr(text, '\0', len) != NULL)
		return problem_null(
		    p, PROBLEM_INVALID, "%s: the file holds a zero byte: it is not SQL", path);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		s.at = 3; /* a byte order mark, which some editors leave */
	while (s.at < s.len)
		if (!scan_next(&s, &list, &end))
			return NULL;
	end_statement(&s, &list, end);
	script->statements = list.items;
	script->count = list.count;
	return script;
}

/* All bytes of an open file; NULL and a problem when it cannot be. */
static char *
read_all(struct arena *arena, const char *path, FILE *file, size_t *len, struct problem *p)
{
	char *text;
	long size;

	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET) != 0)
		return problem_null(
		    p, PROBLEM_INVALID, "%s: could not read: %s", path, strerror(errno));
	if (size > SCRIPT_BYTES_MAX)
		return problem_null(p, PROBLEM_INVALID, "%s: the file is larger than %d bytes",
		    path, SCRIPT_BYTES_MAX);
	text = arena_alloc(arena, (size_t)size + 1);
	*len = fread(text, 1, (size_t)size, file);
	if (ferror(file))
		return problem_null(
		    p, PROBLEM_INVALID, "%s: could not read: %s", path, strerror(errno));
	return text;
}

const struct script *
script_read(struct arena *arena, const char *path, struct problem *p)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t len;

	if (file == NULL)
		return problem_null(
		    p, PROBLEM_INVALID, "%s: could not open: %s", path, strerror(errno));
	text = read_all(arena, path, file, &len, p);
	fclose(file);
	return text == NULL ? NULL : script_parse(arena, path, text, len, p);
}

bool
script_check_plain(const struct script *script, struct problem *p)
{
	for (size_t i = 0; i < script->count; i++)
		if (script->statements[i].refused != NULL)
			return problem_raise(p, PROBLEM_INVALID, "%s:%u: %s", script->path,
			    script->statements[i].line, script->statements[i].refused);
	return true;
}

/* --- running ---------------------------------------------------------------------------------- */

/* What the exit code is made of. For a script 0A000 and 26000 are plain mistakes: only a pooled
 * worker can hope that they go away. */
static enum problem_code
failure_code(const struct problem *said)
{
	if (said->code == PROBLEM_RETRY && strncmp(said->sqlstate, "40", 2) != 0)
		return PROBLEM_INTERNAL;
	return said->code;
}

static bool
tell_failure(const struct script *script, const struct script_statement *statement,
    const struct pg *pg, const struct problem *said, struct problem *p)
{
	const struct pg_failure *failure = pg_failure(pg);

	if (failure == NULL)
		return problem_raise(p, failure_code(said), "%s:%u: %s%s%s", script->path,
		    statement->line, said->detail, said->cause != NULL ? ": " : "",
		    said->cause != NULL ? said->cause : "");
	memcpy(p->sqlstate, failure->sqlstate, sizeof(p->sqlstate));
	return problem_raise(p, failure_code(said), "%s:%u: %s (SQLSTATE %s)%s%s%s%s", script->path,
	    statement->line, failure->message, failure->sqlstate,
	    failure->detail != NULL ? "\n\t" : "", failure->detail != NULL ? failure->detail : "",
	    failure->hint != NULL ? "\n\thint: " : "", failure->hint != NULL ? failure->hint : "");
}

bool
script_run(const struct script *script, struct pg *pg, struct arena *arena, struct problem *p)
{
	for (size_t i = 0; i < script->count; i++) {
		const struct script_statement *s = &script->statements[i];
		struct problem said;

		problem_init(&said, arena);
		if (!pg_script(pg, arena_copy(arena, s->text, s->len), &said))
			return tell_failure(script, s, pg, &said, p);
	}
	return true;
}
