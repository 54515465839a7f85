/** As much of Prometheus' HTTP interface as the sidecar asks: some hosts, a few series each. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeHost {
  readonly name: string;
  /** It reports just now; otherwise it has not for ten minutes. */
  readonly up: boolean;
  readonly cpuPct: number;
}

type Row = readonly [Record<string, string>, number];

/** Several questions travel as one; a label of this name tells their answers apart. */
const TAG = "llama_query";
const TAGGED = new RegExp(`label_replace\\((.*?),"${TAG}","([^"]+)","${TAG}",""\\)`, "g");
const GONE_S = 600;

export class FakePrometheus {
  readonly #hosts: readonly FakeHost[];
  readonly #server: Server;

  constructor(hosts: readonly FakeHost[]) {
    this.#hosts = hosts;
    this.#server = createServer((request, response) => {
      void formOf(request).then((form) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
        const asked = new URLSearchParams([...searchParams, ...form]);
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ status: "success", data: this.#answer(pathname, asked) }));
      });
    });
  }

  /** Where it listens. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(path: string, asked: URLSearchParams): unknown {
    const query = asked.get("query") ?? asked.get("match[]") ?? "";
    if (path.endsWith("/series")) return this.#rows(query).map(([labels]) => labels);
    if (path.endsWith("/query_range")) {
      return { resultType: "matrix", result: ranges(this.#rows(query), asked) };
    }
    const now = Date.now() / 1000;
    const result = this.#rows(query).map(([metric, value]) => ({
      metric,
      value: [now, String(value)],
    }));
    return { resultType: "vector", result };
  }

  #rows(query: string): Row[] {
    const parts = [...query.matchAll(TAGGED)];
    if (parts.length === 0) return this.#found(query);
    return parts.flatMap(([, expression = "", tag = ""]) =>
      this.#found(expression).map(([labels, value]): Row => [{ ...labels, [TAG]: tag }, value]),
    );
  }

  /** The series that a query names, or all of them, of the hosts that it names, or all of them. */
  #found(query: string): Row[] {
    const named = this.#hosts.filter((host) => query.includes(`"${host.name}"`));
    const isCount = query.includes("count_over_time");
    return (named.length > 0 ? named : this.#hosts)
      .flatMap(seriesOf)
      .filter(([labels]) => query.includes(labels["__name__"] ?? "") || query.includes("__name__"))
      .map(([labels, value]): Row => [labels, isCount ? 4 : value]);
  }
}

function seriesOf({ name, up, cpuPct }: FakeHost): Row[] {
  const of = (metric: string, more: Record<string, string> = {}) => ({
    __name__: `llama_runner_${metric}`,
    instance: name,
    ...more,
  });
  const lastS = Date.now() / 1000 - (up ? 1 : GONE_S);
  const always: Row[] = [[of("last_sample_timestamp_seconds"), lastS]];
  if (!up) return always;
  return [
    ...always,
    [of("up"), 1],
    [of("build_info", { version: "0.1.0" }), 1],
    [of("cpu_usage_percent"), cpuPct],
    [of("memory_usage_percent"), 40],
  ];
}

function ranges(rows: readonly Row[], asked: URLSearchParams): unknown[] {
  const number = (key: string) => Number.parseFloat(asked.get(key) ?? "0");
  const [start, end, step] = [number("start"), number("end"), Math.max(1, number("step"))];
  const count = Math.floor((end - start) / step) + 1;
  return rows.map(([metric, value]) => ({
    metric,
    values: Array.from({ length: count }, (_, at) => [start + at * step, String(value)]),
  }));
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
