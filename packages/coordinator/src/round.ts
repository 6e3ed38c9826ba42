import { unreachable } from "@tandem/core/errors";
import type { ExperimentStatus, Phase } from "@tandem/core/experiment";

export type RoundRules = {
  readonly rounds: number;
  readonly minClients: number;
  readonly quorum: number;
};

/** Plain JSON: it is stored as it is. Clients are ids. */
export type RoundState = {
  readonly status: ExperimentStatus;
  readonly phase: Phase;
  /** 1-based; 0 before the first. */
  readonly round: number;
  /** Connected, loaded, and not behind. */
  readonly ready: readonly string[];
  readonly cohort: readonly string[];
  /** Accepted uploads of this round: blob by client. */
  readonly answers: Readonly<Record<string, string>>;
  readonly failed: readonly string[];
  /** The deadline has been prolonged once. */
  readonly extended: boolean;
  /** Blob of the strategy's state; null before the first. */
  readonly strategyState: string | null;
  readonly error: string | null;
};

export type RoundEvent =
  | { readonly type: "started" }
  | { readonly type: "paused" }
  | { readonly type: "resumed" }
  | { readonly type: "ready"; readonly client: string }
  | { readonly type: "left"; readonly client: string }
  | { readonly type: "prepared"; readonly state: string }
  | { readonly type: "uploaded"; readonly client: string; readonly hash: string }
  | { readonly type: "failed"; readonly client: string }
  | { readonly type: "deadline"; readonly round: number }
  | { readonly type: "aggregated"; readonly state: string }
  | { readonly type: "taught"; readonly state: string }
  | { readonly type: "evaluated" }
  | { readonly type: "broken"; readonly message: string };

/** Named by (experiment, round, phase) and repeatable: after a crash the present one runs again. */
export type Effect =
  | { readonly type: "prepare" }
  | { readonly type: "publish" }
  | { readonly type: "await-deadline" }
  | { readonly type: "aggregate" }
  | { readonly type: "teach" }
  | { readonly type: "evaluate" }
  | { readonly type: "finish" };

export type Step = { readonly state: RoundState; readonly effects: readonly Effect[] };

export const initialRound: RoundState = {
  status: "draft",
  phase: "recruiting",
  round: 0,
  ready: [],
  cohort: [],
  answers: {},
  failed: [],
  extended: false,
  strategyState: null,
  error: null,
};

const stay = (state: RoundState): Step => ({ state, effects: [] });

/** The whole logic of rounds. Events that do not fit the phase change nothing. */
export function reduceRound(rules: RoundRules, state: RoundState, event: RoundEvent): Step {
  const { phase } = state;
  const running = state.status === "running";
  switch (event.type) {
    case "started":
      return state.status === "draft"
        ? recruit(rules, { ...state, status: "running", round: 1 })
        : stay(state);
    case "paused":
      return running ? stay({ ...state, status: "paused" }) : stay(state);
    case "resumed":
      if (state.status !== "paused" && state.status !== "failed") return stay(state);
      return restart(rules, { ...state, status: "running", error: null });
    case "broken":
      return running ? stay({ ...state, status: "failed", error: event.message }) : stay(state);
    case "ready": {
      if (state.ready.includes(event.client)) return stay(state);
      const next = { ...state, ready: [...state.ready, event.client].sort() };
      return running && phase === "recruiting" ? recruit(rules, next) : stay(next);
    }
    case "left":
      return settle({ ...state, ready: without(state.ready, event.client) });
    case "prepared":
      return running && phase === "generating"
        ? publish(rules, { ...state, strategyState: event.state })
        : stay(state);
    case "uploaded":
      if (phase !== "collecting" || !state.cohort.includes(event.client)) return stay(state);
      if (event.client in state.answers) return stay(state);
      return settle({ ...state, answers: { ...state.answers, [event.client]: event.hash } });
    case "failed":
      if (phase !== "collecting" || !state.cohort.includes(event.client)) return stay(state);
      return settle({ ...state, failed: [...without(state.failed, event.client), event.client] });
    case "deadline":
      return running && phase === "collecting" && event.round === state.round
        ? expire(rules, state)
        : stay(state);
    case "aggregated":
      if (!running || phase !== "aggregating") return stay(state);
      return enter({ ...state, strategyState: event.state }, "teaching", "teach");
    case "taught":
      if (!running || phase !== "teaching") return stay(state);
      return enter({ ...state, strategyState: event.state }, "evaluating", "evaluate");
    case "evaluated":
      return running && phase === "evaluating" ? nextRound(rules, state) : stay(state);
    default:
      return unreachable(event);
  }
}

