const HIDDEN = "•••";

/**
 * Shapes of secrets, each with what stays readable around them. Each begins where a word does and
 * takes a line of any length in one go; a quote that a text was cut off before may be missing.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  [
    /((?<![\w-])[\w-]*(?:token|secret|password|passwd|api[_-]?key|authorization|cookie)(?![\w-])\\?["']?\s{0,20}[:=]\s{0,20})(\\"[^"]*"?|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;&}"']+)/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(sk|hf|ghp|gho|xox[abp])[-_][\w-]{8,}/g, `$1-${HIDDEN}`],
  [/\b[0-9a-f]{64}\b/gi, HIDDEN],
  [/((?<!\w)\w{1,20}:\/\/)[^\s/@:]{1,200}:[^\s/@]{1,2000}@/g, `$1${HIDDEN}@`],
  [/\/session\/[\w-]{16,}/g, `/session/${HIDDEN}`],
];

/** A text without what looks like a secret: for logs, the error page and copied diagnostics. */
export function redact(text: string): string {
  return SECRETS.reduce((told, [shape, instead]) => told.replace(shape, instead), text);
}
