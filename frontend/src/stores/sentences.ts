/** What the sidecar says comes in pieces without capitals and full stops: make them readable. */
export function sentences(...pieces: readonly string[]): string {
  return pieces
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "")
    .map((piece) => piece.charAt(0).toUpperCase() + piece.slice(1))
    .map((piece) => (/[.!?…]$/.test(piece) ? piece : `${piece}.`))
    .join(" ");
}