const without = (list: readonly string[], item: string) => list.filter((other) => other !== item);
const enter = (state: RoundState, phase: Phase, effect: Effect["type"]): Step => ({
  state: { ...state, phase },
  effects: [{ type: effect }],
});

function recruit(rules: RoundRules, state: RoundState): Step {
  const recruiting = {
    ...state,
    phase: "recruiting" as const,
    cohort: [],
    answers: {},
    failed: [],
    extended: false,
  };
  if (state.ready.length < rules.minClients) return stay(recruiting);
  return enter(recruiting, "generating", "prepare");
}

function publish(rules: RoundRules, state: RoundState): Step {
  if (state.ready.length === 0) return recruit(rules, state);
  return {
    state: { ...state, phase: "collecting", cohort: state.ready },
    effects: [{ type: "publish" }, { type: "await-deadline" }],
  };
}

/** Closes the round once nobody is left to wait for. */
function settle(state: RoundState): Step {
  if (state.status !== "running" || state.phase !== "collecting") return stay(state);
  const waiting = state.cohort.filter(
    (client) =>
      state.ready.includes(client) && !(client in state.answers) && !state.failed.includes(client),
  );
  // Without any answer the deadline decides: whoever has left may come back.
  if (waiting.length > 0 || Object.keys(state.answers).length === 0) return stay(state);
  return enter(state, "aggregating", "aggregate");
}

function expire(rules: RoundRules, state: RoundState): Step {
  const uploads = Object.keys(state.answers).length;
  const enough = uploads >= Math.ceil(rules.quorum * state.cohort.length);
  // Who has been silent for a whole deadline is asked again once it shows a sign of life.
  const silent = state.cohort.filter((client) => !(client in state.answers));
  if (!enough && !state.extended)
    return { state: { ...state, extended: true }, effects: [{ type: "await-deadline" }] };
  const awake = { ...state, ready: state.ready.filter((client) => !silent.includes(client)) };
  return uploads > 0 ? enter(awake, "aggregating", "aggregate") : recruit(rules, awake);
}

function nextRound(rules: RoundRules, state: RoundState): Step {
  if (state.round >= rules.rounds)
    return { state: { ...state, status: "finished" }, effects: [{ type: "finish" }] };
  return recruit(rules, { ...state, round: state.round + 1 });
}

/** The effects of the present phase once more: after a pause, a failure, or a crash. */
export function restart(rules: RoundRules, state: RoundState): Step {
  if (state.status !== "running") return stay(state);
  switch (state.phase) {
    case "recruiting":
      return recruit(rules, state);
    case "generating":
      return { state, effects: [{ type: "prepare" }] };
    case "publishing":
    case "collecting": {
      const step = settle(state);
      return step.effects.length > 0
        ? step
        : { state, effects: [{ type: "publish" }, { type: "await-deadline" }] };
    }
    case "aggregating":
      return { state, effects: [{ type: "aggregate" }] };
    case "teaching":
      return { state, effects: [{ type: "teach" }] };
    case "evaluating":
      return { state, effects: [{ type: "evaluate" }] };
    default:
      return unreachable(state.phase);
  }
}
