import { mkdir, writeFile } from "node:fs/promises";
import { concatenate } from "@tandem/core/data";
import { vendors } from "@tandem/datasets/emoji-concepts";
import { loadEmojiStyle } from "@tandem/datasets/emoji-style";
import { startNodeEngine } from "@tandem/engine/node";
import { accuracy, judge, trainEvaluator } from "@tandem/evaluation/evaluator";
import { encodeSafetensors } from "@tandem/protocol/safetensors";

// Trained on the concepts that neither a client nor the teacher sees, in every style.
const data = await loadEmojiStyle();
await startNodeEngine();
const seen = concatenate(vendors.flatMap((vendor) => [data.validation[vendor], data.test[vendor]]));
const weights = await trainEvaluator(seen, {
  classes: data.classes.length,
  epochs: 40,
  seed: 1,
  onEpoch: (epoch, loss) => {
    if (epoch % 5 === 0) console.log(`epoch ${epoch}/40  loss ${loss.toFixed(3)}`);
  },
});
const unseen = concatenate(vendors.map((vendor) => data.private[vendor]));
if (!unseen.images || !seen.images) throw new Error("Emoji-Style holds images");
const report = {
  trainedOn: "validation and test concepts, four vendors",
  samples: seen.size,
  accuracy: accuracy(judge(weights, seen.images).logits, seen.labels),
  accuracyOnUnseenConcepts: accuracy(judge(weights, unseen.images).logits, unseen.labels),
};
await mkdir("public/evaluators", { recursive: true });
await writeFile("public/evaluators/emoji-style.safetensors", encodeSafetensors(weights));
await writeFile("public/evaluators/emoji-style.json", `${JSON.stringify(report, null, 2)}\n`);
console.log(report);
