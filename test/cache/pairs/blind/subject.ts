import type { Traps } from "../fill.ts";

/** Each wording is another question about the same things. */
export const SUBJECT: Traps = {
  plain: {
    bakedGoods: [
      "How do I bake {bread} at home? / Where does {bread} come from originally? / How do I store {bread} so that it stays fresh? / What do people usually eat with {bread}?",
      { bread: "focaccia, pumpernickel, naan, brioche, ciabatta, cornbread, challah, pita bread" },
    ],
    houseHold: [
      "How often does {machine} have to be serviced? / How long does {machine} last? / How much power does {machine} use in a year? / What does {machine} cost to buy?",
      {
        machine:
          "a heat pump, a gas boiler, a tumble dryer, an air conditioner, a chest freezer, a robot mower, a dehumidifier",
      },
    ],
    composerLife: [
      "Where did {person} grow up? / How did {person} die? / Whom did {person} marry? / Which of the works by {person} is the most famous?",
      {
        person:
          "Mozart, Frida Kahlo, Agatha Christie, Picasso, Charles Dickens, Chopin, Oscar Wilde, Jane Austen, Van Gogh",
      },
    ],
    rentedFlat: [
      "Who pays for {repair} in a rented flat in {country}? / How long does {repair} usually take in a rented flat in {country}? / May a tenant do {repair} alone in a flat in {country}?",
      {
        repair: "repainting, a boiler repair, new flooring, pest control, drain cleaning",
        country: "England, Germany, France, Canada",
      },
    ],
    invoiceDesk: [
      "Where can I see the {paper} from {month}? / Why is the {paper} from {month} higher than usual? / How do I dispute the {paper} from {month}? / By when is the {paper} from {month} to be paid?",
      {
        paper: "phone bill, invoice, credit card statement, power bill",
        month: "March, June, August, November, January",
      },
    ],
    leaveRules: [
      "How do I apply for {leave} at {firm}? / How many days of {leave} do I get at {firm}? / Do I get paid during {leave} at {firm}? / Who approves {leave} at {firm}?",
      {
        leave: "parental leave, study leave, unpaid leave, sick leave, special leave",
        firm: "a bank, the university, our company, the city council",
      },
    ],
    landAndPeople: [
      "What language do people speak in {country}? / Which religion do most people in {country} have? / When did {country} become independent? / Who is the head of state of {country}?",
      { country: "Suriname, Bhutan, Rwanda, Cyprus, Paraguay, Senegal, Moldova, Fiji, Jordan, Slovenia" },
    ],
    parcelHelp: [
      "Where is my {parcel} from {shop} right now? / How do I change the address of my {parcel} from {shop}? / What if my {parcel} from {shop} arrives damaged? / How do I refuse my {parcel} from {shop}?",
      { parcel: "parcel, grocery delivery, sofa, registered letter", shop: "Amazon, Ikea, eBay, Etsy, Argos" },
    ],
    dogTraits: [
      "How big does a {breed} get? / How much exercise does a {breed} need each day? / How do I brush a {breed} properly? / At what age is a {breed} fully grown?",
      { breed: "beagle, border collie, corgi, poodle, boxer, whippet, shih tzu, husky" },
    ],
    dbCare: [
      "How do I back up a {db} database on {os}? / How do I see how large a {db} database is on {os}? / How do I rename a {db} database on {os}? / How do I list the tables of a {db} database on {os}?",
      { db: "Postgres, MySQL, SQLite, MariaDB", os: "Ubuntu, Windows, macOS" },
    ],
    instrumentWay: [
      "How do I tune a {instrument}? / How much does a good {instrument} for beginners cost? / How long does it take to learn the {instrument}? / How do I clean a {instrument}?",
      { instrument: "cello, ukulele, harp, banjo, violin, mandolin, piano, zither" },
    ],
    tripTo: [
      "How do I get around in {city}? / In which part of {city} should I stay? / What should I eat in {city}? / Where do I change money in {city}?",
      { city: "Lisbon, Istanbul, Hanoi, Krakow, Marrakesh, Lima, Bogota, Tbilisi, Osaka, Riga" },
    ],
    medicineAsk: [
      "What is {drug} prescribed for? / How quickly does {drug} start to work? / May I drink alcohol while I take {drug}? / How do I come off {drug} safely?",
      {
        drug: "citalopram, prednisone, gabapentin, metoprolol, zolpidem, methotrexate, tramadol, levothyroxine",
      },
    ],
  },
  hard: {
    waterPlant: [
      "how often should i water {plant} {when} / how much should i water {plant} {when} / at what time of day should i water {plant} {when} / with what should i water {plant} {when}",
      {
        plant: "an orchid, a cactus, basil, a bonsai, a tomato plant, a peace lily",
        when: "in summer, in winter, after repotting",
      },
    ],
    passportWhat: [
      "how much does {paper} cost in {country} / how long is {paper} valid in {country} / how long does it take to get {paper} in {country} / where do i get {paper} in {country}",
      {
        paper: "a passport, a driving licence, a fishing licence, an id card",
        country: "ireland, spain, canada, sweden",
      },
    ],
    gitBranch: [
      "how do i rename a {thing} in {tool} / how do i restore a {thing} in {tool} / how do i copy a {thing} in {tool} / how do i share a {thing} in {tool}",
      {
        thing: "project, page, report, view, template",
        tool: "notion, gitlab, airtable, tableau, figma",
      },
    ],
    meatTemp: [
      "how long do i cook {meat} in {how} / how hot do i cook {meat} in {how} / with what do i season {meat} in {how} / how do i know that {meat} is done in {how}",
      {
        meat: "a turkey, pork belly, a leg of lamb, brisket, a duck, salmon",
        how: "the oven, a smoker, an air fryer",
      },
    ],
    whoWhenWhere: [
      "who invented {thing} / when was {thing} invented / where was {thing} invented / why was {thing} invented",
      {
        thing:
          "the zipper, the telescope, the bicycle, dynamite, the microscope, the typewriter, barbed wire, the barometer, the helicopter",
      },
    ],
    loginTrouble: [
      "why can't i log in to {app} on {device} / how do i log in to {app} on {device} / how do i stay logged in to {app} on {device} / who else is logged in to {app} on {device}",
      { app: "netflix, teams, steam, facebook, spotify", device: "my tv, my phone, a shared pc" },
    ],
    muscleAsk: [
      "which exercises train {part} {where} / which exercises stretch {part} {where} / which exercises strain {part} too much {where} / how often should i train {part} {where}",
      {
        part: "the calves, the lower back, the shoulders, the hips, the forearms",
        where: "at home, at the gym, in the pool",
      },
    ],
    riverFacts: [
      "how long is the {river} / how deep is the {river} / how wide is the {river} / how old is the {river} / how clean is the {river}",
      { river: "danube, rhine, nile, mekong, volga, thames, ganges, loire, elbe, hudson" },
    ],
    fileWhy: [
      "how do i print a {file} file on {os} / how do i open a {file} file on {os} / how do i edit a {file} file on {os} / how do i compress a {file} file on {os}",
      { file: "tiff, dwg, csv, psd, bmp, sql", os: "linux, windows, a mac" },
    ],
    salaryJob: [
      "what does a {job} earn in {country} / what does a {job} do in {country} / how do i become a {job} in {country} / how many hours does a {job} work in {country}",
      { job: "midwife, notary, pilot, surveyor, zookeeper, dentist", country: "germany, australia, canada" },
    ],
    battleAsk: [
      "who won {battle} / who started {battle} / who died in {battle} / who wrote about {battle} / who paid for {battle}",
      {
        battle:
          "the crimean war, the boer war, the winter war, the thirty years' war, the falklands war, the korean war, the peloponnesian war, the war of the roses",
      },
    ],
    ticketAsk: [
      "how do i buy a ticket for {event} {how} / how do i resell a ticket for {event} {how} / how do i print a ticket for {event} {how} / how do i transfer a ticket for {event} {how}",
      {
        event: "the opera, a cup final, the zoo, a music festival, the museum",
        how: "online, in the app, as a student",
      },
    ],
    washClothes: [
      "how hot can i wash {cloth} / how often should i wash {cloth} / how do i dry {cloth} / how do i iron {cloth} / how do i dye {cloth}",
      {
        cloth:
          "linen trousers, silk scarves, cotton curtains, denim jackets, velvet cushions, satin sheets, bamboo towels",
      },
    ],
    testCase: [
      "how do i skip a test in {tool} / how do i repeat a test in {tool} / how do i debug a test in {tool} / how do i tag a test in {tool} / how do i time a test in {tool}",
      { tool: "pytest, jest, junit, rspec, cypress, mocha, phpunit, playwright, go test" },
    ],
  },
};
