/* SPDX-License-Identifier: BSD-2-Clause */
/* relations.h - the second half of loading a catalogue: what ties models together
 *
 * For catalogue.c: relations name other models, so they can be loaded only when all models are. */
#ifndef DATABASE_RELATIONS_H
#define DATABASE_RELATIONS_H

struct arena;
struct catalogue;
struct json_object;
struct model;

/* Relations, unique keys and checks of a model from its part of the document. */
void relations_load(
    struct model *, const struct catalogue *, struct json_object *document, struct arena *);

#endif
