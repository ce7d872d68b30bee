import type { Traps } from "../fill.ts";

/** The same but for who or what it is about. */
export const ENTITY: Traps = {
  plain: {
    endPlan: [
      "How do I cancel my {plan} with {service!}? / I no longer want my {plan} with {service!}. How do I end it? / What's the way to get out of a {plan} with {service!}?",
      {
        plan: "free trial, family plan, yearly membership",
        service: "Spotify, Audible, Netflix, Adobe, LinkedIn, Duolingo, Dropbox, Peloton",
      },
    ],
    founders: [
      "Who founded {company!}? / {company!} was started by whom? / Name the people behind the founding of {company!}.",
      {
        company:
          "Ikea, Nokia, Airbnb, Lego, Siemens, Patagonia, Nvidia, Red Bull, Philips, Intel, Adidas, Puma, Starbucks, Zara, Samsung, Tesla",
      },
    ],
    exports: [
      "What are the main exports of {country!} among {goods}? / Which {goods} does {country!} sell most to other countries?",
      {
        goods: "farm products, minerals, industrial goods",
        country: "Chile, Ghana, Kazakhstan, New Zealand, Vietnam, Peru, Norway, Turkey",
      },
    ],
    sideEffects: [
      "Which side effects does {drug!} have in {who}? / What unwanted effects can {drug!} cause in {who}?",
      {
        drug: "metformin, sertraline, amoxicillin, prednisone, lisinopril, isotretinoin, omeprazole, methotrexate",
        who: "adults, older people, teenagers, women",
      },
    ],
    exportFrom: [
      "How do I export {stuff} from {app!}? / I want to get {stuff} out of {app!}. How does that work?",
      {
        stuff: "all my data, everything as a PDF, my attachments",
        app: "Trello, Notion, Evernote, Slack, Jira, Asana, OneNote, Airtable",
      },
    ],
    dishFor: [
      "Give me a recipe for {dish!} for {n} people. / How do I cook {dish!} for {n}? / I want to make {dish!} and we're {n} at the table. What's the recipe?",
      {
        dish: "moussaka, paella, goulash, pad thai, ratatouille, shakshuka, risotto, pierogi",
        n: "2, 3, 4, 6, 8, 10",
      },
    ],
    bookPart: [
      "Summarise the {part} of {book!}. / What happens in the {part} of {book!}?",
      {
        part: "first chapter, ending, plot",
        book: "Moby-Dick, Emma, Dracula, The Hobbit, Jane Eyre, The Great Gatsby, Frankenstein, Beloved",
      },
    ],
    airportRide: [
      "How do I get from {city!} airport to the centre at {time}? / I land in {city!} at {time}. How do I get into town from the airport?",
      {
        city: "Oslo, Krakow, Seville, Seoul, Bangkok, Edinburgh, Milan, Denver",
        time: "midnight, five in the morning, noon",
      },
    ],
    homeCare: [
      "What helps against {illness!} in {who}? / How is {illness!} in {who} treated at home?",
      {
        illness: "hay fever, head lice, a sprained ankle, sunburn, constipation, tonsillitis, heartburn",
        who: "small children, pregnant women, adults, the elderly",
      },
    ],
    installOn: [
      "How do I install {software!} on {os}? / I want to set up {software!} on {os}. What are the steps?",
      {
        software: "Docker, Redis, Node, Wireshark, Gimp, Terraform, MongoDB, Blender",
        os: "Ubuntu, Windows 11, macOS, Fedora, a Raspberry Pi",
      },
    ],
    playChord: [
      "Which notes make up the {chord!} chord and how do I play it on the {instrument}? / Tell me the notes of {chord!} and how the {instrument} plays that chord.",
      {
        chord: "C major, D minor, E major, F major, G minor, A minor, B flat major",
        instrument: "guitar, ukulele, piano, mandolin, banjo",
      },
    ],
    sendBack: [
      "How do I return {thing} to {shop!}? / I want to send {thing} back to {shop!}. What do I have to do?",
      {
        thing: "shoes, an opened laptop, a sofa, a gift",
        shop: "Amazon, Zalando, Walmart, Costco, Best Buy, Target, John Lewis",
      },
    ],
    stainOut: [
      "How do I get a {stain!} stain out of {cloth}? / There's a {stain!} stain on {cloth}. How does it come out?",
      {
        stain: "red wine, blood, grass, candle wax, biro, curry, rust, chewing gum",
        cloth: "a wool jumper, a silk tie, jeans, a white shirt, the carpet",
      },
    ],
  },
  hard: {
    eraseAccount: [
      "how do i delete my {service!} account {where} / delete {service!} account {where}",
      {
        service: "instagram, reddit, tinder, paypal, snapchat, discord, uber, github",
        where: "on my phone, without the password, for good",
      },
    ],
    penned: [
      "who wrote {book!} and when / author of {book!} and year",
      {
        book: "ulysses, middlemarch, the stranger, war and peace, don quixote, the trial, catch-22, invisible man, the alchemist, life of pi, dune, matilda, persuasion, lolita",
      },
    ],
    meltsAt: [
      "at what temperature does {metal!} melt in {unit} / melting point of {metal!} in {unit}",
      {
        metal: "gold, tin, lead, zinc, iron, tungsten, copper, titanium, nickel",
        unit: "celsius, kelvin, fahrenheit",
      },
    ],
    birthday: [
      "when and where was {person!} born / birthplace and birth date of {person!}",
      {
        person:
          "frida kahlo, nikola tesla, marie curie, bob marley, franz kafka, ada lovelace, che guevara, amelia earhart, albert camus, mozart, simone de beauvoir, alan turing",
      },
    ],
    statusCode: [
      "what does http status {code!} mean in {where} / why do i get a {code!} from {where}",
      {
        code: "301, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504",
        where: "nginx, an api gateway, cloudfront, my rest api",
      },
    ],
    listensOn: [
      "default port of {server!} and how to change it on {os} / which port does {server!} use and how do i set another one on {os}",
      {
        server: "postgres, mysql, redis, mongodb, rabbitmq, elasticsearch, cassandra, memcached",
        os: "linux, windows, a mac, a raspberry pi",
      },
    ],
    cutBack: [
      "how do i prune {plant!} in {season} / pruning {plant!} in {season}",
      {
        plant: "hydrangeas, lavender, apple trees, roses, grape vines, wisteria, raspberries, fig trees",
        season: "early spring, late winter, autumn, midsummer",
      },
    ],
    wordOrigin: [
      "where does the word {word!} come from / origin of the word {word!} / etymology of {word!}",
      {
        word: "ketchup, robot, salary, quarantine, alcohol, sabotage, window, muscle, shampoo, clue, nightmare, tulip",
      },
    ],
    signsOf: [
      "first symptoms of {illness!} in {who} / how do i recognise {illness!} early in {who}",
      {
        illness: "diabetes, measles, anaemia, asthma, pneumonia, leukaemia, lyme disease, epilepsy",
        who: "children, adults, babies, old people",
      },
    ],
    lifespan: [
      "how long does a {animal!} live {where} / life expectancy of a {animal!} {where}",
      {
        animal: "hamster, tortoise, goldfish, budgie, horse, tarantula, hedgehog, chinchilla",
        where: "in captivity, in the wild",
      },
    ],
    tallestIn: [
      "what is the tallest {thing} in {city!} / tallest {thing} {city!}",
      {
        thing: "building, church, hotel, statue",
        city: "frankfurt, chicago, toronto, moscow, madrid, vienna, kyoto, lima",
      },
    ],
    openFile: [
      "how do i open a .{ext!} file on {os} / open .{ext!} files on {os}",
      {
        ext: "heic, dwg, psd, epub, mkv, parquet, odt, pages, rar",
        os: "windows, an ipad, linux, android, a chromebook",
      },
    ],
    hotkey: [
      "keyboard shortcut to {do!} in {app} / which keys do i press to {do!} in {app}",
      {
        do: "insert a comment, find and replace, paste without formatting, save as, insert a link, zoom in, print, close the window",
        app: "word, excel, google docs, libreoffice, photoshop",
      },
    ],
    castMember: [
      "who plays {role!} in the {medium} of harry potter / actor of {role!} in the harry potter {medium}",
      {
        role: "hagrid, snape, hermione, draco, voldemort, sirius black, luna, dobby, mcgonagall",
        medium: "films, new series, video games",
      },
    ],
  },
};
