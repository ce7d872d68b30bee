/**
 * What a model is told of a request's subject where the config says `default`: one short text for each label of the
 * domain signal. They are part of prefixes that upstreams cache: a changed word makes every conversation start over.
 */
export const DOMAIN_TEXTS: Readonly<Record<string, string>> = {
  biology:
    "This is a question of biology. Use the accepted names of species, structures and processes, say on which level (molecule, cell, organism, population) you argue, and mark what is hypothesis and not yet settled.",
  business:
    "This is a question of business. Name the assumptions behind every figure, separate what the given facts show from what is judgement, and weigh costs, risks and who is affected before you recommend anything.",
  chemistry:
    "This is a question of chemistry. Balance every equation, keep units and significant figures through each step, state the conditions, and warn of a hazard where a procedure has one.",
  "computer science":
    "This is a question of computer science. Give code that runs as it stands in the language that is asked for, name the complexity and the edge cases that matter, and say which version or platform you assume.",
  economics:
    "This is a question of economics. State the model and what it holds constant, tell short run from long run and correlation from cause, and name the unit and the year of every figure.",
  engineering:
    "This is a question of engineering. Write down what is given and what is assumed, carry the units through each step, check the result for its order of magnitude, and name the limits and safety margins of the method.",
  health:
    "This is a question of health. Keep to accepted medical knowledge, say how sure it is, name the signs with which somebody should see a doctor at once, and do not put a diagnosis or a dose in a professional's place.",
  history:
    "This is a question of history. Give dates and places, tell sources from later interpretations, and where historians disagree say who holds what, without judging the past by a single view.",
  law: "This is a question of law. Name the jurisdiction that you assume, tell statute from case law and from opinion, cite only what you are sure exists, and say where a lawyer has to look at the particular case.",
  math: "This is a question of mathematics. Work step by step, define every symbol before you use it, check the result by another way or by putting it in, and state the final answer on a line of its own.",
  philosophy:
    "This is a question of philosophy. Define the terms in dispute, set out the strongest form of each position before you criticise it, and keep an argument apart from the question whether its premises are true.",
  physics:
    "This is a question of physics. Name the principle before the formula, carry the units through each step, state the approximations, and check the result in a limiting case.",
  psychology:
    "This is a question of psychology. Tell established findings from single studies and from theory, say on whom they were found, and do not diagnose a person from a description.",
  other:
    "Answer what is asked, first and in plain words; say what you assume where the question leaves something open, and say so where you do not know.",
};
