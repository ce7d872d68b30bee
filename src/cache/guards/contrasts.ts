import { wordsIn } from "./guard.ts";

/**
 * Words of which one excludes the others: a question that has one of a line, beside a question that has another, asks
 * for something else. Spellings of one are joined by `/`.
 */
const LINES = `
  more/mehr/más less/fewer/weniger/menos/moins
  most/meist/meisten least/fewest/wenigsten
  larger/bigger/greater/größer/grösser/mayor/grande smaller/littler/kleiner/menor
  largest/biggest/greatest/größte/größten/grösste/grössten smallest/littlest/tiniest/kleinste/kleinsten
  longer/länger shorter/kürzer
  longest/längste/längsten shortest/kürzeste/kürzesten
  taller shorter
  tallest shortest
  higher/höher lower/niedriger/tiefer
  highest/höchste/höchsten lowest/niedrigste/niedrigsten/tiefste
  high/hoch/alto/haut low/niedrig/bajo/bas
  faster/quicker/schneller slower/langsamer
  fastest/quickest/schnellste/schnellsten slowest/langsamste/langsamsten
  fast/quick/quickly slow/slowly
  older/elder/älter younger/newer/jünger
  oldest/eldest/älteste/ältesten youngest/newest/jüngste/jüngsten latest
  old/alt/viejo/vieux new/neu/nuevo/nouveau young/jung/joven/jeune
  earlier/früher later/später
  earliest/früheste latest/späteste
  early late
  better/besser/mejor/meilleur/mieux worse/schlechter/peor/pire
  best/beste/besten/meilleure worst/schlechteste/schlechtesten
  good/well bad/badly
  cheaper/billiger/günstiger costlier/pricier/teurer
  cheapest/billigste/günstigste costliest/priciest/teuerste
  cheap expensive/costly/pricey
  heavier/schwerer lighter/leichter
  heaviest/schwerste lightest/leichteste
  heavy light
  hotter/wärmer/warmer colder/cooler/kälter
  hottest/wärmste/warmest coldest/coolest/kälteste
  hot/warm/heiss cold/cool/kalt
  stronger/stärker weaker/schwächer
  strongest weakest
  strong weak
  richer poorer
  richest poorest
  rich poor
  closer/nearer farther/further
  closest/nearest/nächste farthest/furthest
  deeper/deep shallower/shallow
  deepest shallowest
  wider/wide narrower/narrow
  thicker/thick thinner/thin
  harder/hardest easier/easiest
  hard/difficult/schwierig/difícil/difficile easy/simple/einfach/leicht/fácil/facile
  safer riskier
  safest riskiest/deadliest
  happier sadder
  maximum/max/maximal/maximize/maximise minimum/min/minimal/minimize/minimise
  before/prior/vor/antes/avant after/following/nach/después/après during/während/durante/pendant
  since until/till
  more/above/over less/fewer/below/under
  above/over/über/oberhalb/encima/dessus below/under/beneath/underneath/unter/unterhalb/debajo/dessous
  increase/increases/increased/increasing/raise/raises/grow/rise/rises decrease/decreases/decreased/decreasing/reduce/reduces/reducing/lower/lowers/drop/fall/falls
  gain/gains/gaining lose/loses/losing/loss
  ascending descending
  upper lower
  up down
  top bottom
  front back
  inside/indoors outside/outdoors
  indoor outdoor
  internal external
  in out
  on off
  enable/enabled/enabling/activate disable/disabled/disabling/deactivate
  open/opened/opening close/closed/closing shut
  start/begin/starting/started stop/end/stopping/stopped/finish
  add/adding/insert remove/removing/delete/subtract
  create/creating delete/deleting/destroy
  install/installing uninstall/uninstalling
  lock unlock
  encrypt/encryption/encrypting decrypt/decryption/decrypting
  encode/encoding decode/decoding
  compress/compression decompress/decompression
  upload/uploading download/downloading
  import/importing/imports export/exporting/exports
  send/sending receive/receiving
  push pull
  buy/buying/purchase/bought sell/selling/sold rent/renting
  borrow lend
  lender borrower
  deposit withdraw/withdrawal
  win/winning/won/winner/winners lose/losing/lost/loser/losers
  pass fail
  succeed/success fail/failure
  accept/approve reject/decline/refuse
  allow/allowed/permitted/legal/allows forbid/forbidden/prohibited/banned/illegal
  include/including/includes exclude/excluding/excludes
  always sometimes/often never rarely/seldom
  often rarely/seldom
  all/every none
  everyone nobody someone
  everything nothing
  first second third last/final next previous
  once twice thrice
  beginning middle end
  left right
  north/northern south/southern east/eastern west/western
  arrive/arrival/arrivals depart/departure/departures
  enter/entry exit
  male/men/man/boy/boys/männer/mann female/women/woman/girl/girls/frauen/frau
  husband wife
  father/dad mother/mom/mum
  brother sister
  son daughter
  king queen
  prince princess
  uncle aunt
  nephew niece
  he/him/his she/her/hers
  adult/adults child/children/kid/kids/teenager/teenagers baby/babies/infant/infants/toddler/toddlers
  dog/dogs/puppy cat/cats/kitten
  positive negative
  true false
  odd even
  plus/+/sum minus/-
  multiply/times/×/product divide/divided/÷/quotient
  income/revenue/revenues profit/profits expense/expenses loss/losses
  asset/assets liability/liabilities
  supply demand
  debit credit
  gross net
  public private
  free paid
  local remote
  online offline
  synchronous/sync asynchronous/async
  static dynamic
  mutable immutable
  signed unsigned
  vertical/vertically horizontal/horizontally
  row/rows column/columns
  width height depth length
  area volume perimeter circumference
  radius diameter
  mean/average median mode
  square/squared cube/cubed
  breakfast lunch dinner/supper
  red blue green yellow black white purple orange pink brown grey/gray
  raw cooked boiled fried baked grilled steamed roasted
  fresh frozen canned dried
  dry wet
  solid liquid gas
  hydrogen oxygen nitrogen carbon helium sodium chlorine iron gold silver copper
  day/daytime night/nighttime
  morning afternoon evening
  vegetarian vegan
  mercury venus earth mars jupiter saturn uranus neptune pluto
  solar lunar
  sunrise sunset
  born/birth died/death
  marry/married divorce/divorced
  ancient modern
  optimistic pessimistic
  formal informal
  active passive
  past present future
  short long
  full empty
  sweet sour salty bitter
  singular plural
  grande/grandes/gran pequeño/pequeña/pequeños/pequeñas
  alto/alta/altos/altas bajo/baja/bajos/bajas
  largo/larga corto/corta
  caro/cara/caros/caras barato/barata/baratos/baratas
  rápido/rápida lento/lenta
  viejo/vieja antiguo/antigua nuevo/nueva moderno/moderna joven
  caliente frío/fría
  mejor/mejores peor/peores
  primero/primera/primer último/última segundo/segunda
  aumentar/subir/aumenta disminuir/reducir/bajar/disminuye
  comprar/compra vender/vende
  abrir cerrar
  grand/grande/grands/grandes petit/petite/petits/petites
  haut/haute/hauts/hautes bas/basse
  long/longue/longs/longues court/courte/courts/courtes
  cher/chère/chers/chères économique
  rapide/rapides lent/lente
  ancien/ancienne/vieux/vieille nouveau/nouvelle jeune/récent/récente
  chaud/chaude froid/froide
  plus moins
  premier/première dernier/dernière deuxième
  augmenter/augmente diminuer/réduire/diminue
  acheter/achète vendre/vend
  ouvrir fermer
  gross/grosse/grossen/grosser klein/kleine/kleinen/kleiner
  lang/lange/langen kurz/kurze/kurzen
  teuer/teure/teuren billig/billige/günstig/günstige
  schnell/schnelle langsam/langsame
  kaufen/kauft kauf verkaufen/verkauft verkauf
  öffnen schliessen
  erhöhen/steigern/erhöht senken/verringern/senkt
  gewinnen/gewonnen verlieren/verloren
  noun verb adjective adverb
  cause/causes/caused effect/effects symptom/symptoms treatment/treatments prevention diagnosis
  advantage/advantages/benefit/benefits/pro/pros disadvantage/disadvantages/drawback/drawbacks/con/cons
  strength/strengths weakness/weaknesses
  question answer
  employer employee
  teacher student
  landlord tenant
  seller buyer
  doctor patient
  predator prey
  host guest
  client server
  frontend backend
  junior senior
  domestic foreign
  urban rural
  hardware software
  input output
  read write
  stack queue heap
  acid base
  protons neutrons electrons
  mitosis meiosis
  viral/virus/viruses bacterial/bacteria/bacterium fungal/fungus
  chronic acute
  possible impossible
  safe unsafe/dangerous/harmful
  healthy unhealthy
  common rare/uncommon
`;

/** For each word, the lines it stands on and which of the line's words it is. */
export const CONTRASTS: ReadonlyMap<string, readonly (readonly [line: number, side: number])[]> = contrastsOf();

function contrastsOf() {
  const found = new Map<string, (readonly [number, number])[]>();
  for (const [line, text] of LINES.trim().split("\n").entries()) {
    for (const [side, spellings] of wordsIn(text).entries()) {
      for (const spelling of spellings.split("/")) {
        found.set(spelling, [...(found.get(spelling) ?? []), [line, side]]);
      }
    }
  }
  return found;
}
