/* SPDX-License-Identifier: BSD-2-Clause */
/* slug.h - a title as a part of a URL that people can read */
#ifndef HANDLERS_SLUG_H
#define HANDLERS_SLUG_H

struct arena;

enum { SLUG_CHARACTERS = 180 /* leaves room for a suffix in varchar(220) */ };

/* Words in lower case with dashes between. Latin letters lose their accents (Een cafe: een-cafe;
 * Strasse with a sharp s: strasse), other scripts keep theirs; what is neither letter nor digit
 * parts words. At most SLUG_CHARACTERS; "" when the title has no letter and no digit. */
const char *slug_of(const char *title, struct arena *) __attribute__((returns_nonnull));

/* The same with a dash and five letters and digits behind it, by chance. */
const char *slug_suffixed(const char *slug, struct arena *) __attribute__((returns_nonnull));

#endif
