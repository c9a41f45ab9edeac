/* SPDX-License-Identifier: BSD-2-Clause */
/* orders.c - ordering, which takes goods out of stock, and cancelling, which puts them back
 *
 * Products are locked in the order of their ids, so that orders of the same goods wait for each
 * other and never in a circle. Money is counted in hundredths: prices are numeric(12,2), and no
 * double comes near them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "handlers/sample.h"
#include "serve/handler.h"

enum { ITEMS_MAX = 50, QUANTITY_MAX = 10000, HUNDREDTHS = 100 };

MODEL_REF ORDER = MODEL("orders"), ITEM = MODEL("order_items"), PRODUCT = MODEL("products");

COLUMN_REF USER = COLUMN(ORDER, "user_id"), STATUS = COLUMN(ORDER, "status"),
	   TOTAL = COLUMN(ORDER, "total"), NOTE = COLUMN(ORDER, "note");
COLUMN_REF ITEM_ORDER = COLUMN(ITEM, "order_id"), ITEM_PRODUCT = COLUMN(ITEM, "product_id"),
	   ITEM_USER = COLUMN(ITEM, "user_id"), QUANTITY = COLUMN(ITEM, "quantity"),
	   ITEM_PRICE = COLUMN(ITEM, "price");
COLUMN_REF PRODUCT_ID = COLUMN(PRODUCT, "id"), NAME = COLUMN(PRODUCT, "name"),
	   PRICE = COLUMN(PRODUCT, "price"), STOCK = COLUMN(PRODUCT, "stock");

static const struct authority makes_items =
    AUTHORITY(ITEM, ACTION_CREATE, "an order makes its items");
static const struct authority moves_stock =
    AUTHORITY(PRODUCT, ACTION_UPDATE, "orders take stock and give it back");
const struct authority *const orders_create_authorities[] = { &makes_items, &moves_stock, NULL };
const struct authority *const orders_cancel_authorities[] = { &moves_stock, NULL };

/* --- a new order --------------------------------------------------------------------------- */

struct item {
	const char *product;
	int64_t quantity;
};

static const struct body_field item_fields[] = {
	{ "productId", BODY_COLUMN, BODY_REQUIRED, .column = &ITEM_PRODUCT,
	    .offset = offsetof(struct item, product) },
	{ "quantity", BODY_INT, BODY_REQUIRED, .min = 1, .max = QUANTITY_MAX,
	    .offset = offsetof(struct item, quantity) },
};
static const struct body_schema item_schema = BODY_SCHEMA(struct item, item_fields);

struct create_order {
	struct body_objects items;
	const char *note;
};

static const struct body_field create_order_fields[] = {
	{ "items", BODY_OBJECTS, BODY_REQUIRED, .max = ITEMS_MAX, .objects = &item_schema,
	    .offset = offsetof(struct create_order, items) },
	{ "note", BODY_COLUMN, BODY_OPTIONAL, .column = &NOTE,
	    .offset = offsetof(struct create_order, note) },
};
const struct body_schema orders_create_body = BODY_SCHEMA(struct create_order, create_order_fields);

static const struct item *
items_of(const struct create_order *body)
{
	return body->items.objects;
}

/* Row number `at` of the products, as the order asks for it; NULL when it does not. */
static const struct item *
item_for(const struct create_order *body, const struct row *product)
{
	for (size_t i = 0; i < body->items.count; i++)
		if (strcmp(items_of(body)[i].product, row_id(product)) == 0)
			return &items_of(body)[i];
	return NULL;
}

static struct row *
product_for(const struct rows *products, const struct item *item)
{
	for (size_t i = 0; i < rows_count(products); i++)
		if (strcmp(row_id(rows_at(products, i)), item->product) == 0)
			return rows_at(products, i);
	return NULL;
}

/* The live products of the items, locked; each may be named once. */
static struct rows *
lock_products(struct unit *unit, const struct create_order *body, struct arena *arena)
{
	const char **ids = arena_array(arena, body->items.count + 1, sizeof(*ids));

	for (size_t i = 0; i < body->items.count; i++)
		ids[i] = items_of(body)[i].product;
	return unit_find_many(unit, PRODUCT, FOR_UPDATE, by_any(PRODUCT_ID, ids));
}

/* Every item that cannot be had, each with its reason. */
static bool
check_items(const struct create_order *body, const struct rows *products, struct arena *arena,
    struct problem *p)
{
	for (size_t i = 0; i < body->items.count; i++) {
		const struct item *item = &items_of(body)[i];
		const struct row *product = product_for(products, item);
		const char *pointer = arena_printf(arena, "#/items/%zu", i);

		if (product == NULL)
			problem_fault_as(p, PROBLEM_CONFLICT, pointer, "not_found",
			    "there is no product %s", item->product);
		else if (item_for(body, product) != item)
			problem_fault_as(p, PROBLEM_CONFLICT, pointer, "duplicate",
			    "the product is in the order already");
		else if (row_int(product, STOCK) < item->quantity)
			problem_fault_as(p, PROBLEM_CONFLICT, pointer, "stock",
			    "insufficient stock for %s", row_text(product, NAME));
	}
	return !problem_raised(p);
}

