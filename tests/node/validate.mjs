// SPDX-License-Identifier: BSD-2-Clause
// validate.mjs - is it OpenAPI 3.1? Judged by @redocly/openapi-core, which shares no code with us
//
// usage: node validate.mjs openapi.json
// Damaged copies must be refused, so that the judge can be seen to bite.
import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";

const source = readFileSync(process.argv[2], "utf8");
const config = await createConfig({
	extends: ["recommended"],
	rules: {
		"no-invalid-schema-examples": "error",
		// x-query is no part of OpenAPI, so what it alone refers to looks unused.
		"no-unused-components": "off",
		"operation-operationId-unique": "error",
		"path-parameters-defined": "error",
		// A row is never called "aggregate": concrete paths come first.
		"no-ambiguous-paths": "off",
		// The licence of the API is its operator's affair, and so is what it is called.
		"info-license": "off",
	},
});

async function faults(document) {
	const problems = await lintFromString({
		source: typeof document === "string" ? document : JSON.stringify(document),
		absoluteRef: "openapi.json",
		config,
	});
	return problems.filter((p) => !p.ignored).map(
		(p) => `${p.severity} ${p.ruleId} ${p.location?.[0]?.pointer ?? ""}: ${p.message}`);
}

const damages = {
	"a reference to nothing": (d) => {
		d.paths["/posts"].get.responses["200"].content["application/json"].schema.$ref += "X";
	},
	"an operation that is no object": (d) => { d.paths["/posts"].get = "list"; },
	"a path's variable that is not declared": (d) => delete d.paths["/posts/{id}"].parameters,
	"two operations of one name": (d) => {
		d.paths["/posts"].post.operationId = d.paths["/posts"].get.operationId;
	},
	"an example that is none": (d) => {
		d.components.schemas.Post.properties.title.examples = [7];
	},
	"a type that there is not": (d) => {
		d.components.schemas.Post.properties.title.type = "varchar";
	},
};

let failed = 0;
for (const fault of await faults(source)) {
	console.log(fault);
	failed = 1;
}
for (const [name, damage] of Object.entries(damages)) {
	const document = JSON.parse(source);
	for (const path of Object.keys(document.paths))
		if (!path.startsWith("/posts"))
			delete document.paths[path];
	damage(document);
	if ((await faults(document)).length === 0) {
		console.log(`not found by the validator: ${name}`);
		failed = 1;
	}
}
process.exit(failed);
