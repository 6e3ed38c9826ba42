import { writeFile } from "node:fs/promises";
import { encoderArchitectures } from "@tandem/core/model";
import { vendors } from "@tandem/datasets/emoji/concepts";
import { datasetNames } from "@tandem/datasets/registry";
import { architectures } from "@tandem/models/registry";
import { Command, Option } from "commander";
import { machineLine, thisMachine } from "../harness/machine";
import { atLeast, interruptible, listOf, natural, positive, seeds, whole } from "../options";
import { type AggregationJob, aggregationTable } from "./aggregation-report";
import { type BackboneJob, backboneTable } from "./backbone-report";
import { type BrowserJob, benchBrowser, browserBackends, browserTable } from "./browser";
import {
  type CheckpointingReport,
  checkpointingTable,
  checkpointingVariants,
} from "./checkpointing";
import { benchComparison, type ComparisonJob, comparisonTable } from "./comparison";
import { type CriticJob, criticTable } from "./critic-report";
import { engineTable } from "./engine-report";
import { benchJourney, type JourneyJob, journeyTable } from "./journey";
import { benchLeak, type LeakJob, leakPlot, leakTable } from "./leak";
import { benchLighthouse, type LighthouseJob, lighthouseTable } from "./lighthouse";
import { type MembershipJob, membershipTable, plantedAmong } from "./membership-report";
import { progress, runBench } from "./run";
import { json, save } from "./save";
import { connectionsCommand, overheadCommand, protocolCommand } from "./server-commands";
import { type TeacherJob, teacherTables } from "./teacher-report";

const python = [
  "--python <path>",
  "interpreter for the native comparisons (default: the first of python3 and /usr/bin/python3 that can)",
] as const;

export const benchCommand = (): Command =>
  new Command("bench")
    .description("measure this machine; candidates take turns, and figures are medians")
    .addCommand(engineCommand())
    .addCommand(teacherCommand())
    .addCommand(checkpointingCommand())
    .addCommand(browserCommand())
    .addCommand(journeyCommand())
    .addCommand(comparisonCommand())
    .addCommand(lighthouseCommand())
    .addCommand(leakCommand())
    .addCommand(membershipCommand())
    .addCommand(criticCommand())
    .addCommand(aggregationCommand())
    .addCommand(backboneCommand())
    .addCommand(protocolCommand())
    .addCommand(connectionsCommand())
    .addCommand(overheadCommand());

const engineCommand = () =>
  new Command("engine")
    .description("GFLOP/s of matmul and convolution per engine, and as ratios of a native sgemm")
    .option("--seconds <n>", "seconds for each operation, shared by the engines", positive, 6)
    .option(...python)
    .option(...json)
    .action((options: { seconds: number; python?: string; json?: string }) =>
      interruptible(async (signal) => {
        const report = await runBench({ kind: "engine", ...options }, signal);
        process.stdout.write(engineTable(report));
        await save(options.json, report);
      }),
    );

const teacherCommand = () =>
  new Command("teacher")
    .description(
      "images/s, training samples/s and LoRA steps/s, beside PyTorch where it is installed",
    )
    .option("--model <dir...>", "pipeline folders in diffusers' layout", [
      "public/teacher/fmnist",
      "public/teacher/clipart",
    ])
    .option("--seconds <n>", "seconds for each of the three, shared with PyTorch", positive, 30)
    .option("--threads <n>", "threads of ONNX Runtime and PyTorch", natural, 2)
    .option("--images <n>", "pictures painted together", natural, 16)
    .option("--batch <n>", "samples of a training step", natural, 32)
    .option("--lora-batch <n>", "samples of a LoRA step", natural, 16)
    .option("--rank <n>", "rank of the adapter", natural, 4)
    .option(...python)
    .option(...json)
    .action((options: Omit<TeacherJob, "kind" | "model"> & TeacherOptions) =>
      interruptible(async (signal) => {
        const { model: models, json: path, ...job } = options;
        const reports = [];
        for (const model of models) {
          const report = await runBench({ kind: "teacher", model, ...job }, signal);
          process.stdout.write(teacherTables(report));
          reports.push(report);
        }
        await save(path, reports);
      }),
    );
type TeacherOptions = { readonly model: readonly string[]; readonly json?: string };

