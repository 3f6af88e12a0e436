// Makes calls with a generated client: `tsx driver.ts <api> <kind> <base url> <key> <calls.json>`.
// A call is {id, method, template, order, path, query, body}; prints a list of {status, body}.
import { readFileSync } from "node:fs";
import createFetchClient from "openapi-fetch";

interface Call {
  id: string;
  method: "get" | "post";
  template: string;
  path: Record<string, string | number>;
  query: Record<string, unknown>;
  body?: unknown;
}
interface Answer {
  status: number;
  body: unknown;
}

const [api, kind, baseUrl, key, file] = process.argv.slice(2);
const headers = { "x-api-key": key, authorization: `Bearer ${key}` };

// The functions are found by name, so their arguments are typed in typed.ts alone.
/* eslint-disable @typescript-eslint/no-explicit-any */
async function hey(): Promise<(call: Call) => Promise<Answer>> {
  const sdk: any = await import(`./${api}/hey/sdk.gen`);
  const { createClient, createConfig } = await import(`./${api}/hey/client`);
  const client = createClient(createConfig({ baseUrl, headers }));
  return async ({ id, path, query, body }) => {
    const given = Object.fromEntries(
      Object.entries({ path, query }).filter(([, value]) => Object.keys(value).length > 0),
    );
    const found = await sdk[id]({ client, ...given, ...(body && { body }) });
    if (found.response === undefined) throw found.error;
    return { status: found.response.status, body: found.response.ok ? orThrow(found) : found.error };
  };
}

function orThrow(found: { data?: unknown; error?: unknown }): unknown {
  if (found.error !== undefined) throw found.error;
  return found.data;
}

async function openapiFetch(): Promise<(call: Call) => Promise<Answer>> {
  const client: any = createFetchClient({
    baseUrl,
    headers,
    querySerializer: { array: { style: "form", explode: false } },
  });
  return async ({ method, template, path, query, body }) => {
    const found = await client[method.toUpperCase()](template, { params: { path, query }, body });
    return { status: found.response.status, body: found.response.ok ? found.data : found.error };
  };
}

async function orval(): Promise<(call: Call) => Promise<Answer>> {
  const sdk: any = await import(`./${api}/orval`);
  const send = globalThis.fetch;
  globalThis.fetch = (url, options) =>
    send(String(url).replace("http://base.test", baseUrl), options);
  return async ({ id, method, path, query, body }) => {
    const has = Object.keys(query).length > 0 || sdk[id].length > Object.keys(path).length + 1;
    const last = method === "post" ? [body] : has ? [query] : [];
    const places = Object.values(path).map(encodeURIComponent); // orval puts them in as they are
    const found = await sdk[id](...places, ...last, { headers });
    return { status: found.status, body: found.data };
  };
}

const call = await { hey, openapiFetch, orval }[kind as "hey" | "openapiFetch" | "orval"]();
const answers: Answer[] = [];
for (const each of JSON.parse(readFileSync(file, "utf8")) as Call[]) {
  try {
    answers.push(await call(each));
  } catch (error) {
    answers.push({ status: 0, body: `${each.id}: ${error}` });
  }
}
console.log(JSON.stringify(answers));
