"use client";

import { useFormContext, useWatch } from "react-hook-form";
import { checkForm } from "../../lib/form/check-form";
import type { FormShape, FormValues } from "../../lib/form/experiment-form";
import { lastStep, stepOfPath } from "../../lib/form/settings";
import { text } from "../../text/new-experiment";
import { StepList } from "../ui/step-list";

type Props = {
  readonly shape: FormShape;
  readonly step: number;
  readonly go: (step: number) => void;
};

/** All steps can be gone to; once somebody has tried to create, those with mistakes are marked. */
export function FormSteps({ shape, step, go }: Props) {
  const { isSubmitted } = useFormContext<FormValues>().formState;
  const values = useWatch() as FormValues;
  const { errors } = checkForm(shape, values);
  const wrong = new Set(isSubmitted ? errors.map(({ path }) => stepOfPath(path)) : []);
  const done = new Set(text.steps.flatMap((_, i) => (i < step ? [i] : [])));
  return <StepList titles={text.steps} reached={lastStep} {...{ step, done, wrong, go }} />;
}
