import type { IntakePort, IntakeToPage, PageToIntake } from "./messages";
import { browserDecoder } from "./pictures/browser-decoder";
import { serveIntake } from "./serve-intake";

serveIntake(globalThis as unknown as IntakePort<IntakeToPage, PageToIntake>, browserDecoder);
