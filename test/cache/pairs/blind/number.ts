import type { Traps } from "../fill.ts";

/** The same but for an amount. */
export const NUMBER: Traps = {
  plain: {
    billShare: [
      "What does each of {n!} people pay when a ${bill} dinner bill is split evenly? / We're {n!} friends sharing a ${bill} restaurant bill equally, how much is that each? / Divide a ${bill} bill by {n!} guests for me.",
      { n: "2..14", bill: "85..450+35" },
    ],
    wallPaint: [
      "How many litres of {paint} do I need for {n!} square metres of wall? / I want to cover {n!} square metres of wall with {paint}. How many litres should I buy?",
      { n: "10..150+10", paint: "emulsion paint, primer, limewash, chalk paint, masonry paint, anti-mould paint" },
    ],
    monthlySaver: [
      "If I put aside ${n!} a month at {rate} percent interest, what will I have after {years} years? / How much money does ${n!} a month grow to in {years} years at {rate} percent?",
      { n: "50..950+50", rate: "2, 3, 4, 5, 7", years: "5, 8, 10, 15, 20" },
    ],
    partyDrinks: [
      "How many bottles of {drink} should I buy for {n!} guests? / We expect {n!} guests. How many bottles of {drink} do we need? / Work out how much {drink} to get in for a party of {n!}.",
      { n: "10..140+10", drink: "red wine, prosecco, sparkling water, white wine, lemonade, champagne" },
    ],
    saleTag: [
      "What does a {thing} priced at ${price} come to with {n!} percent off? / There's {n!} percent off a {thing} that normally costs ${price}. What do I pay?",
      { n: "5..70+5", price: "49, 80, 120, 199, 350", thing: "jacket, tent, suitcase, blender, desk chair" },
    ],
    bodyMass: [
      "What is the BMI of somebody who is {cm} cm tall and weighs {n!} kg? / I weigh {n!} kg and I'm {cm} cm tall, what's my BMI?",
      { n: "48..110+3", cm: "158, 163, 170, 176, 182, 190" },
    ],
    walkBurn: [
      "How many calories does {who} burn walking {n!} kilometres? / Walking {n!} kilometres, how much energy is that in calories for {who}?",
      { n: "2..30+2", who: "a man of 80 kg, a woman of 60 kg, a teenager, a hiker with a heavy backpack" },
    ],
    shortStay: [
      "Plan a trip of {n!} days to {place} for {who}. / Draw up an itinerary for {n!} days in {place} for {who}.",
      {
        n: "2..14",
        place: "Lisbon, Japan, Scotland, Sicily, Vietnam, Iceland, Morocco",
        who: "a family, two students, a retired couple",
      },
    ],
    exactMatch: [
      "Give me a regular expression that matches exactly {n!} {chars} in a row. / Which regex finds exactly {n!} consecutive {chars}?",
      { n: "2..24", chars: "digits, capital letters, hexadecimal characters, vowels, whitespace characters" },
    ],
    minutePast: [
      "What's the crontab line that runs {job} every day at {n!} minutes past {hour}? / I want cron to start {job} daily at {n!} minutes past {hour}. What do I write?",
      { n: "2..58", job: "a backup, a cleanup script, a report, a sync", hour: "one, two, three, four, five, six" },
    ],
    petAge: [
      "How old is a {pet} of {n!} in human years? / My {pet} is {n#!} years old. What age would that be for a person?",
      { n: "2..14", pet: "dachshund, cat, labrador, pony, poodle" },
    ],
    roundRobin: [
      "How many games are there when {n!} teams each play each other once in a {sport} league? / In a {sport} league of {n!} teams, everybody meets everybody once. How many games is that?",
      { n: "4..24", sport: "football, handball, chess, volleyball, hockey, darts" },
    ],
    posts: [
      "How many bags of concrete do I need to set {n!} {posts}? / I'm setting {n!} {posts} in concrete. How many bags should I buy?",
      { n: "3..40+3", posts: "fence posts, deck footings, gate posts, pergola posts" },
    ],
  },
  hard: {
    arrangements: [
      "in how many ways can {n!} {things} be lined up / how many orders are there for {n!} {things} on a shelf",
      { n: "3..15", things: "different books, different vases, framed photos, numbered boxes" },
    ],
    clientTimeout: [
      "set the request timeout to {n!} seconds in {tool} / how do i make {tool} give up after {n!} seconds",
      { n: "2..60+2", tool: "nginx, axios, curl, requests, haproxy, okhttp" },
    ],
    portionCalories: [
      "how many calories are in {n!} grams of {food} / calories {n!} g {food}",
      { n: "20..400+20", food: "peanut butter, cheddar, salmon, cooked lentils, avocado, dark chocolate" },
    ],
    cityTax: [
      "how much tourist tax do i pay for {n!} nights in {city} / tourist tax {city} {n!} nights total",
      { n: "2..5", city: "amsterdam, rome, barcelona, berlin, venice, prague" },
    ],
    rowCap: [
      "return only the first {n!} rows of a query in {db} / limit a result to {n!} rows in {db}",
      { n: "5..100+5", db: "oracle, sql server, postgres, db2, bigquery" },
    ],
    evenColumns: [
      "css grid with {n!} equal columns and a gap of {gap} pixels / how do i make {n!} equal columns with a gap of {gap} pixels in css",
      { n: "2..12", gap: "4, 8, 10, 12, 16, 20, 24" },
    ],
    verseLength: [
      "write a poem of {n!} lines about {topic} / {n!} line poem about {topic}",
      { n: "4..30+2", topic: "autumn, my grandmother, the sea, a lost umbrella, monday mornings, a cat" },
    ],
    salesTax: [
      "add {n!} percent vat to {amount} euros / what is {amount} euros plus {n!} percent vat",
      { n: "5..27", amount: "40, 95, 130, 260, 499, 1200" },
    ],
    numeral: [
      "write {n!} in {system} / what is {n!} as a number in {system}",
      { n: "17..400+3", system: "binary, hexadecimal, octal, roman numerals" },
    ],
    applianceCost: [
      "what does a {device} of {n!} watts cost to run for {hours} hours / running cost of a {device} of {n!} watts over {hours} hours",
      { n: "100..2400+100", device: "heater, vacuum cleaner, dehumidifier, fan", hours: "2, 3, 5, 8" },
    ],
    atomic: [
      "which element has atomic number {n!} and what is its {what} / name the chemical element number {n!} and its {what}",
      { n: "2..110", what: "symbol, melting point, discoverer" },
    ],
    presidency: [
      "who was the {nth!} president of the united states and what was his {what} / name the {nth!} us president and his {what}",
      {
        nth: "3rd, 4th, 5th, 6th, 7th, 8th, 9th, 11th, 12th, 14th, 16th, 18th, 20th, 26th, 28th, 30th, 32nd, 33rd, 35th, 38th, 40th, 42nd",
        what: "party, home state, vice president",
      },
    ],
    sumUpTo: [
      "sum of the first {n!} {numbers} / add up the first {n!} {numbers}",
      { n: "5..90+5", numbers: "odd numbers, even numbers, square numbers, prime numbers, fibonacci numbers" },
    ],
    gbpPay: [
      "monthly take home pay on a salary of {n!} thousand in {country} / what is left each month of a salary of {n!} thousand in {country}",
      { n: "22..120+2", country: "scotland, ireland, france, canada, the netherlands" },
    ],
  },
};
