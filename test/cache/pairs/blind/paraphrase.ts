import type { Traps } from "../fill.ts";

/** Other words for the same question. */
export const PARAPHRASE: Traps = {
  plain: {
    wifiDrops: [
      "Why does my {device} keep losing the wifi connection? / My {device} drops off the wifi again and again. What is the cause? / What makes my {device} disconnect from the wifi all the time? / The wifi on my {device} is constantly cutting out, how come?",
      { device: "laptop, printer, iPad, smart TV, doorbell camera, phone, PlayStation, e-reader" },
    ],
    restDough: [
      "How long does {dough} need to rise? / What is the rising time for {dough}? / For how long should I let {dough} rise? / I'm making {dough}. How much time do I give it to rise?",
      {
        dough: "brioche dough, pizza dough, bagel dough, focaccia dough, sourdough, cinnamon roll dough, stollen dough",
      },
    ],
    boilerBleed: [
      "How do I bleed a {thing}? / What are the steps for bleeding a {thing}? / There's air in my {thing} and I have to let it out. What do I do? / Explain how to get the air out of a {thing}.",
      {
        thing:
          "radiator, hydraulic brake, central heating pump, fuel line, solar water heater, coolant system, towel rail",
      },
    ],
    noticePeriod: [
      "How much notice do I have to give when I quit a job in {country}? / What's the notice period for employees who resign in {country}? / I want to leave my job in {country}. How long in advance must I hand in my resignation? / If an employee in {country} resigns, how many weeks of notice are required?",
      { country: "Belgium, Denmark, Spain, Ireland, Poland, Singapore, Brazil, Switzerland" },
    ],
    squashCommits: [
      "How do I combine my last {n} commits into one in git? / Squash the last {n} git commits into a single one. / In git, I'd like to turn the most recent {n} commits into just one commit. What's the way to do that? / git squash last {n} commits",
      { n: "2..20" },
    ],
    tallestPeak: [
      "What is the highest mountain in {place}? / Which mountain in {place} is the tallest? / Name the highest peak of {place}. / Which mountain rises above all others in {place}?",
      { place: "Norway, Peru, Scotland, Iran, Kenya, Slovenia, Turkey, New Zealand, Bulgaria, Mexico" },
    ],
    inventedBy: [
      "Who invented the {thing}? / By whom was the {thing} invented? / Whose invention is the {thing}? / Which person came up with the {thing}? / inventor of the {thing}",
      {
        thing:
          "ballpoint pen, sewing machine, dishwasher, barcode, safety pin, saxophone, parachute, stethoscope, pacemaker",
      },
    ],
    removeStain: [
      "How do I get {stain} out of a carpet? / How can I remove {stain} from a carpet? / I have {stain} on my carpet, how do I get rid of it? / Tell me how {stain} comes off a carpet.",
      { stain: "candle wax, blood, red wine, ink, nail polish, dog urine, soot, coffee" },
    ],
    excelDupes: [
      "How do I remove duplicate {rows} in {app}? / I have {rows} that appear twice in {app}. How can I get rid of the extra ones? / What's the way to delete double {rows} in {app}? / {app}: delete repeated {rows}",
      {
        rows: "rows, contacts, entries",
        app: "Excel, Google Sheets, LibreOffice, Airtable, Numbers",
      },
    ],
    poemAbout: [
      "Write a short poem about {topic}. / Compose a brief poem on {topic}. / Could you write me a little poem about {topic}? / I'd like a short poem, and it should be about {topic}.",
      {
        topic:
          "the first snow, my old bicycle, a lighthouse, coffee, a lost glove, growing up, a night train, spring rain",
      },
    ],
    lateFee: [
      "What happens if I pay my {bill} late? / What are the consequences of paying the {bill} too late? / If my {bill} is paid after the due date, what follows from that? / I'm going to be late paying my {bill}. What will happen?",
      {
        bill: "credit card bill, rent, car tax, phone bill, council tax, student loan instalment, mortgage instalment",
      },
    ],
    newStarter: [
      "Who do I contact to order {item} for a new colleague? / Which person or team orders {item} for new starters? / A new colleague needs {item}. Whom do I ask for it? / We have somebody new in the team, where do I send a request for {item}?",
      {
        item: "a laptop, a desk phone, a door badge, an email account, a parking permit, business cards, a second screen",
      },
    ],
    heightIs: [
      "How tall is {thing}? / What is the height of {thing}? / How high is {thing}? / Tell me the height of {thing}.",
      {
        thing:
          "Big Ben, the Golden Gate Bridge, Christ the Redeemer, Niagara Falls, the Space Needle, the Leaning Tower of Pisa, Angel Falls, the Brandenburg Gate",
      },
    ],
    diffBetween: [
      "What is the difference between {pair}? / How do {pair} differ from each other? / In what way are {pair} different? / Explain what sets {pair} apart.",
      {
        pair: "a virus and a bacterium, TCP and UDP, weather and climate, a debit card and a credit card, jam and marmalade, a crocodile and an alligator, a process and a thread, mean and median, a lawyer and a notary",
      },
    ],
    stopBarking: [
      "How do I stop my {pet} from {act}? / What can I do to get my {pet} to quit {act}? / My {pet} keeps {act}. How do I put an end to that? / How can I break my {pet} of the habit of {act}?",
      {
        pet: "puppy, old dog, terrier",
        act: "barking at visitors, chewing shoes, pulling on the lead, digging up the lawn, jumping up at people, begging at the table",
      },
    ],
    flightRefund: [
      "Am I entitled to compensation when my {trip} is {n} hours late? / My {trip} was delayed by {n} hours. Do I have a right to compensation? / Is compensation due to me for a {trip} with a delay of {n} hours? / Do I get compensated if there's a {n}-hour delay on my {trip}?",
      { trip: "flight, train journey, ferry crossing, coach trip, cruise", n: "2, 3, 4, 5, 6" },
    ],
    convertTemp: [
      "What's {n} degrees Fahrenheit in Celsius? / Convert {n} Fahrenheit to Celsius. / How many degrees Celsius is {n} degrees Fahrenheit? / The oven says {n} Fahrenheit, which Celsius temperature is that? / {n} F to C",
      { n: "60..450+15" },
    ],
    readJson: [
      "How do I read a {kind} file in {lang}? / What's the way to load a {kind} file with {lang}? / I have a {kind} file and want to read it from {lang} code. How? / Show me how {lang} reads in a {kind} file.",
      { kind: "JSON, CSV, YAML, XML", lang: "Python, Go, Ruby, Kotlin, R, Rust" },
    ],
    muscleAche: [
      "Why do my {part} hurt after {act}? / What causes pain in the {part} after {act}? / After {act} I have sore {part}. What's the reason? / How come {act} makes my {part} ache?",
      { part: "knees, shoulders, wrists, calves, feet", act: "running, swimming, gardening, cycling, a long drive" },
    ],
    openHours: [
      "When does {place} open on Sundays? / What time does {place} open on a Sunday? / From what time on is {place} open on Sundays? / Sunday opening time of {place}",
      {
        place:
          "the Louvre, the British Museum, Central Park Zoo, the Prado, the Uffizi, the Vatican Museum, the Science Museum, Edinburgh Castle",
      },
    ],
    stuckPrinter: [
      "My printer says {error}. What should I do? / What do I do when the printer shows {error}? / How do I fix it when my printer reports {error}? / {error} on my printer, how can I solve this?",
      {
        error: "paper jam, low toner, offline, cartridge not recognised, out of memory, door open, replace drum",
      },
    ],
    quotient: [
      "What is {n} divided by {m}? / Divide {n} by {m}. / I have to split {n} into {m} equal parts. How large is each part? / Calculate the quotient of {n} and {m}. / {n} over {m}",
      { n: "144..960+24", m: "7, 9, 11, 13, 16, 18" },
    ],
    cancelMeeting: [
      "Write a short email that cancels our {meeting} because {why}. / I have to call off our {meeting} because {why}. Draft a brief mail for that. / Compose a short email saying our {meeting} won't take place because {why}.",
      {
        meeting: "team lunch, weekly call, product demo, workshop, site visit",
        why: "I'm ill, the room is flooded, two people are away, the trains are on strike",
      },
    ],
    toxicFor: [
      "Is {food} poisonous for {pet}? / Can {pet} be poisoned by {food}? / Is {food} toxic to {pet}? / Would eating {food} poison {pet}?",
      {
        food: "chocolate, avocado, rhubarb, lily pollen, ivy, onion",
        pet: "cats, dogs, rabbits, budgies, guinea pigs",
      },
    ],
    meaningOf: [
      "What does the word '{word}' mean? / What is the meaning of the word '{word}'? / Define '{word}'. / I came across the word '{word}' and don't know it. What does it mean?",
      {
        word: "serendipity, ubiquitous, obfuscate, petrichor, sanguine, ephemeral, schadenfreude, laconic, quixotic",
      },
    ],
    diedWhen: [
      "In what year did {person} die? / Which year did {person} die in? / What was the year of death of {person}? / {person} passed away in which year?",
      {
        person:
          "Napoleon, Marie Curie, Gandhi, Cleopatra, Beethoven, Frida Kahlo, Galileo, Edith Piaf, Alfred Nobel, Isaac Newton",
      },
    ],
    growsThere: [
      "Can I grow {plant} {where}? / Is it possible to grow {plant} {where}? / Will {plant} grow {where}? / I'd like to plant {plant} {where}. Does that work?",
      {
        plant: "lemons, potatoes, lavender, blueberries, ginger, figs",
        where: "on a balcony, in full shade, indoors, in clay soil, in Scotland",
      },
    ],
    bigFiles: [
      "How do I list all files larger than {n} MB in {os}? / Find every file over {n} MB in {os}. / In {os}, what shows me each file that is bigger than {n} MB? / I need a list of the files above {n} MB in {os}. How do I get it?",
      { n: "10, 50, 100, 200, 500", os: "Linux, Windows, macOS, PowerShell, FreeBSD" },
    ],
    quitApp: [
      "How do I close an app that is frozen on {os}? / I'm on {os} and an app has frozen. How do I shut it down? / What's the way to force quit an app that hangs on {os}? / On {os}, how can I end an app that no longer reacts?",
      { os: "Windows 11, Ubuntu, an iPhone, Android, macOS, ChromeOS, Fire OS, an Apple TV" },
    ],
    visaWait: [
      "How long does it take to get a {visa} for {country}? / What is the processing time of a {visa} for {country}? / If I apply for a {visa} for {country}, how long do I wait until I have it? / How long does {country} take to issue a {visa}?",
      {
        visa: "tourist visa, student visa, work visa, business visa",
        country: "China, India, Australia, Russia, Brazil",
      },
    ],
    leapYear: [
      "Was {year} a leap year? / Did {year} have 366 days? / Was there a 29 February in {year}? / How many days did February have in {year}, 28 or 29?",
      { year: "1896..2023" },
    ],
    proteinIn: [
      "How much {stuff} is in {food}? / What is the {stuff} content of {food}? / How much {stuff} does {food} contain? / {food}: how much {stuff} does it have?",
      {
        stuff: "protein, fibre, sugar, fat",
        food: "an avocado, a boiled egg, a cup of oats, a banana, a glass of whole milk, a slice of rye bread",
      },
    ],
    thankYou: [
      "How do I say '{phrase}' in {lang}? / What's the {lang} translation of '{phrase}'? / Translate '{phrase}' into {lang}. / I want to say '{phrase}' in {lang}. What are the words?",
      {
        phrase: "cheers, good night, get well soon, enjoy your meal, excuse me",
        lang: "Czech, Maltese, Icelandic, Thai, Bulgarian, Malay",
      },
    ],
    undoDelete: [
      "How do I recover a {thing} I deleted from {app}? / I deleted a {thing} from {app} by mistake. How can I get it back? / Is there a way to restore a deleted {thing} in {app}, and what is it? / My {thing} is gone from {app} because I deleted it, tell me how to bring it back.",
      { thing: "note, photo, message, file, folder", app: "Google Keep, iCloud, Dropbox, Teams, WhatsApp" },
    ],
    sleepHours: [
      "How many hours of sleep does {who} need a day? / How much sleep does {who} need per day? / How long should {who} sleep each day? / What's the recommended daily amount of sleep for {who}?",
      {
        who: "a teenager, a toddler, a pregnant woman, a man of seventy, a ten-year-old, a marathon runner, a night nurse",
      },
    ],
    currencyOf: [
      "Which currency is used in {country}? / What is the currency of {country}? / With what currency do people pay in {country}? / What kind of money does {country} use?",
      { country: "Bhutan, Iceland, Morocco, Vietnam, Georgia, Peru, Kenya, Hungary, Qatar, Malaysia" },
    ],
    vpnSetup: [
      "How do I set up {tool} on {os}? / What are the steps to get {tool} working on {os}? / Walk me through setting {tool} up on {os}. / I've got {os} and need {tool} on it, how do I set that up?",
      {
        tool: "the company VPN, two-factor login, WireGuard, Remote Desktop, Tailscale",
        os: "macOS, Windows, Android, Linux",
      },
    ],
    bookSummary: [
      "What is {book} about? / Tell me what {book} is about. / What's the story of {book}? / What happens in {book}, roughly? / Give me a rough idea of the plot of {book}.",
      {
        book: "Crime and Punishment, The Plague, Rebecca, Dune, The Name of the Rose, Siddhartha, Persuasion, The Bell Jar",
      },
    ],
    mendIt: [
      "How do I repair {damage}? / What's the way to fix {damage}? / There is {damage} at my place. How do I mend it? / Can you explain how {damage} is repaired? / repairing {damage}, how does it work",
      {
        damage:
          "a crack in the plaster, a leaking tap, a loose floorboard, a hole in a drywall, a torn window screen, a squeaking door, a chipped tile",
      },
    ],
    legalAge: [
      "How old do you have to be to {act} in {country}? / What's the minimum age to {act} in {country}? / From what age on may people {act} in {country}? / At which age are you first allowed to {act} in {country}?",
      {
        act: "buy beer, drive a car, vote, get married, buy cigarettes, get a tattoo",
        country: "Austria, Japan, Canada, Italy, India",
      },
    ],
    portOwner: [
      "How do I find out which process uses port {n} on {os}? / What program is listening on port {n} on my {os} machine, how do I see that? / Something is occupying port {n} on {os}. How do I find out what it is? / Show me how to see which process has port {n} open on {os}.",
      { n: "3000, 5432, 8000, 8080, 8443, 9090, 5000", os: "Linux, Windows, macOS" },
    ],
    lostPassword: [
      "I forgot my {site} password. How do I reset it? / How can I reset a forgotten {site} password? / What do I do when I no longer know my password for {site}? / I can't remember my {site} password, how do I get a new one?",
      { site: "LinkedIn, Steam, PayPal, Netflix, eBay, GitHub, Booking, Spotify, Etsy" },
    ],
    howOld: [
      "How long do {animals} live? / What is the lifespan of {animals}? / What age do {animals} reach? / How old do {animals} get? / How long is the life of {animals}?",
      {
        animals:
          "garden snails, swans, barn owls, ferrets, koi, blue whales, honey bees, elephants, guinea pigs, lobsters",
      },
    ],
    whyDo: [
      "Why do {what}? / What is the reason that {what}? / How come {what}? / For what reason do {what}?",
      {
        what: "leaves turn red in autumn, cats purr, onions make us cry, planes leave white trails, fingers wrinkle in water, some people snore, stars twinkle, we yawn",
      },
    ],
    fineFor: [
      "How much is the fine for {act} in {country}? / What does {act} cost you in {country} if you get caught? / If I'm caught {act} in {country}, how much do I have to pay? / What's the penalty in money for {act} in {country}?",
      {
        act: "running a red light, parking on the pavement, driving without a seat belt, littering, riding without a ticket",
        country: "Norway, Italy, Germany, Singapore, Spain",
      },
    ],
    bestTime: [
      "When is the best time to visit {place}? / What's the best time of year for a trip to {place}? / At what time of year is {place} best visited? / I'm planning to go to {place}. Which time of year is the best?",
      { place: "Costa Rica, Patagonia, Sri Lanka, Jordan, the Azores, Kyoto, Namibia, Lapland, Crete" },
    ],
    docLook: [
      "How do I change the {thing} in {app}? / How do I set a different {thing} in {app}? / I don't like the {thing} in {app}, how do I pick another one? / What do I do in {app} if I want a different {thing}?",
      {
        thing: "font, background colour, text colour, page size, spelling language",
        app: "Word, Google Docs, LibreOffice, Pages, WordPad",
      },
    ],
    refundTime: [
      "How long does a refund from {shop} take? / When will I have my money back after a refund from {shop}? / How many days until the refund from {shop} arrives? / {shop} is refunding me. How long do I have to wait for the money?",
      { shop: "Amazon, Zara, Ryanair, Asos, Ticketmaster, Apple, Airbnb, Uniqlo" },
    ],
    jobOf: [
      "What does a {job} do? / What are the tasks of a {job}? / What is the job of a {job} about? / What kind of work does a {job} do?",
      {
        job: "data engineer, notary, paralegal, product owner, toolmaker, sommelier, coroner, stage manager, speech therapist",
      },
    ],
    withoutStuff: [
      "How do I make {dish} without {stuff}? / What's a recipe for {dish} that has no {stuff} in it? / I can't have {stuff}. How can I make {dish} anyway? / Give me a recipe for {dish} that leaves out {stuff}.",
      {
        dish: "pancakes, tiramisu, banana bread, waffles, brownies, apple cake",
        stuff: "egg, milk, sugar, flour",
      },
    ],
    speedBoost: [
      "How can I make my {thing} run faster? / What can I do to speed up my {thing}? / My {thing} is slow. How do I get it to be faster? / Ways of making a slow {thing} quicker?",
      {
        thing:
          "Windows laptop, WordPress site, SQL query, Android phone, Docker build, iPad, Excel workbook, pandas script, GitLab pipeline",
      },
    ],
    compostOk: [
      "May I put {stuff} on the compost? / Is {stuff} allowed on a compost heap? / Can {stuff} be composted? / Is it all right to throw {stuff} onto the compost? / Does {stuff} belong on the compost heap?",
      {
        stuff:
          "orange peel, cooked rice, egg shell, coffee, cat litter, bread, wood ash, tea, meat, newspaper, pine needles",
      },
    ],
    signUpFor: [
      "How do I register for {thing}? / What do I have to do to sign up for {thing}? / How can I enrol for {thing}? / I'd like to take part in {thing}. How do I put my name down?",
      {
        thing:
          "the first aid course, the company run, the summer school, the Spanish class, the hackathon, the blood drive, the safety training",
      },
    ],
    percentIs: [
      "What percentage of {total} is {part}? / {part} is how many percent of {total}? / How much is {part} out of {total} in percent? / Express {part} as a percentage of {total}.",
      { total: "80, 120, 150, 240, 360, 480, 900", part: "9, 12, 18, 27, 36, 45, 60, 72" },
    ],
    landlordMay: [
      "Can my landlord {act}? / Is my landlord allowed to {act}? / Does the law let a landlord {act}? / Is it legal for a landlord to {act}?",
      {
        act: "enter the flat while I'm away, raise the rent twice in a year, forbid pets, keep my deposit for normal wear, ban overnight guests, refuse a bike in the hallway, turn off the hot water",
      },
    ],
    painterOf: [
      "Who painted {work}? / By which painter is {work}? / Who is the artist behind {work}? / Name the painter of {work}. / {work} was painted by whom?",
      {
        work: "The Night Watch, Guernica, The Birth of Venus, The Scream, Las Meninas, American Gothic, The Kiss, Girl with a Pearl Earring, Nighthawks",
      },
    ],
    carLight: [
      "What does it mean when the {light} light comes on in my car? / The {light} light is lit in my car. What does that tell me? / My car is showing the {light} light. What is it trying to say? / What is the meaning of a glowing {light} light on the dashboard of my car?",
      { light: "oil, ABS, engine, airbag, battery, tyre pressure, brake, coolant" },
    ],
    testForNull: [
      "How do I check whether a {thing} is empty in {lang}? / What's the {lang} way to test if a {thing} is empty? / In {lang}, how can I tell that there is nothing in a {thing}? / {lang} check for empty {thing}",
      { thing: "list, string, map, file", lang: "Java, Bash, Perl, Swift, PHP, Scala" },
    ],
    dailyLimit: [
      "How much {stuff} a day is safe for {who}? / What's the maximum amount of {stuff} that {who} can safely have per day? / Up to which daily amount is {stuff} safe for {who}? / At how much {stuff} a day does it stop being safe for {who}?",
      {
        stuff: "caffeine, salt, vitamin D, paracetamol, sugar, alcohol",
        who: "a healthy adult, a pregnant woman, a teenager, an older man",
      },
    ],
    travelTime: [
      "How long does it take to {travel} from {route}? / How much time do I need to {travel} from {route}? / If I {travel} from {route}, how long will I be on the way? / I'm going to {travel} from {route}. How much time will it take?",
      {
        travel: "drive, fly, cycle",
        route:
          "Paris to Lyon, Boston to New York, Munich to Venice, Sydney to Brisbane, Madrid to Lisbon, Dublin to Galway",
      },
    ],
    nameIdea: [
      "Suggest a name for {thing}. / What would be a good name for {thing}? / I'm looking for a name for {thing}, do you have an idea? / What could I call {thing}?",
      {
        thing:
          "a black kitten, my bakery, a board game cafe, our quiz team, a sailing boat, a podcast about trains, a goldfish, a yoga studio",
      },
    ],
    remedyFor: [
      "Which {what} helps against {ill}? / What {what} can I use for {ill}? / I suffer from {ill}. Is there a {what} that helps, and which? / Name a {what} that works for {ill}.",
      {
        what: "tea, home remedy, yoga pose, herb",
        ill: "a sore throat, insomnia, neck pain, nausea, dizziness, bloating",
      },
    ],
    switchOff: [
      "How do I turn off {feature} on {device}? / What's the way to disable {feature} on {device}? / I don't want {feature} on {device} any longer. How do I get rid of it? / How is {feature} switched off on {device}?",
      {
        feature: "autocorrect, the keyboard clicks, automatic brightness, voice control, vibration",
        device: "my iPhone, a Galaxy phone, a Pixel, my iPad, a Surface tablet",
      },
    ],
    spokenIn: [
      "What is the official language of {country}? / Which language is official in {country}? / Which tongue does {country} have as its official language? / official language {country}",
      { country: "Brazil, Iran, Ethiopia, Angola, Suriname, Austria, Chile, Mozambique, Liechtenstein, Cuba, Egypt" },
    ],
    papersFor: [
      "Which documents do I need to {act}? / What papers are required to {act}? / I want to {act}. What documents must I bring? / To {act}, what paperwork is necessary?",
      {
        act: "open a bank account, register a car, get married in Denmark, adopt a dog from a shelter, change my surname, apply for a mortgage, enrol at a German university, rent a flat in Paris",
      },
    ],
  },
  hard: {},
};
