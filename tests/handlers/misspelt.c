/* SPDX-License-Identifier: BSD-2-Clause */
/* misspelt.c - a handler that names what the database has not */
#include "serve/handler.h"

MODEL_REF POST = MODEL("posts"), ODER = MODEL("oders");
COLUMN_REF TITLE = COLUMN(POST, "titel"), TOTAL = COLUMN(ODER, "total");

static const struct route routes[] = {
	{ HTTP_GET, "/nothing", .summary = "nothing" },
};

HANDLER_MODULE("misspelt", routes);
