/* SPDX-License-Identifier: BSD-2-Clause */
/* contest.h - the same requests by pgbench and by wrk
 *
 * What pgbench runs is what the program sent for the same URLs, statement for statement, as the
 * server's log has it: in one pipeline, prepared, with the same parameters. Of a read the one
 * between BEGIN, context and COMMIT is that of `rowhouse explain`. */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include <stdbool.h>
#include <stddef.h>

struct world;
struct contest;

/* wrk and pgbench, or the Debian packages that they are in on standard error. */
bool contest_tools(void);

/* Let the server log every statement, or none; true once it does so for the workers, too. */
bool contest_log(struct world *, const char *token, bool all);

struct contest_options {
	const char *name;          /* of its files */
	const char *method, *body; /* NULL: GET without a body; else of each request */
	const char *const *urls;   /* paths, asked in turn */
	size_t url_count;
	const char *token;
	const char *tenant, *login; /* whose token it is */
	int connections;            /* of pgbench; the program has as many workers. 0: wrk alone */
	int clients;                /* connections of wrk to nginx */
};

/* For pgbench each URL is asked once to learn its statements: the server logs all of them now.
 * NULL when an answer is not 200 or no statement was seen, which is said. */
struct contest *contest_new(struct world *, const struct contest_options *);

struct contest_run {
	double per_s;
	double p50_us, p99_us;                   /* wrk */
	double nginx_us, worker_us, postgres_us; /* wrk: processor time of one request */
	long requests;
};

/* False when it could not be measured, which is said. */
bool contest_pgbench(struct contest *, int seconds, struct contest_run *);
bool contest_wrk(struct contest *, int seconds, struct contest_run *);

#endif
