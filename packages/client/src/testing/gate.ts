import type { Fit } from "./test-session";

/** Computation that takes until it is let go, and notices when it is aborted. */
export function gate() {
  let open = () => {};
  let aborted = 0;
  const fit: Fit = ({ signal }) =>
    new Promise((resolve, reject) => {
      open = resolve;
      signal.addEventListener("abort", () => {
        aborted++;
        reject(signal.reason);
      });
    });
  return { fit, open: () => open(), aborted: () => aborted };
}
