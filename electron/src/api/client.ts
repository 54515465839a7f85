/** The few calls that the shell itself makes to its sidecar. */
import { request } from "node:http";

import { type Members, parseObject } from "../json";
import type { Access } from "../sidecar/state";

const DEADLINE_MS = 5000;
const LARGEST_BYTES = 4_000_000;

/** A call that brought no usable answer; `message` says why, in the sidecar's words if it has any. */
export class CallFailed extends Error {}

export type Method = "GET" | "POST";

/**
 * Calls the sidecar and gives back the JSON object that it answers with. Throws CallFailed when
 * there is none within 5 s, when it is too large, or when the status is not 2xx.
 */
export function call(
  access: Access,
  method: Method,
  path: string,
  body: Members = {},
): Promise<Members> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(new CallFailed(`${method} ${path}: ${error.message}`));
    };
    const isPost = method === "POST";
    const asked = request(
      new URL(path, access.origin),
      {
        method,
        agent: false,
        signal: AbortSignal.timeout(DEADLINE_MS),
        headers: {
          authorization: `Bearer ${access.token}`,
          ...(isPost ? { "content-type": "application/json" } : {}),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > LARGEST_BYTES) asked.destroy(new Error("the answer is too large"));
          else chunks.push(chunk);
        });
        answer.on("error", fail);
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const told = understood(answer.statusCode ?? 0, parseObject(text));
          if (told instanceof CallFailed) reject(told);
          else resolve(told);
        });
      },
    );
    asked.on("error", fail);
    asked.end(isPost ? JSON.stringify(body) : undefined);
  });
}

function understood(status: number, told: Members | null): Members | CallFailed {
  if (status >= 200 && status <= 299) {
    return told ?? new CallFailed("the sidecar's answer is not a JSON object");
  }
  const detail = told?.["detail"];
  return new CallFailed(
    typeof detail === "string" ? detail : `the sidecar answered with status ${status}`,
  );
}

/** Whether the sidecar at this address is the one that named itself `instance`. */
export async function isInstance(access: Access, instance: string): Promise<boolean> {
  try {
    const health = await call(access, "GET", "/api/health");
    return health["instance"] === instance;
  } catch (error) {
    if (error instanceof CallFailed) return false;
    throw error;
  }
}
