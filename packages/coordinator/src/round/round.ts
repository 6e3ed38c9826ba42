import { unreachable } from "@tandem/core/errors";
import type { Phase } from "@tandem/core/experiment";
import { Map as ById, Set as Ids } from "immutable";
import { asleep, awaitedOf, awake, forget, looked, without } from "./clients";
import { drawCohort } from "./cohort";
import { withoutClients } from "./erased";
import { takeLate, withClosed } from "./late";
import type { RoundEvent, RoundRules, RoundState, Step } from "./round-state";

const attempts = 3;

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
      return restart(rules, { ...state, status: "running", error: null, failures: 0 });
    case "extended":
      // Its participants were told that it is over, and when what they have sent is erased.
      if (state.status === "finished") return stay(state);
      return stay({ ...state, addedRounds: state.addedRounds + event.rounds });
    case "broken":
      return running ? stay({ ...state, status: "failed", error: event.message }) : stay(state);
    case "recovered":
      return restart(rules, state);
    case "joined":
    case "refused":
      return stay(state);
    case "ready": {
      const next = paced(awake(state, event.client), event);
      if (running && phase === "recruiting") return recruit(rules, next);
      const asked = running && phase === "collecting" && next.awaited.has(event.client);
      return { state: next, effects: asked ? [{ type: "instruct", client: event.client }] : [] };
    }
    case "left":
      return settle(rules, event.gone ? forget(state, event.client) : asleep(state, event.client));
    case "barred":
      return settle(rules, bar(state, event));
    case "erased":
      return erase(rules, state, event);
    case "readmitted":
      return stay(readmit(state, event.keptOut));
    case "prepared":
      return running && phase === "generating"
        ? publish(rules, { ...state, strategyState: event.state, prepared: true })
        : stay(state);
    case "published":
      return running && phase === "publishing"
        ? collect({ ...state, phase: "collecting", instructions: ById(event.instructions) })
        : stay(state);
    case "uploaded":
      if (phase !== "collecting" || !state.cohort.has(event.client)) return stay(state);
      if (state.answers.has(event.client)) return stay(state);
      return settle(rules, answered(state, event));
    case "late":
      return stay(paced(takeLate(rules, state, event), event));
    case "failed":
      if (phase !== "collecting" || !state.cohort.has(event.client)) return stay(state);
      if (state.answers.has(event.client)) return stay(state);
      return settle(rules, failed(state, event));
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

function bar(
  state: RoundState,
  { client, keys, keptOut: added }: Extract<RoundEvent, { type: "barred" }>,
): RoundState {
  const barred = [...new Set([...state.barred, ...keys])];
  const keptOut = added
    ? [...state.keptOut.filter(({ key }) => key !== added.key), added]
    : state.keptOut;
  const rest = { ...forget(state, client), barred, keptOut };
  // What is being summed or sent already is not changed under way.
  if (state.phase !== "collecting" && state.phase !== "recruiting") return rest;
  const others = {
    ...rest,
    answers: state.answers.delete(client),
    cohort: state.cohort.delete(client),
    failed: state.failed.delete(client),
  };
  return looked(others, client);
}

/** What was summed already stays; a sum that is being made is made again without them. */
function erase(
  rules: RoundRules,
  before: RoundState,
  { clients, at, isRevised }: Extract<RoundEvent, { readonly type: "erased" }>,
): Step {
  const rest = withoutClients(before, clients);
  const state = at === undefined ? rest : { ...rest, barred: [], keptOut: [], erasedAt: at };
  const isSummed = clients.some((client) =>
    [before, ...before.closed].some(
      (one) => one.answers.has(client) || ("late" in one && one.late.has(client)),
    ),
  );
  if (state.phase === "aggregating" && isSummed) {
    if (state.answers.size > 0) return restart(rules, state);
    return recruit(rules, {
      ...state,
      closed: state.closed.filter(({ round }) => round !== state.round),
    });
  }
  return isRevised && state.phase !== "collecting" ? restart(rules, state) : settle(rules, state);
}

function readmit(state: RoundState, keptOut: string): RoundState {
  const found = state.keptOut.find(({ id }) => id === keptOut);
  if (!found) return state;
  return {
    ...state,
    barred: without(state.barred, found.key),
    keptOut: state.keptOut.filter((one) => one !== found),
  };
}

const paced = (
  state: RoundState,
  { client, paceMs }: { readonly client: string; readonly paceMs?: number },
): RoundState =>
  paceMs === undefined ? state : { ...state, paces: state.paces.set(client, paceMs) };

