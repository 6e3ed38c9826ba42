import { teacherContract } from "@tandem/core/testing/teacher.contract";
import { createCopyist } from "./copyist";
import { set } from "./tiny-simulation";

teacherContract("the copyist", async () => createCopyist(set));
