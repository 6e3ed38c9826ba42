import { applicants } from "./applicants";
import { babblers } from "./babblers";
import { bombers } from "./bombs";
import { climbers } from "./climbers";
import { copyists } from "./copyists";
import { flooders } from "./flooders";
import { foreigners } from "./foreigners";
import { framers } from "./framers";
import { gatecrashers } from "./gatecrashers";
import { guessers } from "./guessers";
import { hoarders } from "./hoarders";
import { inventors } from "./inventors";
import { liars } from "./liars";
import { provokers } from "./provokers";
import { rebinders } from "./rebinders";
import { revolving } from "./revolving";
import { sluggards } from "./sluggards";
import { spenders } from "./spenders";
import { squatters } from "./squatters";
import type { Kind } from "./stranger";
import { thieves } from "./thieves";

/** In the order of what strangers want: to stall, fill, rob, read, and to break. */
export const kinds: readonly Kind[] = [
  revolving,
  bombers,
  flooders,
  sluggards,
  hoarders,
  squatters,
  applicants,
  spenders,
  liars,
  thieves,
  gatecrashers,
  guessers,
  rebinders,
  foreigners,
  framers,
  climbers,
  copyists,
  provokers,
  inventors,
  babblers,
];
