/* SPDX-License-Identifier: BSD-2-Clause */
/* export.c - the formats, and writing rows as they come */
#include "serve/export.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/gate.h"
#include "base/log.h"
#include "base/settings.h"
#include "base/text.h"
#include "compiler/cells.h"
#include "compiler/query.h"
#include "compiler/stages.h"
#include "formats/csv.h"
#include "formats/fcgi.h"
#include "serve/environment.h"
#include "serve/listing.h"
#include "serve/platform.h"

enum {
	PIECE_BYTES = 64 << 10, /* gathered before it is written; a record of FastCGI is as large */
	ROW_BYTES = 8 << 20,    /* of one row; a longer one breaks the export off */
	RETRY_S = 10,           /* when all places are taken */
	FIRST_TOLD_S = 1,       /* then it is told twice as rarely each time */
};

struct export
{
	struct request *request;
	struct response *response;
	const struct export_source *source;
	const struct writer *writer;
	struct text piece;            /* not sent yet */
	uint64_t rows, unsent, bytes; /* read; of these not counted yet; sent */
	int64_t begun_ns, told_ns;    /* told_ns: when the next line of the log is due */
	bool inside;                  /* the gate */
	bool gone;                    /* the web server */
};

static void begin_csv(struct export *);
static void put_csv_row(struct export *, const struct result *);
static void put_ndjson_row(struct export *, const struct result *);
static void end_ndjson(struct export *);

static const struct writer {
	const char *type; /* to be accepted */
	const char *content_type;
	enum shape shape;
	void (*begin)(struct export *); /* may be NULL, as end */
	void (*row)(struct export *, const struct result *);
	void (*end)(struct export *);
} writers[] = {
	[EXPORT_NONE] = { "application/json", NULL, SHAPE_PAGE, NULL, NULL, NULL },
	[EXPORT_CSV] = { "text/csv", "text/csv; charset=utf-8; header=present", SHAPE_CELLS,
	    begin_csv, put_csv_row, NULL },
	[EXPORT_NDJSON] = { "application/x-ndjson", "application/x-ndjson", SHAPE_OBJECTS, NULL,
	    put_ndjson_row, end_ndjson },
};
static_assert(COUNT_OF(writers) == EXPORT__MAX, "a writer per format");

bool
export_format(const struct request *r, enum export_format *format, struct problem *p)
{
	const char *accept = request_param(r, "HTTP_ACCEPT");
	unsigned best = 0;

	*format = EXPORT_NONE;
	if (accept == NULL)
		return true;
	for (enum export_format f = 0; f < EXPORT__MAX; f++) {
		unsigned quality = http_quality(accept, writers[f].type);

		if (quality > best) {
			best = quality;
			*format = f;
		}
	}
	return best > 0 ||
	    problem_raise(p, PROBLEM_NOT_ACCEPTABLE,
		"a list is application/json, text/csv or application/x-ndjson");
}

/* --- formats ---------------------------------------------------------------------------------- */

static void
begin_csv(struct export *e)
{
	const struct export_source *source = e->source;
	struct csv csv;

	csv_init(&csv, &e->piece);
	for (size_t i = 0; i < source->name_count; i++)
		csv_cell(&csv, source->names[i], strlen(source->names[i]));
	csv_end_row(&csv);
}

static void
put_csv_row(struct export *e, const struct result *row)
{
	struct csv csv;

	csv_init(&csv, &e->piece);
	for (size_t i = e->source->first; i < result_columns(row); i++) {
		size_t len = 0;
		const char *cell = result_value(row, 0, i, &len);

		csv_cell(&csv, cell, len);
	}
	csv_end_row(&csv);
}

/* json_agg and columns of type json have line breaks between values; in a string there is none. */
static void
put_ndjson_row(struct export *e, const struct result *row)
{
	size_t len;
	const char *json = result_value(row, 0, e->source->first, &len), *end = json + len;

	while (json < end) {
		const char *lf = memchr(json, '\n', (size_t)(end - json));

		len = (size_t)((lf != NULL ? lf : end) - json);
		text_put(&e->piece, json, len);
		json += len;
		if (lf != NULL) {
			text_byte(&e->piece, ' ');
			json++;
		}
	}
	text_byte(&e->piece, '\n');
}

static void
end_ndjson(struct export *e)
{
	text_printf(&e->piece, "{\"_complete\":{\"rows\":%llu}}\n", (unsigned long long)e->rows);
}

/* --- the stream ------------------------------------------------------------------------------- */

/* How far an export is: the line of the request comes at its end only. */
static void
tell(const struct export *e, enum log_level level, const char *state)
{
	struct log_line line;

	log_begin(&line, level, "export");
	log_string(&line, "id", e->request->id);
	log_string(&line, "state", state);
	log_int(&line, "rows", (int64_t)e->rows);
	log_int(&line, "bytes", (int64_t)e->bytes);
	log_int(&line, "us", (clock_now_ns() - e->begun_ns) / 1000);
	log_end(&line);
}

static void
tell_progress(struct export *e)
{
	int64_t now_ns = clock_now_ns();

	if (now_ns < e->told_ns)
		return;
	tell(e, LOG_LEVEL_INFO, "running");
	e->told_ns = now_ns + (now_ns - e->begun_ns);
}

static bool
flush(struct export *e)
{
	e->bytes += e->piece.len;
	e->gone = e->gone || e->piece.failed || !fcgi_stream(e->request->fcgi, &e->piece);
	text_clear(&e->piece);
	tell_progress(e);
	counters_add(e->request->environment->counters, COUNTER_EXPORT_ROWS, e->unsent);
	e->unsent = 0;
	return !e->gone;
}

