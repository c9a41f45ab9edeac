/* SPDX-License-Identifier: BSD-2-Clause */
/* sqlstate.h - what PostgreSQL's error codes mean to a client */
#ifndef DATABASE_SQLSTATE_H
#define DATABASE_SQLSTATE_H

#include "base/problem.h"

/* The problem for a five-character SQLSTATE (PostgreSQL, appendix A; RHxxx are rowhouse.refuse's).
 */
enum problem_code sqlstate_problem(const char *sqlstate);

#endif
