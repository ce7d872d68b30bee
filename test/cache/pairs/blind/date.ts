import type { Traps } from "../fill.ts";

/** The same but for a day, a month, a year or a time. */
export const DATE: Traps = {
  plain: {
    yearHits: [
      "What were the biggest pop hits in {country} in {year!}? / Which songs were the greatest hits in {country} in {year!}?",
      { country: "Britain, Germany, Australia, Brazil, Italy", year: "1965..2018" },
    ],
    weekdayOf: [
      "On what day of the week does the {day!} of {month} {year} fall? / The {day!} of {month} {year}, which weekday is it?",
      {
        day: "3rd, 4th, 5th, 6th, 7th, 8th, 9th",
        month: "January, April, June, August, October, December",
        year: "1994, 2003, 2011, 2026, 2031",
      },
    ],
    countdown: [
      "How many days is it from today until {date!}? / Count the days left until {date!} for me. / How long do I still have to wait until {date!}?",
      {
        date: "14 February, 17 March, 1 April, 23 April, 5 May, 4 July, 21 August, 3 October, 31 October, 11 November, 6 December, Christmas Eve",
      },
    ],
    monthWeather: [
      "What is the weather usually like in {city} in {month!}? / I'm going to {city} in {month!}. What weather should I expect?",
      {
        city: "Athens, Bergen, Cape Town, Hanoi, Chicago, Reykjavik, Dubai",
        month: "January, April, July, October",
      },
    ],
    sowing: [
      "Which {plants} can I sow in {month!} in {place}? / It's {month!} in {place}. What {plants} should go into the ground now?",
      {
        plants: "vegetables, flowers, herbs, salads",
        month: "February, April, June, August, October",
        place: "England, southern Spain, Ohio, Denmark",
      },
    ],
    laureate: [
      "Who won the {award} in {year!}? / The {award} of {year!}, who got it? / To whom did the {award} go in {year!}?",
      {
        award: "Nobel Prize in Literature, Nobel Prize in Physics, Nobel Peace Prize, Nobel Prize in Chemistry",
        year: "1985..2019",
      },
    ],
    autoReply: [
      "Write an out-of-office message saying I'm back on {date!} and {who} stands in for me. / Draft an automatic reply: I'm away until {date!}, please turn to {who}.",
      {
        date: "3 May, 17 June, 2 January, 24 August, Monday, Thursday, 9 November",
        who: "my colleague Ana, the service desk, my manager, the sales team",
      },
    ],
    reschedule: [
      "Write an email to {who} asking to move our {meeting} to {when!}. / Draft a mail in which I ask {who} whether we can have our {meeting} on {when!} instead.",
      {
        who: "my dentist, the landlord, my supervisor, a client, the accountant",
        meeting: "appointment, review, call",
        when: "Tuesday morning, Friday afternoon, 12 July, next Wednesday, Monday at nine, 28 September",
      },
    ],
    elsewhere: [
      "When it's {time!} in {here}, what time is it in {there}? / What is the time in {there} when people in {here} have {time!}?",
      {
        time: "7 am, 8:30 am, 10 am, noon, 2 pm, 4:15 pm, 6 pm, 9 pm, 11:45 pm",
        here: "London, Berlin, Boston",
        there: "Tokyo, Sydney, Mumbai, Los Angeles, Nairobi",
      },
    ],
    starSign: [
      "Which zodiac sign has somebody who was born on {date!}? / My birthday is {date!}. What's my star sign? / Tell me the star sign for {date!}.",
      {
        date: "5 January, 8 February, 10 March, 9 April, 7 May, 8 June, 10 July, 9 August, 8 September, 10 October, 9 November, 7 December",
      },
    ],
    warrantyEnd: [
      "My {thing} has a guarantee of {n} years that began on {date!}. When does it run out? / If a {n}-year guarantee on a {thing} starts on {date!}, what is its last day?",
      {
        thing: "fridge, laptop, mattress, boiler",
        n: "2, 3, 5, 10",
        date: "4 March 2023, 19 July 2022, 1 October 2024, 30 May 2021, 12 December 2023, 8 February 2025",
      },
    ],
    bestFilms: [
      "What were the best {genre} films released in {year!}? / Recommend some good {genre} films that came out in {year!}.",
      { genre: "horror, animated, science fiction, crime, French", year: "1988..2019" },
    ],
    trainBy: [
      "Which train should I take from {from} to be in {to} by {time!}? / I have to be in {to} at {time!}. What train do I catch in {from}?",
      {
        from: "Leeds, Utrecht, Bremen, Lyon",
        to: "London, Paris, Brussels",
        time: "8 am, 10:30 am, 1 pm, 3:45 pm, 7 pm, 9:15 pm",
      },
    ],
  },
  hard: {
    priceThen: [
      "average price of {stuff} in {year!} / what did {stuff} cost on average in {year!}",
      {
        stuff:
          "an ounce of gold, a barrel of crude oil, a ton of wheat, a ton of copper, a new car in the us, a london flat",
        year: "1995..2023",
      },
    ],
    headcount: [
      "population of {country} in {year!} / how many people lived in {country} in {year!}",
      { country: "egypt, sweden, vietnam, argentina, ethiopia, iran, italy", year: "1950..2020+5" },
    ],
    sundown: [
      "when does the sun set in {city} on {date!} / sunset time {city} {date!}",
      {
        city: "oslo, madrid, seattle, cairo, melbourne, warsaw, toronto",
        date: "15 january, 3 march, 20 april, 1 june, 10 august, 25 september, 7 november",
      },
    ],
    daysOff: [
      "dates of the public holidays in {country} in {year!} / on which dates are the bank holidays in {country} in {year!}",
      { country: "scotland, spain, poland, india, brazil, hong kong", year: "2019..2030" },
    ],
    movableFeast: [
      "on which date is {feast} in {year!} / {feast} {year!} date",
      { feast: "easter sunday, good friday, palm sunday, pentecost, ascension day", year: "2021..2030" },
    ],
    oldRate: [
      "average exchange rate of the {from} to the {to} in {year!} / how many {to}s did you get for one {from} in {year!}",
      { from: "euro, pound, swiss franc", to: "us dollar, yen, rupee", year: "2002..2023" },
    ],
    commitsSince: [
      "show all commits on {branch} since {date!} / git log of {branch} from {date!} on",
      {
        branch: "main, develop, release, staging, hotfix",
        date: "monday, 1 may, 15 june, yesterday, last friday, 3 january, 20 november",
      },
    ],
    createdAfter: [
      "sql for all {rows} created after {date!} / select {rows} that were added later than {date!}",
      {
        rows: "orders, users, invoices, tickets, sessions, comments",
        date: "2021-03-01, 2022-07-15, 2023-01-31, 2023-10-01, 2024-05-20, 2024-12-24",
      },
    ],
    invite: [
      "write an invitation to {event} on {day!} / text for inviting people to {event} on {day!}",
      {
        event: "a housewarming, a barbecue, my retirement party, a games night, a baby shower, a book launch",
        day: "friday, saturday, sunday, 3 june, 12 august, new year's eve",
      },
    ],
    turns: [
      "how old is somebody born in {year!} at the end of {later} / born {year!} age at the end of {later}",
      { year: "1941..2004+3", later: "2010, 2020, 2024, 2030, 2035, 2040" },
    ],
    events: [
      "what important events happened in {country} in {year!} / major news in {country} in {year!}",
      { country: "chile, south korea, russia, france, south africa, china, ireland", year: "1961..2015+2" },
    ],
    yearInRoman: [
      "how do you write the year {year!} in roman numerals on {what} / {year!} in roman numerals on {what}",
      { year: "1888..2030+3", what: "a tattoo, a building, a gravestone" },
    ],
    lunchMenu: [
      "what's for lunch in the {where} on {day!} / menu of the {where} for {day!}",
      {
        where: "canteen, school cafeteria, hospital restaurant, student union, staff kitchen",
        day: "monday, tuesday, wednesday, thursday, friday, 4 march, 16 october",
      },
    ],
    tellTime: [
      "how do you say {time!} in {lang} / {time!} in spoken {lang}",
      {
        time: "half past six, quarter to nine, ten past four, five to twelve, seven o'clock, twenty past one",
        lang: "german, spanish, russian, mandarin, dutch, greek, hindi",
      },
    ],
  },
};
