/* SPDX-License-Identifier: BSD-2-Clause */
/* tenants.c - the table of sources, and looking a tenant up */
#include "serve/tenants.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "database/pg.h"
#include "database/sqltext.h"
#include "database/unit.h"
#include "serve/environment.h"
#include "serve/memory.h"
#include "serve/platform.h"
#include "serve/remembered.h"
#include "serve/request.h"

/* Ask the database, and remember.
 *
 *	SELECT t.id FROM rowhouse.tenants AS t WHERE t.status = 'active' AND t.id = $1 */
static const struct tenant *
ask(struct request *r, const char *key, bool by_id, struct problem *p)
{
	struct remembered *remembered = memory_remembered(r->environment->memory);
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct sqltext *t = sqltext_new(r->arena);
	struct tenant tenant;

	sqltext_literal(t, "SELECT t.id FROM rowhouse.tenants AS t WHERE t.status = 'active' AND ");
	if (by_id)
		sqltext_literal(t, "t.id = ");
	else
		sqltext_literal(t, "t.slug = ");
	sqltext_param(t, value_new(r->arena, by_id ? SQLTYPE_UUID : SQLTYPE_TEXT, key));
	if (!unit_add_text(unit, t, p) || !request_run_bare(r, unit, p))
		return NULL;
	if (result_rows(unit_result(unit, 0)) == 0)
		return problem_null(p, PROBLEM_TENANT_UNKNOWN, "there is no such active tenant");
	memcpy(tenant.id, result_value(unit_result(unit, 0), 0, 0, NULL), TENANT_ID_BYTES);
	remembered_put_tenant(remembered, key, &tenant);
	return remembered_tenant(remembered, key);
}

const struct tenant *
tenants_find(struct request *r, const char *id_or_slug, struct problem *p)
{
	struct remembered *remembered = memory_remembered(r->environment->memory);
	char id[TENANT_ID_BYTES];
	bool by_id = tenant_read_id(id_or_slug, id);
	const char *key = by_id ? id : id_or_slug;
	const struct tenant *tenant;

	if (!by_id && !tenant_is_slug(id_or_slug))
		return problem_null(
		    p, PROBLEM_TENANT_FORMAT, "a tenant is named by its uuid or its slug");
	tenant = remembered_tenant(remembered, key);
	return tenant != NULL ? tenant : ask(r, key, by_id, p);
}

/* --- sources ------------------------------------------------------------------------------- */

static const char *
from_server(const struct request *r)
{
	return request_param(r, "ROWHOUSE_TENANT");
}

static const char *
from_header(const struct request *r)
{
	return request_param(r, "HTTP_X_TENANT_ID");
}

static const char *
from_path(const struct request *r)
{
	return r->path_tenant;
}

/* Whether host ends in .domain; then what stands before it. */
static const char *
subdomain_of(struct arena *arena, const char *host, size_t host_len, const char *domain, size_t len)
{
	const char *label;

	if (host_len <= len + 1 || strncasecmp(host + host_len - len, domain, len) != 0 ||
	    host[host_len - len - 1] != '.')
		return NULL;
	label = arena_copy(arena, host, host_len - len - 1);
	/* One label only: what is deeper is nobody's slug. */
	return strchr(label, '.') == NULL && strcasecmp(label, "www") != 0 ? label : NULL;
}

/* Only below the domains that are ours: no list of public suffixes is right for long. */
static const char *
from_subdomain(const struct request *r)
{
	const char *host = request_param(r, "HTTP_HOST"), *domain = r->settings->own_domains;
	const char *found = NULL;

	while (host != NULL && found == NULL && *domain != '\0') {
		size_t len = strcspn(domain, ", ");

		if (len > 0)
			found = subdomain_of(r->arena, host, strcspn(host, ":"), domain, len);
		domain += len;
		domain += strspn(domain, ", ");
	}
	return found;
}

static const struct source {
	const char *word;
	const char *(*read)(
	    const struct request *); /* NULL: the verified credential, always heard */
	bool needs_trust;            /* speaks for itself only where the setting says so */
} sources[] = {
	{ "token", NULL, false },
	{ "server", from_server, false },
	{ "header", from_header, true },
	{ "subdomain", from_subdomain, false },
	{ "path", from_path, false },
};

static const struct source *
source_find(const char *word, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(sources); i++)
		if (strlen(sources[i].word) == len && memcmp(sources[i].word, word, len) == 0)
			return &sources[i];
	return NULL;
}

bool
tenants_check_settings(const struct settings *settings, struct problem *p)
{
	for (const char *word = settings->tenant_sources; *word != '\0';) {
		size_t len = strcspn(word, ", ");

		if (len > 0 && source_find(word, len) == NULL)
			return problem_raise(p, PROBLEM_SETTING,
			    "setting \"tenant_sources\" names \"%.*s\": token, server, "
			    "header, subdomain and "
			    "path are known",
			    (int)len, word);
		word += len;
		word += strspn(word, ", ");
	}
	return true;
}

/* What one source says, if it speaks; *tenant is set by the first that may choose. False when it is
 * wrong. */
static bool
hear(
    struct request *r, const struct source *source, const struct tenant **tenant, struct problem *p)
{
	const char *said = source->read == NULL ? NULL : source->read(r);
	const struct tenant *named;

	if (said == NULL || said[0] == '\0')
		return true;
	/* What may not choose may still disagree, but is asked about only when there is a choice.
	 */
	if (*tenant == NULL && source->needs_trust && !r->settings->trust_tenant_header)
		return true;
	if ((named = tenants_find(r, said, p)) == NULL)
		return false;
	if (*tenant != NULL && strcmp((*tenant)->id, named->id) != 0)
		return problem_raise(p, PROBLEM_TENANT_MISMATCH,
		    "the %s names another tenant than the request is for", source->word);
	*tenant = named;
	return true;
}

const struct tenant *
tenants_resolve(struct request *r, const struct tenant *claimed, struct problem *p)
{
	const struct tenant *tenant = NULL;

	if (claimed != NULL && (tenant = tenants_find(r, claimed->id, p)) == NULL)
		return NULL;
	for (const char *word = r->settings->tenant_sources; *word != '\0';) {
		size_t len = strcspn(word, ", ");
		const struct source *source = source_find(word, len);

		if (len > 0 && source != NULL && !hear(r, source, &tenant, p))
			return NULL;
		word += len;
		word += strspn(word, ", ");
	}
	if (tenant == NULL)
		return problem_null(
		    p, PROBLEM_TENANT_REQUIRED, "nothing in the request names its tenant");
	return tenant;
}
