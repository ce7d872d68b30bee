import { wordsIn } from "./guard.ts";

const LIGHT = new Set(
  wordsIn(`
  use used using take takes need needs steps step best good way time times type number city country number order right
  common main different various work works working come play high long large big small old many much year years day days
  people person place list guide tips advice difference reason reasons cause answer question write text sentence word
  words explain short simple terms available current new full whole important popular special general known call
  start line become make create give keep happen easy manner detail
  `),
);

/** A word that questions of every subject have: to leave it out, or to say it otherwise, changes little. */
export const isLight = (word: string): boolean => LIGHT.has(word);
