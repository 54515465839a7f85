/**
 * What shell and sidecar say to each other over stdin and stdout of the sidecar.
 *
 * The first line on stdin carries the token; the sidecar proves with it that it is the one that was
 * started, so that a stranger on the port is never shown nor given the token.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

import { type Members, parseObject, wholeNumber } from "../json";

export const PROTOCOL = 1;
export const MARK = "@llama-runner-pro ";
const LONGEST_TEXT = 4000;
const MOST_REASONS = 20;

/** What is written to the sidecar's stdin first. */
export interface Greeting {
  readonly token: string;
  readonly nonce: string;
  readonly dataDir: string | null;
  readonly port: number;
  /** A port that is taken is an error then, not a reason to take another. */
  readonly isPortFixed: boolean;
  readonly parentPid: number;
  readonly keepModels: boolean;
}

/** The sidecar listens, and has proven that it is ours. */
export interface Listening {
  readonly event: "listening";
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  readonly instance: string;
}

export type SidecarEvent =
  | Listening
  | { readonly event: "ready" }
  | { readonly event: "degraded"; readonly reasons: readonly string[] }
  | { readonly event: "fatal"; readonly code: number; readonly text: string }
  | { readonly event: "stopped" };

/** A line of ours that breaks the contract, with what is wrong about it. */
export interface Broken {
  readonly event: "broken";
  readonly problem: string;
}

/** The line that begins a sidecar's life. */
export function greetingLine(greeting: Greeting): string {
  return `${JSON.stringify({
    protocol: PROTOCOL,
    token: greeting.token,
    nonce: greeting.nonce,
    data_dir: greeting.dataDir,
    port: greeting.port,
    strict_port: greeting.isPortFixed,
    parent_pid: greeting.parentPid,
    keep_models: greeting.keepModels,
  })}\n`;
}

/** The line that asks a sidecar to end. */
export function shutdownLine(keepModels: boolean, deadlineMs: number): string {
  return `${JSON.stringify({ command: "shutdown", keep_models: keepModels, deadline_ms: deadlineMs })}\n`;
}

/** HMAC-SHA256 over the nonce, keyed with the token; both as the hexadecimal text they travel as. */
export function proofOf(token: string, nonce: string): string {
  return createHmac("sha256", token).update(nonce).digest("hex");
}

/**
 * What a line of stdout says; null when it is not meant for us, has no meaning yet, or is an event
 * of a later version.
 */
export function readLine(
  line: string,
  greeting: Pick<Greeting, "token" | "nonce">,
): SidecarEvent | Broken | null {
  if (!line.startsWith(MARK)) return null;
  const members = parseObject(line.slice(MARK.length));
  if (members === null) return broken("a line of the sidecar is not JSON");
  switch (members["event"]) {
    case "listening":
      return listening(members, greeting);
    case "ready":
      return { event: "ready" };
    case "degraded":
      return { event: "degraded", reasons: texts(members["reasons"]) };
    case "fatal":
      return fatal(members);
    case "stopped":
      return { event: "stopped" };
    default:
      return null;
  }
}

function listening(
  members: Members,
  greeting: Pick<Greeting, "token" | "nonce">,
): Listening | Broken {
  if (members["protocol"] !== PROTOCOL) {
    return broken(`the sidecar speaks protocol ${shown(members["protocol"])}, not ${PROTOCOL}`);
  }
  const port = wholeNumber(members["port"], 1, 65_535);
  const pid = wholeNumber(members["pid"], 1, Number.MAX_SAFE_INTEGER);
  const { version, instance, proof } = members;
  if (port === null) return broken(`the sidecar names no usable port: ${shown(members["port"])}`);
  if (pid === null) return broken("the sidecar names no process id");
  if (!isText(version) || !isText(instance)) return broken("the sidecar does not say what it is");
  if (!isText(proof) || !same(proof, proofOf(greeting.token, greeting.nonce))) {
    return broken("the program that answered could not prove that it is our sidecar");
  }
  return { event: "listening", port, pid, version, instance };
}

function fatal(members: Members): SidecarEvent | Broken {
  const code = wholeNumber(members["code"], 1, 255);
  if (code === null) return broken("the sidecar gave up with an unknown code");
  return { event: "fatal", code, text: texts([members["text"]])[0] ?? "" };
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const found = value.filter((entry): entry is string => typeof entry === "string");
  return found.slice(0, MOST_REASONS).map((text) => text.slice(0, LONGEST_TEXT));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 200;
}

function same(told: string, expected: string): boolean {
  const [left, right] = [Buffer.from(told), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) as string | undefined)?.slice(0, 40) ?? "nothing";
}

function broken(problem: string): Broken {
  return { event: "broken", problem };
}
