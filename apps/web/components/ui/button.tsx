import { Children, type ComponentProps, cloneElement, isValidElement } from "react";

const tones = {
  primary: "bg-clients text-on-clients hover:brightness-110",
  quiet: "border border-line-strong bg-surface text-ink hover:bg-sunken",
  bare: "text-ink-soft hover:bg-sunken hover:text-ink",
  danger: "border border-line-strong bg-surface text-bad hover:bg-bad-soft",
} as const;

type Props = ComponentProps<"button"> & {
  readonly tone?: keyof typeof tones;
  /** Draws the child (a link) as the button. */
  readonly asChild?: boolean;
};

export function Button({ tone = "quiet", asChild = false, className = "", ...props }: Props) {
  const look = `inline-flex min-h-10 items-center justify-center gap-2 rounded-lg px-4 text-sm font-medium whitespace-nowrap transition-[background,filter] disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 ${tones[tone]} ${className}`;
  if (!asChild) return <button type="button" {...props} className={look} />;
  const child = Children.only(props.children);
  if (!isValidElement<{ className?: string }>(child))
    throw new Error("a button drawn as its child needs an element");
  return cloneElement(child, { className: look });
}
