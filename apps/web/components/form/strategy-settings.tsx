import { useEffect, useRef } from "react";
import { get, useFormContext } from "react-hook-form";
import type { Field } from "../../lib/form/schema-fields";
import { FieldInput } from "./field-input";

/** Few enough to read; a strategy with a few more shows them all. */
const [shown, most] = [9, 15];

/** The first settings of a strategy, and the others behind a line to open, which a mistake opens too. */
export function StrategySettings({
  fields,
  path,
}: {
  readonly fields: readonly Field[];
  readonly path: string;
}) {
  const { formState } = useFormContext();
  const count = fields.length > most ? shown : fields.length;
  const rest = fields.slice(count);
  const hasMistake = rest.some(({ name }) => get(formState.errors, `${path}.${name}`));
  const details = useRef<HTMLDetailsElement>(null);
  // After each attempt to send, even if it has been closed since.
  useEffect(() => {
    if (hasMistake && details.current) details.current.open = true;
  }, [hasMistake, formState.submitCount]);
  return (
    <>
      <Fields fields={fields.slice(0, count)} path={path} />
      {rest.length > 0 && (
        <details ref={details} className="mt-6">
          <summary className="cursor-pointer rounded-lg py-2 text-sm font-medium">
            {rest.length} more settings
          </summary>
          <div className="mt-4">
            <Fields fields={rest} path={path} />
          </div>
        </details>
      )}
    </>
  );
}

function Fields({ fields, path }: { readonly fields: readonly Field[]; readonly path: string }) {
  return (
    <div className="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">
      {fields.map((field) => (
        <FieldInput key={`${path}.${field.name}`} field={field} path={`${path}.${field.name}`} />
      ))}
    </div>
  );
}
