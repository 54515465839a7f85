/** Takes an answer apart into prose and blocks of code: pure. */

export interface Segment {
  readonly kind: "prose" | "code";
  readonly text: string;
  /** What the block says it is written in; empty when it does not say. */
  readonly language: string;
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})\s*([^`]*)$/;

/** A block that has not ended yet counts as code, for it still grows. */
export function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = [];
  let lines: string[] = [];
  let fence: string | null = null;
  let language = "";

  const close = (kind: Segment["kind"]) => {
    const content = lines.join("\n");
    if (kind === "code" || content.trim() !== "") segments.push({ kind, text: content, language });
    lines = [];
    language = "";
  };
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line);
    if (fence === null && mark !== null) {
      close("prose");
      fence = mark[1] ?? "";
      language = (mark[2] ?? "").trim();
    } else if (fence !== null && mark !== null && isEndOf(fence, mark)) {
      close("code");
      fence = null;
    } else lines.push(line);
  }
  close(fence === null ? "prose" : "code");
  return segments;
}

function isEndOf(fence: string, mark: RegExpExecArray): boolean {
  const [, signs = "", rest = ""] = mark;
  return signs.startsWith(fence) && rest.trim() === "";
}
