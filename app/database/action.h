/* SPDX-License-Identifier: BSD-2-Clause */
/* action.h - what may be done to rows, as the access rules of a model name it */
#ifndef DATABASE_ACTION_H
#define DATABASE_ACTION_H

enum action {
	ACTION_READ,
	ACTION_CREATE,
	ACTION_UPDATE,
	ACTION_DELETE, /* soft where the model is */
	ACTION_FORCE,  /* for good */
	ACTION_RESTORE,
	ACTION_HISTORY,
	ACTION__MAX,
};

#endif
