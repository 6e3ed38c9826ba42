import { formatWholePercent } from "@tandem/core/format";
import type { GalleryItem } from "@tandem/core/strategy";
import type { GalleryView } from "@tandem/protocol/live-view";
import { Check, X } from "lucide-react";
import { agrees } from "../../lib/live/gallery";
import { text } from "../../text/experiment";
import { SheetPicture } from "./sheet-picture";

/** One synthetic picture: what was asked for, and what the clients see in it. */
export function GalleryPicture({
  gallery,
  index,
}: {
  readonly gallery: GalleryView;
  readonly index: number;
}) {
  const { items, parts, partSize, classes } = gallery;
  const item = items[index];
  return (
    <figure className="min-w-0">
      <SheetPicture
        label={text.gallery.picture(item.prompt)}
        sheet={parts[Math.floor(index / partSize)]}
        index={index % partSize}
        className={`rounded-lg ${item.accepted ? "border-teacher" : "border-line"}`}
      >
        {item.accepted && (
          <span className="absolute top-1.5 right-1.5 rounded bg-teacher px-1.5 py-0.5 text-[0.6875rem] leading-tight font-medium text-black">
            {text.gallery.accepted}
          </span>
        )}
      </SheetPicture>
      <figcaption className="mt-2 text-xs">
        <span className="line-clamp-2 min-h-8 font-medium" title={item.prompt}>
          {item.prompt}
        </span>
        <span className="mt-0.5 block truncate text-ink-faint">{classes[item.label]}</span>
        <Verdict item={item} classes={classes} />
      </figcaption>
    </figure>
  );
}

function Verdict({
  item,
  classes,
}: {
  readonly item: GalleryItem;
  readonly classes: readonly string[];
}) {
  if (!item.verdict)
    return <span className="mt-0.5 block text-ink-faint">{text.gallery.unjudged}</span>;
  const agree = agrees(item);
  const confidence = formatWholePercent(item.verdict.confidence);
  return (
    <span
      className={`mt-0.5 flex items-center gap-1 [&_svg]:size-3.5 [&_svg]:shrink-0 ${agree ? "text-good" : "text-bad"}`}
    >
      {agree ? <Check aria-hidden="true" /> : <X aria-hidden="true" />}
      <span className="min-w-0 truncate">
        {!agree && <span className="sr-only">{text.gallery.seen}</span>}
        {agree ? text.gallery.agree : classes[item.verdict.label]}
      </span>
      <span className="figures ml-auto pl-1">{confidence}</span>
    </span>
  );
}
