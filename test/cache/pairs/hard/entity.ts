import type { Traps } from "../fill.ts";

/** The same but for who or what is asked about. */
export const ENTITY: Traps = {
  plain: {
    airportWay: [
      "How do I get from the airport to the centre of {town!}? / I'm landing in {town!}, what's the cheapest way into the city? / What transport goes from {town!} airport into town?",
      { town: "Prague, Budapest, Vienna, Lisbon, Oslo, Athens, Warsaw, Porto, Seville, Naples, Lyon" },
    ],
    plot: [
      "What happens in {work!}? / Could you sum up the plot of {work!}? / Summarise {work!} for me.",
      {
        work: "Moby-Dick, Jane Eyre, Middlemarch, Dracula, Beloved, Ulysses, The Trial, The Plague, Persuasion, Dubliners",
      },
    ],
    invented: [
      "What did {who!} discover? / Which discovery do we owe to {who!}? / What was {who!}'s big scientific finding?",
      {
        who: "Alexander Fleming, Marie Curie, Edwin Hubble, Rosalind Franklin, Gregor Mendel, Henry Cavendish, Barbara McClintock, James Chadwick, Ernest Rutherford",
      },
    ],
    install: [
      "How do I get {tool!} running on {os}? / What are the steps to set up {tool!} on {os}? / Which commands install {tool!} on {os}?",
      {
        tool: "Redis, Nginx, Terraform, Postgres, Grafana, Ansible, Jenkins, MongoDB",
        os: "Ubuntu, macOS, Fedora, Windows",
      },
    ],
    returnPolicy: [
      "What is the return policy of {shop!}? / How do I send something back to {shop!}? / On what terms does {shop!} take things back?",
      { shop: "IKEA, Zara, Decathlon, Best Buy, Costco, H&M, Sephora, Target, Uniqlo, Walmart" },
    ],
    capitalGains: [
      "How are capital gains taxed in {land!}? / What tax is due on share profits in {land!}? / I sold {asset} in {land!}, what tax do I owe?",
      {
        land: "Spain, Canada, Ireland, Austria, Denmark, Belgium, India, Poland",
        asset: "shares, a fund, bonds",
      },
    ],
    record: [
      "What is the men's world record in {event!}? / Who holds the men's world record in {event!}?",
      {
        event:
          "the high jump, the pole vault, the javelin, the shot put, the long jump, the 400 metres, the decathlon, the hammer throw, the triple jump",
      },
    ],
  },
  hard: {
    prune: [
      "how and when is a {plant!} pruned? / which pests attack a {plant!}?",
      {
        plant:
          "fig tree, plum tree, cherry tree, pear tree, lemon tree, grapevine, blackberry bush, gooseberry bush, lavender, hydrangea, wisteria, magnolia",
      },
    ],
    boil: [
      "how long should {food!} be {cooked}? / which marinade suits {food!} that will be {cooked}?",
      {
        food: "chicken thighs, salmon fillets, asparagus, lamb chops, pork ribs, beef brisket, duck legs, trout",
        cooked: "smoked, grilled, braised",
      },
    ],
    cleaned: [
      "how is {grime!} removed from a {thing}? / what is the best thing to get {grime!} off a {thing} with?",
      {
        grime: "rust, mould, limescale, glue, candle wax, chewing gum, paint, tar, pet hair, burnt fat",
        thing: "carpet, metal pan, wooden table, car seat, leather boot",
      },
    ],
    bones: [
      "how is a broken {bone!} put in a splint? / what can be done at home for a sore {bone!}?",
      { bone: "wrist, ankle, rib, collarbone, toe, elbow, finger, shin, nose, heel, hip, jaw" },
    ],
    vitamin: [
      "which foods are rich in {stuff!}? / what happens to the body if {stuff!} is missing for {time}?",
      {
        stuff:
          "iron, zinc, magnesium, calcium, iodine, selenium, potassium, folate, vitamin c, vitamin d, protein, sodium",
        time: "a month, a year, a few days",
      },
    ],
    liable: [
      "what is the {role!} liable for if {harm}? / what can be demanded from the {role!} if {harm}?",
      {
        role: "builder, architect, landlord, tenant, insurer, neighbour, seller, estate agent",
        harm: "a ceiling collapses, a pipe bursts, a wall is damp, the roof leaks",
      },
    ],
    formula: [
      "how is the {quantity!} of a {shape} calculated? / what is the formula for the {quantity!} of a {shape}?",
      {
        quantity: "volume, surface area, circumscribed sphere, centre of mass, moment of inertia",
        shape: "cone, cube, cylinder, hemisphere, pyramid",
      },
    ],
    button: [
      "what does the {colour!} {light} light on my {device} mean? / how do i make the {colour!} {light} light on my {device} go away?",
      {
        colour: "red, green, orange, blue, white, yellow",
        light: "blinking, steady",
        device: "router, boiler, dishwasher, dashboard, coffee machine",
      },
    ],
    data: [
      "how is an element inserted into a {structure!} in {code}? / how is a {structure!} printed in {code}?",
      {
        structure: "hash map, linked list, binary tree, heap, queue, stack, trie, sorted set",
        code: "java, c, rust, python, c#",
      },
    ],
  },
};
