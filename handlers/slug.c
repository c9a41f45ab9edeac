/* SPDX-License-Identifier: BSD-2-Clause */
/* slug.c - letters of the Latin script to a-z, others to lower case, the rest to dashes
 *
 * The tables follow Unicode's decompositions (UnicodeData.txt) where there is one, and habit where
 * there is none: o with a stroke is o, thorn th, a sharp s ss. */
#include "handlers/slug.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/text.h"
#include "formats/utf8.h"
#include "formats/uuid.h"

enum { SUFFIX_LETTERS = 5, SLUG_BYTES = UTF8_BYTES * SLUG_CHARACTERS };

/* A byte per character from `first` on: its letter; + several (see below); ? itself; a space none.
 */
static const char latin[] = /* from U+00C0 */
    "aaaaaa+ceeeeiiiidnooooo ouuuuy++aaaaaa+ceeeeiiiidnooooo ouuuuy+y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii++jjkkklllllll"
    "lllnnnnnn+++oooooo++rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
    "bb?"
    "??"
    "??cc?d?"
    "??"
    "??"
    "?ffg?"
    "??ikkl?"
    "?nnooo?"
    "?pp?"
    "??"
    "??ttttuu?vyyzz?"
    "??"
    "??"
    "??"
    "??"
    "?"
    "??"
    "?+++++++++aaiioouuuuuuuuuu?aaaa++ggggkkoooo?"
    "?j+++gg?"
    "?nnaa++oo"
    "aaaaeeeeiiiioooorrrruuuusstt?"
    "?hhnd?"
    "?zzaaeeooooooooyylntj?"
    "?acclts"
    "z?"
    "?bu?eejj?"
    "?rryy";
static const char additional[] = /* from U+1E00 */
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwyasss+?aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy?"
    "??"
    "?yy";
enum { LATIN_FIRST = 0xC0, ADDITIONAL_FIRST = 0x1E00 };

static const struct {
	uint32_t character;
	char letters[3];
} several[] = {
	{ 0xC6, "ae" },
	{ 0xDE, "th" },
	{ 0xDF, "ss" },
	{ 0xE6, "ae" },
	{ 0xFE, "th" },
	{ 0x132, "ij" },
	{ 0x133, "ij" },
	{ 0x149, "n" },
	{ 0x14A, "ng" },
	{ 0x14B, "ng" },
	{ 0x152, "oe" },
	{ 0x153, "oe" },
	{ 0x1C4, "dz" },
	{ 0x1C5, "dz" },
	{ 0x1C6, "dz" },
	{ 0x1C7, "lj" },
	{ 0x1C8, "lj" },
	{ 0x1C9, "lj" },
	{ 0x1CA, "nj" },
	{ 0x1CB, "nj" },
	{ 0x1CC, "nj" },
	{ 0x1E2, "ae" },
	{ 0x1E3, "ae" },
	{ 0x1F1, "dz" },
	{ 0x1F2, "dz" },
	{ 0x1F3, "dz" },
	{ 0x1FC, "ae" },
	{ 0x1FD, "ae" },
	{ 0x1E9E, "ss" },
};

/* Capital letters of other scripts, and how far their small ones are behind them. */
static const struct {
	uint32_t first, last, behind;
} capitals[] = {
	{ 0x386, 0x386, 38 },
	{ 0x388, 0x38A, 37 },
	{ 0x38C, 0x38C, 64 },
	{ 0x38E, 0x38F, 63 },
	{ 0x391, 0x3AB, 32 },
	{ 0x400, 0x40F, 80 },
	{ 0x410, 0x42F, 32 },
	{ 0x531, 0x556, 48 },
	{ 0xFF21, 0xFF3A, 32 },
};

/* What is neither letter nor digit, beyond ASCII: signs, punctuation, spaces, symbols, emoji. */
static const struct {
	uint32_t first, last;
} gaps[] = {
	{ 0x80, 0xA9 },
	{ 0xAB, 0xB4 },
	{ 0xB6, 0xB9 },
	{ 0xBB, 0xBF },
	{ 0x2B0, 0x2FF },
	{ 0x37E, 0x37E },
	{ 0x387, 0x387 },
	{ 0x55A, 0x55F },
	{ 0x589, 0x58A },
	{ 0x5BE, 0x5BE },
	{ 0x5C0, 0x5C0 },
	{ 0x5F3, 0x5F4 },
	{ 0x609, 0x60D },
	{ 0x61B, 0x61F },
	{ 0x66A, 0x66D },
	{ 0x6D4, 0x6D4 },
	{ 0x964, 0x965 },
	{ 0x2000, 0x200B },
	{ 0x200E, 0x206F },
	{ 0x20A0, 0x20CF },
	{ 0x2100, 0x2BFF },
	{ 0x2E00, 0x2E7F },
	{ 0x3000, 0x3004 },
	{ 0x3008, 0x3020 },
	{ 0x3030, 0x3030 },
	{ 0x30FB, 0x30FB },
	{ 0xE000, 0xF8FF },
	{ 0xFE10, 0xFE6F },
	{ 0xFF00, 0xFF0F },
	{ 0xFF1A, 0xFF20 },
	{ 0xFF3B, 0xFF40 },
	{ 0xFF5B, 0xFF65 },
	{ 0xFFE0, 0xFFFF },
	{ 0x1F000, 0x1FAFF },
};

