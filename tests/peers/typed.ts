// What users of the generated types write; it is compiled and never run.
import createFetchClient from "openapi-fetch";
import { getEvaluation, listModels } from "./public/hey/sdk.gen";
import { getProbeRun, listBenchmarkModels } from "./v2/hey/sdk.gen";
import { listJobs, submitJob } from "./v0/hey/sdk.gen";
import { listModels as orvalListModels } from "./public/orval";
import { submitJob as orvalSubmitJob } from "./v0/orval";
import type { paths as PublicPaths } from "./public/paths";
import type { paths as V0Paths } from "./v0/paths";
import type { paths as V2Paths } from "./v2/paths";

const found = await listModels({ query: { companies: ["OpenAI"], sort_by: "released_at" } });
const total: number = found.data?.total_count ?? 0;
const released: number | string | null | undefined = found.data?.models?.[0]?.released_at;
// @ts-expect-error no column has this name
await listModels({ query: { sort_by: "colour" } });

const evaluation = await getEvaluation({ path: { id: "e" } });
const status: string | undefined = evaluation.data?.status;
const message: unknown = evaluation.error?.error;

const scores: { [name: string]: number | null } | null | undefined = (
  await listBenchmarkModels({ query: { benchmarkTypeId: 1 } })
).data?.[0]?.scores;
// The 400 of an invalid body is typed.
const submitted = await submitJob({
  body: { benchmark_id: 1, endpoint_url: "http://x", api_key: "k", provider: "openai" },
});
const job: string | undefined = submitted.data?.job_id;
const jobs: number | undefined = (await listJobs({ query: { status: "running" } })).data?.jobs.length;

const publicApi = createFetchClient<PublicPaths>({ baseUrl: "http://x" });
const page = await publicApi.GET("/models", { params: { query: { ids: ["a", "b"] } } });
const name: string | undefined = page.data?.models?.[0]?.name;
const v2Api = createFetchClient<V2Paths>({ baseUrl: "http://x" });
const run = await v2Api.GET("/api/v2/benchmarks/models/{modelId}/runs", {
  params: { path: { modelId: 1 }, query: { benchmarkTypeId: 1 } },
});
const score: number | undefined = run.data?.[0]?.score;
const v0Api = createFetchClient<V0Paths>({ baseUrl: "http://x" });
// @ts-expect-error the key of the endpoint is required
await v0Api.POST("/v0/jobs", { body: { benchmark_id: 1, endpoint_url: "http://x" } });

const answer = await orvalListModels({ companies: ["OpenAI"] });
const count: number | undefined = answer.status === 200 ? answer.data.total_count : undefined;
const created = await orvalSubmitJob({ benchmark_id: "b", endpoint_url: "http://x", api_key: "k" });
const reason: unknown = created.status === 402 ? created.data.error : undefined;

export const used = [total, released, status, message, scores, job, jobs, name, score, count, reason, getProbeRun];
