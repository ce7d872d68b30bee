import type { Traps } from "../fill.ts";

/** The same but for the language that is asked about or that the answer is to be in. */
export const LANGUAGE: Traps = {
  plain: {
    phrasebook: [
      "Teach me how to say '{phrase}' in {tongue!}. / How would a {tongue!} speaker say '{phrase}'? / What do I say in {tongue!} for '{phrase}'?",
      {
        phrase:
          "see you tomorrow, how much is this, the bill please, I'm lost, good luck, happy birthday, I don't eat meat",
        tongue: "Croatian, Thai, Basque, Catalan, Norwegian, Farsi, Romanian, Vietnamese",
      },
    ],
    letter: [
      "Write a short {letter} in {tongue!}. / I need a {letter} in {tongue!}, keep it brief. / Draft a brief {letter} for me, in {tongue!} please.",
      {
        letter:
          "thank-you note, complaint to a hotel, letter of resignation, wedding invitation, apology to a neighbour",
        tongue: "English, Dutch, Portuguese, Greek, Swedish, Arabic",
      },
    ],
    exam: [
      "Which certificate proves {level} {tongue!}? / What exam do I take to show I speak {level} {tongue!}?",
      {
        level: "beginner's, intermediate, advanced, business",
        tongue: "German, French, Japanese, Mandarin, Italian, Russian, Korean",
      },
    ],
    books: [
      "Which children's books in {tongue!} are good for {who}? / Recommend easy reading in {tongue!} for {who}.",
      {
        tongue: "Spanish, Hebrew, Polish, Finnish, Turkish, Irish",
        who: "beginners, a bilingual toddler, adult learners, a school class",
      },
    ],
  },
  hard: {
    grammar: [
      "how is the {feature} formed in {tongue!}? / what is the {feature} used for in {tongue!}?",
      {
        feature: "past tense, plural, future tense, conditional, imperative, passive, diminutive",
        tongue: "icelandic, latin, estonian, bengali, dutch, italian, danish",
      },
    ],
    keyboard: [
      "how is a {tongue!} keyboard layout set up on {device}? / how are the special letters of a {tongue!} keyboard typed on {device}?",
      {
        tongue: "portuguese, spanish, german, french, swedish, polish, turkish",
        device: "windows, a mac, a phone, linux",
      },
    ],
    counting: [
      "how do you count to {n} in {tongue!}? / how is the number {n} written out in {tongue!}?",
      { n: "12, 20, 30, 70, 90, 100", tongue: "french, hungarian, basque, danish, mandarin, greek" },
    ],
    spelling: [
      "how is the spell checker of {app} set to {tongue!}? / how are the menus of {app} switched to {tongue!}?",
      { app: "word, google docs, outlook, chrome, thunderbird", tongue: "english, spanish, dutch, norwegian, czech" },
    ],
    explainIn: [
      "explain {topic} and answer in {tongue!} / describe {topic} in three sentences of {tongue!}",
      {
        topic: "photosynthesis, inflation, plate tectonics, recursion, the offside rule, how vaccines work",
        tongue: "english, spanish, german, hindi, french, turkish",
      },
    ],
    subtitles: [
      "how are {tongue!} subtitles added to {film}? / where can {film} with {tongue!} subtitles be watched?",
      {
        tongue: "english, dutch, korean, arabic, french, czech",
        film: "a home video, an old film, a lecture recording, a silent film",
      },
    ],
  },
};

