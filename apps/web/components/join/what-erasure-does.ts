/** As it is said wherever somebody can ask for it. */
export const whatErasureDoes =
  "Your answers, your results in each round, your name, device and key are erased at once. What rounds have made of all answers cannot be taken back: averages, curves and what the teacher has learned. That somebody had your place stays too, and so do backups from before.";
