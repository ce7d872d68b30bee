import type { Traps } from "../fill.ts";

/** The same words, but who does what to whom, or what becomes what, the other way round. */
export const ROLE_SWAP: Traps = {
  plain: {
    turnFile: [
      "How do I convert {x} to {y} on {os}? / What's a free way on {os} to turn {x} into {y}?",
      {
        xy: "a PDF, a Word document, an EPUB, an HTML page, a LaTeX file, a Markdown file",
        os: "Linux, a Mac, Windows",
      },
    ],
    changeOver: [
      "How do we go over from {x} to {y} without losing data? / We use {x} and want to switch to {y}, how do we go about it? / What is the best way to move all our data out of {x} and into {y}?",
      { xy: "MySQL, Postgres, Oracle, MongoDB, MariaDB, SQL Server, DynamoDB" },
    ],
    dictionary: [
      "Where can I find a dictionary that translates from {x} to {y}? / How good are apps at turning {x} texts into {y} ones?",
      { xy: "Danish, Czech, Arabic, Turkish, Hindi, Dutch, Ukrainian" },
    ],
    directions: [
      "Which train do I take from {x} to {y}, and when does the first one leave? / I'm in {x} and have to be in {y} by noon, which train should I catch? / What time is the last train leaving {x} for {y}?",
      { xy: "Milan, Zurich, Munich, Paris, Brussels, Cologne, Turin, Geneva" },
    ],
    exchange: [
      "How many {x} do I get for {n} {y}? / What are {n} {y} worth in {x}? / I'd like to change {n} {y} into {x}, how much is that?",
      { xy: "euros, Swiss francs, zloty, forints, dollars, kroner", n: "100..900+100" },
    ],
    defeated: [
      "In which years did {x} defeat {y} in a final? / When did {x} last knock {y} out of a World Cup? / How did {x} manage to beat {y} the last time they met?",
      { xy: "Brazil, Uruguay, Italy, Germany, Croatia, Mexico, Spain" },
    ],
    colony: [
      "Why did {x} invade {y}? / When did troops from {x} march into {y}?",
      { xy: "Russia, Sweden, Poland, France, Prussia, Austria, Denmark" },
    ],
  },
  hard: {
    owes: [
      "what does {x} owe {y} when {event}? / what can {x} be sued for by {y} when {event}?",
      {
        xy: "a tenant, a landlord, a buyer, a seller, a contractor, an heir",
        event: "a contract is broken, a house burns down, a debt is forgotten, a signature is forged",
      },
    ],
    causes: [
      "how is {x} caused by {y}? / why does {y} so often lead to {x}?",
      { xy: "stress, insomnia, migraine, weight gain, depression, back pain, high blood pressure" },
    ],
    prey: [
      "how are {x} hunted by {y}? / how do {x} defend themselves against {y}?",
      { xy: "crabs, octopuses, seals, gulls, eels, jellyfish, squid, sea turtles" },
    ],
    coats: [
      "why is {x} put on before {y} on {thing}? / can {x} be put on top of {y} on {thing}, and what happens then?",
      { xy: "primer, filler, varnish, wood oil, stain, wax", thing: "an old door, a table top, a garden fence" },
    ],
    calls: [
      "how is {x} code called from {y}? / how is a {x} library wrapped so that it can be used from {y}?",
      { xy: "python, rust, fortran, c++, java, go, lua" },
    ],
    harderToLearn: [
      "why is {x} harder to learn than {y} for {who}? / why do {who} quit {x} more often than {y}?",
      {
        xy: "the violin, the piano, the oboe, the cello, the guitar, the trumpet",
        who: "children, adults, left-handed people",
      },
    ],
    reports: [
      "which information must be given to {x} by {y} in the first week? / when may {y} refuse to follow the wishes of {x}?",
      { xy: "a nurse, a doctor, a patient, a relative, a surgeon, a midwife, a pharmacist" },
    ],
    replaced: [
      "why was {x} replaced with {y} in {place}? / what changed when {y} took the place of {x} in {place}?",
      {
        xy: "wood, stone, concrete, steel, brick, clay",
        place: "bridge building, house building, shipyards, church towers",
      },
    ],
  },
};
