import { readdirSync, readFileSync } from "node:fs";
import { createRng } from "@tandem/core/rng";
import { describe, expect, it } from "vitest";
import { parsePythonJson } from "../files/python-json";
import { schedulerFromConfig } from "./registry";
import { samplingScheduler } from "./sampling";
import { gaussian, type Scheduler } from "./scheduler";
import { trainingScheduler } from "./training";

const fixtures = new URL("../../fixtures/interop/schedulers/", import.meta.url);
const configOf = (file: string) =>
  parsePythonJson(readFileSync(new URL(file, fixtures), "utf8"), file) as Record<string, unknown>;

/** Which class samples a fixture, and what its class is taken for. */
const dpm = "DPMSolverMultistepScheduler";
const wanted: Readonly<Record<string, string>> = {
  EulerAncestral: "EulerDiscreteScheduler",
  Heun: "EulerDiscreteScheduler",
  LMS: "EulerDiscreteScheduler",
  PNDM: dpm,
  TCD: "LCMScheduler",
  UniPC: dpm,
  "heun-karras": dpm,
};

/** Samples with a "model" that answers 0.7 x + 0.1 sin(t). */
function sampled(scheduler: Scheduler, steps: number): Float32Array {
  const rng = createRng(1);
  let state = scheduler.setTimesteps(steps);
  let sample: Float32Array = gaussian(64, rng).map((value) => value * state.initNoiseSigma);
  for (const t of state.timesteps) {
    const bias = 0.1 * Math.sin(t);
    const output = scheduler.scaleModelInput(state, sample).map((x) => 0.7 * x + bias);
    ({ state, sample } = scheduler.step(state, { output, sample, rng }));
  }
  return sample;
}

const files = readdirSync(fixtures).map((file) => [file.split(".")[0], file] as const);
it("every fixture is wanted for", () => {
  expect(files.map(([name]) => name).sort()).toEqual(Object.keys(wanted).sort());
});

describe.each(files)("a folder of %s", (name, file) => {
  const config = configOf(file);
  const { scheduler, notices } = samplingScheduler(config);

  it("is sampled by the nearest class here, which is said in one line", () => {
    expect(scheduler.className).toBe(wanted[name]);
    const own = config._class_name === wanted[name];
    const said = own
      ? []
      : [`${config._class_name} is not here: ${wanted[name]} samples in its place`];
    const taken = name === "UniPC" ? [`${dpm}: solver_type = "bh2" is taken for "midpoint"`] : [];
    expect(notices).toEqual([...said, ...taken]);
  });

  it.each([1, 2, 5, 20, 50])("gives numbers in %i steps", (steps) => {
    const sample = sampled(scheduler, steps);
    expect(sample.every(Number.isFinite)).toBe(true);
    expect(new Set(sample).size).toBe(64);
  });

  it("trains on its noise levels", () => {
    const { alphaSigma, predictionType } = trainingScheduler(config).scheduler;
    expect(predictionType).toBe("epsilon");
    // ᾱ of Stable Diffusion's last timestep
    expect(alphaSigma(999)[0] ** 2).toBeCloseTo(0.00466, 5);
  });
});

const base = { beta_schedule: "scaled_linear", num_train_timesteps: 1000 };

