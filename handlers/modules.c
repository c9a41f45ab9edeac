/* SPDX-License-Identifier: BSD-2-Clause */
/* modules.c - dlopen, and what makes an object one of ours */
#include "handlers/modules.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "serve/handler.h"

#define SETTING "setting \"handler_dir\": "

static int
is_object(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 3 && strcmp(entry->d_name + len - 3, ".so") == 0;
}

/* Nothing is called before the version is known to be ours. */
static const struct handler_module *
load(const char *path, struct problem *p)
{
	const struct handler_module *module;
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (object == NULL)
		return problem_null(p, PROBLEM_SETTING, SETTING "could not load: %s", dlerror());
	module = dlsym(object, "rowhouse_module");
	if (module == NULL)
		return problem_null(p, PROBLEM_SETTING,
		    SETTING "%s has no HANDLER_MODULE, so it is no object of handlers", path);
	if (module->abi != HANDLER_ABI)
		return problem_null(p, PROBLEM_SETTING,
		    SETTING "%s was built for handlers of version %u, and this program has %d: "
			    "build it again",
		    path, module->abi, HANDLER_ABI);
	return module;
}

bool
modules_load(struct modules *out, const char *folder, struct arena *arena, struct problem *p)
{
	const struct handler_module **modules;
	struct dirent **entries;
	int count;

	memset(out, 0, sizeof(*out));
	if (folder[0] == '\0')
		return true;
	if ((count = scandir(folder, &entries, is_object, alphasort)) < 0)
		return problem_raise(
		    p, PROBLEM_SETTING, SETTING "could not read %s: %s", folder, strerror(errno));
	modules = arena_array(arena, (size_t)count + 1, sizeof(struct handler_module *));
	out->modules = modules;
	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);

		if (!problem_raised(p) && (modules[out->count] = load(path, p)) != NULL)
			out->count++;
		free(entries[i]);
	}
	free(entries);
	return !problem_raised(p);
}
