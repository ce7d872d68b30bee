import type { Traps } from "../fill.ts";

/** The same but for the language that is asked about or that the answer is to be in. */
export const LANGUAGE: Traps = {
  plain: {
    cardVerse: [
      "Write {wishes} in {tongue!} for {who}. / I need {wishes} in {tongue!} that I can send to {who}.",
      {
        wishes: "birthday wishes, Christmas greetings, words of condolence, a thank-you note, congratulations",
        tongue: "Greek, Danish, Portuguese, Korean, Hebrew, Ukrainian, Swahili, Polish",
        who: "a colleague, my neighbour, an old friend",
      },
    ],
    counting: [
      "How do I count from {from} to {to} in {tongue!}? / What are the numbers from {from} to {to} in {tongue!}?",
      {
        from: "1, 5, 11, 20",
        to: "30, 40, 50, 100",
        tongue: "Finnish, Arabic, Japanese, Welsh, Hungarian, Turkish, Czech, Icelandic",
      },
    ],
    verbForms: [
      "Conjugate the verb for '{verb}' in {tongue!}, {tense}. / What are the {tense} forms of the verb '{verb}' in {tongue!}?",
      {
        verb: "to drink, to sing, to have, to be, to give, to see",
        tense: "present tense, past tense, future",
        tongue: "Spanish, Italian, Russian, German, French, Latin",
      },
    ],
    firstBooks: [
      "Which {material} would you recommend for learning {tongue!} at {level}? / I'm learning {tongue!} at {level}. Recommend some {material}.",
      {
        material: "textbooks, podcasts, apps, novels, films, YouTube channels",
        tongue: "Mandarin, Dutch, Norwegian, Hindi, Romanian, Thai, Farsi",
        level: "beginner level, B1 level, an advanced level",
      },
    ],
    explainIn: [
      "Explain {topic} in {tongue!}. / Tell me in {tongue!} what {topic} is. / I need an explanation of {topic} in {tongue!}.",
      {
        topic: "inflation, photosynthesis, compound interest, herd immunity, blockchain, plate tectonics",
        tongue: "Slovak, Bengali, Vietnamese, Catalan, Estonian, Urdu, Swedish, Croatian",
      },
    ],
    alphabetHelp: [
      "How many letters does the {tongue!} alphabet have and which {what}? / Tell me the number of letters of the {tongue!} alphabet, and which {what}.",
      {
        tongue: "Georgian, Armenian, Hawaiian, Bulgarian, Hebrew, Swedish, Thai, Greek, Arabic",
        what: "are vowels, are hard for learners, come first and last",
      },
    ],
    whereSpoken: [
      "In which {places} is {tongue!} spoken? / {tongue!} is spoken in which {places}?",
      {
        places: "countries, regions, cities",
        tongue: "Kurdish, Quechua, Basque, Tamil, Yiddish, Frisian, Guarani, Hausa, Malay, Breton, Romansh, Punjabi",
      },
    ],
    menuCard: [
      "Translate our {card} into {tongue!} for {guests}. / We need our {card} in {tongue!} for {guests}.",
      {
        card: "breakfast menu, wine list, house rules, fire safety notice, price list",
        tongue: "Chinese, French, Japanese, Lithuanian, Turkish, Slovenian, Spanish",
        guests: "hotel guests, conference visitors, new staff",
      },
    ],
    grammarGender: [
      "How does {rule} work in {tongue!}? / Explain the rules of {rule} in {tongue!} to me. / What do I have to know about {rule} in {tongue!}?",
      {
        rule: "word order, the plural, negation, the imperative, comparison of adjectives, the passive",
        tongue: "German, Finnish, Welsh, Spanish, Polish, Japanese, Arabic",
      },
    ],
    subtitleSwitch: [
      "Where do I find {show} with {tongue!} subtitles? / I'd like to watch {show} subtitled in {tongue!}. Where is it?",
      {
        show: "Amelie, Parasite, Das Boot, Borgen, Money Heist, Spirited Away, The Bridge",
        tongue: "English, Portuguese, Romanian, Czech, Arabic, Greek, Indonesian",
      },
    ],
    interviewIn: [
      "I have a job interview in {tongue!} as a {job}. Which phrases should I know? / Which {tongue!} phrases are useful in an interview for a job as a {job}?",
      {
        tongue: "French, German, Swedish, Italian, Korean, Dutch, English",
        job: "nurse, waiter, programmer, hotel clerk, welder, care worker",
      },
    ],
    lullaby: [
      "Teach me a well-known {song} in {tongue!}. / Tell me the words of a popular {song} in {tongue!}.",
      {
        song: "lullaby, folk song, children's song, drinking song, counting rhyme, tongue twister, love song, Christmas carol",
        tongue: "Irish, Russian, Zulu, Yiddish, Norwegian, Hungarian, Tagalog",
      },
    ],
  },
  hard: {
    sayIt: [
      "how do you say {word} in {tongue!} / {word} in {tongue!}",
      {
        word: "thunderstorm, grandson, screwdriver, homesick, dragonfly, cinnamon, wheelchair",
        tongue: "dutch, italian, swedish, japanese, polish, arabic, hebrew, thai",
      },
    ],
    meansIn: [
      "translate '{text}' to {tongue!} / '{text}' translated to {tongue!}",
      {
        text: "where is the pharmacy, we are closed today, please wait here, i will be late, do you have a table for two, my car broke down",
        tongue: "spanish, turkish, finnish, hindi, german, korean, czech",
      },
    ],
    codeTask: [
      "write a function in {tongue!} that {does} / {tongue!} function that {does}",
      {
        does: "reverses a string, checks a palindrome, merges two sorted lists, parses a date, counts words, validates an email address",
        tongue: "python, rust, go, java, kotlin, haskell, typescript, ruby",
      },
    ],
    idiom: [
      "give me {n} {tongue!} proverbs about {topic} / {n} {tongue!} proverbs about {topic}",
      {
        n: "3, 5, 10",
        tongue: "russian, chinese, irish, persian, spanish, japanese, yiddish",
        topic: "money, friendship, work, weather, patience",
      },
    ],
    mailIn: [
      "write an email in {tongue!} to {who} asking for {what} / {tongue!} email to {who} asking for {what}",
      {
        tongue: "french, english, portuguese, danish, greek, slovak",
        who: "a hotel, my landlord, the tax office, a school",
        what: "a receipt, an appointment, a refund, a key",
      },
    ],
    learnAs: [
      "how do i learn {tongue!} up to {level} as a {native} speaker / study plan for a {native} speaker learning {tongue!} up to {level}",
      {
        native: "spanish, german, hindi, russian",
        tongue: "mandarin, french, icelandic, swahili, arabic, norwegian",
        level: "a1, b1, b2, fluency",
      },
    ],
    readLoop: [
      "how do i {do} in {tongue!} / {do} in {tongue!}",
      {
        do: "read a file line by line, loop over a map, sleep for a second, format a float, split a string, generate a random number",
        tongue: "c, c++, php, perl, lua, swift, scala, julia",
      },
    ],
    sumUpIn: [
      "summarise {work} in {tongue!} in {n} sentences / {n} sentence summary of {work} in {tongue!}",
      {
        work: "hamlet, the odyssey, faust, macbeth, anna karenina",
        tongue: "english, german, french, spanish, polish, korean",
        n: "3, 5, 8",
      },
    ],
    nameOf: [
      "what is {country} called in {tongue!} / name of {country} in {tongue!}",
      {
        country: "germany, greece, hungary, finland, egypt, norway, spain, croatia",
        tongue: "chinese, latvian, turkish, welsh, basque, arabic, japanese",
      },
    ],
    certificate: [
      "where can i take a {tongue!} {test} in {city} / {tongue!} {test} in {city}",
      {
        tongue: "german, polish, japanese, spanish, russian, french",
        test: "language exam, placement test, evening course",
        city: "london, delhi, chicago, madrid, cairo",
      },
    ],
    politeForm: [
      "how do i address {who} politely in {tongue!} / polite way to address {who} in {tongue!}",
      {
        who: "a judge, a professor, an older woman, my boss, a stranger, a doctor, a waiter",
        tongue: "japanese, french, polish, hungarian, spanish, korean, german",
      },
    ],
    keyboardFor: [
      "add the {tongue!} keyboard on {os} / how do i get the {tongue!} keyboard on {os}",
      {
        tongue: "greek, russian, arabic, hebrew, korean, thai, hindi, georgian",
        os: "windows 11, my iphone, android, ubuntu, a macbook",
      },
    ],
  },
};

