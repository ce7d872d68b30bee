/** What slots are filled with. Learn families take the words at even places, report families those at odd ones. */
const LISTS: Readonly<Record<string, string>> = {
  country: `France, Japan, Brazil, Kenya, Norway, Canada, Italy, Egypt, Peru, Vietnam, Poland, Chile, Greece, India, Ghana,
    Mexico, Sweden, Turkey, Ireland, Morocco, Portugal, Thailand, Hungary, Cuba, Finland, Nepal, Austria, Jordan, Iceland, Bolivia`,
  city: `Paris, Berlin, Tokyo, Madrid, Chicago, Oslo, Lagos, Boston, Dublin, Seoul, Cairo, Denver, Lisbon, Mumbai, Vienna,
    Toronto, Prague, Lima, Athens, Dallas, San Francisco, Hong Kong, New Orleans, Cape Town, Kyoto, Seattle, Milan, Geneva`,
  person: `Marie Curie, Isaac Newton, Ada Lovelace, Nelson Mandela, Frida Kahlo, Albert Einstein, Charles Darwin, Jane Austen,
    Alan Turing, Abraham Lincoln, Leonardo da Vinci, Cleopatra, Galileo, Florence Nightingale, Nikola Tesla, Mozart, Beethoven, Picasso`,
  company: `Google, Microsoft, Toyota, Nestlé, Siemens, Amazon, Boeing, Adobe, Spotify, Samsung, Netflix, Intel, Airbus, Oracle,
    Shell, Unilever, Tesla, Sony, Pfizer, Bayer, Volvo, Nintendo`,
  coding: `Python, Java, Rust, Ruby, Kotlin, Swift, JavaScript, Scala, PHP, Perl, Haskell, Elixir, C++, Go, TypeScript, Julia`,
  tool: `Docker, Kubernetes, Git, Redis, Terraform, Jenkins, PostgreSQL, MongoDB, Kafka, Nginx, Ansible, Grafana, MySQL, Webpack`,
  language: `French, German, Spanish, Italian, Japanese, Portuguese, Dutch, Korean, Swedish, Arabic, Russian, Turkish, Hindi, Greek`,
  animal: `cats, dogs, horses, dolphins, elephants, rabbits, owls, penguins, whales, bats, wolves, tigers, foxes, bees, sharks, frogs`,
  food: `rice, salmon, chicken, lentils, broccoli, mushrooms, pasta, eggs, spinach, beef, potatoes, tofu, shrimp, quinoa, oats, chickpeas`,
  plant: `tomatoes, basil, roses, strawberries, lavender, carrots, orchids, garlic, mint, cucumbers, tulips, onions`,
  element: `gold, iron, copper, zinc, mercury, silver, lead, nickel, tin, platinum, cobalt, titanium`,
  illness: `asthma, diabetes, malaria, migraine, measles, anemia, arthritis, influenza, pneumonia, psoriasis, gout, epilepsy`,
  film: `Titanic, Casablanca, The Godfather, Inception, Gladiator, Avatar, Jaws, Psycho, The Matrix, Amadeus, Rocky, Alien`,
  book: `Moby Dick, Hamlet, Dracula, Emma, Ulysses, Dune, Frankenstein, Macbeth, Beloved, Middlemarch, Don Quixote, Jane Eyre`,
  sport: `tennis, rugby, cricket, hockey, volleyball, golf, badminton, handball, baseball, judo, fencing, squash`,
  instrument: `piano, violin, guitar, flute, cello, drums, trumpet, harp, clarinet, banjo`,
  planet: `Mars, Jupiter, Venus, Saturn, Mercury, Neptune, Uranus, Pluto`,
  month: `January, February, March, April, May, June, July, August, September, October, November, December`,
  weekday: `Monday, Tuesday, Wednesday, Thursday, Friday, Saturday`,
  verb: `reverse, sort, shuffle, flatten, filter, copy, merge, split, serialize, clone`,
  thing: `list, string, dictionary, file, queue, table, matrix, set, tree, stack`,
  attribute: `climate, coastline, wildlife, climate, history, economy, cuisine, flag, government, geography, religion, culture, architecture, time zone, postal code, nightlife, public transport`,
  need: `water, light, space, food, attention, sunlight, protein, exercise, shade, sleep`,
  office: `treasurer, chairman, president, CFO, spokesperson, owner, lawyer`,
  concept: `pointer, closure, decorator, generator, namespace, transaction, index, trigger, template, volume, module, variable, lambda, thread`,
  body: `back, knee, shoulder, neck, ankle, wrist, elbow, hip, heel, jaw`,
  text: `haiku, speech, letter, essay, memo, report, limerick, summary, tweet, proposal`,
  topic: `climate change, remote work, electric cars, school uniforms, office parties, budget cuts, solar power, public transport, team building, data privacy`,
  format: `PDF, CSV, ZIP, DOCX, JSON, EPUB, HEIC, XLSX`,
  system: `Windows, Linux, Android, a Mac, an iPad, Ubuntu, iOS, a Chromebook`,
  land: `Frankreich, Japan, Italien, Spanien, Polen, Norwegen, Kanada, Schweden, Portugal, Österreich`,
  país: `Francia, Japón, Italia, Alemania, Polonia, Noruega, Canadá, Suecia, Portugal, Austria`,
  pays: `Italie, Espagne, Allemagne, Pologne, Norvège, Suède, Grèce, Autriche, Finlande, Irlande`,
};

/** Units that measure the same, with a plural each. */
const UNIT_SETS = [
  "kilometers, miles, meters, feet, yards",
  "kilograms, pounds, ounces, grams",
  "liters, gallons, pints, cups",
  "Celsius, Fahrenheit, Kelvin",
  "dollars, euros, yen, pesos, pounds",
  "hours, minutes, days, weeks",
  "megabytes, gigabytes, kilobytes, terabytes",
];

export type Split = "learn" | "report";

export const pools: Readonly<Record<Split, Readonly<Record<string, readonly string[]>>>> = {
  learn: halves(0),
  report: halves(1),
};
export const unitSets: readonly (readonly string[])[] = UNIT_SETS.map((set) => set.split(", "));

function halves(from: number): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(LISTS).map(([name, list]) => [
      name,
      list
        .split(",")
        .map((word) => word.trim().replaceAll(/\s+/gu, " "))
        .filter((_, at) => at % 2 === from || name === "month" || name === "weekday"),
    ]),
  );
}

const ONES =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** A whole number below a thousand in English words. */
export function inWords(value: number): string {
  if (value < 20) return ONES[value]!;
  if (value < 100) return `${TENS[Math.floor(value / 10)]}${value % 10 === 0 ? "" : `-${ONES[value % 10]}`}`;
  const rest = value % 100;
  return `${ONES[Math.floor(value / 100)]} hundred${rest === 0 ? "" : ` and ${inWords(rest)}`}`;
}
