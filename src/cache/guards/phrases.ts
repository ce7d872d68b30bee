import { plainWordsOf } from "./plain-words.ts";
import { stem as stemOf } from "./stem.ts";
import { isCapital, type Token } from "./token.ts";

/**
 * Ways of saying one thing, a line each; the first is what all of them are read as. Words are separated by spaces, ways
 * by bars. The longest way that fits is taken.
 */
const WAYS = `
  usa | u.s. | u.s.a. | us of a | united states of america | united states | the states
  uk | united kingdom | great britain | britain
  uae | united arab emirates
  nyc | new york city | new york
  la | los angeles
  sf | san francisco
  eu | european union
  un | united nations
  netherlands | holland
  czechia | czech republic
  turkey | türkiye
  myanmar | burma
  ai | artificial intelligence
  ml | machine learning
  llm | large language model | large language models
  javascript | js
  typescript | ts
  kubernetes | k8s
  postgresql | postgres
  database | db
  ww2 | world war ii | second world war | world war two | wwii | world war 2
  ww1 | world war i | first world war | world war one | wwi | world war 1
  celsius | centigrade | degrees celsius | degrees centigrade | degree celsius
  fahrenheit | degrees fahrenheit | degree fahrenheit
  per | apiece
  percent | per cent | pour cent | por ciento | pct
  please | quick question | just wondering | by any chance
  resume | cv | curriculum vitae
  calculate | compute | work out | determine | evaluate
  convert | express | change
  costliest | most expensive | priciest | dearest
  costlier | more expensive | pricier | dearer
  cheaper | less expensive | more affordable
  cheapest | least expensive | most affordable | lowest priced
  hardest | most difficult | toughest
  easiest | least difficult | simplest
  increase | raise | go up | make higher
  decrease | reduce | lower | go down | bring down
  amount | quantity
  above | more than | greater than | exceeding | in excess of
  below | less than | fewer than
  refund | money back | get money back
  headquarters | head office | main office | based | headquartered | headquarter
  dark | darkness
  last | keep fresh | stay good
  fridge | refrigerator
  prize | award
  director | directed by
  true | the case
  write | compose | draft | pen
  possible | able
  cast | actors | actor
  treatment | treat | therapy | cure
  frequently | often
  smart phone | smartphone
  bike | bicycle | cycle
  film | movie | motion picture
  tv | television
  phone | telephone | cellphone | cell phone | mobile phone | smartphone
  id | identification
  app | application
  info | information
  photo | photograph | picture
  exam | examination
  lab | laboratory
  math | maths | mathematics
  gas | petrol | gasoline
  vacation | holiday trip
  flat | apartment
  soccer | association football
  bicycle | bike
  ceo | chief executive officer | chief executive
  vat | value added tax | value-added tax
  gdp | gross domestic product
  dna | deoxyribonucleic acid
  os | operating system
  cpu | central processing unit | processor
  ram | random access memory
  regex | regular expression | regexp
  repo | repository
  url | web address
  wifi | wi fi
  email | e mail
  online | on line
  population | number of inhabitants | number of people living | number of residents | how many people live | how many inhabitants | how many residents | how many people are there | people live
  currency | kind of money | type of money | unit of money | money used | money is used | official currency
  inventor | person who invented | man who invented | one who invented
  meaning | mean | stand for | stands for | definition | define | signify
  cause | bring about | brings about | lead to | leads to | reason for | reasons for | reason behind | reasons behind
  happen | take place | takes place | took place | occur | occurs | occurred | come about
  get rid of | remove | eliminate | eradicate
  deal with | handle | cope with | tackle
  find out | discover | figure out
  set up | configure | install
  look after | take care of | care for | tend
  carry out | perform | conduct | execute
  get better at | improve
  improve | make better | enhance | boost
  lose weight | shed weight | drop weight | slim down | shed pounds | get slimmer
  sign up | register | enrol | enroll | create an account | open an account
  log in | sign in | login | log on
  give up | quit
  point out | indicate
  fix | repair | mend | resolve | solve | troubleshoot
  difference | differ | differs | distinction | distinguish | distinguishes | differences | tell apart | different from | set apart | sets apart | distinct from
  advantage | benefit | benefits | pros | upside | upsides | plus point | advantages
  drawback | disadvantage | disadvantages | cons | downside | downsides | drawbacks
  side effect | side effects | adverse effect | adverse effects
  author | writer | person who wrote | who wrote | wrote
  capital | capital city
  language spoken | languages spoken | languages do people speak | language do people speak
  socket | plug type | power socket | power sockets | type of plug | kind of plug | electrical outlet | power outlet
  visit | travel to | go to | trip to
  cost | price | how expensive | how much money | how much does | how much do | how much is | how much are
  height | how tall | how high
  depth | how deep
  distance | how far
  age | how old
  weight | how heavy | how much does weigh
  duration | how long does | how long do | how long is | how long are | how long did | how long should | how long can | how long will | amount of time | how much time
  speed | how fast | velocity
  size | how big | how large
  temperature | how hot | how cold
  frequency | how often | how frequently | how many times
  when | what year | which year | in what year | in which year | what date | on what date | at what time | what time | what day | on which day
  where | in which place | what place | which place | in what place
  why | how come | what is the reason | what is the reason that | for what reason | what are the reasons | what makes
  who | which person | what person
  as soon as possible | asap | right away | immediately | at once
  kid | child | children | youngster
  begin | start | commence | get started
  finish | end | complete | conclude
  purchase | buy
  quick | fast | rapid | speedy | swift
  biggest | largest | greatest in size
  smallest | tiniest | littlest
  cheap | inexpensive | affordable | low cost
  happy | glad | joyful
  important | crucial | essential | vital
  illness | disease | sickness
  error | mistake | bug
  house | home
  allow | permit | let
  need | require | necessary | needed
  steps | procedure | process
  list | array
  method | technique
  delete | erase | remove
  show | display
  use | employ | utilize | utilise | make use of
  create | make | build | construct
  job | occupation | profession
  explain | describe | clarify | elucidate
  summary | overview | outline
  example | instance | sample
  choose | pick | select
  discover | find
  hard | difficult | tough
  easy | simple | straightforward
  type | kind | sort | types | kinds | sorts
  grow | cultivate | raise
  cook | prepare | make
  obtain | get | acquire | receive
  reply | answer | respond
  lawyer | attorney
  doctor | physician
  movie | film
  car | automobile
  trash | garbage | rubbish | waste
  autumn | fall season
  city | town
  country | nation
  company | firm | business
  boss | manager
  wage | salary | pay
  holiday | vacation
  sea | ocean
  work | function
  keep | retain
  near | close to | nearby
  big | large | huge
  small | little | tiny
`;

