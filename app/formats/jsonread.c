/* SPDX-License-Identifier: BSD-2-Clause */
/* jsonread.c - one pass, one function per rule of RFC 8259's grammar
 *
 * A value is attached to its parent before it is filled, the outermost to the arena, so a fault
 * leaves nothing behind that somebody would have to release. The pass goes as deep as
 * LIMIT_JSON_DEPTH and looks at each byte once; member names are compared through json-c's hash. */
#include "formats/jsonread.h"

#include <assert.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "formats/utf8.h"

enum { ARRAY_FIRST = 4 }; /* elements; json-c's own guess of 32 would cost "[[],[],..." dear */

struct reader {
	const char *json;
	size_t len, at;
	char
	    *decoded; /* strings, each at the offset of its source, than which it is never longer */
	struct json_object *root;
	size_t depth, values, exponents;
	struct arena *arena;
	struct problem *problem;
};

/* Where a value goes: nowhere above it, under a name, or at the end of an array. */
struct place {
	struct json_object *parent;
	const char *key;
};

static bool read_value(struct reader *, const struct place *);

static bool
wrong_at(struct reader *r, size_t at, const char *expected)
{
	return problem_raise(
	    r->problem, PROBLEM_MALFORMED, "the JSON is wrong at byte %zu: %s", at, expected);
}

static bool
wrong(struct reader *r, const char *expected)
{
	return wrong_at(r, r->at, expected);
}

/* The byte to be read next; NUL, which no rule accepts, at the end. */
static char
peek(const struct reader *r)
{
	return r->at < r->len ? r->json[r->at] : '\0';
}

static bool
take(struct reader *r, char byte)
{
	if (r->at == r->len || r->json[r->at] != byte)
		return false;
	r->at++;
	return true;
}

/* RFC 8259, 2: these four and no other. */
static void
skip_space(struct reader *r)
{
	while (r->at < r->len &&
	    (r->json[r->at] == ' ' || r->json[r->at] == '\n' || r->json[r->at] == '\r' ||
		r->json[r->at] == '\t'))
		r->at++;
}

static void
release(void *object)
{
	json_object_put(object);
}

