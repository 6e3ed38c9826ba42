import { clientModalities } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { normalisations, pictureSizes, type Task } from "@tandem/core/task";
import * as z from "zod/mini";
import { described } from "./described";
import { localeError, parsedBy } from "./parsed-by";
import { storable } from "./text";

/** Ids of tasks, which no data set's name is like. */
export const isTaskId = (text: string): boolean => /^task-[0-9a-f]{16}$/.test(text);

/** Of one task: class times attribute words. */
export const maxPrompts = 4096;
/** Lists of attributes of one task. */
export const mostAttributes = 5;

/** Trimmed, in the one spelling that Unicode has for it. */
const line = (maxLength: number, minLength = 1) =>
  z.string().check(
    z.trim(),
    z.normalize("NFC"),
    z.minLength(minLength),
    z.maxLength(maxLength),
    storable,
    z.refine((value) => !/\p{Cc}/u.test(value), "must be one line without control characters"),
  );

/** Two texts that people read as the same. */
const folded = (value: string) => value.normalize("NFKC").toLowerCase();

/** The first that comes twice. */
function repeated(values: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return values.find((value) => seen.size === seen.add(folded(value)).size);
}

const distinct = (what: string) =>
  z.check<readonly string[]>((context) => {
    const twice = repeated(context.value);
    if (twice !== undefined)
      context.issues.push({
        code: "custom",
        input: context.value,
        message: `${what} "${twice}" comes twice`,
      });
  });

/** Pictures of a class lie in a folder of this name. */
const className = line(60).check(
  z.refine(
    (name) => !/[/\\]|^\.|\.$/.test(name),
    "names a folder: use neither / nor \\, and no dot at either end",
  ),
);

const taskClass = z
  .strictObject({
    name: className,
    words: z._default(z.array(line(60)).check(z.maxLength(20), distinct("the word")), []),
  })
  .check(z.overwrite(({ name, words }) => ({ name, words: words.length > 0 ? words : [name] })));

const classes = z.array(taskClass).check(
  z.minLength(2),
  z.maxLength(64),
  z.check((context) => {
    const { value } = context;
    const name = repeated(value.map((one) => one.name));
    const word = repeated(value.flatMap(({ words }) => [...new Set(words.map(folded))]));
    if (name !== undefined || word !== undefined)
      context.issues.push({
        code: "custom",
        input: value,
        message:
          name !== undefined
            ? `two classes are called "${name}"`
            : `the word "${word}" is of two classes: a prompt with it would ask for either`,
      });
  }),
);

const teacherKinds = [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("shipped"),
    checkpoint: z
      .string()
      .check(z.regex(/^[\w-]{1,64}$/, "must be the name of a folder of public/teacher")),
  }),
  z.strictObject({ kind: z.literal("folder"), path: line(500) }),
  z.strictObject({ kind: z.literal("remote") }),
  z.strictObject({ kind: z.literal("trained") }),
] as const;
export const teacher = z.discriminatedUnion("kind", teacherKinds, {
  error: "kind: use one of none, shipped, folder, remote, trained",
});

const prompts = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("words"),
    attributes: z._default(
      z
        .array(z.array(line(60)).check(z.minLength(1), z.maxLength(20), distinct("the attribute")))
        .check(z.maxLength(mostAttributes)),
      [],
    ),
  }),
  z.strictObject({ kind: z.literal("captions") }),
]);

const sha256Wanted =
  "must be 64 lower-case hexadecimal digits, as `npm run backbone -- check` tells";
const modality = z.enum(clientModalities);
const whole = (minimum: number, maximum: number) =>
  z.int().check(z.minimum(minimum), z.maximum(maximum));

/** As a join's reply has it, too. */
export const backbone = z.strictObject({
  url: line(2000).check(
    z.regex(
      /^(https:\/\/|\/(?![/\\]))/,
      "must be the https address of a model.json, or a path on this server such as /backbones/NAME/model.json",
    ),
  ),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/, sha256Wanted)),
  layer: z.exactOptional(line(200)),
  normalisation: z.enum(normalisations),
  size: whole(8, 224),
  features: whole(2, 4096),
});

/** Likewise. Its numbers may take as much as the weights of its files. */
export const encoder = z.extend(backbone, { parameters: whole(1, 2 ** 24) });

