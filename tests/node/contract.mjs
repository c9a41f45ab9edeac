// SPDX-License-Identifier: BSD-2-Clause
// contract.mjs - does the server do what its description says?
//
// usage: BASE=http://host/api TOKEN=... node contract.mjs openapi.json [damaged]
// Every parameter that is described is sent and must be taken; every name that the server says it
// knows must be described; every answer must fit its schema, and examples of bodies must be taken.
// With "damaged" the description is made false first, and each damage must be found.
import { readFileSync } from "node:fs";
import Ajv2020 from "@redocly/ajv/dist/2020.js";

const description = JSON.parse(readFileSync(process.argv[2], "utf8"));
const base = process.env.BASE;
const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
const faults = [];
let asked = 0;

function tell(good, text) {
	if (!good)
		faults.push(text);
}

// What is made false, and the fault that has to come of it.
const damages = [
	[(d) => d.paths["/posts"].get.parameters.shift(), "list: described are"],
	[(d) => { d.components.parameters.search.name = "find"; }, "/posts find="],
	[(d) => { d.components.schemas.Post.properties.title.type = "integer"; }, "get /posts 200: "],
	[(d) => { d.components.schemas.Post.required.push("colour"); }, "get /posts/{id} 200: "],
	[(d) => { d.components.schemas.PostCreate.required.push("excerpt"); }, "without excerpt"],
];
const damaged = process.argv[3] === "damaged";
if (damaged) {
	for (const path of Object.keys(description.paths))
		if (!path.startsWith("/posts"))
			delete description.paths[path];
	for (const [damage] of damages)
		damage(description);
}

// Formats are for people here; the types, names and bounds are what is judged.
const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
ajv.addSchema(description, "d");

function resolve(part) {
	return part.$ref === undefined ? part
		: part.$ref.slice(2).split("/").reduce((at, key) => at[key], description);
}

function fits(pointer, value) {
	const validate = ajv.getSchema(`d#${pointer}`) ?? ajv.compile({ $ref: `d#${pointer}` });
	return validate(value) ? null : JSON.stringify(validate.errors?.slice(0, 3));
}

