import { createRng, type Rng } from "@tandem/core/rng";
import { quantile } from "../bench/quantile";
import { Agenda } from "./agenda";
import type { Constants } from "./constants";
import type { Resource, Scenario } from "./costs";
import { deploymentOf, usesOf } from "./deployment";

export type Outcome = {
  readonly roundsPerHour: number;
  /** Seconds, from an upload's first byte until the client knows; NaN where there was none. */
  readonly ackP50: number;
  readonly ackP99: number;
  readonly uses: ReturnType<typeof usesOf>;
  /** Rounds that the deadline ended. */
  readonly late: number;
  /** Uploads that were sent again because a node had died. */
  readonly repeated: number;
  /** Longest time from a node's death until its last client was connected again, in seconds. */
  readonly reconnectedAfter: number;
};

/** What a selected client does, drawn before the round, so that all variants of a scenario draw the same. */
type Plan = {
  readonly node: number;
  readonly after: number;
  readonly training: number;
  readonly dropsOut: boolean;
  readonly again: number;
};

type Round = { answers: number; due: number; isOpen: boolean; isStruck: boolean };

const slices = 30;
const pictureJobs = 16;

/** A deployment's rounds, event by event; what connections do that wait is a share of each node. */
export function simulate(
  scenario: Scenario,
  c: Constants,
  without?: Resource,
  rounds = scenario.rounds,
): Outcome {
  const { cohort, overSelection, clients, design, killEvery, deadline } = scenario;
  const deployment = deploymentOf(scenario, c, without);
  const { costs, nodes, owner, database, store, teachers, fusion, stored, sent } = deployment;
  const agenda = new Agenda();
  const rng = createRng(scenario.seed);
  const selected = Math.min(clients, Math.ceil(cohort * overSelection));
  const idle = without === "clients";
  const trip = idle ? 0 : c.latencySeconds;
  const overTheAir = (bytes: number) => (idle ? 0 : trip + bytes / (1e6 * c.clientMBps));
  const acks: number[] = [];
  let [done, late, repeated, reconnectedAfter, finished] = [0, 0, 0, 0, 0];

  function open(): void {
    const round = { answers: 0, due: Math.min(cohort, selected), isOpen: true, isStruck: false };
    for (const node of nodes) node.answers = 0;
    let painted = agenda.now;
    for (let i = 0; i < pictureJobs; i++)
      painted = Math.max(painted, teachers.serve(agenda.now, costs.pictures / pictureJobs));
    agenda.at(painted, () => {
      const opened = database.serve(owner.serve(agenda.now, costs.openRound), costs.commit);
      let gap = 0;
      for (const plan of plansOf(rng.fork(done), { selected, nodes: nodes.length, c, idle })) {
        if (design === "check-in") gap += (plan.after * costs.interval) / clients;
        if (!plan.dropsOut) agenda.at(opened + (idle ? 0 : gap), () => notice(round, plan));
      }
      // What has not come by then is not waited for, if there is an answer at all.
      agenda.at(opened + deadline, () => {
        if (!round.isOpen) return;
        late++;
        close(round);
      });
    });
  }

  function notice(round: Round, plan: Plan): void {
    const { processor, line } = nodes[plan.node];
    const noticed = processor.serve(agenda.now, costs.notice);
    agenda.at(noticed, () => {
      const fetched = line.serve(agenda.now, sent(costs.downBytes)) + overTheAir(costs.downBytes);
      agenda.at(fetched + plan.training, () => upload(round, plan, agenda.now));
    });
  }

  function upload(round: Round, plan: Plan, begun: number): void {
    const node = nodes[plan.node];
    const { life } = node;
    const arrived = agenda.now + overTheAir(costs.upBytes);
    /** Goes on unless the node has died, or else with a later try. */
    const then = (time: number, act: () => void) =>
      agenda.at(time, () => {
        if (node.life === life) return act();
        repeated++;
        const other = nodes.length > 1 ? (plan.node + 1) % nodes.length : plan.node;
        const wait = plan.again * c.reconnectSeconds;
        agenda.at(agenda.now + wait, () => upload(round, { ...plan, node: other }, begun));
      });
    then(arrived, () =>
      then(node.line.serve(agenda.now, sent(costs.upBytes)), () =>
        then(store.serve(agenda.now, stored(costs.upBytes)), () =>
          then(node.processor.serve(agenda.now, costs.upload), () =>
            then(database.serve(agenda.now, costs.commit), () => {
              acks.push(agenda.now + trip - begun);
              node.answers++;
              const heard = owner.serve(agenda.now, costs.answer);
              agenda.at(heard, () => answered(round));
            }),
          ),
        ),
      ),
    );
  }

  function answered(round: Round): void {
    if (!round.isOpen) return;
    round.answers++;
    const isDue = killEvery > 0 && done % killEvery === killEvery - 1;
    if (isDue && !round.isStruck && 2 * round.answers >= round.due) {
      round.isStruck = true;
      die(done % nodes.length);
    }
    if (round.answers === round.due) close(round);
  }

  /** Its clients go elsewhere, and others read again what it had added up. */
  function die(which: number): void {
    const node = nodes[which];
    const struck = agenda.now;
    const isAlone = nodes.length === 1;
    const back = struck + c.restartSeconds;
    node.life++;
    node.processor.stopUntil(back);
    node.line.stopUntil(back);
    if (!isAlone && which === 0) owner.stopUntil(struck + c.takeOverSeconds);
    const others = isAlone ? nodes : nodes.filter((one) => one !== node);
    const each = Math.ceil(clients / nodes.length / others.length / slices);
    for (let i = 0; i < slices; i++)
      agenda.at((isAlone ? back : struck) + (c.reconnectSeconds * i) / slices, () => {
        for (const { processor } of others) {
          const end = processor.serve(agenda.now, each * costs.connect);
          reconnectedAfter = Math.max(reconnectedAfter, costs.connect > 0 ? end - struck : 0);
        }
      });
    const lost = isAlone ? 0 : node.answers; // one process reads its own store at the close
    for (let i = 0; i < lost; i++) {
      const { processor } = others[i % others.length];
      processor.serve(store.serve(agenda.now, stored(costs.upBytes)), costs.upload);
    }
  }

  function close(round: Round): void {
    round.isOpen = false;
    const parts = nodes.length > 1 ? nodes.filter(({ answers }) => answers > 0).length : 0;
    const merged = owner.serve(database.serve(agenda.now, costs.commit), parts * costs.mergeNode);
    const fused = fusion.serve(merged, costs.fuseRound + round.answers * costs.fuseAnswer);
    const end = database.serve(fused, costs.commit);
    done++;
    finished = end;
    if (done < rounds) agenda.at(end, open);
  }

  open();
  while (done < rounds && agenda.next());
  return {
    roundsPerHour: (3600 * done) / finished,
    ackP50: quantile(acks, 0.5),
    ackP99: quantile(acks, 0.99),
    uses: usesOf(deployment, finished),
    ...{ late, repeated, reconnectedAfter },
  };
}

/** `after`: of mean 1, an exponential gap between two check-ins. */
function plansOf(
  rng: Rng,
  of: { selected: number; nodes: number; c: Constants; idle: boolean },
): readonly Plan[] {
  const { selected, nodes, c, idle } = of;
  return Array.from({ length: selected }, () => {
    const node = rng.integer(nodes);
    const after = -Math.log(1 - rng.uniform());
    const training = c.trainSeconds * Math.exp(c.trainSigma * rng.normal());
    const dropsOut = rng.uniform() < c.dropOut;
    return { node, after, training: idle ? 0 : training, dropsOut, again: rng.uniform() };
  });
}
