/** Answers the verbs of pages, after looking at who asks. */
import { isOurs } from "../security/navigation-policy";
import { PREFIX, readChange, SET_CHANNEL, type Verb, VERBS } from "./channels";

/** Who sent a message, as far as it can be told. */
export interface Sender {
  /** It comes from the page of our window, not from a frame in it nor from elsewhere. */
  readonly isMainFrame: boolean;
  readonly url: string;
}

/** What is known of our own places at the moment of the call. */
export interface Known {
  readonly origin: string | null;
  readonly localPage: string;
}

/** Electron's side. */
export interface Wire {
  handle(channel: string, answer: (sender: Sender, ...given: readonly unknown[]) => unknown): void;
}

export type Answers = Readonly<Record<Verb, () => unknown>> & {
  readonly setSetting: (name: NonNullable<ReturnType<typeof readChange>>) => unknown;
};

/** Whether a message comes from one of the two pages that we show. */
export function isTrusted(sender: Sender, known: Known): boolean {
  if (!sender.isMainFrame) return false;
  return sender.url === known.localPage || isOurs(sender.url, known.origin);
}

/** Takes up every verb. A stranger, and a known page that asks wrongly, get an error. */
export function registerVerbs(
  wire: Wire,
  answers: Answers,
  known: () => Known,
  log: (text: string) => void,
): void {
  const guarded = (channel: string, answer: (given: readonly unknown[]) => unknown): void => {
    wire.handle(channel, (sender, ...given) => {
      if (!isTrusted(sender, known())) {
        log(`${channel} was refused: it does not come from our page`);
        throw new Error("this page may not do that");
      }
      return answer(given);
    });
  };
  for (const verb of VERBS) {
    guarded(PREFIX + verb, (given) => {
      if (given.some((argument) => argument !== undefined))
        throw new Error(`${verb} takes nothing`);
      return answers[verb]();
    });
  }
  guarded(SET_CHANNEL, ([argument, ...more]) => {
    const change = more.length === 0 ? readChange(argument) : null;
    if (change === null) throw new Error("there is no such setting or position");
    return answers.setSetting(change);
  });
}
