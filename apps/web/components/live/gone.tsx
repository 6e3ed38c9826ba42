import Link from "next/link";
import { text } from "../../text/experiment";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";

/** In place of an experiment that somebody has deleted while its page was open. */
export const Gone = ({ name }: { readonly name: string }) => (
  <div role="alert">
    <Panel title={text.gone.title}>
      <p className="mb-5 max-w-prose text-sm break-words text-ink-soft">{text.gone.text(name)}</p>
      <Button asChild>
        <Link href="/">{text.gone.back}</Link>
      </Button>
    </Panel>
  </div>
);
