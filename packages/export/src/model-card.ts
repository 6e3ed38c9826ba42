import { type ClientModality, type Modality, modalitiesOf } from "@tandem/core/data";
import { formatPercent, plural } from "@tandem/core/format";
import type { BackboneReference, Normalisation } from "@tandem/core/task";
import { createTokenizer } from "@tandem/core/tokenizer";
import { imagenet } from "@tandem/models/backbone/shapes";
import { architectureNamed } from "@tandem/models/registry";
import type { ModelToTake } from "./model-to-take";

/** Text from people as one line that Markdown shows as it is. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_{}[\]<>#|~&!]/g, (character) => `\\${character}`);

/** What opens model.json; Tandem itself does without the whole of it. */
const library = "@tensorflow/tfjs";

const what: Readonly<Record<ClientModality, string>> = {
  image: "pictures",
  text: "short texts",
  "image-text": "pictures and short texts",
};

/** How the files came out. */
export type Outcome = {
  /** What makes the features is not part of the files. */
  readonly isHead: boolean;
  readonly withoutOnnx?: string;
};

/** README.md of an exported model. */
export function modelCard(taken: ModelToTake, modality: ClientModality, outcome: Outcome): string {
  const { architecture, classes, task, training, history = [] } = taken;
  const { title } = architectureNamed(architecture);
  const sections = [
    `# ${plain(task.name)}`,
    plain(task.description),
    `A model that sorts ${what[modality]} into ${plural(classes.length, "class", "classes")}: ${classes.map(plain).join(", ")}.`,
    "## What it is",
    [
      `- Architecture: ${title} (\`${architecture}\`)`,
      `- Trained on: ${plain(training.data)}`,
      `- With: ${plain(training.strategy)}, ${plural(training.rounds, "round")} of experiment ${plain(training.experiment)}`,
    ].join("\n"),
    "## How well it does",
    accuracyOf(taken),
    ...(history.length > 0 ? [historyOf(history)] : []),
    ...(taken.backbone ? ["## Its backbone", backboneText(taken.backbone, outcome)] : []),
    "## How to load it",
    inputsOf(taken, modality, outcome),
    `JavaScript, with [TensorFlow.js](https://www.npmjs.com/package/${library}) in a page:`,
    fenced("js", javascript(taken, modality, outcome)),
    ...(outcome.withoutOnnx === undefined
      ? [
          "Python, with `pip install onnxruntime numpy pillow regex`:",
          fenced("python", python(taken, modality, outcome)),
        ]
      : [`There is no model.onnx. ${plain(outcome.withoutOnnx)}`]),
    `\`model.safetensors\` has the weights${taken.backbone ? " of the head alone, without the backbone's," : ""} under the names that Tandem gives them.`,
    "## Licences",
    `${task.publicLicence.trim() === "" ? "The task names no licence of public samples" : `Public samples of the task: ${plain(task.publicLicence)}; whether the weights are bound by that is not settled everywhere`}. These files hold no samples, but a model can tell something about what it was trained on. Tandem, which wrote the files, is under Apache-2.0.`,
  ];
  return `${sections.filter(Boolean).join("\n\n")}\n`;
}

const names: Readonly<Record<Modality, string>> = { image: "Pictures", text: "Texts" };

function accuracyOf({ results }: ModelToTake): string {
  if (results.length === 0) return "It was not measured.";
  return results
    .map(({ modality, accuracy: { hits, count, share, interval }, on }) => {
      const [low, high] = interval.map(formatPercent);
      const measured =
        share === undefined
          ? "not measured"
          : `${formatPercent(share)}, ${hits} of ${count} right; with 95 % confidence between ${low} and ${high} (Wilson)`;
      return `- ${names[modality]}: ${measured}. Measured on ${plain(on)}.`;
    })
    .join("\n");
}

const historyOf = (history: NonNullable<ModelToTake["history"]>): string =>
  [
    "| Round | Accuracy |",
    "| ----: | -------: |",
    ...history.map(({ round, accuracy }) => `| ${round} | ${formatPercent(accuracy)} |`),
  ].join("\n");

/** What lies before the head. */
function backboneText(
  { url, sha256, layer, normalisation, size, features }: BackboneReference,
  { isHead }: Outcome,
): string {
  const where = url.startsWith("/") ? `${plain(url)} on the study's server` : plain(url);
  return [
    isHead
      ? "These files hold the head alone: the backbone is a graph of operations, which is not copied. It goes before the head."
      : "It is a part of model.json, frozen, with what it does to pixels first; only the head has been trained.",
    [
      `- Files: ${where}`,
      `- SHA-256 of model.json and its weight files, one after the other: \`${sha256}\``,
      `- Features: ${features} numbers, the output of ${layer === undefined ? "the model" : `\`${plain(layer)}\``}; of a map of them, the mean over its positions`,
      `- It is fed ${size} x ${size} pixels, ${fedText[normalisation]}`,
    ].join("\n"),
    "Its licence is that of whoever made it.",
  ].join("\n\n");
}

const fedText: Readonly<Record<Normalisation, string>> = {
  "0..255": "from 0 to 255",
  "0..1": "divided by 255, so from 0 to 1",
  "-1..1": "divided by 127.5, less 1, so from -1 to 1",
  imagenet: `from 0 to 255, less ${imagenet.mean.join(", ")}, by ${imagenet.deviation.join(", ")} (red, green, blue)`,
};

function inputsOf(
  { imageSize, vocabulary, backbone }: ModelToTake,
  modality: ClientModality,
  { isHead }: Outcome,
): string {
  const length = vocabulary && createTokenizer(vocabulary).length;
  const lines = modalitiesOf(modality).map((name) =>
    name === "image" && isHead
      ? `- \`features\`: float32 (N, ${backbone?.features}), what the backbone makes of pictures.`
      : name === "image"
        ? `- \`image\`: float32 (N, ${imageSize}, ${imageSize}, 3), red, green, blue from 0 to 1; grey pictures have three equal channels.`
        : `- \`text\`: ids (N, ${length}), int32 in model.json, int64 in model.onnx. A text is put in NFC and lower case and cut into words; its first ${length} become ids, and 0 fills the rest. Words that are not in vocabulary.json share ${vocabulary?.buckets} ids by a hash. tokenizer.mjs and tokenizer.py do this.`,
  );
  const blank =
    modality === "image-text"
      ? "\n\nBoth inputs have to be there; where there is only a picture or only a text, give zeros for the other and leave its outputs. Embeddings are unit rows: the inner product of a picture's and a text's says how well they match."
      : "";
  return `Inputs:\n\n${lines.join("\n")}${blank}`;
}

