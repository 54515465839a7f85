import { text } from "../../i18n";
import type { ConfigEffect } from "../../wire/frames";

/** What a change of the configuration did, in sentences. */
export function effectWords(effect: ConfigEffect): string {
  const words = text.settings.effect;
  const parts = [
    sentence(words.added, effect.added),
    sentence(words.removed, effect.removed),
    sentence(words.replaced, effect.replaced),
    sentence(words.adjusted, effect.adjusted),
  ].filter((part) => part !== "");
  return parts.length === 0 ? words.none : parts.join(" ");
}

function sentence(words: (names: string) => string, names: readonly string[]): string {
  return names.length === 0 ? "" : words(names.join(", "));
}
