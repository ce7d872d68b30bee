import type { Traps } from "../fill.ts";

/** The same but for a time. */
export const DATE: Traps = {
  plain: {
    oscars: [
      "Which film won the Oscar for best picture in {year!}? / What was named best picture at the {year!} Academy Awards?",
      { year: "1951..2019" },
    ],
    worldSeries: [
      "How did the World Series of {year!} unfold? / Sum up the {year!} World Series for me. / What happened in the World Series in {year!}, game by game?",
      { year: "1921..1993" },
    ],
    hit: [
      "What was the best-selling single of {year!} in {land}? / Which song was bought most in {land} in {year!}?",
      { year: "1960..1999", land: "the UK, Australia" },
    ],
    forecast: [
      "What's the weather going to be like in {town} on {day!}? / Will I need an umbrella in {town} on {day!}?",
      {
        day: "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
        town: "Dublin, Seattle, Bergen, Hamburg, Auckland",
      },
    ],
    holidayTrip: [
      "How warm is the sea around {island} in {month!}? / In {month!}, what water temperature can I expect around {island}?",
      { month: "March, May, July, September, November", island: "Crete, Mallorca, Madeira, Cyprus, Bali, Corsica" },
    ],
    deduction: [
      "What was the standard deduction for {who} in {year!}? / For tax year {year!}, what standard deduction did {who} get?",
      {
        who: "single filers, married couples, heads of household",
        year: "2008, 2010, 2012, 2014, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023",
      },
    ],
    bornOn: [
      "What star sign is someone born on {month!} 5? / If my birthday is {month!} 5, what's my zodiac sign?",
      {
        month: "January, February, March, April, May, June, July, August, September, October, November, December",
      },
    ],
  },
  hard: {
    gardening: [
      "which {plant} can be planted in {month!} in a cold climate? / what {plant} should be sown indoors in {month!}?",
      {
        plant: "vegetables, flowers, herbs, bulbs",
        month: "february, april, june, september, november",
      },
    ],
    daysLeft: [
      "how many days are left in the year on {month!} {d}? / on {month!} {d}, how many days have passed since new year?",
      { month: "january, february, march, april, may, june, july, august, september, october, november", d: "2..28" },
    ],
    century: [
      "how was {craft} done in the {age!} century? / what did people earn from {craft} in the {age!} century?",
      {
        craft: "printing, weaving, shipbuilding, glass making, brewing, tanning",
        age: "twelfth, fifteenth, eighteenth, nineteenth",
      },
    ],
    decade: [
      "which {thing} were popular in the {age!}? / what did people think about {thing} in the {age!}?",
      {
        thing: "dances, hairstyles, board games, desserts, toys, kitchen colours, car models",
        age: "twenties, forties, fifties, sixties, seventies, eighties, nineties",
      },
    ],
    daysLate: [
      "how many days late is {duty} that was due on {month} {due} and was made on {month} {day!}?",
      {
        duty: "a tax payment, a rent payment, a delivery",
        due: "1, 3, 4",
        day: "6, 9, 14, 17, 20, 23, 28",
        month: "april, july, october",
      },
    ],
    timeOfDay: [
      "what should be eaten {time!} {sport}? / how much should be drunk {time!} {sport}?",
      {
        time: "an hour before, the evening before, right after, a week before, the morning after, during",
        sport: "a marathon, a swimming race, heavy lifting, a long ride, a football match, a boxing match",
      },
    ],
    version: [
      "what new things were added to {code} in {year!}? / which features did {code} get in {year!}?",
      { code: "python, javascript, postgres, php, the linux kernel", year: "2015..2023" },
    ],
    weekOf: [
      "what is happening in week {n!} of {time}? / what can be expected from week {n!} of {time}?",
      { n: "3..24+3", time: "a pregnancy, a newborn's life, a puppy's life" },
    ],
  },
};
