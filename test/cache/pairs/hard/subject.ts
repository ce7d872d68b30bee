import type { Traps } from "../fill.ts";

/** Each wording of a family is another question about the same things. */
export const SUBJECT: Traps = {
  plain: {
    cityTrip: [
      "Where should I stay in {town} with {who}? / What does a day in {town} cost with {who}? / Which museums in {town} are worth it with {who}? / How do I get around {town} with {who}? / Which restaurants in {town} suit a visit with {who}?",
      {
        town: "Krakow, Ghent, Valencia, Montreal, Kyoto, Bristol",
        who: "small children, my grandparents, a dog, a group of students",
      },
    ],
    library: [
      "How do I upgrade {tool} to the latest version? / Which port does {tool} listen on by default? / Where does {tool} keep its log files? / How do I back up {tool}? / Who maintains {tool}?",
      { tool: "Elasticsearch, RabbitMQ, Kafka, Keycloak, Gitea, Prometheus, Consul, Vault, HAProxy" },
    ],
    novelist: [
      "Where was {who} born? / What is the first book that {who} published? / Which prizes did {who} win? / Who was {who} married to? / What did critics say about {who}'s style?",
      {
        who: "Toni Morrison, Virginia Woolf, Kazuo Ishiguro, Franz Kafka, Doris Lessing, Jorge Luis Borges, Chinua Achebe, Karen Blixen",
      },
    ],
    disease: [
      "Is {illness} contagious? / How is {illness} diagnosed? / Who is most at risk of {illness}? / Can {illness} come back? / Is there a vaccine against {illness}?",
      {
        illness:
          "tetanus, meningitis, scarlet fever, tuberculosis, glandular fever, hepatitis B, whooping cough, cholera",
      },
    ],
    job: [
      "What does {job} earn? / How long does the training of {job} take? / Which tools does {job} need? / What are typical interview questions for {job}?",
      { job: "an electrician, a paramedic, a translator, a tax adviser, a locksmith, a beekeeper, a data engineer" },
    ],
    war: [
      "Who won {war}? / How many people died in {war}? / Which treaty ended {war}? / What weapons were used in {war}? / Which countries fought in {war}?",
      {
        war: "the Falklands War, the Thirty Years' War, the Korean War, the Boer War, the War of 1812, the Russo-Japanese War, the Winter War",
      },
    ],
    account: [
      "How do I open {account}? / What are the fees for {account}? / Who inherits {account} when I die? / How is {account} taxed? / Can I have {account} in two countries?",
      {
        account:
          "a savings account, a brokerage account, a joint account, a business account, a retirement account, a foreign currency account",
      },
    ],
  },
  hard: {
    dish: [
      "how is {dish} {done}? / how is {dish} reheated after being {done}? / what goes well with {dish} that was {done}? / in which country was {dish} first {done}?",
      {
        dish: "eggplant, octopus, polenta, tofu, halloumi, cauliflower, pork belly, cabbage",
        done: "fried, grilled, smoked",
      },
    ],
    contract: [
      "how is a {paper} signed? / how is a {paper} ended? / how is a {paper} extended? / how is a {paper} contested? / how is a {paper} written?",
      {
        paper:
          "lease, will, loan agreement, prenuptial agreement, work contract, power of attorney, licence agreement, insurance policy",
      },
    ],
    metal: [
      "how is {metal} mined? / how is {metal} recycled? / how is {metal} welded? / how is {metal} polished? / how is {metal} priced?",
      { metal: "copper, nickel, titanium, tin, silver, zinc, lead, platinum" },
    ],
    animal: [
      "where do {animal} sleep? / where do {animal} breed? / what do {animal} eat? / why do {animal} migrate? / how do {animal} see? / how do {animal} hear?",
      { animal: "puffins, hedgehogs, salmon, bats, storks, whales, toads, cranes" },
    ],
    file: [
      "how is a {file} opened in {code}? / how is a {file} compressed in {code}? / how is a {file} validated in {code}? / how is a {file} merged with another in {code}? / how is a {file} split in {code}?",
      { file: "csv file, json file, wav file, tar archive, spreadsheet", code: "ruby, php, matlab, r" },
    ],
    machine: [
      "why does my {machine} leak? / why does my {machine} smell? / why does my {machine} rattle? / why does my {machine} trip the fuse? / why does my {machine} stop halfway?",
      {
        machine:
          "washing machine, dishwasher, tumble dryer, lawn mower, espresso machine, air conditioner, pressure washer",
      },
    ],
    sport: [
      "how is a {sport} match won? / how is a {sport} match started? / how is a {sport} match refereed? / how long is a {sport} match? / how many play in a {sport} match?",
      { sport: "badminton, lacrosse, polo, cricket, squash, netball, futsal, kabaddi" },
    ],
    rights: [
      "what is an employer allowed to ask about {matter}? / what is an employer obliged to do about {matter}? / what is an employer fined for in {matter}? / what is an employer allowed to deduct for {matter}?",
      { matter: "illness, overtime, parental leave, pregnancy, holidays, accidents, work clothes" },
    ],
  },
};
