import type { Traps } from "../fill.ts";

/** The same but that two change their parts. */
export const ROLE_SWAP: Traps = {
  plain: {
    permit: [
      "How does a citizen of {x} get a {paper} in {y}? / I'm from {x}. How do I apply for a {paper} in {y}? / Which documents does {y} want from citizens of {x} for a {paper}?",
      {
        xy: "Canada, Brazil, Japan, India, Turkey, South Africa, Mexico, Australia, Ukraine",
        paper: "work permit, student visa, business visa, residence permit",
      },
    ],
    takeAlong: [
      "How do I move my {stuff} from {x} to {y}? / I'm leaving {x} for {y}. How do I take my {stuff} along? / What's the way to get my {stuff} out of {x} and into {y}?",
      {
        xy: "Gmail, Outlook, Yahoo Mail, Proton Mail, iCloud, Thunderbird, Fastmail, Zoho Mail",
        stuff: "contacts, mails, calendar, filters",
      },
    ],
    exchange: [
      "How many {x} do I get for {n} {y}? / I have {n} {y}. How much is that in {x}?",
      { xy: "euros, US dollars, yen, Swiss francs, pesos, rupees, kroner", n: "20, 75, 150, 400, 1000, 2500" },
    ],
    oneWay: [
      "When does the {which} {vehicle} from {x} to {y} leave? / I'm in {x} and want to go to {y}. What time is the {which} {vehicle}?",
      {
        xy: "Vienna, Munich, Milan, Zurich, Lyon, Prague, Budapest",
        which: "first, last, next",
        vehicle: "train, coach, plane",
      },
    ],
    lastBeat: [
      "When did {x} last beat {y} at {sport}? / What was the date of {x}'s latest win over {y} at {sport}? / When was {y}'s latest {sport} defeat against {x}?",
      {
        xy: "Germany, Argentina, France, England, Australia, New Zealand, Spain, South Africa",
        sport: "football, hockey, rugby, basketball",
      },
    ],
    letterTo: [
      "Write a letter from a {x} to a {y} about {topic}. / A {x} wants to write to a {y} about {topic}. Draft that letter.",
      {
        xy: "teacher, bus driver, mayor, doctor, parent, shop owner, priest, journalist",
        topic: "noise, safety, a lost bag, punctuality, a misunderstanding",
      },
    ],
    buysFrom: [
      "Which {goods} does {x} buy from {y}? / Which {goods} does {y} sell to {x}? / What {goods} are shipped from {y} to {x}?",
      {
        xy: "China, Germany, the US, Brazil, Japan, Mexico, India, South Korea",
        goods: "machines, farm products, raw materials, chemicals",
      },
    ],
    castType: [
      "How do I turn a {x} into a {y} in {lang}? / I have a {x} in {lang} and need a {y}. How do I convert it?",
      { xy: "string, list, set, byte array, dictionary, tuple", lang: "Python, Swift, Kotlin, Rust, Scala, C#, Julia" },
    ],
    leadsTo: [
      "How does {x} lead to {y} in {who}? / Why do {who} with {x} end up with {y}?",
      {
        xy: "stress, insomnia, obesity, depression, back pain, high blood pressure, loneliness, migraine",
        who: "adults, teenagers, older people, shift workers",
      },
    ],
    retrain: [
      "How can a {x} become a {y}? / I work as a {x} and want to be a {y}. What training do I need? / Which courses take a {x} to a job as a {y}?",
      {
        xy: "nurse, carpenter, teacher, bookkeeper, chef, pharmacist, software developer, paramedic, journalist, police officer, librarian, translator",
      },
    ],
    instead: [
      "How much {y} do I use in place of {n} grams of {x}? / A recipe wants {n} grams of {x} but I only have {y}. How much of it do I take?",
      {
        xy: "butter, sunflower oil, margarine, yoghurt, apple sauce, coconut oil, cream cheese",
        n: "50, 80, 100, 125, 200, 250",
      },
    ],
    giftFor: [
      "What could {x} give {y} for {day}? / Suggest presents from {x} to {y} for {day}. / {y} is getting something from {x} for {day}. What would be a good gift?",
      {
        xy: "a grandmother, a nephew, a boss, an intern, a teenage daughter, a father-in-law, a flatmate",
        day: "Christmas, a birthday, a farewell",
      },
    ],
    crossBorder: [
      "I live in {x} and work in {y}. Which rules apply to my {thing}? / What are the rules on {thing} for somebody with a home in {x} and a job in {y}?",
      {
        xy: "France, Germany, Switzerland, Luxembourg, Belgium, Austria, Denmark",
        thing: "health insurance, income tax, pension, unemployment benefit, company car",
      },
    ],
  },
  hard: {
    takeAway: [
      "subtract {x} from {y} and {then} / take {x} away from {y} and {then}",
      { xy: "17, 28, 45, 63, 90, 112, 150, 204", then: "double it, add 5, show your work, give only the result" },
    ],
    dividing: [
      "divide {x} by {y} to {n} decimals / what is {x} over {y} to {n} decimals",
      { xy: "7, 12, 19, 33, 48, 65, 81, 104", n: "2, 3, 4, 5" },
    ],
    callInto: [
      "how do i call {x} code from {y} on {os} / calling {x} from {y} on {os}",
      { xy: "c++, python, java, rust, go, lua, c#, fortran", os: "windows, linux, macos" },
    ],
    portTo: [
      "forward port {x} to port {y} with {tool} / how do i redirect port {x} to {y} using {tool}",
      { xy: "80, 443, 3000, 5000, 8080, 9000, 8443", tool: "iptables, ssh, nginx, netsh, socat" },
    ],
    mergeInto: [
      "merge {x} into {y} {how} / git merge branch {x} into branch {y} {how}",
      {
        xy: "main, develop, release, feature, hotfix, staging",
        how: "without a merge commit, and squash everything, and keep my version on conflicts, from the command line",
      },
    ],
    permanentTo: [
      "redirect {x} to {y} in {server} / send visitors of {x} on to {y} with {server}",
      {
        xy: "/blog, /news, /shop, /en, /home, /archive, /docs",
        server: "apache, nginx, caddy, express, cloudflare, next.js",
      },
    ],
    opinionOf: [
      "what did {x} think of {y} / opinion of {x} on {y} / how did {x} judge {y}",
      {
        xy: "einstein, bohr, heisenberg, schrodinger, planck, dirac, pauli, max born, fermi, oppenheimer, feynman, von neumann",
      },
    ],
    emigrants: [
      "how many people emigrated from {x} to {y} in the {age} / number of emigrants from {x} to {y} in the {age}",
      {
        xy: "germany, russia, poland, ireland, england, spain, italy, france",
        age: "18th century, 19th century, 20th century",
      },
    ],
    sendFile: [
      "how do i send {what} from my {x} to my {y} / get {what} off my {x} and onto my {y}",
      {
        xy: "iphone, windows laptop, android tablet, macbook, camera, smart tv, kindle",
        what: "photos, a pdf, videos, music",
      },
    ],
    swapChars: [
      "replace all {x} with {y} in {editor} / how do i change {x} to {y} everywhere in {editor}",
      {
        xy: "tabs, spaces, commas, semicolons, newlines, underscores, hyphens",
        editor: "vim, notepad++, vs code, word, sed, excel",
      },
    ],
    convertUnits: [
      "convert {n} {x} to {y} / {n} {x} in {y}",
      { xy: "ounces, grams, pounds, kilograms, stone, carats", n: "3, 8, 15, 24, 60, 110, 250" },
    ],
    musicRoots: [
      "how did {x} influence {y} in the {time} / influence of {x} on {y} in the {time}",
      {
        xy: "jazz, blues, reggae, punk, disco, country, soul, electronic music",
        time: "sixties, seventies, eighties, nineties",
      },
    ],
    goesToCourt: [
      "how does {x} sue {y} in {place} / steps for {x} to take {y} to court in {place}",
      {
        xy: "a tenant, a landlord, an employer, a neighbour, a builder, an insurer, a customer",
        place: "england, texas, ontario, germany, scotland",
      },
    ],
    fileFormats: [
      "convert {x} to {y} on {os} / how do i make a {y} out of a {x} on {os}",
      {
        xy: "pdf, word file, jpg, gif, powerpoint, kindle book, text file, web page",
        os: "linux, windows, a mac, android",
      },
    ],
  },
};
