import { pictureAt } from "../../lib/base-path";

type Props = { readonly src: string; readonly label: string; readonly className?: string };

/** Many small pictures in one file, drawn without blur. */
export const Sheet = ({ src, label, className = "" }: Props) => (
  <img
    src={pictureAt(src)}
    alt={label}
    className={`pixels rounded-lg border border-line bg-white ${className}`}
  />
);
