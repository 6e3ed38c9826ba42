import { teacherContract } from "@tandem/core/testing/teacher.contract";
import { absentTeacher } from "./absent-teacher";

teacherContract("the absent teacher", async () => absentTeacher);
