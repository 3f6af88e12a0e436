// Generates the clients of one API: `node generate.mjs <api> <spec> <target>`.
import { writeFileSync } from "node:fs";
import { createClient } from "@hey-api/openapi-ts";
import openapiTS, { astToString } from "openapi-typescript";
import { generate } from "orval";

const [api, spec, target] = process.argv.slice(2);

// With zod, which validates every request and every answer.
await createClient({
  input: spec,
  output: { path: `${target}/${api}/hey` },
  logs: { level: "silent" },
  plugins: [
    "@hey-api/client-fetch",
    "@hey-api/typescript",
    "zod",
    { name: "@hey-api/sdk", validator: true },
  ],
});

writeFileSync(`${target}/${api}/paths.ts`, astToString(await openapiTS(new URL(`file://${spec}`))));

// orval 7 writes the range `5XX` as if it were a number, which is no TypeScript; orval 8 does not,
// and needs Node.js 22.
function withoutRanges(document) {
  for (const item of Object.values(document.paths))
    for (const operation of Object.values(item)) {
      const { "5XX": failed, ...others } = operation.responses;
      operation.responses = failed === undefined ? others : { ...others, 500: failed };
    }
  return document;
}

// By default orval repeats the name of a list, whatever the spec says.
await generate({
  input: { target: spec, override: { transformer: withoutRanges } },
  output: {
    target: `${target}/${api}/orval.ts`,
    client: "fetch",
    baseUrl: { getBaseUrlFromSpecification: false, baseUrl: "http://base.test" },
    override: { fetch: { explode: false } },
  },
});
