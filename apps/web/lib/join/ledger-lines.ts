import type { ledger } from "./ledger";

/** One line for each, and one for what is not known any more. Blobs are in base64. */
export function asJsonLines({ entries, forgotten }: ReturnType<typeof ledger.shown>): string {
  const lines = entries.map(({ at, what, text, bytes, blob }) =>
    JSON.stringify({
      at: new Date(at).toISOString(),
      what,
      bytes,
      ...(text.startsWith("[") ? { body: JSON.parse(text) } : { name: text }),
      ...(blob && { base64: btoa(Array.from(blob, (code) => String.fromCharCode(code)).join("")) }),
    }),
  );
  const lost = forgotten > 0 ? [JSON.stringify({ what: "forgotten", entries: forgotten })] : [];
  return [...lost, ...lines, ""].join("\n");
}
