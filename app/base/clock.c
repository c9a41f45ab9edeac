/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - the two clocks of the system */
#include "base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

int64_t
clock_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int
clock_left_ms(int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_now_ns();

	if (left <= 0)
		return 0;
	left = (left + 999999) / 1000000;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int64_t
clock_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_stamp(int64_t wall_ms, char out[CLOCK_STAMP_BYTES])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	char date[sizeof("2026-11-20T18:09:46")];

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, CLOCK_STAMP_BYTES, "%s.%03uZ", date, (unsigned)(wall_ms % 1000) % 1000u);
}
