/* SPDX-License-Identifier: BSD-2-Clause */
/* guardian.h - whoever cleans up when a test program cannot
 *
 * The first registration forks a small process that waits for the end of the test program. A
 * program that ends well has taken everything back by then; of one that crashed, was killed or just
 * left, the guardian ends the processes (each by its id and only if it is still the same process)
 * and removes the directories. */
#ifndef SUPPORT_GUARDIAN_H
#define SUPPORT_GUARDIAN_H

#include <sys/types.h>

/* Watch over a child, which leads a process group of its own. stop_signal asks it to end; what is
 * left of its group after some seconds is killed. */
void guardian_process(pid_t, int stop_signal);
void guardian_forget_process(pid_t);

/* Watch over a directory, which is removed with all that is in it. */
void guardian_directory(const char *path);
void guardian_forget_directory(const char *path);

#endif
