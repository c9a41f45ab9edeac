/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.h - the handlers of the sample blog and shop (sql/sample), for the table of routes */
#ifndef HANDLERS_SAMPLE_H
#define HANDLERS_SAMPLE_H

#include "serve/body.h"
#include "serve/router.h"

/* comments.c */
bool comments_create(struct request *, struct response *, struct problem *);
extern const struct body_schema comments_create_body;

/* orders.c */
bool orders_create(struct request *, struct response *, struct problem *);
bool orders_cancel(struct request *, struct response *, struct problem *);
extern const struct body_schema orders_create_body;
extern const struct authority *const orders_create_authorities[];
extern const struct authority *const orders_cancel_authorities[];

/* posts.c */
bool posts_create(struct request *, struct response *, struct problem *);
bool posts_publish(struct request *, struct response *, struct problem *);
bool posts_published(struct request *, struct response *, struct problem *);
bool posts_popular(struct request *, struct response *, struct problem *);
bool posts_by_slug(struct request *, struct response *, struct problem *);
extern const struct body_schema posts_create_body, posts_published_query;
extern const struct cache_rule posts_popular_cache;

/* products.c */
bool products_restock(struct request *, struct response *, struct problem *);
extern const struct body_schema products_restock_body;

/* users.c */
bool users_create(struct request *, struct response *, struct problem *);
bool users_get(struct request *, struct response *, struct problem *);
bool users_edit(struct request *, struct response *, struct problem *);
extern const struct body_schema users_create_body, users_edit_body;

#endif