/* NULL is json-c's null. */
static bool
attach(struct reader *r, const struct place *to, struct json_object *value)
{
	int failed = 0;

	if (to->parent == NULL) {
		r->root = value;
		if (value != NULL)
			arena_defer(r->arena, release, value);
	} else if (to->key != NULL) {
		/* The caller has looked; the name's bytes live in the arena, as the tree does. */
		failed = json_object_object_add_ex(to->parent, to->key, value,
		    JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
	} else {
		failed = json_object_array_add(to->parent, value);
	}
	if (failed == 0)
		return true;
	json_object_put(value);
	return problem_raise(r->problem, PROBLEM_INTERNAL, "out of memory");
}

static bool
attach_made(struct reader *r, const struct place *to, struct json_object *value)
{
	if (value == NULL)
		return problem_raise(r->problem, PROBLEM_INTERNAL, "out of memory");
	return attach(r, to, value);
}

/* --- strings (RFC 8259, 7) ------------------------------------------------------------------ */

/* Four hexadecimal digits; -1 when they are not. */
static int32_t
read_hex4(struct reader *r)
{
	int32_t value = 0;

	for (int i = 0; i < 4; i++, r->at++) {
		char c = peek(r);

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/* Behind \u: one unit of UTF-16, or two which make a pair. 0 when a problem was raised, since NUL,
 * which no text of PostgreSQL holds, is one. */
static uint32_t
read_unicode(struct reader *r)
{
	size_t start = r->at - 2;
	int32_t high = read_hex4(r), low;

	if (high < 0)
		wrong(r, "expected four hexadecimal digits");
	else if (high == 0)
		wrong_at(r, start, "expected a character other than U+0000");
	else if (high < 0xd800 || high > 0xdfff)
		return (uint32_t)high;
	else if (high > 0xdbff || !take(r, '\\') || !take(r, 'u') ||
	    (low = read_hex4(r)) < 0xdc00 || low > 0xdfff)
		wrong_at(r, start, "expected both halves of a surrogate pair, the high one first");
	else
		return 0x10000 + (((uint32_t)high - 0xd800) << 10 | ((uint32_t)low - 0xdc00));
	return 0;
}

/* Returns the end of what was written at out, NULL when a problem was raised. */
static char *
read_escape(struct reader *r, char *out)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	uint32_t character;
	char next;

	r->at++;
	next = peek(r);
	if (next == 'u') {
		r->at++;
		if ((character = read_unicode(r)) == 0)
			return NULL;
		return out + utf8_encode(character, out);
	}
	if (next == '\0' || (letter = strchr(letters, next)) == NULL) {
		wrong(r, "expected one of \"\\/bfnrtu behind a backslash");
		return NULL;
	}
	r->at++;
	*out = bytes[letter - letters];
	return out + 1;
}

/* From quote to quote. */
static bool
read_string(struct reader *r, const char **string, size_t *len)
{
	char *begin = r->decoded + r->at + 1, *out = begin;

	for (r->at++; r->at < r->len;) {
		unsigned char c = (unsigned char)r->json[r->at];
		size_t n = 1;

		if (c == '"') {
			r->at++;
			*out = '\0';
			*string = begin;
			*len = (size_t)(out - begin);
			return true;
		}
		if (c == '\\') {
			if ((out = read_escape(r, out)) == NULL)
				return false;
			continue;
		}
		if (c < 0x20)
			return wrong(r, "expected control characters to be escaped");
		if (c >= 0x80 && (n = utf8_length(r->json + r->at, r->len - r->at)) == 0)
			return wrong(r, "expected UTF-8");
		memcpy(out, r->json + r->at, n);
		out += n;
		r->at += n;
	}
	return wrong(r, "expected the end of a string");
}

static bool
read_string_value(struct reader *r, const struct place *to)
{
	const char *string = NULL;
	size_t len = 0;

	return read_string(r, &string, &len) &&
	    attach_made(r, to, json_object_new_string_len(string, (int)len));
}

/* --- numbers (RFC 8259, 6) ------------------------------------------------------------------ */

static bool
take_digits(struct reader *r)
{
	size_t start = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at > start;
}

/* Behind e or E. */
static bool
read_exponent(struct reader *r)
{
	size_t value = 0, start;

	if (!take(r, '+'))
		take(r, '-');
	start = r->at;
	if (!take_digits(r))
		return wrong(r, "expected a digit in the exponent");
	for (size_t i = start; i < r->at && value <= LIMIT_JSON_EXPONENT; i++)
		value = value * 10 + (size_t)(r->json[i] - '0');
	if (value > LIMIT_JSON_EXPONENT)
		return wrong_at(r, start, "expected an exponent of at most 9999");
	r->exponents += value;
	return r->exponents <= LIMIT_JSON_EXPONENT_SUM ||
	    wrong_at(r, start, "expected smaller exponents, which add up to at most 1048576");
}
static_assert(LIMIT_JSON_EXPONENT == 9999 && LIMIT_JSON_EXPONENT_SUM == 1048576,
    "the messages above name the limits");

static bool
read_number(struct reader *r, const struct place *to)
{
	char source[LIMIT_JSON_NUMBER_BYTES + 1];
	size_t start = r->at, len;

	take(r, '-');
	if (take(r, '0')) {
		if (peek(r) >= '0' && peek(r) <= '9')
			return wrong(r, "expected no digit behind a leading zero");
	} else if (!take_digits(r)) {
		return wrong(r, "expected a digit");
	}
	if (take(r, '.') && !take_digits(r))
		return wrong(r, "expected a digit behind the point");
	if ((take(r, 'e') || take(r, 'E')) && !read_exponent(r))
		return false;
	len = r->at - start;
	if (len > LIMIT_JSON_NUMBER_BYTES)
		return wrong_at(r, start, "expected a number of at most 64 characters");
	memcpy(source, r->json + start, len);
	source[len] = '\0';
	/* The double is never read, so it is none of the values that it could be mistaken for. */
	return attach_made(r, to, json_object_new_double_s(0, source));
}
static_assert(LIMIT_JSON_NUMBER_BYTES == 64, "the message above names the limit");

/* --- arrays, objects, values (RFC 8259, 3 to 5) --------------------------------------------- */

/* Step over the opening bracket of a container that has been made. */
static bool
enter(struct reader *r)
{
	if (r->depth == LIMIT_JSON_DEPTH)
		return wrong(r, "expected at most 32 arrays and objects inside each other");
	r->depth++;
	r->at++;
	skip_space(r);
	return true;
}

static bool
leave(struct reader *r)
{
	r->depth--;
	return true;
}

static bool
read_array(struct reader *r, const struct place *to)
{
	struct place element = { json_object_new_array_ext(ARRAY_FIRST), NULL };

	if (!attach_made(r, to, element.parent) || !enter(r))
		return false;
	if (take(r, ']'))
		return leave(r);
	do {
		if (!read_value(r, &element))
			return false;
		skip_space(r);
	} while (take(r, ','));
	return take(r, ']') ? leave(r) : wrong(r, "expected ',' or ']'");
}

static bool
read_member(struct reader *r, struct json_object *object)
{
	struct place member = { object, NULL };
	size_t start, len;

	skip_space(r);
	start = r->at;
	if (peek(r) != '"')
		return wrong(r, "expected a member's name in double quotes");
	if (!read_string(r, &member.key, &len))
		return false;
	if (json_object_object_get_ex(object, member.key, NULL))
		return wrong_at(r, start, "expected a name that the object does not have yet");
	if (json_object_object_length(object) == LIMIT_JSON_KEYS)
		return wrong_at(r, start, "expected at most 256 members in an object");
	skip_space(r);
	return take(r, ':') ? read_value(r, &member) : wrong(r, "expected ':'");
}
static_assert(LIMIT_JSON_DEPTH == 32 && LIMIT_JSON_KEYS == 256 && LIMIT_JSON_VALUES == 65536,
    "the messages above and below name the limits");

static bool
read_object(struct reader *r, const struct place *to)
{
	struct json_object *object = json_object_new_object();

	if (!attach_made(r, to, object) || !enter(r))
		return false;
	if (take(r, '}'))
		return leave(r);
	do {
		if (!read_member(r, object))
			return false;
		skip_space(r);
	} while (take(r, ','));
	return take(r, '}') ? leave(r) : wrong(r, "expected ',' or '}'");
}

static bool
read_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if (r->len - r->at < len || memcmp(r->json + r->at, word, len) != 0)
		return wrong(r,
		    "expected a value: an object, array, string, number, true, false or "
		    "null");
	r->at += len;
	return true;
}

static bool
read_value(struct reader *r, const struct place *to)
{
	skip_space(r);
	if (++r->values > LIMIT_JSON_VALUES)
		return wrong(r, "expected at most 65536 values");
	switch (peek(r)) {
	case '{': return read_object(r, to);
	case '[': return read_array(r, to);
	case '"': return read_string_value(r, to);
	case 't': return read_word(r, "true") && attach_made(r, to, json_object_new_boolean(true));
	case 'f':
		return read_word(r, "false") && attach_made(r, to, json_object_new_boolean(false));
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9': return read_number(r, to);
	default: return read_word(r, "null") && attach(r, to, NULL);
	}
}

bool
jsonread_parse(struct json_object **value, const char *json, size_t len, struct arena *arena,
    struct problem *problem)
{
	struct reader r = { .json = json, .len = len, .arena = arena, .problem = problem };
	const struct place nowhere = { NULL, NULL };

	assert(len < INT_MAX); /* json-c counts in int; bodies are bounded long before */
	*value = NULL;
	r.decoded = arena_alloc(arena, len + 1);
	if (len >= 3 && memcmp(json, "\xef\xbb\xbf", 3) == 0)
		return wrong(&r, "expected no byte order mark"); /* RFC 8259, 8.1 */
	if (!read_value(&r, &nowhere))
		return false;
	skip_space(&r);
	if (r.at < len)
		return wrong(&r, "expected nothing but white space behind the value");
	*value = r.root;
	return true;
}

/* --- what was read -------------------------------------------------------------------------- */

/* This module's kind of each of json-c's, and its name in a sentence. */
enum jsonread_kind
jsonread_kind(const struct json_object *value)
{
	static const enum jsonread_kind kinds[] = {
		[json_type_null] = JSONREAD_NULL,
		[json_type_boolean] = JSONREAD_BOOL,
		[json_type_double] = JSONREAD_NUMBER,
		[json_type_int] = JSONREAD__MAX, /* never made here */
		[json_type_object] = JSONREAD_OBJECT,
		[json_type_array] = JSONREAD_ARRAY,
		[json_type_string] = JSONREAD_STRING,
	};
	enum jsonread_kind kind = kinds[json_object_get_type(value)];

	assert(kind != JSONREAD__MAX);
	return kind;
}

const char *
jsonread_kind_name(enum jsonread_kind kind)
{
	static const char *const names[] = {
		[JSONREAD_NULL] = "null",
		[JSONREAD_BOOL] = "a boolean",
		[JSONREAD_NUMBER] = "a number",
		[JSONREAD_STRING] = "a string",
		[JSONREAD_OBJECT] = "an object",
		[JSONREAD_ARRAY] = "an array",
	};
	static_assert(COUNT_OF(names) == JSONREAD__MAX, "a name per kind");

	assert(kind < JSONREAD__MAX);
	return names[kind];
}

bool
jsonread_bool(struct json_object *value)
{
	assert(jsonread_kind(value) == JSONREAD_BOOL);
	return json_object_get_boolean(value);
}

const char *
jsonread_number(struct json_object *value)
{
	const char *source;

	assert(jsonread_kind(value) == JSONREAD_NUMBER);
	source = json_object_get_userdata(value);
	assert(source != NULL);
	return source;
}

const char *
jsonread_string(struct json_object *value, size_t *len)
{
	assert(jsonread_kind(value) == JSONREAD_STRING);
	*len = (size_t)json_object_get_string_len(value);
	return json_object_get_string(value);
}

const char *
jsonread_text(struct json_object *value, size_t *len)
{
	const char *text = json_object_to_json_string_length(
	    value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, len);

	assert(text != NULL);
	return text;
}

bool
jsonread_next(struct json_object *object, struct jsonread_member *member)
{
	const struct lh_entry *entry = member->place;

	assert(jsonread_kind(object) == JSONREAD_OBJECT);
	entry =
	    entry == NULL ? lh_table_head(json_object_get_object(object)) : lh_entry_next(entry);
	if (entry == NULL)
		return false;
	*member = (struct jsonread_member){ lh_entry_k(entry), lh_entry_v(entry), entry };
	return true;
}

bool
jsonread_find(struct json_object *object, const char *key, struct json_object **value)
{
	assert(jsonread_kind(object) == JSONREAD_OBJECT);
	return json_object_object_get_ex(object, key, value);
}

size_t
jsonread_count(struct json_object *object)
{
	assert(jsonread_kind(object) == JSONREAD_OBJECT);
	return (size_t)json_object_object_length(object);
}

void
jsonread_replace(struct json_object *object, const char *key, struct json_object *value)
{
	int failed = json_object_object_add(object, key, json_object_get(value));

	assert(failed == 0); /* the member is there, so nothing grows */
}

void
jsonread_replace_element(struct json_object *array, size_t index, struct json_object *value)
{
	int failed = json_object_array_put_idx(array, index, json_object_get(value));

	assert(failed == 0);
}
