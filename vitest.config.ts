import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These begin first, so that no worker is left alone with one at the end. */
const slow = [
  "apps/cli/src/harness/crash.test.ts",
  "test/strategy.contract.test.ts",
  "apps/cli/src/chaos/command.test.ts",
  "packages/coordinator/src/databases.test.ts",
  "apps/teacher/src/process.test.ts",
  "apps/cli/src/store.test.ts",
  "apps/cli/src/simulate/experiment.test.ts",
  "packages/storage/src/pglite-experiments.test.ts",
  "apps/web/server/bases.test.ts",
  "apps/cli/src/teacher/command.test.ts",
];
/** Many short files that leave nothing behind: a process for each would take longer than its tests. */
const short = [
  "packages/{client,coordinator,core,evaluation,graph,intake,privacy,protocol,strategies}/**/*.test.ts",
  "apps/web/lib/**/*.test.{ts,tsx}",
];
const never = [...configDefaults.exclude, "**/.next/**"];

class SlowFirst extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const place = slow.findIndex((path) => moduleId.endsWith(path));
      if (place >= 0) return place;
      return project.config.isolate ? slow.length : slow.length + 1;
    };
    return (await super.sort(specs)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // The loader that the apps run under, so that tests resolve modules as they do.
    execArgv: ["--import", "tsx"],
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "apart",
          include: ["{apps,packages,test}/**/*.test.{ts,tsx}"],
          exclude: [...never, ...short],
        },
      },
      {
        extends: true,
        test: { name: "together", include: short, exclude: never, isolate: false },
      },
    ],
  },
});
