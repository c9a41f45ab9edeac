// SPDX-License-Identifier: BSD-2-Clause
// types_wrong.ts - what must not pass the type checker; prove.mjs compares its complaints with the marks
import type { Operations, Order, Post, PostCreate, PostUpdate, ProductUpdate, UserCreate } from "./types.js";
import type { CountryCreate } from "./types.js"; // wrong

export const less: PostCreate = { title: "t", slug: "s" }; // wrong
export const more: PostCreate = { title: "t", slug: "s", content: "c", colour: 1 }; // wrong
export const typed: PostCreate = { title: 1, slug: "s", content: "c" }; // wrong
export const readOnly: PostUpdate = { publishedAt: null }; // wrong
export const king: UserCreate = { email: "a@b.test", name: "A", role: "KING" }; // wrong
export const raised: ProductUpdate = { stock: { incremend: 1 } }; // wrong
export const operation: keyof Operations = "Post.burn"; // wrong
export const path: Operations["Post.list"]["path"] = "/postz"; // wrong

export function nullable(post: Post, order: Order): string {
	const excerpt: string = post.excerpt; // wrong
	return excerpt + order.nothing; // wrong
}
void (null as unknown as CountryCreate);
