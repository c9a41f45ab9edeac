/* SPDX-License-Identifier: BSD-2-Clause */
/* token_keys.h - the keys of the RFCs, for the suites about tokens */
#ifndef TESTS_UNIT_TOKEN_KEYS_H
#define TESTS_UNIT_TOKEN_KEYS_H

#include <stddef.h>

#include "formats/token.h"

#define SEED_8037   "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" /* RFC 8037, A.1 */
#define PUBLIC_8037 "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
/* RFC 7515, A.1.1 */
#define SECRET_7515                                                                                \
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

struct token_keys {
	struct token_key known[3]; /* 0 ours, 1 ours before it (verifies only), 2 shared */
	struct token_key stranger; /* nobody knows it, but it has the kid of ours */
};

void token_keys_init(struct token_keys *);

/* By libsodium alone; 0 when text is no base64url. */
size_t unbase64(unsigned char *out, size_t size, const char *text);

#endif
