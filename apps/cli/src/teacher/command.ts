import { checkParity, parityBound } from "@tandem/diffusion/parity";
import { Command } from "commander";
import { distilCommand } from "./distil";
import { evaluatorCommand } from "./evaluator";
import { finetuneCommand } from "./finetune";
import { generateCommand } from "./generate";
import { pretrainCommand } from "./pretrain";
import { scoreCommand } from "./score";

export function teacherCommand(): Command {
  return new Command("teacher")
    .description("paint with, train and measure the text-to-image teacher")
    .addCommand(generateCommand())
    .addCommand(finetuneCommand())
    .addCommand(pretrainCommand())
    .addCommand(distilCommand())
    .addCommand(scoreCommand())
    .addCommand(evaluatorCommand())
    .addCommand(parityCommand());
}

const parityCommand = () =>
  new Command("parity")
    .description("compare models and schedulers with reference numbers")
    .argument("<directory>", "folder of fixtures: config.json, weights and io.safetensors each")
    .action(async (directory: string) => {
      const results = await checkParity(directory);
      const width = Math.max(...results.map(({ folder }) => folder.length));
      for (const { folder, tensor, error } of results) {
        const mark = error <= parityBound ? "ok  " : "FAIL";
        process.stdout.write(
          `${mark}  ${error.toExponential(2)}  ${folder.padEnd(width)}  ${tensor}\n`,
        );
      }
      const failed = results.filter(({ error }) => !(error <= parityBound)).length;
      process.stdout.write(
        `${results.length - failed} of ${results.length} tensors within ${parityBound} of the reference\n`,
      );
      if (failed > 0) process.exitCode = 1;
    });
