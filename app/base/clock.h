/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - how long, and when
 *
 * Durations and deadlines use the monotonic clock, which a clock jump does not move; stamps for
 * people and for the database use the wall clock, always in UTC. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

enum { CLOCK_STAMP_BYTES = sizeof("2026-11-20T18:09:46.123Z") };

/* Nanoseconds of the monotonic clock. */
int64_t clock_now_ns(void);

/* Milliseconds from now until a deadline_ns of the monotonic clock; 0 when it has passed. Rounded
 * up, so that a poll with it never wakes before the deadline. At most INT_MAX. */
int clock_left_ms(int64_t deadline_ns);

/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ms(void);

/* RFC 3339 with milliseconds and Z. */
void clock_stamp(int64_t wall_ms, char out[CLOCK_STAMP_BYTES]);

#endif
