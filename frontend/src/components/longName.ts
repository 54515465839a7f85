/** Names too long for their place lose their middle: what tells two of them apart stands last. */
const TAIL = 8;
const LONG = 3 * TAIL;

/** What gives way where there is no room; the whole name when it is short. */
export function headOf(name: string): string {
  const letters = Array.from(name);
  return letters.length < LONG ? name : letters.slice(0, -TAIL).join("");
}

/** What stays in sight. */
export function tailOf(name: string): string {
  const letters = Array.from(name);
  return letters.length < LONG ? "" : letters.slice(-TAIL).join("");
}
