import type { Traps } from "../fill.ts";

/** One question in several wordings, from a word or two to a sentence built another way. */
export const PARAPHRASE: Traps = {
  plain: {
    stain: [
      "How do I get a {stain} stain out of a {cloth}? / What removes {stain} stains from a {cloth}? / My {cloth} has a {stain} stain on it, what can I do to get it out? / Best way to clean {stain} off a {cloth}? / There's {stain} on my {cloth}. How can I remove the stain?",
      {
        stain: "red wine, coffee, grass, blood, ink, tomato sauce, curry, chocolate",
        cloth: "cotton shirt, wool sweater, linen tablecloth, denim jacket, sofa cover",
      },
    ],
    refundWait: [
      "How long does it take to get my money back after I return {item}? / When will I receive the refund for {item} I sent back? / I returned {item}, how many days until the refund arrives? / What is the waiting time for a refund once {item} has been returned?",
      {
        item: "a pair of shoes, a laptop, a winter coat, a phone case, a mattress, a set of headphones, a blender, a birthday dress, a desk lamp",
      },
    ],
    lostPassword: [
      "I can't remember my password for {service}, how do I get back in? / How can I reset a forgotten {service} password? / What should I do if I've lost the password to my {service} account? / How do I recover access to {service} after forgetting my password?",
      { service: "Dropbox, Spotify, Zoom, Trello, Netflix, PayPal, Notion, Figma, Etsy, Duolingo" },
    ],
    dedupe: [
      "How do I remove duplicates from {coll} in {code}? / What's an easy way to dedupe {coll} using {code}? / In {code}, how can I get rid of repeated elements in {coll}? / I have {coll} with repeated values; how do I keep each of them only once in {code}?",
      {
        coll: "a list of strings, an array of integers, a list of objects, a linked list, a sorted array",
        code: "Ruby, Kotlin, Go, Swift, Scala, Elixir, Julia, Perl",
      },
    ],
    earlySigns: [
      "How can one recognise {illness} early on? / What symptoms should make me think of {illness} at the outset? / How does {illness} usually announce itself in the beginning? / Which symptoms show up first with {illness}? / In its first stage, what does {illness} feel like?",
      {
        illness:
          "shingles, appendicitis, Lyme disease, strep throat, a kidney infection, gout, pneumonia, measles, sciatica, anemia",
      },
    ],
    batteryDrain: [
      "Why does the battery of my {device} drain so fast? / My {device} runs out of power very quickly, what is the reason? / What makes a {device}'s battery go flat so soon? / The charge on my {device} barely lasts, why is that?",
      { device: "phone, tablet, smartwatch, laptop, hearing aid, wireless mouse, camera, bike light, toothbrush" },
    ],
    rising: [
      "How long should {dough} rise before baking? / For how many hours do I let {dough} proof before it goes into the oven? / What is the right rising time for {dough}? / I'm making {dough}: how long does it have to rise before I can bake it?",
      {
        dough:
          "pizza dough, sourdough, brioche dough, focaccia dough, bagel dough, cinnamon roll dough, ciabatta dough, challah dough",
      },
    ],
    insteadOf: [
      "What can I use instead of {ing} in {dish}? / I've run out of {ing}; what could replace it in {dish}? / Is there a good substitute for {ing} when making {dish}? / Which ingredient works in place of {ing} in {dish}?",
      {
        ing: "buttermilk, cornstarch, heavy cream, baking powder, brown sugar, sour cream, honey, vanilla extract",
        dish: "pancakes, a sponge cake, muffins, banana bread, waffles, scones",
      },
    ],
    packing: [
      "What should I pack for a week in {place} in {month}? / I'm going to {place} for seven days in {month}, what do I need to bring? / What belongs in my suitcase for a one-week trip to {place} in {month}? / In {month} I'll spend a week in {place}. What should I take with me?",
      {
        place: "Iceland, Lisbon, Morocco, Patagonia, Tokyo, Sicily, Nepal, Scotland",
        month: "January, April, June, August, November",
      },
    ],
    tipping: [
      "How much do you tip {who} in {place}? / What is the usual tip for {who} in {place}? / When I'm in {place}, how big a tip should I leave {who}? / How large a gratuity does {who} expect in {place}?",
      {
        who: "a waiter, a taxi driver, a hairdresser, a hotel porter, a tour guide",
        place: "Canada, Egypt, Mexico, Thailand, Portugal, Jordan, Peru",
      },
    ],
    deposit: [
      "Can my landlord keep my deposit because of {damage}? / Is a landlord allowed to hold back the deposit over {damage}? / Does {damage} give a landlord the right to keep the tenant's deposit? / My landlord wants to keep my deposit on account of {damage}; is that allowed?",
      {
        damage:
          "a few nail holes, a stained carpet, an unpaid water bill, faded paint, a broken window, a scratched floor, a missing key, a cracked sink",
      },
    ],
    plainWords: [
      "What does {term} mean in simple terms? / Can you explain {term} to a complete beginner? / I've never understood {term}, could you put it in plain words? / Give me an easy explanation of {term}.",
      {
        term: "compound interest, quantitative easing, short selling, dollar cost averaging, hedging, amortization, price elasticity, escrow, stagflation, margin trading",
      },
    ],
    watering: [
      "How often does {plant} want watering? / What is a good watering schedule for {plant}? / How frequently do I need to give {plant} water? / When it comes to {plant}, how often is watering needed?",
      {
        plant:
          "a peace lily, tomato seedlings, an orchid, a Boston fern, a Christmas cactus, potted basil, a rubber plant, newly planted roses, a bonsai",
      },
    ],
    undoGit: [
      "How do I undo {act} in Git? / I made a mistake with {act} in Git, how do I take it back? / What is the Git command to reverse {act}? / In Git, how can {act} be undone again?",
      {
        act: "a merge, a rebase, a commit, a cherry-pick, a stash pop, a hard reset, a commit amend, a branch deletion, a git add",
      },
    ],
    sayIn: [
      "How do you say '{word}' in {tongue}? / What is the {tongue} word for '{word}'? / What's '{word}' called in {tongue}? / I need the {tongue} translation of '{word}'.",
      {
        word: "butterfly, umbrella, thunderstorm, wheelbarrow, ladder, hedgehog, spoon, sunrise, pillow",
        tongue: "Finnish, Greek, Swahili, Korean, Hungarian, Welsh",
      },
    ],
    exercise: [
      "What exercises help with {pain}? / Which workouts are good for relieving {pain}? / I have {pain}, what training could make it better? / How can I ease {pain} through exercise?",
      {
        pain: "lower back pain, tennis elbow, knee pain, a stiff neck, plantar fasciitis, shin splints, tight hips, shoulder pain",
      },
    ],
    cameAbout: [
      "How did {event} come about? / What brought about {event}? / What were the main reasons behind {event}? / Which factors led to {event}? / Explain the origins of {event}.",
      {
        event:
          "the Boxer Rebellion, the Irish Potato Famine, the Crimean War, the Dust Bowl, the Spanish Civil War, the Suez Crisis, the Peasants' Revolt, the Whiskey Rebellion, the South Sea Bubble",
      },
    ],
    howCome: [
      "Why is it that {fact}? / What's the reason {fact}? / How come {fact}? / Explain why {fact}.",
      {
        fact: "the sky turns red at sunset, ice floats on water, cats purr, leaves change colour in autumn, pepper makes you sneeze, metal feels colder than wood, onions make you cry, the sea is salty, helium makes your voice squeaky, bread goes stale, yawning is contagious",
      },
    ],
    handIn: [
      "How do I hand in {doc} at work? / What is the process at our company for submitting {doc}? / I need to file {doc} with my employer, how does that work? / How does one submit {doc} in our firm?",
      {
        doc: "an expense report, a sick note, a holiday request, a travel claim, a timesheet, a purchase order, a parental leave request, an overtime form",
      },
    ],
    wireless: [
      "My {thing} won't connect to the Wi-Fi, what can I do? / What should I try when my {thing} fails to join the Wi-Fi network? / I can't get my {thing} onto the wireless network, how do I solve this? / How do I fix a {thing} that refuses to connect to Wi-Fi?",
      { thing: "printer, smart TV, game console, doorbell camera, robot vacuum, baby monitor, thermostat, projector" },
    ],
    getOut: [
      "What's the procedure for cancelling my {sub}? / I no longer want my {sub}, how can I end it? / What do I have to do to terminate my {sub}? / Tell me how to get out of my {sub}.",
      {
        sub: "gym membership, magazine subscription, phone contract, meal kit subscription, car insurance, broadband contract, streaming subscription, pet insurance",
      },
    ],
    tiebreak: [
      "What happens if the score is level at the end of {match}? / How is a tie settled in {match}? / If neither side is ahead when {match} ends, how is the winner decided? / What is the tiebreak rule for {match}?",
      {
        match:
          "a World Cup final, a hockey playoff game, a chess title match, a rugby semi-final, a handball cup match, a water polo final, a curling game, a baseball game",
      },
    ],
    roasting: [
      "How many minutes do {veg} take in the oven at {t} °C? / At {t} degrees Celsius, how long should I roast {veg}? / What's the roasting time for {veg} at {t} °C? / I've set the oven to {t#} degrees Celsius, when will my {veg} be done?",
      {
        veg: "diced potatoes, carrots, beetroots, parsnips, Brussels sprouts, chickpeas, pumpkin wedges",
        t: "170..220+10",
      },
    ],
    discount: [
      "A {n} dollar {thing} is {p} percent off, what do I pay? / What is the sale price of a {n} dollar {thing} with {p}% taken off? / How much does a {thing} cost that was {n} dollars before a discount of {p} percent? / There's a {p}% discount on a {thing} priced at {n} dollars; what's left to pay?",
      { p: "5..45+5", n: "120..690+30", thing: "jacket, tent, sofa, watch" },
    ],
    askBoss: [
      "How do I ask my boss for {wish}? / What's a good way to bring up my request for {wish} with my manager? / I'd like to get {wish}, how should I raise it with my boss? / What is the best approach to requesting {wish} from my supervisor?",
      {
        wish: "a pay rise, a promotion, more training, a transfer to another team, unpaid leave, shorter hours, a new laptop, a four-day week",
      },
    ],
    paperwork: [
      "What documents do I need to {deed}? / Which papers are required if I want to {deed}? / To {deed}, what paperwork do I have to bring? / I'm planning to {deed}; what documentation will they ask for?",
      {
        deed: "open a bank account, get married, register a car, apply for a mortgage, enrol my child in school, renew my driving licence, start a small business, rent a flat",
      },
    ],
    transfer: [
      "How can I transfer {files} from {a} to {b}? / What is the best way to get {files} off {a} and onto {b}? / I have {files} on {a} that I'd like to have on {b}, how do I do that? / Getting {files} from {a} to {b}: how does that work?",
      {
        files: "photos, music, videos, voice memos, documents",
        a: "an old Android phone, an iPhone, a tablet",
        b: "a new computer, a USB stick, an external drive, a network drive",
      },
    ],
    nightsRest: [
      "How much sleep does {who} need? / How many hours a day should {who} sleep? / Roughly how long should {who} be asleep in every 24 hours? / For {who}, how much sleep is healthy?",
      {
        who: "a toddler, a newborn, a teenager, a pregnant woman, an elderly person, a marathon runner, a ten-year-old child, a shift worker",
      },
    ],
    guests: [
      "I have {n} guests coming, how much {food} should I make? / How much {food} is enough for {n#} people? / What quantity of {food} do I prepare for a party of {n}? / Feeding {n#} guests: how much {food} do I need?",
      { n: "6..60+2", food: "chili, potato salad, pasta, pulled pork, soup, rice, lasagne, coleslaw" },
    ],
    medicineWhile: [
      "Can I take {drug} while {state}? / Is it okay to use {drug} when {state}? / Is {drug} safe for someone who is {state}? / I'm {state}; may I take {drug}?",
      {
        drug: "ibuprofen, loratadine, pseudoephedrine, melatonin, omeprazole, loperamide, naproxen",
        state: "breastfeeding, pregnant, on blood thinners, taking antidepressants",
      },
    ],
  },
  hard: {},
};
