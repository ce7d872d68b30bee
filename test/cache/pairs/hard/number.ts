import type { Traps } from "../fill.ts";

/** The same but for an amount. */
export const NUMBER: Traps = {
  plain: {
    waterForGrain: [
      "How much water do I need to cook {n!} cups of {grain}? / I'm cooking {n!} cups of {grain}, how much water goes in? / What amount of water is right for {n!} cups of {grain}?",
      { n: "2..12", grain: "basmati rice, quinoa, couscous, bulgur, polenta, wild rice" },
    ],
    loanPayment: [
      "What is the monthly payment on a loan of ${n!},000 over {years} years at 6 percent? / If I borrow ${n!},000 for {years} years at 6 percent, what do I pay each month?",
      { n: "10..400+5", years: "5, 10, 15, 20, 30" },
    ],
    cubed: [
      "What do I get if I cube {n!}? / {n!} to the power of three, what's that? / Raise {n!} to the third power.",
      { n: "11..95+3" },
    ],
    errorCode: [
      "What does HTTP status {n!} mean? / My server answers with status code {n!}, what does that tell me? / Explain the HTTP response code {n!}.",
      { n: "400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 418, 429, 500, 501, 502, 503, 504, 301, 302, 304, 307" },
    ],
    rome: [
      "How do I write {n!} in Roman numerals? / {n!} as a Roman numeral, what is it? / What are the Roman numerals for {n!}?",
      { n: "14..399+7" },
    ],
    presents: [
      "What are good gifts for a {n!} year old {child}? / Any present ideas for a {child} turning {n!}?",
      { n: "1, 3, 6, 10, 14, 17", child: "boy, girl, nephew, niece, godchild" },
    ],
    presidents: [
      "Who was the {n!}th president of the United States? / Name the {n!}th US president. / Which man served as American president number {n!}?",
      { n: "4..20" },
    ],
  },
  hard: {
    itinerary: [
      "what can i see in {n!} days in {place}? / plan me a trip of {n!} days through {place}",
      {
        n: "2, 3, 5, 7, 10, 14",
        place: "southern italy, the scottish highlands, kyoto, northern vietnam, andalusia, costa rica",
      },
    ],
    incomeTax: [
      "how much income tax is owed on a salary of {n#!} thousand pounds? / what is left after tax of {n#!} thousand pounds a year?",
      { n: "14..150+2" },
    ],
    severance: [
      "how much severance pay is owed after {n#!} years of employment? / what severance is owed when an employee is let go after {n#!} years?",
      { n: "2..30" },
    ],
    training: [
      "how should i train to run {n!} kilometres in under {m} minutes? / what pace is needed for {n!} kilometres in {m} minutes?",
      { n: "3..12", m: "55..90+5" },
    ],
    dose: [
      "how many milligrams of {drug} may be given to a child weighing {n!} kilograms? / what is the dose of {drug} for a child of {n!} kilograms?",
      { n: "8..40", drug: "paracetamol, ibuprofen, amoxicillin, cetirizine, azithromycin" },
    ],
    retire: [
      "how much must be saved each month to have a million by the age of {n!} if i am {m} now?",
      { n: "45..70", m: "22..38" },
    ],
    cake: [
      "how many eggs go into a {cake} for {n#!} people? / how much flour is needed for a {cake} that serves {n#!}?",
      { n: "4..40+4", cake: "sponge cake, carrot cake, chocolate cake, birthday cake" },
    ],
    flooring: [
      "a room is {m} feet by {n!} feet; how many square feet of {cover} do i need?",
      { n: "8..26", m: "9..21+2", cover: "carpet, laminate, tile, vinyl" },
    ],
  },
};
