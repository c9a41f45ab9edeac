/* SPDX-License-Identifier: BSD-2-Clause */
/* users.c - people with their profiles */
#include "handlers/resource.h"
#include "handlers/sample.h"
#include "serve/handler.h"

enum { PASSWORD_MAX = 1024 };

MODEL_REF USER = MODEL("users"), PROFILE = MODEL("profiles");
COLUMN_REF EMAIL = COLUMN(USER, "email"), NAME = COLUMN(USER, "name"),
	   PASSWORD_HASH = COLUMN(USER, "password_hash");
COLUMN_REF PROFILE_USER = COLUMN(PROFILE, "user_id"), BIO = COLUMN(PROFILE, "bio");

/* --- a new user ---------------------------------------------------------------------------- */

struct create_user {
	const char *email, *name, *password, *bio;
};

static const struct body_field create_user_fields[] = {
	{ "email", BODY_COLUMN, BODY_REQUIRED, .column = &EMAIL,
	    .offset = offsetof(struct create_user, email) },
	{ "name", BODY_COLUMN, BODY_REQUIRED, .column = &NAME,
	    .offset = offsetof(struct create_user, name) },
	{ "password", BODY_TEXT, BODY_REQUIRED, .max = PASSWORD_MAX,
	    .offset = offsetof(struct create_user, password) },
	{ "bio", BODY_COLUMN, BODY_OPTIONAL, .column = &BIO,
	    .offset = offsetof(struct create_user, bio) },
};
const struct body_schema users_create_body = BODY_SCHEMA(struct create_user, create_user_fields);

/* POST /users. Whether the address is taken is not looked up but told by its index, so that of two
 * who are made at once one is a 409. The password is hashed before the unit begins: a transaction
 * does not wait for it. */
bool
users_create(struct request *request, struct response *response, struct problem *p)
{
	const struct create_user *body = request_body(request);
	const char *hash = request_hash_password(request, body->password, p);
	struct shown *shown;
	struct unit *unit;
	struct row *user;

	if (hash == NULL)
		return false;
	unit = unit_begin(request);
	user = unit_create(unit, USER, set_text(EMAIL, body->email), set_text(NAME, body->name),
	    set_text(PASSWORD_HASH, hash));
	if (body->bio != NULL)
		unit_create(
		    unit, PROFILE, set_text(PROFILE_USER, row_id(user)), set_text(BIO, body->bio));
	shown = unit_show(unit, USER, by_row(user), ask("include", "profile"));
	return unit_commit(unit) && respond_created(response, user, shown);
}

/* --- reading ------------------------------------------------------------------------------- */

/* GET /users/{id}: who does not say what to show sees the profile and the last five posts. This
 * wraps the route of any model, which answers whoever says it. */
bool
users_get(struct request *request, struct response *response, struct problem *p)
{
	struct unit *unit;
	struct shown *user;

	if (request_has_parameters(request))
		return resource_get(request, response, p);
	unit = unit_begin_as(request, &(struct unit_options){ .read_only = true });
	user = unit_show(unit, USER, by_path(request, "id"),
	    ask("include", "profile,posts(limit:5,sortBy:createdAt:DESC)"));
	return unit_commit(unit) && respond_row(response, 200, user);
}

/* --- the profile --------------------------------------------------------------------------- */

struct edit_user {
	const char *name, *bio;
};

static const struct body_field edit_user_fields[] = {
	{ "name", BODY_COLUMN, BODY_OPTIONAL, .column = &NAME,
	    .offset = offsetof(struct edit_user, name) },
	{ "bio", BODY_COLUMN, BODY_OPTIONAL, .column = &BIO,
	    .offset = offsetof(struct edit_user, bio) },
};
const struct body_schema users_edit_body = BODY_SCHEMA(struct edit_user, edit_user_fields);

/* PATCH /users/{id}/profile: the name of the user, and the bio of the profile, which is made when
 * there is none. An empty bio clears it. */
bool
users_edit(struct request *request, struct response *response, struct problem *p)
{
	const struct edit_user *body = request_body(request);
	struct unit *unit = unit_begin(request);
	struct row *user = unit_find(unit, USER, by_path(request, "id"), FOR_UPDATE), *profile;
	const char *bio = body->bio != NULL && body->bio[0] != '\0' ? body->bio : NULL;
	struct shown *shown;

	(void)p;
	unit_may_update(unit, user);
	if (body->name != NULL)
		unit_update(unit, user, set_text(NAME, body->name));
	if (body->bio != NULL) {
		profile =
		    unit_find(unit, PROFILE, by(PROFILE_USER, row_id(user)), FOR_UPDATE | OPTIONAL);
		if (profile != NULL)
			unit_update(unit, profile, set_text(BIO, bio));
		else
			unit_create(unit, PROFILE, set_text(PROFILE_USER, row_id(user)),
			    set_text(BIO, bio));
	}
	shown = unit_show(unit, USER, by_row(user), ask("include", "profile"));
	return unit_commit(unit) && respond_row(response, 200, shown);
}
