// SPDX-License-Identifier: BSD-2-Clause
// client.ts - an application's code against the generated types, run against the live server
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

// What answers are read as; lists come as CSV and NDJSON, too.
type Json = "application/json" | "application/problem+json";

declare const process: { env: Record<string, string | undefined>; exitCode: number };

type Post = components["schemas"]["Post"];
type Problem = components["schemas"]["Problem"];

function check(holds: boolean, what: string): asserts holds {
	if (!holds)
		throw new Error(what);
}

const base = process.env.BASE ?? "";
const client = createClient<paths, Json>({ baseUrl: base });

async function signIn(): Promise<void> {
	const { data, error } = await client.POST("/auth/login", {
		body: { tenant: "acme", login: "admin@acme.test", password: process.env.PASSWORD ?? "" },
	});
	check(data !== undefined, `sign in: ${error?.detail}`);
	client.use({
		onRequest({ request }) {
			request.headers.set("Authorization", `Bearer ${data.accessToken}`);
			return request;
		},
	});
}

async function read(): Promise<void> {
	const { data, response } = await client.GET("/posts", {
		params: {
			query: {
				limit: 3,
				sortBy: ["createdAt:DESC", "title"],
				include: ["author", "_count.comments"],
				"filter.published": "true",
			},
		},
	});
	check(data !== undefined && response.headers.get("ETag") !== null, "a page");
	check(data.data.length === 3 && data.meta.totalItems !== undefined, "three rows of more");
	for (const post of data.data) {
		check(post.published === true && post.author?.email !== undefined, "an author");
		check((post._count?.comments ?? -1) >= 0, "how many comments");
	}
	const one: Post | undefined = data.data[0];
	check(one !== undefined, "a row");
	const same = await client.GET("/posts/{id}", { params: { path: { id: one.id } } });
	check(same.data?.title === one.title, "the same row");
	const groups = await client.GET("/orders/aggregate", {
		params: { query: { count: "", groupBy: ["status"], sum: ["total"] } },
	});
	check(groups.data !== undefined && "data" in groups.data && Array.isArray(groups.data.data),
		"groups of orders");
}

async function write(): Promise<void> {
	const made = await client.POST("/posts", {
		body: { title: "Typed", slug: `typed-${Date.now()}`, content: "by a generated client" },
		params: { header: { "Idempotency-Key": `client-${Date.now()}` } },
	});
	check(made.data !== undefined && !Array.isArray(made.data), `made: ${made.error?.detail}`);
	const path = { id: made.data.id };
	const changed = await client.PATCH("/posts/{id}", {
		params: { path, header: { "If-Match": "\"v1\"", "X-Audit-Reason": "a test" } },
		body: { title: "Typed again" },
	});
	check(changed.data?.title === "Typed again" && changed.data.version === 2, "changed");
	const stale = await client.PATCH("/posts/{id}", {
		params: { path, header: { "If-Match": "\"v1\"" } },
		body: { title: "Too late" },
	});
	const problem: Problem | undefined = stale.error;
	check(stale.response.status === 412 && problem?.code === "precondition_failed", "too late");
	const gone = await client.DELETE("/posts/{id}", { params: { path } });
	check(gone.response.status === 204, "deleted");
	const back = await client.POST("/posts/{id}/restore", { params: { path } });
	check(back.data?.id === path.id, "brought back");
	const refused = await client.POST("/posts", { body: { title: "", slug: "s", content: "c" } });
	check(refused.error?.errors?.[0]?.pointer === "#/title", "where it is wrong");
}

await signIn();
await read();
await write();