/** Single words of a way are left to the thesaurus below, which lets a word mean several things. */
interface Way {
  readonly words: readonly string[];
  readonly name: string;
}

const LONGEST_WAY = 6;

const ways = WAYS.trim()
  .split("\n")
  .map((line) => line.split("|").map((way) => way.trim()));

/** Words that one line has: for the thesaurus. */
export const OWN_SYNONYMS: readonly (readonly string[])[] = ways.map((line) =>
  line.map((way) => (way.includes(" ") ? line[0]! : way)),
);

const byFirst = new Map<string, Way[]>();
for (const line of ways) {
  for (const way of line) {
    const words = way.split(" ");
    if (words.length < 2 || words.length > LONGEST_WAY) continue;
    byFirst.set(words[0]!, [...(byFirst.get(words[0]!) ?? []), { words, name: line[0]! }]);
  }
}
for (const list of byFirst.values()) list.sort((a, b) => b.words.length - a.words.length);

const plain = plainWordsOf("en");

/** A name of several words stays a name. */
const written = ({ raw, isPlain }: Token, { name }: Way): string =>
  isCapital(raw) && !isPlain ? name.replace(/^./u, (first) => first.toUpperCase()) : name;

/** A way of several words, as the thesaurus knows it. */
const stem = (name: string): string => (name.includes(" ") ? name.replaceAll(" ", "_") : stemOf(name, "en"));

/** "How much is" before a number asks for no price. */
function fits({ words, name }: Way, tokens: readonly Token[], at: number): boolean {
  if (name === "cost" && tokens[at + words.length]?.kind === "number") return false;
  return words.every((word, offset) => tokens[at + offset]?.text === word);
}

/** The tokens with each known phrase as one token. */
export function canonicalPhrases(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < tokens.length;) {
    const way = byFirst.get(tokens[at]!.text)?.find((way) => fits(way, tokens, at));
    if (way === undefined) {
      found.push(tokens[at]!);
      at += 1;
    } else {
      found.push({
        ...tokens[at]!,
        raw: written(tokens[at]!, way),
        text: way.name,
        stem: stem(way.name),
        isPlain: plain.has(way.name),
      });
      at += way.words.length;
    }
  }
  return found;
}
