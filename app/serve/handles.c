/* SPDX-License-Identifier: BSD-2-Clause */
/* handles.c - finding what is named, and saying what is not there */
#include "serve/handles.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "database/catalogue.h"

const struct model *
handles_model(const struct catalogue *catalogue, const struct model_ref *ref)
{
	for (size_t i = 0; i < catalogue->model_count; i++)
		if (strcmp(catalogue->models[i].table, ref->table) == 0)
			return &catalogue->models[i];
	return NULL;
}

const struct column *
handles_column(const struct catalogue *catalogue, const struct column_ref *ref)
{
	const struct model *model = handles_model(catalogue, ref->model);

	return model != NULL ? model_sql_column(model, ref->name) : NULL;
}

static void
complain(const char *file, const char *what, const char *nearest)
{
	log_say(LOG_LEVEL_ERROR, "handle", "%s: %s%s%s%s", file, what,
	    nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
	    nearest != NULL ? "\"?" : "");
}

size_t
handles_check(const struct handles *handles, const struct catalogue *catalogue)
{
	size_t missing = 0;
	char what[256];

	for (const struct model_ref *m = handles->models; m < handles->models_end; m++) {
		if (handles_model(catalogue, m) != NULL)
			continue;
		missing++;
		snprintf(what, sizeof(what), "there is no model \"%s\"", m->table);
		complain(m->file, what,
		    nearest_word(m->table, &catalogue->models[0].table, catalogue->model_count,
			sizeof(catalogue->models[0])));
	}
	for (const struct column_ref *c = handles->columns; c < handles->columns_end; c++) {
		const struct model *model = handles_model(catalogue, c->model);

		if (model == NULL || model_sql_column(model, c->name) != NULL)
			continue; /* the model was told */
		missing++;
		snprintf(what, sizeof(what), "%s has no column \"%s\"", model->table, c->name);
		complain(c->file, what,
		    nearest_word(c->name, &model->columns[0].name, model->column_count,
			sizeof(model->columns[0])));
	}
	return missing;
}