const fenced = (language: string, lines: readonly string[]): string =>
  [`\`\`\`${language}`, ...lines, "```"].join("\n");

/** How a card's code brings a picture to the study's form: whole, in a square, on its background. */
function framed({ imageSize: size = 0, pictures }: ModelToTake) {
  const { colour, background: grey } = pictures ?? { colour: true, background: 255 };
  return {
    javascript: [
      "// Its whole in a square, as in the study.",
      'const img = document.querySelector("img");',
      `const context = new OffscreenCanvas(${size}, ${size}).getContext("2d");`,
      'context.imageSmoothingQuality = "high";',
      `context.fillStyle = "rgb(${grey} ${grey} ${grey})";`,
      `context.fillRect(0, 0, ${size}, ${size});`,
      `const scale = ${size} / Math.max(img.naturalWidth, img.naturalHeight);`,
      "const [width, height] = [img.naturalWidth * scale, img.naturalHeight * scale];",
      `context.drawImage(img, (${size} - width) / 2, (${size} - height) / 2, width, height);`,
      `const pixels = tf.browser.fromPixels(context.canvas)${colour ? "" : ".toFloat()"};`,
      `const image = ${colour ? "pixels" : "tf.image.rgbToGrayscale(pixels).tile([1, 1, 3])"}.div(255).expandDims();`,
    ],
    python: [
      "# Its whole in a square, as in the study.",
      `picture = ImageOps.exif_transpose(Image.open("picture.png")).convert("${colour ? "RGB" : "L"}")${colour ? "" : '.convert("RGB")'}`,
      `picture = ImageOps.pad(picture, (${size}, ${size}), color=(${grey}, ${grey}, ${grey}))`,
      "image = numpy.asarray(picture, numpy.float32)[None] / 255",
    ],
  };
}

function javascript(
  taken: ModelToTake,
  modality: ClientModality,
  { isHead }: Outcome,
): readonly string[] {
  const own = modalitiesOf(modality);
  const ids = `tf.tensor2d([encode("red and round", await json("vocabulary.json"))], undefined, "int32")`;
  const outputs = {
    image: ["probabilities"],
    text: ["probabilities"],
    "image-text": ["probabilities", "ofText", "pictureEmbedding", "textEmbedding"],
  }[modality];
  const predicted = `model.predict(${own.length > 1 ? "[image, text]" : own[0]})`;
  return [
    `import * as tf from "${library}";`,
    ...(own.includes("text") ? ['import { encode } from "./tokenizer.mjs";'] : []),
    "const json = async (file) => (await fetch(file)).json();",
    'const model = await tf.loadLayersModel("model.json");',
    ...(own.includes("image") && isHead
      ? [
          "// What the backbone makes of a picture.",
          `const image = tf.tensor2d(features, [1, ${taken.backbone?.features}]);`,
        ]
      : []),
    ...(own.includes("image") && !isHead ? framed(taken).javascript : []),
    ...(own.includes("text") ? [`const text = ${ids};`] : []),
    `const [${outputs.join(", ")}] = [${predicted}].flat();`,
    'console.log((await json("classes.json"))[probabilities.argMax(-1).dataSync()[0]]);',
  ];
}

function python(
  taken: ModelToTake,
  modality: ClientModality,
  { isHead }: Outcome,
): readonly string[] {
  const own = modalitiesOf(modality);
  const hasImage = own.includes("image") && !isHead;
  const hasText = own.includes("text");
  const inputs = own
    .map((name) => `"${name === "image" && isHead ? "features" : name}": ${name}`)
    .join(", ");
  return [
    "import json, numpy, onnxruntime",
    ...(hasImage ? ["from PIL import Image, ImageOps"] : []),
    ...(hasText ? ["from tokenizer import encode"] : []),
    ...(hasImage ? framed(taken).python : []),
    ...(own.includes("image") && isHead
      ? [
          "# What the backbone makes of a picture.",
          `image = numpy.asarray(features, numpy.float32).reshape(1, ${taken.backbone?.features})`,
        ]
      : []),
    ...(hasText
      ? [
          'text = numpy.array([encode("red and round", json.load(open("vocabulary.json")))], numpy.int64)',
        ]
      : []),
    'model = onnxruntime.InferenceSession("model.onnx")',
    `[probabilities] = model.run(["${own[0]}_probabilities"], {${inputs}})`,
    'print(json.load(open("classes.json"))[probabilities[0].argmax()])',
  ];
}