static bool
begin(struct export *e)
{
	e->response->status = 200;
	response_header(e->response, HTTP_HEADER_CONTENT_TYPE, e->writer->content_type);
	e->gone = !response_stream(
	    e->response, e->request->fcgi, e->request, e->request->settings->export_stall_ms);
	if (e->writer->begin != NULL)
		e->writer->begin(e);
	return !e->gone;
}

static bool
take(void *context, const struct result *row)
{
	struct export *e = context;

	if (!e->response->streamed && !begin(e))
		return false;
	e->writer->row(e, row);
	e->rows++;
	e->unsent++;
	return e->piece.len < PIECE_BYTES && !e->piece.failed ? true : flush(e);
}

/* Before the client hears of the end: who then asks for the next export finds the place free. */
static void
leave(struct export *e)
{
	const struct environment *env = e->request->environment;

	if (e->inside)
		gate_leave(env->exports, env->slot);
	e->inside = false;
}

static bool
finish(struct export *e)
{
	if (!e->response->streamed && !begin(e))
		return false;
	if (e->writer->end != NULL)
		e->writer->end(e);
	if (!flush(e))
		return false;
	leave(e);
	return fcgi_stream_end(e->request->fcgi);
}

/*	SELECT set_config('statement_timeout', $1, true) */
static bool
add_budget(struct unit *unit, struct request *r, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "SELECT set_config('statement_timeout', ");
	sqltext_param(t,
	    value_new(r->arena, SQLTYPE_TEXT,
		arena_printf(r->arena, "%ld", r->settings->export_timeout_ms)));
	sqltext_literal(t, ", true)");
	return unit_add_text(unit, t, p);
}

/* An export has a budget of its own; the supervisor, who kills workers that hang, is told. */
static void
extend_deadlines(struct request *r)
{
	const struct settings *s = r->settings;
	int64_t grace_ms = s->export_stall_ms + 2 * s->receive_timeout_ms;

	r->deadline_ns = clock_now_ns() + s->export_timeout_ms * INT64_C(1000000);
	atomic_store_explicit(r->environment->worker_deadline_ns,
	    r->deadline_ns + grace_ms * INT64_C(1000000), memory_order_relaxed);
}

static bool
stream(struct export *e, struct problem *p)
{
	struct request *r = e->request;
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	const struct pg_rows rows = { take, e };

	if (!add_budget(unit, r, p) || !e->source->add(unit, r, e->source->what, p))
		return false;
	extend_deadlines(r);
	e->begun_ns = clock_now_ns();
	e->told_ns = e->begun_ns + FIRST_TOLD_S * INT64_C(1000000000);
	if (request_run_rows(r, unit, &rows, p) && finish(e)) {
		tell(e, LOG_LEVEL_INFO, "whole");
		return true;
	}
	leave(e);
	if (e->response->streamed) {
		fcgi_stream_break(r->fcgi);
		tell(e, LOG_LEVEL_WARN, "broken");
	}
	return problem_raise(p, PROBLEM_BUSY, "nobody takes the rows");
}

/* HEAD: what GET would begin with, if it may. */
static bool
answer_head(struct export *e, struct problem *p)
{
	struct request *r = e->request;

	e->response->status = 200;
	response_header(e->response, HTTP_HEADER_CONTENT_TYPE, e->writer->content_type);
	e->response->no_length = true;
	return e->source->add(unit_new(r->arena, UNIT_READ), r, e->source->what, p);
}

bool
export_rows(struct request *r, struct response *response, enum export_format format,
    const struct export_source *source, struct problem *p)
{
	const struct environment *env = r->environment;
	struct export e = {
		.request = r, .response = response, .source = source, .writer = &writers[format]
	};
	bool ok;

	assert(format != EXPORT_NONE);
	if (r->method == HTTP_HEAD)
		return answer_head(&e, p);
	if (!gate_enter(env->exports, env->slot)) {
		p->retry_after_s = RETRY_S;
		return problem_raise(p, PROBLEM_BUSY, "all places for exports are taken");
	}
	e.inside = true;
	text_init(&e.piece, r->arena, ROW_BYTES);
	ok = stream(&e, p);
	leave(&e);
	return ok;
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool
check_cells(const struct query *query, struct problem *p)
{
	const struct query *many = query->shape == SHAPE_CELLS ? cells_misfit(query) : NULL;

	return many == NULL ||
	    problem_fault(p, "/query/include", "conflict",
		"CSV has one line per row: \"%s\" is many rows; they are in JSON and NDJSON, and "
		"_count.%s says how many there are",
		many->relation->json, many->relation->json);
}

struct list {
	struct query *query;
	struct export_source source;
};

/* Which cells there are is known behind the stages. */
static bool
add_list(struct unit *unit, struct request *r, void *what, struct problem *p)
{
	struct list *list = what;
	const struct cell *cells;
	const char **names;

	if (!compile_query(unit, list->query, &r->principal, r->tenant, NULL, NULL, p))
		return false;
	if (list->query->shape != SHAPE_CELLS)
		return true;
	cells = cells_of(list->query, &list->source.name_count);
	list->source.names = names = arena_array(r->arena, list->source.name_count, sizeof(*names));
	for (size_t i = 0; i < list->source.name_count; i++)
		names[i] = cells_name(&cells[i], r->arena);
	return true;
}

bool
export_list(struct request *r, struct response *response, const struct model *model,
    enum export_format format, struct problem *p)
{
	struct list list = { .query =
				 query_new(r->arena, ACTION_READ, writers[format].shape, model) };

	list.source = (struct export_source){ .add = add_list, .what = &list };
	return listing_read_export(r, list.query, p) && check_cells(list.query, p) &&
	    export_rows(r, response, format, &list.source, p);
}
