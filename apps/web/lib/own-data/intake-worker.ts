import { type Lazy, lazily } from "@tandem/core/lazily";
import type { PictureFeatures } from "@tandem/intake/intake";
import type { IntakePort, IntakeToPage, PageToIntake } from "@tandem/intake/messages";
import { browserDecoder } from "@tandem/intake/pictures/browser-decoder";
import { serveIntake } from "@tandem/intake/serve-intake";

// A page reads for one task; tfjs comes for those alone that have a backbone.
let opened: Lazy<PictureFeatures> | undefined;

serveIntake(
  globalThis as unknown as IntakePort<IntakeToPage, PageToIntake>,
  browserDecoder,
  (backbone) => {
    opened ??= lazily(async () => (await import("./open-features")).openFeatures(backbone));
    return opened.get();
  },
);
