/* SPDX-License-Identifier: BSD-2-Clause */
/* guesses.c - statements on rowhouse.guesses */
#include "serve/guesses.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/settings.h"
#include "base/tenant.h"
#include "serve/environment.h"
#include "serve/platform.h"
#include "serve/secret.h"

/* The keyed hash of a kind and a text. */
static void
name_subject(
    char out[GUESS_SUBJECT_BYTES], const struct request *r, const char *kind, const char *text)
{
	unsigned char key[SECRET_KEY_BYTES], hash[32];
	const char *whole = arena_printf(r->arena, "%s:%s", kind, text);

	secret_derive(r->environment->secret, SECRET_GUESS, key);
	crypto_generichash(
	    hash, sizeof(hash), (const unsigned char *)whole, strlen(whole), key, sizeof(key));
	sodium_bin2hex(out, GUESS_SUBJECT_BYTES, hash, sizeof(hash));
	sodium_memzero(key, sizeof(key));
}

void
guesses_name(
    struct guesses *g, const struct request *r, const struct tenant *tenant, const char *login)
{
	char *lower = arena_printf(r->arena, "%s %s", tenant->id, login);

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	name_subject(g->account, r, "account", lower);
	name_subject(
	    g->address, r, "address", r->principal.ip != NULL ? r->principal.ip : "unknown");
}

/*	now() - $n * interval '1 millisecond' */
static void
put_window_start(struct sqltext *t, struct request *r)
{
	sqltext_literal(t, "now() - ");
	sqltext_param(t, value_int(r->arena, r->settings->login_window_ms));
	sqltext_literal(t, " * interval '1 millisecond'");
}

/*	SELECT bool_or(CASE g.subject WHEN $1 THEN g.failures >= $2 ELSE g.failures >= $3 END)
 *	FROM rowhouse.guesses AS g WHERE g.subject IN ($1, $4) AND g.since > now() - ... */
bool
guesses_check(struct request *r, const struct guesses *g, struct problem *p)
{
	const struct value *account = value_new(r->arena, SQLTYPE_TEXT, g->account);
	struct unit *unit = unit_new(r->arena, UNIT_READ);
	struct sqltext *t = sqltext_new(r->arena);
	const char *over;

	sqltext_literal(t, "SELECT bool_or(CASE g.subject WHEN ");
	sqltext_param(t, account);
	sqltext_literal(t, " THEN g.failures >= ");
	sqltext_param(t, value_int(r->arena, r->settings->login_guesses));
	sqltext_literal(t, " ELSE g.failures >= ");
	sqltext_param(t, value_int(r->arena, r->settings->address_guesses));
	sqltext_literal(t, " END) FROM rowhouse.guesses AS g WHERE g.subject IN (");
	sqltext_param(t, account);
	sqltext_literal(t, ", ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, g->address));
	sqltext_literal(t, ") AND g.since > ");
	put_window_start(t, r);
	if (!unit_add_text(unit, t, p) || !request_run_bare(r, unit, p))
		return false;
	over = result_value(unit_result(unit, 0), 0, 0, NULL);
	if (over == NULL || strcmp(over, "t") != 0)
		return true;
	problem_raise(
	    p, PROBLEM_RATE_LIMITED, "too many wrong passwords; wait before the next try");
	p->retry_after_s = (int)(r->settings->login_window_ms / 1000);
	return false;
}

/*	INSERT INTO rowhouse.guesses AS g (subject, failures, since) VALUES ($1, 1, now())
 *	ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN g.since > ... THEN g.failures + 1
 *	ELSE 1 END, since = CASE WHEN g.since > ... THEN g.since ELSE now() END */
static bool
add_note(struct unit *unit, struct request *r, const char *subject, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "INSERT INTO rowhouse.guesses AS g (subject, failures, since) VALUES (");
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, subject));
	sqltext_literal(
	    t, ", 1, now()) ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN g.since > ");
	put_window_start(t, r);
	sqltext_literal(t, " THEN g.failures + 1 ELSE 1 END, since = CASE WHEN g.since > ");
	put_window_start(t, r);
	sqltext_literal(t, " THEN g.since ELSE now() END");
	return unit_add_text(unit, t, p);
}

bool
guesses_note(struct request *r, const struct guesses *g, struct problem *p)
{
	struct unit *unit = unit_new(r->arena, UNIT_WRITE);
	bool ordered = strcmp(g->account, g->address) < 0; /* all lock in one order: no deadlock */

	return add_note(unit, r, ordered ? g->account : g->address, p) &&
	    add_note(unit, r, ordered ? g->address : g->account, p) && request_run_bare(r, unit, p);
}

bool
guesses_add_clear(struct unit *unit, struct request *r, const struct guesses *g, struct problem *p)
{
	struct sqltext *t = sqltext_new(r->arena);

	sqltext_literal(t, "DELETE FROM rowhouse.guesses AS g WHERE g.subject = ");
	sqltext_param(t, value_new(r->arena, SQLTYPE_TEXT, g->account));
	return unit_add_text(unit, t, p);
}
