"use client";

import { Switch } from "radix-ui";
import { Controller } from "react-hook-form";

type Props = {
  readonly path: string;
  readonly title: string;
  readonly attributes: { readonly id: string };
};

export function Toggle({ path, title, attributes }: Props) {
  return (
    <Controller
      name={path}
      render={({ field: { value, onChange, ref } }) => (
        <div className="flex h-10 items-center gap-3">
          <Switch.Root
            {...attributes}
            ref={ref}
            checked={value === true}
            onCheckedChange={onChange}
            className="h-6 w-10 shrink-0 rounded-full bg-line-strong p-0.5 transition-colors data-[state=checked]:bg-clients"
          >
            <Switch.Thumb className="block size-5 rounded-full bg-surface transition-transform data-[state=checked]:translate-x-4" />
          </Switch.Root>
          <label htmlFor={attributes.id} className="text-sm font-medium">
            {title}
          </label>
        </div>
      )}
    />
  );
}
