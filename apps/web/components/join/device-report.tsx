import type { BackendReport } from "@tandem/engine/choose-backend";
import type { ReactNode } from "react";
import { deviceText } from "../../lib/join/client-sentence";
import { text } from "../../text/taking-part";

const backends = ["webgpu", "webgl", "wasm", "cpu"] as const;

const marks = {
  chosen: { text: text.device.chosen, tone: "text-good" },
  skipped: { text: text.device.skipped, tone: "text-ink-faint" },
  failed: { text: text.device.failed, tone: "text-bad" },
} as const;

type Props = { readonly report: readonly BackendReport[]; readonly probing: boolean };

/** Which ways to compute this browser offers, and why the others were passed over. */
export function DeviceReport({ report, probing }: Props) {
  return (
    <ul className="divide-y divide-line text-sm">
      {backends.map((backend) => {
        const line = report.find((candidate) => candidate.backend === backend);
        const untested = {
          text: probing ? text.device.testing : text.device.untested,
          tone: "text-ink-faint",
        };
        return (
          <Line
            key={backend}
            name={deviceText[backend]}
            mark={line ? marks[line.status] : untested}
            strong={line?.status === "chosen"}
          >
            {line?.reason}
            {line?.milliseconds !== undefined && text.device.step(line.milliseconds)}
          </Line>
        );
      })}
    </ul>
  );
}

type LineProps = {
  readonly name: string;
  readonly mark: { readonly text: string; readonly tone: string };
  readonly strong: boolean;
  readonly children: ReactNode;
};

// As high with its reason as without: nothing moves when the test is done.
function Line({ name, mark, strong, children }: LineProps) {
  return (
    <li className="min-h-14 py-2">
      <div className="flex items-baseline justify-between gap-3">
        <span className={strong ? "font-medium" : "text-ink-soft"}>{name}</span>
        <span className={`text-xs font-medium ${mark.tone}`}>{mark.text}</span>
      </div>
      <p className="mt-0.5 text-xs break-words text-ink-soft">{children}</p>
    </li>
  );
}