/** Everything has a default except name and classes, and what reads pictures; unknown keys are refused. */
export const task = z
  .strictObject({
    name: described(line(80), "Name", "Shown to participants."),
    description: described(
      z._default(z.string().check(z.trim(), z.maxLength(2000), storable), ""),
      "Description",
      "What the study is about, for participants: what it is for, and which samples they should bring.",
    ),
    classes: described(
      classes,
      "Classes",
      "What a sample can be, 2 to 64. Words are what people call a class; the first is used in prompts.",
    ),
    modalities: described(
      z._default(
        z.array(modality).check(z.minLength(1), z.maxLength(3), distinct("the kind of sample")),
        ["image", "text", "image-text"],
      ),
      "Kinds of samples",
      "What participants may bring: pictures, texts, or pictures with captions.",
    ),
    pictures: described(
      z._default(
        z.strictObject({
          size: z._default(z.literal([...pictureSizes]), 32),
          colour: z._default(z.boolean(), true),
          background: z._default(whole(0, 255), 255),
        }),
        { size: 32, colour: true, background: 255 },
      ),
      "Pictures",
      "Height and width in pixels that every picture is scaled to, whether they have colour, and the grey level (0-255) behind transparent and narrow ones.",
    ),
    prompts: described(
      z._default(prompts, { kind: "words", attributes: [] }),
      "Prompts",
      "What the teacher is asked to paint: each class with each combination of attributes, or the captions of the public set.",
    ),
    publicLicence: described(
      z._default(line(200, 0), ""),
      "Licence of the public set",
      "Under which terms the public pictures and captions may be used, such as CC-BY-4.0. Needed where there is a public set.",
    ),
    least: described(
      z._default(
        z.strictObject({
          participant: z._default(whole(1, 100_000), 10),
          class: z._default(whole(1, 10_000), 2),
        }),
        { participant: 10, class: 2 },
      ),
      "Samples at least",
      "What a participant must bring to take part: in all, and of each class that they have any of.",
    ),
    organiser: described(
      z._default(
        z.strictObject({
          name: z._default(line(80, 0), ""),
          contact: z._default(line(200, 0), ""),
        }),
        { name: "", contact: "" },
      ),
      "Organiser",
      "Who runs the study, and how participants can reach them.",
    ),
    teacher: described(
      z._default(teacher, { kind: "none" }),
      "Teacher",
      "Who paints: a base that Tandem ships, a diffusers folder on the server, an images API, a base that this server has trained from the public set, or nobody.",
    ),
    backbone: described(
      z.exactOptional(backbone),
      "Backbone",
      "A frozen model that turns each picture into features, on which participants train small heads: its address, hash and format as the check tells them. Absent: models read the pictures.",
    ),
    encoder: described(
      z.exactOptional(encoder),
      "Encoder",
      "A LayersModel that reads the pictures and that every participant trains, each from the weights in its files: its address, hash and format as the check tells them. Absent: models have encoders of ours.",
    ),
  })
  .check(
    z.check((context) => {
      const { value } = context;
      const count = promptCount(value);
      if (count > maxPrompts)
        context.issues.push({
          code: "custom",
          path: ["prompts", "attributes"],
          input: value.prompts,
          message: `classes and attributes make ${count} prompts, more than ${maxPrompts}: use fewer attributes`,
        });
      if (value.backbone && value.encoder)
        context.issues.push({
          code: "custom",
          path: ["encoder"],
          input: value.encoder,
          message: "a backbone is frozen and an encoder is trained: leave one of them out",
        });
      const isTexts = value.modalities.every((one) => one === "text");
      for (const [key, what] of [
        ["backbone", "a backbone"],
        ["encoder", "an encoder"],
      ] as const)
        if (value[key] && isTexts)
          context.issues.push({
            code: "custom",
            path: [key],
            input: value[key],
            message: `participants bring texts alone, and ${what} reads pictures: leave it out`,
          });
    }),
  );

/** As written: what has a default may be left out. */
export type TaskInput = z.input<typeof task>;

/** Class times attribute words; 0 with captions. */
export const promptCount = ({ classes, prompts }: Pick<Task, "classes" | "prompts">): number =>
  prompts.kind === "words"
    ? prompts.attributes.reduce((product, list) => product * list.length, classes.length)
    : 0;

/** Throws `bad-config` naming the first field that is wrong. */
export const parseTask = (input: unknown): Task => parsedBy(task, input);

/** Throws `bad-config` for a public set that nobody may use. */
export function requireLicence({ publicLicence }: Task, hasPublicSet: boolean): void {
  if (hasPublicSet && publicLicence === "")
    throw new TandemError(
      "bad-config",
      "publicLicence: say under which terms the public set may be used, such as CC-BY-4.0",
    );
}

export type TaskIssue = {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of what is too short or too long, too little or too much: the bound. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** What is bounded: "string", "array", "number" or "int". */
  readonly origin?: string;
};

/** All that is wrong with a definition, for forms; empty: it parses. */
export function issuesOfTask(input: unknown): readonly TaskIssue[] {
  const parsed = z.safeParse(task, input, { error: localeError });
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => {
    const { path, message } = issue;
    if (issue.code === "too_small")
      return { path, message, origin: issue.origin, minimum: Number(issue.minimum) };
    if (issue.code === "too_big")
      return { path, message, origin: issue.origin, maximum: Number(issue.maximum) };
    return { path, message };
  });
}

/** Compile-time proof that schema and vocabulary agree. */
const agrees = (parsed: z.infer<typeof task>): Task => parsed;
void agrees;
