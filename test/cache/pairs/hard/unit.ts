import type { Traps } from "../fill.ts";

/** The same but for what is counted in. */
export const UNIT: Traps = {
  plain: {
    waterDaily: [
      "How many {unit!} of water should I drink during a {n} hour {walk}? / For a {n} hour {walk}, how many {unit!} of water do I carry?",
      {
        unit: "litres, pints, fluid ounces, cups, millilitres, gallons",
        n: "2..7",
        walk: "hike, bike ride, desert walk",
      },
    ],
    parcel: [
      "What does it cost to send a parcel of {n} {unit!} to {land}? / How much is postage to {land} for a parcel that weighs {n} {unit!}?",
      { unit: "kg, lb, oz, grams", n: "2..20", land: "Norway, Chile, Japan, Kenya, Ireland" },
    ],
    planetDistance: [
      "How far is {body} from the Sun in {unit!}? / Give me the distance between the Sun and {body} in {unit!}.",
      {
        unit: "kilometres, miles, astronomical units, light minutes, metres",
        body: "Mercury, Venus, Mars, Jupiter, Saturn, Neptune, Pluto",
      },
    ],
    height: [
      "How tall is {peak} in {unit!}? / What's the elevation of {peak}, in {unit!}? / {peak}: how many {unit!} above sea level?",
      {
        unit: "feet, metres, kilometres, miles",
        peak: "K2, Mont Blanc, Denali, Aconcagua, Elbrus, Mount Fuji, Ben Nevis",
      },
    ],
    oven: [
      "Is {n} degrees {unit!} the right oven temperature for {bake}, or how hot should it be? / My recipe for {bake} says {n} degrees {unit!}, how many minutes will it take?",
      {
        unit: "Celsius, Fahrenheit",
        n: "180..230+10",
        bake: "meringue, a roast chicken, shortbread, a frittata, macarons",
      },
    ],
    price: [
      "What does {n} {unit!} buy me in a supermarket in {town}? / I have {n} {unit!} to spend on groceries in {town}, what do I get?",
      { unit: "euros, dollars, pounds, yen, rupees, pesos", n: "20..90+10", town: "Berlin, Delhi, Osaka, Bogota" },
    ],
    contractTime: [
      "Can I leave {contract} after {n} {unit!} without a fee, and how? / What does it cost to quit {contract} after {n} {unit!}?",
      {
        unit: "days, weeks, months, years",
        n: "2..11",
        contract: "a phone contract, a gym contract, a lease, an energy contract",
      },
    ],
  },
  hard: {
    inTheDrink: [
      "how much sugar is in {n} {unit!} of {drink}? / how much caffeine is in {n} {unit!} of {drink}?",
      {
        unit: "millilitres, litres, ounces, cups, teaspoons, pints",
        n: "2..8",
        drink: "cola, iced tea, cold brew, energy drink",
      },
    ],
    earnedIn: [
      "what interest is earned on {n} thousand euros in {m} {unit!} at three percent a year?",
      { unit: "days, weeks, months, years", n: "2..40+2", m: "2..9" },
    ],
    spelledWeight: [
      "how long does {roast} of {n} {unit!} have to be roasted? / how many people are fed by {roast} of {n} {unit!}?",
      { unit: "pounds, kilograms", n: "3..12", roast: "a turkey, a goose, a ham, a leg of lamb" },
    ],
    fever: [
      "what should be done about a fever of {n#} degrees {unit!}? / at {n#} degrees {unit!}, what happens to {stuff}?",
      { unit: "celsius, fahrenheit", n: "38..42", stuff: "butter, candle wax, yeast, chocolate, milk" },
    ],
    speed: [
      "how long is the stopping distance at {n} {unit!} on {road} road?",
      {
        unit: "kilometres per hour, miles per hour, metres per second",
        n: "20..60+5",
        road: "a dry, a wet, an icy, a gravel",
      },
    ],
    medicine: [
      "what happens if {n} {unit!} of {drug} are taken at once? / how often may {n} {unit!} of {drug} be taken?",
      { unit: "milligrams, micrograms, grams, tablets", n: "2..9", drug: "vitamin d, melatonin, folic acid, iodine" },
    ],
    storage: [
      "how many photos fit on {n} {unit!} of storage? / how long does it take to download {n} {unit!} at {m} megabits per second?",
      { unit: "megabytes, gigabytes, terabytes", n: "2..64+6", m: "10..100+30" },
    ],
    paint: [
      "how much paint is needed to cover {n} square {unit!} of {wall}? / what does it cost to plaster {n} square {unit!} of {wall}?",
      { unit: "feet, metres, yards", n: "20..90+10", wall: "brick, plasterboard, bare concrete" },
    ],
  },
};