const checkpointingCommand = () =>
  new Command("checkpointing")
    .description("memory and time of a training step with and without gradient checkpointing")
    .option("--side <n>", "height and width of the latents", natural, 64)
    .option("--steps <n>", "steps of each kind", natural, 5)
    .option("--threads <n>", "threads of ONNX Runtime", natural, 2)
    .option(...json)
    .action((options: { side: number; steps: number; threads: number; json?: string }) =>
      interruptible(async (signal) => {
        const reports: CheckpointingReport[] = [];
        for (const variant of checkpointingVariants)
          reports.push(await runBench({ kind: "checkpointing", ...variant, ...options }, signal));
        process.stdout.write(checkpointingTable(reports));
        await save(options.json, reports);
      }),
    );

const browserCommand = () =>
  new Command("browser")
    .description("training steps of client models in Chromium, per backend and as ratios of wasm")
    .addOption(
      new Option("--backends <name...>", "backends to compare")
        .choices(browserBackends)
        .default(["webgpu", "webgl", "wasm"]),
    )
    .addOption(
      new Option("--architectures <name...>", "client models to measure")
        .choices([...architectures.map(({ name }) => name), encoderArchitectures.image])
        .default(["cnn-small", "cnn-wide", "vit", "gru", "dual-cnn-bag"]),
    )
    .option("--batch <n>", "samples in a step", natural, 32)
    .option("--seconds <n>", "seconds for each model, shared by the backends", positive, 10)
    .option("--software", "WebGPU by SwiftShader, where there is no GPU", false)
    .option("--flags <text>", 'more flags of Chromium, such as --flags="--use-angle=gl-egl"', "")
    .option(...json)
    .action(async ({ json: path, ...job }: BrowserJob & { readonly json?: string }) => {
      const say = progress(process.stderr);
      const report = await benchBrowser(job, say.note).finally(() => say.end());
      process.stdout.write(browserTable(report));
      await save(path, report);
    });

const journeyCommand = () =>
  new Command("journey")
    .description(
      "seconds from a server's start to a study that is open, and from its join link to training",
    )
    .option("--runs <n>", "runs, each with its own server and tabs", natural, 3)
    .option("--pictures <n>", "12-megapixel photographs to bring", atLeast(10), 30)
    .option(...json)
    .action(async ({ json: path, ...job }: JourneyJob & { readonly json?: string }) => {
      const say = progress(process.stderr);
      const report = await benchJourney(job, say.note).finally(() => say.end());
      process.stdout.write(journeyTable(report));
      await save(path, report);
    });

const comparisonCommand = () =>
  new Command("comparison")
    .description("seconds and clicks from a server's start to the curves of two strategies")
    .option("--clients <n>", "tabs that take part in each experiment", natural, 2)
    .option("--screenshots <folder>", "also a screenshot after each step, in this folder")
    .option(...json)
    .action(async ({ json: path, ...job }: ComparisonJob & { readonly json?: string }) => {
      const say = progress(process.stderr);
      const report = await benchComparison(job, say.note).finally(() => say.end());
      process.stdout.write(comparisonTable(report));
      await save(path, report);
    });

const lighthouseCommand = () =>
  new Command("lighthouse")
    .description(
      "Lighthouse's scores of the pages, on its phone or desktop with simulated throttling",
    )
    .option("--runs <n>", "runs of each page; medians are shown", natural, 3)
    .option("--slowdown <x>", "how much slower the phone's processor is than this one", positive, 4)
    .option("--desktop", "its desktop, as fast as this machine, in place of its phone")
    .option("--only <words...>", "pages whose names have one of these words (default: all)")
    .option(...json)
    .action(async ({ json: path, ...job }: LighthouseJob & { readonly json?: string }) => {
      const say = progress(process.stderr);
      const report = await benchLighthouse(job, say.note).finally(() => say.end());
      process.stdout.write(lighthouseTable(report));
      await save(path, report);
    });

const leakCommand = () =>
  new Command("leak")
    .description("memory of a real server and of clients over many rounds")
    .option("--rounds <n>", "rounds to play; compared by fifths", atLeast(5), 1000)
    .option("--clients <n>", "clients to run in this process", natural, 2)
    .option("--strategy <name>", "strategy to run; it must need no teacher", "fd")
    .option("--plot <file>", "also write a plot as SVG")
    .option(...json)
    .action((options: LeakJob & { readonly json?: string; readonly plot?: string }) =>
      interruptible(async (signal) => {
        const { json: path, plot: picture, ...job } = options;
        const say = (text: string) => process.stderr.write(`${text}\n`);
        const report = await benchLeak(job, { say, signal });
        process.stdout.write(machineLine(thisMachine()) + leakTable(report));
        if (picture) await writeFile(picture, leakPlot(report));
        await save(path, report);
      }),
    );