/** One question to a form, in English, German, French, Spanish and Italian: it wants its answer in its own language. */
export const TRANSLATED: Traps = {
  plain: {
    travelSeason: [
      "When is the best time to visit {place}? / Wann ist die beste Reisezeit für {place}? / Quelle est la meilleure période pour visiter {place} ? / ¿Cuál es la mejor época para visitar {place}? / Qual è il periodo migliore per visitare {place}?",
      {
        place:
          "Vietnam=Vietnam=le Vietnam=Vietnam=il Vietnam, Scotland=Schottland=l'Écosse=Escocia=la Scozia, Norway=Norwegen=la Norvège=Noruega=la Norvegia, Morocco=Marokko=le Maroc=Marruecos=il Marocco, Peru=Peru=le Pérou=Perú=il Perù, Sicily=Sizilien=la Sicile=Sicilia=la Sicilia",
      },
    ],
    keeps: [
      "How long does {food} keep in the fridge? / Wie lange hält sich {food} im Kühlschrank? / Combien de temps {food} se conserve-t-elle au réfrigérateur ? / ¿Cuánto tiempo dura {food} en la nevera? / Quanto tempo si conserva {food} in frigorifero?",
      {
        food: "mayonnaise=Mayonnaise=la mayonnaise=la mayonesa=la maionese, butter cream=Buttercreme=la crème au beurre=la crema de mantequilla=la crema al burro, tomato sauce=Tomatensoße=la sauce tomate=la salsa de tomate=la salsa di pomodoro, jam=Marmelade=la confiture=la mermelada=la marmellata, soup=Suppe=la soupe=la sopa=la zuppa",
      },
    ],
    against: [
      "What helps against {ill}? / Was hilft gegen {ill}? / Que faire contre {ill} ? / ¿Qué ayuda contra {ill}? / Che cosa aiuta contro {ill}?",
      {
        ill: "hiccups=Schluckauf=le hoquet=el hipo=il singhiozzo, heartburn=Sodbrennen=les brûlures d'estomac=la acidez de estómago=il bruciore di stomaco, sunburn=Sonnenbrand=les coups de soleil=las quemaduras de sol=le scottature solari, hair loss=Haarausfall=la chute des cheveux=la caída del cabello=la caduta dei capelli, snoring=Schnarchen=le ronflement=los ronquidos=il russare, seasickness=Seekrankheit=le mal de mer=el mareo en barco=il mal di mare",
      },
    ],
    works: [
      "How does {thing} work? / Wie funktioniert {thing}? / Comment fonctionne {thing} ? / ¿Cómo funciona {thing}? / Come funziona {thing}?",
      {
        thing:
          "a heat pump=eine Wärmepumpe=une pompe à chaleur=una bomba de calor=una pompa di calore, a jet engine=ein Düsentriebwerk=un moteur à réaction=un motor a reacción=un motore a reazione, a fridge=ein Kühlschrank=un réfrigérateur=un frigorífico=un frigorifero, a solar cell=eine Solarzelle=une cellule solaire=una célula solar=una cella solare, a pacemaker=ein Herzschrittmacher=un stimulateur cardiaque=un marcapasos=un pacemaker, a lock gate=ein Schleusentor=une porte d'écluse=una compuerta de esclusa=una porta di chiusa",
      },
    ],
  },
  hard: {
    whatIs: [
      "what is {thing}? / was ist {thing}? / qu'est-ce qu'{thing} ? / ¿qué es {thing}? / che cos'è {thing}?",
      {
        thing:
          "a prime number=eine Primzahl=un nombre premier=un número primo=un numero primo, a neutrino=ein Neutrino=un neutrino=un neutrino=un neutrino, a power of attorney=eine Vollmacht=une procuration=un poder notarial=una procura, a compiler=ein Compiler=un compilateur=un compilador=un compilatore, a fjord=ein Fjord=un fjord=un fiordo=un fiordo, a mortgage=eine Hypothek=une hypothèque=una hipoteca=un mutuo ipotecario",
      },
    ],
    costs: [
      "how much does {thing} cost? / wie viel kostet {thing}? / combien coûte {thing} ? / ¿cuánto cuesta {thing}? / quanto costa {thing}?",
      {
        thing:
          "a new roof=ein neues Dach=un toit neuf=un tejado nuevo=un tetto nuovo, a divorce=eine Scheidung=un divorce=un divorcio=un divorzio, a dental implant=ein Zahnimplantat=un implant dentaire=un implante dental=un impianto dentale, a driving licence=ein Führerschein=un permis de conduire=un permiso de conducir=una patente di guida, a hearing aid=ein Hörgerät=un appareil auditif=un audífono=un apparecchio acustico, a website=eine Webseite=un site web=una página web=un sito web",
      },
    ],
  },
};
