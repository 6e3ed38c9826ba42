import { text } from "../../text/account";

/** Of a link that has not been looked up, or is worth nothing. */
export const LinkState = ({ problem }: { readonly problem: string }) =>
  problem ? (
    <p role="alert" className="text-sm font-medium text-bad">
      {problem}
    </p>
  ) : (
    <p role="status" className="text-sm text-ink-soft">
      {text.links.looking}
    </p>
  );
