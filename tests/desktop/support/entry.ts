/** The words of a desktop entry's Exec, as the Desktop Entry Specification has them read. */
export function execWords(entry: string): string[] {
  const [, value = ""] = /^Exec=(.*)$/m.exec(entry) ?? [];
  // Quoted twice: as a value of the file, and as words of a command line.
  const line = value.replaceAll("\\\\", "\\");
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = ""]) =>
    word.replace(/\\(.)/g, "$1").replaceAll("%%", "%"),
  );
}