describe("a config of another class", () => {
  it.each([
    ["DEISMultistepScheduler", { algorithm_type: "deis", solver_type: "logrho" }, dpm],
    ["DPMSolverSinglestepScheduler", { solver_order: 3 }, dpm],
    ["DPMSolverSDEScheduler", { noise_sampler_seed: 0 }, dpm],
    ["UniPCMultistepScheduler", { solver_type: "bh1", predict_x0: true, solver_order: 3 }, dpm],
    ["UniPCMultistepScheduler", { solver_order: 4 }, dpm],
    ["SASolverScheduler", { algorithm_type: "data_prediction", predictor_order: 2 }, dpm],
    ["SASolverScheduler", { algorithm_type: "noise_prediction" }, dpm],
    ["KDPM2AncestralDiscreteScheduler", {}, "EulerDiscreteScheduler"],
    ["DDIMParallelScheduler", {}, "DDIMScheduler"],
    [
      "UniPCMultistepScheduler",
      { prediction_type: "flow_prediction", use_flow_sigmas: true, flow_shift: 3 },
      "FlowMatchEulerDiscreteScheduler",
    ],
    ["FlowMatchHeunDiscreteScheduler", { shift: 3 }, "FlowMatchEulerDiscreteScheduler"],
  ])("%s %j is read by %s", (_class_name, fields, className) => {
    const { scheduler, notices } = samplingScheduler({ ...base, _class_name, ...fields });
    expect(scheduler.className).toBe(className);
    expect(notices[0]).toContain(_class_name);
    expect(notices[0]).toContain(className);
    expect(sampled(scheduler, 20).every(Number.isFinite)).toBe(true);
  });

  it("keeps the shift of its flow, in sampling as in training", () => {
    const config = { use_flow_sigmas: true, flow_shift: 3, _class_name: dpm };
    // 3 · ½ / (1 + 2 · ½) = 0.75
    const { sigmas } = schedulerFromConfig(
      { shift: 3 },
      { className: "FlowMatchEulerDiscreteScheduler" },
    ).setTimesteps(4);
    expect(samplingScheduler(config).scheduler.setTimesteps(4).sigmas).toEqual(sigmas);
    expect(samplingScheduler(config).notices[0]).toMatch(/^DPMSolverMultistepScheduler of a flow/);
    expect(trainingScheduler(config).scheduler.predictionType).toBe("flow");
  });

  it("of an order that is not here is sampled in the highest, which is said", () => {
    const config = { ...base, _class_name: dpm, solver_order: 4 };
    const { scheduler, notices } = samplingScheduler(config);
    expect(notices).toEqual([`${dpm}: solver_order = 4 is taken for 3`]);
    const third = schedulerFromConfig({ ...config, solver_order: 3 });
    expect(sampled(scheduler, 20)).toEqual(sampled(third, 20));
    expect(() => samplingScheduler({ ...config, solver_order: 2.5 })).toThrow(/solver_order = 2.5/);
  });

  it.each([
    ["EulerDiscreteScheduler", { thresholding: true, variance_type: "learned_range" }],
    ["UniPCMultistepScheduler", { thresholding: true, timestep_spacing: "even" }],
    ["DDIMScheduler", { clip_sample_range: -1, steps_offset: 5000 }],
  ])("%s trains whatever it says of sampling: %j", (_class_name, fields) => {
    const found = trainingScheduler({ ...base, _class_name, ...fields });
    expect(found.notices).toEqual([]);
    const wrong = { ...base, _class_name, beta_schedule: "sigmoid" };
    expect(() => trainingScheduler(wrong)).toThrow(/beta_schedule = "sigmoid"/);
  });

  it("of a class that nothing stands in for neither samples nor trains", () => {
    const config = { ...base, _class_name: "EDMEulerScheduler" };
    for (const read of [samplingScheduler, trainingScheduler])
      expect(() => read(config)).toThrow(/_class_name = "EDMEulerScheduler" is not supported/);
  });

  it.each([
    ["sde-dpmsolver++", /"sde-dpmsolver\+\+" is taken for "dpmsolver\+\+"/],
    ["dpmsolver", /"dpmsolver" is taken for "dpmsolver\+\+"/],
  ])("algorithm %s is taken for the ODE's, and said", (algorithm_type, line) => {
    const { notices } = samplingScheduler({ ...base, _class_name: dpm, algorithm_type });
    expect(notices).toEqual([expect.stringMatching(line)]);
  });

  it("is read without fields that the class lacks; what no class has is said", () => {
    const lacking = { ...base, thresholding: true, clip_sample: true, variance_type: "learned" };
    const euler = { ...lacking, _class_name: "EulerDiscreteScheduler" };
    expect(samplingScheduler(euler).notices).toEqual([]);
    const { notices } = samplingScheduler({ ...euler, never_heard_of: 3, nor_of: null });
    expect(notices).toEqual([
      "EulerDiscreteScheduler knows no never_heard_of = 3, nor_of = null: left aside",
    ]);
  });

  it.each([
    ["UniPCMultistepScheduler", { thresholding: true }, /thresholding = true/],
    ["LMSDiscreteScheduler", { use_beta_sigmas: true }, /use_beta_sigmas = true/],
    ["EDMEulerScheduler", {}, /EDMEulerScheduler/],
  ])("%s with what is not here is refused: %j", (_class_name, fields, reason) => {
    expect(() => samplingScheduler({ ...base, _class_name, ...fields })).toThrow(reason);
  });

  it("is sampled by a class that is asked for, but never a flow as noise", () => {
    const pndm = { ...base, _class_name: "PNDMScheduler" };
    const { scheduler, notices } = samplingScheduler(pndm, "DDIMScheduler");
    expect([scheduler.className, ...notices]).toEqual(["DDIMScheduler"]);
    const strange = samplingScheduler({ ...base, _class_name: "MyScheduler" }, "DDIMScheduler");
    expect(strange.scheduler.className).toBe("DDIMScheduler");
    const flow = { _class_name: "FlowMatchEulerDiscreteScheduler" };
    expect(() => samplingScheduler(flow, "DDIMScheduler")).toThrow(/predicts a flow/);
    expect(() => samplingScheduler(pndm, flow._class_name)).toThrow(/predicts no flow/);
  });
});
