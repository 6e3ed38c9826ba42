import { unreachable } from "@tandem/core/errors";
import type { ExperimentStatus, Phase } from "@tandem/core/experiment";

export type Instruction = { readonly hash: string; readonly bytes: number };

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
  /** What each of the cohort is asked. */
  readonly instructions: Readonly<Record<string, Instruction>>;
  /** Accepted uploads of this round: blob by client. */
  readonly answers: Readonly<Record<string, string>>;
  readonly failed: readonly string[];
  /** The deadline has been prolonged once. */
  readonly extended: boolean;
  /** Counts deadlines, so that one that has been replaced is known. */
  readonly deadline: number;
  /** Blob of the strategy's state; null before the first. */
  readonly strategyState: string | null;
  /** The strategy's state holds what this round publishes. */
  readonly prepared: boolean;
  readonly error: string | null;
};

export type RoundEvent =
  | { readonly type: "started" }
  | { readonly type: "paused" }
  | { readonly type: "resumed" }
  /** The process has started again: nothing that was under way still is. */
  | { readonly type: "recovered" }
  | { readonly type: "joined"; readonly client: string; readonly slot: number }
  | { readonly type: "ready"; readonly client: string }
  | { readonly type: "left"; readonly client: string }
  | { readonly type: "prepared"; readonly state: string }
  | {
      readonly type: "published";
      readonly instructions: Readonly<Record<string, Instruction>>;
    }
  | { readonly type: "uploaded"; readonly client: string; readonly hash: string }
  | {
      readonly type: "refused";
      readonly client: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: "failed"; readonly client: string; readonly message: string }
  | { readonly type: "deadline"; readonly deadline: number }
  | { readonly type: "aggregated"; readonly state: string }
  | { readonly type: "taught"; readonly state: string }
  | { readonly type: "evaluated" }
  | { readonly type: "broken"; readonly message: string };

/** Named by (experiment, round, phase) and repeatable: after a crash the present one runs again. */
export type Effect =
  | { readonly type: "prepare" }
  | { readonly type: "publish" }
  /** To those of the cohort who have not answered, or to one of them. */
  | { readonly type: "instruct"; readonly client?: string }
  | { readonly type: "set-deadline"; readonly deadline: number }
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
  instructions: {},
  answers: {},
  failed: [],
  extended: false,
  deadline: 0,
  strategyState: null,
  prepared: false,
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
    case "recovered":
      return restart(rules, state);
    case "joined":
    case "refused":
      return stay(state);
    case "ready": {
      const next = awake(state, event.client);
      if (running && phase === "recruiting") return recruit(rules, next);
      const asked = phase === "collecting" && isAwaited(next, event.client);
      return { state: next, effects: asked ? [{ type: "instruct", client: event.client }] : [] };
    }
    case "left":
      return settle({ ...state, ready: without(state.ready, event.client) });
    case "prepared":
      return running && phase === "generating"
        ? publish(rules, { ...state, strategyState: event.state, prepared: true })
        : stay(state);
    case "published":
      return running && phase === "publishing"
        ? collect({ ...state, phase: "collecting", instructions: event.instructions })
        : stay(state);
    case "uploaded":
      if (phase !== "collecting" || !state.cohort.includes(event.client)) return stay(state);
      if (event.client in state.answers) return stay(state);
      return settle({
        ...awake(state, event.client),
        answers: { ...state.answers, [event.client]: event.hash },
        failed: without(state.failed, event.client),
      });
    case "failed":
      if (phase !== "collecting" || !state.cohort.includes(event.client)) return stay(state);
      if (event.client in state.answers) return stay(state);
      return settle({ ...state, failed: [...without(state.failed, event.client), event.client] });
    case "deadline":
      return running && phase === "collecting" && event.deadline === state.deadline
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
const awake = (state: RoundState, client: string): RoundState =>
  state.ready.includes(client) ? state : { ...state, ready: [...state.ready, client].sort() };
const isAwaited = (state: RoundState, client: string): boolean =>
  state.cohort.includes(client) &&
  state.ready.includes(client) &&
  !(client in state.answers) &&
  !state.failed.includes(client);

type Work = "prepare" | "publish" | "aggregate" | "teach" | "evaluate";
const enter = (state: RoundState, phase: Phase, effect: Work): Step => ({
  state: { ...state, phase },
  effects: [{ type: effect }],
});

function recruit(rules: RoundRules, state: RoundState): Step {
  const recruiting = {
    ...state,
    phase: "recruiting" as const,
    cohort: [],
    instructions: {},
    answers: {},
    failed: [],
    extended: false,
  };
  if (state.ready.length < rules.minClients) return stay(recruiting);
  if (state.prepared) return publish(rules, recruiting);
  return enter(recruiting, "generating", "prepare");
}

function publish(rules: RoundRules, state: RoundState): Step {
  if (state.ready.length === 0) return recruit(rules, state);
  return enter({ ...state, cohort: state.ready }, "publishing", "publish");
}

function collect(state: RoundState): Step {
  const next = { ...state, deadline: state.deadline + 1 };
  return {
    state: next,
    effects: [{ type: "set-deadline", deadline: next.deadline }, { type: "instruct" }],
  };
}

/** Closes the round once nobody is left to wait for. */
function settle(state: RoundState): Step {
  if (state.status !== "running" || state.phase !== "collecting") return stay(state);
  const waiting = state.cohort.filter((client) => isAwaited(state, client));
  // Without any answer the deadline decides: whoever has left may come back.
  if (waiting.length > 0 || Object.keys(state.answers).length === 0) return stay(state);
  return enter(state, "aggregating", "aggregate");
}

function expire(rules: RoundRules, state: RoundState): Step {
  const uploads = Object.keys(state.answers).length;
  const enough = uploads >= Math.ceil(rules.quorum * state.cohort.length);
  // Who has been silent for a whole deadline is asked again once it shows a sign of life.
  const silent = state.cohort.filter((client) => isAwaited(state, client));
  if (!enough && !state.extended) {
    const deadline = state.deadline + 1;
    return {
      state: { ...state, extended: true, deadline },
      effects: [{ type: "set-deadline", deadline }],
    };
  }
  const rest = { ...state, ready: state.ready.filter((client) => !silent.includes(client)) };
  return uploads > 0 ? enter(rest, "aggregating", "aggregate") : recruit(rules, rest);
}

function nextRound(rules: RoundRules, state: RoundState): Step {
  if (state.round >= rules.rounds)
    return { state: { ...state, status: "finished" }, effects: [{ type: "finish" }] };
  return recruit(rules, {
    ...state,
    round: state.round + 1,
    prepared: false,
  });
}

/** The effects of the present phase once more: after a pause, a failure, or a crash. */
function restart(rules: RoundRules, state: RoundState): Step {
  if (state.status !== "running") return stay(state);
  switch (state.phase) {
    case "recruiting":
      return recruit(rules, state);
    case "generating":
      return { state, effects: [{ type: "prepare" }] };
    case "publishing":
      return { state, effects: [{ type: "publish" }] };
    case "collecting": {
      const step = settle(state);
      return step.effects.length > 0 ? step : collect(state);
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
