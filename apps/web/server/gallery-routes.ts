import type { SheetOf } from "@tandem/coordinator/artefacts";
import type { Coordinator } from "@tandem/coordinator/coordinator";
import type { Reply } from "@tandem/transport/http";
import { file, json } from "@tandem/transport/replies";
import * as z from "zod/mini";
import { get } from "./accounts/route-parts";
import { idOf, parse, roundOf } from "./api-routes";
import { galleryView } from "./gallery-view";
import type { Call, Route } from "./router";

const round = "/api/experiments/:id/rounds/:round";
const pictures = z.optional(z.string().check(z.maxLength(64)));
const ofImages = z.object({
  pictures,
  part: z.optional(
    z.pipe(
      z.string().check(z.regex(/^\d{1,4}$/, "must be a number from 0 on")),
      z.transform(Number),
    ),
  ),
});
const ofLessons = z.object({ pictures, row: z.optional(z.enum(["base", "latest"])) });
const queryOf = ({ query }: Call) => Object.fromEntries(query);

/** What a round has painted. A sheet under an address that names its pictures is the same for good. */
export function galleryRoutes(
  coordinator: Pick<Coordinator, "gallery" | "pictures" | "sheet">,
): readonly Route[] {
  async function sheet(call: Call, named: string | undefined, asked: SheetOf): Promise<Reply> {
    const [id, at] = [idOf(call), roundOf(call)];
    const now = await coordinator.pictures(id, at);
    const lasts = named === now ? "max-age=31536000, immutable" : "no-cache";
    const headers = { etag: `"${now}"`, "cache-control": `private, ${lasts}` };
    if (call.request.headers["if-none-match"] === headers.etag)
      return { status: 304, headers, body: "" };
    return file(await coordinator.sheet(id, at, asked), "image/png", headers);
  }
  return [
    get(`${round}/gallery`, async (call) => {
      const [id, at] = [idOf(call), roundOf(call)];
      return json(galleryView(await coordinator.gallery(id, at), { id, round: at }));
    }),
    get(`${round}/sheet.png`, async (call) => {
      const { pictures: named, part } = parse(ofImages, queryOf(call));
      return sheet(call, named, { of: "images", part });
    }),
    get(`${round}/lessons.png`, async (call) => {
      const { pictures: named, row } = parse(ofLessons, queryOf(call));
      return sheet(call, named, { of: "lessons", row });
    }),
  ];
}
