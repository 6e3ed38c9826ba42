import { Command } from "commander";
import { accountCommand } from "./account";
import { backboneCommand } from "./backbone";
import { benchCommand } from "./bench/command";
import { chaosCommand } from "./chaos/command";
import { demoCommand } from "./demo/command";
import { doctorCommand } from "./doctor/command";
import { experimentCommand } from "./experiment/command";
import { fleetCommand } from "./fleet/command";
import { reportCommand } from "./report/command";
import { scaleCommand } from "./scale/command";
import { simulateCommand } from "./simulate/command";
import { storeCommand } from "./store";
import { taskCommand } from "./task/command";
import { teacherCommand } from "./teacher/command";

/** Every command, as `npm run NAME` calls them. */
export const program = (): Command =>
  new Command("tandem")
    .description("Federated learning in browser tabs, with a text-to-image teacher")
    .addCommand(accountCommand())
    .addCommand(backboneCommand())
    .addCommand(benchCommand())
    .addCommand(chaosCommand())
    .addCommand(demoCommand())
    .addCommand(doctorCommand())
    .addCommand(experimentCommand())
    .addCommand(fleetCommand())
    .addCommand(reportCommand())
    .addCommand(scaleCommand())
    .addCommand(simulateCommand())
    .addCommand(storeCommand())
    .addCommand(taskCommand())
    .addCommand(teacherCommand());
