import { ExternalLink } from "lucide-react";
import { renderSVG } from "uqr";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Panel } from "../ui/panel";

/** How others take part: the address, to click, copy or photograph. */
export function JoinCard({ url }: { readonly url: string }) {
  const local = ["localhost", "127.0.0.1"].includes(new URL(url).hostname);
  const svg = renderSVG(url, { border: 1, whiteColor: "#fff", blackColor: "#10131f" });
  return (
    <Panel
      title="Take part"
      description="Every tab that opens this page is one client."
      className="lg:min-h-75"
    >
      <div className="flex gap-5">
        <div
          role="img"
          aria-label={`QR code of ${url}`}
          className="size-28 shrink-0 overflow-hidden rounded-lg border border-line [&_svg]:size-full"
          dangerouslySetInnerHTML={{ __html: svg }}
        />
        <div className="flex min-w-0 flex-1 flex-col justify-between gap-3">
          <p className="font-mono text-xs break-all text-ink-soft select-all">{url}</p>
          <div className="flex flex-wrap gap-2">
            <CopyButton text={url} label="Copy join address" />
            <Button asChild>
              <a href={url} target="_blank" rel="noopener">
                <ExternalLink aria-hidden="true" /> Open
              </a>
            </Button>
          </div>
        </div>
      </div>
      {local && (
        <p className="mt-4 text-xs text-ink-faint">
          “localhost” only works on this machine. For others, open this page by the machine's
          network name.
        </p>
      )}
    </Panel>
  );
}
