/* SPDX-License-Identifier: BSD-2-Clause */
/* cppcheck.h - what cppcheck must know of libraries whose headers it does not read */
struct json_object;
int json_object_next(struct json_object *, const char **, struct json_object **);
#define json_object_object_foreach(object, key, value)                                             \
	const char *key;                                                                           \
	struct json_object *value;                                                                 \
	while (json_object_next(object, &key, &value))