const dataset = () =>
  new Option("--dataset <name>", "data set to deal out")
    .choices(datasetNames)
    .default("fm-cap-domain");

const membershipCommand = () =>
  new Command("membership")
    .description(
      "what FedMMKT's critics tell of which pictures a client holds: a set is planted that is half its own and half others'",
    )
    .addOption(dataset())
    .option("--seeds <list>", "seeds of the deal and the critics, such as 1,2,3", seeds, [1])
    .option("--clients <n>", "places to deal it to", natural, 10)
    .option(
      "--alpha <x>",
      "label skew α: the smaller, the fewer classes a client has",
      positive,
      0.1,
    )
    .option("--items <n>", "pictures in a set", atLeast(4), 256)
    .addOption(
      new Option("--among <what...>", "beside the planted pictures, and then half of the set")
        .choices(plantedAmong)
        .default(plantedAmong),
    )
    .option("--batches <list>", "of a critic; a round's has 50", listOf(natural), [50, 400, 2000])
    .option("--rounds <n>", "in which the same are planted, and the answers averaged", natural, 1)
    .option("--threads <n>", "of the painter", natural, 2)
    .option(...json)
    .action((options: Omit<MembershipJob, "kind"> & { readonly json?: string }) =>
      interruptible(async (signal) => {
        const { json: path, ...job } = options;
        const report = await runBench({ kind: "membership", ...job }, signal);
        process.stdout.write(membershipTable(report));
        await save(path, report);
      }),
    );

const criticCommand = () =>
  new Command("critic")
    .description("time of a FedMMKT client's critic beside that of the whole round, on wasm")
    .addOption(dataset())
    .option("--seed <n>", "seed of the deal", whole, 1)
    .option("--round <n>", "that is timed, after made-up ones", atLeast(2), 2)
    .option("--seconds <n>", "seconds, shared by the clients", positive, 60)
    .option(...json)
    .action((options: Omit<CriticJob, "kind"> & { readonly json?: string }) =>
      interruptible(async (signal) => {
        const { json: path, ...job } = options;
        const report = await runBench({ kind: "critic", ...job }, signal);
        process.stdout.write(criticTable(report));
        await save(path, report);
      }),
    );

const aggregationCommand = () =>
  new Command("aggregation")
    .description("time and memory of FedMMKT's sums and fusion, by number of clients")
    .option(
      "--clients <list>",
      "numbers of clients, in turn",
      listOf(natural),
      [10, 100, 1000, 5000],
    )
    .option("--items <n>", "items of the synthetic set", natural, 256)
    .option("--classes <n>", "classes", atLeast(2), 10)
    .option("--width <n>", "numbers of a description", natural, 64)
    .option(...json)
    .action((options: Omit<AggregationJob, "kind"> & { readonly json?: string }) =>
      interruptible(async (signal) => {
        const { json: path, ...job } = options;
        const report = await runBench({ kind: "aggregation", ...job }, signal);
        process.stdout.write(aggregationTable(report));
        await save(path, report);
      }),
    );

const backboneCommand = () =>
  new Command("backbone")
    .description(
      "accuracy and time of a head on MobileNetV2's features beside a small CNN, on emoji",
    )
    .addOption(
      new Option("--vendor <name>", "vendor whose pictures are learned")
        .choices(vendors)
        .default("noto"),
    )
    .addOption(
      new Option("--other <name>", "vendor whose pictures are tested as well")
        .choices(vendors)
        .default("twemoji"),
    )
    .option(
      "--samples <list>",
      "numbers of pictures to learn from, in turn",
      listOf(natural),
      [214, 853],
    )
    .option("--seeds <list>", "seeds of the pictures chosen and of the models", seeds, [1, 2, 3])
    .option("--epochs <n>", "epochs over these", natural, 60)
    .option(...json)
    .action((options: Omit<BackboneJob, "kind"> & { readonly json?: string }) =>
      interruptible(async (signal) => {
        const { json: path, ...job } = options;
        const report = await runBench({ kind: "backbone", ...job }, signal);
        process.stdout.write(backboneTable(report));
        await save(path, report);
      }),
    );
