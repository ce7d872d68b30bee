import type { Traps } from "../fill.ts";

/** The same but that one of the two is denied, switched off or left out. */
export const NEGATION: Traps = {
  plain: {
    toggle: [
      "How do I <enable|disable> {feature} in {app}? / I want {feature} <enabled|disabled> in {app}. How do I do that?",
      {
        feature: "dark mode, spell checking, read receipts, desktop notifications, location sharing",
        app: "Outlook, Teams, WhatsApp Web, Gmail, Signal",
      },
    ],
    containing: [
      "Which {foods} <contain|don't contain> {stuff}? / Name some {foods} that are <made with|free of> {stuff}.",
      {
        foods: "sauces, breakfast cereals, sweets, snacks, ready meals",
        stuff: "gluten, lactose, palm oil, soy, gelatine, peanuts",
      },
    ],
    visaNeed: [
      "Which countries can {who} visit <with no|only with a> visa? / Name the countries that <do not ask|ask> {who} for a visa.",
      {
        who: "Indian citizens, Turkish citizens, South Africans, Germans, Mexicans, Chinese citizens, Americans, Nigerians, Brazilians, Australians, Ukrainians, Moroccans, Canadians, Filipinos",
      },
    ],
    rowsWith: [
      "Write an SQL query for all {rows} that have <a|no> {field}. / How do I select the {rows} <with a|without a> {field} in SQL?",
      {
        rows: "customers, suppliers, employees, members, patients",
        field: "phone number, tax number, manager, photo, discount, middle name",
      },
    ],
    animalTaste: [
      "Why do some {animals} <like|never like> {thing}? / What makes some {animals} <fond of|averse to> {thing}?",
      {
        animals: "cats, dogs, parrots, horses, rabbits, toddlers",
        thing: "water, being stroked, car rides, loud music, strangers, carrots",
      },
    ],
    deductible: [
      "Which {costs} <can|cannot> be deducted from tax in {country}? / Name {costs} that are <deductible|not deductible> in {country}.",
      {
        costs: "moving expenses, medical expenses, travel costs, childcare costs, insurance premiums",
        country: "Germany, the US, Canada, Ireland, Austria, Australia",
      },
    ],
    subscribe: [
      "How do I <subscribe to|unsubscribe from> the {letter} of {firm}? / I'd like to <get|stop getting> the {letter} of {firm}. What do I do?",
      {
        letter: "newsletter, weekly deals, job alerts, printed catalogue",
        firm: "my bank, Ikea, the city library, Decathlon, the opera house, Lufthansa",
      },
    ],
    habitForm: [
      "How can I <start|stop> {habit} {when}? / Give me tips for how to <begin|quit> {habit} {when}.",
      {
        habit: "drinking coffee, eating meat, napping, playing video games, wearing contact lenses, reading the news",
        when: "on weekdays, during pregnancy, after work, at university",
      },
    ],
    refusing: [
      "Write a reply to {who} in which I <accept|decline> {offer}. / Draft a friendly answer to {who}: I'm <taking up|turning down> {offer}.",
      {
        who: "a recruiter, my aunt, the neighbours, a supplier, my boss, the committee",
        offer: "the invitation, the offer, a seat on the board, the extra shift, a free upgrade",
      },
    ],
    letThrough: [
      "How do I <allow|block> {what} on {device}? / I want {what} to be <let through|kept out> on {device}. How?",
      {
        what: "pop-ups, cookies, calls from unknown numbers, adult websites, in-app purchases",
        device: "an iPhone, a Samsung phone, my daughter's tablet, a Chromebook, our router",
      },
    ],
    petFood: [
      "Which {things} <are|are not> safe for {pet} to eat? / Tell me {things} that {pet} <may|must not> eat.",
      {
        things: "vegetables, fruits, houseplants, nuts, table scraps",
        pet: "guinea pigs, dogs, cats, tortoises, rabbits, chickens, parrots",
      },
    ],
    recyclable: [
      "Which kinds of {stuff} <can|can't> go into the {bin}? / What {stuff} <is allowed|is not allowed> in the {bin}?",
      {
        stuff: "paper, plastic, glass, kitchen waste, packaging, garden waste",
        bin: "recycling bin, compost bin, yellow sack, green bin, bulky waste skip",
      },
    ],
    rota: [
      "Who in {team} is <working|not working> on {day}? / Name everybody in {team} who is <in|off> on {day}.",
      {
        team: "accounting, the night crew, radiology, our support team, the warehouse, the kitchen",
        day: "Sunday, Boxing Day, Tuesday, Good Friday, New Year's Day, Monday",
      },
    ],
  },
  hard: {
    lineMatch: [
      "grep lines in {file} that <contain|do not contain> {word} / how do i print the lines of {file} <with|without> {word}",
      {
        file: "a log, a csv file, all txt files, stdin, a gzipped file, a config file",
        word: "error, a digit, a tab, two given words, an ip address, a date",
      },
    ],
    syncFolder: [
      "<include|exclude> {what} when i {act} / how do i make sure {what} are <included|excluded> when i {act}",
      {
        what: "hidden files, symlinks, empty folders, node modules, log files, large videos",
        act: "rsync a folder, zip a folder, back up my disk, build a docker image, search with find",
      },
    ],
    autoUpdate: [
      "turn <on|off> automatic updates of {app} on {os} / {os} automatic {app} updates <on|off>",
      {
        app: "chrome, the system, drivers, zoom, java, steam games, antivirus",
        os: "windows 10, ubuntu, android, macos, windows 11",
      },
    ],
    leftOut: [
      "{dish} recipe <with|without> {stuff} / how do i make {dish} <with|without> {stuff}",
      {
        dish: "pancakes, mashed potatoes, carrot cake, waffles, pizza dough, lasagne, banana bread",
        stuff: "eggs, butter, milk, yeast, sugar",
      },
    ],
    lockThing: [
      "how do i <lock|unlock> {thing} in {app} / <lock|unlock> {thing} {app}",
      {
        thing: "a cell, a layer, a pdf, a table, the toolbar, a slide",
        app: "excel, illustrator, acrobat, google sheets, powerpoint, libreoffice",
      },
    ],
    pinned: [
      "<pin|unpin> {thing} in {app} / how do i <pin|unpin> {thing} in {app}",
      {
        thing: "a message, a chat, a contact, a file, a channel",
        app: "slack, teams, telegram, whatsapp, discord, google chat",
      },
    ],
    legalPlaces: [
      "countries where {act} is <legal|illegal> / in which countries is {act} <allowed|forbidden> / list the countries in which {act} is <permitted|prohibited>",
      {
        act: "euthanasia, dual citizenship, online gambling, surrogacy, wild camping, growing cannabis, polygamy, bullfighting, surge pricing, commercial whaling, camel racing, home schooling, fox hunting, dashcam filming, owning a monkey, collecting rainwater, drone flying, riding without a helmet, keeping bees in town, jaywalking",
      },
    ],
    alwaysNever: [
      "when should i <always|never> use {tool} in {lang} / cases in which you should <always|never> use {tool} in {lang}",
      {
        tool: "inheritance, recursion, global variables, exceptions, threads, macros",
        lang: "c++, python, java, php, ruby, c#",
      },
    ],
    followers: [
      "how do i <follow|unfollow> {whom} on {site} / <follow|unfollow> {whom} {site}",
      {
        whom: "a hashtag, a company, a friend, a celebrity, a group, many people at once",
        site: "instagram, linkedin, x, facebook, tiktok, pinterest",
      },
    ],
    serviceState: [
      "how do i <start|stop> {service} on {os} / command that <starts|stops> {service} on {os}",
      {
        service: "the print spooler, apache, a docker container, mysql, the ssh server, bluetooth",
        os: "debian, windows server, a mac, centos, windows 11",
      },
    ],
    muteAll: [
      "<mute|unmute> {who} in {app} / how do i <mute|unmute> {who} in {app}",
      {
        who: "everybody, a single participant, myself, a guest, a group chat",
        app: "zoom, google meet, teams, webex, skype, discord",
      },
    ],
    membersOf: [
      "which {kind} countries are <in|not in> {club} / list the {kind} countries that <belong|do not belong> to {club}",
      {
        kind: "european, asian, african, american, arab, baltic, muslim",
        club: "nato, the un, the commonwealth, interpol, the wto, the g20",
      },
    ],
    hideRows: [
      "<hide|show> {part} in {app} / how do i <hide|show> {part} in {app}",
      {
        part: "gridlines, comments, page numbers, hidden columns, formatting marks, the ruler",
        app: "excel, word, google docs, libreoffice calc, numbers, pages",
      },
    ],
    proCon: [
      "reasons <for|against> {act} in {place} / arguments <for|against> {act} in {place}",
      {
        act: "a four-day week, school uniforms, a car ban, rent control, free public transport, nuclear power, a sugar tax",
        place: "big cities, germany, small towns, developing countries, california",
      },
    ],
  },
};
