import { type Companion, startCompanion } from "./companion";
import type { HealthJob } from "./health/process";
import type { Health, Stretch } from "./health/verdict";
import type { StrangersJob, Told } from "./strangers/process";
import type { Loot } from "./strangers/stranger";

export type Siege = {
  /** Measures the server as it is without strangers. */
  rest(): void;
  /** Has them come; they stay until the end. */
  attack(): void;
  find(loot: Loot | undefined): void;
  told(): Told;
  health(): Health | undefined;
  /** Once they are gone: what did not end well. */
  end(): Promise<readonly string[]>;
};

const moduleOf = (folder: string) => new URL(`./${folder}/process.ts`, import.meta.url);

/** Strangers in a process of their own, and another one that measures what waits for the server, whose id is given. */
export function startSiege(job: StrangersJob, server: number): Siege {
  const measuring = startCompanion<HealthJob, Stretch | "none", Health>(moduleOf("health"), {
    url: job.around.url,
    server,
  });
  const found: Loot[] = [];
  let strangers: Companion<Loot, Told> | undefined;
  let ending: Promise<readonly string[]> | undefined;
  const end = async () => {
    measuring.note("none");
    const faults = {
      "strangers:": await strangers?.stop(),
      "the measuring of /healthz:": await measuring.stop(),
    };
    return Object.entries(faults).flatMap(([who, fault]) => (fault ? [`${who} ${fault}`] : []));
  };
  return {
    rest: () => measuring.note("rest"),
    attack() {
      if (strangers) return;
      measuring.note("attack");
      strangers = startCompanion(moduleOf("strangers"), job);
      for (const loot of found) strangers.note(loot);
    },
    find(loot) {
      if (!loot) return;
      found.push(loot);
      strangers?.note(loot);
    },
    told: () => strangers?.last() ?? {},
    health: () => measuring.last(),
    end() {
      ending ??= end();
      return ending;
    },
  };
}