function escaped(key) {
	return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

async function ask(method, path, query, body) {
	const text = query.length === 0 ? ""
		: `?${query.map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).join("&")}`;
	const answer = await fetch(base + path + text, {
		method,
		headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	asked++;
	const bytes = await answer.text();
	const json = /json/.test(answer.headers.get("content-type") ?? "") && bytes !== "";
	return { status: answer.status, bytes, json: json ? JSON.parse(bytes) : null };
}

// The answer has a status that is described, and a body that its schema takes.
function judge(path, method, answer) {
	const operation = description.paths[path][method];
	const key = operation.responses[answer.status] !== undefined ? answer.status : "default";
	let pointer = `/paths/${escaped(path)}/${method}/responses/${key}`;
	const described = resolve(operation.responses[key]);
	if (operation.responses[key].$ref !== undefined)
		pointer = operation.responses[key].$ref.slice(1);
	if (answer.json === null)
		return;
	const type = answer.status < 400 ? "application/json" : "application/problem+json";
	const wrong = described.content?.[type] === undefined ? "no such body is described"
		: fits(`${pointer}/content/${escaped(type)}/schema`, answer.json);
	tell(wrong === null, `${method} ${path} ${answer.status}: ${wrong} ${answer.bytes.slice(0, 300)}`);
}

// --- parameters --------------------------------------------------------------------------------

function queryOf(path, method) {
	return description.paths[path][method].parameters.map(resolve).filter((p) => p.in === "query");
}

// A name as the server's list of known ones has it.
function listed(name) {
	return name.startsWith("filter.") || name === "conditions" ? "filter.COLUMN"
		: name === "having" ? "having.VALUE" : name;
}

async function known(path, at) {
	const method = "get";
	const answer = await ask("GET", at, [["no-such-parameter", "1"]]);
	const fault = answer.json?.errors?.[0]?.detail ?? "";
	tell(answer.status === 400, `${method} ${path}: an unknown parameter is ${answer.status}`);
	judge(path, method, answer);
	return fault.split("known are ")[1]?.split(", ") ?? [];
}

function exampleOf(schema) {
	schema = resolve(schema);
	return schema.examples?.[0] ?? (schema.anyOf === undefined ? undefined : exampleOf(schema.anyOf[0]));
}

// Values to send for a parameter: each of an enum, or one that its schema takes.
function valuesOf(parameter, row) {
	const schema = parameter.schema;
	if (parameter.name.startsWith("filter.")) {
		const value = exampleOf(row.properties[parameter.name.slice(7)]);
		const operators = /by (.*)\.$/.exec(parameter.description)[1].split(", ");
		return operators.map((o) => [o === "$null" || o === "$not:null" ? o
			: o === "$btw" ? `$btw:${value},${value}` : `${o}:${value}`]);
	}
	if (schema.enum !== undefined)
		return schema.enum.map((v) => [v]);
	if (schema.const !== undefined)
		return [[schema.const]];
	if (schema.type === "boolean")
		return [["true"], ["false"]];
	if (schema.type === "integer")
		return [[schema.minimum], [Math.min(schema.maximum, 1000000000)]];
	if (schema.format === "date-time")
		return [["2024-05-17T09:30:00.000Z"]];
	const words = schema.items?.enum ?? schema.items?.anyOf?.[0]?.enum;
	if (words !== undefined)
		return [words[0], words[words.length - 1]].map((v) => [v]);
	return { search: [["a"]], after: [[""]], before: [[""]], select: [["id"], ["id", "version"]],
		include: [["_count"]], sortBy: [["count:DESC"]], action: [["posts.*"]] }[parameter.name] ?? [["x"]];
}

// What cannot stand alone.
const companions = {
	aggregate: { having: [], page: ["groupBy"], limit: ["groupBy"], sortBy: ["groupBy", "count"] },
};

function with_(path, parameter, values) {
	const name = parameter.name;
	const query = values.map((v) => [name, v]);
	if (!path.endsWith("/aggregate"))
		return query;
	const groups = queryOf(path, "get").find((p) => p.name === "groupBy");
	if (companions.aggregate[name]?.includes("groupBy"))
		query.push(["groupBy", groups.schema.items.enum[0]]);
	if (name !== "count")
		query.push(["count", ""]);
	return query;
}

// What a parameter of many names stands for, where a model has such.
function spread(path) {
	return path.endsWith("/aggregate")
		? [["having.count", "$gte:1"], ["groupBy", "id"], ["count", ""]]
		: [];
}

async function parametersAreTaken(path, at, row) {
	for (const parameter of queryOf(path, "get")) {
		if (parameter.name === "conditions")
			continue;
		if (parameter.name === "having") {
			const answer = await ask("GET", at, spread(path));
			tell(answer.status === 200, `${path} having: ${answer.bytes.slice(0, 300)}`);
			judge(path, "get", answer);
			continue;
		}
		if (parameter.name === "after" && !path.includes("{id}") && path === "/audit")
			continue; // an audit cursor is never empty
		if (parameter.name === "after" && path.endsWith("/history"))
			continue;
		for (const values of valuesOf(parameter, row)) {
			const answer = await ask("GET", at, with_(path, parameter, values));
			// This row was never deleted, or was not there yet.
			const none = ["asOf", "onlyDeleted"].includes(parameter.name) &&
				path.includes("{id}") && answer.status === 404;
			tell(answer.status === 200 || none,
				`GET ${path} ${parameter.name}=${values}: ${answer.status} ${answer.bytes.slice(0, 300)}`);
			// With select a row has what was asked for, and no more.
			if (parameter.name !== "select")
				judge(path, "get", answer);
		}
	}
}

// --- examples ----------------------------------------------------------------------------------

async function examplesAreTaken(path) {
	const operation = description.paths[path].post;
	const name = operation.operationId.split(".")[0];
	const schema = description.components.schemas[`${name}Create`];
	const body = {};
	// Keys of other rows are required unless those rows are in the body, which no schema says.
	for (const key of Object.keys(schema.properties))
		if (schema.required?.includes(key) || /Id$/.test(key))
			body[key] = exampleOf(schema.properties[key]);
	delete body.authorId; // the owner, who is us
	delete body.userId;
	const wrong = fits(`/components/schemas/${name}Create`, body);
	tell(wrong === null, `${name}Create does not take its own examples: ${wrong}`);
	const answer = await ask("POST", path, [], body);
	// 409: what the example points to is not there.
	tell(answer.status === 201 || answer.status === 409,
		`POST ${path}: ${answer.status} ${answer.bytes.slice(0, 300)}`);
	judge(path, "post", answer);
	const refused = await ask("POST", path, [], { ...body, noSuchField: 1 });
	tell(refused.status === 400, `POST ${path} takes a field that is not described`);
	for (const key of schema.required ?? []) {
		const less = { ...body };
		delete less[key];
		const answer = await ask("POST", path, [], less);
		tell(answer.status === 400 && answer.json.errors.some((e) => e.pointer === `#/${key}`),
			`POST ${path} without ${key}: ${answer.status}`);
	}
}

// Rows under the names of relations, as the schema of the body has them.
async function nestedWritesAreTaken() {
	const bodies = [
		["post", "/posts", "PostCreate", { title: "n", slug: "nested-n", content: "c",
			comments: { create: [{ content: "a" }, { content: "b" }] },
			categories: { create: { name: "nested", slug: "nested" } } }],
		["patch", "/posts/{id}", "PostUpdate", { title: "m", categories: { set: [] },
			comments: { create: { content: "c" } } }],
		["patch", "/posts/{id}", "PostUpdate", { author: { delete: true, colour: 1 } }],
	];
	let at = "/posts";
	for (const [method, path, name, body] of bodies) {
		const wrong = fits(`/components/schemas/${name}`, body);
		const answer = await ask(method.toUpperCase(), at, [], body);
		tell((wrong === null) === (answer.status < 400),
			`${method} ${path}: ${answer.status} ${answer.bytes.slice(0, 300)}; schema: ${wrong}`);
		judge(path, method, answer);
		at = at === "/posts" ? `/posts/${answer.json?.id}` : at;
	}
}

// --- all of it ---------------------------------------------------------------------------------

const seen = {}, wanted = {};

async function readsAreTrue(path, item) {
	const row = description.components.schemas[item.get.operationId.split(".")[0]];
	let at = path;
	if (path.includes("{id}")) {
		const page = await ask("GET", path.split("/{id}")[0], [["limit", "1"]]);
		at = path.replace("{id}", page.json.data[0].id);
	}
	const answer = await ask("GET", at, path.endsWith("/aggregate") ? [["count", ""]] : []);
	tell(answer.status === 200, `GET ${path}: ${answer.status} ${answer.bytes.slice(0, 200)}`);
	judge(path, "get", answer);
	if (queryOf(path, "get").length === 0)
		return;
	const kind = row === undefined ? path : item.get.operationId.split(".").pop();
	seen[kind] ??= new Set();
	for (const parameter of queryOf(path, "get"))
		seen[kind].add(listed(parameter.name));
	wanted[kind] = await known(path, at);
	await parametersAreTaken(path, at, row);
}

// Outside of the base path, and what we are reading.
const elsewhere = ["/.well-known/jwks.json", "/openapi.json"];
await Promise.all(Object.entries(description.paths)
	.filter(([path, item]) => item.get !== undefined && !elsewhere.includes(path) &&
		item.get.responses["200"] !== undefined)
	.map(([path, item]) => readsAreTrue(path, item)));
for (const [path, item] of Object.entries(description.paths))
	if (item.post?.operationId.endsWith(".create") && !path.startsWith("/auth/"))
		await examplesAreTaken(path);
await nestedWritesAreTaken();
for (const kind of Object.keys(seen)) {
	const names = (list) => [...list].filter((n) => n !== "asOf").sort().join(" ");
	tell(wanted[kind].length > 0 && names(seen[kind]) === names(wanted[kind]),
		`${kind}: described are ${names(seen[kind])}; the server knows ${names(wanted[kind])}`);
}
if (damaged) {
	const missed = damages.filter(([, text]) => !faults.some((f) => f.includes(text)));
	console.log([...missed.map(([damage]) => `not found: ${damage}`), ...faults].join("\n"));
	process.exit(missed.length === 0 ? 0 : 1);
}
tell(asked > 300, `only ${asked} requests were made`);
console.log([...faults, `${asked} requests, ${faults.length} faults`].join("\n"));
process.exit(faults.length === 0 ? 0 : 1);
