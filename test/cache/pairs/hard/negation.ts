import type { Traps } from "../fill.ts";

/** The same but that one asks for what the other excludes. */
export const NEGATION: Traps = {
  plain: {
    pantry: [
      "Which {food} <should|shouldn't> be kept in the fridge? / What {food} <do I have to|must I not> store in the refrigerator?",
      { food: "vegetables, fruits, sauces, cheeses, herbs, spreads, medicines, baked goods" },
    ],
    withPermit: [
      "What can I build in my garden <with|without> planning permission in {land}? / In {land}, which {work} <need|don't need> planning permission?",
      {
        land: "England, Wales, Scotland, Ireland, Germany, Victoria",
        work: "extensions, sheds, fences, loft conversions, carports",
      },
    ],
    vegan: [
      "Which {dish} recipes <contain|don't contain> {ing}? / Show me a {dish} recipe <with|without> {ing}.",
      {
        dish: "curry, brownie, lasagne, cheesecake, risotto, pancake, soup",
        ing: "eggs, gluten, nuts, dairy, onions, garlic",
      },
    ],
    deductible: [
      "Which {cost} <are|are not> tax deductible for {who}? / As {who}, what {cost} <can I|can't I> deduct from my taxes?",
      {
        cost: "travel costs, office costs, training costs, insurance premiums, medical bills",
        who: "a freelancer, an employee, a landlord, a student",
      },
    ],
    insured: [
      "What {damage} does {policy} insurance <cover|not cover>? / Which {damage} <is|isn't> included in {policy} insurance?",
      {
        damage: "water damage, storm damage, theft, fire damage",
        policy: "home, travel, contents, building, car, boat",
      },
    ],
    feature: [
      "How do I <enable|disable> {feature} on my {device}? / I want {feature} <on|off> on my {device}, where's the setting? / Where in the settings do I <turn on|turn off> {feature} on my {device}?",
      {
        feature: "dark mode, location sharing, autocorrect, roaming, Bluetooth, push notifications, voice control",
        device: "phone, tablet, laptop, watch",
      },
    ],
    pet: [
      "Which {plant} are <safe|not safe> for {pet}? / I have {pet}, what {plant} <can I|can't I> keep at home?",
      { plant: "houseplants, flowers, herbs, garden shrubs", pet: "cats, dogs, rabbits, parrots, tortoises" },
    ],
  },
  hard: {
    bookings: [
      "what happens to a <refundable|non-refundable> {booking} when {event}?",
      {
        booking: "hotel booking, flight, deposit, train ticket, concert ticket, ferry ticket",
        event: "i fall ill, i change my mind, a child gets sick, i lose my job, my plans change, i have to work",
      },
    ],
    consent: [
      "what may be done with {data} <with|without> the consent of the {who}?",
      {
        data: "photos, medical records, salary data, email addresses, test results, fingerprints, location data",
        who: "customer, patient, employee, parents, pupil",
      },
    ],
    member: [
      "what is paid for {thing} by someone who is <a|not a> member of the {club}?",
      {
        thing: "a day ticket, a yoga class, guest entry, a locker, a court, a sauna visit, parking",
        club: "gym, sailing club, tennis club, climbing club, golf club",
      },
    ],
    legalHere: [
      "why is it <legal|illegal> to {deed} in {land}?",
      {
        deed: "own a pet fox, collect rainwater, record phone calls, gamble online, sell raw milk, fly a drone at night, camp in the wild",
        land: "some countries, some states, national parks, cities",
      },
    ],
    reversible: [
      "which {process} are <reversible|irreversible>? / which {process} are thought of as <reversible|irreversible> in {field}?",
      {
        process: "reactions, changes, processes, phase changes, injuries, adaptations",
        field: "chemistry, biology, physics, medicine, physiology, geology",
      },
    ],
    verbs: [
      "which {tongue} {word} are <regular|irregular>? / how are <regular|irregular> {tongue} {word} learned best?",
      {
        tongue: "french, spanish, portuguese, italian, german, polish, latin",
        word: "verbs, plurals, nouns, adjectives",
      },
    ],
    errorCase: [
      "what is returned by the {call} if the {thing} <exists|does not exist>?",
      {
        call: "delete request, lookup, insert statement, rename command, copy function, head request",
        thing: "file, row, user, key, folder, table, bucket",
      },
    ],
    soldBy: [
      "what should be done with {item} that was <opened|not opened> {time} ago?",
      {
        item: "a jar of pesto, a carton of milk, a tin of paint, a bottle of eye drops, a pack of ham, a tub of hummus",
        time: "a week, three days, a month, half a year",
      },
    ],
  },
};
