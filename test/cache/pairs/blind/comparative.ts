import type { Traps } from "../fill.ts";

/** The same but that the comparison goes the other way. */
export const COMPARATIVE: Traps = {
  plain: {
    statRank: [
      "Which country in {area} has the <most|fewest> {things}? / Of all countries in {area}, name the one with the <largest|smallest> number of {things}.",
      {
        area: "Europe, Africa, South America, Asia, the Arab world",
        things: "inhabitants, airports, lakes, doctors, prisons, volcanoes, universities",
      },
    ],
    costLiving: [
      "Which cities in {country} are the <cheapest|dearest> to {act} in? / Where in {country} is it <least|most> expensive to {act}?",
      {
        country: "Canada, Spain, Poland, Japan, Brazil, the US, Italy",
        act: "rent, study, park a car, eat out, buy a flat",
      },
    ],
    doseTime: [
      "What should I do <before|after> {event}? / Give me a checklist for the time <before|after> {event}. / How should I behave <before|after> {event}?",
      {
        event:
          "a blood donation, a job interview, a long flight, a marathon, a tooth extraction, a colonoscopy, a house move, a house viewing, a vaccination, a wedding, a knee operation, a funeral, a driving test, a laser treatment, a tax audit, a product launch",
      },
    ],
    gainWeight: [
      "How can {who} <gain|lose> weight with {means}? / Which {means} help {who} to get <heavier|lighter>?",
      {
        who: "a teenager, a cat, an older man, a runner, a young horse, a breastfeeding mother",
        means: "snacks, exercises, meals, habits",
      },
    ],
    fileOrder: [
      "How do I sort {things} so that the <newest|oldest> come first in {app}? / In {app}, how do I get {things} listed with the <latest|earliest> at the top?",
      {
        things: "files, comments, photos, mails, notes, orders",
        app: "Google Drive, Outlook, Lightroom, WordPress, Shopify, Finder",
      },
    ],
    tempRoom: [
      "How do I make {place} <warmer|cooler> {when}? / What can I do so that {place} gets <less cold|less hot> {when}?",
      {
        place: "my greenhouse, the attic, a tent, our conservatory, a server room, the garage",
        when: "at night, without electricity, on a small budget, quickly",
      },
    ],
    imageSize: [
      "How do I make {thing} <bigger|smaller> in {app}? / I need {thing} to be <larger|less large> in {app}. How's that done?",
      {
        thing: "the font, an image, the cursor, a text box, the margins, a chart",
        app: "Photoshop, Word, PowerPoint, Google Slides, Canva, InDesign",
      },
    ],
    firstLast: [
      "Who was the <first|last> {role} of {land}? / Name the <first|last> {role} that {land} had.",
      {
        role: "head of state, head of government, foreign minister, finance minister",
        land: "the Ottoman Empire, Austria-Hungary, East Germany, Yugoslavia, the Soviet Union, Czechoslovakia, South Vietnam, the Weimar Republic, Prussia, the Confederate States, Tsarist Russia",
      },
    ],
    investRisk: [
      "Which {assets} carry the <highest|lowest> risk for {who}? / For {who}, what are the <riskiest|safest> {assets}?",
      {
        assets: "funds, bonds, shares, savings products, pension plans",
        who: "beginners, pensioners, students, a family with a mortgage, the self-employed",
      },
    ],
    speedUp: [
      "How do I make {thing} go <faster|slower> in {app}? / What do I change to <speed up|slow down> {thing} in {app}?",
      {
        thing: "a clip, an animation, the scrolling, the mouse pointer, playback, a transition",
        app: "Premiere, Windows, PowerPoint, VLC, After Effects, iMovie",
      },
    ],
    wageGap: [
      "In which {unit} do {workers} earn <more|less> than the average? / Where do {workers} get <above-average|below-average> pay, broken down by {unit}?",
      {
        unit: "countries, US states, German regions, industries, cities",
        workers: "nurses, teachers, welders, pilots, web developers, lorry drivers",
      },
    ],
    loudness: [
      "Which {machines} are the <loudest|quietest> that are sold in {place}? / What are the <noisiest|least noisy> {machines} one can buy in {place}?",
      {
        machines: "dishwashers, lawn mowers, fridges, hair dryers, mechanical keyboards, vacuum cleaners, laptops",
        place: "Europe, America, Australia, India",
      },
    ],
    vitaminLevel: [
      "Which {foods} have the <highest|lowest> amount of {stuff}? / Name the {foods} with the <most|least> {stuff}.",
      {
        foods: "vegetables, nuts, cheeses, fish, fruits, breads",
        stuff: "iron, salt, protein, fibre, sugar, calcium, zinc",
      },
    ],
  },
  hard: {
    arrayEnds: [
      "find the <maximum|minimum> of {data} in {lang} / get the <largest|smallest> value of {data} in {lang}",
      {
        data: "an array, a nested list, a column, a stream, a map, a linked list",
        lang: "rust, java, python, haskell, c, julia",
      },
    ],
    olderThan: [
      "delete {things} <older|newer> than {n} days in {tool} / how do i remove {things} that are <more|less> than {n} days old in {tool}",
      {
        things: "logs, snapshots, mails, backups",
        n: "7, 14, 30, 60, 90",
        tool: "powershell, bash, a cron job",
      },
    ],
    greaterRows: [
      "sql for {rows} with a {field} <above|below> {n} / select {rows} whose {field} is <greater|smaller> than {n}",
      {
        rows: "orders, products, accounts, players",
        field: "total, score, balance, price",
        n: "10, 50, 100, 500, 1000",
      },
    ],
    pressureBlood: [
      "which {things} <raise|lower> {value} / {things} that make {value} go <up|down>",
      {
        things: "foods, medicines, hormones, exercises, drinks, herbs",
        value: "blood pressure, blood sugar, cholesterol, body temperature, the heart rate, uric acid, iron levels",
      },
    ],
    sortNumbers: [
      "sort {data} in <ascending|descending> order in {lang} / {lang} sort {data} <ascending|descending>",
      {
        data: "strings, numbers, dates, objects by key, tuples, file sizes",
        lang: "javascript, go, perl, scala, excel, r, matlab",
      },
    ],
    zoom: [
      "how do i zoom <in|out> in {app} with {means} / zoom <in|out> {app} using {means}",
      {
        app: "chrome, autocad, figma, google earth, a pdf reader, blender, excel",
        means: "the keyboard, a trackpad, a mouse wheel, a touchscreen",
      },
    ],
    loudVolume: [
      "how do i turn the {thing} of {device} <up|down> / {device} {thing} <up|down>",
      {
        thing: "volume, brightness, temperature, speed, sensitivity",
        device: "my car radio, a thermostat, the projector, a baby monitor, a treadmill, a smart tv, a hearing aid",
      },
    ],
    lightWeight: [
      "<lightest|heaviest> {things} under {n} dollars / which {things} under {n} dollars are the <lightest|heaviest>",
      {
        things: "laptops, tents, road bikes, hiking boots, prams, tripods, suitcases",
        n: "100, 200, 300, 500, 800, 1500",
      },
    ],
    earlierFlight: [
      "change my {trip} to <an earlier|a later> one with {firm} / can {firm} move me to <an earlier|a later> {trip} and how",
      {
        trip: "flight, train, ferry, bus, appointment, delivery",
        firm: "klm, deutsche bahn, the airline, the agency, dhl, the travel desk",
      },
    ],
    roundDir: [
      "round a {number} <up|down> to {to} in {lang} / how do i round {number}s <up|down> to {to} in {lang}",
      {
        number: "float, price, negative number, total",
        to: "a whole ten, two decimals, a quarter, a whole hundred",
        lang: "excel, python, sql, c#, swift",
      },
    ],
    topBottom: [
      "the <top|bottom> {n} {things} by {measure} in {place} / which {n} {things} have the <highest|lowest> {measure} in {place}",
      {
        n: "5, 10, 20, 25",
        things: "companies, schools, cities",
        measure: "revenue, growth, ratings",
        place: "france, texas, india, europe",
      },
    ],
    longShort: [
      "what is the <longest|shortest> {thing} by {whom} / <longest|shortest> {thing} {whom}",
      {
        thing: "work, letter, title, known piece",
        whom: "mozart, beethoven, stephen king, tolstoy, shakespeare, bach, poe, hemingway, wagner, kafka, chopin, brahms",
      },
    ],
    thickThin: [
      "how do i make {dish} <thicker|thinner> without {stuff} / my {dish} should be <thicker|thinner> but i have no {stuff}",
      {
        dish: "tomato soup, gravy, custard, pancake batter, curry, cheese sauce, jam",
        stuff: "flour, cream, cornstarch, water, a blender",
      },
    ],
    upDownGrade: [
      "how do i <upgrade|downgrade> {what} on {host} / <upgrade|downgrade> {what} {host}",
      {
        what: "node, python, my plan, php, the kernel, kubernetes",
        host: "heroku, ubuntu, aws, my vps, netlify, a mac",
      },
    ],
  },
};