/* "12.50" as 1250: PostgreSQL writes a numeric(12,2) with its two digits. */
static int64_t
hundredths(const char *numeric)
{
	const char *point = strchr(numeric, '.');

	return strtoll(numeric, NULL, 10) * HUNDREDTHS +
	    (point != NULL ? strtoll(point + 1, NULL, 10) : 0);
}

static const char *
total_of(const struct create_order *body, const struct rows *products, struct arena *arena)
{
	int64_t total = 0;

	for (size_t i = 0; i < rows_count(products); i++) {
		const struct row *product = rows_at(products, i);

		total += hundredths(row_text(product, PRICE)) * item_for(body, product)->quantity;
	}
	return arena_printf(
	    arena, "%" PRId64 ".%02" PRId64, total / HUNDREDTHS, total % HUNDREDTHS);
}

static void
add_item(struct unit *unit, struct row *order, const char *user, struct row *product,
    const struct item *item)
{
	unit_create(unit, ITEM, set_text(ITEM_ORDER, row_id(order)),
	    set_text(ITEM_PRODUCT, row_id(product)), set_text(ITEM_USER, user),
	    set_int(QUANTITY, item->quantity), set_text(ITEM_PRICE, row_text(product, PRICE)));
	unit_update(unit, product, set_add(STOCK, -item->quantity));
}

/* POST /orders: all items or none. */
bool
orders_create(struct request *request, struct response *response, struct problem *p)
{
	const struct create_order *body = request_body(request);
	const char *user = request_principal(request)->id;
	struct arena *arena = request_arena(request);
	struct unit *unit = unit_begin(request);
	struct rows *products = lock_products(unit, body, arena);
	struct shown *shown;
	struct row *order;

	if (problem_raised(p) || !check_items(body, products, arena, p))
		return false;
	order = unit_create(unit, ORDER, set_text(USER, user),
	    set_text(TOTAL, total_of(body, products, arena)), set_text(NOTE, body->note));
	unit_authority(unit, &makes_items);
	unit_authority(unit, &moves_stock);
	for (size_t i = 0; i < rows_count(products); i++)
		add_item(
		    unit, order, user, rows_at(products, i), item_for(body, rows_at(products, i)));
	shown = unit_show(unit, ORDER, by_row(order), ask("include", "orderItems.product"));
	return unit_commit(unit) && respond_created(response, order, shown);
}

/* --- cancelling ---------------------------------------------------------------------------- */

/* What the items took goes back; a product that was deleted since has no stock to speak of. */
static void
give_back(struct unit *unit, const struct rows *items, struct arena *arena)
{
	const char **ids = arena_array(arena, rows_count(items) + 1, sizeof(*ids));
	struct rows *products;

	for (size_t i = 0; i < rows_count(items); i++)
		ids[i] = row_text(rows_at(items, i), ITEM_PRODUCT);
	products = unit_find_many(unit, PRODUCT, FOR_UPDATE, by_any(PRODUCT_ID, ids));
	unit_authority(unit, &moves_stock);
	for (size_t i = 0; i < rows_count(products); i++)
		for (size_t k = 0; k < rows_count(items); k++)
			if (strcmp(ids[k], row_id(rows_at(products, i))) == 0)
				unit_update(unit, rows_at(products, i),
				    set_add(STOCK, row_int(rows_at(items, k), QUANTITY)));
}

/* POST /orders/{id}/cancel: by whose order it is, while it is pending. The order is locked first:
 * of several who cancel at once, one finds it pending. */
bool
orders_cancel(struct request *request, struct response *response, struct problem *p)
{
	struct unit *unit = unit_begin(request);
	struct row *order = unit_find(unit, ORDER, by_path(request, "id"), FOR_UPDATE);
	struct rows *items;
	struct shown *shown;

	if (order == NULL)
		return false;
	if (strcmp(row_text(order, USER), request_principal(request)->id) != 0)
		return respond_problem(p, PROBLEM_FORBIDDEN, "the order is somebody else's");
	if (strcmp(row_text(order, STATUS), "PENDING") != 0)
		return respond_problem(p, PROBLEM_CONFLICT, "only pending orders are cancelled");
	items = unit_find_many(unit, ITEM, 0, by(ITEM_ORDER, row_id(order)));
	give_back(unit, items, request_arena(request));
	unit_update(unit, order, set_text(STATUS, "CANCELLED"));
	unit_log(unit, "orders.cancelled", order, NULL);
	shown = unit_show(unit, ORDER, by_row(order), ASK_NOTHING);
	return unit_commit(unit) && respond_row(response, 200, shown);
}
