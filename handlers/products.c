/* SPDX-License-Identifier: BSD-2-Clause */
/* products.c - goods that come in */
#include "handlers/sample.h"
#include "serve/handler.h"

enum { DELIVERY_MAX = 1000000 };

MODEL_REF PRODUCT = MODEL("products");
COLUMN_REF STOCK = COLUMN(PRODUCT, "stock");

struct restock {
	int64_t quantity;
};

static const struct body_field restock_fields[] = {
	{ "quantity", BODY_INT, BODY_REQUIRED, .min = 1, .max = DELIVERY_MAX,
	    .offset = offsetof(struct restock, quantity) },
};
const struct body_schema products_restock_body = BODY_SCHEMA(struct restock, restock_fields);

/* POST /products/{id}/restock: what came in is added to what is there by then. */
bool
products_restock(struct request *request, struct response *response, struct problem *p)
{
	const struct restock *body = request_body(request);
	struct unit *unit = unit_begin(request);
	struct row *product = unit_find(unit, PRODUCT, by_path(request, "id"), FOR_UPDATE);
	struct shown *shown;

	(void)p;
	unit_update(unit, product, set_add(STOCK, body->quantity));
	shown = unit_show(unit, PRODUCT, by_row(product), ASK_NOTHING);
	return unit_commit(unit) && respond_row(response, 200, shown);
}
