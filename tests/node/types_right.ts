// SPDX-License-Identifier: BSD-2-Clause
// types_right.ts - an application's code against the output of `rowhouse types`
import type { Operations, Order, Post, PostCreate, PostPage, PostQuery, Problem, ProductUpdate } from "./types.js";

type Answer<Name extends keyof Operations> = Operations[Name]["answer"];

const made: PostCreate = { title: "t", slug: "s", content: "c", excerpt: null };
const raised: ProductUpdate = { stock: { increment: 1 }, name: "n" };
const asked: PostQuery = { limit: 3, sortBy: ["createdAt:DESC"], "filter.slug": "$in:a,b" };
const listing: Operations["Post.list"]["query"] = { limit: 3, "filter.authorId": "x" };

export function titles(page: PostPage): string[] {
	return page.data.map((post: Post) => `${post.title} ${post.author?.name ?? ""}`);
}

export function total(order: Order): number {
	const status: "PENDING" | "PAID" | "SHIPPED" | "DELIVERED" | "CANCELLED" = order.status;
	return status === "PAID" ? order.total : 0;
}

export function read(page: Answer<"Post.list">, one: Answer<"Post.get">, none: Answer<"Post.delete">): void {
	titles(page);
	titles({ ...page, data: [one] });
	const nothing: undefined = none;
	void [made, raised, asked, listing, nothing];
}

export function told(problem: Problem): boolean {
	return problem.code === "not_found" && problem.errors?.[0]?.pointer === "#/title";
}
