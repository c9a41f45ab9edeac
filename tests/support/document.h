/* SPDX-License-Identifier: BSD-2-Clause */
/* document.h - reaching into JSON answers
 *
 * A path is written as a person would say it: "data.3.title", "errors.0.pointer", "" for the whole.
 */
#ifndef SUPPORT_DOCUMENT_H
#define SUPPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* What lies at the path; NULL when nothing does (or a JSON null). Not to be put. */
struct json_object *document_at(struct json_object *, const char *path);

/* Whether the path exists, be it with a null. */
bool document_has(struct json_object *, const char *path);

/* Text of a string; of anything else its JSON; "" when nothing is there. Lives as long as the
 * document. */
const char *document_text(struct json_object *, const char *path) __attribute__((returns_nonnull));

/* An integer; INT64_MIN when there is none. */
int64_t document_int(struct json_object *, const char *path);

/* Elements of an array, members of an object; 0 for anything else. */
size_t document_count(struct json_object *, const char *path);

/* Text of a member of each element: ("data", "id"). Kept memory; *count of them. */
const char **
document_column(struct json_object *, const char *path, const char *member, size_t *count);

#endif
