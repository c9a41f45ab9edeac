/* SPDX-License-Identifier: BSD-2-Clause */
/* token_keys.c - keys out of the texts of the RFCs */
#include "token_keys.h"

#include <sodium.h>
#include <string.h>

#include "unit.h"

size_t
unbase64(unsigned char *out, size_t size, const char *text)
{
	size_t len;

	if (sodium_base642bin(out, size, text, strlen(text), NULL, &len, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return 0;
	return len;
}

void
token_keys_init(struct token_keys *keys)
{
	unsigned char seed[TOKEN_SEED_BYTES], secret[TOKEN_SECRET_MAX_BYTES];
	struct token_key old;
	size_t len;

	CU_ASSERT_FATAL(unbase64(seed, sizeof(seed), SEED_8037) == sizeof(seed));
	CU_ASSERT_FATAL(token_key_pair(&keys->known[0], "new", seed));
	seed[0] ^= 1;
	CU_ASSERT_FATAL(token_key_pair(&old, "old", seed));
	CU_ASSERT_FATAL(token_key_public(&keys->known[1], "old", old.public_bytes));
	seed[0] ^= 2;
	CU_ASSERT_FATAL(token_key_pair(&keys->stranger, "new", seed));
	CU_ASSERT_FATAL((len = unbase64(secret, sizeof(secret), SECRET_7515)) == 64);
	CU_ASSERT_FATAL(token_key_shared(&keys->known[2], "shared", secret, len));
}
