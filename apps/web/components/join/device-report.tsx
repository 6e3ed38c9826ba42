import type { BackendReport } from "@tandem/engine/choose-backend";
import { formatDuration } from "../../lib/format";

const marks = {
  chosen: { text: "In use", tone: "text-good" },
  skipped: { text: "Skipped", tone: "text-ink-faint" },
  failed: { text: "Failed", tone: "text-bad" },
} as const;

const names = { webgpu: "WebGPU", webgl: "WebGL", wasm: "WebAssembly", cpu: "JavaScript" } as const;

/** Which ways to compute this browser offers, and why the others were passed over. */
export function DeviceReport({ report }: { readonly report: readonly BackendReport[] }) {
  return (
    <ul className="divide-y divide-line text-sm">
      {report.map(({ backend, status, reason, milliseconds }) => (
        <li key={backend} className="py-2.5 first:pt-0 last:pb-0">
          <div className="flex items-baseline justify-between gap-3">
            <span className={status === "chosen" ? "font-medium" : "text-ink-soft"}>
              {names[backend]}
            </span>
            <span className={`text-xs font-medium ${marks[status].tone}`}>
              {marks[status].text}
            </span>
          </div>
          <p className="mt-0.5 text-xs break-words text-ink-soft">
            {reason}
            {milliseconds !== undefined && `, in ${formatDuration(milliseconds)}`}
          </p>
        </li>
      ))}
    </ul>
  );
}
