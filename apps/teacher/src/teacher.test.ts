import { teacherContract } from "@tandem/core/testing/teacher.contract";
import { buildEmojiStyle } from "@tandem/datasets/emoji/build-style";
import { createTeacher } from "./teacher";

teacherContract("the teacher in this process", async () => {
  await buildEmojiStyle();
  return createTeacher({ threads: 1 });
});
