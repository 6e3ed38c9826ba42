import type { JoiningView } from "@tandem/protocol/view";
import { broughtText } from "../../lib/tasks/brought-text";
import { asked } from "../../text/brought";

export const whatIsAsked = ({ modalities, least }: NonNullable<JoiningView["own"]>): string =>
  asked(broughtText(modalities), Math.max(1, least.participant), least.class);
