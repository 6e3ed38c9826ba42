import { type ClientModality, modalitiesOf } from "@tandem/core/data";
import { messageOf, TandemError } from "@tandem/core/errors";
import { createTokenizer } from "@tandem/core/tokenizer";
import type { BackboneFiles } from "@tandem/models/backbone/files";
import { architectureNamed } from "@tandem/models/registry";
import { encodeSafetensors } from "@tandem/protocol/safetensors";
import { strToU8, zipSync } from "fflate";
import { layersFiles } from "./layers-files";
import { createStockModel, type StockModel } from "./layers-model";
import { modelCard } from "./model-card";
import { checkSizes, type ModelToTake } from "./model-to-take";
import { openStockBackbone } from "./on-backbone";
import { onnxOf } from "./onnx";
import { javascriptTokenizer, pythonTokenizer } from "./tokenizers";

/**
 * The model as files by name: model.json with weights.bin (tfjs), model.onnx, model.safetensors, classes.json,
 * README.md, and for texts vocabulary.json and tokenizers. A backbone of layers is a part of the first three;
 * one that is a graph is not, and where one cannot be written as ONNX, README.md says why. The same model
 * gives the same bytes. Needs a backend of tfjs. Throws `bad-config` where a size, a vocabulary or the
 * backbone's files are missing, `bad-data` for weights of another model, `too-large` above the limits.
 */
export async function modelFiles(
  taken: ModelToTake,
  files?: BackboneFiles,
): Promise<Readonly<Record<string, Uint8Array>>> {
  checkSizes(taken);
  const { architecture, weights, classes, vocabulary, encoder } = taken;
  const { modality } = architectureNamed(architecture);
  const imageSize = sizeOf(taken, modality);
  const tokenizer = tokenizerOf(taken, modality);
  const { reference, format } = backboneOf(taken, files);
  const backbone =
    files && reference && format === "layers"
      ? await openStockBackbone(files, reference)
      : undefined;
  let stock: StockModel | undefined;
  try {
    stock = createStockModel({
      architecture,
      weights,
      classes: classes.length,
      imageSize,
      vocabularySize: tokenizer?.size ?? 0,
      length: tokenizer?.length ?? 0,
      ...(reference && { featureSize: reference.features }),
      ...(backbone && { backbone }),
      encoder,
    });
    const onnx = await onnxOrWhyNot(stock.outputs, backbone !== undefined || encoder !== undefined);
    const words = tokenizer &&
      vocabulary && {
        "vocabulary.json": json({ length: tokenizer.length, padding: 0, ...vocabulary }),
        "tokenizer.mjs": strToU8(javascriptTokenizer),
        "tokenizer.py": strToU8(pythonTokenizer),
      };
    return {
      "README.md": strToU8(
        modelCard(taken, modality, {
          isHead: format === "graph",
          ...("reason" in onnx && { withoutOnnx: onnx.reason }),
        }),
      ),
      "classes.json": json(classes),
      ...(await layersFiles(stock.model)),
      ...("bytes" in onnx && { "model.onnx": onnx.bytes }),
      "model.safetensors": encodeSafetensors(weights, {
        format: "tandem",
        architecture,
        classes: JSON.stringify(classes),
        experiment: taken.training.experiment,
      }),
      ...words,
    };
  } finally {
    stock?.dispose();
    backbone?.dispose();
  }
}

/** `modelFiles` as one zip. */
export const exportModel = async (...given: Parameters<typeof modelFiles>): Promise<Uint8Array> =>
  // Floats hardly shrink; 1980 is the first year that zip can tell.
  zipSync(await modelFiles(...given), { level: 0, mtime: new Date(1980, 0) });

/** Throws `bad-config` where the model stands on one that is not given. */
function backboneOf({ architecture, backbone }: ModelToTake, files: BackboneFiles | undefined) {
  if (architectureNamed(architecture).needs !== "features") return {};
  if (backbone && files) return { reference: backbone, format: files.format };
  throw new TandemError(
    "bad-config",
    `${architecture} reads what a backbone makes of pictures: give the backbone's files.`,
  );
}

/** All of our own layers can be written; what somebody brought may have others. */
async function onnxOrWhyNot(
  outputs: StockModel["outputs"],
  isBrought: boolean,
): Promise<{ readonly bytes: Uint8Array } | { readonly reason: string }> {
  try {
    return { bytes: await onnxOf(outputs) };
  } catch (error) {
    if (!isBrought) throw error;
    return { reason: messageOf(error) };
  }
}

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
