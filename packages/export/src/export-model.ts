import { type ClientModality, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { createTokenizer } from "@tandem/core/tokenizer";
import { architectureNamed } from "@tandem/models/registry";
import { encodeSafetensors } from "@tandem/protocol/safetensors";
import { strToU8, zipSync } from "fflate";
import { layersFiles } from "./layers-files";
import { createStockModel } from "./layers-model";
import { modelCard } from "./model-card";
import { checkSizes, type ModelToTake } from "./model-to-take";
import { onnxOf } from "./onnx";
import { javascriptTokenizer, pythonTokenizer } from "./tokenizers";

/**
 * The model as files by name: model.json with weights.bin (tfjs), model.onnx, model.safetensors, classes.json,
 * README.md, and for texts vocabulary.json and tokenizers. The same model gives the same bytes. Needs a
 * backend of tfjs. Throws `bad-config` where a size or a vocabulary is missing, `bad-data` for weights of another
 * model, `too-large` above the limits.
 */
export async function modelFiles(
  taken: ModelToTake,
): Promise<Readonly<Record<string, Uint8Array>>> {
  checkSizes(taken);
  const { architecture, weights, classes, vocabulary } = taken;
  const { modality } = architectureNamed(architecture);
  const imageSize = sizeOf(taken, modality);
  const tokenizer = tokenizerOf(taken, modality);
  const stock = createStockModel({
    architecture,
    weights,
    classes: classes.length,
    imageSize,
    vocabularySize: tokenizer?.size ?? 0,
    length: tokenizer?.length ?? 0,
  });
  try {
    const words = tokenizer &&
      vocabulary && {
        "vocabulary.json": json({ length: tokenizer.length, padding: 0, ...vocabulary }),
        "tokenizer.mjs": strToU8(javascriptTokenizer),
        "tokenizer.py": strToU8(pythonTokenizer),
      };
    return {
      "README.md": strToU8(modelCard(taken, modality)),
      "classes.json": json(classes),
      ...(await layersFiles(stock.model)),
      "model.onnx": await onnxOf(stock.outputs),
      "model.safetensors": encodeSafetensors(weights, {
        format: "tandem",
        architecture,
        classes: JSON.stringify(classes),
        experiment: taken.training.experiment,
      }),
      ...words,
    };
  } finally {
    stock.dispose();
  }
}

/** `modelFiles` as one zip. */
export const exportModel = async (taken: ModelToTake): Promise<Uint8Array> =>
  // Floats hardly shrink; 1980 is the first year that zip can tell.
  zipSync(await modelFiles(taken), { level: 0, mtime: new Date(1980, 0) });

const json = (value: unknown) => strToU8(`${JSON.stringify(value, null, 1)}\n`);

function sizeOf({ imageSize, architecture }: ModelToTake, modality: ClientModality): number {
  if (!modalitiesOf(modality).includes("image")) return 0;
  if (imageSize === undefined)
    throw new TandemError("bad-config", `${architecture} reads pictures: say their imageSize.`);
  return imageSize;
}

function tokenizerOf({ vocabulary, architecture }: ModelToTake, modality: ClientModality) {
  if (!modalitiesOf(modality).includes("text")) return undefined;
  if (!vocabulary)
    throw new TandemError("bad-config", `${architecture} reads texts: give its vocabulary.`);
  return createTokenizer(vocabulary);
}
