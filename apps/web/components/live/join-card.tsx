import { ExternalLink } from "lucide-react";
import { text } from "../../text/experiment";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Panel } from "../ui/panel";
import { QrCode } from "./qr-code";

/** How others take part: the address, to click, copy or photograph. */
export function JoinCard({ url }: { readonly url: string }) {
  const local = ["localhost", "127.0.0.1"].includes(new URL(url).hostname);
  return (
    <Panel title={text.join.title} description={text.join.text} className="lg:min-h-75">
      <div className="flex gap-5">
        <QrCode text={url} label={text.join.code(url)} />
        <div className="flex min-w-0 flex-1 flex-col justify-between gap-3">
          <p className="font-mono text-xs break-all text-ink-soft select-all">{url}</p>
          <div className="flex flex-wrap gap-2">
            <CopyButton text={url} label={text.join.copy} />
            <Button asChild>
              <a href={url} target="_blank" rel="noopener">
                <ExternalLink aria-hidden="true" /> {text.join.open}
              </a>
            </Button>
          </div>
        </div>
      </div>
      {local && <p className="mt-4 text-xs text-ink-faint">{text.join.local}</p>}
    </Panel>
  );
}
