import { serveJob } from "../harness/child-job";
import { playRounds } from "./rounds";

serveJob(playRounds);
