import type { JoinOptions } from "@tandem/client/messages";
import { text } from "@tandem/protocol/text";
import * as z from "zod/mini";
import type { Visit } from "../visit";

export type SearchParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Wish = Pick<JoinOptions, "name" | "modality">;
export type JoinQuery = Wish &
  Pick<JoinOptions, "slot" | "prefer"> & {
    /** Join at once: somebody has pressed the button before the page's scripts had come. */
    readonly auto: boolean;
  };

const schema = z.object({
  auto: z.catch(z.optional(z.string()), undefined),
  slot: z.catch(
    z.optional(z.pipe(z.string().check(z.regex(/^\d{1,9}$/)), z.transform(Number))),
    undefined,
  ),
  modality: z.catch(z.optional(z.enum(["image", "text", "image-text"])), undefined),
  backend: z.catch(z.optional(z.enum(["webgpu", "webgl", "wasm", "cpu"])), undefined),
  name: z.catch(z.optional(text(40)), undefined),
});

/**
 * How an address asks to join: `?auto=1&slot=2&modality=image&backend=wasm&name=…`. That it is at once,
 * only a page of this server may say: a link from elsewhere is nobody's consent.
 */
export function joinQuery(
  parameters: SearchParameters,
  { isFromJoinPage }: Pick<Visit, "isFromJoinPage">,
): JoinQuery {
  const { auto, slot, modality, backend, name } = schema.parse(parameters);
  return {
    auto: auto === "1" && isFromJoinPage,
    ...(slot !== undefined && { slot }),
    ...(modality && { modality }),
    ...(backend && { prefer: backend }),
    ...(name && { name }),
  };
}
