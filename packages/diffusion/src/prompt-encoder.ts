import { checkFinite } from "@tandem/core/finite";
import { floats, ids, type sessionCache, type Values } from "@tandem/graph/onnx-session";
import type { DiffusionModel } from "./diffusion-model";
import { traceText } from "./models/graphs";
import { createSource } from "./models/source";

/** (L, e) and (c), of one text. */
export type EncodedPrompt = { readonly context: Float32Array; readonly pooled: Float32Array };

/** Encodes each distinct text once. Throws `bad-data` for an answer that is no number. */
export async function encodePrompts(
  { text, tokenizer }: Pick<DiffusionModel, "text" | "tokenizer">,
  texts: readonly string[],
  {
    sessions,
    parameters,
  }: { readonly sessions: ReturnType<typeof sessionCache>; readonly parameters: Values },
): Promise<(text: string) => EncodedPrompt> {
  const { length } = tokenizer;
  const session = await sessions.get("text", () => {
    const { last, pooled } = traceText(createSource(), text, { batch: 1, length });
    return { last, pooled };
  });
  const own = Object.fromEntries(
    session.inputs.filter((name) => name !== "ids").map((name) => [name, parameters[name]]),
  );
  const encoded = new Map<string, EncodedPrompt>();
  for (const each of new Set(texts)) {
    const results = await session.run({ ...own, ids: ids(tokenizer.encode([each]), [1, length]) });
    const found = { context: floats(results.last), pooled: floats(results.pooled) };
    for (const [part, values] of Object.entries(found))
      checkFinite(
        `${part} of the prompt "${each}"`,
        values,
        "the text encoder's weights are broken",
      );
    encoded.set(each, found);
  }
  return (each) => {
    const found = encoded.get(each);
    if (!found) throw new Error(`"${each}" was not encoded`);
    return found;
  };
}
