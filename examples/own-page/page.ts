import type { PageToWorker, WorkerToPage } from "@tandem/client/messages";
import { openOwnData } from "@tandem/client/own-data";
import type { LabelledSet } from "@tandem/core/data";
import { u8 } from "@tandem/core/tensor";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";

// page.html?server=https://tandem.example.org&experiment=ID&task=ID (docs/sdk.md)
const query = new URLSearchParams(location.search);
const [url = "", experiment = "", task = ""] = ["server", "experiment", "task"].map(
  (name) => query.get(name) ?? undefined,
);
const [size, side] = [60, 16]; // as many samples, and as large, as the task asks for

/** Circles (class 0) and squares (class 1). */
function draw(): LabelledSet {
  const canvas = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  if (!canvas) throw new Error("This browser draws on no canvas.");
  const pixels = new Uint8Array(size * side * side * 3);
  for (let row = 0; row < size; row++) {
    canvas.fillStyle = "white";
    canvas.fillRect(0, 0, side, side);
    canvas.fillStyle = `hsl(${360 * Math.random()} 80% 30%)`;
    canvas.beginPath();
    if (row % 2 === 0) canvas.arc(8, 8, 3 + 4 * Math.random(), 0, 7);
    else canvas.rect(3 * Math.random(), 3 * Math.random(), 12, 12);
    canvas.fill();
    const rgba = canvas.getImageData(0, 0, side, side).data;
    pixels.set(
      rgba.filter((_, i) => i % 4 < 3),
      row * side * side * 3,
    );
  }
  const labels = Int32Array.from({ length: size }, (_, row) => row % 2);
  return { size, labels, images: u8([size, side, side, 3], pixels) };
}

async function takePart(): Promise<void> {
  await openOwnData(await openIndexedDbClientStore("tandem"), task).keep(draw()); // a fifth held out
  const worker = new Worker("worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<WorkerToPage>) => {
    if (data.type !== "state") return;
    const { phase, round, history, error } = data.state;
    const accuracy = history.map((one) => `${Math.round(100 * one.accuracy)} %`).join(", ");
    show(error?.message ?? `${phase}, round ${round}, accuracy ${accuracy || "not known yet"}`);
  });
  const options = { url, experiment, task, wasmPath: `${url}/tfjs/` };
  worker.postMessage({ type: "join", options } satisfies PageToWorker);
}

function show(text: string) {
  const status = document.querySelector("[role=status]");
  if (status) status.textContent = text;
}

document.querySelector("button")?.addEventListener("click", () => {
  takePart().catch((error: Error) => show(error.message));
});
