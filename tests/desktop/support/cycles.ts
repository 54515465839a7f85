/** How often each way to leave is gone; the bench asks for more than the gate. */
export const CYCLES = Number(process.env["LLAMA_RUNNER_PRO_CYCLES"] ?? "1");
/** The longest that one of them may take, from the launch to the last process. */
export const CYCLE_MS = 300_000;