/* The next character of a text that is UTF-8 (the scanner of bodies sees to that). */
static uint32_t
next(const char **at)
{
	const unsigned char *byte = (const unsigned char *)*at;
	size_t len = utf8_length(*at, strlen(*at));
	uint32_t character = len <= 1 ? byte[0] : byte[0] & (0x7Fu >> len);

	for (size_t i = 1; i < len; i++)
		character = character << 6 | (byte[i] & 0x3Fu);
	*at += len > 0 ? len : 1;
	return character;
}

static bool
is_gap(uint32_t character)
{
	for (size_t i = 0; i < COUNT_OF(gaps); i++)
		if (character >= gaps[i].first && character <= gaps[i].last)
			return true;
	return false;
}

/* Marks that change the letter before them: accents, and what chooses how it is drawn. */
static bool
is_mark(uint32_t character)
{
	return (character >= 0x300 && character <= 0x36F) ||
	    (character >= 0xFE00 && character <= 0xFE0F) || character == 0x200D ||
	    character == 0x2019 || character == '\'';
}

static uint32_t
to_small(uint32_t character)
{
	for (size_t i = 0; i < COUNT_OF(capitals); i++)
		if (character >= capitals[i].first && character <= capitals[i].last)
			return character + capitals[i].behind;
	return character;
}

/* The entry of the two tables of the Latin script; '?' for any other. */
static char
latin_letter(uint32_t character)
{
	if (character >= LATIN_FIRST && character < LATIN_FIRST + sizeof(latin) - 1)
		return latin[character - LATIN_FIRST];
	if (character >= ADDITIONAL_FIRST && character < ADDITIONAL_FIRST + sizeof(additional) - 1)
		return additional[character - ADDITIONAL_FIRST];
	return '?';
}

static const char *
several_letters(uint32_t character)
{
	size_t i = 0;

	while (several[i].character != character)
		i++;
	return several[i].letters;
}

/* What a character is in a slug, with a NUL; "" is a gap between words. */
static void
fold(uint32_t character, char out[UTF8_BYTES + 1])
{
	char letter = latin_letter(character);

	memset(out, 0, UTF8_BYTES + 1);
	if (character < 0x80) {
		if (character >= 'A' && character <= 'Z')
			character += 'a' - 'A';
		if ((character >= 'a' && character <= 'z') ||
		    (character >= '0' && character <= '9'))
			out[0] = (char)character;
	} else if (letter == '+') {
		memcpy(out, several_letters(character), 2);
	} else if (letter != '?') {
		out[0] = letter == ' ' ? '\0' : letter;
	} else if (!is_gap(character)) {
		/* A full-width letter or digit is the ASCII one. */
		character = to_small(character);
		if (character > 0xFF00 && character < 0xFF5F)
			out[0] = (char)(character - 0xFEE0);
		else
			utf8_encode(character, out);
	}
}

const char *
slug_of(const char *title, struct arena *arena)
{
	struct text slug;
	size_t characters = 0;
	bool gap = false;

	text_init(&slug, arena, SLUG_BYTES);
	while (*title != '\0' && characters < SLUG_CHARACTERS) {
		uint32_t character = next(&title);
		char letters[UTF8_BYTES + 1];

		if (is_mark(character))
			continue;
		fold(character, letters);
		if (letters[0] == '\0') {
			gap = true;
			continue;
		}
		if (gap && slug.len > 0) {
			text_byte(&slug, '-');
			characters++;
		}
		gap = false;
		text_string(&slug, letters);
		characters += utf8_characters(letters);
	}
	return slug.bytes;
}

const char *
slug_suffixed(const char *slug, struct arena *arena)
{
	const char *chance = uuid_v7(arena); /* whose end is */

	return arena_printf(arena, "%s-%s", slug, chance + strlen(chance) - SUFFIX_LETTERS);
}
