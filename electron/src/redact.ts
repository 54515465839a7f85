const HIDDEN = "•••";

/** Shapes of secrets, each with what stays readable around them. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  [
    /(["']?[\w-]*(?:token|secret|password|passwd|api[_-]?key|authorization|cookie)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&}"']+)/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(sk|hf|ghp|gho|xox[abp])[-_][\w-]{8,}/g, `$1-${HIDDEN}`],
  [/\b[0-9a-f]{64}\b/gi, HIDDEN],
  [/(\w+:\/\/)[^\s/@:]+:[^\s/@]+@/g, `$1${HIDDEN}@`],
  [/\/session\/[\w-]{16,}/g, `/session/${HIDDEN}`],
];

/** A text without what looks like a secret: for logs, the error page and copied diagnostics. */
export function redact(text: string): string {
  return SECRETS.reduce((told, [shape, instead]) => told.replace(shape, instead), text);
}