/** Each wording asks the same in another language, so that the answer is to be in another one too. */
export const TRANSLATED: Traps = {
  plain: {
    keepFresh: [
      "How long does {food} keep in the {where}? / Wie lange hält sich {food} im {where}? / Combien de temps se conserve {food} au {where}? / ¿Cuánto tiempo dura {food} en el {where}?",
      {
        food: "cooked rice=gekochter Reis=le riz cuit=el arroz cocido, fresh salmon=frischer Lachs=le saumon frais=el salmón fresco, opened milk=geöffnete Milch=le lait ouvert=la leche abierta, minced meat=Hackfleisch=la viande hachée=la carne picada, tomato soup=Tomatensuppe=la soupe de tomate=la sopa de tomate, butter=Butter=le beurre=la mantequilla, whipped cream=Schlagsahne=la crème fouettée=la nata montada",
        where: "fridge=Kühlschrank=frigo=frigorífico, freezer=Gefrierfach=congélateur=congelador",
      },
    ],
    makeOne: [
      "How do I make {thing} myself? / Wie mache ich {thing} selbst? / Come faccio {thing} in casa? / Hoe maak ik zelf {thing}?",
      {
        thing:
          "yoghurt=Joghurt=lo yogurt=yoghurt, soap=Seife=il sapone=zeep, candles=Kerzen=le candele=kaarsen, mustard=Senf=la senape=mosterd, bread=Brot=il pane=brood, mayonnaise=Mayonnaise=la maionese=mayonaise, elderflower syrup=Holunderblütensirup=lo sciroppo di sambuco=vlierbloesemsiroop, glue=Kleber=la colla=lijm, cheese=Käse=il formaggio=kaas, paper=Papier=la carta=papier",
      },
    ],
    capitalFacts: [
      "What is worth seeing in {city} in {season}? / Que faut-il voir à {city} en {season}? / Was ist in {city} im {season} sehenswert? / Wat is er in {city} in de {season} te zien?",
      {
        city: "Berlin, Paris, Oslo, Madrid, Amsterdam, Lisbon=Lisbonne=Lissabon=Lissabon, London=Londres=London=Londen, Vienna=Vienne=Wien=Wenen",
        season: "summer=été=Sommer=zomer, winter=hiver=Winter=winter, autumn=automne=Herbst=herfst",
      },
    ],
    lostCard: [
      "I have lost my {card}. What should I do? / Ich habe {card} verloren. Was soll ich tun? / J'ai perdu {card}. Que dois-je faire? / He perdido {card}. ¿Qué debo hacer? / Ho perso {card}. Che cosa devo fare?",
      {
        card: "bank card=meine Bankkarte=ma carte bancaire=mi tarjeta bancaria=la mia carta di credito, passport=meinen Pass=mon passeport=mi pasaporte=il mio passaporto, driving licence=meinen Führerschein=mon permis de conduire=mi carné de conducir=la mia patente, car key=meinen Autoschlüssel=ma clé de voiture=la llave del coche=la chiave della macchina, phone=mein Handy=mon téléphone=mi móvil=il mio telefono, suitcase=meinen Koffer=ma valise=mi maleta=la mia valigia, password=mein Passwort=mon mot de passe=mi contraseña=la mia password, wedding ring=meinen Ehering=mon alliance=mi anillo de boda=la mia fede, train ticket=meine Fahrkarte=mon billet de train=mi billete de tren=il mio biglietto del treno",
      },
    ],
  },
  hard: {
    whatIs: [
      "what is {term} / was ist {term} / c'est quoi {term} / wat is {term} / che cos'è {term} / qué es {term}",
      {
        term: "inflation=inflation=l'inflation=inflatie=l'inflazione=la inflación, machine learning=maschinelles lernen=l'apprentissage automatique=machinaal leren=l'apprendimento automatico=el aprendizaje automático, asthma=asthma=l'asthme=astma=l'asma=el asma, democracy=demokratie=la démocratie=democratie=la democrazia=la democracia, a patent=ein patent=un brevet=een octrooi=un brevetto=una patente, a mortgage=eine hypothek=une hypothèque=een hypotheek=un'ipoteca=una hipoteca, gravity=schwerkraft=la gravité=zwaartekracht=la gravità=la gravedad, a database=eine datenbank=une base de données=een databank=un database=una base de datos",
      },
    ],
    plotCity: [
      "weather in {city} tomorrow / wetter in {city} morgen / météo {city} demain / weer in {city} morgen / tempo a {city} domani / tiempo en {city} mañana",
      { city: "berlin, madrid, oslo, amsterdam, helsinki, dublin, zagreb, porto, malaga" },
    ],
    hotelBook: [
      "cheap hotels in {city} with {what} / günstige hotels in {city} mit {what} / hôtels pas chers à {city} avec {what} / hoteles baratos en {city} con {what}",
      {
        city: "berlin, paris, madrid, budapest, porto, palermo",
        what: "parking=parkplatz=parking=aparcamiento, breakfast=frühstück=petit-déjeuner=desayuno, a pool=pool=piscine=piscina",
      },
    ],
    treatsPain: [
      "what helps against {ill} / was hilft gegen {ill} / wat helpt tegen {ill} / que faire contre {ill} / qué ayuda contra {ill}",
      {
        ill: "headache=kopfschmerzen=hoofdpijn=le mal de tête=el dolor de cabeza, cough=husten=hoest=la toux=la tos, heartburn=sodbrennen=brandend maagzuur=les brûlures d'estomac=la acidez, snoring=schnarchen=snurken=le ronflement=los ronquidos, mosquito bites=mückenstiche=muggenbeten=les piqûres de moustiques=las picaduras de mosquito, hiccups=schluckauf=de hik=le hoquet=el hipo, fever=fieber=koorts=la fièvre=la fiebre",
      },
    ],
  },
};
