import type { Traps } from "../fill.ts";

/** The same but that the comparison goes the other way. */
export const COMPARATIVE: Traps = {
  plain: {
    extremes: [
      "Name the <longest|shortest> {thing} that {area} has. / Of every {thing} to be found in {area}, which one is <longest|shortest>?",
      {
        thing: "ski slope, tunnel, railway line, suspension bridge, hiking trail, motorway",
        area: "Europe, Africa, South America, Asia, Switzerland, Canada, Scandinavia",
      },
    ],
    cheapFlight: [
      "When are {fare} to {place} <cheapest|most expensive>? / In which month do {fare} to {place} cost the <least|most>?",
      {
        fare: "flights, cruises, package holidays, charter flights",
        place: "Greece, Bermuda, Malta, Hawaii, Sardinia, Madeira",
      },
    ],
    rates: [
      "What happens to {thing} when interest rates <rise|fall>? / How do <rising|falling> interest rates affect {thing}? / Interest rates are going <up|down>, what does that do to {thing}?",
      {
        thing:
          "bond prices, house prices, savings accounts, the exchange rate, mortgage payments, gold, bank profits, share prices, pensions",
      },
    ],
    dense: [
      "Why is {x} <harder|easier> to work with than {y}? / What makes {x} <harder|easier> to cut than {y}?",
      { xy: "oak, aluminium, brass, pine, marble, slate, glass fibre, copper, limestone" },
    ],
    pressure: [
      "How do I <raise|lower> my {value}? / What can I do to <increase|reduce> my {value}? / My {value} is too <low|high>, what should I do?",
      { value: "blood pressure, blood sugar, heart rate, body temperature, cholesterol, blood iron, stomach acid" },
    ],
    inhabitants: [
      "Which {area} has the <largest|smallest> population? / What is the {area} with the <most|fewest> inhabitants?",
      {
        area: "US state, German state, Canadian province, Greek island, French region, Swiss canton, Japanese prefecture, Spanish province",
      },
    ],
    minimum: [
      "What is the <lowest|highest> {limit} allowed in {land}? / By law, what {limit} is the <minimum|maximum> in {land}?",
      {
        limit: "rent deposit, motorway speed, retirement age, fine for speeding, pension contribution",
        land: "France, Norway, Texas, Ontario, Japan, Chile",
      },
    ],
  },
  hard: {
    cheaperThan: [
      "is it <cheaper|more expensive> to heat a {home} with {x} than with {y}? / why is {x} <cheaper|more expensive> than {y} for a {home}?",
      { home: "small flat, farmhouse, greenhouse, workshop", xy: "gas, wood, oil, pellets, a heat pump, coal" },
    ],
    structures: [
      "in which cases is a {x} <faster|slower> than a {y}? / when does a {x} use <more|less> memory than a {y}?",
      { xy: "hash table, linked list, binary tree, sorted array, bloom filter, vector, skip list" },
    ],
    sweeter: [
      "is {x} <sweeter|less sweet> than {y}? / does {x} keep for a <longer|shorter> time than {y}?",
      { xy: "honey, maple syrup, agave syrup, molasses, caster sugar, fructose, stevia, date syrup" },
    ],
    olderThan: [
      "which {thing} are <older|younger> than the {mark}? / which {thing} were made <before|after> the {mark}?",
      {
        thing: "temples, paintings, tools, writings, coins, settlements",
        mark: "pyramids, parthenon, roman empire, printing press, plague, stone circles",
      },
    ],
    beasts: [
      "which {animals} are <heavier|lighter> than a {thing}? / which {animals} are <larger|smaller> than a {thing}?",
      {
        animals: "birds, fish, mammals, insects, reptiles, dinosaurs",
        thing: "house cat, coin, cow, human, tennis ball, pigeon",
      },
    ],
    atLeast: [
      "what is owed in tax by a person who earns <more|less> than {n} thousand in {land}? / which benefits are paid to families with <more|less> than {n} thousand a year in {land}?",
      { n: "15..95+10", land: "italy, sweden, austria, the netherlands, greece" },
    ],
    sideOf: [
      "what should be worn when it is <above|below> {n} degrees at a {event}? / how should a {event} be planned when it is <above|below> {n} degrees?",
      { n: "5..25+5", event: "wedding, garden party, football match, school trip, street market" },
    ],
    stronger: [
      "is the {pain} in the {part} meant to be <stronger|weaker> after {cure}? / why is the {pain} in the {part} <worse|better> after {cure}?",
      {
        pain: "ache, swelling, tingling",
        part: "knee, shoulder, lower back, jaw",
        cure: "physiotherapy, an injection, a night's rest",
      },
    ],
  },
};
