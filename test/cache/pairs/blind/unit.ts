import type { Traps } from "../fill.ts";

/** The same but for a unit. */
export const UNIT: Traps = {
  plain: {
    weeksIn: [
      "How many {unit!} are there in {n} weeks? / {n} weeks, how many {unit!} is that? / Turn {n} weeks into {unit!}.",
      { n: "3..60", unit: "hours, minutes, seconds, days" },
    ],
    roadSpeed: [
      "What's {n} km/h in {unit!}? / I was doing {n} km/h. How fast is that in {unit!}?",
      { n: "30..240+5", unit: "miles per hour, knots, metres per second, feet per second" },
    ],
    fieldSize: [
      "Convert {n} acres to {unit!}. / The field measures {n} acres. What is that in {unit!}?",
      { n: "2..90+2", unit: "hectares, square feet, square metres, square kilometres" },
    ],
    tyrePressure: [
      "What is {n} psi expressed in {unit!}? / My pump shows {n} psi, what would that be in {unit!}?",
      { n: "18..120+3", unit: "bar, kilopascals, atmospheres, millimetres of mercury" },
    ],
    energyUse: [
      "We used {n} kilowatt hours. How many {unit!} is that? / Express {n} kilowatt hours in {unit!}.",
      { n: "5..300+5", unit: "megajoules, British thermal units, kilocalories, therms" },
    ],
    diskSize: [
      "How many {unit!} make {n} gigabytes? / My backup takes {n} gigabytes. How much is it in {unit!}?",
      { n: "3..128+3", unit: "megabytes, kilobytes, terabytes, gigabits" },
    ],
    cupsOf: [
      "How many {unit!} of {ingredient} are in {n} cups? / The recipe says {n} cups of {ingredient}. What does that come to in {unit!}?",
      {
        n: "2..9",
        ingredient: "plain flour, brown sugar, honey, cocoa powder, butter, rolled oats",
        unit: "grams, ounces, tablespoons, millilitres",
      },
    ],
    metalWorth: [
      "How much are {n} {unit!} of {metal} worth? / What would I get for {n} {unit!} of {metal}?",
      { n: "2..50+2", unit: "grams, kilograms, troy ounces, pounds", metal: "gold, silver, platinum, copper" },
    ],
    onFoot: [
      "How long does it take to walk {n} {unit!}? / I have to walk {n} {unit!}. How much time should I plan?",
      { n: "3..40", unit: "miles, kilometres, hundred metres, thousand steps" },
    ],
    torque: [
      "Convert a torque of {n} newton metres to {unit!}. / The manual says to tighten it to {n} newton metres. How much is that in {unit!}?",
      { n: "8..200+4", unit: "foot pounds, inch pounds, kilogram metres" },
    ],
    mileage: [
      "My car does {n} miles per gallon. What is that in {unit!}? / Convert {n} miles per gallon into {unit!}.",
      { n: "18..70", unit: "kilometres per litre, litres per 100 kilometres, miles per litre" },
    ],
    downloadWait: [
      "How long does it take to download {n} {unit!} at {speed} Mbps? / With a {speed} Mbps line, how long would {n} {unit!} take to download?",
      { n: "3..60+3", unit: "megabytes, gigabytes, terabytes", speed: "16, 50, 100, 250, 500" },
    ],
    payPer: [
      "How much is {n} thousand dollars a year per {unit!}? / I earn {n} thousand dollars a year. What do I make per {unit!}?",
      { n: "25..150+5", unit: "hour, day, week, month" },
    ],
  },
  hard: {
    heightOf: [
      "how tall is {building} in {unit!} / height of {building} in {unit!}",
      {
        building:
          "the burj khalifa, big ben, the eiffel tower, the empire state building, the cn tower, the statue of liberty, cologne cathedral",
        unit: "metres, feet, yards, inches",
      },
    ],
    depthOf: [
      "how deep is {water} in {unit!} / maximum depth of {water} in {unit!}",
      {
        water: "lake baikal, loch ness, the baltic sea, the mariana trench, lake tahoe, the black sea, lake geneva",
        unit: "metres, feet, fathoms, kilometres",
      },
    ],
    weightOf: [
      "how much does {animal} weigh in {unit!} / average weight of {animal} in {unit!}",
      {
        animal: "a grown moose, a polar bear, a hippo, a grey seal, a dairy cow, a silverback gorilla, a giraffe",
        unit: "kilograms, pounds, stone, tonnes",
      },
    ],
    boilsAt: [
      "boiling point of {liquid} in {unit!} / at how many degrees {unit!} does {liquid} boil",
      {
        liquid: "ethanol, acetone, mercury, liquid nitrogen, glycerine, methanol, seawater, benzene",
        unit: "celsius, fahrenheit, kelvin, rankine",
      },
    ],
    landArea: [
      "area of {country} in {unit!} / how many {unit!} does {country} cover",
      {
        country: "portugal, kenya, nepal, uruguay, iceland, greece, cuba, jordan",
        unit: "square miles, square kilometres, hectares, acres",
      },
    ],
    vmax: [
      "top speed of {what} in {unit!} / how fast can {what} go in {unit!}",
      {
        what: "a cheetah, a peregrine falcon, a tesla model 3, an f1 car, a sailfish, a cruise ship, the tgv, a greyhound",
        unit: "mph, kmh, knots, metres per second",
      },
    ],
    fuelPrice: [
      "price of {fuel} per {unit!} in {country} / what does {fuel} cost per {unit!} in {country}",
      {
        fuel: "diesel, petrol, heating oil, kerosene",
        unit: "litre, gallon, barrel",
        country: "france, canada, norway, mexico, japan",
      },
    ],
    pause: [
      "wait for {n} {unit!} in {lang} / pause a {lang} program for {n} {unit!}",
      {
        n: "5..90+5",
        unit: "seconds, milliseconds, minutes",
        lang: "python, rust, go, kotlin, swift, c#",
      },
    ],
    shiftBack: [
      "subtract {n} {unit!} from a timestamp in {tool} / how do i go back {n} {unit!} from a given date in {tool}",
      {
        n: "2..20+2",
        unit: "hours, days, weeks, months, years",
        tool: "postgres, moment, pandas, excel, bash",
      },
    ],
    cssSize: [
      "set the width of a {element} to {n} {unit!} / css {element} width {n} {unit!}",
      { element: "div, button, sidebar, modal, table", n: "5..80+5", unit: "px, rem, percent, vw, ch" },
    ],
    density: [
      "how many people live in {country} per square {unit!} / population density of {country} per square {unit!}",
      {
        country:
          "belgium, mongolia, bangladesh, taiwan, malta, namibia, italy, australia, finland, egypt, singapore, brazil, peru, poland, sweden, ireland",
        unit: "kilometre, mile, metre",
      },
    ],
    lightDistance: [
      "how far is {body} from earth in {unit!} / distance from earth to {body} in {unit!}",
      {
        body: "mars, the moon, neptune, sirius, the sun, proxima centauri, jupiter, vega",
        unit: "kilometres, miles, light years, astronomical units",
      },
    ],
    ageIn: [
      "i was born in {year} so how many {unit!} old am i / how many {unit!} has somebody born in {year} lived",
      { year: "1950..2012+2", unit: "days, weeks, months, hours" },
    ],
    bathFill: [
      "how many {unit!} of water does a {vessel} hold / capacity of a {vessel} in {unit!}",
      {
        vessel: "standard bathtub, paddling pool, toilet cistern, watering can, kitchen sink, rain barrel, hot tub",
        unit: "litres, gallons, pints, cubic feet",
      },
    ],
  },
};
