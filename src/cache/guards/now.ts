import { createAutomaton } from "../../text/automaton.ts";
import { fold, isUnspaced, isWordEdge } from "../../text/writing.ts";

/** What only the present can answer, or each time otherwise. Between bars, folded; a phrase counts where it stands whole. */
const OF_NOW = `
  today | tonight | yesterday | tomorrow | right now | just now | at the moment | at this moment | currently | nowadays
  as of now | these days | this morning | this afternoon | this evening | this week | this month | this year | this weekend
  last night | last week | next week | last weekend | next weekend | so far this | up to date | up-to-date | real time
  real-time | breaking news | latest | most recent | newest | recently | recent news | news about | in the news | headlines
  what time is it | what is the time | what's the time | what day is it | what is the date | what's the date | current time
  current date | current year | current price | current score | current version | current president | current prime minister
  current ceo | current status | current weather | current temperature | current events | current population
  current exchange | current rate | current interest | current news | the current
  weather | forecast | will it rain | is it raining | is it snowing | will it snow | is it hot in | is it cold in | how hot is it
  how cold is it | how warm is it | pollen count | air quality | uv index
  price of | prices of | stock price | share price | stock market | exchange rate | exchange rates | conversion rate | how much is bitcoin
  bitcoin price | gold price | oil price | gas prices | mortgage rates | interest rates | dow jones | nasdaq | s&p 500
  market cap | trending | viral right | who is winning | who won last | who won yesterday | live score | final score
  score of the game | standings | traffic on | traffic in | is the road | flight status | is flight | open now
  still open | in stock | available now | sold out | near me | where am i | my location | how many days until
  how long until | days left | countdown | out now | coming out | who is currently | is still alive | is dead
  who is the president | who is the prime minister | who is the chancellor | who is the ceo | who is the king | who is the queen
  who is the governor | who is the mayor | who is the pope | who is president | who is prime minister | who is ceo
  random number | random numbers | random word | random name | something random | uuid | guid | flip a coin | toss a coin | roll a die | roll a dice | roll the dice | pick a card | surprise me
  regenerate | try again | once more | another one | a different one | tell me a joke | tell a joke
  usd to | eur to | dollars to euros | euros to dollars
  heute | gestern | morgen früh | jetzt | gerade eben | aktuell | aktuelle | aktuellen | aktueller | aktuelles | derzeit
  momentan | zurzeit | diese woche | dieses jahr | dieser monat | wetter | vorhersage | wird es regnen | regnet es
  nachrichten | schlagzeilen | neueste | neuesten | neuester | aktienkurs | wechselkurs | preis von | preis für | wie spät
  wie viel uhr | in meiner nähe
  hoy | ahora | ayer | esta semana | este mes | este año | actualmente | el actual | la actual | en este momento | clima en
  tiempo hace | tiempo hará | pronóstico | noticias | últimas | más reciente | precio de | precio del | tipo de cambio
  qué hora es | cerca de mí | va a llover
  aujourd'hui | aujourd’hui | maintenant | hier soir | cette semaine | ce mois-ci | cette année | actuellement | l'actuel
  l'actuelle | en ce moment | météo | prévisions | actualités | dernières nouvelles | plus récent | plus récente | prix de
  prix du | cours de la bourse | cours de l'action | taux de change | quelle heure est | près de moi | va-t-il pleuvoir
  oggi | adesso | attualmente | che tempo | meteo | notizie | prezzo di | hoje | agora | atualmente | previsão do tempo
  notícias | preço de | vandaag | momenteel | weer in | nieuws
  今天 | 现在 | 目前 | 天气 | 最新 | 新闻 | 股价 | 价格 | 昨天 | 明天 | 今日 | 今の | 現在 | 天気 | ニュース | 株価 | 価格 | 昨日 | 明日
  오늘 | 지금 | 현재 | 날씨 | 최신 | 뉴스 | 주가 | 가격 | сегодня | сейчас | погода | последние | новости | цена | курс
  اليوم | الآن | الطقس | أخبار | سعر | आज | अभी | मौसम | समाचार | कीमत
`;
/** Longer turns carry their matter along: a word of now in a page that is to be summarised says nothing. */
const READ = 600;

const terms = OF_NOW.split(/[|\n]/u)
  .map((term) => fold(term.trim()))
  .filter((term) => term !== "");
const unspaced = terms.map(isUnspaced);
const automaton = createAutomaton(terms);

/**
 * Whether a question asks for what changes from day to day (weather, prices, news, who holds an office now), or for
 * something else each time (a random number, another try). Its answer is not kept. Reads the first and the last 600 characters.
 */
export function isOfNow(text: string): boolean {
  const folded = fold(text.length <= 2 * READ ? text : `${text.slice(0, READ)}\n${text.slice(-READ)}`);
  let found = false;
  automaton.scan(folded, (term, start, end) => {
    found ||= unspaced[term]! || (isWordEdge(folded, start) && isWordEdge(folded, end));
  });
  return found;
}