function answered(
  state: RoundState,
  { client, hash, paceMs = 0 }: Extract<RoundEvent, { type: "uploaded" }>,
): RoundState {
  const next = {
    ...paced(awake(state, client), { client, paceMs }),
    answers: state.answers.set(client, hash),
    failed: state.failed.delete(client),
  };
  return looked(next, client);
}

function failed(
  state: RoundState,
  { client, message }: Extract<RoundEvent, { type: "failed" }>,
): RoundState {
  const next = {
    ...state,
    failed: state.failed.add(client),
    lastFailure: `${client}: ${message}`,
  };
  return looked(next, client);
}

type Work = "prepare" | "publish" | "aggregate" | "teach" | "evaluate";
const enter = (state: RoundState, phase: Phase, effect: Work): Step => ({
  state: { ...state, phase },
  effects: [{ type: effect }],
});

const forgetCohort = (state: RoundState): RoundState => ({
  ...state,
  phase: "recruiting",
  cohort: Ids(),
  instructions: ById(),
  answers: ById(),
  failed: Ids(),
  awaited: Ids(),
  extended: false,
});

function recruit(rules: RoundRules, state: RoundState): Step {
  const recruiting = forgetCohort(state);
  if (state.ready.size < clientsNeeded(rules, state)) return stay(recruiting);
  if (state.prepared) return publish(rules, recruiting);
  return enter(recruiting, "generating", "prepare");
}

/** Ready clients that a round waits for: at first all that are asked for, later the quorum of them. */
export const clientsNeeded = (
  { minClients, quorum }: RoundRules,
  { round, prepared }: Pick<RoundState, "round" | "prepared">,
): number => (round > 1 || prepared ? Math.ceil(quorum * minClients) : minClients);

function publish(rules: RoundRules, state: RoundState): Step {
  if (state.ready.size === 0) return recruit(rules, state);
  const cohort = Ids(drawCohort(rules, state));
  const asked = cohort.toKeyedSeq().map(() => state.round);
  const next = { ...state, cohort, waitsSince: state.waitsSince.merge(asked) };
  return enter({ ...next, awaited: awaitedOf(next) }, "publishing", "publish");
}

function collect(state: RoundState): Step {
  const next = { ...state, deadline: state.deadline + 1 };
  return {
    state: next,
    effects: [{ type: "set-deadline", deadline: next.deadline }, { type: "instruct" }],
  };
}

/** Closes the round once nobody is left to wait for. */
function settle(rules: RoundRules, state: RoundState): Step {
  if (state.status !== "running" || state.phase !== "collecting") return stay(state);
  if (state.awaited.size > 0) return stay(state);
  if (state.answers.size > 0) return close(rules, state);
  // Those who are still here have all failed; whoever has left may come back before the deadline.
  const isHere = (client: string) => state.ready.has(client);
  return state.cohort.some(isHere) ? tryAgain(rules, state) : stay(state);
}

const close = (rules: RoundRules, state: RoundState): Step =>
  enter(withClosed(rules, state), "aggregating", "aggregate");

function tryAgain(rules: RoundRules, state: RoundState): Step {
  const failures = state.failures + 1;
  if (failures < attempts) return recruit(rules, { ...state, failures });
  const error =
    `Round ${state.round}: every client failed, in all ${attempts} attempts. The last was ` +
    `${state.lastFailure?.replace(/[.\s]*$/, "")}. Resume to try again.`;
  return stay(forgetCohort({ ...state, failures, status: "failed", error }));
}

function expire(rules: RoundRules, state: RoundState): Step {
  const uploads = state.answers.size;
  const enough = uploads >= Math.ceil(rules.quorum * state.cohort.size);
  if (!enough && !state.extended) {
    const deadline = state.deadline + 1;
    return {
      state: { ...state, extended: true, deadline },
      effects: [{ type: "set-deadline", deadline }],
    };
  }
  // Who has been silent for a whole deadline is asked again once it shows a sign of life.
  const silent = state.awaited;
  const rest = {
    ...state,
    ready: state.ready.subtract(silent),
    awaited: Ids<string>(),
    paces: state.paces.merge(silent.toKeyedSeq().map(() => null)),
  };
  return uploads > 0 ? close(rules, rest) : recruit(rules, rest);
}

function nextRound(rules: RoundRules, state: RoundState): Step {
  if (state.round >= rules.rounds + state.addedRounds)
    return { state: { ...state, status: "finished" }, effects: [{ type: "finish" }] };
  return recruit(rules, {
    ...state,
    round: state.round + 1,
    prepared: false,
    failures: 0,
    lastFailure: null,
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
      const step = settle(rules, state);
      return step.state === state ? collect(state) : step;
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
