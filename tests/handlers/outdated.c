/* SPDX-License-Identifier: BSD-2-Clause */
/* outdated.c - an object of handlers that was built for other headers */
extern const unsigned rowhouse_module[];
const unsigned rowhouse_module[64] = { 0 };
