import type { ClientState } from "@tandem/client/messages";
import { plural } from "@tandem/core/format";
import type { MeasuredOn } from "@tandem/protocol/view";

/** What a mean accuracy is of, after "Mean"; absent: nobody has joined. */
export const meanText: Readonly<Record<MeasuredOn, string>> = {
  public: "on the public test",
  "held-out": "on what participants held back",
};

/** The same in a label. */
export const measureText: Readonly<Record<MeasuredOn, string>> = {
  public: "public test",
  "held-out": "held-back data",
};

type Measured = Pick<
  NonNullable<ClientState["assignment"]>,
  "measuredOn" | "measuredSamples" | "modality"
>;

/** What a participant's own accuracy is of. */
export const ownMeasureText = ({ measuredOn, measuredSamples, modality }: Measured): string => {
  const what = modality === "image" ? "picture" : modality === "text" ? "caption" : "sample";
  return measuredOn === "public"
    ? `measured on ${plural(measuredSamples, what)} of the public test`
    : `measured on ${plural(measuredSamples, what)} that you held back`;
};
