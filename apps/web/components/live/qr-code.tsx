import { renderSVG } from "uqr";

/** Of an address, for whoever photographs it. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const svg = renderSVG(text, { border: 1, whiteColor: "#fff", blackColor: "#10131f" });
  return (
    <div
      role="img"
      aria-label={label}
      className="size-28 shrink-0 overflow-hidden rounded-lg border border-line [&_svg]:size-full"
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
