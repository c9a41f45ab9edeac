/* SPDX-License-Identifier: BSD-2-Clause */
/* openapi.c - rowhouse openapi: the API's description, without a server */
#include <stdio.h>

#include "base/problem.h"
#include "base/text.h"
#include "cli/acting.h"
#include "cli/command.h"
#include "handlers/description.h"

enum { DESCRIPTION_BYTES = 512 << 20 };

static command_fn run_openapi;

const struct command command_openapi = {
	.name = "openapi",
	.run = run_openapi,
	.help = "describe the API as OpenAPI 3.1",
	.usage = "usage: rowhouse openapi\n"
		 "\n"
		 "Prints what GET /api/openapi.json answers, from the models of the database and\n"
		 "the settings, whatever openapi_access says.\n",
	.letters = "",
};

static enum command_exit
run_openapi(struct command_line *line, int argc, char **argv)
{
	const struct settings *settings;
	struct problem p;
	struct acting a;
	struct text out;

	if (command_option(line, argc, argv) != OPTION_END)
		return line->exit_code;
	if (optind < argc)
		return command_misused(line, "it takes no argument");
	if ((settings = command_settings(line, NULL)) == NULL)
		return line->exit_code;
	problem_init(&p, line->arena);
	if (!acting_connect(&a, line->arena, settings, &p))
		return command_fail(&p);
	text_init(&out, line->arena, DESCRIPTION_BYTES);
	description_put(&out, a.request.catalogue, a.environment.routes, settings);
	puts(out.bytes);
	return COMMAND_OK;
}
