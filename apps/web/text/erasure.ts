const whatItDoes =
  "Your answers, your results in each round, your name, device and key are erased at once. What rounds have made of all answers cannot be taken back: averages, curves and what the teacher has learned. The record that somebody had your place stays too, and so do earlier backups.";

/** The words of the erasure of what somebody has sent, wherever they can ask for it. */
export const text = {
  title: "What you sent",
  erased: "It has been erased from the server. What rounds had made of all answers stays.",
  offer: "The server still keeps what this browser has sent to this study. You can have it erased.",
  ask: "Erase what you sent?",
  whatItDoes,
  whatElse: `${whatItDoes} This browser also forgets its model of this study, and none of its tabs goes on taking part.`,
  verb: "Erase",
  erase: "Erase what I sent",
} as const;
