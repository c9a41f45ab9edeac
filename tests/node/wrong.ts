// SPDX-License-Identifier: BSD-2-Clause
// wrong.ts - what must not pass the type checker; prove.mjs compares its complaints with the marks
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

// What answers are read as; lists come as CSV and NDJSON, too.
type Json = "application/json" | "application/problem+json";

const client = createClient<paths, Json>({ baseUrl: "" });
const id = "0199a000-0000-7000-8000-000000000001";

await client.GET("/posts", { params: { query: { limit: 1 } } });
await client.GET("/postz"); // wrong
await client.GET("/posts", { params: { query: { limit: "one" } } }); // wrong
await client.GET("/posts", { params: { query: { "filter.nothing": "1" } } }); // wrong
await client.GET("/posts/{id}"); // wrong
await client.PUT("/countries", {}); // wrong
await client.POST("/posts", { body: { title: "t", slug: "s", content: "c" } });
await client.POST("/posts", { body: { title: "t", slug: "s" } }); // wrong
await client.POST("/posts", { body: { title: 1, slug: "s", content: "c" } }); // wrong
await client.POST("/users", { body: { email: "a@b.test", name: "A", role: "USER" } });
await client.POST("/users", { body: { email: "a@b.test", name: "A", role: "KING" } }); // wrong
await client.PATCH("/products/{id}", { params: { path: { id: 1 } }, body: { stock: { increment: 1 } } });

type Schemas = components["schemas"];

export const one: Schemas["PostCreate"] = { title: "t", slug: "s", content: "c" };
export const two: Schemas["PostCreate"] = { title: "t", slug: "s", content: "c", colour: 1 }; // wrong
export const three: Schemas["PostUpdate"] = { publishedAt: null }; // wrong
export const four: Schemas["ProductUpdate"] = { stock: { increment: 1 } };
export const five: Schemas["ProductUpdate"] = { stock: { incremend: 1 } }; // wrong
export const six: Schemas["PostCreate"] = { ...one, comments: { connect: { id } } };
export const seven: Schemas["PostCreate"] = { ...one, comments: { conect: { id } } }; // wrong

const { data, error } = await client.GET("/users/{id}", { params: { path: { id } } });
export const name: string = data?.name ?? "";
export const hash: string = data?.passwordHash; // wrong
export const nullable: string = (await client.GET("/posts/{id}", { params: { path: { id } } })).data!.excerpt; // wrong
export const code: "no_such_code" = error!.code; // wrong
export const page: Schemas["PostPage"]["meta"]["totalItem"] = 1; // wrong
